"""Who judges, in SQL: staff from outside the partner who declared no interest in any of its applications."""

from django.db.models import Exists, OuterRef

from partners.organisations.acting import from_outside, readers
from partners.submissions.models import Submission
from vetting_portal.duties import Actor, Cut, Rows
from vetting_portal.models import Role, User


def uninterested(role: str, organisation: str) -> Cut:
    """Return a cut for who holds a role: not what is of an organisation they belonged to or declared an interest in."""

    def no_interest(user: User, rows: Rows) -> Rows:
        declared = Submission.objects.filter(
            organisation=OuterRef(organisation), declarations__user=user, declarations__has_interest=True
        )
        return rows.exclude(Exists(declared))

    return from_outside(role, organisation, no_interest)


def the_officer(organisation: str, known_to: Cut = readers) -> Actor:
    """Return a programme officer who may judge as who acts; ``known_to`` cuts to who may know of it."""
    return Actor("a programme officer", uninterested(Role.PROGRAMME_OFFICER, organisation), known_to)
