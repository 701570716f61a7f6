"""The pages of a panel, driven as people do: declaration, bench, submitting, moderation, recommendation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partners.models import Access, Submission
from reviews.models import ConflictDeclaration, Recommendation, Review, Score
from tests.factories import reviews as made
from tests.factories.portal import FunderFactory
from vetting_portal.duties import duties, duties_about
from vetting_portal.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    """Return a browser of ``user``, second factor shown."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def page(user: User, name: str, *args, query: str = ""):
    return signed_in(user).get(reverse(f"reviews:{name}", args=args) + query)


def post(user: User, name: str, *args, **data):
    return signed_in(user).post(reverse(f"reviews:{name}", args=args), data)


def test_home_names_what_comes_next():
    review = made.invited(who=made.reviewer(name="Mei-Ling Tan"))

    answer = page(review.reviewer, "home")

    assert answer.status_code == 200
    assert f'href="{reverse("reviews:review_gate", args=[review.pk])}"' in answer.text


def test_home_with_nothing_says_when_that_changes():
    assert "No submission waits for your review" in page(made.reviewer(), "home").text


def test_home_says_in_a_sentence_that_nothing_waits(submitted):
    assert "Nothing is waiting for you." in page(submitted.reviewer, "home").text
    assert "Nothing is waiting for you." not in page(made.invited().reviewer, "home").text


def test_home_says_the_same_first_duty_as_my_work():
    who, officer = made.reviewer(), made.officer()
    made.invited(who=who, by=officer)
    older = made.invited(who=who, by=officer)
    Review.objects.filter(pk=older.pk).update(due_on=timezone.localdate() - timedelta(days=2))

    first, *_ = duties(who)
    shown = page(who, "home")

    assert first.record == older.pk
    assert shown.context["first"] == first
    assert f'<h2 class="serif">{first.verb}</h2>' in shown.text
    assert first.note in shown.text
    assert "One review is late." in shown.text


def test_a_submitted_review_shows_the_words_of_its_scores_and_no_date_to_keep(submitted):
    criterion = submitted.submission.checklist.criteria.get(code="C7")
    value = Score.objects.get(review=submitted, criterion=criterion).value

    for name in ("review", "submit_review"):
        told = page(submitted.reviewer, name, submitted.pk, query="?criterion=C7").text
        assert f"submitted {date_format(timezone.localdate(submitted.submitted_at), 'j F Y')}" in told
        assert ">due " not in told
    assert f"<b>{value}</b> {criterion.anchors[value]}" in page(
        submitted.reviewer, "review", submitted.pk, query="?criterion=C7"
    ).text.replace("&#x27;", "'")


def test_an_open_review_still_says_when_it_is_due(begun):
    assert f">due {date_format(begun.due_on, 'D j M')}" in page(begun.reviewer, "review", begun.pk).text


def test_reopening_is_offered_only_while_it_can_be_done(begun):
    words, after = "You can reopen it until the recommendation is written", "Once you submit"
    told = page(begun.reviewer, "submit_review", begun.pk).text
    assert (words in told, after in told) == (True, True)

    review = made.recommended().reviews.first()
    told = page(review.reviewer, "submit_review", review.pk).text
    assert (words in told, after in told) == (False, False)
    assert "you see theirs" in told
    shown = page(review.reviewer, "reopen_review", review.pk).text
    assert "Scores stand as submitted." in shown
    assert 'aria-disabled="true"' in shown
    assert post(review.reviewer, "reopen_review", review.pk, reason="I read it again.").status_code == 409


def test_home_is_for_reviewers():
    assert page(made.director(), "home").status_code == 403


def test_gate_shows_names_and_preselects_nothing(invited):
    organisation = invited.submission.organisation

    answer = page(invited.reviewer, "review_gate", invited.pk)

    assert organisation.legal_name in answer.text
    assert all(person.name in answer.text for person in organisation.people.all())
    assert " checked" not in answer.text
    assert invited.submission.title not in answer.text


