"""Forms of campaigns: the words of the page, one gift, a file of gifts, a refund."""

import secrets
from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.agreements.models import Grant
from grants.campaigns.actions import (
    Recorded,
    Reversed,
    close_campaign,
    edit_campaign,
    plan_campaign,
    record_gift,
    refund_gift,
)
from grants.campaigns.csvfile import NoGiftsFile
from grants.campaigns.importing import import_gifts
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.models.campaign import SLUG
from grants.campaigns.rows import GiftRow
from vetting_portal.inspection.policy import MAX_BYTES
from vetting_portal.models import User
from vetting_portal.money import parse_amount, plain

NOON = time(12)


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


class GiftForm(forms.Form):
    """Records one gift that came by cheque or transfer."""

    WHY_NOT = [
        ("", "Yes"),
        ("A pledge, not money.", "No: a pledge, not money"),
        ("Goods, not money.", "No: goods, not money"),
        ("From the funder, its staff or the partner itself.", "No: from us, our staff or the partner"),
    ]

    key = forms.CharField(
        label="Reference", max_length=200, help_text="The cheque's number or the bank's reference. Each counts once."
    )
    donor_name = forms.CharField(label="Donor", max_length=200, required=False, help_text="Empty: anonymous.")
    donor_email = forms.EmailField(label="Donor's e-mail address", max_length=254, required=False)
    received_on = forms.DateField(label="Received on", widget=forms.DateInput(attrs={"type": "date"}))
    received_time = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}), help_text="Empty: noon."
    )
    ineligible = forms.ChoiceField(label="Can it be matched?", choices=WHY_NOT, required=False)

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        currency = record.currency
        self.fields["gross"] = AmountField(currency=currency, label="Amount")
        self.fields["fee"] = AmountField(currency=currency, label="Fee", required=False, help_text="Empty: none.")
        self.fields["received_on"].help_text = f"The day in {record.grant.time_zone}."
        self.order_fields(["key", "donor_name", "donor_email", "gross", "fee", "received_on", "received_time"])

    def save(self, *, by: User) -> tuple[Gift, bool]:
        """Record it, and match it."""
        data = self.cleaned_data
        at = datetime.combine(data["received_on"], data["received_time"] or NOON, tzinfo=self.record.grant.zone)
        row = GiftRow(
            key=data["key"].strip(),
            gross_minor=data["gross"],
            fee_minor=data["fee"] or 0,
            currency=self.record.currency,
            received_at=at,
            donor_name=data["donor_name"],
            donor_email=data["donor_email"],
            ineligible=data["ineligible"],
        )
        return record_gift(campaign=self.record, row=row, by=by)


class ImportForm(forms.Form):
    """Records a CSV file of gifts."""

    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    source = forms.CharField(
        label="Source",
        max_length=80,
        required=False,
        help_text="Where the keys come from, for example the name of the payment service. Empty: this campaign.",
    )

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def clean_file(self) -> Any:
        """Refuse a file that was cut because it is too large."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise ValidationError("The file is larger than 25 MB. Send it in parts.")
        return upload

    def save(self, *, by: User) -> Recorded:
        """Record all of it, or nothing."""
        upload = self.cleaned_data["file"]
        try:
            return import_gifts(campaign=self.record, file=upload.file, by=by, source=self.cleaned_data["source"])
        except NoGiftsFile as error:
            raise ValidationError({"file": error.messages}) from None


class RefundForm(forms.Form):
    """Refunds a gift; the hidden key makes a second click the same refund."""

    amount = forms.CharField(required=False)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    refund_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Gift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        left = plain(record.left_minor, record.currency)
        self.fields["amount"] = AmountField(
            currency=record.currency, label="Amount", required=False, help_text=f"Empty: all that is left, {left}."
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
            by=by,
        )


class CloseForm(forms.Form):
    """Closes a campaign, after its consequences were read."""

    understood = forms.BooleanField(label="I have read what happens then.")

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def save(self, *, by: User) -> Campaign:
        """Close it now."""
        return close_campaign(campaign=self.record, by=by)
