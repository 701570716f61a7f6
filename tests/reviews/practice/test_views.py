"""The pages of practising, driven as a new reviewer does: offered, scored, looked over, compared, started again."""

import pytest
from django.urls import reverse

from partners.checklists.actions import publish_checklist, start_checklist_version
from reviews.models import PracticeAttempt, PracticeScore, Review
from reviews.practice.actions import start_practice, submit_practice
from reviews.practice.content import practice_application
from tests.factories import reviews as made
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.panels.test_views import page, post, signed_in
from tests.reviews.practice.conftest import THAI, WHY, of_the_funders_own, scored
from vetting_portal.models import Role, User

pytestmark = pytest.mark.django_db
REASONS = [one.reason for one in practice_application().references.values()]


def submitted(attempt):
    return submit_practice(attempt=scored(attempt), by=attempt.reviewer)


def shows_a_reason(answer) -> bool:
    """Whether any part of any reference stands on a page."""
    return any(reason.split(".")[0] in answer.text for reason in REASONS)


# --- the offer ------------------------------------------------------------------------------------


def test_a_new_reviewer_is_led_to_practise_and_an_experienced_one_finds_it(checklist):
    FunderFactory()
    new = made.reviewer()
    first = page(new, "home").text
    attempt = start_practice(by=new)
    begun = page(new, "home").text
    submitted(attempt)
    practised = page(new, "home").text
    url = reverse("reviews:practice")

    assert "Practise before your first review." in first
    assert "Continue with the practice application." in begun
    for text in (first, begun, practised):
        assert f'href="{url}"' in text
    assert "Practise before" not in practised
    assert "Continue with" not in practised


def test_a_reviewer_who_has_submitted_a_real_review_is_not_urged():
    review = made.submitted()
    text = page(review.reviewer, "home").text
    assert "Practise before" not in text
    assert "still to come" not in text
    assert f'href="{reverse("reviews:practice")}"' in text


def test_where_a_real_review_waits_it_stays_what_is_next(invited):
    text = page(invited.reviewer, "home").text
    assert text.count('class="box next"') == 1
    box = text.partition('class="box next"')[2].partition("</section>")[0]
    assert invited.submission.organisation.legal_name in box
    assert "practi" not in box.lower()
    assert "Your first review is still to come." in text


def test_the_gate_says_it_and_stands_in_nobodys_way(invited):
    before = page(invited.reviewer, "review_gate", invited.pk)
    answer = post(invited.reviewer, "review_gate", invited.pk, interest="none", keeps_confidence="on")

    assert "You have not practised yet." in before.text
    assert answer["Location"] == reverse("reviews:review", args=[invited.pk])


def test_the_gate_is_silent_for_who_has_practised(invited):
    submitted(start_practice(by=invited.reviewer))
    assert "You have not practised yet." not in page(invited.reviewer, "review_gate", invited.pk).text


def test_officers_see_whether_a_new_reviewer_has_practised(sent):
    officer, one, other = made.officer(), made.reviewer(name="Has"), made.reviewer(name="Not")
    submitted(start_practice(by=one))
    start_practice(by=other)  # begun is not practised

    text = page(officer, "assign", sent.pk).text

    assert text.count("first review, has practised") >= 1
    assert text.count("first review, has not practised yet") >= 1
    assert f'href="{reverse("reviews:practice_read")}"' in text


# --- nothing there --------------------------------------------------------------------------------


def test_an_empty_installation_says_what_is_missing_and_offers_nothing(db):
    FunderFactory()
    reviewer = made.reviewer()
    shown, sent = page(reviewer, "practice"), post(reviewer, "practice_start")

    assert (shown.status_code, sent.status_code) == (200, 409)
    assert "There is no published checklist yet." in shown.text
    assert "There is no published checklist yet." in sent.text
    assert reverse("reviews:practice_start") not in shown.text
    assert reverse("reviews:practice") not in page(reviewer, "home").text
    assert page(made.officer(), "practice_read").status_code == 200
    assert not PracticeAttempt.objects.exists()


