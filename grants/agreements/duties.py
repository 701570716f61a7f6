"""Grants: to draft, to finalise, to sign, to countersign, to seal, to complete."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from grants.agreements.models import Grant, Setback, Signature
from grants.agreements.models.grant import GRANT_READERS
from grants.conditions.models import Condition, stopped
from partners.organisations.acting import OWNER, the_partner
from partners.submissions.duties import APPLICATION, APPLICATIONS, application_by, unheld
from partners.submissions.models import Duty, Submission
from reviews.panels.signers import too_few_signers
from reviews.screening.acting import the_officer, uninterested
from vetting_portal.duties import Actor, Case, Cut, DutyKind, OpenDuty, Rows, holders_of, leads_to, nobody
from vetting_portal.models import Role, User

GRANTS = "Grants"
reads_grants = holders_of(*GRANT_READERS)
State = Grant.State


def grant_by(path: str = "") -> Case:
    """Return the case of what belongs to a grant, ``path`` being the relation that leads to it; its number is shown."""
    before = f"{path}__" if path else ""
    return application_by(f"{before}submission").referring(f"{before}number", "Grant")


def signer(submission: str, signed: Cut) -> Actor:
    """Return a director who is free to sign as who acts: no part in judging, no interest, no signature yet.

    ``submission`` is the path to the application; ``signed`` cuts away what the user has signed.
    """

    def mine(user: User, rows: Rows) -> Rows | None:
        left = uninterested(Role.DIRECTOR, f"{submission}__organisation")(user, rows)
        if left is None:
            return None
        judged = Duty.objects.filter(submission=OuterRef(submission), user=user, side=Duty.Side.ASSESS)
        return signed(user, left.exclude(Exists(judged)))

    return Actor("a director", mine, reads_grants)


def _unsigned(user: User, rows: Rows) -> Rows:
    mine = Signature.objects.filter(user=user, agreement__voided_at__isnull=True, agreement__terms=OuterRef("terms"))
    return rows.exclude(Exists(mine))


def countersigned(terms: str = "terms") -> Exists:
    """Return whether the partner has signed the standing document under these terms."""
    return Exists(
        Signature.objects.filter(side="partner", agreement__voided_at__isnull=True, agreement__terms=OuterRef(terms))
    )


def _to_draft() -> Rows:
    rows = Submission.objects.filter(state=Submission.State.RECOMMENDED)
    made = Grant.objects.filter(submission=OuterRef("pk")).exclude(state=State.LAPSED)
    return unheld(rows.exclude(Exists(made)))


def _grants(*states: str) -> Rows:
    return unheld(Grant.objects.filter(state__in=states), "submission__organisation")


def _drafts() -> Rows:
    return _grants(State.DRAFT).exclude(submission__state__in=OVER)


def _to_discard() -> Rows:
    return _grants(State.DRAFT).filter(submission__state__in=OVER)


def _to_sign() -> Rows:
    """Return what waits for a director: to sign, or to decline where the application was withdrawn or declined."""
    return _grants(State.AWAITING_SIGNATURE).filter(
        Q(submission__state__in=OVER) | ~Q(stopped(Condition.Blocks.DIRECTORS))
    )


def _without_signers() -> Rows:
    return _grants(State.AWAITING_SIGNATURE).filter(too_few_signers())


def _to_countersign() -> Rows:
    return _grants(State.APPROVED).exclude(countersigned()).exclude(stopped(Condition.Blocks.PARTNER))


def _being_sealed() -> Rows:
    return _grants(State.APPROVED).filter(countersigned())


def _unsealed() -> Rows:
    failed = Setback.objects.of_missing_seals().filter(agreement__terms__grant=OuterRef("pk"))
    return unheld(Grant.objects.filter(Exists(failed)), "submission__organisation")


def _sign_why(duty: OpenDuty) -> str:
    if duty.facts["application"] in OVER:
        return "Its application was withdrawn or declined: decline the grant"
    return "The terms are final and wait for the directors"


def _draft_why(duty: OpenDuty) -> str:
    reason = duty.facts["returned"].partition("\n")[0]
    return f"Returned: {reason}" if reason else "The terms are not final yet"


OVER = [Submission.State.WITHDRAWN, Submission.State.DECLINED]
ON_GRANT: dict[str, Any] = {"group": GRANTS, "case": grant_by()}
OFFICER = the_officer("submission__organisation", known_to=reads_grants)

DUTIES = (
    DutyKind(
        key="grants.draft_grant",
        group=APPLICATIONS,
        verb="Draft the grant",
        why="Recommended; a director decides when the terms are final and sent for signature",
        button="Draft grant",
        url=leads_to("grants:draft", "reference"),
        waiting=_to_draft,
        actor=the_officer("organisation", known_to=reads_grants),
        case=APPLICATION,
        since="recommended_at",
        in_charge="officer",
        permission="grants.draft_grant",
    ),
    DutyKind(
        key="grants.finalise_terms",
        verb="Finalise the terms",
        why=_draft_why,
        button="Open grant",
        url=leads_to("grants:grant", "reference"),
        waiting=_drafts,
        actor=OFFICER,
        since="created_at",
        in_charge="submission__officer",
        facts={"returned": "sent_back_reason"},
        permission="grants.freeze_grant",
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.discard_draft",
        verb="Discard a draft grant",
        why="Its application was withdrawn or declined",
        button="Discard draft",
        url=leads_to("grants:lapse", "reference"),
        waiting=_to_discard,
        actor=OFFICER,
        since="submission__waiting_since",
        in_charge="submission__officer",
        permission="grants.lapse_grant",
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.sign",
        verb="Sign or return a grant",
        why=_sign_why,
        button="Read and sign",
        url=leads_to("grants:brief", "reference"),
        waiting=_to_sign,
        facts={"application": "submission__state"},
        actor=signer("submission", _unsigned),
        since="frozen_at",
        permission="grants.sign_grant",
        is_reminded=True,
        note="About 10 minutes. First you declare whether you have a conflict of interest in this partner.",
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.find_signers",
        verb="Find a director who may sign",
        why="Fewer directors may sign this grant than its terms ask for",
        button="Open grant",
        url=leads_to("grants:grant", "reference"),
        waiting=_without_signers,
        actor=OFFICER,
        since="frozen_at",
        in_charge="submission__officer",
        permission="grants.send_back_grant",
        note="An administrator can name another director. Or send the grant back and change it.",
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.countersign",
        verb="Read the agreement, then sign it",
        why="The directors have signed. With your signature the grant is in force",
        why_for_others="The directors have signed; the partner signs last",
        button="Open agreement",
        url=leads_to("grants:partner_agreement", "reference"),
        waiting=_to_countersign,
        actor=the_partner("submission__organisation", OWNER, known_to=reads_grants),
        since="approved_at",
        aim=14,
        permission="grants.countersign_grant",
        is_reminded=True,
        note="About 20 minutes. You can stop and come back.",
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.being_sealed",
        verb="The agreement is being sealed",
        why="This happens by itself, within minutes",
        button="Open",
        url=leads_to("grants:grant", "reference"),
        waiting=_being_sealed,
        actor=Actor("the portal", nobody, reads_grants),
        since="approved_at",
        aim=14,
        **ON_GRANT,
    ),
    DutyKind(
        key="grants.try_seal_again",
        verb="Look into a failed seal",
        why=lambda duty: duty.facts["reason"],
        button="Open grant",
        url=leads_to("grants:grant", "reference"),
        waiting=_unsealed,
        actor=OFFICER,
        since="approved_at",
        aim=1,
        facts={
            "reason": Subquery(
                Setback.objects.of_missing_seals()
                .filter(agreement__terms__grant=OuterRef("pk"))
                .order_by("-pk")
                .values("reason")[:1]
            )
        },
        permission="grants.try_seal_again",
        **ON_GRANT,
    ),
)
