"""The pages of screening: the list, an organisation's names, a candidate beside our record."""

import pytest
from django.urls import reverse

from reviews.models import ScreeningHit
from reviews.screening.actions import clear_hit, confirm_hit, seen_token
from tests.factories import reviews as made
from tests.factories.partners import OrganisationFactory, PersonFactory
from tests.factories.portal import FunderFactory
from tests.reviews.panels.test_views import page, post, signed_in

pytestmark = pytest.mark.django_db


def decide(user, hit, decision, reason=made.REASON):
    return post(user, "hit", hit.pk, decision=decision, reason=reason, seen=seen_token(hit))


def test_list_shows_candidates_and_lists():
    hit = made.hit_of()

    answer = page(made.director(), "screening")

    assert answer.status_code == 200
    assert f'href="{hit.get_absolute_url()}"' in answer.text
    assert "OpenSanctions" in answer.text
    assert "To decide" in answer.text


def test_list_without_lists_says_that_nobody_can_be_screened():
    answer = page(made.officer(), "screening")

    assert "No sanctions list is imported." in answer.text
    assert "No candidate so far" in answer.text


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_database_the_same_number_of_times(rows, django_assert_num_queries):
    organisation = OrganisationFactory()
    for middle in ["", "R.", "S."][:rows]:
        PersonFactory(organisation=organisation, name=f"Pim {middle} Rattanakul")
    made.screened(organisation)
    FunderFactory()
    client, address = signed_in(made.officer()), reverse("reviews:screening")

    with django_assert_num_queries(10):
        shown = client.get(address)

    assert len(shown.context["object_list"]) == rows


@pytest.mark.parametrize("name", ["screening"])
def test_partners_and_reviewers_have_no_page(name):
    owner = made.hit_of().organisation.owners().first().user

    assert page(owner, name).status_code == 403
    assert page(made.reviewer(), name).status_code == 403


def test_a_candidate_is_not_there_for_who_may_not_see_it():
    hit = made.hit_of()

    assert page(made.reviewer(), "hit", hit.pk).status_code == 404
    assert page(hit.organisation.owners().first().user, "hit", hit.pk).status_code == 404
    assert (
        page(hit.organisation.owners().first().user, "organisation_screening", hit.organisation_id).status_code == 403
    )


def test_screening_by_the_button_says_what_came_of_it():
    organisation, officer = OrganisationFactory(), made.officer()
    made.imported()

    answer = post(officer, "screen_organisation", organisation.pk)
    shown = page(officer, "organisation_screening", organisation.pk)

    assert answer["Location"] == reverse("reviews:organisation_screening", args=[organisation.pk])
    assert shown.context["status"].state == "pass"
    assert "This holds for 30 days" in shown.text


def test_screening_without_a_list_is_refused_with_the_reason():
    organisation = OrganisationFactory()

    answer = post(made.officer(), "screen_organisation", organisation.pk)

    assert answer.status_code == 409
    assert "No sanctions list is imported." in answer.text


def test_comparison_says_findings_in_words_and_preselects_nothing():
    hit = made.hit_of()

    answer = page(made.officer(), "hit", hit.pk)

    findings = {line.label: line.finding for line in answer.context["lines"]}
    assert findings["Born"] == "28 years apart"
    assert findings["Nationality"] == "Same"
    assert findings["Name"] == f"{hit.score} of 100"
    assert findings["Local script"] == "One word the same"
    assert " checked" not in answer.text


def test_clearing_leads_back_to_the_organisation():
    hit, officer = made.hit_of(), made.officer()

    answer = decide(officer, hit, "clear")

    assert answer["Location"] == reverse("reviews:organisation_screening", args=[hit.organisation_id])
    assert "Not the same" in page(officer, "hit", hit.pk).text


def test_a_decision_without_choice_or_reason_comes_back():
    hit, officer = made.hit_of(), made.officer()

    nothing = decide(officer, hit, "", "")
    short = decide(officer, hit, "clear", "Not the same.")

    assert (nothing.status_code, short.status_code) == (422, 422)
    assert "Choose one of the three." in nothing.text
    assert "You have 3." in short.text
    assert "Not the same." in short.text


def test_confirming_shows_what_counsel_does():
    hit, officer = made.hit_of(), made.officer()

    asked = decide(officer, hit, "confirm")
    assert "Only two people together release it" in asked.text
    assert not hit.holds.exists()
    post(officer, "hit", hit.pk, decision="confirm", reason=made.REASON, seen=seen_token(hit), sure="1")

    hold = reverse("reviews:hold", args=[hit.holds.get().pk])
    assert f'href="{hold}"' in page(officer, "hit", hit.pk).text
    assert f'href="{hold}"' in page(officer, "organisation_screening", hit.organisation_id).text
    assert "31 CFR 501.603" in page(officer, "hold", hit.holds.get().pk).text


def test_deciding_twice_is_refused():
    hit = made.decide(made.hit_of(), confirm_hit)

    assert decide(made.officer(), hit, "clear").status_code == 409


def test_a_director_reads_but_does_not_decide():
    hit = made.hit_of()

    assert (
        "A programme officer from outside the organisation decides this." in page(made.director(), "hit", hit.pk).text
    )
    assert decide(made.director(), hit, "clear").status_code == 403


def test_a_changed_record_asks_again(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    path = tmp_path / "newer.csv"
    path.write_bytes(made.EXAMPLE_LIST.read_bytes().replace(b",1958,", b",1986-05-14,"))
    made.imported(path)

    answer = page(made.officer(), "hit", hit.pk)

    assert "A record changed" in answer.text
    assert {line.label: line.finding for line in answer.context["lines"]}["Born"] == "Same day"


def test_an_entry_that_left_the_list_still_shows(tmp_path):
    hit = made.hit_of()
    path = tmp_path / "newer.csv"
    lines = made.EXAMPLE_LIST.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b"EX-20417" not in line))
    made.imported(path)

    assert "The entry left the list." in page(made.officer(), "hit", hit.pk).text


def test_an_organisation_is_compared_too():
    organisation = OrganisationFactory(legal_name="Imaginary Front for the Example", country="TH")
    made.screened(organisation)

    answer = page(made.officer(), "hit", ScreeningHit.objects.get().pk)

    assert "Is it the same organisation?" in answer.text
    assert {line.label: line.finding for line in answer.context["lines"]}["Country"] == "Different"
