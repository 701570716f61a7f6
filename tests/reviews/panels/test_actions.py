from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.models import Access, Duty, Submission
from partners.submissions import actions as lower
from reviews.models import (
    Citation,
    ConflictDeclaration,
    Moderation,
    Recommendation,
    Review,
    ReviewVersion,
    Score,
)
from reviews.panels import actions
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory, MembershipFactory, submission_in
from tests.factories.portal import UserFactory
from tests.support.databases import append_only
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def fresh(record):
    return type(record)._base_manager.get(pk=record.pk)


def events(subject) -> list[str]:
    return [entry.event for entry in AuditEntry.objects.about(subject)]


# ---- assigning


def test_the_first_reviewer_asked_starts_the_review(invited):

    assert fresh(invited.submission).state == "in_review"
    assert Duty.objects.get(submission=invited.submission, user=invited.reviewer).side == "assess"
    assert not Access.objects.filter(user=invited.reviewer).exists()
    assert events(invited) == ["invited"]


def test_the_second_reviewer_asked_starts_nothing():
    first = made.invited()

    made.invited(fresh(first.submission))

    assert events(first.submission).count("start_review") == 1


def member(submission):
    user = made.reviewer()
    MembershipFactory(organisation=submission.organisation, user=user)
    return user


def former_member(submission):
    user = made.reviewer()
    MembershipFactory(organisation=submission.organisation, user=user, ended=True)
    return user


def conflicted_in_another_submission(submission):
    other = made.sent_submission(organisation=submission.organisation, programme=submission.programme)
    review = made.invited(other)
    actions.declare(review=review, has_interest=True, by=review.reviewer)
    return review.reviewer


def signer(submission):
    user = made.reviewer()
    Duty.objects.create(submission=submission, user=user, side="sign")
    return user


def no_reviewer(submission):
    return made.director()


def asked_already(submission):
    return made.invited(submission).reviewer


@pytest.mark.parametrize(
    "who", [member, former_member, conflicted_in_another_submission, signer, no_reviewer, asked_already]
)
def test_who_may_not_review_is_not_asked(who, sent):
    user = who(sent)
    before = Review.objects.count()

    with pytest.raises(Refused) as refusal:
        actions.assign_reviewer(submission=sent, reviewer=user, due_on=made.in_a_week(), by=made.officer())

    assert str(user) in refusal.value.blockers[0]
    assert Review.objects.count() == before


@pytest.mark.parametrize("state", ["draft", "changes_requested", "recommended", "declined"])
def test_reviewers_are_asked_only_while_there_is_something_to_review(state):
    submission = submission_in(state)

    with pytest.raises(Refused):
        made.invited(submission)


@pytest.mark.parametrize("who", [made.director, made.reviewer, UserFactory])
def test_only_officers_assign(who):
    with pytest.raises(PermissionDenied):
        made.invited(by=who())


def test_a_day_in_the_past_is_refused():
    with pytest.raises(ValidationError, match="still to come"):
        actions.assign_reviewer(
            submission=made.sent_submission(),
            reviewer=made.reviewer(),
            due_on=timezone.localdate() - timedelta(days=1),
            by=made.officer(),
        )


# ---- declaring


def test_declaring_no_interest_gives_the_right_to_read(begun):

    assert fresh(begun).state == "in_progress"
    assert Access.objects.current().get(user=begun.reviewer).as_role == "reviewer"
    assert Submission.objects.visible_to(begun.reviewer).count() == 1


def test_an_answer_is_given_once(begun):

    with pytest.raises(Refused):
        actions.declare(review=begun, has_interest=False, keeps_confidence=True, by=begun.reviewer)


def test_nobody_declares_for_another():
    with pytest.raises(PermissionDenied):
        actions.declare(review=made.invited(), has_interest=False, keeps_confidence=True, by=made.officer())


def test_an_interest_ends_every_review_of_the_organisation():
    review = made.submitted()
    other = made.sent_submission(organisation=review.submission.organisation, programme=review.submission.programme)
    second = made.begun(other, who=review.reviewer)

    actions.recuse_review(review=review, note="A cousin joined them.", by=review.reviewer)

    assert {fresh(review).state, fresh(second).state} == {"recused"}
    assert not Access.objects.current().filter(user=review.reviewer).exists()
    assert Score.objects.filter(review=review).count() == 13  # the trail stays
    assert panel_result(fresh(review.submission)).reviewed == ()
    assert ConflictDeclaration.objects.of_interest().get().note == "A cousin joined them."


