"""Agreement texts that were changed and wait for a second person."""

from django.db.models import Exists, OuterRef

from grants.wordings.models import PUBLISHERS, WordingEditor, WordingVersion
from partners.organisations.acting import readers
from vetting_portal.duties import Actor, Case, DutyKind, Rows, leads_to
from vetting_portal.models import User


def _drafts() -> Rows:
    return WordingVersion.objects.filter(published_at__isnull=True, discarded_at__isnull=True)


def _not_an_editor(user: User, rows: Rows) -> Rows | None:
    if not user.role_keys & set(PUBLISHERS):
        return None
    return rows.exclude(Exists(WordingEditor.objects.filter(wording=OuterRef("pk"), user=user)))


DUTIES = (
    DutyKind(
        key="grants.publish_text",
        group="Settings",
        verb="Publish an agreement text",
        why="Somebody who did not change it looks it over and publishes it",
        button="Read and publish",
        url=leads_to("grants:wording_publish", "title"),
        waiting=_drafts,
        actor=Actor("an officer, director or administrator who did not change it", _not_an_editor, readers),
        case=Case(title="name"),
        since="created_at",
        aim=30,
        permission="grants.publish_wording",
    ),
)
