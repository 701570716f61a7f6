"""Calls and checklists that were written and are not published yet."""

from django.db.models import Exists, OuterRef

from partners.checklists.models import ChecklistVersion
from partners.organisations.acting import a_role, readers
from partners.programmes.models import Programme
from vetting_portal.duties import Actor, Case, DutyKind, Rows, leads_to
from vetting_portal.models import Role, RoleAssignment, User

SETTINGS = "Settings"
PUBLISHERS = (Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR)


def _drafts() -> Rows:
    return ChecklistVersion.objects.filter(published_at__isnull=True)


def _calls() -> Rows:
    return Programme.objects.filter(published_at__isnull=True)


def _second_person(user: User, rows: Rows) -> Rows | None:
    """Cut to the drafts that ``user`` may publish: another than who changed it last, as long as there is another."""
    if not user.role_keys & set(PUBLISHERS):
        return None
    others = RoleAssignment.objects.current().filter(role__in=PUBLISHERS, user__is_active=True).exclude(user=user)
    mine = rows.exclude(changed_by=user)
    mine = mine.exclude(changed_by__isnull=True, created_by=user)
    return rows.filter(~Exists(others) | Exists(mine.filter(pk=OuterRef("pk"))))


DUTIES = (
    DutyKind(
        key="partners.publish_checklist",
        group=SETTINGS,
        verb="Publish a checklist",
        why="Somebody else than its author looks it over and publishes it",
        button="Open draft",
        url=leads_to("partners:checklist_draft", "record"),
        waiting=_drafts,
        actor=Actor("an officer or administrator who did not change it last", _second_person, readers),
        case=Case(title="name"),
        since="created_at",
        aim=30,
        permission="partners.change_checklist",
    ),
    DutyKind(
        key="partners.publish_call",
        group=SETTINGS,
        verb="Publish a call",
        why="Partners cannot apply before it is published",
        button="Open call",
        url=leads_to("partners:programme", "slug"),
        waiting=_calls,
        actor=a_role(*PUBLISHERS),
        case=Case(title="title"),
        since="created_at",
        aim=30,
        facts={"slug": "slug"},
        permission="partners.change_programme",
    ),
)
