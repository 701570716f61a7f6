"""What templates say of money, dates, hashes and states."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from vetting_portal.templatetags import portal
from vetting_portal.workflow import Blocker

SIGNED = dt.datetime(2026, 4, 20, 23, 42, 7, tzinfo=dt.UTC)
SEATTLE = ZoneInfo("America/Los_Angeles")


def test_amounts_in_their_currency():
    assert portal.amount(1_500_000, "USD") == "15,000.00"
    assert portal.amount(-900, "USD") == "\u22129.00"
    assert portal.amount(4250, "KWD") == "4.250"
    assert portal.amount(0, "USD") == "0.00"
    assert portal.amount(None, "USD") == "–"
    assert portal.public_money(1_500_000, "USD") == "$15,000"
    assert portal.public_money(None) == "–"


def test_money_keeps_code_and_figures_together():
    assert portal.money(1_500_000, "USD") == '<span class="money"><small>USD</small> 15,000.00</span>'


def test_minus_before_what_is_taken_away():
    assert portal.minus("376.59") == "\u2212 376.59"
    assert portal.minus("–") == "–"
    assert portal.minus("0.00") == "0.00"


def test_dates_are_those_of_the_zone_that_is_shown():
    with timezone.override(SEATTLE):
        assert portal.day(SIGNED) == "20 April 2026"
        assert portal.day("2026-03-27") == "27 March 2026"
        assert portal.weekday(dt.date(2026, 3, 27)) == "Friday 27 March 2026"
        assert portal.when(SIGNED) == "20 April 2026, 16:42 (Los Angeles)"
        assert portal.stamp(SIGNED) == "20 April 2026, 16:42:07 \u221207:00"


@pytest.mark.parametrize("say", [portal.day, portal.weekday, portal.when, portal.stamp])
def test_unknown_date_is_a_dash(say):
    assert say(None) == "–"


def test_days_from_now_counts_calendar_days():
    with time_machine.travel(dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC), tick=False):
        assert portal.days_from_now(dt.date(2026, 4, 22)) == 21
        assert portal.days_from_now(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC)) == -1
        assert portal.days_from_now(None) is None


def test_initials_of_first_and_last_word():
    assert portal.initials("Mei-Ling Tan") == "MT"
    assert portal.initials("Siriporn") == "S"
    assert portal.initials("") == "?"


def test_hash_in_groups_of_eight():
    digest = "9f2c41d07be85a33" * 4

    assert portal.hash_groups(digest) == ["9f2c41d0", "7be85a33"] * 4
    assert portal.hash_short(digest) == "9f2c41d0 … 7be85a33"
    assert portal.hash_short("") == "–"


def test_sizes_of_files():
    assert portal.megabytes(640_000) == "640 KB"
    assert portal.megabytes(8_400_000) == "8.4 MB"
    assert portal.megabytes(12) == "1 KB"
    assert portal.megabytes(None) == "–"


def test_counts_with_their_noun():
    assert portal.counted(1, "thing is,things are") == "one thing is"
    assert portal.counted(4, "thing is,things are") == "four things are"
    assert portal.counted(31, "gift,gifts") == "31 gifts"
    assert portal.word_count(" one  two ") == 2


def test_state_is_shape_and_word():
    drawn = portal.state("accepted", tag=True)

    assert 'class="state t-ok tag"' in drawn
    assert "#check" in drawn
    assert "<span>Accepted</span>" in drawn


def test_state_without_a_look_still_says_its_word():
    assert "#ring" in portal.state("on_the_way")
    assert "<span>On the way</span>" in portal.state("on_the_way")


def test_state_escapes_its_text():
    assert "<b>" not in portal.state("held", "<b>")


def test_steps_take_blockers_dicts_and_sentences():
    blocker = Blocker("Registration certificate", hint="It ended.", code="C1", url="/x/")

    first, second, third = portal.as_steps([blocker, {"label": "Budget", "state": "done"}, "A plain sentence"])

    assert first == {
        "label": "Registration certificate",
        "hint": "It ended.",
        "url": "/x/",
        "state": "",
        "code": "C1",
        "action": "",
    }
    assert (second["label"], second["state"]) == ("Budget", "done")
    assert third["label"] == "A plain sentence"


def test_query_keeps_what_is_there_and_changes_one_thing():
    request = RequestFactory().get("/queue/?show=mine&page=2")
    context = Context({"request": request})

    assert Template("{% load portal %}{% query page=3 %}").render(context) == "?show=mine&amp;page=3"
    assert Template("{% load portal %}{% query page=None %}").render(context) == "?show=mine"


def test_lines_of_a_choice():
    assert portal.first_line("Yes\nWith changed names.") == "Yes"
    assert portal.other_lines("Yes\nWith changed names.") == "With changed names."
    assert portal.link_list("/a/|A,/b/|B") == [("/a/", "A"), ("/b/", "B")]


def test_age_says_late_in_words():
    assert "11 days · 4 late" in portal.age(11)
    assert "#hourglass" in portal.age(11)
    assert "hourglass" not in portal.age(3)


def test_country_by_its_name():
    assert portal.country("TH") == "Thailand"
    assert portal.country("") == ""


def test_key_as_words():
    assert portal.spaced("programme_officer") == "programme officer"


@pytest.mark.parametrize(
    ("permission", "words"),
    [
        ("grants.plan_campaign", "programme officers"),
        ("sign_grant", "directors"),
        ("grants.open_brief", "programme officers, directors and auditors"),
        ("submit", ""),
        ("", ""),
    ],
)
def test_roles_that_a_refused_permission_is_for(permission, words):
    assert portal.who_may(permission, None) == {"words": words, "held": False}
