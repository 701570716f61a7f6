"""A seal or a timestamp that could not be made: recorded for staff to see, and tried again with growing waits, for
as long as it takes.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.tasks import Task
from django.utils import timezone

from grants.agreements.models import Agreement, Setback
from grants.sealing.failing import CouldNotSeal, CouldNotTimestamp
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, record

FIRST_WAIT = {Setback.Step.SEAL: timedelta(minutes=1), Setback.Step.TIMESTAMP: timedelta(minutes=5)}
LONGEST_WAIT = {Setback.Step.SEAL: timedelta(hours=1), Setback.Step.TIMESTAMP: timedelta(days=1)}
MOST_DOUBLINGS = 12


def words_of(error: Exception) -> str:
    """Return why it failed, for staff: our own words where we have some, else what kind of fault it was."""
    if isinstance(error, CouldNotSeal | CouldNotTimestamp):
        return str(error)[:500]
    return f"Something unexpected went wrong ({type(error).__name__}). The log says more."


@action
def set_back(*, agreement: Agreement, step: Setback.Step, reason: str, again: Task[[int], None], by: User) -> Setback:
    """Record a try that failed, and enqueue ``again`` for later; where a later try is waiting already, only record."""
    if not by.has_perm("grants.seal_grant", agreement.terms.grant):
        raise PermissionDenied("seal_grant")
    agreement, now = lock(agreement), timezone.now()
    waiting = Setback.objects.waiting(agreement, step, now).order_by("-again_at").first()
    failed = min(Setback.objects.filter(agreement=agreement, step=step).count(), MOST_DOUBLINGS)
    again_at = waiting.again_at if waiting else now + min(FIRST_WAIT[step] * 2**failed, LONGEST_WAIT[step])
    made = Setback.objects.create(agreement=agreement, step=step, at=now, reason=reason, again_at=again_at)
    if waiting is None:
        again.using(run_after=again_at).enqueue(agreement.pk)
    event = "sealing_failed" if step == Setback.Step.SEAL else "timestamp_failed"
    record(event, agreement, by=by, note=reason, facts={"again_at": again_at.isoformat()})
    return made
