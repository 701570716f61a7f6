"""Forms of intake: one gift, a file of gifts and its columns, a second person's word, whose a charge is."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.campaigns.actions import correct_eligibility, erase_donor
from grants.campaigns.models import Campaign, Donor, Gift
from grants.campaigns.rows import GiftRow
from grants.intake.actions import (
    assign_charge,
    begin_import,
    enter_gift,
    refuse_gift,
    set_columns,
    set_hand_limit,
)
from grants.intake.mapping import AMOUNTS, COLUMNS, ORIGINAL, REQUIRED, TIMES, ColumnMapping
from grants.intake.models import ChargeAssignment, GiftImport, HandGift, HandLimit, StripeEvent
from grants.intake.reading import read_headings
from vetting_portal.fields import AmountField, DayField
from vetting_portal.files import put
from vetting_portal.forms import RecordForm
from vetting_portal.inspection.policy import MAX_BYTES
from vetting_portal.models import Funder, StoredFile, User
from vetting_portal.money import plain
from vetting_portal.sheets import fingerprint

NOON = time(12)


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
    received_on = DayField(label="Received on")
    received_time = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}), help_text="Empty: noon."
    )
    ineligible = forms.ChoiceField(label="Can it be matched?", choices=WHY_NOT, required=False)

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.saved: HandGift | Gift | None = None
        currency = record.currency
        self.fields["gross"] = AmountField(currency=currency, label="Amount")
        self.fields["fee"] = AmountField(currency=currency, label="Fee", required=False, help_text="Empty: none.")
        self.fields["received_on"].help_text = f"The day, in {record.grant.window_place}."
        self.order_fields(["key", "donor_name", "donor_email", "gross", "fee", "received_on", "received_time"])

    def save(self, *, by: User) -> HandGift | Gift:
        """Record it and match it; above the limit it waits for a second person."""
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
        self.saved = enter_gift(campaign=self.record, row=row, by=by)
        return self.saved


class ImportForm(forms.Form):
    """Takes a CSV file of gifts; it is read in the background."""

    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    source = forms.CharField(
        label="Source",
        max_length=80,
        required=False,
        help_text="Where the keys come from, for example the name of the payment service. Empty: this campaign. "
        "Which column is what is remembered for each.",
    )

    def __init__(self, *args: Any, record: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.begun: GiftImport | None = None

    def clean_file(self) -> Any:
        """Refuse a file that was cut because it is too large, and one that has no first line."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise ValidationError("The file is larger than 25 MB. Send it in parts, or use the command import_gifts.")
        self.cleaned_data["headings"] = read_headings(upload.file)
        return upload

    def save(self, *, by: User) -> GiftImport:
        """Store the file, and begin."""
        upload = self.cleaned_data["file"]
        sha256 = fingerprint(upload.file)
        stored = StoredFile.objects.record(put(upload.file), media_type="text/csv")
        self.begun = begin_import(
            campaign=self.record,
            file_name=upload.name,
            sha256=sha256,
            headings=self.cleaned_data["headings"],
            source=self.cleaned_data["source"].strip(),
            stored=stored,
            by=by,
        )
        return self.begun


