"""Two people at once, and a write that fails in the middle: exactly one effect, or none."""

import pytest
from django.db import DatabaseError

from partners.models import Duty, Submission
from reviews.models import (
    Citation,
    ConflictDeclaration,
    Moderation,
    PanelMessage,
    Recommendation,
    Review,
    ReviewVersion,
    SanctionsList,
    Score,
    Screening,
    ScreeningHit,
)
from reviews.panels import actions
from reviews.panels.actions import assignments, discussing, panel, reviewing
from reviews.panels.models import scored_criteria
from reviews.panels.results import panel_result
from reviews.screening import actions as screening
from reviews.screening.parsing import check_list
from tests.factories import reviews as made
from tests.factories.partners import OrganisationFactory
from tests.reviews.panels.test_switching import ask_and_send_again
from tests.support.races import paused_before, run_together, without_locks
from vetting_portal import audit
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def fresh(record):
    return type(record)._base_manager.get(pk=record.pk)


# ---- one race for each machine


def two_submit(review):
    with paused_before(Review, "save"):
        return run_together(*[lambda: actions.submit_review(review=fresh(review), by=review.reviewer)] * 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_review_is_submitted_once():
    review = made.scored(made.begun())

    outcomes = two_submit(review)

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]
    assert (ReviewVersion.objects.count(), fresh(review).version) == (1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_to_submit_is_lost_without_the_lock():
    review = made.scored(made.begun())

    with without_locks():
        outcomes = two_submit(review)

    # The unique version stops the second at the last moment, as a fault; nobody is told what happened.
    assert Refused not in [type(outcome.error) for outcome in outcomes]


def two_decide(hit, people):
    with paused_before(ScreeningHit, "save"):
        return run_together(
            lambda: made.decide(fresh(hit), screening.clear_hit, by=people[0]),
            lambda: made.decide(fresh(hit), screening.confirm_hit, by=people[1]),
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_candidate_is_decided_once():
    hit, people = made.hit_of(), [made.officer(), made.officer()]

    outcomes = two_decide(hit, people)

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert AuditEntry.objects.filter(event__in=["clear", "confirm"]).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_to_decide_is_lost_without_the_lock():
    hit, people = made.hit_of(), [made.officer(), made.officer()]

    with without_locks():
        outcomes = two_decide(hit, people)

    assert [outcome.went_through for outcome in outcomes] == [True, True]
    assert AuditEntry.objects.filter(event__in=["clear", "confirm"]).count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_officers_ask_two_reviewers_and_the_review_starts_once():
    submission, people = made.sent_submission(), [made.officer(), made.officer()]
    reviewers = [made.reviewer(), made.reviewer()]

    with paused_before(Review, "save"):
        outcomes = run_together(
            *(
                lambda by=by, who=who: made.invited(fresh(submission), who=who, by=by)
                for by, who in zip(people, reviewers, strict=True)
            )
        )

    assert [outcome.error for outcome in outcomes] == [None, None]
    assert AuditEntry.objects.filter(event="start_review").count() == 1
    assert list(audit.breaks()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_score_saved_in_two_windows_at_once_is_saved_once():
    review = made.begun()
    criterion = review.submission.criteria[0]

    def save(value):
        return actions.save_score(
            review=fresh(review),
            criterion=criterion,
            value=value,
            not_applicable=False,
            justification="",
            edition=0,
            by=review.reviewer,
        )

    with paused_before(Score, "save"):
        outcomes = run_together(lambda: save(1), lambda: save(4))

    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert Score.objects.get().edition == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_scores_confirmed_in_two_windows_at_once_are_confirmed_once():
    review = on_an_earlier_version(made.submitted())

    with paused_before(Review, "save"):
        outcomes = run_together(*[lambda: actions.confirm_scores(**confirmation(fresh(review)))] * 2)

    assert [outcome.error for outcome in outcomes] == [None, None]
    assert AuditEntry.objects.filter(event="score_confirmed").count() == 13
    assert AuditEntry.objects.filter(event="reopen").count() == 1
    assert list(audit.breaks()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_message_meets_a_reopened_review_and_the_trail_holds_both():
    submission = two_submitted()
    other = submission.reviews.last()

    outcomes = run_together(
        lambda: actions.write_panel_message(**message(fresh(submission))),
        lambda: actions.reopen_review(review=fresh(other), reason="I read it again.", by=other.reviewer),
    )

    assert [outcome.error for outcome in outcomes] == [None, None]  # reopened, it was submitted a first time
    assert list(audit.breaks()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_stepping_aside_meets_closing_and_one_of_them_waits():
    submission = made.sent_submission()
    officer = made.officer()
    reviews = [made.submitted(fresh(submission), by=officer) for _ in range(2)]

    outcomes = run_together(
        lambda: actions.recuse_review(review=fresh(reviews[0]), by=reviews[0].reviewer),
        lambda: actions.close_panel(submission=fresh(submission), by=officer),
    )

    assert outcomes[0].went_through
    assert outcomes[1].went_through or isinstance(outcomes[1].error, Refused)
    assert list(audit.breaks()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_list_imported_twice_at_once_is_current_once():
    checked = check_list("opensanctions", made.EXAMPLE_LIST)
    by = made.commands()

    run_together(*[lambda: screening.import_list(checked=checked, by=by)] * 2)

    assert SanctionsList.objects.current().count() == 1


# ---- nothing is written when the trail cannot be


def the_trail_fails(monkeypatch):
    def fail(_drafts):
        raise DatabaseError("the trail is away")

    monkeypatch.setattr(audit, "append", fail)


def everything() -> list[object]:
    tables = [
        Review,
        Score,
        Citation,
        ReviewVersion,
        ConflictDeclaration,
        Moderation,
        PanelMessage,
        Recommendation,
        SanctionsList,
        Screening,
        ScreeningHit,
        Duty,
        Submission,
    ]
    return [list(table._base_manager.order_by("pk").values()) for table in tables]


def a_score(review):
    return {
        "review": review,
        "criterion": scored_criteria(review.submission)[0],
        "value": 3,
        "not_applicable": False,
        "justification": "",
        "edition": 0,
        "by": review.reviewer,
    }


def a_citation(review):
    document = review.submission.latest_version.evidence.first().document
    criterion = scored_criteria(review.submission)[0]
    return {"review": review, "criterion": criterion, "document": document, "page": 1, "by": review.reviewer}


def cited():
    return actions.add_citation(**a_citation(made.begun()))


def differing():
    submission = made.assessed({"C2": 4}, {"C2": 2})
    need = panel_result(submission).moderations[0]
    criterion = submission.checklist.criteria.get(code="C2")
    return {
        "submission": submission,
        "criterion": criterion,
        "resolution": made.REASON,
        "concerns": need.concerns,
        "by": made.officer(),
    }


def on_an_earlier_version(review):
    """Return a review whose scores the partner's next version leaves to be confirmed."""
    ask_and_send_again(review.submission, amount="9,000")
    return fresh(review)


def confirmation(review):
    return {
        "review": review,
        "codes": list(review.unconfirmed()),
        "version": review.submission.latest_version,
        "by": review.reviewer,
    }


def message(submission):
    author = submission.reviews.first().reviewer
    return {"submission": submission, "text": "What do you read in the accounts of 2025?", "by": author}


def handed_over():
    """Return an application that has an officer, and who takes it."""
    submission = made.sent_submission()
    officer = made.officer()
    actions.take_over(submission=submission, by=officer)
    return {"submission": fresh(submission), "officer": made.officer(), "by": officer}


def decision(hit):
    return {"hit": hit, "reason": made.REASON, "seen": screening.seen_token(hit), "by": made.officer()}


LOW = dict.fromkeys(made.WORKED, 2) | {"C7": 3, "C8": 3}
ACTIONS = {
    "assign": lambda: (
        actions.assign_reviewer,
        {
            "submission": made.sent_submission(),
            "reviewer": made.reviewer(),
            "due_on": made.timezone.localdate(),
            "by": made.officer(),
        },
    ),
    "remind": lambda: (actions.remind_reviewer, {"review": made.invited(), "by": made.officer()}),
    "end": lambda: (actions.end_review, {"review": made.begun(), "by": made.officer()}),
    "declare": lambda: (
        lambda review: actions.declare(review=review, has_interest=False, keeps_confidence=True, by=review.reviewer),
        {"review": made.invited()},
    ),
    "recuse": lambda: (
        lambda review: actions.recuse_review(review=review, by=review.reviewer),
        {"review": made.submitted()},
    ),
    "declare_as_officer": lambda: (
        actions.declare_as_officer,
        {"submission": made.sent_submission(), "has_interest": False, "by": made.officer()},
    ),
    "take_over": lambda: (actions.take_over, {"submission": made.sent_submission(), "by": made.officer()}),
    "hand_over": lambda: (actions.hand_over, handed_over()),
    "save_score": lambda: (actions.save_score, a_score(made.begun())),
    "confirm_scores": lambda: (actions.confirm_scores, confirmation(on_an_earlier_version(made.scored(made.begun())))),
    "confirm_submitted": lambda: (actions.confirm_scores, confirmation(on_an_earlier_version(made.submitted()))),
    "end_behind": lambda: (
        actions.end_review,
        {"review": on_an_earlier_version(made.submitted()), "by": made.officer()},
    ),
    "write": lambda: (actions.write_panel_message, message(two_submitted())),
    "add_citation": lambda: (actions.add_citation, a_citation(made.begun())),
    "remove_citation": lambda: (
        lambda citation: actions.remove_citation(citation=citation, by=citation.score.review.reviewer),
        {"citation": cited()},
    ),
    "save_advice": lambda: (
        lambda review: actions.save_advice(review=review, advice="A word.", edition=0, by=review.reviewer),
        {"review": made.begun()},
    ),
    "submit": lambda: (
        lambda review: actions.submit_review(review=review, by=review.reviewer),
        {"review": made.scored(made.begun())},
    ),
    "reopen": lambda: (
        lambda review: actions.reopen_review(review=review, reason="I read it again.", by=review.reviewer),
        {"review": made.submitted()},
    ),
    "close": lambda: (actions.close_panel, {"submission": two_submitted(), "by": made.officer()}),
    "moderate": lambda: (actions.moderate, differing()),
    "related_party": lambda: (
        actions.resolve_related_party,
        {"submission": made.assessed(filled__related="yes"), "resolution": made.REASON, "by": made.officer()},
    ),
    "recommend": lambda: (
        actions.recommend,
        {
            "submission": made.assessed(),
            "outcome": "conditions",
            "conditions": ["One"],
            "reason": made.REASON,
            "by": made.officer(),
        },
    ),
    "decline": lambda: (
        actions.recommend,
        {"submission": made.assessed(LOW, LOW), "outcome": "decline", "reason": made.REASON, "by": made.officer()},
    ),
    "override": lambda: (
        actions.override,
        {"submission": made.assessed(LOW, LOW), "reason": made.REASON, "by": made.director()},
    ),
    "return": lambda: (
        actions.return_to_review,
        {"submission": made.recommended(), "reason": made.REASON, "by": made.director()},
    ),
    "import": lambda: (
        screening.import_list,
        {"checked": check_list("opensanctions", made.EXAMPLE_LIST), "by": made.commands()},
    ),
    "screen": lambda: (screening.screen_organisation, {"organisation": with_a_list(), "by": made.officer()}),
    "clear": lambda: (screening.clear_hit, decision(made.hit_of())),
    "confirm": lambda: (screening.confirm_hit, decision(made.hit_of())),
    "ask": lambda: (screening.ask_for_identity, decision(made.hit_of())),
}


def two_submitted():
    submission = made.sent_submission()
    for _ in range(2):
        made.submitted(fresh(submission))
    return fresh(submission)


def with_a_list():
    made.imported()
    return OrganisationFactory()


@pytest.mark.parametrize("name", ACTIONS)
def test_nothing_is_written_when_the_trail_cannot_be(monkeypatch, name):
    run, inputs = ACTIONS[name]()
    before = everything()
    the_trail_fails(monkeypatch)

    with pytest.raises(DatabaseError, match="the trail is away"):
        run(**inputs)

    assert everything() == before


def test_every_action_has_its_row():
    declared = {
        name
        for module in (assignments, discussing, reviewing, panel, screening)
        for name, function in vars(module).items()
        if getattr(function, "is_action", False) and function.__module__ == module.__name__
    }
    covered = {
        "assign_reviewer",
        "remind_reviewer",
        "end_review",
        "declare",
        "recuse_review",
        "declare_as_officer",
        "hand_over",
        "take_over",
        "save_score",
        "confirm_scores",
        "write_panel_message",
        "add_citation",
        "remove_citation",
        "save_advice",
        "submit_review",
        "reopen_review",
        "close_panel",
        "moderate",
        "resolve_related_party",
        "recommend",
        "override",
        "return_to_review",
        "import_list",
        "screen_organisation",
        "clear_hit",
        "confirm_hit",
        "ask_for_identity",
    }

    # Written with what is entered and decided about bank details above, and tried there.
    assert declared - {"name_bank", "decide_bank"} == covered
