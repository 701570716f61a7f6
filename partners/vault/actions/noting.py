"""Facts that the funder's people leave on a version: that they verified it, and that they have seen it."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.vault.models import Document, Verification, Viewing
from partners.vault.rules import role_towards
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def verify_document(*, document: Document, how: str, source: str, by: User) -> Verification:
    """Write down that a version was compared with another source and agreed; it then holds for every submission.

    Raises PermissionDenied; Refused where it is not accepted; ValidationError for an unknown way or without a source.
    """
    lock(document.paper.organisation)
    fresh = lock(document)
    ask(by, "partners.verify_document", fresh)
    if reasons := fresh.verify_blockers():
        raise Refused(reasons, subject=fresh)
    if how not in Verification.How.values:
        raise ValidationError({"how": "Choose how you verified it."})
    if not source.strip():
        raise ValidationError({"source": "Say where, or with whom: the next reader relies on it."})
    fact = Verification(
        document=fresh,
        how=how,
        source=" ".join(source.split()),
        role=role_towards(by, fresh),
        verified_at=timezone.now(),
        verified_by=by,
    )
    fact.full_clean()
    fact.save()
    record("verified", fresh, by=by, facts={"how": how, "source": fact.source, "version": fresh.number})
    return fact


@action
def withdraw_verification(*, verification: Verification, reason: str, by: User) -> Verification:
    """Take a verification back, with why; it no longer shows, and stays on record.

    Raises PermissionDenied; ValidationError without a reason; Refused where it is taken back already.
    """
    lock(verification.document.paper.organisation)
    fresh = lock(verification)
    ask(by, "partners.withdraw_verification", fresh)
    if fresh.withdrawn_at is not None:
        raise Refused(["This was taken back already."], subject=fresh)
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in plain words."})
    fresh.withdrawn_at, fresh.withdrawn_by, fresh.withdrawal_reason = timezone.now(), by, reason.strip()
    fresh.save()
    record("verification_withdrawn", fresh.document, by=by, note=reason.strip(), facts={"how": fresh.how})
    return fresh


@action
def note_seen(*, document: Document, by: User) -> Viewing | None:
    """Write down that somebody of the funder has opened a version: once for each person and day.

    Returns None for the partner's own people and for what was noted today already.
    """
    role = role_towards(by, document)
    today = timezone.localdate()
    if not role or Viewing.objects.filter(document=document, user=by, seen_on=today).exists():
        return None
    try:
        with transaction.atomic():
            seen = Viewing.objects.create(document=document, user=by, role=role, seen_on=today, seen_at=timezone.now())
    except IntegrityError:  # another request of the same person was quicker
        return None
    record("seen", document, by=by, facts={"version": document.number, "role": role})
    return seen