def test_who_stepped_aside_cannot_come_back(begun):
    actions.recuse_review(review=begun, by=begun.reviewer)

    with pytest.raises(Refused):
        actions.recuse_review(review=fresh(begun), by=begun.reviewer)
    with pytest.raises(PermissionDenied):
        actions.save_score(
            review=fresh(begun),
            criterion=begun.submission.criteria[0],
            value=3,
            not_applicable=False,
            justification="",
            edition=0,
            by=begun.reviewer,
        )


def test_an_officer_with_an_interest_no_longer_runs_the_submission(sent):
    officer = made.officer()
    actions.declare_as_officer(submission=sent, has_interest=True, by=officer)

    with pytest.raises(PermissionDenied):
        actions.assign_reviewer(submission=sent, reviewer=made.reviewer(), due_on=made.in_a_week(), by=officer)
    with pytest.raises(Refused):
        actions.declare_as_officer(submission=sent, has_interest=False, by=officer)


def test_the_first_officer_to_declare_takes_charge(sent):
    officer = made.officer()

    actions.declare_as_officer(submission=sent, has_interest=False, by=officer)

    assert fresh(sent).officer == officer
    with pytest.raises(ValidationError):
        actions.declare_as_officer(submission=sent, has_interest=False, by=officer)


# ---- scoring


def save(review, code="C1", value=3, edition=0, **changes):
    criterion = next(one for one in review.submission.criteria if one.code == code)
    fields = {"not_applicable": False, "justification": "Read.", "by": review.reviewer, **changes}
    return actions.save_score(review=review, criterion=criterion, value=value, edition=edition, **fields)


def test_a_score_is_saved_complete_or_not(begun):

    blank = save(begun, value=None, justification="")
    full = save(begun, edition=1)

    assert (blank.pk, full.value, full.edition) == (full.pk, 3, 2)


def test_a_stale_edition_writes_nothing(begun):
    save(begun)

    with pytest.raises(ValidationError, match="another window"):
        save(begun, value=1)

    assert Score.objects.get().value == 3


def test_not_applicable_only_where_the_criterion_is_conditional(begun):

    assert save(begun, "C8", None, not_applicable=True).not_applicable
    with pytest.raises(ValidationError, match="every submission"):
        save(begun, "C7", None, not_applicable=True)


@pytest.mark.parametrize("value", [-1, 5])
def test_a_score_off_the_scale_is_refused(value):
    with pytest.raises(ValidationError, match="0 to 4"):
        save(made.begun(), value=value)


def test_what_follows_from_records_is_not_scored():
    with pytest.raises(ValidationError, match="not scored"):
        save(made.begun(), "C6")


def test_nobody_writes_in_the_review_of_another():
    with pytest.raises(PermissionDenied):
        save(made.begun(), by=made.reviewer())


def test_scores_go_on_while_changes_are_asked_and_the_new_version_is_noted(begun):
    submission = lower.request_changes(
        submission=fresh(begun.submission), reason="One thing.", items=["C5"], by=made.officer()
    )
    save(fresh(begun))
    owner = submission.organisation.owners().first().user
    lower.resubmit_submission(submission=submission, by=owner)

    save(fresh(begun), "C2")

    assert fresh(begun).seen_version.number == 2


def test_nothing_is_written_once_the_submission_is_decided(begun):
    lower.decline_submission(submission=fresh(begun.submission), reason="It does not fit.", by=made.officer())

    with pytest.raises(Refused):
        save(fresh(begun))


def test_only_what_was_sent_is_cited(begun):
    criterion = begun.submission.criteria[0]
    other = DocumentFactory(accepted=True)

    with pytest.raises(ValidationError, match="not sent"):
        actions.add_citation(review=begun, criterion=criterion, document=other, page=1, by=begun.reviewer)

    sent = begun.submission.latest_version.evidence.first().document
    actions.add_citation(review=begun, criterion=criterion, document=sent, page=2, by=begun.reviewer)
    with pytest.raises(ValidationError, match="cited here already"):
        actions.add_citation(review=begun, criterion=criterion, document=sent, page=2, by=begun.reviewer)
    actions.remove_citation(citation=Citation.objects.get(), by=begun.reviewer)
    assert not Citation.objects.exists()


def test_advice_in_two_windows_is_told(begun):
    actions.save_advice(review=begun, advice="First.", edition=0, by=begun.reviewer)

    with pytest.raises(ValidationError, match="another window"):
        actions.save_advice(review=begun, advice="Second.", edition=0, by=begun.reviewer)


