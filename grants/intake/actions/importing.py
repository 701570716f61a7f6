"""A file of gifts, from its first byte to its last gift: staged, tried, recorded in batches, resumed after a kill.

An import's row is locked before anything of the campaign: nothing locks it after.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import batched
from typing import IO, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from grants.campaigns.actions import record_gifts
from grants.campaigns.models import Campaign
from grants.campaigns.rows import RowError, RowsRefused
from grants.intake.checking import Trial, clashes_inside, staged_batches
from grants.intake.mapping import ColumnMapping
from grants.intake.models import GiftImport, GiftSource, ImportFault, StagedGift
from grants.intake.reading import read_gifts
from vetting_portal.bulk import insert_rows
from vetting_portal.files import open_stored
from vetting_portal.models import StoredFile, User
from vetting_portal.sheets import NoSheet
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, ask, lock, record

READ_BATCH = 2000
RECORD_BATCH = 1000
BATCHES_A_RUN = 50  # then the task hands on to its next run: each stays well within a worker's lease
FAULTS_KEPT = timedelta(days=30)


class ReadElsewhere(Exception):
    """Another process reads the same file at the same time; that one goes on."""


@action
def begin_import(
    *,
    campaign: Campaign,
    file_name: str,
    sha256: str,
    headings: Sequence[str],
    by: User,
    source: str = "",
    stored: StoredFile | None = None,
) -> GiftImport:
    """Begin an import; where the same file for the same source is on its way already, return that one.

    Its columns are those remembered for the source, else the portal's own; where the file has not all of these, it
    waits to be told. A file in the storage is read by a task. Raises Refused before the campaign opens.
    """
    ask(by, "grants.import_gifts", campaign)
    if not campaign.takes_records:
        raise Refused(["The campaign is not open yet."], subject=campaign)
    source = source or campaign.slug
    same = GiftImport.objects.unfinished().filter(campaign=campaign, source=source, file_sha256=sha256)
    if found := same.order_by("pk").first():
        return found
    mapping = GiftSource.objects.columns_of(source)
    begun = GiftImport.objects.create(
        campaign=campaign,
        source=source,
        file_name=file_name[:150],
        file_sha256=sha256,
        file=stored,
        headings=list(headings),
        mapping=None if mapping.missing(headings) else mapping.kept(),
        begun_by=by,
    )
    facts = {"source": source, "sha256": sha256, "campaign": campaign.slug}
    record("import_begun", begun, by=by, facts=facts)
    if stored is not None and begun.mapping is not None:
        read_import_task.enqueue(begun.pk)
    return begun


@action
def set_columns(*, gift_import: GiftImport, mapping: ColumnMapping, by: User) -> GiftImport:
    """Say which column is what, remember it for the source, and have the file read (again) so.

    Raises ValidationError for columns that make no sense or are not in the file, Refused once it is recorded.
    """
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if gift_import.step not in {"columns", "reading", "ready", "refused"} or gift_import.file_id is None:
        raise Refused(["This file is not there any more, or its gifts are recorded. Send it again."])
    problems: dict[str, Any] = dict(mapping.problems())
    if missing := mapping.missing(gift_import.headings):
        problems["key"] = f"The file has no column {', '.join(missing)}."
    if problems:
        raise ValidationError(problems)
    kept = {"mapping": mapping.kept(), "changed_at": timezone.now(), "changed_by": by}
    GiftSource.objects.update_or_create(name=gift_import.source, defaults=kept)
    _clear(gift_import)
    gift_import.mapping, gift_import.refused_at, gift_import.read_at = mapping.kept(), None, None
    gift_import.save()
    record("columns_set", gift_import, by=by, facts={"source": gift_import.source, "mapping": mapping.kept()})
    read_import_task.enqueue(gift_import.pk)
    return gift_import


@action
def restart_reading(*, gift_import: GiftImport, by: User) -> GiftImport:
    """Take away what an earlier reading left, which a kill may have cut; it is read from its first line again."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    _clear(gift_import)
    gift_import.save()
    return gift_import


