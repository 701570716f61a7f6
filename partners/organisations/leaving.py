"""When a member can leave or change role: the pages that ask and the actions say the same."""

from partners.organisations.models import Membership
from vetting_portal.workflow import Blocker


def as_words(membership: Membership) -> str:
    """Return ``an owner`` or ``an editor``."""
    return f"an {membership.get_role_display().lower()}"


def end_blockers(membership: Membership) -> list[Blocker]:
    """Return why a membership cannot end now: it has ended, or nobody else is an owner."""
    if membership.until_at is not None:
        return [Blocker("This membership has ended already.")]
    others = membership.organisation.owners().exclude(pk=membership.pk)
    if membership.role == Membership.Role.OWNER and not others.exists():
        return [Blocker("This person is the only owner.", hint="Make somebody else an owner first.")]
    return []


def role_blockers(membership: Membership, role: str) -> list[Blocker]:
    """Return why a member cannot be given ``role`` now: as ``end_blockers``, or they have it."""
    if membership.until_at is None and membership.role == role:
        return [Blocker(f"{membership.user.name} is {as_words(membership)} already.")]
    return end_blockers(membership)
