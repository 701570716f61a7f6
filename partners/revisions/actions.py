"""Publishing a draft: the guards that need the questions and the people stand here."""

from partners.checklists.actions import publish_checklist
from partners.checklists.models import ChecklistVersion
from partners.revisions.releasing import release_blockers
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock


@action
def publish_version(*, checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Publish a draft that somebody else changed last; from then on it never changes.

    Raises PermissionDenied; Refused with everything that is missing, at once.
    """
    fresh = lock(checklist)
    ask(by, "partners.change_checklist", fresh)
    if reasons := release_blockers(fresh, by):
        raise Refused(reasons, title=f"{fresh} is not published", subject=fresh)
    return publish_checklist(checklist=fresh, by=by)
