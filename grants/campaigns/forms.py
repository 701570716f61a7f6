"""Forms of campaigns: the words of the page, a refund, the closing."""

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.agreements.models import Grant
from grants.campaigns.actions import (
    Reversed,
    close_campaign,
    edit_campaign,
    plan_campaign,
    refund_gift,
)
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.models.campaign import SLUG
from vetting_portal.forms import RecordForm
from vetting_portal.models import User
from vetting_portal.money import parse_amount, plain


class AmountField(forms.CharField):
    """An amount in major units of the form's currency; its value is minor units."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        """Return minor units, None for an empty field that may be empty."""
        text = super().clean(value)
        return parse_amount(text, self.currency) if text else None


class PairsField(forms.CharField):
    """Lines of ``first: second``; its value is a list of the two halves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def clean(self, value: Any) -> list[tuple[str, str]]:
        """Split each line at its first colon. Raises ValidationError for a line without one."""
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        pairs = [tuple(half.strip() for half in line.partition(":")[::2]) for line in lines]
        wrong = [line for line, pair in zip(lines, pairs, strict=True) if not all(pair)]
        if wrong:
            raise ValidationError(f"Each line needs a colon with words on both sides: {wrong[0]}")
        return [(first, second) for first, second in pairs]


class WordsForm(forms.Form):
    """The words of a campaign's public page."""

    title = forms.CharField(
        label="Heading", max_length=160, widget=forms.Textarea(attrs={"rows": 2}), help_text="Two short lines at most."
    )
    lead = forms.CharField(
        label="Lead",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What happens, for whom, and who does it. Two or three sentences.",
    )
    steps = PairsField(
        label="The way, step by step",
        required=False,
        help_text="One a line, when and what, for example: Week 1: A safe room, a phone, a name to call",
    )
    privacy_note = forms.CharField(
        label="Privacy",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Show nobody who was helped: no picture, no real name, no initials.",
    )
    gift_examples = PairsField(
        label="What a gift does", required=False, help_text="One a line, for example: 25: A bag for the first night"
    )
    gift_note = forms.CharField(label="Below the examples", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    choice_note = forms.CharField(
        label="How you chose the partner", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    currency = ""

    def clean_steps(self) -> list[dict[str, str]]:
        """Return the steps as the page reads them."""
        return [{"when": when, "text": text} for when, text in self.cleaned_data["steps"]]

    def clean_gift_examples(self) -> list[dict[str, Any]]:
        """Return the examples with their amounts in minor units."""
        pairs = self.cleaned_data["gift_examples"]
        return [{"minor": parse_amount(amount, self.currency), "text": text} for amount, text in pairs]

    def words(self) -> dict[str, Any]:
        """Return what the page is made of."""
        return {name: self.cleaned_data[name] for name in WordsForm.base_fields}


class PlanForm(WordsForm):
    """Plans the campaign of a grant."""

    slug = forms.CharField(
        label="Address",
        max_length=80,
        validators=[SLUG],
        help_text="The end of /campaign/…/: small letters, digits and hyphens. It cannot be changed later.",
    )
    field_order = ["title", "slug"]

    def __init__(self, *args: Any, record: Grant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.currency = record, record.currency

    def save(self, *, by: User) -> Campaign:
        """Plan it."""
        return plan_campaign(grant=self.record, slug=self.cleaned_data["slug"], words=self.words(), by=by)


class EditForm(WordsForm):
    """Changes the words of a page."""

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        steps = "\n".join(f"{step['when']}: {step['text']}" for step in record.steps)
        gifts = "\n".join(f"{plain(gift['minor'], record.currency)}: {gift['text']}" for gift in record.gift_examples)
        names = ("title", "lead", "privacy_note", "gift_note", "choice_note")
        initial = {**{name: getattr(record, name) for name in names}, "steps": steps, "gift_examples": gifts}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.record, self.currency = record, record.currency

    def save(self, *, by: User) -> Campaign:
        """Keep the words."""
        return edit_campaign(campaign=self.record, words=self.words(), by=by)


class RefundForm(forms.Form):
    """Refunds a gift; the hidden key makes a second click the same refund."""

    amount = forms.CharField(required=False)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    refund_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Gift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.currency = record.original_currency or record.currency
        left = plain(record.original_left_minor if record.in_original else record.left_minor, self.currency)
        self.fields["amount"] = AmountField(
            currency=self.currency, label="Amount", required=False, help_text=f"Empty: all that is left, {left}."
        )
        self.fields["refund_key"].initial = f"form-{secrets.token_hex(12)}"
        self.order_fields(["amount", "reason", "refund_key"])

    def save(self, *, by: User) -> Reversed:
        """Refund it."""
        return refund_gift(
            campaign=self.record.campaign,
            gift_key=self.record.key,
            source=self.record.source,
            amount_minor=self.cleaned_data["amount"],
            refund_key=self.cleaned_data["refund_key"],
            reason=self.cleaned_data["reason"],
            currency=self.currency,
            by=by,
        )


class CloseForm(RecordForm[Campaign]):
    """Closes a campaign, after its consequences were read."""

    reason = forms.CharField(
        label="Why does it close before its day?",
        help_text="The reason stays on record. Donors do not read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Say why the campaign closes before the last day of its match."},
    )
    understood = forms.BooleanField(label="I have read what happens then.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record.days_left() is None:
            del self.fields["reason"]

    def save(self, *, by: User) -> Campaign:
        """Close it now."""
        return close_campaign(campaign=self.record, by=by, reason=self.cleaned_data.get("reason", ""))
