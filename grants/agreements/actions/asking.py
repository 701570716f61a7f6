"""Who is asked to sign, reminded and told: directors who are here, their stand-ins, owners of the partner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from grants.agreements.models import Absence, Agreement, Grant, SigningReminder
from partners.organisations.actions import tell_partner
from partners.organisations.models import Organisation
from partners.submissions.models import Submission
from reviews.panels.signers import signers
from vetting_portal.duties import Wanted, duties
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import action, lock, record

MARKS = (3, 7, 14)  # days after something began to wait
MANY = 500  # one message names no more
SIGNED_HERE = frozenset({"grants.sign", "grants.countersign"})


@dataclass(frozen=True)
class Waiting:
    """A document that waits for somebody's signature: since which day, and where it is signed. ``grant`` is what is
    signed, a grant or an amendment of one.
    """

    grant: Any
    agreement: Agreement
    since: date
    path: str

    @property
    def name(self) -> str:
        """What is signed: ``Grant 2026-014``, ``Amendment 1 to grant 2026-014``."""
        return str(self.grant) if self.agreement.kind == Agreement.Kind.AMENDMENT else f"Grant {self.grant.number}"


def asked_directors(submission: Submission | None = None) -> list[User]:
    """Return the directors who are asked to sign today: those who are here, and of ``submission`` those who may sign.
    A stand-in is one of them.
    """
    away = Absence.objects.on(timezone.localdate()).values("director")
    here = list(User.objects.with_role(Role.DIRECTOR).exclude(pk__in=away))
    if submission is None:
        return here
    barred = {one.user.pk for one in signers(submission) if one.bar}
    return [one for one in here if one.pk not in barred]


def waiting_for(user: User) -> list[Waiting]:
    """Return the grants that wait for this person's signature, as My work lists them: the earliest date first."""
    return listed(user, SIGNED_HERE, Grant.objects.all())


def listed(user: User, keys: frozenset[str], records: QuerySet[Any]) -> list[Waiting]:
    """Return the duties of some kinds with what is signed: ``records`` are grants, or amendments of grants."""
    found = duties(user, Wanted(keys=keys), 0, MANY)
    known = records.select_related("submission__organisation") if records.model is Grant else records
    signed = known.in_bulk([duty.record for duty in found])
    waiting = [(duty, signed[duty.record], signed[duty.record].agreement) for duty in found if duty.record in signed]
    return [Waiting(one, agreement, duty.since_on, duty.url) for duty, one, agreement in waiting if agreement]


Waits = Callable[[User], Sequence[Waiting]]


def _mark(one: Waiting, today: date) -> int:
    """Return the last fixed day that was reached, or 0 before the first."""
    return max((mark for mark in MARKS if (today - one.since).days >= mark), default=0)


@action
def remind_to_sign(*, user: User, today: date, by: User, waits: Waits = waiting_for) -> list[SigningReminder]:
    """Write one message with everything that ``waits`` for this person, when something of it has waited for a fixed
    number of days and was not reminded of then. Nothing is said twice, and nothing of a held partner.
    """
    fresh = lock(user)
    waiting = waits(fresh)
    marks = {one.agreement.pk: _mark(one, today) for one in waiting}
    said = {(one.agreement_id, one.mark) for one in SigningReminder.objects.filter(user=fresh, agreement__in=marks)}
    due = [
        pk for pk, mark in marks.items() if mark and not any((pk, later) in said for later in MARKS if later >= mark)
    ]
    if not due:
        return []
    notes = SigningReminder.objects.bulk_create(
        SigningReminder(user=fresh, agreement_id=pk, mark=marks[pk], reminded_at=timezone.now()) for pk in due
    )
    _write_reminder(fresh, waiting, by)
    record("signers_reminded", fresh, by=by, facts={"agreements": due, "waiting": len(waiting)})
    return notes


def _write_reminder(user: User, waiting: Sequence[Waiting], by: User) -> None:
    first = waiting[0].grant
    number = len(waiting)
    subject = f"{waiting[0].name} waits for your signature" if number == 1 else f"{number} papers wait for you"
    template, context = "grants/agreements/mail/reminder.txt", {"waiting": waiting}
    if Role.DIRECTOR in user.role_keys:
        notify(user, subject=subject, template=template, context=context)
    else:
        organisation: Organisation = first.submission.organisation
        tell_partner(organisation=organisation, to=user, subject=subject, template=template, context=context, by=by)


