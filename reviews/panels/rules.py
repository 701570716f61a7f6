"""Who may assign, declare, score, look at scores, moderate and recommend."""

from typing import Any

import rules

from reviews.references.rules import declared_no_interest, is_sent, reviews_it, stands_outside, told
from vetting_portal import rules as portal_rules
from vetting_portal.models import User


def _review_of(subject: Any) -> Any:
    """Return the review that a score or version belongs to, or the review itself."""
    return None if subject is None else getattr(subject, "review", subject)


@rules.predicate
def is_own_review(user: User, subject: Any) -> bool:
    """The review is the user's."""
    review = _review_of(subject)
    return review is not None and review.reviewer_id == user.pk


@rules.predicate
def is_not_set_aside(user: User, subject: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """The review was neither recused nor ended."""
    review = _review_of(subject)
    return review is not None and review.state not in {"recused", "ended"}


@rules.predicate
def has_begun(user: User, subject: Any) -> bool:  # noqa: ARG001
    """Its reviewer has declared no interest, and the content has opened."""
    review = _review_of(subject)
    return review is not None and review.state in {"in_progress", "submitted"}


def _submission_id_of(subject: Any) -> int | None:
    """Return the id of the submission that a review, score, version or the submission itself is about."""
    if subject is None:
        return None
    about = _review_of(subject)
    return int(getattr(about, "submission_id", about.pk))


@rules.predicate
def is_no_longer_blind(user: User, subject: Any) -> bool:
    """Has no review of the same submission that was never submitted and still waits."""
    submission_id = _submission_id_of(subject)
    if submission_id is None:
        return False
    known = told(user, subject, "is_blind")
    waiting = user.reviews.filter(submission_id=submission_id, version=0, state__in=["invited", "in_progress"])
    return not (waiting.exists() if known is None else known)


@rules.predicate
def has_submitted_beside(user: User, subject: Any) -> bool:
    """Has submitted a review of the same submission, and it counts."""
    submission_id = _submission_id_of(subject)
    if submission_id is None:
        return False
    known = told(user, subject, "has_submitted")
    counting = user.reviews.filter(submission_id=submission_id, version__gte=1, state__in=["submitted", "in_progress"])
    return counting.exists() if known is None else known


@rules.predicate
def has_no_interest_here(user: User, subject: Any) -> bool:
    """Has declared no interest in this very submission."""
    submission_id = _submission_id_of(subject)
    if submission_id is None:
        return False
    known = told(user, subject, "has_interest_here")
    here = user.declarations.filter(has_interest=True, submission_id=submission_id)
    return not (here.exists() if known is None else known)


@rules.predicate
def has_a_submitted_version(user: User, subject: Any) -> bool:  # noqa: ARG001
    """The review was submitted at least once, and counts."""
    review = _review_of(subject)
    return review is not None and review.version >= 1 and review.state in {"submitted", "in_progress"}


@rules.predicate
def is_submitted(user: User, subject: Any) -> bool:  # noqa: ARG001
    """The review is submitted now."""
    review = _review_of(subject)
    return review is not None and review.state == "submitted"


officer = portal_rules.is_programme_officer & stands_outside & declared_no_interest
director = portal_rules.is_director & stands_outside & declared_no_interest
reads_others = has_no_interest_here & (
    (portal_rules.reads_everything & is_no_longer_blind) | (has_submitted_beside & has_a_submitted_version)
)

rules.add_perm("reviews.assign_reviewer", officer)
rules.add_perm("reviews.end_review", officer)
rules.add_perm("reviews.remind_reviewer", officer)
rules.add_perm("reviews.declare_as_officer", portal_rules.is_programme_officer & is_sent)
rules.add_perm("reviews.close_panel", officer)
# What is decided on the result's page is decided by who may see it: not by somebody whose own review still waits.
rules.add_perm("reviews.moderate_panel", officer & is_no_longer_blind)
rules.add_perm("reviews.recommend_submission", officer & is_no_longer_blind)
rules.add_perm("reviews.override_panel", director & is_no_longer_blind)
rules.add_perm("reviews.return_submission", director & is_no_longer_blind)
rules.add_perm("reviews.view_work", portal_rules.reads_everything & is_sent)

rules.add_perm(
    "reviews.view_panel",
    is_sent & has_no_interest_here & ((portal_rules.reads_everything & is_no_longer_blind) | has_submitted_beside),
)

# Who reads the result reads the discussion; only reviewers write in it.
rules.add_perm("reviews.write_panel_message", is_sent & has_no_interest_here & has_submitted_beside)
# Who has declared an interest may read the application still, where staff may; what reviewers had seen stays closed.
rules.add_perm("reviews.compare_versions", is_sent & (portal_rules.reads_everything | reviews_it))

rules.add_perm("reviews.view_my_reviews", portal_rules.is_reviewer)
is_reviewed_by = portal_rules.is_reviewer & is_own_review
rules.add_perm("reviews.declare_review", is_reviewed_by)
rules.add_perm("reviews.begin_review", is_reviewed_by & stands_outside & declared_no_interest)
rules.add_perm("reviews.open_review", is_reviewed_by & has_begun)
rules.add_perm("reviews.score_review", is_reviewed_by & has_begun & declared_no_interest)
rules.add_perm("reviews.submit_review", is_reviewed_by & has_begun & declared_no_interest)
rules.add_perm("reviews.reopen_review", is_reviewed_by & has_begun & declared_no_interest)
rules.add_perm("reviews.recuse_review", is_own_review)

rules.add_perm("reviews.view_review", is_own_review | reads_others)
rules.add_perm("reviews.view_score", (is_own_review & is_not_set_aside) | (reads_others & is_submitted))
rules.add_perm(
    "reviews.view_review_version",
    (portal_rules.reads_everything & (is_own_review | reads_others))
    | ((is_own_review | reads_others) & is_not_set_aside),
)
