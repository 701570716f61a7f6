"""What a partner says of a paper: dates in order, languages as people write them, corrected until relied on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Paper
from partners.vault import actions
from partners.vault.actions import Dates
from partners.vault.said import check_said
from reviews.models import Citation, Review, Score
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.vault.sending import accepted, pdf, send
from vetting_portal.languages import language_words, read_languages
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "codes", "words"),
    [
        ("", "", ""),
        ("Thai", "th", "Thai"),
        ("ไทย", "th", "Thai"),
        (" th ", "th", "Thai"),
        ("Thai and English", "th,en", "Thai and English"),
        ("lao/THAI; english", "lo,th,en", "Lao, Thai and English"),
        ("French, français", "fr", "French"),
        ("Haitian Creole", "ht", "Haitian Creole"),
    ],
)
def test_languages_are_read_as_people_write_them(typed: str, codes: str, words: str) -> None:
    assert (read_languages(typed), language_words(codes)) == (codes, words)


@pytest.mark.parametrize("typed", ["Klingonx", "English and Elvish", "en, fr, es, pt", "x" * 80, "🙂"])
def test_unknown_languages_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_said(Dates(language=typed))
    assert "We do not know the language" in refused.value.message_dict["language"][0]


@pytest.mark.parametrize(
    ("bad", "field", "words"),
    [
        ({"issued_on": date(2026, 11, 27)}, "issued_on", "has not come yet"),
        ({"issued_on": date(26, 1, 1)}, "issued_on", "year in full"),
        ({"issued_on": date(2026, 2, 1), "expires_on": date(2026, 1, 31)}, "expires_on", "cannot end before"),
        ({"expires_on": date(2999, 1, 1)}, "expires_on", "too far away"),
    ],
)
def test_bad_dates_are_refused_next_to_their_field(bad: dict[str, Any], field: str, words: str, client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False):
        with pytest.raises(ValidationError) as refused:
            send(pdf(), dates=Dates(**bad), organisation=organisation)
        typed = {name: day.isoformat() for name, day in bad.items()}
        file = SimpleUploadedFile("a.pdf", pdf())
        answer = client.post(
            reverse("partners:vault", args=[organisation.pk]), {"kind": "minutes", "file": file, **typed}
        )
    assert words in refused.value.message_dict[field][0]
    page = answer.content.decode()
    assert (answer.status_code, words in page, f'value="{next(iter(typed.values()))}"' in page) == (422, True, True)
    assert not Document.objects.exists()


def test_a_paper_issued_today_where_the_day_begins_first_is_taken() -> None:
    with time_machine.travel(datetime(2026, 11, 25, 20, tzinfo=UTC), tick=False):
        assert check_said(Dates(issued_on=date(2026, 11, 26))).issued_on == date(2026, 11, 26)


def test_a_file_of_a_kind_we_never_take_is_refused_at_once(client: Client) -> None:
    FunderFactory()
    organisation = OrganisationFactory()
    client.force_login(organisation.created_by)
    file = SimpleUploadedFile("letter.exe", pdf())
    answer = client.post(reverse("partners:vault", args=[organisation.pk]), {"kind": "minutes", "file": file})
    assert (answer.status_code, "We cannot take a .exe file." in answer.content.decode()) == (422, True)
    assert not Paper.objects.exists()


def test_what_was_said_is_corrected_until_somebody_relies_on_it() -> None:
    document = accepted(dates=Dates(language="English"))
    owner = document.uploaded_by
    with pytest.raises(PermissionDenied):
        actions.describe_document(document=document, dates=Dates(), by=UserFactory(roles=["programme_officer"]))
    said = Dates(issued_on=date(2026, 1, 1), language="Thai", issuer=" Ministry  of Interior ")
    described = actions.describe_document(document=document, dates=said, by=owner)
    assert (described.issued_on, described.language, described.issuer) == (
        date(2026, 1, 1),
        "th",
        "Ministry of Interior",
    )
    actions.describe_document(document=document, dates=said, by=owner)
    assert AuditEntry.objects.about(document).filter(event="described").count() == 1
    with pytest.raises(ValidationError):
        actions.describe_document(document=document, dates=Dates(language="Elvish"), by=owner)


def test_what_was_sent_is_no_longer_corrected(client: Client) -> None:
    FunderFactory()
    submission = submission_in("submitted")
    document = submission.links[0].paper.current
    owner = submission.organisation.owners().get().user
    with pytest.raises(Refused, match="It was sent with an application"):
        actions.describe_document(document=document, dates=Dates(), by=owner)
    client.force_login(owner)
    address = reverse("partners:document_describe", args=[document.pk])
    assert client.get(address).status_code == 409
    later = DocumentFactory(paper=PaperFactory(organisation=submission.organisation), accepted=True)
    address = reverse("partners:document_describe", args=[later.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"language": "Elvish"}).status_code == 422
    assert client.post(address, {"language": "Lao"}).status_code == 302
    later.refresh_from_db(fields=["language"])
    assert later.language == "lo"
    client.force_login(MembershipFactory().user)
    assert client.get(address).status_code == 404


def refused_by_the_database(document: Document, **changes: Any) -> bool:
    try:
        with transaction.atomic():
            Document.objects.filter(pk=document.pk).update(**changes)
    except DatabaseError:
        return True
    return False


@pytest.mark.both
def test_the_database_keeps_every_version_as_it_was_sent() -> None:
    document = DocumentFactory(accepted=True)
    fixed = {
        "paper": PaperFactory(),
        "number": 7,
        "original_name": "other.pdf",
        "size": 1,
        "uploaded_at": timezone.now() + timedelta(days=1),
    }
    assert [name for name, value in fixed.items() if not refused_by_the_database(document, **{name: value})] == []
    for record in (document, document.paper):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(record).objects.filter(pk=record.pk)._raw_delete("default")
    assert not refused_by_the_database(document, issuer="Ministry", language="th")


SAID = {"issuer": "Other", "issued_on": date(2020, 1, 1), "expires_on": date(2090, 1, 1), "language": "lo"}


@pytest.mark.both
def test_the_database_keeps_what_was_said_of_a_sent_version() -> None:
    sent = submission_in("submitted").links[0].paper.current
    assert [name for name, value in SAID.items() if not refused_by_the_database(sent, **{name: value})] == []
    assert not refused_by_the_database(sent, check_reason="")


@pytest.mark.both
def test_the_database_keeps_what_was_said_of_a_cited_version() -> None:
    """Also of one that was never sent: the citation in a submitted review is enough."""
    submission = submission_in("in_review")
    document = DocumentFactory(paper=PaperFactory(organisation=submission.organisation), accepted=True)
    now = timezone.now()
    review = Review.objects.create(
        submission=submission,
        reviewer=UserFactory(roles=["reviewer"]),
        state="submitted",
        version=1,
        seen_version=submission.latest_version,
        due_on=timezone.localdate(),
        invited_at=now,
        invited_by=UserFactory(),
        begun_at=now,
        submitted_at=now,
    )
    score = Score.objects.create(
        review=review,
        criterion=submission.criteria[0],
        value=3,
        edition=1,
        given_on=submission.latest_version,
        saved_at=now,
    )
    assert not refused_by_the_database(document, issuer="Ministry")
    Citation.objects.create(score=score, document=document, page=1, cited_at=now)
    assert [name for name, value in SAID.items() if not refused_by_the_database(document, **{name: value})] == []
