"""The officer's form of a grant: sums, window, schedules. What does not add up is told when the terms are frozen."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from grants.agreements.actions import change_grant, draft_grant
from grants.agreements.lettering import faults
from grants.agreements.models import Grant
from grants.funds.models import MatchFund
from partners.submissions.models import Submission
from reviews.panels.condition_rows import ConditionRow, given_conditions, initial_rows
from vetting_portal.fields import DayField
from vetting_portal.models import Funder, User
from vetting_portal.money import parse_amount, plain

# What stands outside is a slip of the year.
NEAR = [
    MinValueValidator(date(2000, 1, 1), "This is too long ago. Look at the year."),
    MaxValueValidator(date(2200, 12, 31), "This is too far away. Look at the year."),
]
ROWS = {"budget": 8, "tranches": 4, "reports": 4, "indicators": 4, "conditions": 2}
SPARE_ROWS = 2
NO_RATIO = "Give 1 or more: with 0 nothing is matched."
ROW_FIELDS = {
    "budget": ("line", "amount"),
    "tranches": ("share", "condition", "due_on"),
    "reports": ("title", "due_on"),
    "indicators": ("text", "target"),
    "conditions": ("text",),
}


class LetteredForm(forms.Form):
    """A form whose texts come into a document: what no font can set is told beside its field."""

    def clean(self) -> dict[str, Any]:
        """Check the letters of each text."""
        given = super().clean() or {}
        for name, text in list(given.items()):
            if isinstance(text, str) and (wrong := faults(text)):
                self.add_error(name, [f"The agreement cannot print this: {sentence}" for sentence in wrong])
        return given


class BudgetRow(LetteredForm):
    """A line of Schedule B."""

    line = forms.CharField(max_length=120, required=False)
    amount = forms.CharField(max_length=20, required=False)


class TrancheRow(LetteredForm):
    """A payment of Schedule D."""

    share = forms.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, label="Share, %"
    )
    condition = forms.CharField(max_length=300, required=False)
    due_on = DayField(required=False, label="Not before")


class ReportRow(LetteredForm):
    """A report of Schedule E."""

    title = forms.CharField(max_length=80, required=False, label="Report")
    due_on = DayField(required=False, label="Due")


class IndicatorRow(LetteredForm):
    """An indicator of Schedule A."""

    text = forms.CharField(max_length=200, required=False, label="Indicator")
    target = forms.CharField(max_length=80, required=False)


class ConditionLine(ConditionRow, LetteredForm):
    """A condition of Schedule F."""


ROW_FORMS: dict[str, type[forms.Form]] = {
    "budget": BudgetRow,
    "tranches": TrancheRow,
    "reports": ReportRow,
    "indicators": IndicatorRow,
    "conditions": ConditionLine,
}


class GrantForm(LetteredForm):
    """Everything that the terms need; amounts in major units, windows as first and last day in their zone."""

    title = forms.CharField(max_length=200, label="Title")
    purpose = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=800,
        label="What for",
        help_text="One or two sentences in plain words. They open the agreement.",
    )
    fund = forms.ModelChoiceField(MatchFund.objects.none(), label="Match fund", empty_label="Choose a match fund")
    goal = forms.CharField(max_length=20, label="Granting goal")
    cap = forms.CharField(max_length=20, label="Match cap", help_text="What the funder promises at most.")
    ratio_p = forms.IntegerField(
        min_value=1,
        max_value=100,
        label="Match",
        help_text="1 : 1 matches each dollar with a dollar.",
        error_messages={"min_value": NO_RATIO},
    )
    ratio_q = forms.IntegerField(
        min_value=1, max_value=100, label="for gifts of", error_messages={"min_value": NO_RATIO}
    )
    basis = forms.ChoiceField(choices=Grant.Basis, label="Matched on")
    refund_policy = forms.ChoiceField(choices=Grant.RefundPolicy, label="Match of a refunded gift serves")
    donor_cap = forms.CharField(max_length=20, required=False, label="Cap a donor", help_text="Empty: none.")
    gift_cap = forms.CharField(max_length=20, required=False, label="Cap a gift", help_text="Empty: none.")
    fee_top_up = forms.CharField(
        max_length=20,
        required=False,
        label="Added for card fees, at most",
        help_text="Empty: nothing. The directors vote on it with these terms; it is at most the fees really paid.",
    )
    window_starts_on = DayField(label="First day of the match window", validators=NEAR)
    window_ends_on = DayField(
        label="Last day of the match window",
        help_text="To the end of this day.",
        validators=NEAR,
    )
    time_zone = forms.ChoiceField(choices=(), label="Time zone of the window")
    term_starts_on = DayField(label="The term starts", validators=NEAR)
    term_ends_on = DayField(label="The term ends", validators=NEAR)
    signatory_name = forms.CharField(max_length=200, label="Who signs for the partner")
    signatory_title = forms.CharField(max_length=160, label="Title")
    signatory_authority = forms.CharField(
        max_length=200, required=False, label="Authority", help_text="For example: board resolution of 9 April 2026."
    )
    director_authority = forms.CharField(
        max_length=200,
        required=False,
        label="Authority of the directors",
        help_text="For example: board resolution 2024-07.",
    )
    helps_individuals = forms.BooleanField(
        required=False, label="The grant may help individuals with cash or scholarships"
    )
    bank_name = forms.CharField(max_length=120, required=False, label="Bank")
    bank_last4 = forms.RegexField(
        r"^\d{4}$",
        required=False,
        label="Last four characters of the account",
        error_messages={"invalid": "Give the last four digits only."},
    )

    def __init__(self, *args: Any, record: Submission | Grant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        submission = record.submission if isinstance(record, Grant) else record
        self.currency = submission.currency
        funds = MatchFund.objects.matching(submission.programme, submission.currency).order_by("name")
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]
        self.rows = {name: self._formset(name) for name in ROWS}

    def _formset(self, name: str) -> forms.BaseFormSet:
        known = self.initial.get(name, [])
        factory = forms.formset_factory(ROW_FORMS[name], extra=max(ROWS[name] - len(known), SPARE_ROWS), max_num=40)
        bound = self.data if self.is_bound else None
        return factory(bound, initial=known, prefix=name)

    def is_valid(self) -> bool:
        """Whether the form and each row are right; errors of rows stand at their rows."""
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values()), self._amounts_are_valid()])

    def _amounts_are_valid(self) -> bool:
        """Whether each budget line's amount can be read; what is wrong stands at its row."""
        for row in self.rows["budget"]:
            if row.is_valid() and (text := row.cleaned_data.get("amount")):
                try:
                    parse_amount(text, self.currency)
                except ValidationError as error:
                    row.add_error("amount", error)
        return all(row.is_valid() for row in self.rows["budget"])

    def _money(self, name: str) -> int | None:
        text = self.cleaned_data.get(name, "")
        return parse_amount(text, self.currency) if text else None

    def clean_goal(self) -> int | None:
        """Read the goal as minor units."""
        return self._money("goal")

    def clean_cap(self) -> int | None:
        """Read the cap as minor units."""
        return self._money("cap")

    def clean_donor_cap(self) -> int | None:
        """Read the cap a donor as minor units."""
        return self._money("donor_cap")

    def clean_gift_cap(self) -> int | None:
        """Read the cap a gift as minor units."""
        return self._money("gift_cap")

    def clean_fee_top_up(self) -> int | None:
        """Read what is added for card fees as minor units; nothing is none."""
        return self._money("fee_top_up") or None

    def clean(self) -> dict[str, Any]:
        """Check the order of dates, and that the cap is not above the goal."""
        given = super().clean()
        for first, last, message in (
            ("window_starts_on", "window_ends_on", "The match window ends after it starts."),
            ("term_starts_on", "term_ends_on", "The term ends after it starts."),
        ):
            if given.get(first) and given.get(last) and given[last] < given[first]:
                self.add_error(last, message)
        goal, cap = given.get("goal"), given.get("cap")
        if isinstance(goal, int) and isinstance(cap, int) and cap > goal:
            self.add_error("cap", "The match cap is not more than the granting goal.")
        return given

    def _plan(self) -> dict[str, Any]:
        given = {
            name: [row.cleaned_data for row in rows if any(row.cleaned_data.get(f) for f in ROW_FIELDS[name])]
            for name, rows in self.rows.items()
        }
        return {
            "indicators": [{"text": row["text"], "target": row["target"]} for row in given["indicators"]],
            "budget": [
                {"line": row["line"], "amount_minor": parse_amount(row["amount"] or "0", self.currency)}
                for row in given["budget"]
            ],
            "tranches": [
                {
                    "share_bp": int((row["share"] or 0) * 100),
                    "condition": row["condition"],
                    "due_on": _iso(row["due_on"]),
                }
                for row in given["tranches"]
            ],
            "reports": [{"title": row["title"], "due_on": _iso(row["due_on"])} for row in given["reports"]],
            "conditions": [one.kept() for one in given_conditions(self.rows["conditions"])],
        }

    def fields_of_grant(self) -> dict[str, Any]:
        """Return what was given, as the action takes it: what a draft lacks yet is told when its terms are frozen."""
        given = self.cleaned_data
        zone = ZoneInfo(given["time_zone"])
        start = datetime.combine(given["window_starts_on"], time.min, tzinfo=zone)
        end = datetime.combine(given["window_ends_on"] + timedelta(days=1), time.min, tzinfo=zone)
        same = (
            "fund",
            "title",
            "purpose",
            "ratio_p",
            "ratio_q",
            "basis",
            "refund_policy",
            "time_zone",
            "term_starts_on",
            "term_ends_on",
            "signatory_name",
            "signatory_title",
            "signatory_authority",
            "director_authority",
            "helps_individuals",
            "bank_name",
            "bank_last4",
        )
        return {
            **{name: given[name] for name in same},
            "goal_minor": given["goal"],
            "cap_minor": given["cap"],
            "donor_cap_minor": given["donor_cap"],
            "gift_cap_minor": given["gift_cap"],
            "fee_top_up_minor": given["fee_top_up"],
            "window_starts_at": start,
            "window_ends_at": end,
            "plan": self._plan(),
        }

    def save(self, *, by: User) -> Grant:
        """Draft the grant, or change its draft."""
        if isinstance(self.record, Grant):
            return change_grant(grant=self.record, fields=self.fields_of_grant(), by=by)
        return draft_grant(submission=self.record, fields=self.fields_of_grant(), by=by)


