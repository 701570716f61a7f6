"""Gifts on their way in: to confirm, to import, to assign."""

from typing import Any

from django.db.models import Q

from grants.agreements.duties import grant_by, reads_grants
from grants.banking.duties import MONEY
from grants.intake.models import GiftImport, HandGift, StripeOutcome
from partners.organisations.acting import a_role
from vetting_portal.duties import Actor, Case, DutyKind, Rows, leads_to
from vetting_portal.models import Role, User

SECOND_PEOPLE = frozenset({Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER})
ON_CAMPAIGN: dict[str, Any] = {"group": MONEY, "case": grant_by("campaign__grant")}


def _another(user: User, rows: Rows) -> Rows | None:
    """Cut to the gifts that somebody else entered."""
    return rows.exclude(entered_by=user) if user.role_keys & SECOND_PEOPLE else None


def _imports() -> Rows:
    rows = GiftImport.objects.unfinished().filter(started_at__isnull=True)
    return rows.filter(Q(mapping__isnull=True) | Q(read_at__isnull=False))


def _unassigned() -> Rows:
    return StripeOutcome.objects.filter(outcome__in=[StripeOutcome.Outcome.UNASSIGNED, StripeOutcome.Outcome.REFUSED])


DUTIES = (
    DutyKind(
        key="grants.confirm_gift",
        verb="Confirm an offline gift",
        why=lambda duty: f"Entered by {duty.facts['who']}; a second person confirms",
        button="Confirm gift",
        url=leads_to("grants:hand_gift", "record"),
        waiting=HandGift.objects.waiting,
        actor=Actor("finance or a programme officer who did not enter it", _another, reads_grants),
        since="entered_at",
        aim=3,
        facts={"who": "entered_by__name"},
        permission="grants.confirm_gift",
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.start_import",
        verb="Start a gift import",
        why=lambda duty: f"{duty.facts['file']} is read and records nothing until it is started",
        button="Open import",
        url=leads_to("grants:gift_import", "record"),
        waiting=_imports,
        actor=a_role(Role.FINANCE_OFFICER, known_to=reads_grants),
        since="begun_at",
        aim=2,
        facts={"file": "file_name"},
        permission="grants.import_gifts",
        asks="campaign",
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.assign_charge",
        group=MONEY,
        verb="Assign a card payment",
        why=lambda duty: duty.facts["reason"] or "Stripe told of it without a campaign",
        button="Open gift processing",
        url=leads_to("grants:intake"),
        waiting=_unassigned,
        actor=a_role(Role.FINANCE_OFFICER, known_to=reads_grants),
        case=Case(title="event__charge_id"),
        since="event__received_at",
        aim=2,
        facts={"reason": "reason"},
        permission="grants.assign_charge",
    ),
)