class ColumnsForm(forms.Form):
    """Says which column of a file is what, and how its amounts and times are written."""

    LABELS = {
        "key": ("Key", "What tells each gift from others, for example the payment’s number."),
        "received_at": ("Received at", ""),
        "gross": ("Gross amount", "In the campaign’s currency: what it was settled at."),
        "fee": ("Fee", ""),
        "donor": ("Donor’s name", ""),
        "donor_email": ("Donor’s e-mail address", ""),
        "currency": ("Currency", "None: every gift is in the campaign’s currency."),
        "original_currency": ("Currency it was given in", "For gifts in other currencies; then all three."),
        "original_amount": ("Amount in that currency", ""),
        "rate": ("Rate", ""),
    }

    amounts = forms.ChoiceField(label="How amounts are written", choices=list(AMOUNTS.items()))
    minus_fees = forms.BooleanField(label="Fees are written with a minus", required=False)
    times = forms.ChoiceField(label="How times are written", choices=list(TIMES.items()))
    time_zone = forms.CharField(
        label="Time zone of times without an offset",
        max_length=64,
        required=False,
        help_text="For example UTC or America/Los_Angeles. Empty: every time has its offset, as 2026-11-23T09:12:00Z.",
    )

    def __init__(self, *args: Any, record: GiftImport, **kwargs: Any) -> None:
        known = record.columns
        headings = {heading.casefold(): heading for heading in record.headings}
        initial = {name: headings.get(heading.casefold(), "") for name, heading in known.columns.items()}
        how = {name: getattr(known, name) for name in ("amounts", "minus_fees", "times", "time_zone")}
        super().__init__(*args, **{**kwargs, "initial": {**initial, **how}})
        self.record = record
        choices = [("", "None"), *((heading, heading) for heading in dict.fromkeys(record.headings) if heading)]
        for name, (label, hint) in self.LABELS.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, required=name in REQUIRED, help_text=hint
            )
        self.order_fields([*self.LABELS, "amounts", "minus_fees", "times", "time_zone"])

    def save(self, *, by: User) -> GiftImport:
        """Remember it for the source, and have the file read so."""
        data = self.cleaned_data
        mapping = ColumnMapping(
            columns={name: data[name] for name in (*COLUMNS, *ORIGINAL) if data[name]},
            amounts=data["amounts"],
            times=data["times"],
            time_zone=data["time_zone"].strip(),
            minus_fees=data["minus_fees"],
            is_exact=False,
        )
        return set_columns(gift_import=self.record, mapping=mapping, by=by)


class RefuseGiftForm(RecordForm[HandGift]):
    """Refuses a gift that waits for a second person."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def save(self, *, by: User) -> HandGift:
        """Refuse it."""
        return refuse_gift(hand_gift=self.record, reason=self.cleaned_data["reason"], by=by)


class HandLimitForm(forms.Form):
    """Sets from which amount a gift by hand needs a second person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current, funder = HandLimit.objects.current(), Funder.objects.current_or_none()
        self.currency = funder.currency if funder else current.currency
        self.fields["limit"] = AmountField(
            currency=self.currency,
            label="A second person confirms gifts by hand above",
            help_text="Cheques and bank transfers. Zero: each of them.",
            initial=plain(current.limit_minor, current.currency),
        )

    def save(self, *, by: User) -> HandLimit:
        """Set it."""
        return set_hand_limit(limit_minor=self.cleaned_data["limit"], currency=self.currency, by=by)


class AssignForm(forms.Form):
    """Says whose a charge is. Nothing is chosen before: what is said here stays."""

    NOBODYS = "-"  # no slug can be this

    campaign = forms.ChoiceField(label="Campaign", error_messages={"required": "Choose whose the charge is."})

    def __init__(self, *args: Any, record: StripeEvent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.campaigns = {each.slug: each for each in Campaign.objects.opened().order_by("title", "pk")}
        self.fields["campaign"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *((slug, str(campaign)) for slug, campaign in self.campaigns.items()),
            (self.NOBODYS, "None: it is no gift of ours"),
        ]

    def save(self, *, by: User) -> ChargeAssignment:
        """Assign it."""
        campaign = self.campaigns.get(self.cleaned_data["campaign"])
        return assign_charge(event=self.record, campaign=campaign, by=by)


class EligibilityForm(forms.Form):
    """Corrects whether a gift is matched, with a reason."""

    ineligible = forms.ChoiceField(label="Is it matched?", choices=GiftForm.WHY_NOT, required=False)
    reason = forms.CharField(
        label="Why it is corrected",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the audit trail with your name.",
    )

    def __init__(self, *args: Any, record: Gift, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"ineligible": record.ineligible_reason}})
        self.record = record
        known = dict(GiftForm.WHY_NOT)
        if record.ineligible_reason not in known:
            self.fields["ineligible"].choices = [  # type: ignore[attr-defined]
                *GiftForm.WHY_NOT, (record.ineligible_reason, f"No: {record.ineligible_reason}"),
            ]  # fmt: skip

    def save(self, *, by: User) -> Gift:
        """Correct it; the match follows the rule."""
        return correct_eligibility(
            campaign=self.record.campaign,
            gift_key=self.record.key,
            source=self.record.source,
            ineligible=self.cleaned_data["ineligible"],
            reason=self.cleaned_data["reason"],
            by=by,
        )


class ForgetForm(RecordForm[Donor]):
    """Forgets who a donor is, after what stays was read."""

    understood = forms.BooleanField(label="I have read what goes and what stays.")

    def save(self, *, by: User) -> Donor:
        """Erase name and address."""
        return erase_donor(donor=self.record, by=by)
