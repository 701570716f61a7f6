"""A partner's way through the pages, from the pre-screen to a sent application, and the officer's answer."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Organisation, Person, Submission
from tests.factories.partners import ProgrammeFactory, typed
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


def pdf(title: str) -> bytes:
    """Return a small real PDF with a title of its own."""
    made, out = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.docinfo["/Title"] = title
    made.save(out, static_id=True)
    return out.getvalue()


def first_questions(**changes: Any) -> dict[str, Any]:
    fields = {
        "country": "TH",
        "region": "",
        "is_registered": "yes",
        "founded_on": "2010-01-01",
        "yearly_income": "200,000",
        "is_community_led": "yes",
        "focus": "anti_trafficking",
        "is_religious_work": "no",
        "request": "30,000",
        "has_website": "yes",
    }
    return {**fields, **changes}


def post(client: Client, name: str, data: dict[str, Any], *args: Any, status: int = 302) -> Any:
    response = client.post(reverse(f"partners:{name}", args=args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def make_organisation(client: Client) -> Organisation:
    post(
        client,
        "organisation_create",
        {
            "legal_name": "Helping Hands",
            "country": "TH",
            "registration_number": "REG-1",
            "founded_on": "2010-01-01",
            "website": "https://example.org",
            "address": "1 Road",
            "yearly_income": "200000",
        },
    )
    organisation = Organisation.objects.get()
    for number in range(3):
        post(client, "person_add", {"name": f"Board {number}", "role": "board"}, organisation.pk)
    post(client, "person_add", {"name": "Signer", "role": "signatory"}, organisation.pk)
    return organisation


def answer_all(client: Client, submission: Submission) -> None:
    sections = {question.section.position for question in submission.questions}
    for position in sorted(sections):
        page = client.get(reverse("partners:submission_section", args=[submission.number, position]))
        assert page.status_code == 200
        data = {q.key: typed(q) for q in submission.questions if q.section.position == position}
        post(client, "submission_section", data, submission.number, position)


def send_papers(client: Client, submission: Submission) -> None:
    count = 0
    for criterion in submission.applying_criteria():
        address = reverse("partners:submission_paper_add", args=[submission.number])
        assert client.get(address, {"criterion": criterion.code}).status_code == 200
        for _ in range(criterion.evidence_minimum if criterion.is_scored else 0):
            count += 1
            data = {
                "criterion": criterion.code,
                "kind": "other",
                "title": f"Paper {count}",
                "file": SimpleUploadedFile(f"paper{count}.pdf", pdf(str(count))),
                "issued_on": (timezone.localdate() - timedelta(days=5)).isoformat(),
            }
            post(client, "submission_paper_add", data, submission.number)


def name_referees(client: Client, submission: Submission) -> None:
    for number in (1, 2):
        data = {
            "name": f"Referee {number}",
            "organisation": "A foundation",
            "relation": "A funder since 2022",
            "email": f"referee{number}@foundation.example.net",
            "language": "English",
            "is_outside": "on",
        }
        post(client, "submission_referees", data, submission.number)


def test_partner_walks_from_prescreen_to_changes(client: Client) -> None:
    FunderFactory()
    programme = ProgrammeFactory()
    partner = UserFactory()
    assert client.get(reverse("partners:prescreen", args=[programme.slug])).status_code == 200
    answered = client.post(reverse("partners:prescreen", args=[programme.slug]), first_questions())
    assert "Your work fits." in answered.content.decode()
    client.force_login(partner)
    start = reverse("partners:submission_start", args=[programme.slug])
    assert client.get(start).url == f"{reverse('partners:organisation_create')}?next={start.replace('/', '%2F')}"
    organisation = make_organisation(client)
    assert 'value="30000.00"' in client.get(start).content.decode()
    post(client, "submission_start", {**first_questions(), "organisation": organisation.pk}, programme.slug)
    submission = Submission.objects.get()
    for page in ("home", "submission_list"):
        assert client.get(reverse(f"partners:{page}")).status_code == 200
    refused = post(client, "submission_send", {}, submission.number, status=409)
    assert "Legal registration and charitable status" in refused.content.decode()
    answer_all(client, submission)
    send_papers(client, Submission.objects.get())
    drain()
    name_referees(client, submission)
    ready = client.get(reverse("partners:submission_send", args=[submission.number])).content.decode()
    assert "Everything is there" in ready
    post(client, "submission_send", {}, submission.number)
    for page in ("submission", "submission_send", "submission_papers"):
        status = 200 if page == "submission" else 409
        assert client.get(reverse(f"partners:{page}", args=[submission.number])).status_code == status
    assert client.get(reverse("partners:submission_version", args=[submission.number, 1])).status_code == 200
    assert client.get(reverse("partners:vault", args=[organisation.pk])).status_code == 200
    assert Person.objects.count() == 4
    officer = UserFactory(roles=["programme_officer"], totp=True)
    staff = Client()
    staff.force_login(officer)
    for page in ("submission", "submission_request_changes", "submission_decline"):
        assert staff.get(reverse(f"partners:{page}", args=[submission.number])).status_code == 200
    changes = {"reason": "One figure is unclear.", "items": "C5: which year?\nC13: the total"}
    post(staff, "submission_request_changes", changes, submission.number)
    submission = Submission.objects.get()
    assert (submission.state, submission.changes_items) == ("changes_requested", ["C5: which year?", "C13: the total"])
    assert "One figure is unclear." in client.get(reverse("partners:home")).content.decode()
    post(client, "submission_send", {}, submission.number)
    submission = Submission.objects.get()
    assert (submission.state, submission.versions.count()) == ("submitted", 2)
