"""Importing a sanctions list on its page: whole or not at all, with what is wrong beside its field."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.example.setting import LIST
from reviews.screening.models import SanctionsList
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.inspection.policy import MAX_BYTES

pytestmark = pytest.mark.django_db
CUTS = Path(__file__).parents[2] / "data" / "sanctions"
OFAC = ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv")


@pytest.fixture
def client() -> Client:
    FunderFactory()
    client = Client()
    client.force_login(UserFactory(roles=["administrator"], totp=True))
    return client


def send(client: Client, source: str, files: Sequence[tuple[str, bytes]], day: str = "") -> HttpResponse:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    fields = {"source": source, "listed": uploads, "published_on": day}
    response: HttpResponse = client.post(reverse("reviews:list_import"), fields)
    return response


def today() -> str:
    return timezone.localdate().isoformat()


def test_one_file_becomes_the_current_list_and_again_changes_nothing(client: Client) -> None:
    content = LIST.read_bytes()
    for _ in range(2):
        assert send(client, "opensanctions", [("targets.simple.csv", content)], today()).status_code == 302
    made = SanctionsList.objects.get()
    assert (made.is_current, made.published_on.isoformat()) == (True, today())
    assert made.entry_count > 0
    assert "Import a list" in client.get(reverse("reviews:screening")).content.decode()


def test_browser_sends_the_files_and_not_their_names_only(client: Client) -> None:
    page = client.get(reverse("reviews:list_import")).content.decode()
    form = page[page.index('<form class="form"') : page.index('name="listed"')]
    assert 'enctype="multipart/form-data"' in form


def test_files_of_ofac_are_taken_together(client: Client) -> None:
    files = [(name, path.read_bytes()) for name in OFAC for path in CUTS.rglob(name)]
    assert send(client, "ofac-sdn", files, today()).status_code == 302
    assert SanctionsList.objects.get().entry_count > 0
    missing = send(client, "ofac-sdn", files[1:], today())
    assert missing.status_code == 422
    assert "lacks sdn.csv" in missing.content.decode()
    assert SanctionsList.objects.get().is_current


@pytest.mark.parametrize(
    ("source", "files", "day", "said"),
    [
        ("opensanctions", [], "", "Choose the file of the list."),
        ("opensanctions", [("a.csv", b"")], "2026-01-01", "empty"),
        ("opensanctions", [("a.csv", b"not,a,list\n")], "2026-01-01", "The list that was there stays."),
        ("opensanctions", [("a.csv", b"x"), ("b.csv", b"x")], "2026-01-01", "This list is one file."),
        ("opensanctions", [("a.csv", b"x")], "", "Enter the day on which the list was published."),
        ("un", [("un.xml", b"<broken")], "", "The list that was there stays."),
        ("nobody", [("a.csv", b"x")], "2026-01-01", "Choose one"),
    ],
)
def test_bad_input_is_named_beside_its_field(
    client: Client, source: str, files: list[tuple[str, bytes]], day: str, said: str
) -> None:
    response = send(client, source, files, day)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not SanctionsList.objects.exists()


def test_day_in_the_future_is_refused(client: Client) -> None:
    response = send(client, "opensanctions", [("a.csv", LIST.read_bytes())], "2999-01-01")
    assert response.status_code == 422
    assert "The publication date lies in the future." in response.content.decode()


def test_list_over_the_limit_is_refused_whole(client: Client) -> None:
    content = LIST.read_bytes().ljust(MAX_BYTES + 1, b"\n")
    response = send(client, "opensanctions", [("a.csv", content)], today())
    assert response.status_code == 422
    assert "At most 25 MB a file." in response.content.decode()
