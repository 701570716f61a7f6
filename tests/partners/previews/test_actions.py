"""Pages are asked for, drawn by tasks, and written down once."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from partners.models import Document, PageImage, Preview
from partners.previews import drawing
from partners.previews.actions import (
    AHEAD,
    ask_for_pages,
    count_pages,
    draw_document,
    draw_first_pages,
    draw_now,
    keep_pages,
    known_page_count,
    settle_pages,
)
from partners.previews.drawing import UNREADABLE, Drawn, DrawnPage
from partners.submissions.actions import submit_submission
from tests.factories.partners import DocumentFactory, SubmissionFactory, stored_bytes
from tests.partners.previews.test_drawing import pdf, stand_in
from vetting_portal.files import read_stored
from vetting_portal.inspection.policy import DOCX
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


def paper(pages: int = 2, **fields) -> Document:
    """An accepted paper that is a real PDF."""
    return DocumentFactory(accepted=True, file=stored_bytes(pdf(pages)), **fields)


def background() -> User:
    return User.objects.system("background")


def owner(document: Document) -> User:
    return document.paper.organisation.owners().get().user


def test_first_pages_are_drawn_in_the_background():
    document = paper(AHEAD + 2)

    draw_first_pages.enqueue([document.pk])
    drain()

    preview = Preview.objects.get(file=document.file)
    assert (preview.page_count, preview.failure) == (AHEAD + 2, "")
    assert list(preview.pages.values_list("number", flat=True)) == list(range(1, AHEAD + 1))
    image = preview.pages.first()
    assert Image.open(io.BytesIO(read_stored(image.large))).size == (1700, 2406)
    assert image.small.media_type == "image/webp"
    assert AuditEntry.objects.filter(event="pages_drawn").count() == 1


def test_sending_a_submission_has_its_papers_drawn():
    submission = SubmissionFactory(filled=True)
    link = submission.evidence_links.first()
    document = link.paper.current
    Document.objects.filter(pk=document.pk).update(checked_at=timezone.now())

    submit_submission(submission=submission, by=submission.organisation.owners().get().user)
    drain()

    assert Preview.objects.get(file=document.file).failure == UNREADABLE  # the factory's bytes are no PDF


def test_drawing_twice_writes_once():
    document = paper()
    draw_now(document, 1)
    draw_now(document, 1)
    draw_document.enqueue(document.pk)
    drain()

    assert PageImage.objects.count() == 2
    assert AuditEntry.objects.filter(event="pages_drawn").count() == 1


def test_the_same_content_is_drawn_once_for_two_documents():
    first = paper()
    second = DocumentFactory(accepted=True, file=first.file)
    draw_now(first, 1)

    draw_first_pages.enqueue([first.pk, second.pk])
    drain()

    assert Preview.objects.count() == 1
    assert known_page_count(second) == 2


def test_asking_makes_one_task_until_it_is_drawn_or_a_minute_went_by():
    document = paper(30)
    user = owner(document)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert ask_for_pages(document=document, page=12, by=user)
        assert ask_for_pages(document=document, page=13, by=user)
        assert DBTaskResult.objects.count() == 1
        clock.shift(timedelta(seconds=61))
        assert ask_for_pages(document=document, page=13, by=user)
        assert DBTaskResult.objects.count() == 2
        assert ask_for_pages(document=document, page=1, by=user)
        assert DBTaskResult.objects.count() == 3
    drain()
    drawn = set(Preview.objects.get().pages.values_list("number", flat=True))
    assert drawn == {*range(1, 1 + AHEAD), *range(12, 12 + AHEAD)}
    before = DBTaskResult.objects.count()
    assert ask_for_pages(document=document, page=12, by=user)
    assert not ask_for_pages(document=document, page=31, by=user)
    assert DBTaskResult.objects.count() == before


def test_asking_for_what_can_never_be_shown_says_no():
    unchecked, text = DocumentFactory(), DocumentFactory(accepted=True, media_type="text/plain")
    broken = DocumentFactory(accepted=True)
    draw_now(broken, 1)

    for document in (unchecked, text, broken):
        assert not ask_for_pages(document=document, page=1, by=owner(document))
    assert not DBTaskResult.objects.exists()


def test_asking_is_for_who_may_open_the_document():
    with pytest.raises(PermissionDenied):
        ask_for_pages(document=paper(), page=1, by=DocumentFactory().uploaded_by)
    assert not Preview.objects.exists()


def test_a_file_that_does_not_open_is_failed_and_says_why():
    document = DocumentFactory(accepted=True)

    preview = draw_now(document, 1)
    again = draw_now(document, 1)

    assert (preview.failure, preview.page_count, preview.failed_at is None) == (UNREADABLE, None, False)
    assert again == preview
    assert count_pages(document) is None
    assert AuditEntry.objects.filter(event="pages_drawn").count() == 1


def test_a_page_that_cannot_be_drawn_does_not_hold_up_the_others():
    document = paper(3)
    picture = DrawnPage(1, 10, 10, 1, 1, b"small", b"large")
    first = Drawn(3, (picture,), "Its pages take too long to draw.")
    settle_pages(document=document, first=1, drawn=first, kept=keep_pages(first), by=background())
    stuck = Drawn(3, (), "Its pages take too long to draw.")
    settle_pages(document=document, first=2, drawn=stuck, kept=[], by=background())
    draw_now(document, 3)

    pages = {image.number: image.failure for image in PageImage.objects.all()}
    assert pages == {1: "", 2: "Its pages take too long to draw.", 3: ""}


def test_a_file_that_is_gone_from_the_storage_is_failed(settings, tmp_path):
    document = paper()
    Document.objects.filter(pk=document.pk).update()
    stored = document.file
    type(stored).objects.filter(pk=stored.pk).update(sha256="0" * 64)

    preview = draw_now(Document.objects.get(pk=document.pk), 1)

    assert "could not be read" in preview.failure


def test_an_office_file_is_turned_into_pages_once(monkeypatch, tmp_path):
    made = tmp_path / "made.pdf"
    made.write_bytes(pdf(AHEAD + 1))
    calls = tmp_path / "calls"
    stand_in(
        tmp_path,
        f"import shutil\nopen({str(calls)!r}, 'a').write('x')\n"
        f"shutil.copy({str(made)!r}, pathlib.Path(out, 'paper.pdf'))",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    document = DocumentFactory(accepted=True, media_type=DOCX.media_type, file=stored_bytes(b"PK", DOCX.media_type))
    assert count_pages(document) is None

    draw_now(document, 1)
    preview = draw_now(document, AHEAD + 1)

    assert (preview.page_count, calls.read_text()) == (AHEAD + 1, "x")
    assert read_stored(preview.converted) == made.read_bytes()
    assert PageImage.objects.count() == AHEAD + 1


def test_without_libreoffice_an_office_file_stays_to_download(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    document = DocumentFactory(accepted=True, media_type=DOCX.media_type)
    assert draw_now(document, 1) is None
    assert not Preview.objects.exists()
    assert drawing.converter() is None
