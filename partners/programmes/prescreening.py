"""The pre-screen: the first questions, answered at once and in plain words, before anything is uploaded."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from partners.checklists.evidence import MONTHS_IN_YEAR, add_months
from partners.places.closing import Place, never, place_blockers
from partners.places.countries import country_name
from partners.places.development import edition_on
from partners.places.models import Embargo
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker


class Call(Protocol):
    """What the pre-screen needs to know of a programme."""

    currency: str
    min_request_minor: int
    max_request_minor: int
    preferred_income_minor: int
    min_age_years: int
    focus_areas: list[dict[str, str]]
    country_exceptions: list[dict[str, Any]]


@dataclass(frozen=True)
class Answers:
    """What somebody says of the organisation and the request; amounts in minor units of the call's currency."""

    country: str
    region: str
    is_registered: bool
    founded_on: date
    yearly_income_minor: int
    is_community_led: bool
    focus: str
    is_religious_work: bool
    request_minor: int
    has_website: bool

    def as_record(self) -> dict[str, Any]:
        """Return the answers as a submission keeps them."""
        return {**asdict(self), "founded_on": self.founded_on.isoformat()}


def answers_from(kept: Mapping[str, Any]) -> Answers:
    """Return the answers that a submission kept."""
    return Answers(**{**kept, "founded_on": date.fromisoformat(str(kept["founded_on"]))})


def place_of_work(country: str, region: str) -> Place:
    """Return where the work happens, as the pre-screen asks it."""
    return Place(country, region, "the country where you work")


def prescreen(
    answers: Answers, programme: Call, *, today: date, covers: Callable[[Embargo], bool] = never
) -> list[Blocker]:
    """Return every reason why the request lies outside the programme, none where it may go on.

    The rules are those of the checklist's pre-screen. ``covers`` says which place under comprehensive sanctions a
    licence opens.
    """
    return [
        *_place(answers, programme, today, covers),
        *_organisation(answers, programme, today),
        *_request(answers, programme),
    ]


def _place(answers: Answers, programme: Call, today: date, covers: Callable[[Embargo], bool]) -> list[Blocker]:
    if closed := place_blockers([place_of_work(answers.country, answers.region)], on=today, covers=covers):
        return closed
    edition = edition_on(today)
    if edition.is_low_or_medium(answers.country) or is_excepted(answers.country, answers.focus, programme):
        return []
    return [
        Blocker(
            f"{country_name(answers.country)} is not on our list of countries for this work.",
            hint=f"We give where human development is low or medium ({edition.source}), and in some exceptions that "
            "the programme's page names.",
        )
    ]


def is_excepted(country: str, focus: str, programme: Call) -> bool:
    """Whether the programme lists the country as an exception for this focus (or for any)."""
    return any(
        country in exception["countries"] and exception.get("focus", "") in {"", focus}
        for exception in programme.country_exceptions
    )


def _organisation(answers: Answers, programme: Call, today: date) -> list[Blocker]:
    blockers: list[Blocker] = []
    if not answers.is_registered:
        blockers.append(
            Blocker("You need to be a registered non-profit.", hint="You can apply as soon as you are registered.")
        )
    old_enough = add_months(answers.founded_on, programme.min_age_years * MONTHS_IN_YEAR)
    if answers.founded_on > today:
        blockers.append(Blocker("The day you were founded lies in the future.", hint="Give the day of the founding."))
    elif old_enough > today:
        blockers.append(
            Blocker(
                f"Your organisation must be at least {programme.min_age_years} years old.",
                hint=f"It will be on {old_enough:%-d %B %Y}. You can apply from that day.",
            )
        )
    if not answers.has_website:
        blockers.append(
            Blocker(
                "We need a working website or a page on social media.",
                hint="Donors want to see who you are. A simple page is enough.",
            )
        )
    return blockers


def _request(answers: Answers, programme: Call) -> list[Blocker]:
    blockers: list[Blocker] = []
    if answers.focus not in {area["key"] for area in programme.focus_areas}:
        areas = ", ".join(area["label"] for area in programme.focus_areas)
        blockers.append(Blocker("Your work lies outside the focus of this programme.", hint=f"It is for: {areas}."))
    if answers.is_religious_work:
        blockers.append(
            Blocker(
                "We do not fund the religious work of a church.",
                hint="Work for the community that is open to everybody is fine, whoever does it.",
            )
        )
    low, high = programme.min_request_minor, programme.max_request_minor
    if not low <= answers.request_minor <= high:
        blockers.append(
            Blocker(
                f"A first request lies between {format_amount(low, programme.currency)} and "
                f"{format_amount(high, programme.currency)}.",
                hint="Count the whole amount, the half that you or donors raise included.",
            )
        )
    return blockers


def preferences(answers: Answers, programme: Call) -> list[str]:
    """Return what the programme prefers and the request is not: it may go on all the same."""
    notes: list[str] = []
    if answers.yearly_income_minor >= programme.preferred_income_minor:
        limit = format_amount(programme.preferred_income_minor, programme.currency)
        notes.append(f"We prefer organisations with a yearly budget under {limit}. You may still apply.")
    if not answers.is_community_led:
        notes.append("We prefer organisations that are led by the community they serve. You may still apply.")
    return notes