def _iso(day: date | None) -> str:
    """Return a day as the plan keeps it; a draft may lack it, frozen terms may not."""
    return day.isoformat() if day else ""


def initial_of_submission(submission: Submission) -> dict[str, Any]:
    """Return a proposal: half of what is asked as match, a year, two reports, the recommendation's conditions."""
    goal = submission.amount_requested_minor or 0
    today = timezone.localdate()
    signatory = submission.organisation.people_now().filter(role="signatory").first()
    recommendation = submission.recommendations.current().first()
    conditions = recommendation.conditions if recommendation else []
    funder = Funder.objects.current()
    fund = MatchFund.objects.matching(submission.programme, submission.currency).first()
    year_on = today + timedelta(days=365)
    return {
        "title": submission.title,
        "purpose": submission.summary[:800],
        "fund": fund,
        "goal": plain(goal, submission.currency),
        "cap": plain(goal // 2, submission.currency),
        "ratio_p": 1,
        "ratio_q": 1,
        "basis": Grant.Basis.GROSS,
        "refund_policy": Grant.RefundPolicy.BACKFILL,
        "time_zone": funder.time_zone,
        "window_starts_on": today,
        "window_ends_on": today + timedelta(days=120),
        "term_starts_on": today,
        "term_ends_on": year_on,
        "signatory_name": signatory.name if signatory else "",
        "signatory_title": signatory.title if signatory else "",
        "conditions": _with_days(initial_rows(conditions), today),
        "budget": [{"line": "Project", "amount": plain(goal, submission.currency)}],
        "tranches": [
            {
                "share": 50,
                "condition": "Agreement in force and bank details verified",
                "due_on": today + timedelta(days=125),
            },
            {"share": 40, "condition": "First report accepted", "due_on": today + timedelta(days=240)},
            {"share": 10, "condition": "Final report accepted", "due_on": year_on},
        ],
        "reports": [
            {"title": "Start note", "due_on": today + timedelta(days=60)},
            {"title": "Mid-term report", "due_on": today + timedelta(days=200)},
            {"title": "Final report", "due_on": year_on},
        ],
    }


def _with_days(rows: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return the conditions of a recommendation, each with a day to change where none was said: a month from now."""
    soon = today + timedelta(days=30)
    return [{**row, "due_on": row["due_on"] or soon} for row in rows]


def initial_of_grant(grant: Grant) -> dict[str, Any]:
    """Return the draft as the form shows it."""
    plan, currency = grant.plan, grant.currency
    same = (
        "fund",
        "title",
        "purpose",
        "ratio_p",
        "ratio_q",
        "basis",
        "refund_policy",
        "time_zone",
        "term_starts_on",
        "term_ends_on",
        "signatory_name",
        "signatory_title",
        "signatory_authority",
        "director_authority",
        "helps_individuals",
        "bank_name",
        "bank_last4",
    )
    caps = {
        "donor_cap": grant.donor_cap_minor,
        "gift_cap": grant.gift_cap_minor,
        "fee_top_up": grant.fee_top_up_minor,
    }
    return {
        **{name: getattr(grant, name) for name in same},
        **{name: "" if minor is None else plain(minor, currency) for name, minor in caps.items()},
        "goal": plain(grant.goal_minor, currency),
        "cap": plain(grant.cap_minor, currency),
        "window_starts_on": grant.window_first_on,
        "window_ends_on": grant.window_last_on,
        "conditions": initial_rows(plan["conditions"]),
        "indicators": plan["indicators"],
        "budget": [{"line": line["line"], "amount": plain(line["amount_minor"], currency)} for line in plan["budget"]],
        "tranches": [
            {
                "share": f"{row['share_bp'] // 100}.{row['share_bp'] % 100:02}",
                "condition": row["condition"],
                "due_on": row["due_on"],
            }
            for row in plan["tranches"]
        ],
        "reports": plan["reports"],
    }
