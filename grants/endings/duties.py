"""What directors, finance, officers and partners have to do about grants that end."""

from django.db.models import Exists, OuterRef, Q

from grants.agreements.duties import GRANTS, grant_by, reads_grants, signer
from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from grants.arrivals.models import Arrival, awaited
from grants.banking.duties import MONEY
from grants.endings.models import Ending
from grants.endings.readiness import ANSWERED
from grants.payments.models import Tranche
from grants.reports.models import Report
from partners.organisations.acting import OWNER, from_outside, the_partner
from partners.submissions.duties import unheld
from reviews.screening.acting import the_officer, uninterested
from vetting_portal.duties import Actor, DutyKind, Rows, leads_to
from vetting_portal.models import Role, User

OF_ENDING, OF_GRANT = "grant__submission__organisation", "submission__organisation"


def _not_asked_by(user: User, rows: Rows) -> Rows:
    return rows.exclude(asked_by=user)


def _suspended() -> Rows:
    ends = Ending.objects.open().filter(grant=OuterRef("pk"))
    return unheld(Grant.objects.filter(state=Grant.State.SUSPENDED).exclude(Exists(ends)), OF_GRANT)


def _complete() -> Rows:
    """Return the grants of which everything is paid, reported and settled: as ``finish_blockers`` says of one. What
    was paid and not spent is for the officer to decide about on the page that it leads to.
    """
    here = {"grant": OuterRef("pk")}
    rows = Grant.objects.filter(state=Grant.State.IN_FORCE, campaign__state="closed")
    rows = rows.filter(campaign__risk_net_minor=0, campaign__risk_match_minor=0)
    for open_ in (
        Tranche.objects.open().filter(**here),
        Report.objects.filter(~Q(state__in=ANSWERED), **here),
        Amendment.objects.open().filter(**here),
        Ending.objects.open().filter(**here),
        Arrival.objects.missing().filter(tranche__grant=OuterRef("pk")),
        awaited(Tranche.objects.filter(**here)),
    ):
        rows = rows.exclude(Exists(open_))
    return unheld(rows, OF_GRANT)


DUTIES = (
    DutyKind(
        key="grants.confirm_ending",
        group=GRANTS,
        verb="Confirm the end of a grant, or decline",
        why=lambda duty: f"{duty.facts['asker']} asks {duty.facts['second']} to confirm it",
        button="Read the letter",
        url=leads_to("grants:ending", "number"),
        waiting=Ending.objects.waiting,
        actor=signer("grant__submission", _not_asked_by),
        case=grant_by("grant"),
        since="asked_at",
        due="expires_at__date",
        facts={"asker": "asked_by__name", "second": "second__name", "number": "number"},
        permission="grants.sign_ending",
    ),
    DutyKind(
        key="grants.record_return",
        group=MONEY,
        verb="Record money returned",
        why="The grant ended; the partner returns what it did not spend",
        button="See what is open",
        url=leads_to("grants:ending", "number"),
        waiting=Ending.objects.with_returns_due,
        actor=Actor("finance", from_outside(Role.FINANCE_OFFICER, OF_ENDING), reads_grants),
        case=grant_by("grant"),
        since="carried_out_at",
        due="due_on",
        facts={"number": "number"},
        permission="grants.record_return",
    ),
    DutyKind(
        key="grants.return_money",
        group=MONEY,
        verb="Return what you did not spend",
        verb_for_others="Return what was not spent",
        why="The grant ended. Return it, or show in the closing report what it was spent on",
        button="See how much",
        url=leads_to("grants:partner_agreement", "reference"),
        waiting=Ending.objects.with_returns_due,
        actor=the_partner(OF_ENDING, OWNER, known_to=reads_grants),
        case=grant_by("grant"),
        since="carried_out_at",
        due="due_on",
    ),
    DutyKind(
        key="grants.resume_grant",
        group=GRANTS,
        verb="Decide about a suspended grant",
        why=lambda duty: duty.facts["reason"].partition("\n")[0],
        button="Open grant",
        url=leads_to("grants:grant", "reference"),
        waiting=_suspended,
        actor=Actor("a director", uninterested(Role.DIRECTOR, OF_GRANT), reads_grants),
        case=grant_by(),
        since="suspended_at",
        aim=30,
        facts={"reason": "suspended_reason"},
        permission="grants.resume_grant",
    ),
    DutyKind(
        key="grants.complete_grant",
        group=GRANTS,
        verb="Complete the grant",
        why="Nothing is left to be paid or reported",
        button="Complete grant",
        url=leads_to("grants:complete", "reference"),
        waiting=_complete,
        actor=the_officer(OF_GRANT, known_to=reads_grants),
        case=grant_by(),
        since="in_force_at",
        aim=365,
        permission="grants.complete_grant",
    ),
)