def test_where_nothing_fits_the_page_says_so(checklist):
    of_the_funders_own()
    reviewer = made.reviewer()
    shown = page(reviewer, "practice")

    assert "No practice application fits the checklist in force." in shown.text
    assert reverse("reviews:practice_start") not in shown.text
    assert post(reviewer, "practice_start").status_code == 409
    assert "No practice application fits" in page(made.officer(), "practice_read").text


# --- scoring --------------------------------------------------------------------------------------


def test_starting_twice_leads_to_the_same_page(checklist):
    reviewer = made.reviewer()
    first, second = post(reviewer, "practice_start"), post(reviewer, "practice_start")
    assert first["Location"] == second["Location"] == PracticeAttempt.objects.get().get_absolute_url()


def test_the_scoring_page_is_the_same_desk_and_says_that_it_is_practice(attempt):
    answer = page(attempt.reviewer, "practice_score", attempt.pk)

    assert answer.status_code == 200
    assert answer.text.count('class="pane ') == 3
    assert answer.text.count('name="score"') == 5
    for one in ("reviews/desk.js", "0 of 13 scored", "Made up for practice", "Nobody sees your practice scores."):
        assert one in answer.text
    for one in ("keys-on", "show-keys", "saved", "retry", "conflict", "keep-mine", "take-theirs", "go-on", "done"):
        assert f'id="{one}"' in answer.text  # what the script of the page takes hold of
    assert not shows_a_reason(answer)


def test_not_applicable_is_offered_where_the_criterion_allows_it(attempt):
    assert "id_score_na" in page(attempt.reviewer, "practice_score", attempt.pk, query="?criterion=C8").text
    assert "id_score_na" not in page(attempt.reviewer, "practice_score", attempt.pk, query="?criterion=C7").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?criterion=C7&document=safeguarding&page=2", 200),
        ("?criterion=C7&document=safeguarding&page=99", 200),
        ("?criterion=C7&document=safeguarding&page=x%00", 200),
        ("?criterion=C7&document=safeguarding&page=²", 200),
        ("?criterion=C7&document=answers", 200),
        ("?criterion=C7&document=nothing", 404),
        ("?criterion=C6", 404),
        ("?criterion=C99", 404),
    ],
)
def test_every_address_of_it_opens_or_is_not_there(attempt, query, status):
    assert page(attempt.reviewer, "practice_score", attempt.pk, query=query).status_code == status


def test_every_document_opens_at_each_of_its_pages(attempt):
    for document in attempt.application.documents:
        for number, blocks in enumerate(document.pages, 1):
            query = f"?criterion=C1&document={document.key}&page={number}"
            answer = page(attempt.reviewer, "practice_score", attempt.pk, query=query)
            assert blocks[0]["title"] in answer.text
            assert f"Page {number} of {len(document.pages)}" in answer.text


def test_saving_goes_on_and_keeps_what_was_typed(attempt):
    answer = post(
        attempt.reviewer, "practice_save", attempt.pk, "C1", score="4", justification=THAI, edition="0", then="C2"
    )
    score = PracticeScore.objects.get()

    assert answer["Location"] == f"{attempt.get_absolute_url()}?criterion=C2"
    assert (score.value, score.justification) == (4, THAI)
    assert THAI in page(attempt.reviewer, "practice_score", attempt.pk, query="?criterion=C1").text


