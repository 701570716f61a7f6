"""Taking papers in: a new one, a newer version, a translation; and correcting what was said of one."""

from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.organisations.models import Organisation
from partners.vault.actions.checking import BACKGROUND, UNCHECKED_TYPE, check_document
from partners.vault.kinds import BY_KEY, TRANSLATION
from partners.vault.models import Document, Paper
from partners.vault.said import NOTHING_SAID, Dates, check_said
from vetting_portal.files import Blob, safe_filename
from vetting_portal.models import StoredFile, User
from vetting_portal.workflow import Refused, action, ask, lock, perform, record


def _same_bytes(organisation: Organisation, stored: StoredFile) -> None:
    """Raise ValidationError where the organisation has sent the same bytes before: it need not send them again."""
    twin = Document.objects.filter(paper__organisation=organisation, file=stored).select_related("paper").first()
    if twin is None:
        return
    sent = f"You sent this file on {timezone.localtime(twin.uploaded_at):%-d %B %Y}, as “{twin.paper.title}”."
    if twin.state == Document.State.REJECTED:
        raise ValidationError({"file": f"{sent} It was not accepted: {twin.rejection_reason}"})
    if twin.may_count_again:
        where = "Another version took its place. To use it again, send it on the page of that paper."
        raise ValidationError({"file": f"{sent} {where}"})
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
    dates: Dates = NOTHING_SAID,
) -> Document:
    """Take a new paper in, quarantined; its check is enqueued. The bytes are in the storage already (``files.put``).

    Raises PermissionDenied, ValidationError for an unknown kind, bad facts and for bytes that are there already.
    """
    fresh = lock(organisation)
    ask(by, "partners.act_for_organisation", fresh)
    if kind not in BY_KEY:
        raise ValidationError({"kind": "Choose what it is from the list."})
    paper = _new_paper(fresh, kind, title.strip() or BY_KEY[kind].label, by)
    return _take_in(paper, fresh, blob, original_name, by, dates)


def _new_paper(
    organisation: Organisation, kind: str, title: str, by: User, translates: Document | None = None
) -> Paper:
    paper = Paper(
        organisation=organisation,
        title=title,
        kind=kind,
        translates=translates,
        created_at=timezone.now(),
        created_by=by,
    )
    paper.full_clean()
    paper.save()
    return paper


@action
def add_version(
    *,
    paper: Paper,
    blob: Blob,
    original_name: str,
    by: User,
    dates: Dates = NOTHING_SAID,
    seen: int | None = None,
) -> Document:
    """Take a newer version of a paper in; it replaces the accepted one when it is accepted itself.

    The bytes of a version that gave way to a wrong one are taken as that version, which is accepted again at once, with
    what was said of it then.
    ``seen`` is the number of the newest version when the page was opened: a version sent since is not passed over.
    Raises PermissionDenied, ValidationError for bad facts, for known bytes, and for a page that is old.
    """
    organisation = lock(paper.organisation)
    ask(by, "partners.act_for_organisation", organisation)
    fresh = lock(paper)
    if reasons := fresh.send_blockers():
        raise Refused(reasons, subject=fresh)
    _refuse_unseen(fresh, seen)
    before = fresh.documents.filter(file__sha256=blob.sha256).first()
    if before is not None and before.may_count_again:
        record("sent_again", before, by=by, facts={"version": before.number})
        return perform(before.accept, by=User.objects.system(BACKGROUND), note="its partner sent it again")
    return _take_in(fresh, organisation, blob, original_name, by, dates)


def _refuse_unseen(paper: Paper, seen: int | None) -> None:
    """Raise ValidationError where a version came since the page was opened: tabs never replace each other blindly."""
    newest = paper.documents.select_related("uploaded_by").order_by("-number").first()
    if seen is None or newest is None or newest.number <= seen:
        return
    at = timezone.localtime(newest.uploaded_at)
    raise ValidationError(
        {
            "file": f"{newest.uploaded_by.name} sent version {newest.number} on {at:%-d %B} at {at:%H:%M}, after you "
            "opened this page. Look at it first. To replace it with yours, choose your file again and send it."
        }
    )


@action
def add_translation(
    *, document: Document, blob: Blob, original_name: str, language: str, by: User, translator: str = ""
) -> Document:
    """Take in a translation of one version: a file of its own, checked like any other, good for that version only.

    Sent again, it becomes a newer version of the translation. Raises PermissionDenied; Refused where the version no
    longer counts; ValidationError without a language, for the language of the paper itself, and for known bytes.
    """
    organisation = lock(document.paper.organisation)
    ask(by, "partners.act_for_organisation", organisation)
    original = lock(document)
    if reasons := original.translate_blockers():
        raise Refused(reasons, subject=original)
    said = check_said(Dates(language=language, issuer=translator))
    if not said.language:
        raise ValidationError({"language": "Say into which language it is translated."})
    if said.language == original.language:
        same = f"The paper itself is in {original.language_words}. Send a translation into another language."
        raise ValidationError({"language": same})
    paper = Paper.objects.filter(translates=original).first() or _new_paper(
        organisation, TRANSLATION, f"{original.paper.title[:140]}, translation", by, original
    )
    return _take_in(lock(paper), organisation, blob, original_name, by, said)


@action
def describe_document(*, document: Document, dates: Dates, by: User) -> Document:
    """Correct what was said of a version, as long as nobody has relied on it.

    Raises PermissionDenied; Refused once it was sent or verified; ValidationError for bad facts.
    """
    organisation = lock(document.paper.organisation)
    ask(by, "partners.act_for_organisation", organisation)
    fresh = lock(document)
    if reasons := fresh.describe_blockers():
        raise Refused(reasons, subject=fresh)
    said = asdict(check_said(dates))
    changed = sorted(name for name, value in said.items() if getattr(fresh, name) != value)
    if changed:
        for name in changed:
            setattr(fresh, name, said[name])
        fresh.validate_constraints()
        fresh.save()
        record("described", fresh, by=by, facts={"fields": changed})
    return fresh


def _take_in(paper: Paper, organisation: Organisation, blob: Blob, name: str, by: User, dates: Dates) -> Document:
    said = check_said(dates)
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
        **asdict(said),
    )
    document.validate_constraints()
    document.save()
    record("uploaded", document, by=by, facts={"sha256": blob.sha256, "size": blob.size, "paper": paper.pk})
    check_document.enqueue(document.pk)
    return document
