"""A director who did not ask confirms the end, by a signature under the letter; and what is looked after every day."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from grants.agreements.actions.proving import Answer
from grants.agreements.actions.sealing import seal_agreement_task
from grants.agreements.actions.signing import attempt
from grants.agreements.models import Agreement, Grant, Signature
from grants.agreements.models.signing import Side
from grants.endings.actions.settling import carry_out_ending, settle_ending
from grants.endings.actions.stopping import expire_ending
from grants.endings.actions.telling import tell_of_end
from grants.endings.models import Ending
from grants.endings.readiness import moved_since
from grants.funds.models import Account
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, lock, perform

TO_COME = "A director confirmed that it ends."


def confirm_ending(*, ending: Ending, document_sha256: str, by: User, **given: Any) -> Signature:
    """Confirm the end as a director who did not ask, by the same proof as a signature. On its day, or at once where
    that has come, the grant ends; until then it is suspended.

    Partner and signatories are notified; the letter is sealed.

    Raises as ``sign_agreement`` does; and Refused where the sums that the letter tells changed.
    """
    return attempt(ending, document_sha256, Answer(**given), by, Side.DIRECTOR, then=_after_director)


def _after_director(ending: Ending, letter: Agreement, by: User) -> None:
    if reasons := moved_since(ending):
        raise Refused(reasons, title="The letter no longer tells the right sums", subject=ending)
    grant = lock(ending.grant)
    ending = perform(ending.confirm, by=by, facts={"document_sha256": letter.signed_sha256})
    seal_agreement_task.enqueue(letter.pk)
    if not ending.is_to_come:
        ending = carry_out_ending(ending=ending, by=by)
    elif grant.state == Grant.State.IN_FORCE:
        perform(grant.suspend, by=User.objects.system("background"), note=TO_COME, reason=TO_COME)
    tell_of_end(ending=ending, by=by)


def _to_tend(now: datetime) -> Q:
    """Return a condition on endings for which something is to be done by itself now."""
    today = timezone.localdate(now)
    left = Account.objects.filter(
        kind__in=[Account.Kind.GIFTS, Account.Kind.MATCHED], reference=OuterRef("grant__number")
    )
    return (
        Q(state=Ending.State.AWAITING_SIGNATURE, expires_at__lte=now)
        | Q(state=Ending.State.CONFIRMED, ends_on__lte=today)
        | Q(state=Ending.State.CARRIED_OUT, settled_at__isnull=True)
        | Q(state=Ending.State.CARRIED_OUT, cleared_at__isnull=True)
        | (Q(state=Ending.State.CARRIED_OUT) & Q(Exists(left.exclude(balance_minor=0))))
    )


@background()
def tend_endings() -> None:
    """Once a day: let requests expire that nobody confirmed, end grants whose day has come, and settle what is left of
    ended ones: after a hold, a dispute, or a late gift.
    """
    for pk in Ending.objects.filter(_to_tend(timezone.now())).order_by("pk").values_list("pk", flat=True):
        tend_ending.enqueue(pk)


@background()
def tend_ending(ending_id: int) -> None:
    """Do for one ending what is due; run again it changes nothing."""
    by = User.objects.system("background")
    ending = Ending.objects.for_page().get(pk=ending_id)
    if ending.state == Ending.State.AWAITING_SIGNATURE and ending.expires_at <= timezone.now():
        expire_ending(ending=ending, by=by)
    elif ending.state == Ending.State.CONFIRMED and not ending.is_to_come:
        if ending.outcome == Grant.State.LAPSED and ending.grant.hold_blockers():
            return  # a reserve would move: tomorrow again
        carry_out_ending(ending=ending, by=by)
    elif ending.state == Ending.State.CARRIED_OUT:
        settle_ending(ending=ending, by=by)
