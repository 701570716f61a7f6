"""What has to be done about conditions: evidence to give, evidence to check, a waiver to decide."""

from typing import Any

from django.db.models import F

from grants.conditions.models import Condition
from partners.organisations.acting import either, members_of, readers, the_partner
from partners.submissions.duties import application_by, unheld
from reviews.panels.conditions import waits_words
from reviews.screening.acting import the_officer, uninterested
from vetting_portal.duties import Actor, Cut, DutyKind, OpenDuty, Rows, leads_to
from vetting_portal.models import Role, User

GRANTS = "Grants"
ORGANISATION = "grant__submission__organisation"
CASE = application_by("grant__submission").referring("grant__number", "Grant")
FACTS = {"text": "text", "number": "number"}
SHOWS: dict[str, Any] = {
    "facts": {**FACTS, "blocks": "blocks", "of": "of"},
    "note": "You can answer in words, with a document, or with both.",
    "is_reminded": True,
}


def _why(duty: OpenDuty) -> str:
    return f"Condition {duty.facts['number']}: {duty.facts['text']}"


def _why_shown(duty: OpenDuty) -> str:
    return f"{_why(duty)} Until then, {waits_words(duty.facts['blocks'], int(duty.facts['of'] or 0))}."


def _asked_of_partner() -> Rows:
    rows = Condition.objects.live().shown_to_partners()
    return unheld(rows.filter(state=Condition.State.OPEN, asked_of=Condition.AskedOf.PARTNER), ORGANISATION)


def _asked_of_us() -> Rows:
    rows = Condition.objects.live().filter(state=Condition.State.OPEN, asked_of=Condition.AskedOf.FUNDER)
    return unheld(rows, ORGANISATION)


def _to_check() -> Rows:
    return unheld(Condition.objects.live().filter(state=Condition.State.SHOWN), ORGANISATION)


def _to_waive() -> Rows:
    return unheld(Condition.objects.live().filter(waiver_asked_at__isnull=False), ORGANISATION)


def _not_shown_by(cut: Cut) -> Cut:
    """Return a cut that leaves out what the user gave evidence for: another person checks it."""

    def but(user: User, rows: Rows) -> Rows | None:
        left = cut(user, rows)
        return None if left is None else left.exclude(shown_by=user)

    return but


OFFICER, DIRECTOR = (uninterested(role, ORGANISATION) for role in (Role.PROGRAMME_OFFICER, Role.DIRECTOR))

DUTIES = (
    DutyKind(
        key="grants.show_condition",
        group=GRANTS,
        verb="Show that a condition is met",
        why=_why_shown,
        button="Give evidence",
        url=leads_to("grants:condition", "record"),
        waiting=_asked_of_partner,
        actor=the_partner(ORGANISATION),
        case=CASE,
        since="made_at",
        due="due_on",
        permission="grants.show_condition",
        **SHOWS,
    ),
    DutyKind(
        key="grants.show_own_condition",
        group=GRANTS,
        verb="Show that a condition is met",
        why=_why_shown,
        button="Give evidence",
        url=leads_to("grants:condition", "record"),
        waiting=_asked_of_us,
        actor=the_officer(ORGANISATION),
        case=CASE,
        since="made_at",
        due="due_on",
        in_charge="grant__submission__officer",
        permission="grants.show_condition",
        **SHOWS,
    ),
    DutyKind(
        key="grants.check_condition",
        group=GRANTS,
        verb="Check the evidence for a condition",
        why=_why,
        button="Check evidence",
        url=leads_to("grants:condition", "record"),
        waiting=_to_check,
        actor=Actor(
            "a programme officer or a director",
            _not_shown_by(either(OFFICER, DIRECTOR)),
            either(readers, members_of(ORGANISATION)),
        ),
        case=CASE,
        since=F("shown_at"),
        in_charge="grant__submission__officer",
        facts=FACTS,
        permission="grants.check_condition",
    ),
    DutyKind(
        key="grants.decide_waiver",
        group=GRANTS,
        verb="Decide whether to waive a condition",
        why=_why,
        button="Decide",
        url=leads_to("grants:condition", "record"),
        waiting=_to_waive,
        actor=Actor("a director", DIRECTOR, readers),
        case=CASE,
        since=F("waiver_asked_at"),
        facts=FACTS,
        permission="grants.waive_condition",
    ),
)
