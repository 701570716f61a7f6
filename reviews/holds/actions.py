"""The transactions of holds: one placed at counsel's word, the words that release one, the steps of the checklist."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from partners.organisations import actions as organisations
from partners.organisations.models import Hold, Organisation
from reviews.holds.checklist import checklist
from reviews.holds.models import CounselStep
from reviews.screening.models import ScreeningHit
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import Role, StoredFile, User
from vetting_portal.papers import CheckedPaper
from vetting_portal.workflow import Refused, action, ask, lock, perform, record


@action
def hold_for_counsel(*, organisation: Organisation, note: str, by: User) -> Hold:
    """Stop everything of an organisation because counsel asks for it. The directors are told.

    Raises PermissionDenied, also for who belongs or belonged to it, and ValidationError without a reason.
    """
    fresh = lock(organisation)
    if not by.has_perm("partners.release_hold", fresh):
        raise PermissionDenied("partners.place_hold")
    hold = organisations.place_hold(organisation=fresh, kind=Hold.Kind.COUNSEL, note=note, by=by)
    _tell_directors(hold, "Everything of a partner is held", "reviews/mail/held.txt")
    return hold


def _tell_directors(hold: Hold, subject: str, template: str) -> None:
    for director in User.objects.with_role(Role.DIRECTOR):
        notify(director, subject=subject, template=template, context={"hold": hold})


@action
def release_hold(*, hold: Hold, reason: str, by: User) -> Hold:
    """Give one of the two words that release a hold. With the second the hit that it followed from is cleared.

    The hit of another organisation, which names the same person, stays confirmed: its own hold goes on. Raises as
    ``give_release`` does.
    """
    lock(hold.organisation)
    fresh = organisations.give_release(hold=hold, reason=reason, by=by)
    if fresh.is_current:
        _tell_directors(fresh, "A second word is asked for", "reviews/mail/release_given.txt")
        return fresh
    hit = ScreeningHit.objects.filter(pk=fresh.cause_id or 0, organisation=fresh.organisation_id).first()
    if hit is not None and hit.state == ScreeningHit.State.CONFIRMED:
        perform(hit.release, by=by, note=reason.strip(), facts={"hold": fresh.pk}, reason=reason.strip())
    _tell_directors(fresh, "A hold is released", "reviews/mail/released.txt")
    return fresh


@dataclass(frozen=True)
class Told:
    """What is said of a step: the day it was done, a note, counsel's decision, the year, and a paper."""

    done_on: date
    note: str
    outcome: str = ""
    year: int | None = None
    paper: CheckedPaper | None = None


@action
def record_step(*, hold: Hold, kind: str, told: Told, by: User) -> CounselStep:
    """Record that a step of counsel's checklist was done; recorded again, the newest one counts.

    A released hold keeps its checklist: reports can still be due. Raises PermissionDenied; Refused for a step that this
    hold does not ask for; ValidationError for bad fields.
    """
    organisation = lock(hold.organisation)
    fresh = lock(hold)
    ask(by, "reviews.do_counsel_step", organisation)
    if (kind, told.year) not in {(item.kind, item.year) for item in checklist(fresh)}:
        raise Refused(["This hold does not ask for that step."], subject=organisation)
    if lies_ahead(told.done_on):
        raise ValidationError({"done_on": "This day lies in the future."})
    step = CounselStep(
        hold=fresh,
        kind=kind,
        outcome=told.outcome,
        year=told.year,
        done_on=told.done_on,
        note=told.note.strip(),
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    if told.paper is not None:
        step.paper = StoredFile.objects.record(told.paper.blob, media_type=told.paper.media_type)
        step.paper_name = told.paper.name
    step.full_clean()
    step.save()
    facts = {
        "hold": fresh.pk,
        "step": step.pk,
        "kind": str(kind),
        "outcome": str(told.outcome),
        "year": told.year,
        "paper": told.paper.blob.sha256 if told.paper else None,
    }
    record("counsel_step", organisation, by=by, note=step.note, facts=facts)
    return step