def test_bench_leads_to_the_gate_before_the_declaration(invited):

    answer = page(invited.reviewer, "review", invited.pk)

    assert (answer.status_code, answer["Location"]) == (302, reverse("reviews:review_gate", args=[invited.pk]))


def test_before_the_declaration_no_content_opens_anywhere(invited):

    assert signed_in(invited.reviewer).get(invited.submission.get_absolute_url()).status_code == 404


def test_gate_wants_an_answer_and_the_promise(invited):

    nothing = post(invited.reviewer, "review_gate", invited.pk)
    no_promise = post(invited.reviewer, "review_gate", invited.pk, interest="none")

    assert (nothing.status_code, no_promise.status_code) == (422, 422)
    assert "Choose one of the two." in nothing.text
    assert "keep what you read to yourself" in no_promise.text
    assert not ConflictDeclaration.objects.exists()


def test_declaring_no_interest_opens_the_bench(invited):

    answer = post(invited.reviewer, "review_gate", invited.pk, interest="none", keeps_confidence="on")

    assert answer["Location"] == reverse("reviews:review", args=[invited.pk])
    assert page(invited.reviewer, "review", invited.pk).status_code == 200


def test_declaring_an_interest_steps_aside(invited):

    answer = post(invited.reviewer, "review_gate", invited.pk, interest="some", note="My sister works there.")

    assert answer["Location"] == reverse("reviews:home")
    assert Review.objects.get().state == Review.State.RECUSED
    assert page(invited.reviewer, "review", invited.pk).status_code == 403


def test_bench_shows_anchors_gate_and_answers(begun):

    answer = page(begun.reviewer, "review", begun.pk, query="?criterion=C7&paper=answers")

    assert answer.status_code == 200
    assert "Policy, reporting channel" in answer.text or "channel" in answer.text
    assert "Asked for C7" in answer.text
    assert answer.text.count('name="score"') == 5


@pytest.mark.parametrize("name", ["review", "submit_review"])
def test_the_desk_has_its_three_panes_and_no_tabs_of_a_section_in_its_grid(begun, name):
    text = page(begun.reviewer, name, begun.pk).text
    assert text.count('class="pane ') == 3
    assert 'aria-label="In this section"' not in text


def test_conditional_criterion_offers_not_applicable(begun):

    answer = page(begun.reviewer, "review", begun.pk, query="?criterion=C8")

    assert answer.text.count('name="score"') == 6


def test_bench_of_an_unknown_criterion_is_not_there(begun):

    assert page(begun.reviewer, "review", begun.pk, query="?criterion=C99").status_code == 404


def test_saving_goes_to_the_next_criterion(begun):

    answer = post(
        begun.reviewer, "save_score", begun.pk, "C1", score="4", justification="Read.", edition="0", then="C2"
    )

    assert answer["Location"] == f"{begun.get_absolute_url()}?criterion=C2"
    assert Score.objects.get().value == 4


def test_saving_by_itself_answers_with_the_saved_state(begun):

    answer = post(begun.reviewer, "autosave_score", begun.pk, "C1", justification="A first thought.", edition="0")

    said = answer.json()
    assert (answer.status_code, said["edition"], said["given"], said["missing"]) == (200, 1, "", "No score yet")
    assert Score.objects.get().value is None


def test_a_stale_tab_is_told_and_keeps_what_was_typed(begun):
    post(begun.reviewer, "save_score", begun.pk, "C1", score="4", justification="First.", edition="0")

    answer = post(begun.reviewer, "save_score", begun.pk, "C1", score="2", justification="Second.", edition="0")

    assert answer.status_code == 409
    assert "Saved in another window" in answer.text
    assert "First." in answer.text
    assert "Second." in answer.text
    assert Score.objects.get().justification == "First."


