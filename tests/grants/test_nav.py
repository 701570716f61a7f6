"""What a partner's home names of its grant, and what stands in the bar."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from grants.banking.actions import refuse_details
from grants.nav import nav_items, next_thing
from tests.factories import banking, campaigns, grants
from tests.factories.portal import UserFactory
from vetting_portal.navigation import links_for, next_for, next_of

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
    type(report).objects.filter(pk=report.pk).update(
        state="returned", returned_at=timezone.now(), returned_by=owner, return_reason="Which shelters?",
        submitted_at=timezone.now(), submitted_by=owner,
    )  # fmt: skip
    back = next_thing(owner, report.grant.submission.organisation_id)

    due = date_format(timezone.localdate() + dt.timedelta(days=300), "l j F Y")
    assert (later.text, later.label, later.can_wait) == ("You need do nothing now", "See your reports", True)
    assert later.why == f"Your next report is “Start note”. It is due on {due}. We write to you 30 days before."
    assert (back.text, back.label, back.can_wait) == ("Answer our question: Start note", "Write it now", False)
    assert "Which shelters?" in back.why


def test_the_page_of_an_application_leads_to_what_came_of_it(in_force, client):
    submission, owner = in_force.submission, grants.owner_of(in_force)
    client.force_login(owner)

    page = client.get(submission.get_absolute_url()).content.decode()

    assert "The agreement comes next" not in page
    assert next_of(owner, submission).text == "Tell us where to pay"
    assert next_of(owner, submission).url in page
    assert next_of(UserFactory(), submission) is None
    assert next_of(owner, submission.organisation) is None


def test_an_application_says_that_the_agreement_comes_next_until_it_can_be_read():
    grant = grants.grant_in("awaiting_signature")

    assert next_of(grants.owner_of(grant), grant.submission) is None


def test_a_grant_without_an_open_report_asks_for_nothing(in_force):
    assert said(in_force).text == "Tell us where to pay"

    details = banking.approved(banking.entered(in_force.submission))
    assert said(in_force).text == "You need do nothing now"

    refuse_details(details=details, reason="The account is closed.", by=grants.officer_of(in_force))
    assert said(in_force).why == "We cannot pay to the account you gave."


def test_next_for_asks_the_highest_app(approved):

    assert next_for(grants.owner_of(approved), approved.submission.organisation_id).label == "Open the agreement"
    assert next_for(UserFactory(), approved.submission.organisation_id) is None


def test_who_has_just_signed_up_is_led_to_the_organisation(client):
    client.force_login(UserFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Add your organisation" in client.get("/home/", follow=True).content.decode()


def test_funds_stand_in_the_bar_of_who_may_read_them():
    officer = UserFactory(roles=["programme_officer"])
    director = UserFactory(roles=["director"])

    assert "Match funds" not in [item.label for item in nav_items(officer)]
    assert "Match funds" in [item.label for item in nav_items(director)]


@pytest.mark.parametrize("role", ["programme_officer", "auditor", "director"])
def test_the_pages_of_a_submission_lead_staff_to_the_grant_that_it_became(client, in_force, role):
    submission = in_force.submission
    client.force_login(UserFactory(roles=[role], totp=True))

    for page in (reverse("reviews:work", args=[submission.pk]), submission.get_absolute_url()):
        told = client.get(page).content.decode()
        assert told.count(f'href="{in_force.get_absolute_url()}"') == 1
        assert f"Open grant {in_force.number}" in told


def test_a_draft_of_a_grant_is_one_link_from_its_recommendation_and_nobody_elses(client):
    grant = grants.grant_in("draft")
    page = reverse("reviews:work", args=[grant.submission.pk])
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    told = client.get(page).content.decode()

    assert "Finalise the terms." in told
    assert told.count(f'href="{grant.get_absolute_url()}"') == 1
    assert f'href="{reverse("reviews:panel", args=[grant.submission.pk])}"' in told
    assert links_for(grants.owner_of(grant), grant.submission) == []
    assert links_for(UserFactory(roles=["administrator"]), grant.submission) == []
