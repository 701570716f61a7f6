"""What a partner's home names of its grant, and what stands in the bar."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from grants.banking.actions import refuse_details
from grants.banking.duties import A_YEAR
from grants.nav import nav_items
from partners.submissions.next import Waiting, next_about, waiting_about
from tests.factories import banking, campaigns, grants
from tests.factories.partners import MembershipFactory, SubmissionFactory
from tests.factories.portal import UserFactory
from tests.factories.reviews import hold_on
from vetting_portal.duties import duties_about
from vetting_portal.navigation import links_for

pytestmark = pytest.mark.django_db


def said(grant, who=None):
    user = who or grants.owner_of(grant)
    return next_about(user, grant.submission, waiting_about(user, grant.submission.organisation), [])


def editor_of(grant):
    return MembershipFactory(organisation=grant.submission.organisation, role="editor").user


def test_a_partner_is_asked_to_sign_once_the_directors_have(approved):

    assert said(approved).text == "Read the agreement, then sign it"
    assert said(approved).url == f"/partner/agreement/{approved.number}/"
    assert said(approved).label == "Open agreement"
    assert said(approved).note == "About 20 minutes. You can stop and come back."


def test_an_editor_reads_what_the_owner_has_to_do(approved):
    editor = editor_of(approved)
    waiting = waiting_about(editor, approved.submission.organisation)
    assert [duty.key for duty in waiting.mine] == ["grants.show_condition"]

    box = next_about(editor, approved.submission, Waiting([], waiting.colleagues), [])

    assert box.text == "Read the agreement, then sign it"
    assert "An owner of your organisation does this." in box.why
    assert (box.url, box.label) == (f"/partner/agreement/{approved.number}/", "Open")


def test_a_partner_is_asked_nothing_while_directors_sign():
    assert said(grants.grant_in("awaiting_signature")).text == "The directors decide"


def test_a_report_comes_first_when_it_is_due_soon():
    report = campaigns.report_of(campaigns.opened(campaigns.stage()))
    grant, owner, today = report.grant, campaigns.member_of(report.grant), timezone.localdate()
    banking.approved(banking.entered(grant.submission))
    type(report).objects.update(due_on=today + dt.timedelta(days=600))
    type(report).objects.filter(pk=report.pk).update(due_on=today + dt.timedelta(days=5))

    soon = said(grant, owner)
    type(report).objects.filter(pk=report.pk).update(due_on=today + dt.timedelta(days=300))
    later = said(grant, owner)
    type(report).objects.filter(pk=report.pk).update(
        state="returned", returned_at=timezone.now(), returned_by=owner, return_reason="Which shelters?",
        submitted_at=timezone.now(), submitted_by=owner,
    )  # fmt: skip
    back = said(grant, owner)

    day = date_format(today + dt.timedelta(days=5), "l j F Y")
    assert (soon.text, soon.why, soon.label) == ("Write your report", "Start note.", "Write report")
    assert soon.note == f"By {day}. You can write it over many days. Nothing is lost."
    due = date_format(today + dt.timedelta(days=300), "l j F Y")
    assert (later.text, later.label) == ("Nothing to do right now", "Open")
    assert (later.why, later.note) == (
        f"Coming up: a report is due on {due}: Start note.",
        "We email you 30 days before.",
    )
    assert (back.text, back.label) == ("Write your report", "Write report")
    assert "We sent it back: Which shelters?" in back.why


def test_the_page_of_an_application_leads_to_what_came_of_it(in_force, client):
    submission, owner = in_force.submission, grants.owner_of(in_force)
    client.force_login(owner)

    page = client.get(submission.get_absolute_url()).content.decode()

    assert "The agreement comes next" not in page
    assert f'<h2 class="serif">{said(in_force).text}</h2>' in page
    assert said(in_force).url in page


def test_an_application_says_that_the_agreement_comes_next_until_it_can_be_read():
    grant = grants.grant_in("awaiting_signature")
    owner = grants.owner_of(grant)

    assert "agreement" not in said(grant, owner).text
    assert links_for(owner, grant.submission) == []


def test_a_grant_asks_for_the_account_and_says_why(in_force):
    bank = "grants.enter_bank_details"
    assert said(in_force).text == "Tell us where to pay"
    assert said(in_force).why == "We need your bank details before the first payment."
    first = duties_about(grants.owner_of(in_force), in_force.submission)[0]
    assert abs(first.since - in_force.in_force_at) < dt.timedelta(seconds=1)

    details = banking.approved(banking.entered(in_force.submission))
    assert bank not in {duty.key for duty in mine(in_force)}

    details = type(details).objects.get(pk=details.pk)
    with time_machine.travel(details.approved_at + A_YEAR + dt.timedelta(days=1), tick=False):
        (again,) = [duty for duty in mine(in_force) if duty.key == bank]
        assert (again.why, again.days) == ("We check your account once a year", 1)
    refuse_details(details=details, reason="The account is closed.", by=grants.officer_of(in_force))
    (refused,) = [duty for duty in mine(in_force) if duty.key == bank]
    assert (refused.why, refused.days) == ("We cannot pay to the account you gave", 0)


def test_who_has_nothing_to_do_is_led_to_the_agreement(in_force):
    owner, nothing = grants.owner_of(in_force), Waiting([], [])
    in_force.submission.refresh_from_db(fields=["title"])

    box = next_about(owner, in_force.submission, nothing, [])

    assert box.text == "Nothing to do right now"
    assert (box.url, box.label) == (reverse("grants:partner_agreement", args=[in_force.number]), "Open agreement")


def mine(grant):
    user = grants.owner_of(grant)
    return waiting_about(user, grant.submission.organisation).mine


def test_home_lists_the_duties_of_my_work_in_its_order(in_force, client):
    owner = grants.owner_of(in_force)
    client.force_login(owner)
    SubmissionFactory(organisation=in_force.submission.organisation)

    listed = client.get(reverse("grants:work")).context["rows"]
    page = client.get("/home/", follow=True)

    assert len(listed) > 1
    assert page.context["next"].text == listed[0].verb
    assert page.context["duties"] == listed[1:5]
    assert page.context["many"] == len(listed)
    assert all(duty.why in page.content.decode() for duty in page.context["duties"])
    assert reverse("grants:work") in page.content.decode()


def test_a_held_partner_reads_only_that_we_look(in_force, client):
    hold_on(in_force.submission.organisation, by=grants.officer_of(in_force))

    assert said(in_force).text == "We are looking at your application"
    assert mine(in_force) == []


def test_a_stranger_is_told_nothing_of_a_grant(approved):
    user = UserFactory()
    waiting = waiting_about(user, approved.submission.organisation)

    assert (list(waiting.mine), list(waiting.colleagues)) == ([], [])
    assert links_for(user, approved.submission) == []


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
