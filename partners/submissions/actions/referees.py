"""Naming referees, and taking one back who was not written to."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from partners.submissions.independence import inside_problems
from partners.submissions.models import Referee, Submission
from vetting_portal.actions import may_erase
from vetting_portal.erasing import erased_address
from vetting_portal.models import User
from vetting_portal.registry import from_apps
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


@action
def erase_referee(*, person: Referee, reason: str, by: User) -> Referee:
    """Forget who a referee is; what they answered stays without a name. Raises as ``may_erase`` does."""
    lock(person.submission)
    fresh = lock(person)
    may_erase(fresh, reason, by)
    fresh.name, fresh.email, fresh.organisation = "Erased referee", erased_address(fresh), ""
    fresh.relation, fresh.language = "", ""
    fresh.save()
    for forget in from_apps("forget_draft", module="forgetting"):
        forget(fresh)
    record("person_erased", fresh, by=by, note=reason.strip(), facts={"submission": fresh.submission_id})
    return fresh
