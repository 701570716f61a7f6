"""The figures that somebody tries while terms are drafted; nothing of it is saved."""

from decimal import Decimal
from typing import Any

from django import forms

from grants.agreements.models import Grant
from grants.agreements.outlook import OWN
from grants.matching.outlook import NamedFee, fees
from vetting_portal.money import minor_digits, parse_amount, plain

AMOUNTS = ("goal", "cap", "gifts", "top_up", "fee_fixed")


class OutlookForm(forms.Form):
    """Goal, cap, ratio, basis and card fee as ``data`` has them, amounts in major units; it is answered at once."""

    goal = forms.CharField(max_length=20, label="Granting goal")
    cap = forms.CharField(max_length=20, label="Match cap")
    gifts = forms.CharField(
        max_length=20, required=False, label="Gifts come to", help_text="Empty: what is hoped for, goal less cap."
    )
    top_up = forms.CharField(
        max_length=20, required=False, label="Added for card fees, at most", help_text="Empty: nothing."
    )
    ratio_p = forms.IntegerField(min_value=1, max_value=100, label="Match")
    ratio_q = forms.IntegerField(min_value=1, max_value=100, label="for gifts of")
    basis = forms.ChoiceField(choices=Grant.Basis, label="Matched on")
    fee = forms.ChoiceField(label="Card fee")
    fee_percent = forms.DecimalField(
        min_value=0, max_value=100, decimal_places=2, required=False, label="Own fee, % of a gift"
    )
    fee_fixed = forms.CharField(max_length=20, required=False, label="Own fee, for each gift")

    def __init__(self, data: Any, *, grant: Grant) -> None:
        super().__init__(data)
        self.grant = grant
        named = [(one.key, _words(one, grant.currency)) for one in fees(10 ** minor_digits(grant.currency))]
        self.fields["fee"].choices = [*named, (OWN, "Another fee, given here")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the amounts as minor units; what is empty is hoped for, or nothing."""
        given = super().clean() or {}
        for name in AMOUNTS:
            try:
                given[name] = parse_amount(given[name], self.grant.currency) if given.get(name) else None
            except forms.ValidationError as error:
                self.add_error(name, error)
        goal, cap = given.get("goal"), given.get("cap")
        if goal == 0:
            self.add_error("goal", "The granting goal is more than zero.")
        if isinstance(goal, int) and isinstance(cap, int):
            if cap > goal:
                self.add_error("cap", "The match cap is not more than the granting goal.")
            elif given.get("gifts") is None:
                given["gifts"] = goal - cap
        given["top_up"], given["fee_fixed"] = given.get("top_up") or 0, given.get("fee_fixed") or 0
        given["fee_percent"] = given.get("fee_percent") or Decimal(0)
        return given


def _words(fee: NamedFee, currency: str) -> str:
    """Return a fee of the table as people say it: ``Card: 2.9% + 0.30``."""
    share, fixed = Decimal(fee.model.per_10000) / 100, fee.model.fixed_minor
    return f"{fee.title}: {share:.1f}% + {plain(fixed, currency)}" if share or fixed else f"{fee.title}: none"


def initial_of(grant: Grant) -> dict[str, Any]:
    """Return the draft's own figures, with the first fee of the table."""
    return {
        "goal": plain(grant.goal_minor, grant.currency),
        "cap": plain(grant.cap_minor, grant.currency),
        "gifts": "",
        "top_up": plain(grant.fee_top_up_minor, grant.currency) if grant.fee_top_up_minor else "",
        "ratio_p": grant.ratio_p,
        "ratio_q": grant.ratio_q,
        "basis": grant.basis,
        "fee": "card",
        "fee_percent": "",
        "fee_fixed": "",
    }
