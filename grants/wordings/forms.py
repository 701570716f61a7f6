"""The forms of a draft of the wording: one text, all placeholders, and two versions to lay side by side."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from grants.wordings.actions import StaleError, add_passage, change_passage, declare_placeholders
from grants.wordings.catalogue import VALUES
from grants.wordings.filling import TYPES
from grants.wordings.models import Passage, WordingVersion
from grants.wordings.problems import BODY, LONGEST_TEXT, LONGEST_TITLE, TITLED, WRITTEN
from vetting_portal.models import User

LENGTH = {"max_length": "At most %(limit_value)d characters. This has %(show_value)d."}
SPARE = 3


class PassageForm(forms.Form):
    """One text of a draft; which fields there are follows from its kind."""

    title = forms.CharField(
        label="Title", max_length=LONGEST_TITLE, error_messages={"required": "Give it a title.", **LENGTH}
    )
    text = forms.CharField(
        label="Text",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write the text: an agreement has no empty place.", **LENGTH},
    )
    after = forms.ChoiceField(label="It stands after", required=False)
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, record: WordingVersion, kind: str, passage: Passage | None, **kwargs: Any) -> None:
        self.record, self.kind, self.passage = record, kind, passage
        if passage:
            shown = {"title": passage.title, "text": passage.text, "edition": passage.edition}
            kwargs["initial"] = {**shown, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if kind not in TITLED:
            del self.fields["title"]
        if kind not in WRITTEN:
            del self.fields["text"]
        if passage or kind not in BODY:
            del self.fields["after"]
        else:
            self._offer_places()

    def _offer_places(self) -> None:
        """Offer every part and clause that a new one can stand after; the last one is the usual."""
        rows = [one for one in self.record.rows() if one.kind in BODY]
        field = cast("forms.ChoiceField", self.fields["after"])
        field.choices = [(str(one.pk), f"{one.title} (part)" if one.kind == "part" else one.title) for one in rows]
        if rows:
            field.initial = str(rows[-1].pk)

    def save(self, *, by: User) -> Passage:
        """Change the passage, or add it."""
        given = self.cleaned_data
        texts = {name: given[name] for name in ("title", "text") if name in self.fields}
        if self.passage is None:
            after = given.get("after")
            return add_passage(wording=self.record, kind=self.kind, by=by, after=int(after) if after else None, **texts)
        try:
            return change_passage(passage=self.passage, by=by, edition=given["edition"] or 0, **texts)
        except StaleError as error:
            self._tell_newer(error.newer)
            raise

    def _tell_newer(self, newer: Passage) -> None:
        """Put what is saved now under each field that differs; what was typed stays, and the next save replaces it."""
        for name in ("title", "text"):
            if name in self.fields and str(self[name].value() or "").split() != getattr(newer, name).split():
                self.add_error(name, f"Saved now: “{getattr(newer, name)}”")
        data: Any = cast("QueryDict", self.data).copy()
        data["edition"] = str(newer.edition)
        self.data = data


class PlaceholderRow(forms.Form):
    """One placeholder: its name and its type."""

    name = forms.SlugField(
        max_length=40,
        required=False,
        label="Name",
        error_messages={"invalid": "Small letters, digits and _ only: for example term_end."},
    )
    type = forms.ChoiceField(
        required=False,
        label="Type",
        choices=[("", "Choose"), *((name, name) for name in TYPES)],
        error_messages={"invalid_choice": "Choose a type."},
    )

    def clean_name(self) -> str:
        """Return the name, as texts write it: without braces."""
        return str(self.cleaned_data["name"]).strip().lower()


class PlaceholdersForm(forms.Form):
    """All placeholders of a draft with their types; an empty name takes one away."""

    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, record: WordingVersion, **kwargs: Any) -> None:
        kwargs["initial"] = {"edition": record.edition, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.record = record
        known = [{"name": name, "type": kind} for name, kind in record.placeholders.items()]
        factory = forms.formset_factory(PlaceholderRow, extra=SPARE, max_num=2 * len(VALUES) + SPARE)
        self.rows = factory(self.data if self.is_bound else None, initial=known, prefix="row")

    def is_valid(self) -> bool:
        """Whether each row is right."""
        return all([super().is_valid(), self.rows.is_valid(), self._are_told_once()])

    def _are_told_once(self) -> bool:
        """Whether each name stands once."""
        seen: set[str] = set()
        for row in self.rows:
            name = row.cleaned_data.get("name") if row.is_valid() else ""
            if name and name in seen:
                row.add_error("name", "This name stands above already.")
            seen.add(name or "")
        return all(row.is_valid() for row in self.rows)

    def declared(self) -> Mapping[str, str]:
        """Return the types by name, as they were given."""
        return {given["name"]: given["type"] for row in self.rows if (given := row.cleaned_data).get("name")}

    def save(self, *, by: User) -> WordingVersion:
        """Declare them. What the action refuses goes next to its row."""
        edition = self.cleaned_data["edition"] or 0
        try:
            return declare_placeholders(wording=self.record, declared=self.declared(), by=by, edition=edition)
        except StaleError:
            raise
        except ValidationError as error:
            rows = {row.cleaned_data.get("name"): row for row in self.rows}
            rest = []
            for name, texts in error.message_dict.items():
                if name in rows:
                    rows[name].add_error("name", texts)
                else:
                    rest += texts
            raise ValidationError(rest or ["Nothing is saved yet. See the marked rows."]) from error


class VersionField(forms.ModelChoiceField[WordingVersion]):
    """A choice of a version, drafts named as such."""

    def label_from_instance(self, obj: WordingVersion) -> str:
        """Return what the list shows of a version."""
        return obj.short


class CompareForm(forms.Form):
    """Two versions, any two that the visitor may read."""

    older = VersionField(
        queryset=WordingVersion.objects.none(), label="Compare", empty_label=None, to_field_name="name"
    )
    newer = VersionField(queryset=WordingVersion.objects.none(), label="with", empty_label=None, to_field_name="name")

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("older", "newer"):
            cast("VersionField", self.fields[name]).queryset = versions
