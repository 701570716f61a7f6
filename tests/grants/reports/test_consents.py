"""Consents and stories: nothing of a person is shown without one that is on record, in date and not withdrawn."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import change_story, end_lapsed_showings, remove_story, withdraw_consent
from grants.reports.invariants import INVARIANTS
from grants.reports.models import Consent, Report, Showing, Story
from grants.reports.models.consent import has_initials
from partners.vault.models import Document
from tests.factories.campaigns import STORY, consented, member_of, opened, published, report_of, sent, told
from tests.factories.partners import DocumentFactory
from tests.factories.portal import UserFactory
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
PATH = "/campaign/{}/report/1/"


@pytest.fixture
def campaign(stage: Stage) -> Campaign:
    return opened(stage)


def shown_story(campaign: Campaign, stage: Stage, **changes: Any) -> Story:
    """Return a story that stands on the public page of a published report."""
    member = member_of(campaign.grant)
    consent = consented(campaign.grant, by=member, **changes)
    story = told(report_of(campaign), consent, by=member)
    published(sent(report_of(campaign), by=member), [story], by=stage.officer)
    return story


def page_of(campaign: Campaign) -> str:
    return Client().get(PATH.format(campaign.slug)).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"is_pseudonym": False}, "is_pseudonym"),
        ({"covers_photo": True}, "covers_photo"),
        ({"given_on": date(2099, 1, 1)}, "given_on"),
        ({"until_on": date(2025, 12, 31)}, "__all__"),
        ({"evidence_note": ""}, "__all__"),
        ({"covers_words": False}, "__all__"),
        ({"role": "nobody"}, "role"),
        ({"given_by": ""}, "given_by"),
        ({"given_by": "P. S."}, "given_by"),
        ({"given_on": date(2024, 2, 29), "until_on": date(2027, 3, 1)}, "until_on"),
    ],
)
def test_a_consent_that_cannot_carry_anything_is_refused(
    campaign: Campaign, stage: Stage, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        consented(campaign.grant, by=stage.officer, **changes)

    assert field in refusal.value.message_dict
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("P. S.", True), ("P.S.", True), ("PS", True), ("N.", True), ("N", True), ("P S", True), ("p.s.", True),
        ("Mali S.", True), ("Mali S", True), ("P. Mali", True), ("น.", True), ("P-S", True), ("", False), ("?", False),
        ("Mali", False), ("Nok Mali", False), ("U Win", False), ("Mali 2", False), ("MALI", False), ("มะลิ", False),
    ],
)  # fmt: skip
def test_initials_are_told_from_a_name(name: str, *, is_so: bool) -> None:
    assert has_initials(name) is is_so


def test_only_a_survivor_has_to_have_a_whole_name_and_three_years_are_not_too_long(
    campaign: Campaign, stage: Stage
) -> None:
    given, until = date(2024, 2, 29), date(2027, 2, 28)

    consent = consented(
        campaign.grant, by=stage.officer, role="staff", given_by="P. S.", given_on=given, until_on=until
    )

    assert (consent.given_by, consent.until_on) == ("P. S.", until)


def test_the_same_consent_sent_twice_is_on_record_once(campaign: Campaign, stage: Stage) -> None:
    first = consented(campaign.grant, by=stage.officer)

    again = consented(campaign.grant, by=stage.officer)
    other = consented(campaign.grant, by=stage.officer, purpose="The yearly report.")
    withdraw_consent(consent=first, by=stage.officer)
    anew = consented(campaign.grant, by=stage.officer)

    assert again == first
    assert len({first.pk, other.pk, anew.pk}) == 3
    assert AuditEntry.objects.filter(event="consent_recorded").count() == 3


def test_the_partner_and_the_officer_record_and_withdraw_nobody_else(campaign: Campaign, stage: Stage) -> None:
    for person in (stage.finance, UserFactory()):
        with pytest.raises(PermissionDenied):
            consented(campaign.grant, by=person)
    consent = consented(campaign.grant, by=stage.officer)
    for person in (stage.finance, UserFactory()):
        with pytest.raises(PermissionDenied):
            withdraw_consent(consent=consent, by=person)

    assert not Consent.objects.visible_to(UserFactory()).exists()
    assert Consent.objects.visible_to(member_of(campaign.grant)).get() == consent


def test_the_database_keeps_a_consent_as_it_was_given(campaign: Campaign, stage: Stage) -> None:
    consent = consented(campaign.grant, by=stage.officer)
    for changes in ({"until_on": date(2199, 1, 1)}, {"given_by": "Somebody"}, {"role": "staff"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(**changes)
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).delete()
    withdraw_consent(consent=consent, by=stage.officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=None, withdrawn_by=None)
    with pytest.raises(Refused, match="already"):
        withdraw_consent(consent=consent, by=stage.officer)


def test_a_story_is_shown_with_its_consent_and_off_the_page_with_its_withdrawal(
    campaign: Campaign, stage: Stage
) -> None:
    story = shown_story(campaign, stage)
    member = member_of(campaign.grant)
    before = page_of(campaign)
    showing = Showing.objects.get()

    ended = withdraw_consent(consent=story.consent, reason="She asked.", by=member)

    after = page_of(campaign)
    assert STORY["text"] in before
    assert "Mali (not the real name)" in before
    assert (STORY["text"] in after, "Mali" in after) == (False, False)
    assert "Two workers started." in after
    assert [(one.page, one.since_at) for one in ended] == [(PATH.format(campaign.slug), showing.since_at)]
    kept = Showing.objects.get()
    assert (kept.until_by, kept.until_reason) == (member, "The consent was withdrawn.")
    entry = AuditEntry.objects.get(event="consent_withdrawn")
    assert entry.facts["showings"][0]["page"] == PATH.format(campaign.slug)
    letter = DBTaskResult.objects.order_by("-enqueued_at").first()
    assert letter is not None
    assert letter.args_kwargs["args"][0] == stage.officer.email
    assert PATH.format(campaign.slug) in letter.args_kwargs["args"][2]
    assert [broken for invariant in INVARIANTS for broken in invariant()] == []


def test_the_officer_withdraws_and_the_partner_is_told(campaign: Campaign, stage: Stage) -> None:
    story = shown_story(campaign, stage)

    withdraw_consent(consent=story.consent, by=stage.officer)

    letter = DBTaskResult.objects.order_by("-enqueued_at").first()
    owners = {one.user.email for one in campaign.grant.submission.organisation.owners()}
    assert letter is not None
    assert letter.args_kwargs["args"][0] in owners


def test_no_cache_may_show_a_story_a_minute_after_its_withdrawal(campaign: Campaign, stage: Stage) -> None:
    """A cache that keeps the page for as long as it may, and not a second longer."""
    story, url = shown_story(campaign, stage), PATH.format(campaign.slug)
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        response = Client().get(url)
        told_age = dict(part.strip().partition("=")[::2] for part in response["Cache-Control"].split(","))
        fresh_until = start + timedelta(seconds=int(told_age["max-age"]))
        clock.shift(timedelta(seconds=1))
        withdraw_consent(consent=story.consent, by=stage.officer)
        clock.move_to(start + timedelta(seconds=61))

        seen = response.content if datetime.now(UTC) < fresh_until else Client().get(url).content

    assert STORY["text"].encode() in response.content
    assert "must-revalidate" in told_age
    assert STORY["text"].encode() not in seen
    assert fresh_until - start <= timedelta(seconds=60)


def test_a_consent_that_ends_takes_the_story_off_with_its_last_day(campaign: Campaign, stage: Stage) -> None:
    until = timezone.localdate() + timedelta(days=30)
    ends = datetime.combine(until + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    story = shown_story(campaign, stage, until_on=until)

    with time_machine.travel(ends - timedelta(minutes=1), tick=False):
        end_lapsed_showings.call()
        last_day = page_of(campaign)
        assert Showing.objects.get().until_at is None
    with time_machine.travel(ends + timedelta(minutes=1), tick=False):
        next_day = page_of(campaign)
        end_lapsed_showings.call()
        end_lapsed_showings.call()

    kept = Showing.objects.get(story=story)
    assert (STORY["text"] in last_day, STORY["text"] in next_day) == (True, False)
    assert (kept.until_at, kept.until_reason) == (ends, "The consent has ended.")
    assert AuditEntry.objects.filter(event="consent_lapsed").count() == 1


def test_a_report_is_not_sent_or_published_with_a_story_whose_consent_was_withdrawn(
    campaign: Campaign, stage: Stage
) -> None:
    member = member_of(campaign.grant)
    first, second = (consented(campaign.grant, by=member, purpose=page) for page in ("One page", "Another"))
    story = told(report_of(campaign), first, by=member)
    withdraw_consent(consent=first, by=member)
    with pytest.raises(Refused, match="The consent was withdrawn"):
        sent(report_of(campaign), by=member)
    change_story(story=story, words={**STORY, "consent": second}, by=member)
    report = sent(report_of(campaign), by=member)
    withdraw_consent(consent=second, by=member)

    with pytest.raises(ValidationError, match="The consent was withdrawn"):
        published(report, [story], by=stage.officer)

    assert report_of(campaign).state == "accepted"
    assert not Showing.objects.exists()
    assert Client().get(PATH.format(campaign.slug)).status_code == 404


def photo(campaign: Campaign, **changes: Any) -> Document:
    """Return an accepted picture of the partner's vault."""
    paper = {"paper__organisation": campaign.grant.submission.organisation}
    return DocumentFactory(**paper, **{"accepted": True, "media_type": "image/jpeg", **changes})


