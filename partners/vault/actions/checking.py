"""Checking what was sent: by the background task, then by a programme officer's word."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.organisations.actions import tell_partner
from partners.vault.models import Document
from vetting_portal.files import open_stored
from vetting_portal.inspection import Finding, Verdict, check_upload
from vetting_portal.models import StoredFile, User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, ask, lock, perform, record

UNCHECKED_TYPE = "application/octet-stream"
BACKGROUND = "background"
INSTEAD = "Send it as a PDF, or as a clear photo (JPEG, PNG or HEIC). If you cannot, write to us."


class NotCheckedError(Exception):
    """The file could not be checked now; the task tries again."""


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
    current = next((other for other in siblings if other.state == Document.State.ACCEPTED), None)
    if current is not None and document.state == Document.State.QUARANTINED and current.number > document.number:
        return perform(document.supersede, by=by, note="a newer version is accepted already")
    if current is not None and not document.accept_blockers():
        perform(current.supersede, by=by)
    return perform(document.accept, by=by, note=note)


def _reject(document: Document, *, reason: str, send_instead: str, by: User) -> Document:
    rejected = perform(document.reject, by=by, note=reason, reason=reason, send_instead=send_instead)
    tell_partner(
        organisation=rejected.paper.organisation,
        to=rejected.uploaded_by,
        subject=f"Not accepted: {rejected.paper.title}",
        template="partners/vault/mail/rejected.txt",
        context={
            "document": rejected,
            "before": rejected.paper.good_before,
            "path": rejected.paper.get_absolute_url(),
        },
        by=by,
    )
    return rejected


@action
def accept_document(*, document: Document, by: User, note: str = "") -> Document:
    """Accept a document that the checks have passed, by a programme officer: a rejection is taken back, or a version
    that gave way to a wrong one counts again.

    Raises PermissionDenied; Refused where the checks have not passed, another version counts in its place, or its
    state is another.
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
    ask(by, "partners.recheck_document", fresh)
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
