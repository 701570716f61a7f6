"""Who acts on a duty, in SQL: the partner's members, staff who stand outside the partner, and who may know of it.

Each cut says of all records what the predicates of ``rules`` say of one.
"""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.organisations.models import READERS_OF_ALL, Membership
from vetting_portal.duties import Actor, Cut, Rows, holders_of
from vetting_portal.models import Role, User

OWNER = "owner"


def members_of(organisation: str, role: str = "") -> Cut:
    """Return a cut to what belongs to an organisation that the user acts for now; ``role`` owner: to those it owns."""

    def cut(user: User, rows: Rows) -> Rows | None:
        mine = Membership.objects.current().filter(user=user, organisation=OuterRef(organisation))
        return rows.filter(Exists(mine.filter(role=role) if role else mine))

    return cut


def readers(user: User, rows: Rows) -> Rows | None:
    """Cut to what staff may know who read everything; nothing for anybody else."""
    return rows if READERS_OF_ALL & user.role_keys else None


def either(*cuts: Cut) -> Cut:
    """Return a cut to what one of several cuts leaves."""

    def cut(user: User, rows: Rows) -> Rows | None:
        left = [some for one in cuts if (some := one(user, rows)) is not None]
        if not left:
            return None
        if len(left) == 1:
            return left[0]
        found = Q(pk__in=[])
        for some in left:
            found |= Q(pk__in=some.order_by().values("pk"))
        return rows.filter(found)

    return cut


def from_outside(role: str, organisation: str, *more: Callable[[User, Rows], Rows]) -> Cut:
    """Return a cut for who holds a staff role: not what is of an organisation that they ever belonged to."""

    def cut(user: User, rows: Rows) -> Rows | None:
        if role not in user.role_keys:
            return None
        left: Rows = rows.exclude(Exists(ever_of(user, organisation)))
        for one in more:
            left = one(user, left)
        return left

    return cut


def ever_of(user: User, organisation: str) -> QuerySet[Membership]:
    """Return the memberships, past ones too, of ``user`` in the organisation that a record's path leads to."""
    return Membership.objects.filter(user=user, organisation=OuterRef(organisation))


def the_partner(organisation: str, role: str = "", known_to: Cut = readers) -> Actor:
    """Return the partner as who acts: any member, or only an owner; staff (``known_to``) and members may know of it."""
    words = "an owner of the partner" if role else "the partner"
    known = either(known_to, members_of(organisation))
    return Actor(words, members_of(organisation, role), known, is_partner=True)


def an_officer(organisation: str) -> Actor:
    """Return a programme officer from outside the partner as who acts; staff who read everything may know of it."""
    return Actor("a programme officer", from_outside(Role.PROGRAMME_OFFICER, organisation), readers)


def a_role(*roles: Role, known_to: Cut = readers) -> Actor:
    """Return whoever holds one of the roles as who acts, on any record; ``known_to`` cuts to who may know of it."""
    words = " or ".join(f"{'an' if role.label[0] in 'AO' else 'a'} {role.label.lower()}" for role in roles)
    return Actor(words, holders_of(*roles), known_to)
