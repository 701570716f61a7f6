"""The officer's form of the further match funds behind a grant, in the order in which they give."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.agreements.actions import share_match
from grants.agreements.models import Grant
from grants.funds.models import MatchFund
from vetting_portal.models import User
from vetting_portal.money import parse_amount, plain

ROWS = 3


class SharesForm(forms.Form):
    """A few rows: a fund, and what it gives at most."""

    def __init__(self, *args: Any, record: Grant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        funds = MatchFund.objects.matching(record.submission.programme, record.currency).exclude(pk=record.fund_id)
        further = record.further
        self.places = range(2, 2 + max(ROWS, len(further)))
        for place in self.places:
            there = further[place - 2] if place - 2 < len(further) else None
            self.fields[f"fund_{place}"] = forms.ModelChoiceField(
                funds.order_by("name"), required=False, empty_label="None", label=f"Fund {place}",
                initial=there.fund_id if there else None,
            )  # fmt: skip
            self.fields[f"share_{place}"] = forms.CharField(
                max_length=20, required=False, label=f"Fund {place} gives at most",
                initial=plain(there.share_minor, record.currency) if there else "",
            )  # fmt: skip

    @property
    def rows(self) -> list[Any]:
        """The fields two by two."""
        return [(self[f"fund_{place}"], self[f"share_{place}"]) for place in self.places]

    def clean(self) -> dict[str, Any]:
        """Read each row: a fund with its amount, or neither."""
        given = super().clean() or {}
        shares = []
        for place in self.places:
            fund, text = given.get(f"fund_{place}"), (given.get(f"share_{place}") or "").strip()
            if fund and text:
                try:
                    shares.append((fund, parse_amount(text, self.record.currency)))
                except ValidationError as error:
                    self.add_error(f"share_{place}", error)
            elif fund:
                self.add_error(f"share_{place}", "Say what this fund gives at most.")
            elif text:
                self.add_error(f"fund_{place}", "Choose the fund that gives this.")
        return {**given, "shares": shares}

    def save(self, *, by: User) -> Grant:
        """Name the funds."""
        return share_match(grant=self.record, shares=self.cleaned_data["shares"], by=by)
