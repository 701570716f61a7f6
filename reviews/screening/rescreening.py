"""Every known name screened again in the background: in batches, each done once, taken up after a killed worker."""

import logging
import time
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from partners.models import Submission
from partners.organisations.models import Organisation
from reviews.screening.models import Rescreening, SanctionsList, Screening
from reviews.screening.runs import matched, write_screenings
from reviews.screening.search import Found
from reviews.screening.status import list_blockers
from vetting_portal.models import User
from vetting_portal.tasks import LEASE, background
from vetting_portal.workflow import Blocker, Refused, action, lock, record

logger = logging.getLogger(__name__)

BATCH = 50  # organisations in one transaction
TURN = LEASE.total_seconds() / 5  # seconds that one task works; then it hands over to the next
MOST_FAILURES = 100  # that are named one by one


def live_organisations() -> Any:
    """Return whose names count: who was screened once, or has a submission that is neither declined nor withdrawn."""
    ended = [Submission.State.DRAFT, Submission.State.DECLINED, Submission.State.WITHDRAWN]
    screened = Screening.objects.filter(organisation=OuterRef("pk"))
    applies = Submission.objects.filter(organisation=OuterRef("pk")).exclude(state__in=ended)
    return Organisation.objects.filter(Q(Exists(screened)) | Q(Exists(applies))).order_by("pk")


def rescreen_blockers(latest: Rescreening | None, lists: list[SanctionsList]) -> list[Blocker]:
    """Say why the names cannot all be screened again now: stale lists, nobody to screen, or a run that is under way.

    ``latest`` is the newest run, ``lists`` are the current ones.
    """
    if latest and latest.is_running:
        return [Blocker(f"The names are being screened now: {latest.done} of {latest.total} organisations.")]
    if blockers := list_blockers(lists):
        return blockers
    return [] if live_organisations().exists() else [Blocker("There is no organisation to screen yet.")]


@action
def start_rescreening(*, by: User) -> Rescreening:
    """Screen every known name again, in the background. Raises PermissionDenied; Refused while one is under way."""
    if not by.has_perm("reviews.rescreen"):
        raise PermissionDenied
    if blockers := rescreen_blockers(Rescreening.objects.first(), list(SanctionsList.objects.current())):
        raise Refused(blockers, title="The names cannot be screened again now")
    begun = begin_rescreening(cause=Rescreening.Cause.ASKED, by=by)
    if begun is None:
        raise Refused(["There is no organisation to screen yet."])
    return begun


@action
def begin_rescreening(*, cause: str, by: User) -> Rescreening | None:
    """Begin a run over everybody, or None where there is nobody; one that is under way ends, replaced by this one."""
    now = timezone.now()
    for running in lock(Rescreening.objects.running()):
        _end(running, Rescreening.Outcome.REPLACED, by)
    total = live_organisations().count()
    if not total:
        return None
    lists = [current.as_record() for current in SanctionsList.objects.current()]
    begun = Rescreening.objects.create(
        cause=cause, lists=lists, total=total, started_at=now, started_by=by, last_at=now
    )
    record("rescreening_started", begun, by=by, facts={"organisations": total, "lists": lists, "cause": cause})
    rescreen.enqueue(begun.pk)
    return begun


def _end(running: Rescreening, outcome: str, by: User) -> None:
    running.outcome, running.finished_at = outcome, timezone.now()
    running.save(update_fields=["outcome", "finished_at"])
    record(
        "rescreening_ended",
        running,
        by=by,
        facts={
            "outcome": str(outcome),
            "organisations": running.done,
            "names": running.name_count,
            "new": running.new_count,
            "failures": len(running.failures),
        },
    )


@action
def rescreen_some(
    *, running: Rescreening, organisations: Sequence[Organisation], before: dict[str, list[Found]], by: User
) -> bool:
    """Screen the next ``organisations`` and move on; False when somebody else was quicker, or the run has ended.

    ``before`` is what ``matched`` found for them. With no organisation left the run ends.
    """
    locked = lock(Organisation.objects.filter(pk__in=[one.pk for one in organisations]))
    mine = lock(running)
    if not mine.is_running or mine.cursor != running.cursor:
        return False
    if list_blockers():
        _end(mine, Rescreening.Outcome.STOPPED, by)
        return False
    if not organisations:
        _end(mine, Rescreening.Outcome.DONE, by)
        return False
    screenings = write_screenings(locked, by=by, before=before)
    _advance(mine, organisations, screenings)
    return True


@action
def note_failure(*, running: Rescreening, organisation: Organisation, reason: str, by: User) -> bool:
    """Pass over an organisation that could not be screened, and keep why; False when the run moved on meanwhile."""
    mine = lock(running)
    if not mine.is_running or mine.cursor != running.cursor:
        return False
    if len(mine.failures) < MOST_FAILURES:
        mine.failures.append({"organisation": organisation.pk, "name": organisation.legal_name, "reason": reason[:300]})
    record("rescreening_failed", organisation, by=by, note=reason[:300], facts={"rescreening": mine.pk})
    _advance(mine, [organisation], [])
    return True


def _advance(mine: Rescreening, organisations: Sequence[Organisation], screenings: list[Screening]) -> None:
    mine.cursor = organisations[-1].pk
    mine.done += len(organisations)
    mine.total = max(mine.total, mine.done)
    mine.name_count += sum(screening.name_count for screening in screenings)
    mine.new_count += sum(screening.new_count for screening in screenings)
    mine.last_at = timezone.now()
    mine.save(update_fields=["cursor", "done", "total", "name_count", "new_count", "failures", "last_at"])


def next_batch(running: Rescreening) -> list[Organisation]:
    """Return the organisations that come next."""
    return list(live_organisations().filter(pk__gt=running.cursor)[:BATCH])


def _step(running: Rescreening, organisations: list[Organisation], by: User) -> bool:
    return rescreen_some(running=running, organisations=organisations, before=matched(organisations), by=by)


def work(running: Rescreening, *, by: User, seconds: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Screen batch after batch until the run ends or the time is over; True when there is more to do.

    A batch that fails is done one by one, so that one broken record keeps nobody else from being screened.
    """
    until = clock() + seconds
    while True:
        organisations = next_batch(running)
        try:
            goes_on = _step(running, organisations, by)
        except Exception:
            if not organisations:
                raise
            logger.exception("a batch of rescreening %s failed; its organisations are screened one by one", running.pk)
            goes_on = _one_by_one(running, organisations, by)
        running.refresh_from_db()
        if not goes_on:
            return False
        if clock() >= until:
            return True


def _one_by_one(running: Rescreening, organisations: list[Organisation], by: User) -> bool:
    for (organisation,) in batched(organisations, 1):
        running.refresh_from_db()
        try:
            goes_on = _step(running, [organisation], by)
        except Exception as error:
            logger.exception("organisation %s could not be screened", organisation.pk)
            reason = f"{type(error).__name__}: {error}"
            goes_on = note_failure(running=running, organisation=organisation, reason=reason, by=by)
        if not goes_on:
            return False
    return True


@background()
def rescreen(rescreening_id: int) -> None:
    """Work for one turn at a run; hand over to the next task while there is more."""
    running = Rescreening.objects.get(pk=rescreening_id)
    if running.is_running and work(running, by=User.objects.system("background"), seconds=TURN):
        rescreen.enqueue(rescreening_id)
