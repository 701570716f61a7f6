"""The pages of holds: who reads them, what they say, and what a partner reads instead."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from partners.models import HeldMessage, Hold
from partners.submissions.actions import withdraw_submission
from reviews.holds.models import CounselStep
from reviews.screening.actions import ask_for_identity, confirm_hit
from tests.factories import reviews as made
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.panels.test_views import page, post, signed_in

pytestmark = pytest.mark.django_db
GIVEN = {"done_on": "2026-01-05", "note": "Filed, reference 7."}


@pytest.fixture
def hold() -> Hold:
    hit = made.hit_of()
    made.decide(hit, confirm_hit)
    return Hold.objects.get()


def test_the_hold_says_why_what_is_due_and_who_releases(hold):
    shown = page(UserFactory(roles=["auditor"]), "hold", hold.pk).text

    assert f"{hold.organisation} is held" in shown
    assert "Report to OFAC" in shown
    assert "Do not tell the partner why" in shown
    assert "Give your word" not in shown
    assert "Give your word" in page(made.director(), "hold", hold.pk).text


def test_a_step_is_recorded_with_its_paper(hold):
    officer = made.officer()
    assert "Block" in page(officer, "hold_step", hold.pk, "decision").text
    assert post(officer, "hold_step", hold.pk, "decision", **GIVEN).status_code == 422
    assert post(officer, "hold_step", hold.pk, "decision", outcome="blocked", **GIVEN).status_code == 302
    spoilt = SimpleUploadedFile("report.pdf", b"no PDF at all", "application/pdf")
    answer = post(officer, "hold_step", hold.pk, "report", paper=spoilt, **GIVEN)
    assert (answer.status_code, "Filed, reference 7." in answer.text) == (422, True)
    picture = SimpleUploadedFile("report.png", png(), "image/png")
    assert post(officer, "hold_step", hold.pk, "report", paper=picture, **GIVEN).status_code == 302
    step = CounselStep.objects.get(kind="report")
    assert step.paper_name == "report.png"
    shown = signed_in(UserFactory(roles=["auditor"])).get(reverse("reviews:hold_paper", args=[step.pk]))
    assert b"".join(shown.streaming_content) == png()
    assert page(officer, "hold_paper", CounselStep.objects.get(kind="decision").pk).status_code == 404
    assert page(officer, "hold_step_of_year", hold.pk, "annual", 1999).status_code == 404


def png() -> bytes:
    """Return a picture of one pixel."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\0")) + part(b"IEND", b"")


def test_two_people_release_it_on_pages_of_their_own(hold):
    first, second = made.officer(), made.director()
    assert page(hold.placed_by, "hold_release", hold.pk).status_code == 409
    assert post(first, "hold_release", hold.pk).status_code == 422
    assert post(first, "hold_release", hold.pk, reason="The passport differs.").status_code == 302
    assert page(first, "hold_release", hold.pk).status_code == 409
    assert "Yours is the second word" in page(second, "hold_release", hold.pk).text
    assert post(second, "hold_release", hold.pk, reason="Counsel agrees.").status_code == 302
    assert "was held" in page(first, "hold", hold.pk).text


def test_messages_wait_and_a_person_decides(hold):
    organisation, officer = hold.organisation, made.officer()
    for number in range(2):
        HeldMessage.objects.create(
            organisation=organisation,
            address="a@b.org",
            subject=f"Message {number}",
            body="Hello",
            held_at=hold.placed_at,
        )
    kept = list(HeldMessage.objects.all())
    assert "Message 0" in page(officer, "hold", hold.pk).text
    assert "Send these" not in page(officer, "held_messages", organisation.pk).text
    given = {"messages": [kept[0].pk], "act": "send"}
    assert post(officer, "held_messages", organisation.pk, **given).status_code == 409
    for person in (made.director(), made.officer()):
        post(person, "hold_release", hold.pk, reason="Counsel cleared it.")
    assert "Send these" in page(officer, "held_messages", organisation.pk).text
    assert post(officer, "held_messages", organisation.pk, act="send").status_code == 422
    assert post(officer, "held_messages", organisation.pk, **given).status_code == 302
    assert post(officer, "held_messages", organisation.pk, messages=[kept[1].pk], act="discard").status_code == 302
    assert not HeldMessage.objects.waiting().exists()


def test_a_message_about_another_name_waits_too():
    hit = made.hit_of()
    second = made.PersonFactory(organisation=hit.organisation, name="Pim R. Rattanakul")
    made.screened(hit.organisation)
    made.decide(hit, confirm_hit)
    made.decide(made.ScreeningHit.objects.get(person=second), ask_for_identity)
    assert [message.subject for message in HeldMessage.objects.all()] == ["Please send us an identity paper"]


def test_counsel_can_ask_for_a_hold_on_a_page():
    organisation = made.OrganisationFactory()
    assert post(made.officer(), "hold_place", organisation.pk).status_code == 422
    assert post(made.officer(), "hold_place", organisation.pk, note="Counsel called.").status_code == 302
    assert organisation.is_held


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_database_the_same_number_of_times(rows, django_assert_num_queries):
    FunderFactory()
    for _ in range(rows):
        made.decide(made.hit_of(), confirm_hit)
    client = signed_in(made.officer())
    with django_assert_num_queries(8):
        shown = client.get(reverse("reviews:holds"))
    assert len(shown.context["cases"]) >= rows


def test_staff_see_the_hold_and_the_partner_reads_neutral_words(sent):
    made.PersonFactory(organisation=sent.organisation, name=made.NEAR_NAME)
    made.screened(sent.organisation)
    made.decide(made.ScreeningHit.objects.get(), confirm_hit)
    owner, officer = sent.organisation.owners().get().user, made.officer()
    told = reverse("reviews:hold", args=[Hold.objects.get().pk])
    for address in (sent.get_absolute_url(), sent.organisation.get_absolute_url()):
        assert told in signed_in(officer).get(address).text
        shown = signed_in(owner).get(address).text
        assert not any(word in shown.lower() for word in ("is held", "sanction", "ofac", told))
    home = signed_in(owner).get(reverse("partners:home")).text
    assert "We are looking at your application" in home
    assert "is held" not in home
    work = page(officer, "work", sent.pk).text
    assert "is held." in work
    withdraw_submission(submission=sent, by=owner)
