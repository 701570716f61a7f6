"""Records of reviews, reached by their real actions: lists, screenings, reviews in each state, panels that can
recommend.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from partners.models import Hold, Organisation, Submission
from reviews.holds.actions import Told, hold_for_counsel, record_step
from reviews.models import (
    Recommendation,
    Reference,
    ReferenceRequest,
    Review,
    SanctionsList,
    Screening,
    ScreeningHit,
    Visit,
)
from reviews.panels import actions
from reviews.panels.models import scored_criteria
from reviews.references.actions import answer_request, ask_referee, make_link
from reviews.screening.actions import import_list, screen_organisation, seen_token
from reviews.screening.parsing import check_list
from reviews.visits.actions import submit_visit, write_visit
from tests.factories.partners import OrganisationFactory, PersonFactory, submission_in
from tests.factories.portal import UserFactory
from tests.support.rig import ROOT
from vetting_portal.models import User

EXAMPLE_LIST = ROOT / "reviews/screening/data/example_list.csv"
NEAR_NAME = "Pim Rattanakul"
WORKED = {
    "C1": 4,
    "C2": 3,
    "C3": 4,
    "C4": 3,
    "C5": 2,
    "C7": 3,
    "C8": 3,
    "C9": 3,
    "C10": 2,
    "C11": 3,
    "C12": 2,
    "C13": 3,
    "C16": 3,
}
REASON = "Both records were compared by date of birth, country and title; they are different people."


def commands() -> User:
    """Return the system user that stands for commands."""
    return User.objects.system("commands")


def officer(**fields: Any) -> User:
    """Return a programme officer."""
    return UserFactory(roles=["programme_officer"], **fields)


def director(**fields: Any) -> User:
    """Return a director."""
    return UserFactory(roles=["director"], **fields)


def reviewer(**fields: Any) -> User:
    """Return a reviewer."""
    return UserFactory(roles=["reviewer"], **fields)


def imported(
    path: Path = EXAMPLE_LIST, source: str = "opensanctions", published_on: date | None = None
) -> SanctionsList:
    """Return a current list, published today unless said otherwise."""
    made, _ = import_list(
        checked=check_list(source, path), published_on=published_on or timezone.localdate(), by=commands()
    )
    return made


def screened(organisation: Organisation, *, by: User | None = None) -> Screening:
    """Screen the names against the made-up list."""
    if not SanctionsList.objects.current().exists():
        imported()
    return screen_organisation(organisation=organisation, by=by or officer())


def hit_of(organisation: Organisation | None = None) -> ScreeningHit:
    """Return an open candidate: a board member whose name is close to one of the made-up list."""
    organisation = organisation or OrganisationFactory()
    PersonFactory(
        organisation=organisation, name=NEAR_NAME, nationality="TH", born_on=date(1986, 5, 14), local_name="พิม รัตนกุล"
    )
    screened(organisation)
    return ScreeningHit.objects.get(organisation=organisation)


def decide(hit: ScreeningHit, decision: Any, by: User | None = None, reason: str = REASON) -> ScreeningHit:
    """Decide a candidate as the page would."""
    return decision(hit=hit, reason=reason, seen=seen_token(hit), by=by or officer())


def hold_on(organisation: Organisation, *, by: User | None = None) -> Hold:
    """Return a hold that counsel asked for, on whose checklist the amounts are recorded."""
    by = by or officer()
    hold = hold_for_counsel(organisation=organisation, note="Counsel called on 3 March.", by=by)
    told = Told(timezone.localdate(), "USD 30,000 asked for; nothing was paid.")
    record_step(hold=hold, kind="amounts", told=told, by=by)
    return hold


def sent_submission(**fields: Any) -> Submission:
    """Return a submission that was sent, whose partner names no related party."""
    return submission_in("submitted", **{"filled__related": "no", **fields})


SAID = {
    "knows_how": "We gave two grants.",
    "known_since": "2018",
    "is_related": False,
    "would_again": "yes",
    "handles_money_well": "yes",
    "has_concern": False,
    "concern": "",
    "words": "They told us of a mistake before we saw it.",
}


def reference_asked(
    submission: Submission | None = None, *, by: User | None = None, number: int = 0
) -> ReferenceRequest:
    """Return a request to a referee of the submission; the mail with its link waits in the background."""
    submission = submission or sent_submission()
    return ask_referee(referee=submission.referees.order_by("pk")[number], by=by or officer())


def token_of(request: ReferenceRequest) -> str:
    """Return the token of a new link to a request."""
    return make_link(request=request, by=User.objects.system("background"))


def reference_answered(request: ReferenceRequest | None = None, **said: Any) -> Reference:
    """Return what a referee answered through a link."""
    request = request or reference_asked()
    return answer_request(token=token_of(request), by=User.objects.system("referee"), **{**SAID, **said})


def references_in(submission: Submission, *, by: User) -> None:
    """Let both referees of a submission answer."""
    for number in range(2):
        reference_answered(reference_asked(submission, by=by, number=number))


def visited(submission: Submission, *, by: User) -> Visit:
    """Return a report of our own visit that was handed in."""
    words = {
        "kind": "own",
        "visited_on": timezone.localdate(),
        "visitors": "Ruth Okafor, programme officer",
        "people_met": "The director.",
        "findings": "The books agree with the bank.",
    }
    return submit_visit(visit=write_visit(submission=submission, words=words, by=by), by=by)


def in_a_week() -> date:
    """Return a day that a reviewer may be asked for."""
    return timezone.localdate() + timedelta(days=7)


def invited(submission: Submission | None = None, *, who: User | None = None, by: User | None = None) -> Review:
    """Return a review whose reviewer was asked."""
    submission = submission or sent_submission()
    due_on = timezone.localdate() + timedelta(days=14)
    return actions.assign_reviewer(submission=submission, reviewer=who or reviewer(), due_on=due_on, by=by or officer())


def begun(submission: Submission | None = None, *, who: User | None = None, by: User | None = None) -> Review:
    """Return a review whose reviewer declared no interest."""
    review = invited(submission, who=who, by=by)
    return actions.declare(review=review, has_interest=False, keeps_confidence=True, by=review.reviewer)


def scored(review: Review, scores: Mapping[str, int | None] | None = None) -> Review:
    """Score every criterion; None stands for "not applicable"."""
    given = {**WORKED, **(scores or {})}
    editions = {score.criterion_id: score.edition for score in review.scores.all()}
    facts = review.submission.facts()
    for criterion in (one for one in scored_criteria(review.submission) if one.applies(facts)):
        value = given[criterion.code]
        actions.save_score(
            review=review,
            criterion=criterion,
            value=value,
            not_applicable=value is None,
            justification=f"What I read for {criterion.code}.",
            edition=editions.get(criterion.pk, 0),
            by=review.reviewer,
        )
    return review


def submitted(
    submission: Submission | None = None,
    scores: Mapping[str, int | None] | None = None,
    *,
    who: User | None = None,
    by: User | None = None,
) -> Review:
    """Return a submitted review with the scores of the first worked example, changed by ``scores``."""
    review = scored(begun(submission, who=who, by=by), scores)
    return actions.submit_review(review=review, by=review.reviewer)


def assessed(*scores: Mapping[str, int | None], by: User | None = None, **fields: Any) -> Submission:
    """Return a submission with closed reviews (two alike unless told), screened, and declared by its officer."""
    by = by or officer()
    submission = sent_submission(**fields)
    screened(submission.organisation, by=by)
    actions.declare_as_officer(submission=submission, has_interest=False, by=by)
    references_in(submission, by=by)
    for given in scores or ({}, {}):
        submitted(Submission.objects.get(pk=submission.pk), given, by=by)
    return actions.close_panel(submission=Submission.objects.get(pk=submission.pk), by=by)


def recommended(by: User | None = None, **fields: Any) -> Submission:
    """Return a submission that was recommended with one condition."""
    by = by or officer()
    submission = assessed(by=by, **fields)
    actions.recommend(
        submission=submission,
        outcome=Recommendation.Outcome.CONDITIONS,
        conditions=["Accounts are reviewed before the second payment."],
        reason="The care after the shelter is the strongest part of this application, see the advice.",
        by=by,
    )
    return Submission.objects.get(pk=submission.pk)
