"""Amendments: to finalise, to sign, to countersign."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from grants.agreements.duties import GRANTS, countersigned, grant_by, reads_grants, signer
from grants.agreements.models import Grant, Setback, Signature
from grants.amendments.models import Amendment
from grants.campaigns.models import Campaign
from partners.organisations.acting import OWNER, the_partner
from partners.submissions.duties import unheld
from reviews.panels.signers import too_few_signers
from reviews.screening.acting import the_officer
from vetting_portal.duties import Actor, DutyKind, Rows, leads_to, nobody
from vetting_portal.models import User
from vetting_portal.statements import ThisMoment

PARTNER = "grant__submission__organisation"
State = Amendment.State
A_DAY = timedelta(days=1)


def _amendments(state: str) -> Rows:
    """Return what stands in a state and can go on: nothing is finalised or signed while the grant is suspended."""
    return unheld(Amendment.objects.filter(state=state, grant__state=Grant.State.IN_FORCE), PARTNER)


def _drafts() -> Rows:
    return _amendments(State.DRAFT)


def _to_sign() -> Rows:
    return _amendments(State.AWAITING_SIGNATURE)


def _without_signers() -> Rows:
    return _to_sign().filter(too_few_signers("grant__submission"))


def _to_countersign() -> Rows:
    return _amendments(State.APPROVED).exclude(countersigned())


def _stuck() -> Q:
    """What both sides signed and is blocked: the match that it changes is frozen, or the partner signed more than a day
    ago. Not where its seal failed: that is a duty of its own.
    """
    closed = Campaign.objects.filter(grant=OuterRef("grant"), state=Campaign.State.CLOSED)
    same_window = Q(terms__content__money__window__ends_at=F("base__content__money__window__ends_at"))
    signed = Signature.objects.filter(side="partner", agreement__voided_at=None, agreement__terms=OuterRef("terms"))
    failed = Setback.objects.of_missing_seals().filter(agreement__terms=OuterRef("terms"))
    frozen = Q(Exists(closed)) & (Q(reserve_account__isnull=False) | ~same_window)
    late = Q(Exists(signed.filter(signed_at__lt=ThisMoment(-A_DAY))), ~Exists(failed))
    return frozen | late


def _being_sealed() -> Rows:
    return _amendments(State.APPROVED).filter(countersigned()).exclude(_stuck())


def _to_settle() -> Rows:
    return _amendments(State.APPROVED).filter(countersigned()).filter(_stuck())


def _unsigned(user: User, rows: Rows) -> Rows:
    mine = Signature.objects.filter(user=user, agreement__voided_at__isnull=True, agreement__terms=OuterRef("terms"))
    return rows.exclude(Exists(mine))


ON_AMENDMENT: dict[str, Any] = {"group": GRANTS, "case": grant_by("grant").referring("number", "Amendment")}

DUTIES = (
    DutyKind(
        key="grants.finalise_amendment",
        verb="Finalise an amendment",
        why="The changed terms are not final yet",
        button="Open amendment",
        url=leads_to("grants:amendment", "reference"),
        waiting=_drafts,
        actor=the_officer(PARTNER, known_to=reads_grants),
        since="created_at",
        in_charge="grant__submission__officer",
        permission="grants.freeze_amendment",
        **ON_AMENDMENT,
    ),
    DutyKind(
        key="grants.sign_amendment",
        verb="Sign or return an amendment",
        why="The changed terms are final and wait for the directors",
        button="Read and sign",
        url=leads_to("grants:amendment", "reference"),
        waiting=_to_sign,
        actor=signer("grant__submission", _unsigned),
        since="frozen_at",
        permission="grants.sign_amendment",
        is_reminded=True,
        **ON_AMENDMENT,
    ),
    DutyKind(
        key="grants.find_amendment_signers",
        verb="Find a director who may sign",
        why="Fewer directors may sign this amendment than its terms ask for",
        button="Open amendment",
        url=leads_to("grants:amendment", "reference"),
        waiting=_without_signers,
        actor=the_officer(PARTNER, known_to=reads_grants),
        since="frozen_at",
        in_charge="grant__submission__officer",
        permission="grants.send_back_amendment",
        note="An administrator can name another director. Or send the amendment back.",
        **ON_AMENDMENT,
    ),
    DutyKind(
        key="grants.countersign_amendment",
        verb="Read the amendment, then sign it",
        why="The directors have signed. With your signature the changes hold",
        why_for_others="The directors have signed; the partner signs last",
        button="Open amendment",
        url=leads_to("grants:partner_amendment", "reference"),
        waiting=_to_countersign,
        actor=the_partner(PARTNER, OWNER, known_to=reads_grants),
        since="approved_at",
        aim=14,
        permission="grants.countersign_amendment",
        is_reminded=True,
        note="About 10 minutes. You can stop and come back.",
        **ON_AMENDMENT,
    ),
    DutyKind(
        key="grants.amendment_being_sealed",
        verb="The amendment is being sealed",
        why="This happens by itself, within minutes",
        button="Open",
        url=leads_to("grants:amendment", "reference"),
        waiting=_being_sealed,
        actor=Actor("the portal", nobody, reads_grants),
        since="approved_at",
        aim=1,
        **ON_AMENDMENT,
    ),
    DutyKind(
        key="grants.settle_amendment",
        verb="Look into a signed amendment",
        why="Both sides have signed, and it is not in force yet",
        button="See why",
        url=leads_to("grants:amendment", "reference"),
        waiting=_to_settle,
        actor=the_officer(PARTNER, known_to=reads_grants),
        since="approved_at",
        in_charge="grant__submission__officer",
        permission="grants.lapse_amendment",
        note="Its page says what is in the way. If nothing is, ask an administrator to look at the background work.",
        **ON_AMENDMENT,
    ),
)
