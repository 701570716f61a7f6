"""No path approves with an open gate, save one that a director may override: every defect by every route.

A submission becomes approved by its grant alone, and a grant is drafted of a recommended one alone. So each defect is
made, each route to a recommendation is tried through the actions, and what is reached is compared with one table; then
what changes between the recommendation and the signature is tried the same way.
"""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from grants.agreements import actions as agreements
from grants.models import Grant
from partners.checklists.models import Criterion
from partners.models import Submission
from reviews.models import Review, ScreeningHit
from reviews.panels import actions
from reviews.panels.results import panel_result
from reviews.screening.actions import confirm_hit
from tests.factories import grants as made_grants
from tests.factories import reviews as made
from tests.factories.partners import PersonFactory
from tests.factories.portal import FunderFactory
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

TOP = dict.fromkeys(made.WORKED, 4)
NOBODY_OVERRIDES = {"C1", "C6", "C7", "C8", "C15"}
# The gates of the example's facts: amount above USD 10,000, survivors served, stories used.
MINIMUM = {
    "C1": 2, "C2": 1, "C4": 2, "C5": 1, "C7": 3, "C8": 3, "C9": 2, "C10": 1, "C11": 2, "C12": 2, "C13": 2,
}  # fmt: skip


def fresh(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def scored(**scores: int) -> Callable[[], Submission]:
    return lambda: made.assessed({**TOP, **scores}, {**TOP, **scores})


def with_person(submission: Submission) -> Submission:
    PersonFactory(organisation=submission.organisation, name=made.NEAR_NAME, nationality="TH")
    return submission


def names_not_screened() -> Submission:
    return with_person(made.assessed(TOP, TOP))


def hit_open() -> Submission:
    submission = names_not_screened()
    made.screened(submission.organisation)
    return submission


def hit_confirmed() -> Submission:
    submission = hit_open()
    made.decide(ScreeningHit.objects.get(), confirm_hit)
    return submission


def officer_with_an_interest() -> Submission:
    officer = made.officer()
    submission = made.assessed(TOP, TOP, by=officer)
    actions.declare_as_officer(submission=submission, has_interest=True, by=officer)
    return submission


def officer_undeclared() -> Submission:
    submission = made.assessed(TOP, TOP)
    return actions.take_over(submission=submission, by=made.officer())


def review_reopened() -> Submission:
    submission = made.assessed(TOP, TOP)
    review = submission.reviews.first()
    actions.reopen_review(review=review, reason="I read it again.", by=review.reviewer)
    return submission


def one_review_left() -> Submission:
    submission = made.assessed(TOP, TOP)
    review = submission.reviews.first()
    actions.recuse_review(review=review, by=review.reviewer)
    return submission


ROUTES = ("recommend", "conditions", "override")
NONE, OVERRIDE = set[str](), {"override"}
DEFECTS: dict[str, tuple[Callable[[], Submission], set[str]]] = {
    "none": (scored(), {"recommend", "conditions"}),
    **{
        code: (scored(**{code: low - 1}), NONE if code in NOBODY_OVERRIDES else OVERRIDE)
        for code, low in MINIMUM.items()
    },
    "C4 and C9": (scored(C4=1, C9=1), OVERRIDE),
    "C2 and C7": (scored(C2=0, C7=2), NONE),
    "C1 and C8": (scored(C1=1, C8=2), NONE),
    "every gate": (scored(**{code: low - 1 for code, low in MINIMUM.items()}), NONE),
    "score below 60": (scored(**{**dict.fromkeys(MINIMUM, 2), "C7": 3, "C8": 3, "C3": 0, "C16": 0}), OVERRIDE),
    "foreign funds: no": (lambda: made.assessed(TOP, TOP, filled__foreign_funds="no"), OVERRIDE),
    "related party": (lambda: made.assessed(TOP, TOP, filled__related="yes"), NONE),
    "names not screened": (names_not_screened, NONE),
    "candidate open": (hit_open, NONE),
    "hit confirmed": (hit_confirmed, NONE),
    "officer's interest": (officer_with_an_interest, NONE),
    "officer undeclared": (officer_undeclared, NONE),
    "disagreement": (lambda: made.assessed({**TOP, "C3": 4}, {**TOP, "C3": 2}), NONE),
    "sides of a gate": (lambda: made.assessed({**TOP, "C4": 1}, {**TOP, "C4": 2}), NONE),
    "C4 fails, C3 disputed": (lambda: made.assessed({**TOP, "C4": 1}, {**TOP, "C4": 1, "C3": 1}), NONE),
    "review reopened": (review_reopened, NONE),
    "one review left": (one_review_left, NONE),
}


def attempt(submission: Submission, route: str) -> bool:
    """Try one route to a recommendation; whether it was reached."""
    try:
        if route == "override":
            actions.override(submission=submission, reason=made.REASON, by=made.director())
        else:
            conditions = ["A policy first."] if route == "conditions" else []
            officer = made.officer()
            actions.recommend(
                submission=submission, outcome=route, reason=made.REASON, conditions=conditions, by=officer
            )
    except (TransitionNotAllowed, PermissionDenied):
        assert fresh(submission).state == "assessed"
        return False
    assert fresh(submission).state == "recommended"
    return True


def test_table_names_every_gate_of_the_checklist():
    submission = made.sent_submission()
    gates = {one.code: one.minimum(submission.facts()) for one in submission.criteria if one.is_scored}
    never = set(Criterion.objects.filter(is_never_overridden=True).values_list("code", flat=True))

    assert {code: low for code, low in gates.items() if low is not None} == MINIMUM
    assert never == NOBODY_OVERRIDES
    assert {one.code for one in submission.criteria if not one.is_scored} == {"C6", "C14", "C15"}


@pytest.mark.parametrize(
    ("defect", "last"), [(name, last) for name in DEFECTS for last in sorted(DEFECTS[name][1] or {""})]
)
def test_a_recommendation_is_reached_only_with_every_gate_passed_or_overridden(defect, last):
    """Every route that the table does not name is refused and leaves nothing; the last one, if any, is taken."""
    make, reached = DEFECTS[defect]
    submission = make()

    assert [route for route in ROUTES if route not in reached and attempt(submission, route)] == []

    if last:
        assert attempt(submission, last)
    if last == "override":
        assert not {gate.code for gate in panel_result(fresh(submission)).failed_gates} & NOBODY_OVERRIDES
        assert fresh(submission).is_override


@pytest.mark.parametrize("make", [made.sent_submission, lambda: made.submitted().submission, made.assessed])
def test_no_grant_is_drafted_before_the_recommendation(make):
    submission, officer = make(), made.officer()
    FunderFactory()
    fund = made_grants.fund_with(submission=fresh(submission))

    with pytest.raises((TransitionNotAllowed, PermissionDenied)):
        agreements.draft_grant(submission=fresh(submission), fields=made_grants.draft_fields(fund), by=officer)

    assert not Grant.objects.exists()


# ---- between the recommendation and the signature


def a_reviewer_steps_aside(grant):
    review = Review.objects.filter(submission=grant.submission).first()
    actions.recuse_review(review=review, by=review.reviewer)


def the_officer_declares_an_interest(grant):
    officer = made_grants.officer_of(grant)
    actions.declare_as_officer(submission=grant.submission, has_interest=True, by=officer)


def a_name_is_added(grant):
    with_person(grant.submission)


def a_candidate_comes_up(grant):
    with_person(grant.submission)
    made.screened(grant.submission.organisation)


def a_hit_is_confirmed(grant):
    a_candidate_comes_up(grant)
    made.decide(ScreeningHit.objects.get(), confirm_hit)


@pytest.mark.parametrize(
    "changed",
    [
        a_reviewer_steps_aside,
        the_officer_declares_an_interest,
        a_name_is_added,
        a_candidate_comes_up,
        a_hit_is_confirmed,
    ],
)
def test_what_opens_a_gate_again_stops_the_signatures(waiting, changed):
    changed(waiting)

    for director in made_grants.directors_of(waiting)[:2]:
        with pytest.raises(Refused):
            made_grants.sign(made_grants.fresh(waiting), director)

    assert fresh(waiting.submission).state == "recommended"


def test_it_stops_the_second_signature_too(waiting):
    first, second = made_grants.directors_of(waiting)[:2]
    made_grants.sign(waiting, first)
    a_reviewer_steps_aside(waiting)

    with pytest.raises(Refused, match="no longer counts"):
        made_grants.sign(made_grants.fresh(waiting), second)

    assert made_grants.fresh(waiting).state == "awaiting_signature"


def test_an_overridden_gate_is_approved_and_the_overriding_director_does_not_sign():
    FunderFactory()
    officer, overriding = made.officer(), made_grants.directors(1)[0]
    submission = made.assessed({**TOP, "C4": 1}, {**TOP, "C4": 1}, by=officer)
    actions.override(submission=submission, reason=made.REASON, by=overriding)
    fund = made_grants.fund_with(submission=submission)
    signers = made_grants.directors(2)
    grant = agreements.draft_grant(submission=fresh(submission), fields=made_grants.draft_fields(fund), by=officer)
    grant = agreements.freeze_terms(grant=grant, by=officer)

    with pytest.raises(Refused, match="reviewed or recommended"):
        made_grants.sign(made_grants.fresh(grant), overriding)
    for director in signers:
        made_grants.sign(made_grants.fresh(grant), director)

    assert (fresh(submission).state, fresh(submission).is_override) == ("approved", True)
