"""One message a week to each person with work that is late, where no other message reminds of it."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Absence
from grants.workspace.models import WorkReminder
from partners.organisations.models import Hold, Membership
from vetting_portal.duties import OpenDuty, Wanted, duties, duty_kinds, late
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, record

EVERY = timedelta(days=7)
NAMED = 20  # duties that a message names; the list has them all
MANY = 500


def reminded_here() -> frozenset[str]:
    """Return the kinds of duties that no message of their own reminds of."""
    return frozenset(key for key, kind in duty_kinds().items() if not (kind.is_reminded or kind.is_coming))


def late_work(user: User) -> list[OpenDuty]:
    """Return what is late in the list of ``user``. What belongs to a held organisation is left out of a partner's: its
    messages wait, and nothing tells it why.
    """
    found = duties(user, Wanted(is_own=True, is_late=True, keys=reminded_here()), 0, MANY)
    if user.is_staff_member:
        return found
    held = set(Hold.objects.current().values_list("organisation", flat=True))
    return [duty for duty in found if duty.organisation not in held]


@action
def remind_of_late_work(*, user: User, today: date, by: User) -> WorkReminder | None:
    """Write one message with everything of ``user`` that is late; None, and nothing noted, where there is none, where
    they were written to within a week, are out of office, or have left.
    """
    fresh = lock(user)
    is_away = Absence.objects.on(today).filter(director=fresh).exists()
    if not fresh.is_active or is_away or WorkReminder.objects.filter(user=fresh, day_on__gt=today - EVERY).exists():
        return None
    found = late_work(fresh)
    if not found:
        return None
    many = len(found)
    notify(
        fresh,
        subject="A duty is waiting for you" if many == 1 else f"{many} duties are waiting for you",
        template="grants/workspace/mail/late.txt",
        context={"duties": found[:NAMED], "more": max(many - NAMED, 0), "path": f"{reverse('grants:work')}?show=late"},
    )
    record("work_reminded", fresh, by=by, facts={"duties": many})
    return WorkReminder.objects.create(user=fresh, day_on=today, reminded_at=timezone.now())


def _people_to_look_at() -> list[int]:
    """Return the primary keys of staff, and of members of organisations that something late may wait for."""
    organisations: set[int] = set()
    for key in reminded_here():
        kind = duty_kinds()[key]
        if kind.actor.is_partner:
            rows = kind.waiting().filter(late(kind)).order_by()
            organisations |= set(rows.values_list(kind.case.organisation, flat=True).distinct())
    members = Membership.objects.current().filter(organisation__in=organisations).values_list("user", flat=True)
    return sorted({*members, *User.objects.staff().values_list("pk", flat=True)})


@background()
def remind_people_of_late_work() -> None:
    """Look whose work may be late, and enqueue a task for each; safe to run twice."""
    lately = WorkReminder.objects.filter(day_on__gt=timezone.localdate() - EVERY).values_list("user", flat=True)
    for user_id in sorted({*_people_to_look_at()} - set(lately)):
        remind_person_of_late_work.enqueue(user_id)


@background()
def remind_person_of_late_work(user_id: int) -> None:
    """Write to one person about what is late; run twice it writes once."""
    user, by = User.objects.get(pk=user_id), User.objects.system("background")
    remind_of_late_work(user=user, today=timezone.localdate(), by=by)
