"""The officer's form of an amendment, shown as the terms are to stand; and the forms around its signatures."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from grants.agreements.forms import SignForm
from grants.agreements.forms.grant import NEAR, ROW_FIELDS, ROW_FORMS, SPARE_ROWS
from grants.agreements.forms.signing import ReasonStepForm
from grants.agreements.models import Grant, Signature
from grants.amendments.actions import (
    change_amendment,
    countersign_amendment,
    decline_amendment,
    draft_amendment,
    lapse_amendment,
    send_back_amendment,
    sign_amendment,
    withdraw_amendment,
)
from grants.amendments.changes import changes_of
from grants.amendments.models import Amendment
from reviews.panels.condition_rows import given_conditions, initial_rows
from vetting_portal.fields import DayField
from vetting_portal.models import User
from vetting_portal.money import parse_amount, plain

ROWS = ("budget", "tranches", "reports", "conditions")


class AmendmentForm(forms.Form):
    """The terms as they are to stand; what is left as it is does not change."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=800,
        label="Why the terms change",
        help_text="One or two sentences in plain words. They stand in the amendment.",
        error_messages={"required": "Say why the terms change."},
    )
    goal = forms.CharField(max_length=20, label="Granting goal")
    cap = forms.CharField(
        max_length=20,
        label="Match cap",
        help_text="It may be raised, never lowered, and serves only gifts that are recorded later.",
    )
    window_ends_on = DayField(
        label="Last day of the match window",
        help_text="To the end of this day. It may be later than now, never earlier.",
        validators=NEAR,
    )
    term_ends_on = DayField(label="The term ends", validators=NEAR)

    def __init__(self, *args: Any, record: Grant | Amendment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.grant = record.grant if isinstance(record, Amendment) else record
        self.rows = {name: self._formset(name) for name in ROWS}

    def _formset(self, name: str) -> forms.BaseFormSet:
        factory = forms.formset_factory(ROW_FORMS[name], extra=SPARE_ROWS, max_num=40)
        return factory(self.data if self.is_bound else None, initial=self.initial.get(name, []), prefix=name)

    def is_valid(self) -> bool:
        """Whether the form and each row are right; errors of rows stand at their rows."""
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def clean_goal(self) -> int:
        """Read the goal as minor units."""
        return parse_amount(self.cleaned_data["goal"], self.grant.currency)

    def clean_cap(self) -> int:
        """Read the cap as minor units."""
        return parse_amount(self.cleaned_data["cap"], self.grant.currency)

    def clean(self) -> dict[str, Any]:
        """Each payment and report that is named has its date."""
        given = super().clean() or {}
        for name, word in (("tranches", "payment"), ("reports", "report")):
            for place, row in enumerate(self._given(name), start=1):
                if row.get("due_on") is None:
                    self.add_error(None, f"Give {word} {place} a date.")
        return given

    def _given(self, name: str) -> list[dict[str, Any]]:
        rows = self.rows[name]
        if not rows.is_valid():
            return []
        filled = (row.cleaned_data for row in rows)
        return [row for row in filled if any(row.get(field) not in {None, ""} for field in ROW_FIELDS[name])]

    def changes(self) -> dict[str, Any]:
        """Return the terms as they are to stand, as the action takes them."""
        given, currency = self.cleaned_data, self.grant.currency
        zone = ZoneInfo(self.grant.time_zone)
        end = datetime.combine(given["window_ends_on"] + timedelta(days=1), time.min, tzinfo=zone)
        return {
            "goal_minor": given["goal"],
            "cap_minor": given["cap"],
            "window_ends_at": end.isoformat(),
            "term_ends_on": given["term_ends_on"].isoformat(),
            "budget": [
                {"line": row["line"], "amount_minor": parse_amount(row["amount"] or "0", currency)}
                for row in self._given("budget")
            ],
            "tranches": [
                {
                    "share_bp": int((row["share"] or 0) * 100),
                    "condition": row["condition"],
                    "due_on": row["due_on"].isoformat(),
                }
                for row in self._given("tranches")
            ],
            "reports": [
                {"title": row["title"] or "Report", "due_on": row["due_on"].isoformat()}
                for row in self._given("reports")
            ],
            "conditions": [one.kept() for one in given_conditions(self.rows["conditions"])],
        }

    def save(self, *, by: User) -> Amendment:
        """Draft the amendment, or change its draft."""
        told: dict[str, Any] = {"reason": self.cleaned_data["reason"], "changes": self.changes(), "by": by}
        if isinstance(self.record, Amendment):
            return change_amendment(amendment=self.record, **told)
        return draft_amendment(grant=self.record, **told)


def initial_of(grant: Grant, changes: dict[str, Any], reason: str = "") -> dict[str, Any]:
    """Return terms as the form shows them."""
    currency, zone = grant.currency, ZoneInfo(grant.time_zone)
    end = datetime.fromisoformat(changes["window_ends_at"]).astimezone(zone) - timedelta(microseconds=1)
    return {
        "reason": reason,
        "goal": plain(changes["goal_minor"], currency),
        "cap": plain(changes["cap_minor"], currency),
        "window_ends_on": end.date(),
        "term_ends_on": changes["term_ends_on"],
        "conditions": initial_rows(changes["conditions"]),
        "budget": [{"line": row["line"], "amount": plain(row["amount_minor"], currency)} for row in changes["budget"]],
        "tranches": [
            {
                "share": f"{row['share_bp'] // 100}.{row['share_bp'] % 100:02}",
                "condition": row["condition"],
                "due_on": row["due_on"],
            }
            for row in changes["tranches"]
        ],
        "reports": changes["reports"],
    }


def initial_of_grant(grant: Grant) -> dict[str, Any]:
    """Return the terms in force as the form shows them."""
    terms = grant.terms_in_force
    return initial_of(grant, changes_of(terms.content)) if terms else {}


class AmendmentSignForm(SignForm):
    """The signature of a director under an amendment."""

    def save(self, *, by: User) -> Signature:
        """Sign as director."""
        return sign_amendment(amendment=self.record, by=by, **self._given())


class AmendmentCountersignForm(SignForm):
    """The same for the partner."""

    def save(self, *, by: User) -> Signature:
        """Sign for the partner."""
        return countersign_amendment(amendment=self.record, by=by, **self._given())


class AmendmentReasonForm(ReasonStepForm):
    """A step of an amendment: send back, withdraw, decline, lapse."""

    ACTIONS = {
        "send_back": send_back_amendment,
        "withdraw": withdraw_amendment,
        "decline": decline_amendment,
        "lapse": lapse_amendment,
    }
    argument = "amendment"