def test_citing_a_page_shows_it_on_the_bench(begun):
    document = begun.submission.latest_version.evidence.filter(criterion__code="C7").first().document

    bad = post(begun.reviewer, "cite", begun.pk, "C7", document=document.pk, page="0")
    assert "Pages start at 1." in bad.text
    post(begun.reviewer, "cite", begun.pk, "C7", document=document.pk, page="7", passage="§4.2")
    shown = page(begun.reviewer, "review", begun.pk, query=f"?criterion=C7&paper={document.pk}")
    citation = Score.objects.get().citations.get()
    post(begun.reviewer, "remove_citation", begun.pk, citation.pk)

    assert bad.status_code == 422
    assert f"{document.paper.title}, p. 7, §4.2" in shown.text
    assert not Score.objects.get().citations.exists()


def test_submitting_with_blanks_is_refused_with_the_list(begun):

    shown = page(begun.reviewer, "submit_review", begun.pk)
    answer = post(begun.reviewer, "submit_review", begun.pk, advice="", edition="0")

    assert "aria-disabled" in shown.text
    assert answer.status_code == 409
    assert answer.text.count("No score yet") == 13


def test_advice_is_saved_without_submitting(begun):

    answer = post(begun.reviewer, "submit_review", begun.pk, advice="Ask for unit costs.", edition="0", then="save")

    assert answer["Location"] == reverse("reviews:submit_review", args=[begun.pk])
    assert Review.objects.get().advice == "Ask for unit costs."


def test_submitting_opens_the_panel():
    review = made.scored(made.begun())

    answer = post(review.reviewer, "submit_review", review.pk, advice="Good care.", edition="0")

    assert answer["Location"] == reverse("reviews:panel", args=[review.submission_id])
    shown = page(review.reviewer, "panel", review.submission_id)
    assert "73.50" in shown.text
    assert "Good care." in shown.text
    listed = page(review.reviewer, "home").text
    assert f'href="{review.get_absolute_url()}"' in listed
    assert f'href="{answer["Location"]}"' in listed


def test_panel_stays_shut_for_a_blind_reviewer_whatever_else_they_are():
    both = made.reviewer(name="Both")
    both.role_assignments.create(role="programme_officer", assigned_by=made.commands())
    submission = made.sent_submission()
    made.submitted(submission)
    made.begun(Submission.objects.get(pk=submission.pk), who=both)

    assert page(User.objects.get(pk=both.pk), "panel", submission.pk).status_code == 403


def test_reopening_needs_a_reason(submitted):

    short = post(submitted.reviewer, "reopen_review", submitted.pk, reason="")
    answer = post(submitted.reviewer, "reopen_review", submitted.pk, reason="I read the minutes again.")

    assert short.status_code == 422
    assert answer["Location"] == reverse("reviews:review", args=[submitted.pk])
    assert page(submitted.reviewer, "reopen_review", submitted.pk).status_code == 200


def test_stepping_aside_later_has_a_page_of_its_own(submitted):

    unsure = post(submitted.reviewer, "step_aside", submitted.pk, note="")
    answer = post(submitted.reviewer, "step_aside", submitted.pk, sure="on", note="A cousin joined them.")

    assert page(submitted.reviewer, "step_aside", submitted.pk).status_code == 200
    assert unsure.status_code == 422
    assert answer["Location"] == reverse("reviews:home")
    assert not Access.objects.current().filter(user=submitted.reviewer).exists()


def test_work_page_leads_from_declaration_to_closing():
    officer = made.officer()
    submission = made.sent_submission()
    steps = []
    watched = {"reviews.declare_interest", "reviews.screen_names", "reviews.assign_reviewers", "reviews.close_reviews"}

    def step() -> set[str]:
        answer = page(officer, "work", submission.pk)
        found = duties_about(officer, Submission.objects.get(pk=submission.pk))
        assert (answer.status_code, answer.context["next"].text) == (200, f"{found[0].verb}.")
        return {duty.key for duty in found if duty.is_mine} & watched

    steps.append(step())
    post(officer, "declare_as_officer", submission.pk, interest="none")
    made.imported()
    steps.append(step())
    post(officer, "screen_organisation", submission.organisation_id)
    steps.append(step())
    for who in (made.reviewer(), made.reviewer()):
        post(officer, "assign", submission.pk, reviewer=who.pk, due_on=timezone.localdate() + timedelta(days=7))
    steps.append(step())
    for review in Review.objects.all():
        made.actions.declare(review=review, has_interest=False, keeps_confidence=True, by=review.reviewer)
        made.actions.submit_review(review=made.scored(Review.objects.get(pk=review.pk)), by=review.reviewer)
    steps.append(step())
    answer = post(officer, "close_panel", submission.pk)

    assert steps == [
        {"reviews.declare_interest", "reviews.screen_names", "reviews.assign_reviewers"},
        {"reviews.screen_names", "reviews.assign_reviewers"},
        {"reviews.assign_reviewers"},
        set(),
        {"reviews.close_reviews"},
    ]
    assert answer["Location"] == reverse("reviews:panel", args=[submission.pk])
    assert Submission.objects.get(pk=submission.pk).state == "assessed"


