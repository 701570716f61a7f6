"""Programmes, their questions and the pre-screen."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Programme, Question, Questionnaire
from partners.programmes.actions import change_programme, create_programme, create_questionnaire, publish_programme
from partners.programmes.models import condition_blockers
from partners.programmes.prescreening import answers_from, preferences, prescreen
from partners.programmes.questions import count_words, problem, read, words_for
from tests.factories.partners import ProgrammeFactory, answers, default_checklist, default_questionnaire, loader
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.workflow import Refused

TODAY = date(2026, 3, 1)


def refusals(**changes: Any) -> list[str]:
    programme = ProgrammeFactory.build(
        checklist=None, questionnaire=None, created_by=None, published_by=None, published_at=None
    )
    return [str(blocker) for blocker in prescreen(answers(**changes), programme, today=TODAY)]


@pytest.mark.django_db
def test_prescreen_lets_a_fitting_request_through() -> None:
    assert refusals() == []
    assert refusals(country="KH", focus="education") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_registered": False}, "You need to be a registered non-profit."),
        ({"founded_on": date(2023, 3, 2)}, "Your organisation must be at least 3 years old."),
        ({"founded_on": date(2027, 1, 1)}, "The day you were founded lies in the future."),
        ({"focus": "other", "country": "KH"}, "Your work lies outside the focus of this programme."),
        ({"country": "DE"}, "Germany is not on our list of countries for this work."),
        ({"focus": "education"}, "Thailand is not on our list of countries for this work."),
        ({"is_religious_work": True}, "We do not fund the religious work of a church."),
        ({"request_minor": 499_999}, "A first request lies between USD 5,000.00 and USD 30,000.00."),
        ({"request_minor": 3_000_001}, "A first request lies between USD 5,000.00 and USD 30,000.00."),
        ({"has_website": False}, "We need a working website or a page on social media."),
        ({"country": "CU"}, "We cannot work in Cuba now."),
        ({"country": "UA", "region": "crimea"}, "We cannot work in Crimea now."),
    ],
)
def test_prescreen_says_why(changes: dict[str, Any], reason: str) -> None:
    assert refusals(**changes) == [reason]


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"founded_on": date(2023, 3, 1)}, {"request_minor": 500_000}])
def test_prescreen_takes_the_edge(changes: dict[str, Any]) -> None:
    assert refusals(**changes) == []


def test_prescreen_prefers_small_and_community_led() -> None:
    programme = ProgrammeFactory.build(checklist=None, questionnaire=None, created_by=None, published_by=None)
    assert len(preferences(answers(yearly_income_minor=100_000_000, is_community_led=False), programme)) == 2
    assert preferences(answers(yearly_income_minor=99_999_999), programme) == []
    assert answers_from(answers().as_record()) == answers()


def asked(kind: str, **fields: Any) -> Question:
    return Question(kind=kind, **{"required": True, **fields})


CHOICES = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (asked("text"), "", "This answer is missing."),
        (asked("text"), "   ", "This answer is missing."),
        (asked("text", required=False), None, ""),
        (asked("long_text", min_words=3), "one two", "Write at least 3 words. You have 2."),
        (asked("long_text", max_words=2), "one two three", "Write at most 2 words. You have 3."),
        (asked("number"), "about 80", "Give a whole number, for example 80."),
        (asked("number"), "-3", "Give a whole number, for example 80."),
        (asked("number"), "1,200", ""),
        (asked("money"), "-5", "An amount cannot be negative."),
        (asked("money"), "1.999", "USD has 2 decimals, not 3: for example 25.50."),
        (asked("money"), "EUR 5", "Give an amount in USD, for example 25.50."),
        (asked("yes_no"), "maybe", "Choose one of the answers on the list."),
        (asked("choice", options=CHOICES), "c", "Choose one of the answers on the list."),
        (asked("choices", options=CHOICES), ["a", "b"], ""),
        (asked("choices", options=CHOICES), [], "This answer is missing."),
        (asked("date"), "27.3.2026", "Give a day as year-month-day, for example 2026-03-27."),
        (asked("url"), "javascript:alert(1)", "Give a full web address, for example https://example.org."),
        (asked("url"), "https://example.org", ""),
    ],
)
def test_problem_in_plain_words(question: Question, value: Any, expected: str) -> None:
    assert problem(question, value, "USD") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one  two\nthree", 3), ("สวัสดีครับ", 2), ("我们照顾幸存者", 2), ("LIFT ช่วยเหลือ", 3), ("a–b", 1)],
)
def test_count_words(text: str, words: int) -> None:
    assert count_words(text) == words


def test_answers_are_read_and_worded() -> None:
    assert read("money", "30,000", "USD") == 3_000_000
    assert (read("money", "x", "USD"), read("number", "", "USD"), read("number", "80", "USD")) == (None, None, 80)
    assert read("date", "2026-01-31", "USD") == date(2026, 1, 31)
    assert words_for(asked("yes_no"), "yes") == "Yes"
    assert words_for(asked("choices", options=CHOICES), ["a", "b"]) == "A, B"
    assert words_for(asked("text"), None) == ""
    assert words_for(asked("money"), "30000.00", "USD") == "USD 30,000.00"
    assert (words_for(asked("money"), "much", "USD"), words_for(asked("money"), "30000")) == ("much", "30000")


@pytest.mark.django_db
def test_default_questions_are_frozen_and_decide_every_condition() -> None:
    made = default_questionnaire()
    assert made.sections.count() == 8
    assert condition_blockers(made.checklist, made) == []
    assert default_questionnaire() == made
    for write in (
        lambda: Questionnaire.objects.filter(pk=made.pk).update(name="Other"),
        lambda: made.sections.update(title="Other"),
        lambda: Question.objects.filter(section__questionnaire=made).update(required=False),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [{"criterion": "C99"}, {"key": "twice"}])
def test_bad_questions_are_refused(bad: dict[str, str]) -> None:
    question = {"key": "twice", "label": "?", "short_label": "?", "kind": "text"}
    sections = [{"title": "One", "questions": [question, {**question, "key": "other", **bad}]}]
    with pytest.raises(ValidationError):
        create_questionnaire(name="Mine", checklist=default_checklist(), sections=sections, by=loader())
    assert not Questionnaire.objects.filter(name="Mine").exists()


def call_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Aftercare",
        "slug": "aftercare",
        "summary": "For survivors.",
        "focus_areas": [{"key": "a", "label": "A"}],
        "opens_on": date(2026, 1, 1),
        "min_request_minor": 500_000,
        "max_request_minor": 3_000_000,
        "checklist": default_checklist(),
        "questionnaire": default_questionnaire(),
    }
    return {**fields, **changes}


@pytest.mark.django_db
def test_officer_makes_and_publishes_a_call() -> None:
    officer = UserFactory(roles=["programme_officer"])
    programme = create_programme(by=officer, **call_fields())
    assert [str(reason) for reason in programme.open_blockers()] == ["This call is not published yet."]
    programme = publish_programme(programme=programme, by=officer)
    assert programme.is_open
    with pytest.raises(Refused, match="published already"):
        publish_programme(programme=programme, by=officer)
    changed = change_programme(programme=programme, by=officer, closes_on=timezone.localdate() - timedelta(days=1))
    assert not changed.is_open


@pytest.mark.django_db
def test_others_make_no_call() -> None:
    for roles in ([], ["reviewer"], ["director"], ["auditor"]):
        with pytest.raises(PermissionDenied):
            create_programme(by=UserFactory(roles=roles), **call_fields())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"min_request_minor": 0},
        {"max_request_minor": 1},
        {"closes_on": date(2025, 1, 1)},
        {"slug": "not a slug"},
        {"title": ""},
        {"focus_areas": []},
    ],
)
def test_bad_call_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        create_programme(by=loader(), **call_fields(**changes))


@pytest.mark.django_db
def test_call_ends_with_the_day_in_its_own_zone() -> None:
    programme = ProgrammeFactory(opens_on=date(2026, 1, 1), closes_on=date(2026, 3, 27), time_zone="Asia/Bangkok")
    with time_machine.travel(datetime(2026, 3, 27, 16, 59, tzinfo=UTC), tick=False):
        assert (programme.is_open, programme.days_left) == (True, 0)
    with time_machine.travel(datetime(2026, 3, 27, 17, 0, tzinfo=UTC), tick=False):
        assert not programme.is_open
        assert programme.closing_at == timezone.now()
    with time_machine.travel(datetime(2025, 12, 31, 16, 59, tzinfo=UTC), tick=False):
        assert [str(reason) for reason in programme.open_blockers()] == ["This call is not open yet."]


@pytest.mark.django_db
def test_drafts_are_for_staff(client: Client) -> None:
    FunderFactory()
    draft = ProgrammeFactory(published_at=None)
    ProgrammeFactory()
    address = reverse("partners:programme", args=[draft.slug])
    assert client.get(address).status_code == 404
    assert draft.title not in client.get(reverse("partners:programme_list")).content.decode()
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    assert client.get(address).status_code == 200
    assert draft.title in client.get(reverse("partners:programme_list")).content.decode()
    asked = client.get(reverse("partners:programme_publish", args=[draft.slug])).content.decode()
    assert re.search(r'<button class="b b-go[^>]*>(?:(?!</button>).)*Publish call', asked, re.DOTALL)
    assert client.post(reverse("partners:programme_publish", args=[draft.slug])).status_code == 302
    assert Programme.objects.get(pk=draft.pk).is_published


@pytest.mark.django_db
def test_officer_writes_a_call_on_pages(client: Client) -> None:
    FunderFactory()
    default_questionnaire()
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    fields = {
        "title": "Call", "slug": "call", "summary": "S", "focus_areas": "One\nTwo", "exceptions": "th, LA",
        "opens_on": "2026-01-01", "min_request": "5,000", "max_request": "30,000", "time_zone": "Asia/Bangkok",
    }  # fmt: skip
    address = reverse("partners:programme_create")
    assert client.get(address).status_code == 200
    for bad in ({"exceptions": "XX"}, {"max_request": "1"}, {"closes_on": "2025-01-01"}, {"min_request": "5.123"}):
        assert client.post(address, {**fields, **bad}).status_code == 422
    assert client.post(address, fields).status_code == 302
    made = Programme.objects.get(slug="call")
    assert made.country_exceptions[0]["countries"] == ["TH", "LA"]
    edit = reverse("partners:programme_edit", args=["call"])
    assert client.get(edit).status_code == 200
    assert client.post(edit, {**fields, "title": "Better"}).status_code == 302
    assert Programme.objects.get(slug="call").title == "Better"


@pytest.mark.django_db
def test_prescreen_keeps_what_was_typed_when_it_is_wrong(client: Client) -> None:
    FunderFactory()
    programme = ProgrammeFactory()
    answer = client.post(
        reverse("partners:prescreen", args=[programme.slug]), {"country": "TH", "request": "lots", "founded_on": "x"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give an amount in USD, for example 25.50." in page
    assert 'value="lots"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["9999-12-31", "2099-01-01"])
def test_prescreen_refuses_a_founding_in_the_future_beside_its_field(client: Client, day: str) -> None:
    FunderFactory()
    programme = ProgrammeFactory()
    given = {
        "country": "TH", "region": "none", "is_registered": "yes", "founded_on": day, "yearly_income": "100",
        "is_community_led": "yes", "focus": "anti_trafficking", "is_religious_work": "no", "request": "5000",
        "has_website": "yes",
    }  # fmt: skip
    answer = client.post(reverse("partners:prescreen", args=[programme.slug]), given)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "founded_on": ["This day lies in the future. Give the day of the founding."]
    }
    assert f'value="{day}"' in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Bangkok", "America/Los_Angeles", "Pacific/Pago_Pago"])
def test_new_call_closes_by_the_clocks_of_its_own_place(client: Client, zone: str) -> None:
    FunderFactory(time_zone=zone)
    default_questionnaire()
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    page = client.get(reverse("partners:programme_create"))
    assert page.context["form"]["time_zone"].value() == zone  # the funder's, unless another is chosen
    fields = {
        "title": "Call", "slug": "call", "summary": "S", "focus_areas": "One", "opens_on": "2026-01-01",
        "closes_on": "2026-03-27", "min_request": "5,000", "max_request": "30,000", "time_zone": zone,
    }  # fmt: skip
    assert client.post(reverse("partners:programme_create"), fields).status_code == 302
    client.post(reverse("partners:programme_publish", args=["call"]))
    made = Programme.objects.get(slug="call")
    last = datetime(2026, 3, 27, 23, 59, 59, tzinfo=ZoneInfo(zone))
    with time_machine.travel(last, tick=False):
        assert made.is_open
    with time_machine.travel(last + timedelta(seconds=1), tick=False):
        assert not made.is_open
        assert str(made.open_blockers()[0].hint) == f"It ended on Friday 27 March 2026, 23:59 in {made.place}."
    shown = client.get(made.get_absolute_url()).content.decode()
    assert f"Thursday 1 January 2026, 00:00 in {made.place}" in shown
    assert f"Friday 27 March 2026, 23:59 in {made.place}" in shown


@pytest.mark.django_db
def test_zone_that_nobody_knows_is_refused() -> None:
    programme = ProgrammeFactory()
    with pytest.raises(ValidationError, match="Choose a time zone"):
        change_programme(programme=programme, time_zone="Mars/Olympus", by=UserFactory(roles=["programme_officer"]))


@pytest.mark.django_db
@pytest.mark.parametrize(("currency", "typed", "minor"), [("KWD", "5,000.125", 5_000_125), ("JPY", "5,000", 5_000)])
def test_a_call_in_another_currency_asks_and_reads_in_it(client: Client, currency: str, typed: str, minor: int) -> None:
    FunderFactory()
    programme = ProgrammeFactory(currency=currency)
    page = client.get(reverse("partners:prescreen", args=[programme.slug])).content.decode()
    assert currency in page
    assert not re.search("USD|dollar", page)

    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    edit = reverse("partners:programme_edit", args=[programme.slug])
    form = client.get(edit).context["form"]
    assert form.fields["min_request"].label == f"Smallest request ({currency})"
    assert form.fields["max_request"].label == f"Largest request ({currency})"
    given = {name: form[name].value() or "" for name in form.fields} | {"min_request": typed, "max_request": typed}
    assert client.post(edit, given).status_code == 302
    programme.refresh_from_db()
    assert programme.min_request_minor == programme.max_request_minor == minor
