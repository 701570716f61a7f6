"""The forms of a draft: a criterion with its conditions, all weights at once, and a call's move to another version."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from partners.checklists.actions import StaleError, add_criterion, change_criterion, change_weights, criterion_fields
from partners.checklists.conditions import Condition
from partners.checklists.evidence import ValidityRule
from partners.checklists.models import ChecklistVersion, Criterion
from partners.checklists.problems import CONDITIONS, anchor_count, anchor_name
from partners.programmes.actions import move_programme
from partners.programmes.models import Programme, Question
from partners.programmes.questions import QuestionKind, label_of, read, values_of
from partners.programmes.switches import CHOSEN
from partners.revisions.releasing import CONTROL
from vetting_portal.models import User
from vetting_portal.money import plain

CURRENCY = "USD"
LARGEST_AMOUNT = 10**15
NEVER = {
    "applies_when": "It applies to every application",
    "gate_when": "Always, if there is a gate",
    "gate_raised_when": "It is never raised",
    "gate_answer": "No yes or no besides",
}
LABELS = {
    "applies_when": "When does it apply?",
    "gate_when": "When does the gate hold?",
    "gate_raised_when": "When is the gate raised?",
    "gate_answer": "A yes or no besides the score",
}
SCORED_ONLY = ("gate_minimum", "gate_raised_to")


def area(label: str, rows: int, **kwargs: Any) -> forms.CharField:
    """Return a text field of several lines; how long it may be is the record's to say."""
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def whole(label: str, **kwargs: Any) -> forms.IntegerField:
    """Return a field for a whole number, whose bounds are the record's to say."""
    kwargs.setdefault("required", False)
    number = forms.IntegerField(label=label, max_value=9_999, **kwargs)
    number.error_messages["invalid"] = "Give a whole number, for example 8."
    number.error_messages["max_value"] = "This number is too large."
    return number