@action
def stage_rows(*, gift_import: GiftImport, rows: Sequence[Any], by: User) -> GiftImport:
    """Keep the next lines of a file: gifts as staged, others as faults. Raises ReadElsewhere for a second reader."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    found = lock(gift_import)
    if (found.last_line, found.step) != (gift_import.last_line, "reading"):
        raise ReadElsewhere
    faults = [row for row in rows if isinstance(row, RowError)]
    staged = [row for row in rows if not isinstance(row, RowError)]
    values = ((found.pk, *(getattr(row, name) for name in StagedGift.FIELDS)) for row in staged)
    insert_rows(StagedGift, ("gift_import", *StagedGift.FIELDS), values)
    _add_faults(found, faults)
    found.last_line, found.staged_count = rows[-1].line, found.staged_count + len(staged)
    found.save(update_fields=["last_line", "staged_count", "fault_count"])
    return found


@action
def note_faults(*, gift_import: GiftImport, faults: Sequence[RowError], by: User) -> None:
    """Keep what is wrong with lines that were staged already."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    found = lock(gift_import)
    if found.step != "reading":
        raise ReadElsewhere
    _add_faults(found, faults)
    found.save(update_fields=["fault_count"])


@action
def finish_reading(
    *, gift_import: GiftImport, estimate: dict[str, Any] | None, by: User, faults: Sequence[RowError] = ()
) -> GiftImport:
    """End the reading: with a bad line the import is refused and what was staged goes; else it is ready to start."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if gift_import.step != "reading":
        return gift_import
    _add_faults(gift_import, faults)
    if gift_import.fault_count:
        gift_import.refused_at = timezone.now()
        StagedGift.objects.filter(gift_import=gift_import).delete()
    else:
        gift_import.read_at, gift_import.estimate = timezone.now(), estimate
    gift_import.save()
    facts = {"lines": gift_import.staged_count, "faults": gift_import.fault_count}
    record("import_read", gift_import, by=by, facts=facts)
    return gift_import


@action
def start_import(*, gift_import: GiftImport, by: User, in_background: bool = True) -> GiftImport:
    """Have the gifts of a file without faults recorded. Raises Refused with what is in the way."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if blockers := gift_import.start_blockers():
        raise Refused(blockers, subject=gift_import)
    gift_import.started_at, gift_import.started_by = timezone.now(), by
    _let_file_go(gift_import)
    gift_import.save()
    record("import_started", gift_import, by=by, facts={"lines": gift_import.staged_count})
    if in_background:
        record_import_task.enqueue(gift_import.pk)
    return gift_import


@action
def record_batch(*, gift_import: GiftImport, by: User) -> GiftImport:
    """Record the next lines, at most 1,000, and take them out of the staging: both or neither.

    Raises RowsRefused where a key was recorded with other contents meanwhile; then nothing of the batch is recorded.
    """
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if gift_import.step != "recording":
        return gift_import
    batch = gift_import.staged.rows(most=RECORD_BATCH)
    if batch:
        done = record_gifts(
            campaign=gift_import.campaign,
            rows=batch,
            by=by,
            source=gift_import.source,
            facts={"import": gift_import.pk},
        )
        StagedGift.objects.filter(gift_import=gift_import, line__lte=batch[-1].line).delete()
        gift_import.recorded_count += done.recorded
        gift_import.repeated_count += done.repeated
    if len(batch) < RECORD_BATCH:
        gift_import.finished_at = timezone.now()
        facts = {"recorded": gift_import.recorded_count, "repeated": gift_import.repeated_count}
        record("import_finished", gift_import, by=by, facts=facts)
    gift_import.save(update_fields=["recorded_count", "repeated_count", "finished_at"])
    return gift_import


