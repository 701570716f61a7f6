"""Naming referees, and taking one back who was not written to."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from partners.submissions.independence import inside_problems
from partners.submissions.models import Referee, Submission
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

MOST_REFEREES = 6


def _open(submission: Submission, by: User) -> Submission:
    fresh: Submission = lock(submission)
    ask(by, "partners.change_submission", fresh)
    if not fresh.takes_referees:
        state = fresh.get_state_display().lower()
        raise Refused([Blocker(f"This application is {state} now.", hint="No referee is asked any more.")])
    return fresh


@action
def name_referee(*, submission: Submission, by: User, **fields: Any) -> Referee:
    """Name somebody who knows the work, also after sending: an officer may ask for one more.

    Raises PermissionDenied, Refused once it is decided, ValidationError for bad fields or somebody from inside.
    """
    fresh = _open(submission, by)
    if fresh.referees.count() >= MOST_REFEREES:
        raise Refused([f"You have named {MOST_REFEREES} referees. That is enough."], subject=fresh)
    referee = Referee(submission=fresh, named_at=timezone.now(), named_by=by, **fields)
    if problems := inside_problems(fresh.organisation, name=referee.name, email=referee.email):
        raise ValidationError(problems)
    if fresh.referees.filter(email__iexact=referee.email.strip()).exists():
        raise ValidationError({"email": "You have named somebody with this address already."})
    referee.full_clean(validate_constraints=False)
    referee.save()
    record("referee_named", fresh, by=by, facts={"referee": referee.pk})
    return referee


@action
def remove_referee(*, referee: Referee, by: User) -> None:
    """Take a referee back. Raises PermissionDenied; Refused where they were written to, or it is sent."""
    submission = _open(referee.submission, by)
    if not submission.is_editable:
        raise Refused(["It is sent: name one more instead."], subject=submission)
    facts = {"referee": referee.pk}
    try:
        with transaction.atomic():
            lock(referee).delete()
    except ProtectedError as error:
        raise Refused(
            ["We have written to this referee already. Name one more instead."], subject=submission
        ) from error
    record("referee_removed", submission, by=by, facts=facts)
