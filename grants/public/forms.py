"""The form by which a donor asks for receipts."""

from typing import Any

from django import forms

from grants.campaigns.models import Campaign
from grants.public.actions import ask_for_receipts
from vetting_portal.models import User


class AskForm(forms.Form):
    """Has the receipts of one address mailed to it; whether there are any is told to that address alone."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        help_text="The one you gave with your gift. We send the links there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def save(self, *, by: User) -> None:
        """Leave it to the background: the answer takes as long for a stranger as for a donor."""
        ask_for_receipts(campaign=self.campaign, address=self.cleaned_data["email"], by=by)
