"""The transactions of the vault: take a paper in, check it, accept, reject, replace."""

from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from partners.organisations.actions import tell_partner
from partners.organisations.models import Organisation
from partners.vault.kinds import BY_KEY
from partners.vault.models import Document, Paper
from vetting_portal.files import Blob, open_stored, safe_filename
from vetting_portal.inspection import Finding, Verdict, check_upload
from vetting_portal.models import StoredFile, User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, perform, record

UNCHECKED_TYPE = "application/octet-stream"
BACKGROUND = "background"
INSTEAD = "Send it as a PDF, or as a clear photo (JPEG, PNG or HEIC). If you cannot, write to us."


@dataclass(frozen=True)
class Dates:
    """What a partner says of a paper: its own date, the day it ends, its language."""

    issued_on: date | None = None
    expires_on: date | None = None
    language: str = ""


class NotCheckedError(Exception):
    """The file could not be checked now; the task tries again."""


def _ask(by: User, organisation: Organisation) -> None:
    if not by.has_perm("partners.act_for_organisation", organisation):
        raise PermissionDenied("partners.act_for_organisation")


def _same_bytes(organisation: Organisation, stored: StoredFile) -> None:
    """Raise ValidationError where the organisation has sent the same bytes before: it need not send them again."""
    twin = Document.objects.filter(paper__organisation=organisation, file=stored).select_related("paper").first()
    if twin is None:
        return
    sent = f"You sent this file on {timezone.localtime(twin.uploaded_at):%-d %B %Y}, as “{twin.paper.title}”."
    if twin.state == Document.State.REJECTED:
        raise ValidationError({"file": f"{sent} It was not accepted: {twin.rejection_reason}"})
    raise ValidationError({"file": f"{sent} It is in your papers already: you need not send it again."})


@action
def add_paper(
    *,
    organisation: Organisation,
    blob: Blob,
    original_name: str,
    kind: str,
    by: User,
    title: str = "",
    dates: Dates = Dates(),
) -> Document:
    """Take a new paper in, quarantined; its check is enqueued. The bytes are in the storage already (``files.put``).

    Raises PermissionDenied, ValidationError for an unknown kind and for bytes that are there already.
    """
    fresh = lock(organisation)
    _ask(by, fresh)
    if kind not in BY_KEY:
        raise ValidationError({"kind": "Choose what it is from the list."})
    paper = Paper(
        organisation=fresh,
        title=title.strip() or BY_KEY[kind].label,
        kind=kind,
        created_at=timezone.now(),
        created_by=by,
    )
    paper.full_clean()
    paper.save()
    return _take_in(paper, fresh, blob, original_name, by, dates)


@action
def add_version(
    *,
    paper: Paper,
    blob: Blob,
    original_name: str,
    by: User,
    dates: Dates = Dates(),
) -> Document:
    """Take a newer version of a paper in; it replaces the accepted one when it is accepted itself.

    Raises PermissionDenied, ValidationError for bytes that are there already.
    """
    organisation = lock(paper.organisation)
    _ask(by, organisation)
    return _take_in(lock(paper), organisation, blob, original_name, by, dates)


def _take_in(paper: Paper, organisation: Organisation, blob: Blob, name: str, by: User, dates: Dates) -> Document:
    stored = StoredFile.objects.record(blob, media_type=UNCHECKED_TYPE)
    _same_bytes(organisation, stored)
    document = Document(
        paper=paper,
        number=paper.documents.count() + 1,
        file=stored,
        original_name=safe_filename(name),
        size=blob.size,
        uploaded_at=timezone.now(),
        uploaded_by=by,
        **asdict(dates),
    )
    document.validate_constraints()
    document.save()
    record("uploaded", document, by=by, facts={"sha256": blob.sha256, "size": blob.size, "paper": paper.pk})
    check_document.enqueue(document.pk)
    return document


def look_into(document: Document) -> Finding:
    """Return what the checks say of a document's bytes. Slow: call it in no transaction."""
    with open_stored(document.file) as file:
        return check_upload(file, name=document.original_name, scanner=settings.SCANNER)


