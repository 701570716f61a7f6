"""The ends of an amendment that does not come into force, and the way back to its draft."""

from grants.agreements.actions.ending import revoke_document, with_reason
from grants.agreements.actions.freezing import void_terms
from grants.amendments.models import Amendment
from grants.funds.actions import release
from partners.organisations.actions import tell_owners
from partners.submissions.officers import officers_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Move, action, lock, perform

NEVER_HELD = "It was never in force."


@action
def send_back_amendment(*, amendment: Amendment, reason: str, by: User) -> Amendment:
    """Open the terms again: the frozen ones, their file and every signature on it are void, and who signed is told.

    Raises ValidationError without a reason, Refused once the partner has countersigned.
    """
    return _leave(amendment, "send_back", reason, by)


@action
def withdraw_amendment(*, amendment: Amendment, reason: str, by: User) -> Amendment:
    """Give up an amendment that is not approved yet. Raises ValidationError without a reason, Refused when too late."""
    return _leave(amendment, "withdraw", reason, by)


@action
def decline_amendment(*, amendment: Amendment, reason: str, by: User) -> Amendment:
    """Say no as a director; the grant stands as it was. Raises ValidationError without a reason, Refused when late."""
    return _leave(amendment, "decline", reason, by)


@action
def lapse_amendment(*, amendment: Amendment, reason: str, by: User) -> Amendment:
    """Give up an approved amendment that the partner does not countersign, or that can no longer take effect; what was
    set aside for it goes back to the fund. Raises ValidationError without a reason; Refused when it is in force, or
    when both sides have signed and its terms can still take effect.
    """
    return _leave(amendment, "lapse", reason, by)


def _leave(amendment: Amendment, move: str, reason: str, by: User) -> Amendment:
    """Make the move; give back what was reserved; void its document, or revoke it where it was sealed already."""
    reason = with_reason(reason)
    lock(amendment.funds())
    lock(amendment.grant)
    amendment = lock(amendment)
    account, document, terms = amendment.reserve_account, amendment.agreement, amendment.terms
    was_shown = amendment.state == Amendment.State.APPROVED
    step: Move = getattr(amendment, move)
    amendment = perform(step, by=by, note=reason, reason=reason)
    if account is not None:
        release(fund=amendment.fund, reference=account.reference, amount_minor=account.balance_minor, key=move, by=by)
    if document is None or terms is None:
        return amendment
    signers = {signature.user for signature in document.signatures.select_related("user")}
    if document.sealed_at is not None and document.revoked_at is None:
        revoke_document(agreement=document, reason=reason, public_reason=NEVER_HELD, by=by)
    elif document.sealed_at is None:
        void_terms(terms=terms, agreement=document, reason=reason, by=by)
    _tell(amendment, signers - {by}, by)
    if was_shown:
        _tell_owners(amendment, is_signed=any(not signer.is_staff_member for signer in signers), by=by)
    return amendment


def _tell(amendment: Amendment, signers: set[User], by: User) -> None:
    """Tell the officer and every director whose signature is void."""
    directors = {signer for signer in signers if signer.is_staff_member}
    officers = officers_of(amendment.submission, amendment.created_by)
    for reader in sorted({*officers, *directors} - {by}, key=lambda user: user.pk):
        notify(
            reader,
            subject=f"{amendment}: {amendment.get_state_display().lower()}",
            template="grants/amendments/mail/ended.txt",
            context={"amendment": amendment, "by": by, "signed": reader in directors},
        )


def _tell_owners(amendment: Amendment, *, is_signed: bool, by: User) -> None:
    """Tell the partner, which was asked to countersign, that nothing is to be signed now, and what its own signature
    is worth.
    """
    tell_owners(
        organisation=amendment.submission.organisation,
        subject=f"{amendment}: there is nothing to sign now",
        template="grants/amendments/mail/ended_to_partner.txt",
        context={"amendment": amendment, "is_signed": is_signed},
        by=by,
    )