class CriterionForm(forms.Form):
    """One criterion of a draft; which fields there are follows from its kind and from the questions chosen."""

    code = forms.CharField(
        label="Code",
        help_text="Short, for example C17. Reviewers and papers name it.",
        error_messages={"required": "Give it a code, for example C17."},
    )
    title = forms.CharField(label="Title", error_messages={"required": "Give it a title."})
    kind = forms.ChoiceField(label="Who decides it?", choices=Criterion.Kind, widget=forms.RadioSelect)
    weight = whole("Weight", required=True, help_text="All weights together are 100. What follows from records has 0.")
    evidence = area("What is evidence for it", 3, error_messages={"required": "Say what is evidence for it."})
    evidence_minimum = whole("How many papers are needed", required=True, help_text="0: none is needed.")
    evidence_max_age_months = whole("How old a paper may be, in months", help_text="Empty: any age.")
    gate_minimum = whole("Gate: the lowest score that passes", help_text="1 to 4. Empty: no gate.")
    gate_raised_to = whole("Raised to", help_text="Up to 4. Empty: it is never raised.")
    gate_extra = forms.CharField(label="What else the gate asks", required=False, help_text="Shown after the gate.")
    validity_rule = forms.ChoiceField(label="How long evidence is good", choices=ValidityRule)
    validity_months = whole("Months", help_text="Where they are counted.")
    validity_extra = forms.CharField(label="What else holds", required=False, help_text="Shown after the months.")
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        record: Criterion | None,
        checklist: ChecklistVersion,
        questions: Mapping[str, Question],
        **kwargs: Any,
    ) -> None:
        self.record, self.checklist, self.questions = record, checklist, questions
        kwargs["initial"] = {**initial_of(record), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.kind_now = str(self._now("kind") or Criterion.Kind.SCORED)
        for point in range(anchor_count(self.kind_now)):
            self.fields[f"anchor_{point}"] = area(anchor_name(self.kind_now, point), 2, required=False)
        if self.kind_now == Criterion.Kind.SCORED:
            for name in CONDITIONS:
                self._add_condition(name)
        else:
            for name in SCORED_ONLY:
                del self.fields[name]

    def _now(self, name: str) -> Any:
        """Return what a field holds now: typed, or as it is kept."""
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    def _add_condition(self, name: str) -> None:
        """Add the fields of one condition: which question, and then its answers or its amount, and the words."""
        asked = [(question.key, f"{question.number} {question.label}") for question in self.questions.values()]
        chosen = str(self._now(f"{name}_question") or "")
        if chosen and chosen not in self.questions:
            asked.append((chosen, f"{chosen} (no call asks this)"))
        self.fields[f"{name}_question"] = forms.ChoiceField(
            label=LABELS[name], choices=[("", NEVER[name]), *asked], required=False
        )
        question = self.questions.get(chosen)
        if question is None:
            return
        if question.kind in CHOSEN:
            self.fields[f"{name}_answers"] = forms.MultipleChoiceField(
                label="If the answer is",
                choices=[(value, label_of(question, value)) for value in values_of(question)],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"invalid_choice": "Choose answers of this question."},
            )
        else:
            unit = f", in {CURRENCY}" if question.kind == QuestionKind.MONEY else ""
            self.fields[f"{name}_above"] = forms.CharField(label=f"If the answer is above{unit}", required=False)
        self.fields[f"{name}_words"] = forms.CharField(
            label="In words, as people read it after “if”",
            required=False,
            help_text="For example: stories or images are used.",
        )

    def anchor_fields(self) -> list[forms.BoundField]:
        """Return the fields of the anchors, in order."""
        return [self[name] for name in self.fields if name.startswith("anchor_")]

    def condition_fields(self, name: str) -> list[forms.BoundField]:
        """Return the fields of one condition, the question first."""
        return [self[field] for field in self.fields if field.startswith(f"{name}_") and field in self.fields]

    def clean(self) -> dict[str, Any]:
        """Read the conditions."""
        given = super().clean() or {}
        for name in CONDITIONS:
            if f"{name}_question" in self.fields:
                given[name] = self._condition(name, given)
        return given

    def _condition(self, name: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """Return one condition as it is stored, or None. What is wrong with it goes next to its own field."""
        question = self.questions.get(given.get(f"{name}_question", ""))
        if question is None:
            return None
        words = given.get(f"{name}_words", "").strip()
        if not words and not self.has_error(f"{name}_words"):
            self.add_error(f"{name}_words", "Say in words when it holds.")
        if question.kind in CHOSEN:
            answers = given.get(f"{name}_answers", [])
            if not answers and not self.has_error(f"{name}_answers"):
                self.add_error(f"{name}_answers", "Choose at least one answer.")
            return {"question": question.key, "answers": answers, "words": words}
        is_money = question.kind == QuestionKind.MONEY
        above = self._above(f"{name}_above", given, is_money=is_money)
        return {"question": question.key, "above": above, "currency": CURRENCY if is_money else "", "words": words}

    def _above(self, field: str, given: dict[str, Any], *, is_money: bool) -> int:
        """Return the amount (minor units) or number above which a condition holds."""
        text = given.get(field, "").strip()
        kind = QuestionKind.MONEY if is_money else QuestionKind.NUMBER
        value = read(kind, text, CURRENCY)
        if not isinstance(value, int) or value >= LARGEST_AMOUNT:
            example = f"an amount in {CURRENCY}, for example 10,000" if is_money else "a whole number, for example 80"
            self.add_error(field, f"Give {example}.")
            return 0
        return value

    def chosen(self) -> dict[str, Any]:
        """Return the fields of the criterion as the action takes them."""
        given = self.cleaned_data
        plain_names = set(given) & (set(criterion_fields(Criterion())) - set(CONDITIONS))
        fields = {name: given[name] for name in plain_names}
        fields |= {name: given.get(name) for name in (*CONDITIONS, *SCORED_ONLY)}
        fields["anchors"] = [given[f"anchor_{point}"].strip() for point in range(anchor_count(given["kind"]))]
        return fields

    def save(self, *, by: User) -> Criterion:
        """Change the criterion, or add it. What the action refuses is named as the form names it."""
        try:
            if self.record is None:
                return add_criterion(checklist=self.checklist, by=by, **self.chosen())
            edition = self.cleaned_data["edition"] or 0
            return change_criterion(criterion=self.record, by=by, edition=edition, **self.chosen())
        except StaleError as error:
            self._tell_newer(error.newer)
            raise
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                raise
            raise ValidationError(
                {CONTROL.get(name, name): texts for name, texts in error.error_dict.items()}
            ) from error

    def _tell_newer(self, newer: Criterion) -> None:
        """Put what is saved now under each field that differs; what was typed stays, and the next save replaces it."""
        for name, value in initial_of(newer).items():
            if name in self.fields and name != "edition" and self[name].value() != value:
                typed = str(self[name].value() or "").split()
                if typed != str(value if value is not None else "").split():
                    self.add_error(name, f"Saved now: “{value if value not in (None, '') else 'empty'}”")
        data: Any = cast("QueryDict", self.data).copy()
        data["edition"] = str(newer.edition)
        self.data = data


def initial_of(record: Criterion | None) -> dict[str, Any]:
    """Return what the form shows of a criterion; of a new one the usual."""
    if record is None:
        return {"kind": Criterion.Kind.SCORED, "evidence_minimum": 1, "validity_rule": ValidityRule.FROM_ISSUE}
    shown: dict[str, Any] = {**criterion_fields(record), "edition": record.edition}
    shown |= {f"anchor_{point}": text for point, text in enumerate(record.anchors)}
    for name in CONDITIONS:
        condition = Condition.read(shown.pop(name))
        if condition is None:
            continue
        shown |= {f"{name}_question": condition.question, f"{name}_words": condition.words}
        if condition.above is None:
            shown[f"{name}_answers"] = list(condition.answers)
        else:
            currency = condition.currency
            shown[f"{name}_above"] = plain(condition.above, currency) if currency else str(condition.above)
    return shown


def typed_in(data: QueryDict) -> dict[str, Any]:
    """Return what was typed, as a form's first values: for a page that is drawn again without being saved."""
    return {name: data.getlist(name) if name.endswith("_answers") else data.get(name) for name in data}


def typed_sum(values: Iterable[Any]) -> int:
    """Return the sum of weights as they are typed; what is no number counts nothing."""
    texts = [str(value if value is not None else "").strip() for value in values]
    return sum(int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < len("10000"))


class WeightsForm(forms.Form):
    """All weights of a draft."""

    def __init__(self, *args: Any, record: ChecklistVersion, **kwargs: Any) -> None:
        self.record = record
        self.criteria = list(record.criteria.order_by("position"))
        super().__init__(*args, **kwargs)
        for one in self.criteria:
            field = whole(f"Weight of {one.code} {one.title}", required=True, initial=one.weight)
            field.error_messages["required"] = "Give a weight, 0 for what follows from records."
            field.widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "aria-label": field.label})
            self.fields[f"weight_{one.pk}"] = field
            self.fields[f"edition_{one.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, required=False, initial=one.edition
            )

    def typed_sum(self) -> int:
        """Return the sum of what stands in the fields; what is no number counts nothing."""
        return typed_sum(self[f"weight_{one.pk}"].value() for one in self.criteria)

    def save(self, *, by: User) -> ChecklistVersion:
        """Save the weights."""
        given = self.cleaned_data
        weights = {
            one.pk: (given[f"weight_{one.pk}"], given[f"edition_{one.pk}"] or one.edition) for one in self.criteria
        }
        return change_weights(checklist=self.record, weights=weights, by=by)


class MoveForm(forms.Form):
    """The version by which a call's future applications are judged."""

    checklist = forms.ModelChoiceField(
        queryset=ChecklistVersion.objects.none(), label="Judge future applications by", empty_label=None
    )

    def __init__(self, *args: Any, record: Programme, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)
        offered = ChecklistVersion.objects.published().filter(name=record.checklist.name)
        field = cast("forms.ModelChoiceField[ChecklistVersion]", self.fields["checklist"])
        field.queryset = offered.exclude(pk=record.checklist_id)

    def save(self, *, by: User) -> Programme:
        """Move the call."""
        return move_programme(programme=self.record, by=by, **self.cleaned_data)