@action
def stop_import(*, gift_import: GiftImport, faults: Sequence[RowError], by: User) -> GiftImport:
    """End an import whose next lines cannot be recorded; what was recorded before stays, the rest goes."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if gift_import.step == "recording":
        _add_faults(gift_import, faults)
        gift_import.stopped_at = timezone.now()
        StagedGift.objects.filter(gift_import=gift_import).delete()
        gift_import.save()
        record("import_stopped", gift_import, by=by, facts={"recorded": gift_import.recorded_count})
    return gift_import


@action
def discard_import(*, gift_import: GiftImport, by: User) -> GiftImport:
    """Give an import up before its gifts are recorded; its lines go. Raises Refused once it has started or ended."""
    ask(by, "grants.import_gifts", gift_import.campaign)
    gift_import = lock(gift_import)
    if gift_import.step not in {"columns", "reading", "ready", "refused"}:
        raise Refused(["Its gifts are being recorded, or it has ended."], subject=gift_import)
    StagedGift.objects.filter(gift_import=gift_import).delete()
    gift_import.discarded_at, gift_import.discarded_by = timezone.now(), by
    _let_file_go(gift_import)
    gift_import.save()
    record("import_discarded", gift_import, by=by)
    return gift_import


@action
def forget_old_faults(*, by: User) -> int:
    """Delete what was wrong with the lines of imports that ended thirty days ago: it may quote people's addresses.

    A refused file that nobody sent again goes as well. Returns how many imports it concerned.
    """
    if not by.is_system:
        raise PermissionDenied("forget_old_faults")
    before = timezone.now() - FAULTS_KEPT
    ended = GiftImport.objects.ended().filter(begun_at__lt=before)
    old = lock(ended.filter(pk__in=ImportFault.objects.values("gift_import")) | ended.filter(file__isnull=False))
    for gift_import in old:
        ImportFault.objects.filter(gift_import=gift_import).delete()
        _let_file_go(gift_import)
        gift_import.save(update_fields=["file"])
        record("faults_forgotten", gift_import, by=by)
    return len(old)


def _clear(gift_import: GiftImport) -> None:
    StagedGift.objects.filter(gift_import=gift_import).delete()
    ImportFault.objects.filter(gift_import=gift_import).delete()
    gift_import.last_line = gift_import.staged_count = gift_import.fault_count = 0
    gift_import.estimate = None


def _add_faults(gift_import: GiftImport, faults: Sequence[RowError]) -> None:
    ImportFault.objects.bulk_create(
        [ImportFault(gift_import=gift_import, line=fault.line, reason=fault.reason) for fault in faults]
    )
    gift_import.fault_count += len(faults)


def _let_file_go(gift_import: GiftImport) -> None:
    """Name the file no more: it holds people's names, and the storage sweeps out what no record names."""
    stored, gift_import.file = gift_import.file, None
    if stored is None:
        return
    GiftImport.objects.filter(pk=gift_import.pk).update(file=None)
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError:  # another record names the same content
        return


def read_import(gift_import: GiftImport, file: IO[bytes], by: User) -> GiftImport:
    """Stage a file line by line, then try it; memory stays flat. Returns the import, ready or refused.

    Raises ReadElsewhere where another process reads it too.
    """
    gift_import = restart_reading(gift_import=gift_import, by=by)
    currency = gift_import.campaign.currency
    try:
        for rows in batched(read_gifts(file, currency, gift_import.columns), READ_BATCH):
            gift_import = stage_rows(gift_import=gift_import, rows=rows, by=by)
    except NoSheet as error:
        fault = RowError(1, " ".join(error.messages))
        return finish_reading(gift_import=gift_import, estimate=None, faults=[fault], by=by)
    for clashes in batched(clashes_inside(gift_import), READ_BATCH):
        note_faults(gift_import=gift_import, faults=clashes, by=by)
    trial = Trial(gift_import)
    for batch in staged_batches(gift_import):
        if faults := trial.take(batch):
            note_faults(gift_import=gift_import, faults=faults, by=by)
    return finish_reading(gift_import=gift_import, estimate=trial.estimate(), by=by)


def record_import(gift_import: GiftImport, by: User, *, batches: int | None = None) -> GiftImport:
    """Record a started import, batch by batch, to its end or for ``batches``; after a kill it goes on where it was."""
    done = 0
    while gift_import.step == "recording" and done != batches:
        try:
            gift_import = record_batch(gift_import=gift_import, by=by)
        except RowsRefused as refusal:
            return stop_import(gift_import=gift_import, faults=refusal.errors, by=by)
        done += 1
    return gift_import


@background()
def read_import_task(import_id: int) -> None:
    """Read the stored file of an import; run twice, it reads again."""
    gift_import = GiftImport.objects.get(pk=import_id)
    if gift_import.step != "reading" or gift_import.file is None:
        return
    with open_stored(gift_import.file) as file:
        read_import(gift_import, file, User.objects.system("background"))


@background()
def record_import_task(import_id: int) -> None:
    """Record an import for a while, then hand on to the next run."""
    by = User.objects.system("background")
    left = record_import(GiftImport.objects.get(pk=import_id), by, batches=BATCHES_A_RUN)
    if left.step == "recording":
        record_import_task.enqueue(import_id)


@background()
def forget_old_faults_task() -> None:
    """Forget, once a day."""
    forget_old_faults(by=User.objects.system("background"))
