"""Statements of the list of duties are built once for all of the same roles: nothing of a reader stays in them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.support.scene import Scene
from vetting_portal import duties as listed
from vetting_portal.duties import Wanted, coming_about, counts, duties, duties_about
from vetting_portal.models import Role

pytestmark = pytest.mark.django_db

SHAPES = [
    Wanted(is_own=True),
    Wanted(is_mine=False, is_late=True),
    Wanted(is_coming=True),
]
ROLES = [(), (Role.PROGRAMME_OFFICER,), tuple(Role.values)]
READERS = ("owner", "reviewer", "officer", "director")


def built(roles: tuple[str, ...], shape: Wanted, build: Callable, *place: int) -> listed.Statement:
    """Return a statement as it is built now, whatever was kept before."""
    return listed._statement.__wrapped__(("", ""), (frozenset(roles), True), build, shape, place)


@pytest.mark.parametrize("roles", ROLES, ids="+".join)
def test_building_asks_nothing_and_holds_no_moment(roles, django_assert_num_queries):
    about = Wanted(submission=listed.THE_SUBMISSION, organisation=listed.THE_ORGANISATION)
    morning = timezone.localtime().replace(hour=1, minute=2, second=3, microsecond=4)
    found = []
    for moment in (morning, morning + timedelta(days=40, hours=21)):
        with time_machine.travel(moment, tick=False), django_assert_num_queries(0):
            found.append(
                [built(roles, shape, listed._listing, 0, 5) for shape in SHAPES]
                + [built(roles, shape, listed._counting) for shape in SHAPES]
                + [built(roles, about, listed._listing_about)]
            )
    # A wrapper of JSON knows no equality; its text says what it holds. A mark of the clock is compared as itself.
    texts = [[(one.sql, [str(param) if "Json" in repr(param) else param for param in one.params]) for one in each]
             for each in found]  # fmt: skip
    assert texts[0] == texts[1]


def found_by(person, record) -> list[object]:
    """Return everything that the list says to somebody."""
    lists = [[duties(person, shape), counts(person, shape)] for shape in SHAPES]
    return [lists, duties_about(person, record), coming_about(person, record)]


def test_what_was_kept_for_one_finds_for_another_what_is_built_for_them_alone(scene: Scene, monkeypatch):
    record = scene.records["Submission"]
    for person in scene.people.values():
        duties(person)  # statements are kept by now, whoever of the same roles was first
    kept = {name: found_by(scene.people[name], record) for name in READERS}
    monkeypatch.setattr(listed, "_statement", listed._statement.__wrapped__)
    for place, name in enumerate(READERS):
        # The mark of the user is another for each: what was kept under one mark would find nothing under the next.
        monkeypatch.setattr(listed, "THE_USER", -(2**41) - place)
        assert found_by(scene.people[name], record) == kept[name], name
    assert kept["officer"] != kept["director"] != kept["owner"]


def test_a_statement_holds_for_one_zone(scene: Scene):
    """A moment's day (``expires_at__date``) is cut in the zone in which the statement was built."""
    listed._statement.cache_clear()
    for zone in ("America/Los_Angeles", "Asia/Bangkok", "America/Los_Angeles"):
        with timezone.override(zone):
            duties(scene.people["director"])
    assert listed._statement.cache_info().misses == 2