def with_photo(story: Story, document: Document) -> Story:
    """Put a photograph to a story past the actions, as a mistake in them would."""
    Story.objects.filter(pk=story.pk).update(photo=document, photo_shows="Hands", nobody_recognisable=True)
    return Story.objects.for_page().get(pk=story.pk)


def test_the_database_shows_no_photograph_of_a_survivor_and_nothing_withdrawn(campaign: Campaign, stage: Stage) -> None:
    member = member_of(campaign.grant)
    consent = consented(campaign.grant, by=member)
    story = with_photo(told(report_of(campaign), consent, by=member), photo(campaign))
    shown = {"page": "/x/", "since_at": datetime.now(UTC), "since_by": stage.officer}
    with pytest.raises(DatabaseError, match="only with a consent"), transaction.atomic():
        Showing.objects.create(story=story, **shown)
    other = told(report_of(campaign), consent, by=member)
    withdraw_consent(consent=consent, by=member)
    with pytest.raises(DatabaseError, match="only with a consent"), transaction.atomic():
        Showing.objects.create(story=other, **shown)
    with pytest.raises(IntegrityError), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(nobody_recognisable=False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "The consent is not for a photograph"),
        ({"role": "community", "covers_photo": True, "document": {"media_type": "application/pdf"}}, "no picture"),
        (
            {"role": "community", "covers_photo": True, "document": {"accepted": False}},
            "has not passed its checks",
        ),
    ],
)
def test_a_photograph_is_published_only_when_consent_and_checks_carry_it(
    campaign: Campaign, stage: Stage, changes: dict[str, Any], why: str
) -> None:
    member, document = member_of(campaign.grant), changes.pop("document", {})
    consent = consented(campaign.grant, by=member, **changes)
    story = with_photo(told(report_of(campaign), consent, by=member), photo(campaign, **document))

    assert why in " ".join(story.show_blockers(date(2026, 11, 25)))
    if changes:
        with pytest.raises(ValidationError, match=why):
            published(sent(report_of(campaign), by=member), [story], by=stage.officer)


def test_a_story_of_another_report_or_consent_of_another_grant_is_refused(campaign: Campaign, stage: Stage) -> None:
    member, other = member_of(campaign.grant), opened(stage)
    foreign = consented(other.grant, by=stage.officer)
    with pytest.raises(ValidationError, match="of this grant"):
        told(report_of(campaign), foreign, by=member)
    story = told(report_of(other), foreign, by=member_of(other.grant))

    with pytest.raises(ValidationError, match="of this report"):
        published(sent(report_of(campaign), by=member), [story], by=stage.officer)
    with pytest.raises(PermissionDenied):
        remove_story(story=story, by=UserFactory())
    remove_story(story=story, by=member)
    assert not Story.objects.exists()
    assert Report.objects.filter(state="published").count() == 0
