"""What the pages around a signature show: the brief, and the confirmation."""

from collections.abc import Collection
from typing import Any

from django.db.models import prefetch_related_objects

from grants.agreements import brief
from grants.agreements.models import Grant, SigningChallenge
from grants.agreements.readiness import signing_blockers
from reviews.panels.models import ConflictDeclaration
from reviews.panels.standing import current_recommendation
from vetting_portal.models import User


def brief_page(
    grant: Grant, user: User, *, declarations: list[ConflictDeclaration], free: Collection[int]
) -> dict[str, Any]:
    """Return what a director reads, with what is in the way of this director's signature."""
    agreement = grant.agreement
    content = agreement.terms.content if agreement else {}
    if agreement:
        prefetch_related_objects([agreement], "signatures")
    signatures = list(agreement.signatures.all()) if agreement else []
    mine = any(signature.user_id == user.pk for signature in signatures)
    sums = brief.fund_sums(grant)
    read: dict[str, Any] = {"agreement": agreement, "free": free, "free_minor": sums.free_after + sums.this}
    recommendation = read["recommendation"] = current_recommendation(grant.submission)
    is_waiting = grant.state == Grant.State.AWAITING_SIGNATURE
    return {
        "grant": grant,
        "agreement": agreement,
        "content": content,
        "partner": grant.submission.organisation,
        "sums": sums,
        "gap": brief.fee_gap(content) if content else {},
        "concerns": brief.concerns(grant.submission, recommendation),
        "parts": brief.parts(grant, agreement, user, declarations),
        "events": brief.timeline(agreement),
        "place": len(signatures) + 1,
        "needed": content["directors"]["needed"] if content else 0,
        "is_waiting": is_waiting,
        "has_signed": mine,
        "blockers": signing_blockers(grant, user, declared=True, **read) if is_waiting and not mine else [],
    }


def confirm_page(grant: Grant, challenge: SigningChallenge | None, side: str) -> dict[str, Any]:
    """Return what is signed, by which challenge, and whether it is the last signature needed."""
    agreement = grant.agreement
    content = agreement.terms.content if agreement else {}
    needed = content["directors"]["needed"] if content else 0
    signed = agreement.signatures.of_directors().count() if agreement else 0
    return {
        "grant": grant,
        "agreement": agreement,
        "content": content,
        "challenge": challenge,
        "is_last": signed + 1 >= needed,
        "side": str(side),
    }
