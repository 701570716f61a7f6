"""What a partner's home names of its grant, and what stands in the bar."""

import datetime as dt

import pytest
from django.utils import timezone

from grants.banking.actions import refuse_details
from grants.nav import nav_items, next_thing
from tests.factories import banking, campaigns, grants
from tests.factories.portal import UserFactory
from vetting_portal.navigation import next_for

pytestmark = pytest.mark.django_db


def said(grant):
    return next_thing(grants.owner_of(grant), grant.submission.organisation_id)


def test_a_partner_is_asked_to_sign_once_the_directors_have(approved):

    assert said(approved).text == "Read the agreement, then sign it"
    assert said(approved).url == f"/partner/agreement/{approved.number}/"
    assert said(approved).can_wait is False


def test_a_partner_is_asked_nothing_while_directors_sign():
    assert said(grants.grant_in("awaiting_signature")) is None


def test_a_report_comes_first_when_it_is_due_soon():
    report = campaigns.report_of(campaigns.opened(campaigns.stage()))
    owner = campaigns.member_of(report.grant)
    banking.approved(banking.entered(report.grant.submission))
    type(report).objects.update(due_on=timezone.localdate() + dt.timedelta(days=600))
    type(report).objects.filter(pk=report.pk).update(due_on=timezone.localdate() + dt.timedelta(days=5))

    soon = next_thing(owner, report.grant.submission.organisation_id)
    type(report).objects.filter(pk=report.pk).update(due_on=timezone.localdate() + dt.timedelta(days=300))
    later = next_thing(owner, report.grant.submission.organisation_id)

    assert (soon.label, soon.can_wait) == ("Write it now", False)
    assert (later.label, later.can_wait) == ("Begin it", True)


def test_a_grant_without_an_open_report_asks_for_nothing(in_force):
    assert said(in_force).text == "Tell us where to pay"

    details = banking.approved(banking.entered(in_force.submission))
    assert said(in_force).text == "You need do nothing now"

    refuse_details(details=details, reason="The account is closed.", by=grants.officer_of(in_force))
    assert said(in_force).why == "We cannot pay to the account you gave."


def test_next_for_asks_the_highest_app(approved):

    assert next_for(grants.owner_of(approved), approved.submission.organisation_id).label == "Open the agreement"
    assert next_for(UserFactory(), approved.submission.organisation_id) is None


def test_funds_stand_in_the_bar_of_who_may_read_them():
    officer = UserFactory(roles=["programme_officer"])
    director = UserFactory(roles=["director"])

    assert "Match funds" not in [item.label for item in nav_items(officer)]
    assert "Match funds" in [item.label for item in nav_items(director)]