# ---- submitting


def test_submit_names_every_blank_and_every_missing_reason(begun):
    save(begun, "C1", 4)
    save(begun, "C2", 3, justification=" ")
    save(begun, "C8", None, not_applicable=True, justification="")

    with pytest.raises(Refused) as refusal:
        actions.submit_review(review=fresh(begun), by=begun.reviewer)

    hints = {blocker.code: blocker.hint for blocker in refusal.value.blockers}
    assert len(hints) == 12
    assert hints["C2"] == "Say why this score"
    assert hints["C8"] == "Say why it does not apply"
    assert hints["C9"] == "No score yet"


def test_a_submitted_version_is_frozen(submitted):
    version = ReviewVersion.objects.get()

    assert (version.number, version.content["scores"]["C1"]["value"], len(version.sha256)) == (1, 4, 64)
    with append_only():
        ReviewVersion.objects.update(number=2)
    with pytest.raises(Refused):
        save(fresh(submitted), edition=1)


def test_a_reopened_review_counts_as_submitted_until_it_is_submitted_again():
    review = made.submitted()
    actions.reopen_review(review=review, reason="I read the minutes again.", by=review.reviewer)
    made.scored(fresh(review), {"C7": 1})
    before = panel_result(fresh(review.submission)).composite_text

    again = actions.submit_review(review=fresh(review), by=review.reviewer)

    assert (before, panel_result(fresh(review.submission)).composite_text) == ("73.50", "67.50")
    assert again.version == 2
    assert [version.given["C7"] for version in ReviewVersion.objects.order_by("number")] == [3, 1]


def test_ending_a_reopened_review_goes_back_to_what_was_submitted(submitted):
    actions.reopen_review(review=submitted, reason="I read the minutes again.", by=submitted.reviewer)

    ended = actions.end_review(review=fresh(submitted), by=made.officer())

    assert ended.state == "submitted"
    assert Access.objects.current().filter(user=submitted.reviewer).exists()


def test_ending_an_open_review_takes_the_right_to_read(begun):

    ended = actions.end_review(review=begun, by=made.officer())

    assert ended.state == "ended"
    assert not Access.objects.current().filter(user=begun.reviewer).exists()


def test_reopening_needs_a_reason_and_an_open_panel(recommended):
    review = Review.objects.first()

    with pytest.raises(ValidationError):
        actions.reopen_review(review=review, reason="no", by=review.reviewer)
    with pytest.raises(Refused):
        actions.reopen_review(review=review, reason="I read the minutes again.", by=review.reviewer)
    assert fresh(recommended).state == "recommended"


# ---- closing


@pytest.mark.parametrize("count", [0, 1])
def test_closing_needs_two_submitted_reviews(count):
    submission = submission_in("in_review")
    for _ in range(count):
        made.submitted(fresh(submission))

    with pytest.raises(Refused) as refusal:
        actions.close_panel(submission=fresh(submission), by=made.officer())

    assert refusal.value.blockers[0] == "At least two submitted reviews"


def test_closing_waits_for_who_is_still_at_it():
    submission = submission_in("in_review")
    made.submitted(fresh(submission))
    made.submitted(fresh(submission))
    late = made.begun(fresh(submission))
    with pytest.raises(Refused, match=str(late.reviewer)):
        actions.close_panel(submission=fresh(submission), by=made.officer())

    actions.end_review(review=late, by=made.officer())

    assert actions.close_panel(submission=fresh(submission), by=made.officer()).state == "assessed"


# ---- moderating and recommending


def recommend(submission, outcome="conditions", conditions=("One condition.",), reason=made.REASON, by=None):
    return actions.recommend(
        submission=fresh(submission), outcome=outcome, conditions=conditions, reason=reason, by=by or made.officer()
    )


def resolve(submission, code="C2", by=None, resolution=made.REASON):
    need = next(one for one in panel_result(fresh(submission)).moderations if one.row.code == code)
    criterion = submission.checklist.criteria.get(code=code)
    return actions.moderate(
        submission=submission,
        criterion=criterion,
        resolution=resolution,
        concerns=need.concerns,
        by=by or made.officer(),
    )


