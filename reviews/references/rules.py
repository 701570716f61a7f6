"""Who may ask referees, read what they answer, and verify it."""

from typing import Any

import rules

from reviews.screening.rules import is_outsider
from vetting_portal import rules as portal_rules
from vetting_portal.models import User


def submission_of(subject: Any) -> Any:
    """Return the submission that a request or a visit is about, or the submission itself."""
    return None if subject is None else getattr(subject, "submission", subject)


def told(user: User, subject: Any, fact: str) -> bool | None:
    """Return what a page's own query (``panels.queries.seen_by``) told of ``user`` already; None where it told nothing.

    Only pages read with that query: what an action asks about, it has locked and read afresh.
    """
    return getattr(subject, f"viewer_{fact}") if getattr(subject, "viewer_id", 0) == user.pk else None


@rules.predicate
def stands_outside(user: User, subject: Any) -> bool:
    """Has never belonged to the organisation that applies."""
    submission = submission_of(subject)
    belonged = told(user, submission, "was_member")
    return is_outsider(user, submission) if belonged is None else not belonged


@rules.predicate
def declared_no_interest(user: User, subject: Any) -> bool:
    """Has declared no interest in this organisation, in any of its submissions."""
    submission = submission_of(subject)
    if submission is None:
        return False
    interested = told(user, submission, "has_interest")
    interests = user.declarations.filter(has_interest=True, submission__organisation_id=submission.organisation_id)
    return not (interests.exists() if interested is None else interested)


@rules.predicate
def is_sent(user: User, subject: Any) -> bool:  # noqa: ARG001 a predicate takes both
    """The submission was sent at least once."""
    submission = submission_of(subject)
    return submission is not None and submission.submitted_at is not None


@rules.predicate
def reviews_it(user: User, subject: Any) -> bool:
    """Is assigned to review the submission, and has declared no interest, so that its content is open."""
    submission = submission_of(subject)
    return submission is not None and submission.accesses.current().filter(user_id=user.pk, as_role="reviewer").exists()


reads_evidence = portal_rules.is_programme_officer | portal_rules.is_director | portal_rules.is_auditor
officer = portal_rules.is_programme_officer & stands_outside & declared_no_interest & is_sent

rules.add_perm(
    "reviews.view_references", is_sent & stands_outside & declared_no_interest & (reads_evidence | reviews_it)
)
rules.add_perm("reviews.ask_referee", officer)
rules.add_perm("reviews.verify_reference", officer)
# A referee has no account: the token in the link is the right, and a system user stands for who holds it.
rules.add_perm("reviews.answer_request", portal_rules.is_system)
rules.add_perm("reviews.remind_referee", portal_rules.is_system)
