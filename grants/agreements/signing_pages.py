"""What the pages around a signature show: the brief, and the confirmation."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, QuerySet, Subquery
from django.utils import timezone

from grants.agreements.brief import timeline
from grants.agreements.briefing import brief_content, moved_since, read_for_brief
from grants.agreements.models import Agreement, Grant, Signature, SigningChallenge
from grants.agreements.passkeys import signs_from
from grants.agreements.readiness import Known, signing_blockers
from reviews.panels.models import ConflictDeclaration
from vetting_portal.models import Role, User


def brief_page(grant: Grant, user: User, *, declarations: list[ConflictDeclaration], free: set[int]) -> dict[str, Any]:
    """Return the brief, and for a director what is in the way of the signature."""
    read = read_for_brief(grant, declarations=declarations)
    agreement, content = read.agreement, brief_content(read)
    signatures = list(agreement.signatures.all()) if agreement else []
    kept = getattr(grant.terms, "brief", None)
    mine = any(signature.user_id == user.pk for signature in signatures)
    signs = Role.DIRECTOR in user.role_keys and grant.state == Grant.State.AWAITING_SIGNATURE and not mine
    again = agreement is not None and agreement.terms.version > 1
    known = Known(
        agreement=agreement,
        free=free,
        free_minor=read.sums[0].free_after + read.sums[0].this,
        declared=True,
        recommendation=read.recommendation,
        links=read.links,
        screening=read.screening,
        embargoes=read.embargoes,
        conditions=read.conditions,
    )
    return {
        "grant": grant,
        "agreement": agreement,
        "content": agreement.terms.content if agreement else {},
        "brief": content,
        "funds": [content["money"]["fund"], *content["money"].get("further_funds", [])],
        "more_gates": [gate for gate in content["gates"] if not gate["is_close"]],
        "kept": kept,
        "moved": moved_since(kept.content, content) if kept else [],
        "events": timeline(agreement),
        "place": len(signatures) + 1,
        "signs": signs,
        "has_signed": mine,
        "void": Signature.objects.void_under(grant.pk).filter(user=user).first() if signs and again else None,
        "blockers": signing_blockers(grant, user, known) if signs else [],
        "may_see_fund": user.has_perm("grants.list_funds"),
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


def with_factors(rows: QuerySet[Grant], user: User) -> QuerySet[Grant]:
    """Add to each grant, in the same query, by what ``user`` can prove who they are: when the first passkey was set up
    (``passkey_at``), ``has_app``.
    """
    mine = Authenticator.objects.filter(user=user)
    passkeys = mine.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at")
    return rows.annotate(
        passkey_at=Subquery(passkeys.values("created_at")[:1]),
        has_app=Exists(mine.filter(type=Authenticator.Type.TOTP)),
    )


def ways(user: User, agreement: Agreement | None, *, at_name: bool, read: Any = None) -> dict[str, Any]:
    """Return by which means ``user`` can sign: ``has_passkey``, ``has_authenticator``, ``allows_email``; and where a
    passkey is too new, from when it signs (``passkey_from``).

    A passkey works at the portal's name only (``at_name``). One query, or none with a grant of ``with_factors``.
    """
    now = timezone.now()
    if read is None:
        has = dict(Authenticator.objects.filter(user=user).order_by("-created_at").values_list("type", "created_at"))
        passkey_at, has_app = has.get(Authenticator.Type.WEBAUTHN), Authenticator.Type.TOTP in has
    else:
        passkey_at, has_app = read.passkey_at, read.has_app
    passkey_from = signs_from(passkey_at, now)
    return {
        "has_passkey": at_name and passkey_at is not None and passkey_from is None,
        "passkey_from": passkey_from if at_name else None,
        "has_authenticator": has_app,
        "allows_email": agreement is not None and agreement.policy.allows_email,
    }
