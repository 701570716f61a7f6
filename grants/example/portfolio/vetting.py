"""What the staff of the portfolio do with an application: screen, ask referees, review, moderate, recommend."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from partners.submissions.models import Submission
from reviews.panels import actions
from reviews.panels.models import Review, scored_criteria
from reviews.references.actions import answer_request, ask_referee, make_link, verify_reference
from reviews.references.models import Reference, ReferenceCheck
from reviews.screening.actions import clear_hit, screen_organisation, seen_token
from reviews.screening.models import ScreeningHit
from vetting_portal.models import User

CITED = {"C1": 4, "C3": 4, "C7": 4, "C9": 4}
USUAL = 3
SAID = {
    "knows_how": "We work in the same district and see each other every month.",
    "known_since": "2017",
    "is_related": False,
    "would_again": "yes",
    "handles_money_well": "yes",
    "has_concern": False,
    "concern": "",
    "words": "They told us of a mistake before we saw it.",
}
ADVICE = "The people who are meant decide themselves, and the sums are small and clear. I would give this grant."
CLEARED = "Both records were compared by date of birth, country and title; they are different people."
REASON = "Both reviewers found the plan sound and the controls in use; every minimum requirement is met."
RANG = "We rang the number on the organisation’s own page. The referee confirmed every answer."
DUE_IN = timedelta(days=14)


def fresh(submission: Submission) -> Submission:
    """Return the application as it stands in the database."""
    return Submission.objects.get(pk=submission.pk)


def take(submission: Submission, officer: User, *, decide: bool = True) -> None:
    """Declare no interest, take the application on, and screen its names; with ``decide`` clear what comes close."""
    actions.declare_as_officer(submission=fresh(submission), has_interest=False, by=officer)
    screen(submission, officer, decide=decide)


def screen(submission: Submission, officer: User, *, decide: bool = True) -> None:
    """Screen the names of the organisation now."""
    screen_organisation(organisation=submission.organisation, by=officer)
    for hit in ScreeningHit.objects.filter(organisation=submission.organisation, state="open") if decide else ():
        clear_hit(hit=hit, reason=CLEARED, seen=seen_token(hit), by=officer)


def ask_referees(submission: Submission, officer: User) -> None:
    """Ask both referees."""
    for referee in fresh(submission).referees.order_by("pk"):
        ask_referee(referee=referee, by=officer)


def answer_as_referees(submission: Submission) -> None:
    """Let both referees answer through their links."""
    referee, background = User.objects.system("referee"), User.objects.system("background")
    for request in submission.reference_requests.order_by("pk"):
        answer_request(token=make_link(request=request, by=background), by=referee, **SAID)


def verify_references(submission: Submission, officer: User) -> None:
    """Have the officer ring both referees, and find that the answers are theirs."""
    for reference in Reference.objects.filter(request__submission=submission).order_by("pk"):
        verify_reference(reference=reference, how=ReferenceCheck.How.CALLED, note=RANG, by=officer)


def assign(submission: Submission, reviewers: tuple[User, ...], officer: User) -> list[Review]:
    """Ask the reviewers."""
    due_on = timezone.localdate() + DUE_IN
    return [
        actions.assign_reviewer(submission=fresh(submission), reviewer=one, due_on=due_on, by=officer)
        for one in reviewers
    ]


def review_of(submission: Submission, reviewer: User) -> Review:
    """Return the review of somebody."""
    return Review.objects.get(submission=submission, reviewer=reviewer)


def declare(submission: Submission, reviewer: User) -> None:
    """Declare no interest as a reviewer, and open the application."""
    review = review_of(submission, reviewer)
    actions.declare(review=review, has_interest=False, keeps_confidence=True, by=reviewer)


def score(submission: Submission, reviewer: User, scores: Mapping[str, int] | None = None, *, most: int = 99) -> None:
    """Score at most ``most`` criteria; ``scores`` differ from the usual ones."""
    given = {**CITED, **(scores or {})}
    review = review_of(submission, reviewer)
    facts = review.submission.facts()
    editions = {kept.criterion_id: kept.edition for kept in review.scores.all()}
    applying = [criterion for criterion in scored_criteria(review.submission) if criterion.applies(facts)]
    for criterion in applying[:most]:
        value = given.get(criterion.code, USUAL)
        told: dict[str, Any] = {
            "review": review,
            "criterion": criterion,
            "value": value,
            "not_applicable": False,
            "justification": f"What was sent shows a {value} by the written descriptions for {criterion.code}.",
            "edition": editions.get(criterion.pk, 0),
        }
        actions.save_score(**told, by=reviewer)


def hand_in(submission: Submission, reviewer: User, scores: Mapping[str, int] | None = None) -> None:
    """Declare, score everything, and submit the review."""
    declare(submission, reviewer)
    score(submission, reviewer, scores)
    review = review_of(submission, reviewer)
    actions.save_advice(review=review, advice=ADVICE, edition=review.advice_edition, by=reviewer)
    actions.submit_review(review=review_of(submission, reviewer), by=reviewer)


def close(submission: Submission, officer: User) -> None:
    """Close the reviews."""
    actions.close_panel(submission=fresh(submission), by=officer)


def recommend(submission: Submission, officer: User, outcome: str = "recommend", reason: str = REASON) -> None:
    """Recommend the application, or decline it by the panel's result."""
    screen(submission, officer)
    actions.recommend(submission=fresh(submission), outcome=outcome, reason=reason, by=officer)