def test_saving_stays_where_it_was_sent_from(attempt):
    sent = {"score": "1", "justification": WHY, "edition": "0", "document": "finance", "page": "2"}
    answer = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **sent, then="//elsewhere.example")
    assert answer["Location"] == f"{attempt.get_absolute_url()}?criterion=C1&document=finance&page=2"
    last = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **sent, then="submit")
    assert last["Location"] == reverse("reviews:practice_submit", args=[attempt.pk])


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"score": "7"}, "Choose one of the scores that are offered."),
        ({"score": "na"}, "Choose one of the scores that are offered."),
        ({"score": "2", "justification": "ก" * 4001}, "4000"),
        ({"score": "2", "edition": "x"}, ""),
        ({"score": "2", "edition": ""}, ""),
        ({"score": "2", "justification": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_input_comes_back_beside_its_field_with_everything_typed(attempt, sent, says):
    fields = {"justification": THAI, "edition": "0", "document": "nothing", "page": "x", **sent}
    answer = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **fields)
    by_itself = post(attempt.reviewer, "practice_autosave", attempt.pk, "C1", **fields)

    assert (answer.status_code, by_itself.status_code) == (422, 422)
    assert says in answer.text
    assert says in by_itself.json()["reason"]
    assert fields["justification"].replace("\x00", "")[:2] in answer.text
    assert not PracticeScore.objects.exists()


def test_a_stale_window_is_told_and_overwrites_nothing(attempt):
    sent = {"score": "2", "justification": "First.", "edition": "0"}
    post(attempt.reviewer, "practice_save", attempt.pk, "C1", **sent)
    later = {**sent, "score": "4", "justification": "Second."}
    answer = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **later)
    by_itself = post(attempt.reviewer, "practice_autosave", attempt.pk, "C1", **later)
    same = post(attempt.reviewer, "practice_autosave", attempt.pk, "C1", **sent)
    chosen = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **{**later, "edition": "1"})

    assert (answer.status_code, by_itself.status_code, same.status_code, chosen.status_code) == (409, 409, 200, 302)
    for text in ("Saved in another window", "First.", "Second.", 'value="1"'):
        assert text in answer.text
    assert by_itself.json()["theirs"]["justification"] == "First."
    assert PracticeScore.objects.get().justification == "Second."


def test_saving_by_itself_says_how_the_list_stands(attempt):
    post(attempt.reviewer, "practice_autosave", attempt.pk, "C1", score="3", justification=WHY, edition="0")
    answer = post(attempt.reviewer, "practice_autosave", attempt.pk, "C8", score="na", justification="", edition="0")
    said = answer.json()
    assert (said["edition"], said["given"], said["missing"], said["done"]) == (
        1,
        "na",
        "Say why it does not apply",
        "1 of 13 scored",
    )


# --- submitting and comparing ---------------------------------------------------------------------


def test_submitting_with_blanks_is_refused_with_links_to_each(attempt):
    shown = page(attempt.reviewer, "practice_submit", attempt.pk)
    answer = post(attempt.reviewer, "practice_submit", attempt.pk)

    assert "aria-disabled" in shown.text
    assert answer.status_code == 409
    assert answer.text.count("No score yet") == 13
    opened = signed_in(attempt.reviewer).get(f"{attempt.get_absolute_url()}?criterion=C7")
    assert f'href="{attempt.get_absolute_url()}?criterion=C7#id_score"' in answer.text
    assert 'id="id_score"' in opened.text


def test_reference_scores_stay_shut_until_ones_own_are_fixed(attempt):
    early = page(attempt.reviewer, "practice_result", attempt.pk)
    pages = [page(attempt.reviewer, name, attempt.pk) for name in ("practice_score", "practice_submit")]
    pages += [page(attempt.reviewer, "practice")]

    assert early["Location"] == attempt.get_absolute_url()
    assert not any(map(shows_a_reason, pages))


