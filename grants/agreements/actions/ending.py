"""The ends of a grant, good and bad."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.actions.asking import tell_of_void
from grants.agreements.actions.freezing import void_terms
from grants.agreements.models import Grant
from grants.funds.actions import release
from partners.submissions.actions import decline_submission
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, perform, record


def _with_reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason stays on record."})
    return reason.strip()


@action
def decline_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Say no as a director: the grant and its submission are declined, the frozen terms are void. Raises
    Refused when too late.
    """
    reason = _with_reason(reason)
    lock(grant.submission)
    grant = lock(grant)
    terms, agreement = grant.terms, grant.agreement
    grant = perform(grant.decline, by=by, note=reason, reason=reason)
    if terms is not None and agreement is not None:
        void_terms(terms=terms, agreement=agreement, by=by)
        tell_of_void(grant=grant, agreement=agreement, what=f"{by.name} declined the grant.", reason=reason, by=by)
    decline_submission(submission=grant.submission, reason=reason, by=by)
    _tell_officers(grant, by)
    return grant


def _tell_officers(grant: Grant, by: User) -> None:
    """Tell who drafted the grant and who runs its submission that a director said no."""
    people = {one.pk: one for one in (grant.created_by, grant.submission.officer) if one is not None}
    for officer in people.values():
        notify(
            officer,
            subject=f"Grant {grant.number} is declined",
            template="grants/agreements/mail/declined.txt",
            context={"grant": grant, "director": by.name},
        )


@action
def lapse_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Give up a draft, or a grant that the partner does not countersign; its reserve goes back to the fund."""
    reason = _with_reason(reason)
    lock(grant.fund)
    grant = lock(grant)
    account, agreement, terms = grant.reserve_account, grant.agreement, grant.terms
    grant = perform(grant.lapse, by=by, note=reason, reason=reason)
    if account is not None:
        release(fund=grant.fund, reference=grant.number, amount_minor=account.balance_minor, key="lapsed", by=by)
    if terms is not None and agreement is not None:
        void_terms(terms=terms, agreement=agreement, by=by)
        tell_of_void(grant=grant, agreement=agreement, what="The grant lapsed.", reason=reason, by=by)
    return grant


@action
def terminate_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """End a grant in force before its time: its agreement verifies as revoked from now on. The reserve stays until the
    campaign is closed, so that gifts already promised a match keep it.
    """
    reason = _with_reason(reason)
    grant = lock(grant)
    agreement = grant.agreement
    grant = perform(grant.terminate, by=by, note=reason, reason=reason)
    if agreement is not None:
        agreement = lock(agreement)
        agreement.revoked_at, agreement.revoked_by, agreement.revoked_reason = timezone.now(), by, reason
        agreement.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
        record("revoked", agreement, by=by, note=reason, facts={"sealed_sha256": agreement.sealed_sha256})
    return grant


@action
def complete_grant(*, grant: Grant, by: User) -> Grant:
    """Mark a grant as paid and reported; the room that knows payments and reports asks its own questions first."""
    return perform(grant.complete, by=by)


@action
def close_grant(*, grant: Grant, by: User) -> Grant:
    """Close the file of a completed grant."""
    return perform(grant.close, by=by)
