"""The funder's record as a page: who may, what is refused beside its field, and that nothing is changed twice."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from grants.agreements.readiness import freeze_blockers
from tests.factories import grants
from tests.factories.portal import FunderFactory, UserFactory
from tests.grants.payments.test_pages import signed_in
from vetting_portal.models import Funder

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "One Fund",
    "tax_number": "12-3456789",
    "address": "1 Main Street",
    "city": "Seattle",
    "country": "us",
    "contact_email": "hello@example.org",
    "governing_law": "the State of Washington, United States",
    "courts": "King County, Washington, United States",
}


@pytest.fixture
def client() -> Client:
    FunderFactory(governing_law="", courts="")
    return signed_in(UserFactory(roles=["administrator"], totp=True))


def test_a_change_is_a_new_version_and_the_same_again_is_none(client: Client) -> None:
    page = reverse("portal:funder")
    assert page in client.get(reverse("portal:staff")).content.decode()
    assert client.post(page, GIVEN).status_code == 302
    funder = Funder.objects.current()
    assert (funder.version, funder.country, funder.courts) == (2, "US", GIVEN["courts"])
    assert (funder.time_zone, funder.signing_policy["directors"]) == ("UTC", 2)
    assert client.post(page, {**GIVEN, "country": "US"}).status_code == 302
    assert Funder.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [*((name, "") for name in GIVEN), ("country", "XX1"), ("country", "Q?"), ("country", "ZQ"),
     ("contact_email", "nobody"), ("governing_law", "x" * 121)],
)  # fmt: skip
def test_bad_input_is_refused_beside_its_field_and_kept(client: Client, field: str, value: str) -> None:
    answer = client.post(reverse("portal:funder"), {**GIVEN, "tax_number": "TYPED", field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert field == "tax_number" or "TYPED" in answer.content.decode()
    assert Funder.objects.count() == 1


def test_nobody_but_an_administrator_changes_it() -> None:
    FunderFactory()
    for role in ("programme_officer", "director", "finance_officer", "auditor", "reviewer"):
        person = signed_in(UserFactory(roles=[role], totp=True))
        assert person.post(reverse("portal:funder"), GIVEN).status_code == 403
    assert Funder.objects.count() == 1


def test_terms_wait_for_the_law_and_the_courts_and_say_where_they_are_entered() -> None:
    grant = grants.drafted()
    assert freeze_blockers(grant) == []
    FunderFactory(version=2, governing_law="", courts="")
    found = freeze_blockers(grant)
    assert [str(one) for one in found] == ["The funder’s governing law is missing.", "The funder’s courts are missing."]
    assert {one.url for one in found} == {reverse("portal:funder")}


def test_the_first_day_takes_them_as_options_and_says_when_they_are_missing() -> None:
    out = StringIO()
    first = {"name": "F", "tax_number": "1", "address": "A", "admin_email": "a@example.org", "admin_name": "A B"}
    call_command("create_funder", **first, governing_law="the State of Oregon, United States", stdout=out)
    assert Funder.objects.current().governing_law == "the State of Oregon, United States"
    assert "enter the governing law and the courts at Staff → Funder" in out.getvalue()
