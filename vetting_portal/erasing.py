"""Forgetting a person: which records name people, what goes, what stays and why, and what has to end before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from vetting_portal.registry import from_apps

MOST_FOUND = 20
ERASED_DOMAIN = "erased.invalid"
"""A domain that nobody can have (RFC 2606): no message goes there, and an erased record is known by it."""


def erased_address(record: Model) -> str:
    """Return the address that an erased record keeps where the database wants one of its own."""
    return f"{record._meta.model_name}-{record.pk}@{ERASED_DOMAIN}"


KINDS = ("goes", "stays", "blocks")


@dataclass(frozen=True)
class Said:
    """What an app says of an erasure: that something ``blocks`` it (end this first), what ``goes``, what ``stays``."""

    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Erasable:
    """A kind of record that names people: how it is found, called and erased.

    ``url`` leads to a page of its own where the kind has one already. ``is_erased`` tells what was erased before.
    """

    key: str
    label: str
    model: type[Model]
    find: Callable[[str], QuerySet[Any]]
    describe: Callable[[Any], str]
    is_erased: Callable[[Any], bool]
    erase: Callable[..., Any] | None = None
    url: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Plan:
    """What the erasure of one record means before anybody confirms it."""

    goes: tuple[Said, ...]
    stays: tuple[Said, ...]
    blockers: tuple[Said, ...]


def erasables() -> list[Erasable]:
    """Return every kind of record that names people, the ground floor's last."""
    return [one for kinds in from_apps("ERASABLE", module="forgetting") for one in kinds]


def plan_of(record: Model) -> Plan:
    """Return what every app says of the erasure of ``record``."""
    said: list[Said] = [one for about in from_apps("about_erasure", module="forgetting") for one in about(record)]
    parts: list[tuple[Said, ...]] = [tuple(one for one in said if one.kind == kind) for kind in KINDS]
    return Plan(*parts)


def search(words: str) -> Iterator[tuple[Erasable, list[Any]]]:
    """Yield the records of each kind that a name or an address finds, at most 20 of a kind; nothing for no words."""
    if words := words.strip():
        for kind in erasables():
            rows = [row for row in kind.find(words)[:MOST_FOUND] if not kind.is_erased(row)]
            if rows:
                yield kind, rows