def test_assigning_somebody_who_may_not_is_refused_on_the_page(sent):
    officer = made.officer()

    answer = post(officer, "assign", sent.pk, reviewer=made.director().pk, due_on=timezone.localdate())
    past = post(officer, "assign", sent.pk, reviewer=made.reviewer().pk, due_on="2020-01-01")

    assert (answer.status_code, past.status_code) == (422, 422)
    assert "still to come" in past.text
    assert not Review.objects.exists()


def test_officer_reminds_and_ends_a_review(invited):
    officer = made.officer()

    post(officer, "remind_reviewer", invited.pk)
    again = post(officer, "remind_reviewer", invited.pk)
    shown = page(officer, "work", invited.submission_id).text
    assert ("Reminded today" in shown, 'label="Remind"' in shown, ">Remind<" in shown) == (True, False, False)
    before = page(officer, "end_review", invited.pk).text
    post(officer, "end_review", invited.pk)
    after = page(officer, "end_review", invited.pk).text
    disabled = 'aria-disabled="true"'
    assert (disabled in before, disabled in after, "This review is ended" in after) == (False, True, True)

    assert again.status_code == 409
    assert Review.objects.get().state == Review.State.ENDED
    assert post(invited.reviewer, "review_gate", invited.pk, interest="none", keeps_confidence="on").status_code == 409


def test_closing_too_early_says_what_is_missing(invited):

    answer = post(made.officer(), "close_panel", invited.submission_id)

    assert answer.status_code == 409
    assert "At least two submitted reviews" in answer.text


def rows(*texts):
    """Return the rows of conditions as the page sends them."""
    sent = {"conditions-TOTAL_FORMS": "6", "conditions-INITIAL_FORMS": "0"}
    for place, text in enumerate(texts):
        told = {"text": text, "before": "payment-2", "asked_of": "partner", "due_on": "2031-05-01"}
        sent |= {f"conditions-{place}-{name}": value for name, value in told.items()}
    return sent


def test_moderating_and_recommending_on_the_panel_page():
    officer = made.officer()
    submission = made.assessed({"C2": 4}, {"C2": 2}, by=officer)
    shown = page(officer, "panel", submission.pk)
    need = shown.context["result"].moderations[0]

    fields = {"outcome": "conditions", "reason": made.REASON}
    early = post(officer, "recommend", submission.pk, **fields, **rows("One"))
    short = post(officer, "moderate", submission.pk, "C2", resolution="Yes.", concerns=need.concerns)
    done = post(officer, "moderate", submission.pk, "C2", resolution=made.REASON, concerns=need.concerns)
    bad = post(officer, "recommend", submission.pk, **fields, **rows())
    odd = post(
        officer, "recommend", submission.pk, **fields, **{**rows("Kept words"), "conditions-0-before": "payment-x"}
    )
    answer = post(officer, "recommend", submission.pk, **fields, **rows("One", "Two"))

    assert "C2 Governance: no recorded resolution" in shown.text
    assert (early.status_code, short.status_code, done.status_code, bad.status_code) == (409, 422, 302, 422)
    assert "in at least" not in short.text
    assert odd.status_code == 422
    assert "Kept words" in odd.text
    assert "Write at least 10 words" in short.text
    assert answer["Location"] == reverse("reviews:panel", args=[submission.pk])
    told = {"blocks": "payment", "of": 2, "asked_of": "partner", "due_on": "2031-05-01"}
    assert Recommendation.objects.get().conditions == [{"text": "One", **told}, {"text": "Two", **told}]
    assert "before payment 2 is released" in page(officer, "panel", submission.pk).text
    assert "Recommend with conditions" in page(officer, "panel", submission.pk).text


