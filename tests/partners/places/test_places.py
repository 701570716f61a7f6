"""Closed places by date, with what came with the portal and what staff add and end; and human development by date."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from partners.invariants import closed_places_are_listed
from partners.models import Embargo
from partners.places.actions import add_embargo, end_embargo
from partners.places.closing import NO_LIST, OUTSIDE, Place, place_blockers, region_choices, region_hint
from partners.places.countries import country_name, time_zone_of
from partners.places.development import edition_on, editions
from tests.factories.partners import ProgrammeFactory
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def officer() -> User:
    return UserFactory(roles=["programme_officer"], totp=True)


def closed(country: str, region: str, on: date) -> list[str]:
    return [str(blocker) for blocker in place_blockers([Place(country, region, "the country where you work")], on=on)]


def add(by: User, **changes: object) -> Embargo:
    fields = {
        "name": "Atlantis", "country": "TH", "region": "", "since_on": date(2026, 5, 1), "source": "E.O. 1",
        "reason": "Counsel read it on 1 May 2026.",
    }  # fmt: skip
    return add_embargo(by=by, **{**fields, **changes})


@pytest.mark.parametrize(
    ("country", "region", "on", "place"),
    [
        ("CU", "", date(2026, 1, 1), "Cuba"),
        ("IR", "", date(2026, 1, 1), "Iran"),
        ("KP", "", date(2026, 1, 1), "North Korea"),
        ("SY", "", date(2025, 6, 30), "Syria"),
        ("SY", "", date(2025, 7, 1), None),
        ("SY", "", date(2011, 8, 17), None),
        ("UA", OUTSIDE, date(2026, 1, 1), None),
        ("UA", "", date(2014, 12, 18), None),
        ("UA", "donetsk", date(2022, 2, 21), "the so-called Donetsk People's Republic"),
        ("UA", "luhansk", date(2026, 1, 1), "the so-called Luhansk People's Republic"),
        ("RU", "crimea", date(2026, 1, 1), "Crimea"),
        ("TH", "", date(2026, 1, 1), None),
    ],
)
def test_a_place_is_closed_between_its_days(country: str, region: str, on: date, place: str | None) -> None:
    assert closed(country, region, on) == ([f"We cannot work in {place} now."] if place else [])


@pytest.mark.parametrize("country", ["", "XX", "Thailand", "th"])
def test_a_country_that_cannot_be_read_is_closed(country: str) -> None:
    assert closed(country, "", date(2026, 1, 1)) == ["We cannot read the country where you work."]


@pytest.mark.parametrize("region", ["", "donbas"])
def test_a_region_is_asked_where_it_matters_and_an_unknown_one_is_closed(region: str) -> None:
    assert closed("UA", region, date(2026, 1, 1)) == ["Say in which region of Ukraine it is."]
    assert closed("TH", region, date(2026, 1, 1)) == []


def test_regions_are_offered_only_while_one_is_closed() -> None:
    assert [key for key, _ in region_choices(date(2026, 1, 1))] == ["", OUTSIDE, "crimea", "donetsk", "luhansk"]
    assert region_hint(date(2026, 1, 1)) == "Only for Ukraine."
    assert (region_choices(date(2014, 1, 1)), region_hint(date(2014, 1, 1))) == ([], "")


def test_an_empty_list_closes_everything() -> None:
    assert list(closed_places_are_listed()) == []
    with connection.cursor() as cursor:  # only past the trigger can it be empty
        is_lite = connection.vendor == "sqlite"
        name = "partners_embargo_kept_delete" if is_lite else "partners_embargo_kept ON partners_embargo"
        cursor.execute(f"DROP TRIGGER {name}")
    Embargo.objects.all().delete()
    assert closed("TH", "", date(2026, 1, 1)) == [NO_LIST]
    assert len(list(closed_places_are_listed())) == 1


def test_staff_add_a_place_and_end_it_with_reasons() -> None:
    by = officer()
    made = add(by)
    assert closed("TH", "", date(2026, 4, 30)) == []
    assert closed("TH", "", date(2026, 5, 1)) == ["We cannot work in Atlantis now."]
    end_embargo(embargo=made, until_on=date(2026, 6, 30), reason="Revoked by E.O. 2.", by=by)
    assert closed("TH", "", date(2026, 6, 30)) == ["We cannot work in Atlantis now."]
    assert closed("TH", "", date(2026, 7, 1)) == []
    assert [entry.event for entry in AuditEntry.objects.about(made)] == ["place_closed", "place_opened"]
    with pytest.raises(Refused, match="have their end already"):
        end_embargo(embargo=made, until_on=date(2026, 8, 1), reason="Again.", by=by)
    assert add(by, since_on=date(2026, 7, 1)).pk != made.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"country": "XX"}, "country"),
        ({"region": OUTSIDE}, "region"),
        ({"country": "CU"}, "since_on"),
        ({"name": ""}, "name"),
        ({"source": ""}, "source"),
    ],
)
def test_a_place_needs_its_words(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add(officer(), **changes)
    assert field in refusal.value.error_dict


def test_only_officers_and_administrators_keep_the_list() -> None:
    cuba = Embargo.objects.get(country="CU")
    for role in ("director", "auditor", "reviewer"):
        with pytest.raises(PermissionDenied):
            add(UserFactory(roles=[role]))
        with pytest.raises(PermissionDenied):
            end_embargo(embargo=cuba, until_on=date(2026, 1, 1), reason="No.", by=UserFactory(roles=[role]))
    assert add(UserFactory(roles=["administrator"])).pk
    with pytest.raises(ValidationError, match="before the first"):
        end_embargo(embargo=cuba, until_on=date(1960, 1, 1), reason="No.", by=officer())


@pytest.mark.both
def test_the_database_keeps_each_entry() -> None:
    cuba, syria = Embargo.objects.get(country="CU"), Embargo.objects.get(country="SY")
    for spoil in (
        lambda: Embargo.objects.filter(pk=cuba.pk).delete(),
        lambda: Embargo.objects.filter(pk=cuba.pk).update(since_on=date(2030, 1, 1)),
        lambda: Embargo.objects.filter(pk=syria.pk).update(until_on=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            spoil()


def test_pages_of_the_list(client: Client) -> None:
    FunderFactory()
    client.force_login(officer())
    shown = client.get(reverse("partners:places")).content.decode()
    assert "31 CFR part 515" in shown
    assert "E.O. 14312" in shown
    assert "came with the portal" in shown
    given = {"name": "Atlantis", "country": "TH", "since_on": "2026-05-01", "source": "E.O. 1", "reason": "Counsel."}
    assert client.post(reverse("partners:place_add"), {**given, "since_on": "soon"}).status_code == 422
    assert client.post(reverse("partners:place_add"), given).status_code == 302
    made = Embargo.objects.get(name="Atlantis")
    ending = reverse("partners:place_end", args=[made.pk])
    assert client.get(ending).status_code == 200
    assert client.post(ending, {"until_on": "2026-05-02"}).status_code == 422
    assert client.post(ending, {"until_on": "2026-05-02", "reason": "Over."}).status_code == 302
    assert "Over." in client.get(reverse("partners:places")).content.decode()


def test_the_table_of_human_development_is_whole_and_dated() -> None:
    newest = edition_on(date(2026, 1, 1))
    assert (len(newest.medium), len(newest.low), newest.medium & newest.low) == (43, 26, frozenset())
    assert all(country_name(code) != code for code in newest.medium | newest.low)
    assert newest.is_low_or_medium("KH")
    assert not newest.is_low_or_medium("TH")
    assert edition_on(date(2000, 1, 1)) == editions()[0]
    assert (time_zone_of("TH"), time_zone_of("XX")) == ("Asia/Bangkok", "UTC")


@time_machine.travel("2025-06-30 12:00 +0000")
def test_the_prescreen_follows_the_clock(client: Client) -> None:
    programme = ProgrammeFactory(closes_on=None)
    given = {
        "country": "SY", "region": "", "is_registered": "yes", "founded_on": "2010-01-01", "yearly_income": "20000",
        "is_community_led": "yes", "focus": "education", "is_religious_work": "no", "request": "10000",
        "has_website": "yes",
    }  # fmt: skip
    address = reverse("partners:prescreen", args=[programme.slug])
    assert "We cannot work in Syria now." in client.post(address, given).content.decode()
    with time_machine.travel("2025-07-01 12:00 +0000"):
        assert "We cannot work in Syria" not in client.post(address, given).content.decode()
