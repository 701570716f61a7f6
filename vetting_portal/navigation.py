"""The bar at the top: each app says in its ``nav`` module what stands there for whom."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.urls import reverse
from rules.permissions import permissions

from vetting_portal.models import Role, User
from vetting_portal.registry import from_apps, keyed


@dataclass(frozen=True)
class NavItem:
    """A page that somebody may go to: its label, the name of its URL, where it stands (smaller numbers first), and the
    section of the bar that it belongs to; without one it is a section of its own.
    """

    label: str
    url_name: str
    position: int = 50
    args: tuple[str | int, ...] = ()
    section: str = ""

    @property
    def url(self) -> str:
        """The address it leads to."""
        return reverse(self.url_name, args=self.args)


@dataclass(frozen=True)
class Known:
    """A kind of record that the trail names as people do: by its own words, ``related`` being what they take.

    With a ``number`` (the field) it is what other records belong to, and what entries are found by.
    """

    label: str
    number: str = ""
    related: tuple[str, ...] = ()


type NavSource = Callable[[User], Iterator[NavItem]]


@dataclass(frozen=True)
class Notice:
    """A warning at the top of a page: a title, what follows from it, and the page that says more."""

    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Section:
    """An entry of the bar, and the pages under it."""

    label: str
    items: tuple[NavItem, ...]

    @property
    def url(self) -> str:
        """The address of its first page."""
        return self.items[0].url


def sections_for(user: User) -> list[Section]:
    """Return the bar of ``user``: at most six sections, in the order of their first pages."""
    found: dict[str, list[NavItem]] = {}
    for item in nav_for(user):
        found.setdefault(item.section or item.label, []).append(item)
    return [Section(label, tuple(items)) for label, items in found.items()]


def nav_for(user: User) -> list[NavItem]:
    """Return every page that the bar of ``user`` leads to: from each app, each once, in order of position."""
    found: dict[str, NavItem] = {}
    for items in from_apps("nav_items", module="nav"):
        for item in items(user):
            found.setdefault(item.url_name + str(item.args), item)
    return sorted(found.values(), key=lambda item: item.position)


def roles_that_may(permission: str) -> list[Role]:
    """Return the roles that a permission names: ``grants.sign_grant``, or ``sign_grant`` where the app is not told."""
    names = [name for name in permissions if permission and (name == permission or name.endswith(f".{permission}"))]
    facts = " ".join(permissions[name].name for name in names)
    return [role for role in Role if re.search(rf"\bis_{role.value}\b", facts)]


def role_words(user: User) -> str:
    """Return as what ``user`` is here: the staff roles, else what an app says (``LIFT International · owner``)."""
    roles = [Role(key).label for key in Role.values if key in user.role_keys]
    if roles:
        return ", ".join(roles)
    return next((str(words) for say in from_apps("role_words", module="nav") if (words := say(user))), "")


def time_zone_of_reader(user: User | AnonymousUser) -> str:
    """Return the zone that an app knows ``user`` to live in, by its name; an empty text for staff and visitors."""
    if not isinstance(user, User) or user.is_staff_member:
        return ""
    return next((str(zone) for say in from_apps("time_zone", module="nav") if (zone := say(user))), "")


def search_for(user: User) -> str:
    """Return the address of the search that ``user`` may use; an empty text for who has none."""
    return next((url for search in from_apps("search_url", module="nav") if (url := search(user))), "")


def tabs_for(user: User, record: Model, met: str | None = None, number: str = "") -> list[Any]:
    """Return the tabs of a record's page, by the app that draws them; a lower app's page so stands among them.

    ``met`` is how many minimum requirements are met, where the page has asked; ``number`` is from which of several
    pages that the record has a place on the reader comes.
    """
    return next((found for tabs in from_apps("tabs", module="nav") if (found := tabs(user, record, met, number))), [])


def case_for(user: User, record: Model, number: str = "") -> NavItem | None:
    """Return the page that a record has its place on, by the app that has such pages: its name, and where it is."""
    return next((found for case in from_apps("case", module="nav") if (found := case(user, record, number))), None)


def links_for(user: User, record: Model) -> list[NavItem]:
    """Return what the apps lead to from a record's page: a lower app's page so reaches what is known above it only."""
    return [link for links in from_apps("links", module="nav") for link in links(user, record)]


def outcome_for(user: User, record: Model) -> str:
    """Return a sentence about how what a record led to has ended (``Your grant has ended``), which an app above says;
    empty while it goes on.
    """
    return next((str(words) for say in from_apps("outcome", module="nav") if (words := say(user, record))), "")


def notices_for(user: User, record: Model) -> list[Notice]:
    """Return what a reader of a record is warned of at the top of its page, by the apps above."""
    return [notice for notices in from_apps("notices", module="nav") for notice in notices(user, record)]


def kept_from(user: User) -> set[tuple[str, str]]:
    """Return the subjects (type and id, as the trail names them) whose words ``user`` must not read yet."""
    return {subject for kept in from_apps("kept_from", module="nav") for subject in kept(user)}


@cache
def known_kinds() -> dict[str, Known]:
    """Return the kinds of records that the trail names as people do, by their labels."""
    listed = (known for kinds in from_apps("KNOWN", module="nav") for known in kinds)
    return keyed(listed, lambda known: known.label)


def home_for(user: User) -> str:
    """Return the address of the page that says what ``user`` has to do next: the first link of the bar."""
    items = nav_for(user)
    return items[0].url if items else reverse("portal:welcome")
