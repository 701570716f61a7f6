"""The box "next" of a partner: the first of its duties, else what a colleague has to do, else where things stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format

from partners.organisations.models import waiting_blockers
from partners.submissions.progress import NOTHING_TO_DO, Next, Step, how_far, missed, standing
from vetting_portal.duties import OpenDuty, coming_about, duties_about
from vetting_portal.models import User
from vetting_portal.navigation import links_for, outcome_for

if TYPE_CHECKING:
    from partners.organisations.models import Organisation
    from partners.submissions.models import Submission

WRITE = "partners.write_application"


@dataclass(frozen=True)
class Waiting:
    """What waits about an organisation or an application: for the reader, and for colleagues of the reader."""

    mine: Sequence[OpenDuty]
    colleagues: Sequence[OpenDuty]


def waiting_about(user: User, record: "Organisation | Submission") -> Waiting:
    """Return what waits, in the order of My work; one statement."""
    found = duties_about(user, record)
    mine = [duty for duty in found if duty.is_mine]
    return Waiting(mine, [duty for duty in found if not duty.is_mine and duty.kind.actor.is_partner])


def next_about(user: User, submission: "Submission", waiting: Waiting, steps: Sequence[Step]) -> Next:
    """Return what the box says. ``steps`` are those of ``submission`` while it can be written in."""
    if submission.missed_its_call:
        return missed(submission, may_withdraw=user.has_perm("partners.withdraw_submission", submission))
    for duty in waiting.mine:
        if duty.key == WRITE and duty.submission == submission.pk:
            far = how_far(submission, list(steps))
            return Next(duty.verb, f"{far.text}. {far.why}", far.url, far.label, far.note)
        return Next(duty.verb, duty.sentence, duty.url, duty.button, duty.note)
    for duty in waiting.colleagues:
        return Next(duty.verb, f"{duty.sentence} An owner of your organisation does this.", duty.url, "Open", duty.note)
    if waiting_blockers(submission.organisation_id):
        return standing(submission)
    return _coming(user, submission) or standing(submission)


def _coming(user: User, submission: "Submission") -> Next | None:
    """Return what comes up for who has a grant: the first date, and the way to the agreement where there is none."""
    became = links_for(user, submission)
    if not became:
        return None
    text = outcome_for(user, submission) or "Nothing to do right now"
    for duty in coming_about(user, submission):
        day = date_format(duty.due, "l j F Y")
        why = f"Coming up: {duty.verb[0].lower()}{duty.verb[1:]} on {day}: {duty.sentence}"
        return Next(text, why, duty.url, duty.button, duty.kind.note)
    return Next(text, NOTHING_TO_DO.partition(". ")[2], became[0].url, became[0].label)
