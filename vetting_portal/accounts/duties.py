"""What administrators have to do about the installation and its people."""

from django.db.models import QuerySet, Value
from django_tasks_db.models import DBTaskResult

from vetting_portal.duties import Actor, Case, DutyKind, Rows, holders_of, leads_to, nobody
from vetting_portal.models import Role, StaffInvitation
from vetting_portal.tasks import in_words

SETTINGS = "Settings"


def _failed() -> QuerySet[DBTaskResult]:
    return DBTaskResult.objects.failed()


def _invited() -> Rows:
    return StaffInvitation.objects.filter(accepted_at__isnull=True)


DUTIES = (
    DutyKind(
        key="portal.failed_task",
        group=SETTINGS,
        verb="Look into a failed task",
        why=lambda duty: f"{in_words(duty.facts['task'])}: every attempt failed",
        button="Open tasks",
        url=leads_to("portal:background"),
        waiting=_failed,
        actor=Actor(
            "an administrator",
            holders_of(Role.ADMINISTRATOR),
            holders_of(Role.PROGRAMME_OFFICER, Role.AUDITOR),
        ),
        case=Case(title=Value("Background task")),
        record="priority",
        since="finished_at",
        aim=1,
        facts={"task": "task_path"},
        permission="portal.handle_failed_task",
        note="Try it again once the cause is gone, or set it aside.",
    ),
    DutyKind(
        key="portal.accept_invitation",
        group=SETTINGS,
        verb="Accept a staff invitation",
        why="Invited by e-mail",
        button="Open staff",
        url=leads_to("portal:staff"),
        waiting=_invited,
        actor=Actor("the invited person", nobody, holders_of(Role.ADMINISTRATOR)),
        case=Case(title="email"),
        since="invited_at",
        aim=7,
    ),
)
