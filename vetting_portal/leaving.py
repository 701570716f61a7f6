"""When a role of the staff can end: the page that asks and the action that ends it say the same."""

from vetting_portal.models import Role, RoleAssignment, User
from vetting_portal.workflow import Blocker

INVITE = "Invite another administrator; you can end this role once they have accepted."


def end_role_blockers(user: User, role: str) -> list[Blocker]:
    """Return why ``role`` of ``user`` cannot end now: they do not hold it, or nobody else is administrator."""
    if not RoleAssignment.objects.current().filter(user=user, role=role).exists():
        return [Blocker(f"{user.name} does not hold this role.", hint="It may have been ended already.")]
    if role == Role.ADMINISTRATOR and not User.objects.with_role(role).exclude(pk=user.pk).exists():
        return [Blocker("This person is the only administrator.", hint=INVITE)]
    return []
