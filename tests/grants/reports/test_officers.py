"""Who of the staff answers a report, and who of the partner hears of it: nobody with a tie, nobody who left."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import accept_report, publish_report, send_back_report
from tests.factories.amendments import campaign_of
from tests.factories.campaigns import member_of, opened, report_of, sent
from tests.factories.conditions import bound, condition_of, met
from tests.factories.grants import officer_of, owner_of
from tests.factories.portal import UserFactory
from tests.grants.heard import asked, listening
from tests.grants.payments.test_pages import signed_in, text, url
from vetting_portal.actions import end_role
from vetting_portal.models import User

pytestmark = pytest.mark.both
PUBLIC = {"public_line": "31 people.", "public_summary": "Two workers."}


@pytest.fixture
def campaign(stage: Stage) -> Campaign:
    """Give a campaign whose grant has a first report."""
    return opened(stage)


def former_member(campaign: Campaign) -> User:
    """Return a programme officer who worked for the partner until last year."""
    now, person = timezone.now(), UserFactory(roles=["programme_officer"])
    campaign.grant.submission.organisation.memberships.create(
        user=person, role="editor", since_at=now - timedelta(days=900), until_at=now - timedelta(days=400),
        ended_by=person,
    )  # fmt: skip
    return person


def test_who_belonged_to_the_partner_neither_answers_its_report_nor_is_asked_to(
    stage: Stage, campaign: Campaign
) -> None:
    person = former_member(campaign)
    report = sent(report_of(campaign), by=member_of(campaign.grant))

    assert "grants.accept_report" in asked(stage.officer)
    assert "grants.accept_report" not in asked(person)
    with pytest.raises(PermissionDenied):
        accept_report(report=report, by=person)
    with pytest.raises(PermissionDenied):
        send_back_report(report=report, reason="Why?", by=person)
    assert report_of(campaign).state == "submitted"


def test_who_belonged_to_the_partner_does_not_publish_its_report(stage: Stage, campaign: Campaign) -> None:
    person = former_member(campaign)
    report = accept_report(report=sent(report_of(campaign), by=member_of(campaign.grant)), by=stage.officer)

    assert "grants.publish_report" in asked(stage.officer)
    assert "grants.publish_report" not in asked(person)
    with pytest.raises(PermissionDenied):
        publish_report(report=report, **PUBLIC, stories=[], by=person)


def test_the_page_offers_no_answer_to_who_belonged_to_the_partner(stage: Stage, campaign: Campaign) -> None:
    person = former_member(campaign)
    report = sent(report_of(campaign), by=member_of(campaign.grant))
    accept = url("report_accept", report.pk)

    assert accept in text(signed_in(stage.officer).get(report.get_absolute_url()))
    assert accept not in text(signed_in(person).get(report.get_absolute_url()))
    assert signed_in(person).post(accept, {"agrees": "on"}).status_code == 403


def test_the_owners_hear_of_a_report_whose_sender_left(stage: Stage, campaign: Campaign) -> None:
    owner, sender = member_of(campaign.grant), member_of(campaign.grant)
    report = sent(report_of(campaign), by=sender)
    memberships = campaign.grant.submission.organisation.memberships
    memberships.filter(user=sender).update(until_at=timezone.now(), ended_by=owner)
    owners = {one.user.email for one in campaign.grant.submission.organisation.owners()}

    with listening() as told:
        send_back_report(report=report, reason="Which villages?", by=stage.officer)

    assert sender.email not in {message.to for message in told}
    assert {message.to for message in told} == owners >= {owner.email}
    assert all("Which villages?" in message.body for message in told)


def test_who_sent_a_report_hears_of_it_alone_while_they_belong_to_the_partner(stage: Stage, campaign: Campaign) -> None:
    sender = member_of(campaign.grant)
    member_of(campaign.grant)
    report = sent(report_of(campaign), by=sender)

    with listening() as told:
        send_back_report(report=report, reason="Which villages?", by=stage.officer)

    assert [message.to for message in told] == [sender.email]


def test_another_officer_hears_that_a_report_has_come_where_its_officer_left(stage: Stage, campaign: Campaign) -> None:
    former, other = former_member(campaign), UserFactory(roles=["programme_officer"])
    end_role(user=stage.officer, role="programme_officer", by=UserFactory(roles=["administrator"]))

    with listening() as told:
        sent(report_of(campaign), by=member_of(campaign.grant))

    to = {message.to for message in told}
    assert other.email in to
    assert not {former.email, stage.officer.email} & to


def test_a_report_that_a_condition_stops_is_nobodys_to_accept_until_it_is_met(draft: Grant) -> None:
    grant = bound(draft, blocks="report", of=1)
    officer, owner = officer_of(grant), owner_of(grant)
    report = sent(report_of(campaign_of(grant)), by=owner)
    client, accept = signed_in(officer), url("report_accept", report.pk)

    before, refused = asked(officer), client.post(accept, {"agrees": "on"})
    shows = asked(owner)
    met(condition_of(grant))

    assert refused.status_code == 409
    assert "grants.accept_report" not in before
    assert "grants.show_condition" in shows
    assert "grants.accept_report" in asked(officer)
    assert client.post(accept, {"agrees": "on"}).status_code == 302