def test_related_party_is_resolved_on_the_panel_page():
    officer = made.officer()
    submission = made.assessed(by=officer, filled__related="yes")

    shown = page(officer, "panel", submission.pk)
    answer = post(officer, "related_party", submission.pk, resolution=made.REASON)

    assert "a related party is named" in shown.text
    assert answer.status_code == 302
    assert page(officer, "panel", submission.pk).context["result"].related_party.resolution == made.REASON


def test_director_overrides_a_low_score_on_a_page_of_its_own():
    submission = made.assessed(*[dict.fromkeys(made.WORKED, 2) | {"C7": 3, "C8": 3}] * 2)
    director = made.director()

    shown = page(director, "override", submission.pk)
    answer = post(director, "override", submission.pk, reason=made.REASON, **rows())

    assert "below 60" in shown.text
    assert answer.status_code == 302
    assert Recommendation.objects.get().is_override
    assert "override by a director" in page(director, "panel", submission.pk).text


def test_director_returns_a_recommendation(recommended):
    director = made.director()

    assert page(director, "return", recommended.pk).status_code == 200
    answer = post(director, "return", recommended.pk, reason=made.REASON)

    assert answer["Location"] == reverse("reviews:work", args=[recommended.pk])
    assert Submission.objects.get(pk=recommended.pk).state == "in_review"


def test_officer_takes_a_submission_in_charge(invited):
    other = made.officer()

    post(other, "take_over", invited.submission_id)

    assert Submission.objects.get(pk=invited.submission_id).officer == other


@pytest.mark.parametrize("name", ["work", "panel"])
def test_pages_of_a_submission_are_not_there_for_a_partner(name, recommended):
    owner = recommended.organisation.owners().first().user

    assert page(owner, name, recommended.pk).status_code == 403


def test_pages_of_a_submission_are_not_there_for_a_stranger(recommended):

    assert page(made.reviewer(), "panel", recommended.pk).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_home_asks_the_database_the_same_number_of_times(rows, django_assert_num_queries):
    who, officer = made.reviewer(), made.officer()
    for _ in range(rows):
        made.begun(who=who, by=officer)
    FunderFactory()
    client = signed_in(who)

    # Three of them are for the offer to practise, which a reviewer of many reviews does not get.
    with django_assert_num_queries(12):
        shown = client.get(reverse("reviews:home"))

    assert len(shown.context["waiting"]) == rows


@pytest.mark.parametrize("reviews", [2, 4])
def test_work_and_result_take_few_queries_however_many_review(reviews, django_assert_max_num_queries):
    FunderFactory()
    submission = made.assessed({"C2": 4}, *[{"C2": 2}] * (reviews - 1))
    officer, director = signed_in(submission.officer), signed_in(made.director())
    other = made.begun(by=submission.officer)
    made.recommended(by=submission.officer)
    recommended = Submission.objects.filter(state="recommended").get()

    for client, found in ((officer, submission), (officer, other.submission), (director, recommended)):
        for name in ("work", "panel"):
            # Once it is recommended the work page says early whether too few are left to sign, and leads to its grant.
            # Each asks the list of duties once; the result shows the discussion between the reviewers: one query.
            most = 23 if (name, found) == ("work", recommended) else 21
            with django_assert_max_num_queries(most):
                assert client.get(reverse(f"reviews:{name}", args=[found.pk])).status_code == 200
    with django_assert_max_num_queries(20):
        assert officer.get(reverse("reviews:assign", args=[other.submission_id])).status_code == 200
