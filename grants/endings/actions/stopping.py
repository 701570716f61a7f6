"""A request that is not carried out: declined by a director, taken back by who asked, or expired. The grant goes on."""

from collections.abc import Iterable

from django.utils import timezone

from grants.agreements.actions.ending import with_reason
from grants.agreements.models import Agreement
from grants.endings.models import Ending
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Move, action, lock, perform, record

EXPIRED = "No director confirmed it in time."


@action
def decline_ending(*, ending: Ending, reason: str, by: User) -> Ending:
    """Say no as a director who did not ask: the grant goes on, and only who asked is notified.

    Raises PermissionDenied, ValidationError without a reason, Refused where it does not wait.
    """
    return _stop(ending, "decline", reason, by, [ending.asked_by])


@action
def withdraw_ending(*, ending: Ending, reason: str, by: User) -> Ending:
    """Take one's own request back: the grant goes on, and only the director who was asked is notified.

    Raises PermissionDenied, ValidationError without a reason, Refused where it does not wait.
    """
    return _stop(ending, "withdraw", reason, by, [ending.second])


@action
def expire_ending(*, ending: Ending, by: User) -> Ending:
    """Note that nobody confirmed a request in time. Raises Refused where it does not wait."""
    return _stop(ending, "expire", EXPIRED, by, [ending.asked_by, ending.second])


def _stop(ending: Ending, move: str, reason: str, by: User, readers: Iterable[User]) -> Ending:
    """Make the move; the letter is void, so that nobody can sign it."""
    reason = with_reason(reason)
    lock(ending.grant)
    ending = lock(ending)
    step: Move = getattr(ending, move)
    ending = perform(step, by=by, note=reason, reason=reason)
    _void(ending.letter, reason, by)
    for reader in readers:
        notify(
            reader,
            subject=f"Grant {ending.grant.number} goes on",
            template="grants/endings/mail/stopped.txt",
            context={"ending": ending, "grant": ending.grant, "by": by},
        )
    return ending


def _void(letter: Agreement, reason: str, by: User) -> None:
    letter.voided_at, letter.voided_by, letter.voided_reason = timezone.now(), by, reason
    letter.save(update_fields=["voided_at", "voided_by", "voided_reason"])
    facts = {"terms_sha256": letter.terms.sha256, "document_sha256": letter.signed_sha256, "signatures": []}
    record("voided", letter, by=by, note=reason, facts=facts)
