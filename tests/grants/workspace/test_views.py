"""My work: one list of duties for every role, its numbers, its cuts, and the pages beside it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.actions import plan_campaign
from grants.campaigns.simulation.stage import WORDS
from grants.workspace.views import TO_SIGN
from partners.submissions.models import Submission
from reviews.holds.actions import hold_for_counsel
from tests.factories import endings
from tests.factories.amendments import amendment_in
from tests.factories.grants import directors_of, officer_of
from tests.factories.partners import submission_in
from tests.factories.portal import UserFactory
from tests.factories.reviews import hit_of
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import Role

pytestmark = pytest.mark.django_db
TABS = ("work", "work_others", "work_coming", "work_done")
QUERIES = {"work": 9, "work_others": 7, "work_coming": 7}


@pytest.fixture
def officer(client):
    user = UserFactory(roles=["programme_officer"], totp=True, name="Ruth Example")
    client.force_login(user)
    return user


def rows(response):
    return [(row.reference, row.verb) for row in response.context["rows"]]


def late(submission, days):
    Submission.objects.filter(pk=submission.pk).update(waiting_since=timezone.now() - timedelta(days=days))


def test_the_list_names_each_act_the_earliest_date_first(client, officer):
    newer, older = submission_in("recommended", officer=officer), submission_in("submitted")
    late(older, 9)
    response = client.get(reverse("grants:work"))
    found = rows(response)
    assert found[0][0] == older.number
    assert (newer.number, "Draft the grant") in found
    assert [row.due for row in response.context["rows"]] == sorted(row.due for row in response.context["rows"])
    assert "9 days" in response.text
    assert "past our aim" in response.text


def test_changes_that_were_requested_wait_for_the_partner_in_sight_of_the_officer(client, officer):
    submission = submission_in("changes_requested", officer=officer)
    assert (submission.number, "Make the changes asked for") in rows(client.get(reverse("grants:work_others")))
    owner = submission.organisation.owners().get().user
    client.force_login(owner)
    assert (submission.number, "Make the changes we asked for") in rows(client.get(reverse("grants:work")))


def test_a_draft_is_nobodys_but_the_partners(client, officer):
    submission = submission_in("draft")
    for tab in TABS[:3]:
        assert rows(client.get(reverse(f"grants:{tab}"))) == []
    client.force_login(submission.organisation.owners().get().user)
    assert rows(client.get(reverse("grants:work"))) == [(submission.number, "Finish your application")]


def test_a_held_organisation_has_nothing_but_its_hold(client, officer):
    waiting = submission_in("submitted")
    hold_for_counsel(organisation=waiting.organisation, note="Counsel called.", by=UserFactory(roles=["director"]))
    found = {verb for _, verb in rows(client.get(reverse("grants:work")))}
    assert found == {"Decide about a hold", "Record counsel’s decision"}


def test_a_potential_match_leads_straight_to_the_comparison(client, officer):
    hit = hit_of(submission_in("submitted", officer=officer).organisation)
    found = {row.key: row.url for row in client.get(reverse("grants:work")).context["rows"]}
    assert found["reviews.decide_match"] == hit.get_absolute_url()


def test_what_another_officer_runs_waits_for_others(client, officer):
    mine = submission_in("in_review", officer=officer)
    other = submission_in("in_review", officer=UserFactory(roles=["programme_officer"]))
    assert {number for number, _ in rows(client.get(reverse("grants:work")))} == {mine.number}
    assert other.number in {number for number, _ in rows(client.get(reverse("grants:work_others")))}


def test_the_list_is_cut_to_what_is_late_to_a_group_and_to_words(client, officer):
    old, new = submission_in("submitted"), submission_in("submitted")
    late(old, 30)
    assert {number for number, _ in rows(client.get(reverse("grants:work"), {"show": "late"}))} == {old.number}
    chips = {chip["label"]: chip["count"] for chip in client.get(reverse("grants:work")).context["chips"]}
    shown = client.get(reverse("grants:work"), {"show": "Applications"})
    assert len(rows(shown)) == chips["Applications"]
    for words in (new.number, new.organisation.legal_name.lower()):
        assert {number for number, _ in rows(client.get(reverse("grants:work"), {"q": words}))} == {new.number}
    assert "No duty is found" in client.get(reverse("grants:work"), {"q": "no such partner"}).text


def test_a_campaign_to_open_is_said(in_force):
    officer = officer_of(in_force)
    plan_campaign(grant=in_force, slug="read-first", words=WORDS, by=officer)
    found = {duty.key: duty.reference for duty in duties(officer, Wanted(is_own=True))}
    assert found["grants.open_campaign"] == in_force.number


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("role", [*Role.values, ""])
def test_every_role_has_every_page(client, role, tab):
    submission_in("submitted")
    client.force_login(UserFactory(roles=[role] if role else [], totp=bool(role)))
    response = client.get(reverse(f"grants:{tab}"))
    assert response.status_code == 200
    assert [item["current"] for item in response.context["tabs"]] == [name == tab for name in TABS]


@pytest.mark.parametrize("tab", TABS[:3])
def test_the_pages_ask_the_database_as_often_for_many_as_for_one(
    client, officer, tab, django_assert_num_queries, django_assert_max_num_queries
):
    submission_in("submitted")
    client.get(reverse(f"grants:{tab}"))
    with django_assert_max_num_queries(QUERIES[tab]) as first:
        client.get(reverse(f"grants:{tab}"))
    submission_in("submitted")
    submission_in("in_review", officer=officer)
    with django_assert_num_queries(len(first)):
        client.get(reverse(f"grants:{tab}"))


def test_who_has_nothing_to_do_reads_what_others_have_to_do(client):
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    empty = client.get(reverse("grants:work")).text
    assert "A duty appears here as soon as you can act on it" in empty
    assert "Duties of others" not in empty
    late(submission_in("submitted"), 9)
    page = client.get(reverse("grants:work"))
    assert ("Nothing is waiting for you." in page.text, "Duties of others" in page.text) == (True, True)
    assert [one.verb in page.text for one in page.context["others"]] == [True] * len(page.context["others"]) != []
    none = client.get(reverse("grants:work"), {"q": "no such name"}).text
    assert ("Duties of others" in none, "No duty is found" in none) == (False, True)


def test_the_aims_are_told_to_staff(client, officer):
    page = client.get(reverse("grants:work_aims")).text
    assert "Resolve a disagreement" in page
    assert "14 days" in page


def test_the_old_queue_leads_to_my_work(client, officer):
    assert client.get(reverse("grants:queue")).headers["Location"] == reverse("grants:work")


def test_the_auditor_starts_from_the_proofs(client):
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    submission_in("submitted")
    page = client.get(reverse("grants:overview")).text
    assert "Newest entries of the trail" in page
    assert reverse("portal:trail") in page


def test_the_auditor_reads_first_what_my_work_lists_first(client):
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    assert "Nothing is waiting for anybody" in client.get(reverse("grants:overview")).text
    late(submission_in("submitted"), 9)
    listed, page = (client.get(reverse(f"grants:{name}")) for name in ("work_others", "overview"))
    first = listed.context["rows"][:5]
    assert page.context["waiting"] == first
    assert all(duty.verb in page.text for duty in first)
    assert reverse("grants:work_others") in page.text


def test_to_sign_lists_the_signatures_that_my_work_lists(client, in_force):
    ending = endings.asked(in_force)
    amendment = amendment_in("awaiting_signature")
    for director in (ending.second, *directors_of(amendment.grant)[:1]):
        client.force_login(director)
        mine = [duty for duty in duties(director) if duty.key in TO_SIGN]
        page = client.get(reverse("grants:to_sign"))
        assert [duty for duty, _ in page.context["rows"]] == mine
        assert all(duty.verb in page.text and duty.url in page.text for duty in mine)
    client.force_login(ending.second)
    assert "Confirm the end of a grant, or decline" in client.get(reverse("grants:to_sign")).text


@pytest.mark.parametrize("role", Role.values)
def test_each_role_arrives_at_my_work(client, role):
    client.force_login(UserFactory(roles=[role], totp=True))
    assert client.get("/home/").headers["Location"] == reverse("grants:work")
