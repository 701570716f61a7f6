"""Who takes part in the lives: the example's people, and second ones of the roles that need two."""

from allauth.mfa.totp.internal.auth import TOTP

from grants.example import people as example
from grants.example.people import PASSWORD, ExamplePerson
from vetting_portal.actions import create_staff_user
from vetting_portal.models import Role, User

SECRET = "KRUGS4ZANFZSAYJANRUXGZLO"
SECOND_OFFICER = ExamplePerson(Role.PROGRAMME_OFFICER, "omar@example.org", "Omar Haddad", SECRET)
THIRD_DIRECTOR = ExamplePerson(Role.DIRECTOR, "tomoko@example.org", "Tomoko Sato", SECRET)
SECOND_FINANCE = ExamplePerson(Role.FINANCE_OFFICER, "lars@example.org", "Lars Berg", SECRET)
BESIDES = (SECOND_OFFICER, THIRD_DIRECTOR, SECOND_FINANCE)

# By the names that the lives call them.
CAST = {
    "owner": example.OWNER,
    "editor": example.EDITOR,
    "other owner": example.OTHER_OWNER,
    "officer": example.OFFICER,
    "second officer": SECOND_OFFICER,
    "reviewer": example.REVIEWERS[0],
    "second reviewer": example.REVIEWERS[1],
    "third reviewer": example.REVIEWERS[2],
    "director": example.DIRECTORS[0],
    "second director": example.DIRECTORS[1],
    "third director": THIRD_DIRECTOR,
    "finance": example.FINANCE,
    "second finance": SECOND_FINANCE,
    "auditor": example.AUDITOR,
    "administrator": example.ADMINISTRATOR,
}
ROLE_OF = {
    "owner": "owner",
    "editor": "editor",
    "other owner": "stranger",
    "officer": "officer",
    "second officer": "officer",
    "reviewer": "reviewer",
    "second reviewer": "reviewer",
    "third reviewer": "reviewer",
    "director": "director",
    "second director": "director",
    "third director": "director",
    "finance": "finance",
    "second finance": "finance",
    "auditor": "auditor",
    "administrator": "admin",
    "anybody": "anonymous",
}
PARTNERS = ("owner", "editor", "other owner")
ANYBODY = "anybody"
__all__ = ["ANYBODY", "CAST", "PARTNERS", "PASSWORD", "ROLE_OF", "make_the_others"]


def make_the_others(by: User) -> None:
    """Make the staff that the example has no second of, each with an authenticator."""
    for person in BESIDES:
        user = create_staff_user(by=by, email=person.email, name=person.name, roles=[person.role], password=PASSWORD)
        TOTP.activate(user, str(person.totp_secret))
