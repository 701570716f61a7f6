"""The way to the application's page: from each list, from what belongs to the organisation, and for whom."""

import pytest
from django.urls import reverse

from grants.cases.leading import case_of
from partners.models import Submission
from tests.factories import reviews as made
from tests.factories.grants import directors_of, grant_in, officer_of
from tests.factories.partners import submission_in
from tests.factories.portal import FunderFactory, UserFactory
from tests.factories.reviews import hit_of, hold_on
from tests.reviews.panels.test_views import signed_in

pytestmark = pytest.mark.django_db
STRIP = 'aria-label="Parts of the application">'


def link_to(submission):
    return f'href="{reverse("grants:case", args=[submission.number])}"'


def main_of(client, address):
    return client.get(address).text.partition("<main")[2]


def test_a_duty_of_a_grant_leads_to_the_case_not_to_the_organisation(awaiting):
    submission = awaiting.submission
    director, auditor = directors_of(awaiting)[0], UserFactory(roles=["auditor"])
    pages = [(director, "work"), (director, "to_sign"), (officer_of(awaiting), "work_others"), (auditor, "overview")]
    for user, page in pages:
        text = main_of(signed_in(user), reverse(f"grants:{page}"))
        assert link_to(submission) in text, page
        assert f'href="{submission.organisation.get_absolute_url()}"' not in text, page


@pytest.fixture
def awaiting():
    FunderFactory()
    return grant_in("awaiting_signature")


def test_a_duty_of_an_organisation_leads_to_its_newest_case():
    FunderFactory()
    older, newer = two_of_one_organisation()
    hit_of(newer.organisation)
    text = main_of(signed_in(made.officer()), reverse("grants:work") + "?show=Organisations")
    assert "Decide a potential match" in text
    assert link_to(newer) in text
    assert link_to(older) not in text


def two_of_one_organisation():
    older = submission_in("submitted")
    newer = submission_in("submitted", organisation=older.organisation)
    return Submission.objects.get(pk=older.pk), Submission.objects.get(pk=newer.pk)


def test_a_partner_and_a_reviewer_find_no_such_link_among_their_duties():
    FunderFactory()
    review = made.invited()
    owner = review.submission.organisation.owners().first().user
    for user in (review.reviewer, owner):
        text = main_of(signed_in(user), reverse("grants:work"))
        assert "/cases/" not in text
    assert review.submission.organisation.get_absolute_url() not in main_of(
        signed_in(review.reviewer), reverse("grants:work")
    )


def test_the_page_of_a_hit_stands_with_the_case_that_one_comes_from():
    FunderFactory()
    older, newer = two_of_one_organisation()
    hit = hit_of(newer.organisation)
    client = signed_in(made.officer())
    came_from = {older.number: older, newer.number: newer, "": newer, "2020-999": newer, "%00": newer}
    for number, expected in came_from.items():
        text = main_of(client, f"{hit.get_absolute_url()}?case={number}")
        assert STRIP in text
        assert link_to(expected) in text, number
        assert link_to(newer if expected is older else older) not in text, number
    screening = main_of(client, reverse("grants:case_screening", args=[older.number]))
    assert f"{hit.get_absolute_url()}?case={older.number}" in screening


def test_a_document_stands_with_the_case_that_it_is_evidence_in():
    older, newer = two_of_one_organisation()
    officer, paper = made.officer(), older.links[0].paper
    assert case_of(officer, paper) == older
    assert case_of(officer, paper.documents.first()) == older
    assert case_of(officer, paper.documents.last(), newer.number) == newer
    assert case_of(older.created_by, paper) is None


def test_a_hold_leads_to_the_case_and_on_an_organisation_that_never_applied_to_none():
    FunderFactory()
    submission, draft = submission_in("submitted"), submission_in("draft")
    officer = made.officer()
    client = signed_in(officer)
    held = main_of(client, reverse("reviews:hold", args=[hold_on(submission.organisation, by=officer).pk]))
    alone = main_of(client, reverse("reviews:hold", args=[hold_on(draft.organisation, by=officer).pk]))
    assert (STRIP in held, link_to(submission) in held) == (True, True)
    assert (STRIP in alone, "/cases/" in alone) == (False, False)


def test_an_administrator_is_offered_no_grant_of_the_case(in_force):
    client = signed_in(UserFactory(roles=["administrator"]))
    text = main_of(client, reverse("grants:case", args=[in_force.submission.number]))
    assert in_force.get_absolute_url() not in text
    assert ">Grant</a>" not in text
    assert reverse("grants:case_diligence", args=[in_force.submission.number]) in text
    diligence = main_of(client, reverse("grants:case_diligence", args=[in_force.submission.number]))
    assert reverse("grants:bank", args=[in_force.submission.organisation_id]) not in diligence


def test_what_another_has_to_do_is_named_and_not_offered(in_force):
    text = main_of(signed_in(UserFactory(roles=["auditor"])), reverse("grants:case", args=[in_force.submission.number]))
    waiting = text.partition('id="next"')[2].partition('id="standing"')[0]
    assert "Waiting for a programme officer" in waiting
    assert "<a " not in waiting


def test_the_way_to_a_case_costs_nothing_where_the_record_names_it(in_force, django_assert_num_queries):
    officer = officer_of(in_force)
    grant = type(in_force).objects.select_related("submission").get(pk=in_force.pk)
    bank = in_force.submission.organisation
    officer.has_perm("grants.search_cases")
    with django_assert_num_queries(0):
        assert case_of(officer, grant) == grant.submission
    with django_assert_num_queries(1):
        assert [case_of(officer, bank), case_of(officer, bank)] == [in_force.submission] * 2