@action
def tell_of_void(*, grant: Grant, agreement: Agreement, what: str, reason: str, by: User) -> None:
    """Write to everybody who signed ``agreement`` that their signature is void, and why; not to who did it."""
    organisation = grant.submission.organisation
    told = []
    for signature in agreement.signatures.select_related("user"):
        if signature.user_id == by.pk:
            continue
        content = agreement.terms.content
        context = {"grant": grant, "signature": signature, "what": what, "reason": reason, "content": content}
        subject, template = f"Grant {grant.number}: your signature is void", "grants/agreements/mail/void.txt"
        if signature.side == "director":
            notify(signature.user, subject=subject, template=template, context=context)
        else:
            tell_partner(
                organisation=organisation, to=signature.user, subject=subject, template=template, context=context, by=by
            )
        told.append(signature.pk)
    if told:
        record("signers_told", agreement, by=by, facts={"signatures": told})


@action
def note_absence(*, director: User, stand_in: User, from_on: date, until_on: date, by: User) -> Absence:
    """Say that a director is away and who is asked in their place, in the own name and by the own right.

    What waits already is told to the stand-in. Raises PermissionDenied, ValidationError for people or days that do not
    fit.
    """
    director = lock(director)
    if not by.has_perm("grants.note_absence", director):
        raise PermissionDenied("note_absence")
    directors = set(User.objects.with_role(Role.DIRECTOR).values_list("pk", flat=True))
    absence = Absence(
        director=director, stand_in=stand_in, from_on=from_on, until_on=until_on, noted_at=timezone.now(), noted_by=by
    )
    if director.pk not in directors:
        raise ValidationError({"director": "Only a director is asked to sign."})
    if stand_in.pk not in directors or stand_in.pk == director.pk:
        raise ValidationError({"stand_in": "Choose another director."})
    if until_on < timezone.localdate():
        raise ValidationError({"until_on": "This time is over."})
    same_days = Absence.objects.filter(ended_at__isnull=True, from_on__lte=until_on, until_on__gte=from_on)
    if same_days.filter(director=director).exists():
        raise ValidationError({"from_on": "They are noted as away on these days already."})
    if same_days.filter(Q(director=stand_in) | Q(stand_in=director)).exists():
        raise ValidationError({"stand_in": "One of the two is away, or stands in, on these days."})
    absence.full_clean()
    absence.save()
    days = {"from": from_on.isoformat(), "until": until_on.isoformat()}
    record("absence_noted", absence, by=by, facts={"director": director.pk, "stand_in": stand_in.pk, **days})
    if from_on <= timezone.localdate():
        _move_requests(absence, by)
    return absence


def _move_requests(absence: Absence, by: User) -> None:
    """Ask the stand-in for what waits for the absent director and what the stand-in may sign."""
    asked = {one.agreement.pk for one in waiting_for(absence.director)}
    moved = [one for one in waiting_for(absence.stand_in) if one.agreement.pk in asked]
    for one in moved:
        record("request_moved", one.grant, by=by, facts={"from": absence.director_id, "to": absence.stand_in_id})
    if moved:
        notify(
            absence.stand_in,
            subject=f"You are asked to sign in place of {absence.director.name}",
            template="grants/agreements/mail/stand_in.txt",
            context={"absence": absence, "waiting": moved},
        )


@action
def end_absence(*, absence: Absence, by: User) -> Absence:
    """Say that the director is back; from now on they are asked again. Raises PermissionDenied."""
    absence = lock(absence)
    if not by.has_perm("grants.note_absence", absence.director):
        raise PermissionDenied("note_absence")
    if absence.ended_at is None:
        absence.ended_at, absence.ended_by = timezone.now(), by
        absence.save(update_fields=["ended_at", "ended_by"])
        record("absence_ended", absence, by=by, facts={"director": absence.director_id})
    return absence
