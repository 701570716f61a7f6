"""Reminders of conditions: before their day, on it and once late; to who shows them: the partner, or our officer."""

from datetime import date
from typing import Any

from django.utils import timezone

from grants.conditions.models import Condition, ConditionNotice, nearest_mark, reached_marks
from partners.organisations.models import Organisation
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, record

BACKGROUND = "background"


@action
def remind_of_conditions(*, organisation: Organisation, today: date, by: User) -> list[ConditionNotice]:
    """Write one message to the partner, and one to each officer, with every condition that has reached a mark nobody
    was reminded of. Only the nearest mark: after a pause nothing is said twice.

    A held organisation gets nothing, and nothing is noted: what is due then is said when the hold ends.
    """
    fresh = lock(organisation)
    if fresh.is_held:
        return []
    due = _due(fresh, today)
    theirs = [one for one in due if one["condition"].asked_of == Condition.AskedOf.PARTNER]
    ours = [one for one in due if one["condition"].asked_of == Condition.AskedOf.FUNDER]
    members = [one.user.email for one in fresh.memberships.current().select_related("user").order_by("pk")]
    told = [*(theirs if members else []), *ours]
    if not told:
        return []
    now = timezone.now()
    notices = ConditionNotice.objects.bulk_create(
        ConditionNotice(condition=one["condition"], mark=one["mark"], due_on=one["condition"].due_on, noticed_at=now)
        for one in told
    )
    if theirs and members:
        _write(members, theirs)
    for officer, mine in _officers(ours).items():
        _write(officer, mine)
    facts = {"conditions": [one["condition"].pk for one in told], "marks": [one["mark"] for one in told]}
    record("conditions_reminded", fresh, by=by, facts=facts)
    return notices


def _officers(due: list[dict[str, Any]]) -> dict[User, list[dict[str, Any]]]:
    """Return who is reminded of what the funder shows: who runs the application, if they may still act on it, else
    every officer who may.
    """
    officers = User.objects.with_role(Role.PROGRAMME_OFFICER) if due else []
    told: dict[User, list[dict[str, Any]]] = {}
    for one in due:
        condition = one["condition"]
        able = [user for user in officers if user.has_perm("grants.show_condition", condition)]
        running = [user for user in able if user.pk == condition.grant.submission.officer_id]
        for user in running or able:
            told.setdefault(user, []).append(one)
    return told


def _write(to: Any, due: list[dict[str, Any]]) -> None:
    first = due[0]["condition"]
    one = f"Show that condition {first.number} of grant {first.grant.number} is met"
    notify(
        to,
        subject=one if len(due) == 1 else f"{len(due)} conditions of your grant are due",
        template="grants/conditions/mail/due.txt",
        context={"due": due, "organisation": first.grant.submission.organisation},
    )


def _due(organisation: Organisation, today: date) -> list[dict[str, Any]]:
    """Return the conditions that have reached a mark for their day of which nobody was reminded, the soonest first."""
    rows = Condition.objects.to_show().filter(grant__submission__organisation=organisation)
    found = []
    for condition in rows.prefetch_related("notices"):
        if condition.asked_of == Condition.AskedOf.PARTNER and not condition.is_shown_to_partner:
            continue
        days = condition.days_until(today)
        mark = nearest_mark(days)
        told = [notice.mark for notice in condition.notices.all() if notice.due_on == condition.due_on]
        if mark is not None and all(earlier > mark for earlier in told):
            found.append({"condition": condition, "mark": mark, "days_left": days, "days_late": max(0, -days)})
    return found


@background()
def remind_of_conditions_due() -> None:
    """Look through the conditions that are due soon or late, and enqueue a task for each partner; safe to run twice."""
    rows = Condition.objects.to_show().filter(reached_marks(timezone.localdate())).order_by()
    for organisation_id in sorted(set(rows.values_list("grant__submission__organisation", flat=True))):
        remind_partner_of_conditions.enqueue(organisation_id)


@background()
def remind_partner_of_conditions(organisation_id: int) -> None:
    """Remind of the conditions of one partner; run twice it writes once."""
    organisation = Organisation.objects.get(pk=organisation_id)
    remind_of_conditions(organisation=organisation, today=timezone.localdate(), by=User.objects.system(BACKGROUND))
