"""The forms of programmes: the pre-screen's questions, and a call's own facts."""

from datetime import date
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.checklists.models import ChecklistVersion
from partners.places.countries import country_choices
from partners.places.forms import ask_region
from partners.programmes.actions import change_programme, create_programme, install_default_questionnaire
from partners.programmes.models import Programme
from partners.programmes.prescreening import Answers
from vetting_portal.clock import lies_ahead
from vetting_portal.fields import AmountField, DayField
from vetting_portal.forms import opening_with
from vetting_portal.models import User
from vetting_portal.money import plain

YES_NO = [("yes", "Yes"), ("no", "No")]


def zone_choices() -> list[tuple[str, str]]:
    """Return every time zone by name, as a list offers them."""
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


def yes_no(label: str, help_text: str = "") -> forms.ChoiceField:
    """Return a question that is answered by yes or no, with nothing chosen before."""
    return forms.ChoiceField(label=label, help_text=help_text, choices=YES_NO, widget=forms.RadioSelect)


class PrescreenForm(forms.Form):
    """The first questions about an organisation and its request."""

    country = forms.ChoiceField(label="In which country do you work?")
    region = forms.ChoiceField(label="Is it in one of these regions?", required=False)
    is_registered = yes_no("Are you a registered non-profit?")
    founded_on = DayField(label="When were you founded?", help_text="The day on your certificate.")
    yearly_income = AmountField(
        currency="USD", label="How large is your yearly budget?", help_text="An approximate figure is enough."
    )
    is_community_led = yes_no("Are you led by the community that you serve?")
    focus = forms.ChoiceField(label="What is your work about?")
    is_religious_work = yes_no("Is it the religious work of a church, such as worship or mission?")
    request = AmountField(
        currency="USD",
        label="How much do you want to ask for?",
        help_text="The whole amount, the half that donors give included.",
    )
    has_website = yes_no("Do you have a working website or a page on social media?")

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        self.programme = programme
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["country"]).choices = [("", "Choose a country"), *country_choices()]
        ask_region(self)
        areas = [(area["key"], area["label"]) for area in programme.focus_areas]
        cast("forms.ChoiceField", self.fields["focus"]).choices = [
            ("", "Choose what is nearest"),
            *areas,
            ("other", "Something else"),
        ]
        for name in ("yearly_income", "request"):
            cast("AmountField", self.fields[name]).currency = programme.currency

    def clean_founded_on(self) -> date:
        """Refuse a day that has not begun anywhere yet."""
        day: date = self.cleaned_data["founded_on"]
        if lies_ahead(day):
            raise ValidationError("This day lies in the future. Give the day of the founding.")
        return day

    def answers(self) -> Answers:
        """Return what was answered."""
        given = self.cleaned_data
        return Answers(
            country=given["country"],
            region=given.get("region", ""),
            is_registered=given["is_registered"] == "yes",
            founded_on=given["founded_on"],
            yearly_income_minor=given["yearly_income"],
            is_community_led=given["is_community_led"] == "yes",
            focus=given["focus"],
            is_religious_work=given["is_religious_work"] == "yes",
            request_minor=given["request"],
            has_website=given["has_website"] == "yes",
        )


def prescreen_initial(kept: dict[str, Any], currency: str) -> dict[str, Any]:
    """Return the form's values for answers that were kept."""
    flags = ("is_registered", "is_community_led", "is_religious_work", "has_website")
    found: dict[str, Any] = {name: kept[name] for name in ("country", "region", "founded_on", "focus") if name in kept}
    found |= {name: "yes" if kept[name] else "no" for name in flags if name in kept}
    if kept.get("yearly_income_minor") is not None:
        found["yearly_income"] = plain(kept["yearly_income_minor"], currency)
    if kept.get("request_minor") is not None:
        found["request"] = plain(kept["request_minor"], currency)
    return found


