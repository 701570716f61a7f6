"""Bank details: to enter, to call back, to approve."""

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import Coalesce, Greatest

from grants.agreements.duties import reads_grants
from grants.agreements.models import Grant
from grants.banking.models import BankDetails, HeldNumber
from partners.organisations.acting import OWNER, either, from_outside, the_partner
from partners.organisations.duties import organisation_by
from partners.organisations.models import Hold, Organisation
from partners.submissions.duties import unheld
from partners.vault.models import Document
from reviews.screening.models import ScreeningHit
from vetting_portal.duties import Actor, Case, DutyKind, OpenDuty, Rows, leads_to
from vetting_portal.models import Role, User
from vetting_portal.statements import ThisMoment

MONEY = "Money"
A_YEAR = timedelta(days=366)
CHECKERS = (Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER)


def _checks(*barred: str) -> Actor:
    """Return finance or an officer from outside who did none of the earlier steps as who acts."""

    def another(user: User, rows: Rows) -> Rows:
        for step in barred:
            rows = rows.exclude(**{step: user})
        return rows

    mine = either(*(from_outside(role, "organisation", another) for role in CHECKERS))
    return Actor("finance or a programme officer", mine, reads_grants)


def _without_details() -> Rows:
    """Return the organisations with a grant in force whose account we do not have, refused, or checked a year ago."""
    granted = Grant.objects.filter(submission__organisation=OuterRef("pk"), state=Grant.State.IN_FORCE)
    current = BankDetails.objects.current().filter(organisation=OuterRef("pk"), refused_at__isnull=True)
    fresh = Q(approved_at__isnull=True) | Q(approved_at__gt=ThisMoment(-A_YEAR))
    held = Hold.objects.current().values("organisation")
    return Organisation.objects.filter(Exists(granted)).exclude(Exists(current.filter(fresh))).exclude(pk__in=held)


def _open() -> Rows:
    rows = BankDetails.objects.current().filter(approved_at__isnull=True, refused_at__isnull=True)
    return unheld(rows)


def _has_letter() -> Q:
    return Q(letter__state=Document.State.ACCEPTED)


def _without_letter() -> Rows:
    return _open().exclude(Exists(BankDetails.objects.filter(_has_letter(), pk=OuterRef("pk"))))


def _to_call() -> Rows:
    return _open().filter(called_at__isnull=True)


def _to_approve() -> Rows:
    hits = ScreeningHit.objects.filter(bank=OuterRef("bank"), state=ScreeningHit.State.OPEN)
    return _open().filter(_has_letter(), called_at__isnull=False).exclude(Exists(hits))


def _why_enter(duty: OpenDuty) -> str:
    if duty.facts["refused"]:
        return "We cannot pay to the account you gave"
    if duty.facts["expired"]:
        return "We check your account once a year"
    return "We need your bank details before the first payment"


def _why_entered(duty: OpenDuty) -> str:
    if duty.facts["refused"]:
        return "The account that was given was refused"
    if duty.facts["expired"]:
        return "An account is checked once a year"
    return "Needed before the first payment"


def _why_call(duty: OpenDuty) -> str:
    if duty.facts["held"]:
        return "At a number that we had before these details came"
    return "We had no number before these details came; the page says what to do instead"


def _current(what: Combinable | str) -> Subquery:
    return Subquery(BankDetails.objects.current().filter(organisation=OuterRef("pk")).order_by().values_list(what)[:1])


IN_FORCE = Subquery(
    Grant.objects.filter(submission__organisation=OuterRef("pk"), state=Grant.State.IN_FORCE)
    .order_by("in_force_at")
    .values("in_force_at")[:1]
)
REFUSED = _current("refused_at")
EXPIRED = _current(ExpressionWrapper(F("approved_at") + A_YEAR, DateTimeField()))
WITHOUT_SINCE = Coalesce(REFUSED, Greatest(EXPIRED, IN_FORCE), IN_FORCE)  # since when we have no account to pay to
PARTNER = the_partner("pk", OWNER, known_to=reads_grants)
HELD = Subquery(
    HeldNumber.objects.filter(organisation=OuterRef("organisation"), recorded_at__lt=OuterRef("entered_at"))
    .order_by("pk")
    .values("number")[:1]
)
LETTER = the_partner("organisation", OWNER, known_to=reads_grants)
ON_DETAILS: dict[str, Any] = {
    "group": MONEY,
    "case": organisation_by("organisation"),
    "url": leads_to("grants:bank", "organisation"),
    "since": "entered_at",
}

DUTIES = (
    DutyKind(
        key="grants.enter_bank_details",
        group=MONEY,
        verb="Tell us where to pay",
        verb_for_others="Enter bank details",
        why=_why_enter,
        why_for_others=_why_entered,
        button="Enter bank details",
        url=leads_to("grants:bank", "organisation"),
        waiting=_without_details,
        actor=PARTNER,
        case=Case(organisation="pk", title="legal_name", country="country"),
        since=WITHOUT_SINCE,
        aim=14,
        facts={"refused": REFUSED, "expired": EXPIRED},
        permission="grants.enter_bank",
        note="We call you at a number that we had before. An owner enters the details.",
    ),
    DutyKind(
        key="grants.bank_letter",
        verb="Add the letter from your bank",
        verb_for_others="Add the letter from the bank",
        why="It states the account in the legal name of the organisation",
        button="Open bank details",
        waiting=_without_letter,
        actor=LETTER,
        aim=14,
        permission="grants.enter_bank",
        asks="organisation",
        **ON_DETAILS,
    ),
    DutyKind(
        key="grants.call_back",
        verb="Call the partner about its bank details",
        why=_why_call,
        button="Record the call",
        waiting=_to_call,
        actor=_checks("entered_by"),
        aim=3,
        facts={"held": HELD},
        permission="grants.check_bank",
        **ON_DETAILS,
    ),
    DutyKind(
        key="grants.approve_bank_details",
        verb="Approve bank details",
        why=lambda duty: f"Called back by {duty.facts['caller']}; a second person approves",
        button="Check details",
        waiting=_to_approve,
        actor=_checks("entered_by", "called_by"),
        aim=3,
        facts={"caller": "called_by__name"},
        permission="grants.check_bank",
        **ON_DETAILS,
    ),
)
