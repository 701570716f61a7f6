"""What staff have to do because a colleague's note names them."""

from django.urls import reverse

from grants.cases.models import CaseMention
from partners.submissions.duties import APPLICATIONS, application_by
from vetting_portal.duties import Actor, DutyKind, Rows, nobody
from vetting_portal.models import User


def _mine(user: User, rows: Rows) -> Rows | None:
    return rows.filter(user=user) if user.is_staff_member else None


DUTIES = (
    DutyKind(
        key="grants.read_mention",
        group=APPLICATIONS,
        verb="Read a note that mentions you",
        why=lambda duty: f"From {duty.facts['by']}",
        button="Read note",
        url=lambda duty: reverse("grants:case", args=[duty.reference]) + f"#note-{duty.facts['note']}",
        waiting=CaseMention.objects.unread,
        actor=Actor("a colleague", _mine, nobody),
        case=application_by("note__submission"),
        since="note__written_at",
        aim=3,
        facts={"by": "note__written_by__name", "note": "note_id"},
        permission="grants.read_mention",
    ),
)
