"""What the partner writes: everything may be empty while it is written, and what can be read is saved."""

import re
import secrets
from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError

from grants.arrivals.models import received_of
from grants.reports.actions import Opened, save_report
from grants.reports.models import Report
from vetting_portal.fields import AmountField
from vetting_portal.models import User
from vetting_portal.money import is_currency, minor_digits, parse_amount, plain
from vetting_portal.workflow import Blocker

RATE = re.compile(r"\d{1,9}(?:\.\d{1,8})?")
MOST_DIGITS = 3
LONGEST = 20_000
WORDS = ("summary", "changes", "challenges", "public_line", "local_currency", "rate")


def _text(label: str, rows: int, hint: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=widget, help_text=hint)


class ReportForm(forms.Form):
    """The partner's report, with a row for each indicator of the terms and for each line of the budget."""

    edition = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    page = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    turn = forms.IntegerField(required=False, min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
    summary = _text("What was done", 8, "Numbers and work done. Name nobody who was helped.")
    changes = _text("What changed", 4, "Against the plan or the budget. “Nothing” is an answer too.")
    challenges = _text("What was hard", 4, "And what you did about it. “Nothing” is an answer too.")
    public_line = forms.CharField(
        label="One sentence for the public page",
        max_length=200,
        required=False,
        help_text="For example: two social workers hired, 31 people have a named worker.",
    )
    local_currency = forms.CharField(
        label="Currency you spent", max_length=40, required=False, help_text="Three letters, for example THB."
    )
    rate = forms.CharField(
        label="Exchange rate", max_length=24, required=False, help_text="How much of it one unit of ours gave: 35.10"
    )

    def __init__(self, *args: Any, record: Report, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": _initial(record)})
        self.record, self.reached, self.lines = record, record.reached, record.budget.lines
        currency = record.grant.currency
        received, charges = f"Received so far, in {currency}", f"Bank charges so far, in {currency}"
        self.fields["received"] = AmountField(currency=currency, label=received, required=False)
        self.fields["charges"] = AmountField(currency=currency, label=charges, required=False)
        for place in range(len(self.reached)):
            self.fields[f"reached-{place}"] = forms.CharField(label="Reached so far", max_length=120, required=False)
            self.fields[f"note-{place}"] = forms.CharField(label="Note", max_length=500, required=False)
        for place in range(len(self.lines)):
            spent = forms.CharField(label="Spent to date", max_length=24, required=False)
            spent.widget.attrs["inputmode"] = "decimal"
            self.fields[f"spent-{place}"] = spent
            explanation = forms.CharField(label="Why it differs", max_length=1000, required=False)
            self.fields[f"explanation-{place}"] = explanation

    @property
    def indicator_rows(self) -> list[dict[str, Any]]:
        """Each indicator of the terms with its fields."""
        return [
            {"planned": one, "reached": self[f"reached-{place}"], "note": self[f"note-{place}"]}
            for place, one in enumerate(self.reached)
        ]

    @property
    def spending_rows(self) -> list[dict[str, Any]]:
        """Each line of the budget with its fields."""
        return [
            {"planned": line, "spent": self[f"spent-{place}"], "explanation": self[f"explanation-{place}"]}
            for place, line in enumerate(self.lines)
        ]

    def clean_local_currency(self) -> str:
        """Return the three letters of a currency that is paid with, or nothing."""
        code = str(self.cleaned_data["local_currency"]).upper()
        if code and not is_currency(code):
            raise ValidationError(f"We know no currency “{code}”. Give its three letters, for example THB.")
        return code

    def clean_rate(self) -> str:
        """Return the rate as it was typed, if it is a number above zero."""
        rate = str(self.cleaned_data["rate"]).strip()
        if rate and not (RATE.fullmatch(rate) and rate.strip("0.")):
            raise ValidationError("Give a number above zero, for example 35.10.")
        return rate

    def clean(self) -> dict[str, Any]:
        """Read what was spent on each line, in its own currency."""
        given = super().clean() or self.cleaned_data
        code = given.get("local_currency", "")
        for place in range(len(self.lines)):
            name = f"spent-{place}"
            text = str(given.get(name, "")).strip()
            if not text:
                given[name] = None
            elif not code:
                self.add_error(name, "Name the currency first.")
            else:
                try:
                    given[name] = parse_amount(text, code)
                except ValidationError as error:
                    self.add_error(name, error)
        return given

    def words(self) -> dict[str, Any]:
        """Return what can be saved: a field that could not be read keeps what was saved before."""
        given = self.cleaned_data
        told = {name: given[name] for name in WORDS if name in given}
        told |= {f"{name}_minor": given[name] for name in ("received", "charges") if name in given}
        told["indicators"] = [
            {
                "text": one.text,
                "reached": given.get(f"reached-{place}", one.reached),
                "note": given.get(f"note-{place}", one.note),
            }
            for place, one in enumerate(self.reached)
        ]
        told["spending"] = [
            {
                "line": line.line,
                "spent_local_minor": given.get(f"spent-{place}", line.spent_local_minor),
                "explanation": given.get(f"explanation-{place}", line.explanation),
            }
            for place, line in enumerate(self.lines)
        ]
        return told

    def save(self, *, by: User, is_autosave: bool = False) -> Report:
        """Keep what was written."""
        given = self.cleaned_data
        edition = given.get("edition")
        opened = None
        if edition is not None:
            opened = Opened(edition, given.get("page", ""), given.get("turn") or 0, is_autosave)
        self.saved = save_report(report=self.record, words=self.words(), opened=opened, by=by)
        return self.saved

    def unsent(self, report: Report, missing: Sequence[Blocker]) -> Self:
        """Return the form of a ``report`` that was saved and not sent, with what is missing beside its fields."""
        form = type(self)(dict(self.data.items()) | {"edition": self.saved.edition}, record=report)
        form.add_error(None, "We saved your report but did not send it. Complete what is named below.")
        for one in missing:
            name = one.url.rpartition("#id_")[2]
            form.add_error(name if name in form.fields else None, str(one))
        return form


def _initial(report: Report) -> dict[str, Any]:
    def amount(minor: int | None, currency: str) -> str:
        known = minor is not None and currency and minor_digits(currency) <= MOST_DIGITS
        return plain(minor, currency) if known and minor is not None else ""

    rows: dict[str, Any] = {}
    for place, one in enumerate(report.reached):
        rows |= {f"reached-{place}": one.reached, f"note-{place}": one.note}
    for place, line in enumerate(report.budget.lines):
        rows[f"spent-{place}"] = amount(line.spent_local_minor, report.local_currency)
        rows[f"explanation-{place}"] = line.explanation
    told = {name: getattr(report, name) for name in WORDS}
    received, charges = report.received_minor, report.charges_minor
    if (confirmed := received_of(report.grant)) is not None:  # what the partner confirmed is not asked again
        received = confirmed.received_minor if received is None else received
        charges = confirmed.charges_minor if charges is None else charges
        told["local_currency"] = told["local_currency"] or confirmed.local
        told["rate"] = told["rate"] or confirmed.rate
    return {
        **told,
        **rows,
        "edition": report.edition,
        "page": secrets.token_hex(16),
        "turn": 0,
        "received": amount(received, report.grant.currency),
        "charges": amount(charges, report.grant.currency),
    }
