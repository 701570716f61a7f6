"""Practising by its actions: one open at a time, sent twice the same, nothing off the scale, nothing of it counts."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.checklists.actions import publish_checklist, start_checklist_version
from partners.models import ChecklistVersion
from reviews.models import PracticeAttempt, PracticeScore, Review, Score
from reviews.practice.actions import PracticeSavedElsewhere, save_practice_score, start_practice, submit_practice
from reviews.practice.comparing import comparison_of
from tests.factories import reviews as made
from tests.factories.portal import UserFactory
from tests.reviews.practice.conftest import THAI, WHY, of_the_funders_own, scored
from vetting_portal.models import AuditEntry, Role, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def criterion(attempt, code="C1"):
    return attempt.checklist.criteria.get(code=code)


def save(attempt, code="C1", *, by=None, **given):
    told = {"value": 2, "not_applicable": False, "justification": WHY, "edition": 0, **given}
    return save_practice_score(attempt=attempt, criterion=criterion(attempt, code), by=by or attempt.reviewer, **told)


def test_starting_twice_leads_to_the_same(attempt):
    assert start_practice(by=attempt.reviewer) == attempt
    assert list(AuditEntry.objects.filter(event="practice_started").values_list("actor_id", flat=True)) == [
        attempt.reviewer_id
    ]


@pytest.mark.parametrize("role", [role for role in Role.values if role != "reviewer"])
def test_only_reviewers_practise(checklist, role):
    with pytest.raises(PermissionDenied):
        start_practice(by=UserFactory(roles=[role]))
    assert not PracticeAttempt.objects.exists()


def test_without_a_published_checklist_nobody_can_start():
    with pytest.raises(Refused) as refusal:
        start_practice(by=made.reviewer())
    assert refusal.value.blockers[0] == "There is no published checklist yet."


def test_where_no_criterion_fits_nobody_can_start(checklist):
    of_the_funders_own()
    with pytest.raises(Refused) as refusal:
        start_practice(by=made.reviewer())
    assert refusal.value.blockers[0] == "No practice application fits the checklist in force."
    assert not PracticeAttempt.objects.exists()


def test_somebody_whose_role_has_ended_and_somebody_else_write_nothing(attempt):
    with pytest.raises(PermissionDenied):
        save(attempt, by=made.reviewer())
    attempt.reviewer.role_assignments.update(until_at=timezone.now())
    with pytest.raises(PermissionDenied):
        save(attempt, by=User.objects.get(pk=attempt.reviewer_id))
    with pytest.raises(PermissionDenied):
        submit_practice(attempt=attempt, by=User.objects.get(pk=attempt.reviewer_id))
    assert not PracticeScore.objects.exists()


def test_a_score_is_kept_as_it_was_typed_also_in_thai(attempt):
    score = save(attempt, justification=f"  {THAI}\n")
    assert (score.value, score.justification, score.edition) == (2, THAI, 1)


def test_the_same_sent_twice_changes_nothing(attempt):
    save(attempt)
    save(attempt)
    assert PracticeScore.objects.get().edition == 1
    assert AuditEntry.objects.filter(event="practice_score_saved").count() == 1


def test_a_stale_page_overwrites_nothing_and_is_told_what_stands_there(attempt):
    save(attempt)
    with pytest.raises(PracticeSavedElsewhere) as stale:
        save(attempt, value=4)
    assert stale.value.score.value == 2
    assert save(attempt, value=4, edition=1).edition == 2


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("C1", {"value": 5}),
        ("C1", {"value": -1}),
        ("C1", {"value": None, "not_applicable": True}),
        ("C6", {}),
        ("C1", {"justification": "x" * 4001}),
    ],
)
def test_what_is_off_the_scale_or_not_asked_is_refused(attempt, code, given):
    with pytest.raises(ValidationError):
        save(attempt, code, **given)
    assert not PracticeScore.objects.exists()


def test_not_applicable_where_the_criterion_allows_it(attempt):
    assert save(attempt, "C8", value=3, not_applicable=True).chosen == "na"


@pytest.mark.parametrize(
    "fields", [{"value": 5}, {"value": 2, "not_applicable": True}, {"edition": 0}, {"twice": True}]
)
def test_the_database_holds_the_scale(attempt, fields):
    if fields.pop("twice", False):
        save(attempt)
    told = {"attempt": attempt, "criterion": criterion(attempt), "saved_at": timezone.now(), **fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeScore.objects.create(**told)


def test_the_database_holds_one_open_at_a_time_and_the_order_of_time(attempt):
    told = {"reviewer": attempt.reviewer, "checklist": attempt.checklist, "application_key": "tidewater-1"}
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeAttempt.objects.create(**told, started_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeAttempt.objects.create(**told, started_at=now, submitted_at=now - timedelta(days=1))


def test_submitting_needs_every_score_and_every_reason(attempt):
    save(attempt, value=None)
    save(attempt, "C2", justification=" ")
    with pytest.raises(Refused) as refusal:
        submit_practice(attempt=attempt, by=attempt.reviewer)
    hints = [blocker.hint for blocker in refusal.value.blockers]
    assert hints == ["No score yet", "Say why this score", *["No score yet"] * 11]
    assert PracticeAttempt.objects.get().submitted_at is None


def test_submitted_is_fixed_and_submitting_twice_is_the_same(attempt):
    attempt = scored(attempt)
    first = submit_practice(attempt=attempt, by=attempt.reviewer)
    again = submit_practice(attempt=attempt, by=attempt.reviewer)

    assert again.submitted_at == first.submitted_at
    assert AuditEntry.objects.filter(event="practice_submitted").count() == 1
    with pytest.raises(Refused):
        save(again, value=4, edition=1)


def test_started_again_it_is_blank_and_the_first_stays(attempt):
    submit_practice(attempt=scored(attempt), by=attempt.reviewer)
    again = start_practice(by=attempt.reviewer)

    assert again != attempt
    assert (again.scores.count(), attempt.scores.count()) == (0, 13)


def test_how_far_apart_is_told_for_each_criterion(attempt):
    save(attempt, "C8", value=None, not_applicable=True)
    for one in attempt.fit.scored:
        if one.code != "C8":
            given = {"C1": 4, "C2": 4, "C4": 1, "C7": 3}.get(
                one.code, attempt.application.references[one.lineage].score
            )
            save(attempt, one.code, value=given)
    comparison = comparison_of(PracticeAttempt.objects.get(pk=attempt.pk))
    rows = {row.criterion.code: row for row in comparison.rows}

    assert {code: rows[code].words for code in ("C1", "C2", "C3", "C4", "C7", "C8")} == {
        "C1": "1 point higher",
        "C2": "2 points higher",
        "C3": "The same score",
        "C4": "1 point lower",
        "C7": "1 point higher",
        "C8": "You set it to “not applicable”",
    }
    # C7: children are served, so the minimum is 3; C4: the reference passes the minimum of 2, a 1 does not.
    assert {code for code, row in rows.items() if row.crosses_minimum} == {"C4", "C7"}
    assert {code for code, row in rows.items() if row.is_far} == {"C2", "C4", "C7", "C8"}
    assert (comparison.same, comparison.far) == (8, 4)
    assert comparison.tendency == "On average your scores are 0.25 points higher than the reference scores."


def test_a_checklist_that_is_published_meanwhile_leaves_what_was_begun(attempt):
    officer = made.officer()
    draft = start_checklist_version(checklist=attempt.checklist, by=officer)
    publish_checklist(checklist=draft, by=officer)
    assert ChecklistVersion.objects.current() == draft

    submit_practice(attempt=scored(start_practice(by=attempt.reviewer)), by=attempt.reviewer)
    again = start_practice(by=attempt.reviewer)

    assert PracticeAttempt.objects.get(pk=attempt.pk).checklist_id == attempt.checklist_id
    assert again.checklist_id == draft.pk
    assert len(again.fit.scored) == 13


def test_nothing_of_it_is_a_review(attempt):
    submit_practice(attempt=scored(attempt), by=attempt.reviewer)
    assert not Review.objects.exists()
    assert not Score.objects.exists()
    told = AuditEntry.objects.filter(event__startswith="practice").values_list("subject_type", "subject_id")
    assert set(told) == {("reviews.PracticeAttempt", str(attempt.pk))}
    assert not any(WHY in str(facts) for facts in AuditEntry.objects.values_list("facts", flat=True))