class ProgrammeForm(forms.Form):
    """A call's facts; focus areas stand one a line, exceptions as ``focus: TH, LA``."""

    title = forms.CharField(max_length=200)
    slug = forms.SlugField(
        max_length=80, label="Address", help_text="For example aftercare-2026: /programmes/aftercare-2026/"
    )
    summary = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Summary")
    focus = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False, label="What it is for")
    focus_areas = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), label="Focus areas", help_text="One a line, as people choose them."
    )
    exceptions = forms.CharField(
        required=False,
        label="Additional eligible countries",
        help_text="Countries of low or medium human development are eligible already. Two letters each, for example "
        "TH, LA, KH.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone of the call",
        choices=zone_choices,
        help_text="The call opens and closes by the clocks of this place.",
    )
    opens_on = DayField(label="Opens on", help_text="At 00:00 of this day, in the time zone of the call.")
    closes_on = DayField(
        label="Closes on",
        required=False,
        help_text="At the end of this day, 23:59 in the time zone of the call. Leave it empty for a rolling call.",
    )
    decides_on = DayField(
        label="Decision expected by",
        required=False,
        help_text="Partners are told which papers end before. Empty: eight weeks after the end of the call.",
    )
    min_request = AmountField(currency="USD", label="Smallest request (USD)")
    max_request = AmountField(currency="USD", label="Largest request (USD)")

    def __init__(self, *args: Any, record: Programme | None = None, **kwargs: Any) -> None:
        self.record = record
        first = self._initial(record) if record else {"time_zone": timezone.get_current_timezone_name()}
        super().__init__(*args, **opening_with(first, kwargs))
        if record is not None:
            del self.fields["slug"]
            for name, which in (("min_request", "Smallest"), ("max_request", "Largest")):
                cast("AmountField", self.fields[name]).currency = record.currency
                self.fields[name].label = f"{which} request ({record.currency})"

    @staticmethod
    def _initial(record: Programme) -> dict[str, Any]:
        names = ("title", "summary", "focus", "time_zone", "opens_on", "closes_on", "decides_on")
        return {
            **{name: getattr(record, name) for name in names},
            "focus_areas": "\n".join(area["label"] for area in record.focus_areas),
            "exceptions": ", ".join(code for found in record.country_exceptions for code in found["countries"]),
            "min_request": plain(record.min_request_minor, record.currency),
            "max_request": plain(record.max_request_minor, record.currency),
        }

    def clean_exceptions(self) -> list[str]:
        """Return the codes. Raises ValidationError for one that is no country."""
        codes = [code.strip().upper() for code in self.cleaned_data["exceptions"].split(",") if code.strip()]
        known = dict(country_choices())
        if wrong := [code for code in codes if code not in known]:
            message = f"There is no country {', '.join(wrong)}."
            raise ValidationError(message)
        return codes

    def clean(self) -> dict[str, Any]:
        """Check what belongs together."""
        given = super().clean() or {}
        low, high = given.get("min_request"), given.get("max_request")
        if low is not None and high is not None and low > high:
            self.add_error("max_request", "The largest request is smaller than the smallest.")
        opens, closes = given.get("opens_on"), given.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "The call cannot close before it opens.")
        decides, last = given.get("decides_on"), closes or opens
        if decides and last and decides < last:
            self.add_error("decides_on", "The decision cannot come before the call closes.")
        return given

    def _areas(self) -> list[dict[str, str]]:
        kept = {area["label"]: area["key"] for area in self.record.focus_areas} if self.record else {}
        labels = [line.strip() for line in self.cleaned_data["focus_areas"].splitlines() if line.strip()]
        return [{"key": kept.get(label, f"area_{label.lower()[:40]}"), "label": label} for label in labels]

    def save(self, *, by: User) -> Programme:
        """Make or change the call."""
        given = self.cleaned_data
        names = ("title", "summary", "focus", "time_zone", "opens_on", "closes_on", "decides_on")
        fields: dict[str, Any] = {name: given[name] for name in names}
        fields |= {"min_request_minor": given["min_request"], "max_request_minor": given["max_request"]}
        fields["focus_areas"] = self._areas()
        codes = given["exceptions"]
        fields["country_exceptions"] = [{"countries": codes, "focus": "", "reason": ""}] if codes else []
        if self.record is not None:
            return change_programme(programme=self.record, by=by, **fields)
        checklist = ChecklistVersion.objects.current()
        if checklist is None:
            raise ValidationError("Publish a checklist first.")
        questionnaire = install_default_questionnaire(checklist=checklist, by=by)
        return create_programme(by=by, slug=given["slug"], checklist=checklist, questionnaire=questionnaire, **fields)
