"""Records of amendments, reached by their real actions."""

from datetime import timedelta
from typing import Any

from grants.agreements.actions import begin_signing
from grants.agreements.models import Grant, Signature, SigningChallenge
from grants.amendments import actions
from grants.amendments.models import Amendment
from grants.campaigns.actions import plan_campaign
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS
from grants.payments.actions import open_campaign
from tests.factories import grants
from vetting_portal.models import User

WHY = "More people came than we hoped for."
MORE = {
    "goal_minor": 3_500_000,
    "cap_minor": 1_750_000,
    "budget": [
        {"line": "Social workers", "amount_minor": 2_500_000},
        {"line": "Training", "amount_minor": 1_000_000},
    ],
}


def later(grant: Grant, days: int = 30) -> dict[str, Any]:
    """Return changes that move the window's end, the term's end and the last report by so many days."""
    reports = [dict(row) for row in grant.plan["reports"]]
    end = grant.term_ends_on + timedelta(days=days)
    reports[-1]["due_on"] = end.isoformat()
    window = grant.window_ends_at + timedelta(days=days)
    return {"window_ends_at": window.isoformat(), "term_ends_on": end.isoformat(), "reports": reports}


def drafted(grant: Grant | None = None, **changes: Any) -> Amendment:
    """Return the draft of an amendment of a grant in force; without changes of its own the cap rises by 2,500."""
    grant = grant or grants.grant_in("in_force")
    by = grants.officer_of(grant)
    return actions.draft_amendment(grant=grant, reason=WHY, changes=changes or MORE, by=by)


def campaign_of(grant: Grant) -> Campaign:
    """Return the open campaign of a grant in force, planned now."""
    by = grants.officer_of(grant)
    campaign = plan_campaign(grant=grants.fresh(grant), slug="campaign", words=WORDS, by=by)
    return open_campaign(campaign=campaign, by=by)


def fresh(amendment: Amendment) -> Amendment:
    """Return the amendment as it stands in the database."""
    return Amendment.objects.for_page().get(pk=amendment.pk)


def officer_of(amendment: Amendment) -> User:
    """Return the officer who drafted it."""
    return User.objects.get(pk=amendment.created_by_id)


def begin(amendment: Amendment, by: User) -> tuple[SigningChallenge, str]:
    """Open a challenge and return it with the right code."""
    sha256 = fresh(amendment).agreement.signed_sha256
    challenge = begin_signing(grant=fresh(amendment), method="email", document_sha256=sha256, by=by)
    return challenge, grants.mailed_code()


def sign(amendment: Amendment, by: User, *, as_partner: bool = False) -> Signature:
    """Let a director sign, or the partner's owner countersign."""
    challenge, code = begin(amendment, by)
    act = actions.countersign_amendment if as_partner else actions.sign_amendment
    return act(
        amendment=fresh(amendment),
        document_sha256=challenge.document_sha256,
        nonce=challenge.nonce,
        code=code,
        by=by,
    )


def countersign(amendment: Amendment) -> Signature:
    """Let the partner's owner countersign."""
    return sign(amendment, grants.owner_of(amendment.grant), as_partner=True)


def amendment_in(state: str, grant: Grant | None = None, **changes: Any) -> Amendment:
    """Return an amendment in ``state``, reached by the real actions."""
    amendment = drafted(grant, **changes)
    officer = officer_of(amendment)
    if state == "withdrawn":
        return actions.withdraw_amendment(amendment=amendment, reason="Not needed.", by=officer)
    if state == "draft":
        return amendment
    amendment = actions.freeze_amendment(amendment=amendment, by=officer)
    if state == "declined":
        first = grants.directors_of(amendment.grant)[0]
        return actions.decline_amendment(amendment=amendment, reason="It is not for us.", by=first)
    return fresh(amendment) if state == "awaiting_signature" else signed_in(state, amendment)


def signed_in(state: str, amendment: Amendment) -> Amendment:
    """Take an amendment that waits for signatures on to ``state``."""
    for director in grants.directors_of(amendment.grant)[:2]:
        sign(amendment, director)
    if state == "lapsed":
        by = officer_of(amendment)
        return actions.lapse_amendment(amendment=fresh(amendment), reason="Nobody answered.", by=by)
    if state == "in_force":
        countersign(amendment)
        return actions.seal_amendment(amendment=amendment, by=grants.system())
    return fresh(amendment)
