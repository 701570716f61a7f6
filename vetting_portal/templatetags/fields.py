"""How a form's field is drawn: what stands around the control, and what ties it to its hint and errors."""

from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
LONGEST_LABEL = 80

KINDS: list[tuple[type[forms.Widget], str]] = [
    (forms.RadioSelect, "radio"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.HiddenInput, "hidden"),
]


@dataclass(frozen=True)
class DrawnField:
    """One field, ready for its component."""

    kind: str
    id: str
    label: str
    hint: str
    errors: list[str]
    control: SafeString
    options: list[Any]
    counter: str
    is_over: bool
    has_foot: bool

    @property
    def is_group(self) -> bool:
        """Several controls share the label, which is then a legend."""
        return self.kind in {"radio", "checkboxes"}

    @property
    def described_by(self) -> str:
        """Return the ids that explain the field, for ``aria-describedby``."""
        parts = {"hint": self.hint, "error": self.errors, "foot": self.has_foot}
        return " ".join(f"{self.id}-{name}" for name, there in parts.items() if there)


def kind_of(field: forms.BoundField) -> str:
    widget = field.field.widget
    return next((kind for cls, kind in KINDS if isinstance(widget, cls)), "text")


def _counter(field: forms.BoundField, limit: Any) -> tuple[str, bool]:
    """Return ``51 of 120 words`` and whether it is too much."""
    if not limit:
        return "", False
    words = len(str(field.value() or "").split())
    return f"{words} of {limit} words", words > int(limit)


@register.simple_tag
def drawn_field(
    field: forms.BoundField,
    *,
    label: str = "",
    hint: str = "",
    limit: Any = None,
    saved: str = "",
    rows: Any = None,
    code: Any = None,
) -> DrawnField:
    """Return everything ``c-field`` shows of a bound field."""
    kind = kind_of(field)
    counter, is_over = _counter(field, limit)
    parts: dict[str, Any] = {
        "kind": kind,
        "id": field.auto_id or field.html_name,
        "label": label or str(field.label or ""),
        "hint": hint.strip() if hint else str(field.help_text or ""),  # a blank hint takes the form's own away
        "errors": list(field.errors),
        "options": list(field.subwidgets) if kind in {"radio", "checkboxes"} else [],
        "counter": counter,
        "is_over": is_over,
        "has_foot": bool(counter or saved),
    }
    blank = DrawnField(control=SafeString(""), **parts)
    attrs: dict[str, Any] = {"id": blank.id}
    field.field.widget.attrs.pop("placeholder", None)  # the label stands above; a placeholder vanishes when one types
    if blank.described_by:
        attrs["aria-describedby"] = blank.described_by
    if kind == "textarea":
        attrs["rows"] = rows or field.field.widget.attrs.get("rows") or 6
    if code:
        keyboard = "text" if code == "text" else "numeric"
        attrs |= {"class": "digits", "inputmode": keyboard, "autocomplete": "one-time-code"}
    if not blank.hint:
        field.help_text = ""  # else the library ties the control to a text that is not on the page
    widget = None
    if isinstance(
        field.field.widget, forms.NumberInput
    ):  # a number field throws away what it cannot read: words stay in ours
        widget, attrs = forms.TextInput(), {**attrs, "inputmode": "decimal"}
    control = SafeString("") if blank.is_group else field.as_widget(widget=widget, attrs=attrs)
    return DrawnField(control=control, **parts)


@register.simple_tag
def option_control(option: Any, described_by: str = "") -> SafeString:
    """Draw one radio or checkbox of a group, tied to the group's hint and errors."""
    if described_by:
        option.data["attrs"] = {**option.data["attrs"], "aria-describedby": described_by}
    return option.tag()


@register.filter
def error_links(form: forms.BaseForm | forms.BaseFormSet) -> list[dict[str, str]]:
    """Return each error of a form (or of a formset's forms) with the id of the control it is about, and its label where
    that is short: a sentence that is agreed to stands beside its box.
    """
    members = list(form.forms) if isinstance(form, forms.BaseFormSet) else [form]
    found = [{"text": str(error), "id": "", "label": ""} for member in members for error in member.non_field_errors()]
    if isinstance(form, forms.BaseFormSet):
        found += [{"text": str(error), "id": "", "label": ""} for error in form.non_form_errors()]
    for member in members:
        for field in member:
            group = kind_of(field) in {"radio", "checkboxes"}
            target = f"{field.auto_id}_0" if group else field.auto_id
            label = str(field.label) if len(str(field.label)) <= LONGEST_LABEL else ""
            found += [{"text": str(error), "id": target, "label": label} for error in field.errors]
    return found


@register.simple_tag
def hidden_inputs(fields: dict[str, Any] | None) -> SafeString:
    """Draw hidden inputs for the values a button carries."""
    drawn = SafeString("")
    for name, value in (fields or {}).items():
        drawn += format_html('<input type="hidden" name="{}" value="{}">', name, value)
    return drawn