def test_recommending_keeps_the_exact_score_gates_and_conditions(assessed):
    officer = made.officer()

    found = recommend(assessed, by=officer)

    assert (found.composite_exact, found.composite_text, found.band) == ("147/2", "73.50", "conditions")
    assert {gate["code"]: gate["state"] for gate in found.gates}["C14"] == "pending"
    assert fresh(assessed).state == "recommended"
    assert Duty.objects.get(submission=assessed, user=officer).side == "assess"


def test_who_recommended_never_signs(assessed):
    officer = made.officer()
    recommend(assessed, by=officer)

    with pytest.raises(Refused):
        lower.take_duty(submission=assessed, user=officer, side="sign", by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(submission=assessed, user=officer, side="sign")


def test_a_score_below_75_is_no_plain_recommendation(assessed):

    with pytest.raises(Refused, match=r"73\.50, below 75"):
        recommend(assessed, "recommend", ())


def test_a_score_from_75_is():
    submission = made.assessed(*[dict.fromkeys(made.WORKED, 3)] * 2)

    assert recommend(submission, "recommend", ()).composite_text == "75.00"


@pytest.mark.parametrize(
    ("outcome", "conditions", "reason"),
    [
        ("conditions", (), made.REASON),
        ("conditions", ("  ",), made.REASON),
        ("recommend", ("One",), made.REASON),
        ("conditions", ("One",), "Too short."),
        ("perhaps", (), made.REASON),
    ],
)
def test_a_recommendation_is_whole(outcome, conditions, reason, assessed):

    with pytest.raises(ValidationError):
        recommend(assessed, outcome, conditions, reason)

    assert not Recommendation.objects.exists()


def test_a_failed_gate_leaves_only_the_decline():
    submission = made.assessed(*[{"C7": 1}] * 2)
    with pytest.raises(Refused, match="C7"):
        recommend(submission)

    found = recommend(submission, "decline", ())

    assert (found.composite_text, found.band, fresh(submission).state) == ("67.50", "decline", "declined")


def test_differing_reviewers_are_moderated_first():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    with pytest.raises(Refused, match="C2 Governance: no recorded resolution"):
        recommend(submission)

    resolve(submission)

    assert recommend(submission).disagreements[0]["resolution"] == made.REASON
    assert Score.objects.filter(criterion__code="C2").order_by("value").first().value == 2


def test_a_resolution_is_about_the_scores_it_was_made_for():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    resolve(submission)
    review = Review.objects.order_by("pk").last()
    actions.reopen_review(review=review, reason="I read the minutes again.", by=review.reviewer)
    with pytest.raises(Refused, match="reopened"):
        recommend(submission)
    made.scored(fresh(review), {"C2": 1})
    actions.submit_review(review=fresh(review), by=review.reviewer)

    with pytest.raises(Refused, match="C2 Governance: no recorded resolution"):
        recommend(submission)


def test_a_reopened_review_asks_again_though_its_scores_are_the_same():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    resolve(submission)
    review = Review.objects.order_by("pk").last()
    actions.reopen_review(review=review, reason="I read the minutes again.", by=review.reviewer)
    made.scored(fresh(review), {"C2": 2})
    actions.submit_review(review=fresh(review), by=review.reviewer)

    (need,) = panel_result(fresh(submission)).moderations
    with pytest.raises(Refused, match="C2 Governance: no recorded resolution"):
        recommend(submission)
    resolve(submission, resolution="The same holds for the new version: read once more, together, and agreed.")

    assert need.earlier.resolution == made.REASON
    assert recommend(submission).disagreements[0]["code"] == "C2"
    assert Moderation.objects.count() == 2


def test_a_disputed_gate_is_moderated_before_a_decline():
    submission = made.assessed({"C7": 1}, {"C7": 3})
    with pytest.raises(Refused, match="C7 Safeguarding, child protection, PSEA: no recorded"):
        recommend(submission, "decline", ())

    resolve(submission, "C7")

    assert recommend(submission, "decline", ()).outcome == "decline"


def test_both_texts_of_a_disagreement_are_at_hand_with_their_citations():
    submission = made.sent_submission()
    document = submission.latest_version.evidence.first().document
    first = made.scored(made.begun(submission), {"C7": 2})
    actions.add_citation(
        review=first, criterion=criterion_of(first, "C7"), document=document, page=3, passage="§2", by=first.reviewer
    )
    actions.submit_review(review=fresh(first), by=first.reviewer)
    made.submitted(fresh(submission), {"C7": 3})

    need = next(one for one in panel_result(fresh(submission)).moderations if one.row.code == "C7")

    low, high = need.readings
    assert (low.score, low.is_below_gate, high.is_below_gate) == ("2", True, False)
    assert low.citations == (f"{document.paper.title}, p. 3, §2",)
    assert need.why == "The reviewers stand on different sides of the gate, 3."


def criterion_of(review, code):
    return next(one for one in review.submission.criteria if one.code == code)


def test_moderation_of_what_nobody_disputes_is_refused():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    criterion = submission.checklist.criteria.get(code="C1")

    with pytest.raises(Refused):
        actions.moderate(
            submission=submission, criterion=criterion, resolution=made.REASON, concerns="", by=made.officer()
        )
    with pytest.raises(ValidationError, match="changed since"):
        actions.moderate(
            submission=submission,
            criterion=submission.checklist.criteria.get(code="C2"),
            resolution=made.REASON,
            concerns="1:4,2:1",
            by=made.officer(),
        )
    resolve(submission)
    with pytest.raises(ValidationError, match="already"):
        resolve(submission)
    assert Moderation.objects.count() == 1


def test_sanctions_and_conflicts_gate_the_recommendation():
    submission = submission_in("assessed", filled__related="no")
    officer = made.officer()

    gates = {gate.code: gate.state for gate in panel_result(submission).gates}

    assert (gates["C6"], gates["C15"], gates["C14"], gates["C16"]) == ("pending", "pending", "pending", "pass")
    with pytest.raises(Refused, match="C6"):
        recommend(submission, by=officer)


def test_a_related_party_needs_a_resolution():
    submission = made.assessed(filled__related="yes")
    with pytest.raises(Refused, match="C15"):
        recommend(submission)

    actions.resolve_related_party(submission=submission, resolution=made.REASON, by=made.officer())

    assert recommend(submission).outcome == "conditions"


def test_no_right_to_receive_foreign_funds_fails_the_gate():
    submission = made.assessed(filled__foreign_funds="no")

    assert panel_result(fresh(submission)).failed_gates[0].code == "C16"
    with pytest.raises(Refused, match="C16"):
        recommend(submission)


def test_an_officer_in_charge_with_an_interest_fails_c15_until_another_takes_over():
    officer = made.officer()
    submission = made.assessed(by=officer)
    actions.declare_as_officer(submission=submission, has_interest=True, by=officer)
    before = panel_result(fresh(submission)).failed_gates[0].code
    other = made.officer()

    actions.take_over(submission=fresh(submission), by=other)
    actions.declare_as_officer(submission=fresh(submission), has_interest=False, by=other)

    assert (before, panel_result(fresh(submission)).failed_gates) == ("C15", [])


# ---- override and return


LOW = dict.fromkeys(made.WORKED, 2) | {"C7": 3, "C8": 3}


def override(submission, by=None, reason=made.REASON, conditions=()):
    return actions.override(submission=submission, reason=reason, conditions=conditions, by=by or made.director())


def test_a_director_overrides_a_low_score_and_is_on_the_assessing_side():
    submission, director = made.assessed(LOW, LOW), made.director()

    found = override(submission, by=director)

    assert (found.is_override, found.band, fresh(submission).is_override) == (True, "decline", True)
    assert Duty.objects.get(submission=submission, user=director).side == "assess"


@pytest.mark.parametrize("changed", [{"C1": 1}, {"C7": 1}, {"C8": 2}])
def test_nobody_overrides_these_gates(changed):
    submission = made.assessed(changed, changed)

    with pytest.raises(Refused, match=next(iter(changed))):
        override(submission)


@pytest.mark.parametrize("changed", [{"C4": 1}, {"C9": 1}])
def test_other_failed_gates_are_overridden(changed):
    assert override(made.assessed(changed, changed), conditions=["A policy first."]).outcome == "conditions"


def test_there_is_nothing_to_override_where_the_officer_may_recommend():
    with pytest.raises(Refused, match="nothing to override"):
        override(made.assessed())


def test_override_is_the_directors():
    with pytest.raises(PermissionDenied):
        override(made.assessed(LOW, LOW), by=made.officer())


def test_a_director_returns_a_recommendation_and_it_no_longer_holds(recommended):

    actions.return_to_review(submission=recommended, reason=made.REASON, by=made.director())

    assert fresh(recommended).state == "in_review"
    assert not Recommendation.objects.current().exists()
    actions.close_panel(submission=fresh(recommended), by=made.officer())
    recommend(recommended)
    assert Recommendation.objects.count() == 2