@action
def settle_check(*, document: Document, finding: Finding, by: User) -> Document:
    """Write down what the checks said, and accept or reject by it. A document that is decided stays as it is."""
    lock(document.paper.organisation)
    fresh = lock(document)
    if fresh.state != Document.State.QUARANTINED:
        return fresh
    if finding.verdict == Verdict.QUARANTINED:
        fresh.check_reason = finding.reason or ""
        fresh.save()
        record("check_postponed", fresh, by=by)
        return fresh
    fresh.media_type, fresh.scanned = finding.media_type, finding.scanned
    if finding.verdict == Verdict.REJECTED:
        fresh.save()
        return _reject(fresh, reason=finding.reason or "This file cannot be used.", send_instead=INSTEAD, by=by)
    fresh.checked_at, fresh.check_reason = timezone.now(), ""
    fresh.save()
    _keep_type(fresh.file, finding.media_type)
    return _accept(fresh, by=by)


def _keep_type(stored: StoredFile, media_type: str) -> None:
    """Say what the stored bytes are, now that somebody has looked."""
    if stored.media_type == UNCHECKED_TYPE:
        stored.media_type = media_type
        stored.save(update_fields=["media_type"])


def _accept(document: Document, *, by: User, note: str = "") -> Document:
    """Accept a document, and let it take the place of older versions; it gives way itself where a newer one is in."""
    siblings = lock(document.paper.documents.exclude(pk=document.pk))
    accepted = [other for other in siblings if other.state == Document.State.ACCEPTED]
    if any(other.number > document.number for other in accepted):
        return perform(document.supersede, by=by, note="a newer version is accepted already")
    for older in accepted:
        perform(older.supersede, by=by)
    return perform(document.accept, by=by, note=note)


def _reject(document: Document, *, reason: str, send_instead: str, by: User) -> Document:
    rejected = perform(document.reject, by=by, note=reason, reason=reason, send_instead=send_instead)
    tell_partner(
        organisation=rejected.paper.organisation,
        to=rejected.uploaded_by,
        subject=f"Not accepted: {rejected.paper.title}",
        template="partners/vault/mail/rejected.txt",
        context={"document": rejected, "path": rejected.paper.get_absolute_url()},
        by=by,
    )
    return rejected


@action
def accept_document(*, document: Document, by: User, note: str = "") -> Document:
    """Accept a document that the checks have passed, by a programme officer: a rejection is taken back.

    Raises PermissionDenied; Refused where the checks have not passed or its state is another.
    """
    lock(document.paper.organisation)
    return _accept(lock(document), by=by, note=note)


@action
def reject_document(*, document: Document, reason: str, by: User, send_instead: str = "") -> Document:
    """Do not accept a document, with the reason and what to send instead; who sent it is told.

    Raises PermissionDenied, ValidationError without a reason; Refused where its state is another.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say what is wrong with it, in plain words."})
    lock(document.paper.organisation)
    return _reject(lock(document), reason=reason.strip(), send_instead=send_instead.strip(), by=by)


@action
def recheck_document(*, document: Document, by: User) -> Document:
    """Have a document that could not be checked looked at again. Raises PermissionDenied."""
    fresh = lock(document)
    if not by.has_perm("partners.recheck_document", fresh):
        raise PermissionDenied("partners.recheck_document")
    record("check_asked", fresh, by=by)
    check_document.enqueue(fresh.pk)
    return fresh


@background()
def check_document(document_id: int) -> None:
    """Check one document and settle what comes of it; safe to run twice. Raises NotCheckedError to be tried again."""
    document = Document.objects.select_related("file", "paper__organisation").get(pk=document_id)
    if document.state != Document.State.QUARANTINED:
        return
    settled = settle_check(document=document, finding=look_into(document), by=User.objects.system(BACKGROUND))
    if settled.state == Document.State.QUARANTINED:
        raise NotCheckedError(settled.check_reason)