def test_after_submitting_both_scores_stand_side_by_side(attempt):
    scored(attempt, C13=3, C10=2)
    answer = post(attempt.reviewer, "practice_submit", attempt.pk)
    again = post(attempt.reviewer, "practice_submit", attempt.pk)
    result = page(attempt.reviewer, "practice_result", attempt.pk)

    assert answer["Location"] == again["Location"] == reverse("reviews:practice_result", args=[attempt.pk])
    assert result.status_code == 200
    for one in ("11 of 13 scores are the same", "2 points higher", "2 points lower", "3,600 + 2,160", WHY):
        assert one in result.text
    assert result.text.count("on the other side of the minimum requirement") == 1
    for name in ("practice_score", "practice_submit"):
        assert page(attempt.reviewer, name, attempt.pk)["Location"] == answer["Location"]


def test_what_is_submitted_is_written_no_more(attempt):
    submitted(attempt)
    late = {"score": "0", "justification": "Late.", "edition": "1"}
    by_button = post(attempt.reviewer, "practice_save", attempt.pk, "C1", **late)
    by_itself = post(attempt.reviewer, "practice_autosave", attempt.pk, "C1", **late)

    assert (by_button.status_code, by_itself.status_code) == (409, 422)
    assert not PracticeScore.objects.filter(justification="Late.").exists()


def test_started_again_it_is_blank_and_the_earlier_one_can_be_read(attempt):
    submitted(attempt)
    answer = post(attempt.reviewer, "practice_start")
    text = page(attempt.reviewer, "practice").text

    assert "0 of 13 scored" in signed_in(attempt.reviewer).get(answer["Location"]).text
    assert reverse("reviews:practice_result", args=[attempt.pk]) in text
    assert "Continue with Tidewater Learning Circle." in text
    assert page(attempt.reviewer, "practice_result", attempt.pk).status_code == 200


def test_a_new_version_of_the_checklist_is_said_and_used_from_the_next_start(attempt):
    officer = made.officer()
    newer = publish_checklist(checklist=start_checklist_version(checklist=attempt.checklist, by=officer), by=officer)

    assert "A newer version is in force" in page(attempt.reviewer, "practice_score", attempt.pk).text
    submitted(attempt)
    assert "A newer version is in force" in page(attempt.reviewer, "practice_result", attempt.pk).text
    post(attempt.reviewer, "practice_start")
    assert PracticeAttempt.objects.open().get().checklist == newer


# --- who --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role.values if role != "reviewer"])
def test_only_reviewers_open_it_and_only_their_own(attempt, role):
    other, colleague = UserFactory(roles=[role]), made.reviewer()
    assert page(other, "practice").status_code == 403
    assert post(other, "practice_start").status_code == 403
    for user in (other, colleague):
        assert page(user, "practice_score", attempt.pk).status_code == 404
        assert post(user, "practice_submit", attempt.pk).status_code == 404


def test_who_is_no_reviewer_any_more_opens_nothing(attempt):
    attempt.reviewer.role_assignments.all().delete()
    former = User.objects.get(pk=attempt.reviewer_id)
    assert page(former, "practice").status_code == 403
    assert page(former, "practice_score", attempt.pk).status_code == 403


def test_officers_read_it_with_its_reference_scores_and_change_nothing(checklist):
    officer = made.officer()
    answer = page(officer, "practice_read")

    assert shows_a_reason(answer)
    assert "Made up for practice" in answer.text
    assert 'method="post"' not in answer.text.partition("<main")[2].partition("</main>")[0]
    assert page(made.reviewer(), "practice_read").status_code == 403


def test_the_same_number_of_queries_with_few_and_with_all_scores(attempt, django_assert_num_queries):
    client = signed_in(attempt.reviewer)
    counts = []
    for _ in range(2):
        with django_assert_num_queries(100, exact=False) as found:
            client.get(attempt.get_absolute_url())
        counts.append(len(found))
        scored(attempt)
    assert counts[0] == counts[1]


def test_nothing_of_it_shows_in_work_queue_or_rounds(attempt):
    submitted(attempt)
    officer = signed_in(made.officer())
    for path in ("/work/", reverse("reviews:rounds")):
        assert "Tidewater" not in officer.get(path).text
    assert not Review.objects.exists()
