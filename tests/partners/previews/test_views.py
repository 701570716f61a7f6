"""Pages as pictures: only for who may open the document, asked each time; and the page that shows them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, PageImage, Viewing
from partners.previews.actions import draw_now, keep_pages, settle_pages
from partners.previews.drawing import Drawn
from partners.previews.viewing import described, viewing_of
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory, MembershipFactory, stored_bytes
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.previews.test_drawing import pdf, picture
from vetting_portal.models import User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def drawn(pages: int = 3) -> Document:
    document = DocumentFactory(accepted=True, file=stored_bytes(pdf(pages)))
    draw_now(document, 1)
    return document


def owner(document: Document) -> User:
    return document.paper.organisation.owners().get().user


def picture_at(document: Document, number: int = 1, size: str = "small") -> str:
    return reverse("partners:document_page", args=[document.pk, number, size])


def test_a_page_is_private_harmless_and_sent_once():
    document = drawn()
    client = signed_in(owner(document))

    answer = client.get(picture_at(document))
    again = client.get(picture_at(document), headers={"If-None-Match": answer["ETag"]})

    assert answer["Content-Type"] == "image/webp"
    assert len(b"".join(answer.streaming_content)) == int(answer["Content-Length"])
    assert answer["Cache-Control"] == "private, no-cache"
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"][:7]) == ("nosniff", "sandbox")
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")


def test_a_page_is_asked_for_by_each_person():
    document = drawn()
    etag = f'"{PageImage.objects.get(number=1).small.sha256}"'
    assert signed_in(owner(document)).get(picture_at(document), headers={"If-None-Match": etag}).status_code == 304
    for stranger in (UserFactory(), made.reviewer(), DocumentFactory().uploaded_by):
        answer = signed_in(stranger).get(picture_at(document), headers={"If-None-Match": etag})
        assert answer.status_code == 404
        assert signed_in(stranger).get(reverse("partners:document_read", args=[document.pk])).status_code == 404


def test_looking_at_a_page_is_told_to_the_partner_as_a_download_is():
    organisation = made.sent_submission().organisation
    document = DocumentFactory(paper__organisation=organisation, accepted=True, file=stored_bytes(pdf(1)))
    draw_now(document, 1)
    client = signed_in(made.officer())
    for known in ({}, {"If-None-Match": f'"{PageImage.objects.get().small.sha256}"'}):
        b"".join(client.get(picture_at(document), headers=known))
    assert [(seen.document, seen.role) for seen in Viewing.objects.all()] == [(document, "programme_officer")]


def test_who_left_the_organisation_sees_no_page():
    document = drawn()
    left = MembershipFactory(organisation=document.paper.organisation, ended=True).user
    assert signed_in(left).get(picture_at(document)).status_code == 404


@pytest.mark.parametrize(("number", "size"), [(4, "small"), (0, "small"), (1, "original"), (10**9, "small")])
def test_pages_and_sizes_that_are_not_there_are_404(number, size):
    document = drawn()
    assert signed_in(owner(document)).get(picture_at(document, number, size)).status_code == 404


def test_before_its_check_nothing_of_a_document_shows():
    document = DocumentFactory()
    client = signed_in(owner(document))
    assert client.get(picture_at(document)).status_code == 409
    assert client.get(reverse("partners:document_read", args=[document.pk])).status_code == 409


def test_a_page_that_is_not_drawn_is_asked_for_by_looking():
    document = DocumentFactory(accepted=True, file=stored_bytes(pdf(2)))
    client, address = signed_in(owner(document)), reverse("partners:document_read", args=[document.pk])

    waiting = client.get(address + "?page=2")
    first = client.get(picture_at(document, 2))
    drain()
    ready = client.get(address + "?page=2")

    assert "Being drawn" in waiting.text
    assert picture_at(document, 2) in waiting.text
    assert (first.status_code, first["Cache-Control"]) == (202, "no-store")
    assert "of 2" in ready.text
    assert f"{picture_at(document, 2, 'large')} 1700w" in ready.text


def test_reading_page_by_page_with_a_zoom():
    document = drawn(3)
    client, address = signed_in(owner(document)), reverse("partners:document_read", args=[document.pk])

    first, middle, beyond = (client.get(f"{address}?{query}") for query in ("", "page=2&zoom=150", "page=99&zoom=7"))

    assert "PDF, 3 pages" in first.text
    assert ('id="page-previous"' in first.text, 'id="page-next"' in first.text) == (False, True)
    assert ('id="page-previous"' in middle.text, 'id="page-next"' in middle.text) == (True, True)
    assert 'width="1189"' in middle.text
    assert 'id="zoom-fit"' in middle.text
    assert beyond.context["viewing"].page == 3
    assert 'id="page-next"' not in beyond.text


def test_a_failed_document_says_why_and_is_there_to_download():
    document = DocumentFactory(accepted=True)
    draw_now(document, 1)

    answer = signed_in(owner(document)).get(reverse("partners:document_read", args=[document.pk]))

    assert "cannot be drawn" in answer.text
    assert reverse("partners:document_download", args=[document.pk]) in answer.text


def test_a_failed_page_says_why_and_the_next_one_opens():
    document = DocumentFactory(accepted=True, file=stored_bytes(pdf(2)))
    stuck = Drawn(2, (), "Its pages take too long to draw.")
    settle_pages(document=document, first=1, drawn=stuck, kept=keep_pages(stuck), by=User.objects.system("background"))

    answer = signed_in(owner(document)).get(reverse("partners:document_read", args=[document.pk]))

    assert "take too long" in answer.text
    assert 'id="page-next"' in answer.text
    assert PageImage.objects.get().failure


def test_what_a_document_is_in_words():
    document = DocumentFactory(accepted=True)
    photo = DocumentFactory(accepted=True, media_type="image/jpeg", file=stored_bytes(picture("JPEG"), "image/jpeg"))
    draw_now(photo, 1)

    assert described(document, 6) == "PDF, 6 pages"
    assert described(document, 1) == "PDF, 1 page"
    assert described(document, None) == "PDF"
    assert viewing_of(photo, {}).kind == "Photo (JPEG)"


@pytest.mark.parametrize("page", ["", "0", "-1", "²", "9" * 40, "one"])
def test_a_page_number_that_is_none_is_the_first_or_the_last(page):
    assert viewing_of(drawn(2), {"page": page}).page == 1


def test_reader_asks_the_database_the_same_number_of_times(django_assert_max_num_queries):
    FunderFactory()
    document = drawn(3)
    Document.objects.filter(pk=document.pk).update(issued_on=timezone.localdate())
    client = signed_in(owner(document))
    with django_assert_max_num_queries(12):
        client.get(reverse("partners:document_read", args=[document.pk]))
