"""Invariants of the ground floor, and the gathering of every app's."""

from collections.abc import Callable, Iterator

from django.core.files.storage import default_storage

from vetting_portal import audit
from vetting_portal.guards import missing_triggers
from vetting_portal.models import Funder, StoredFile
from vetting_portal.registry import from_apps


def trail_is_whole() -> Iterator[str]:
    """Every entry follows the one before it and nothing was changed."""
    for sentence in audit.breaks():
        yield f"audit trail: {sentence}"


def guards_are_there() -> Iterator[str]:
    """Every trigger that guards a table exists."""
    for name in missing_triggers():
        yield f"database: the trigger {name} is missing"


def files_are_there() -> Iterator[str]:
    """Every recorded file has its bytes in the storage, as many as recorded."""
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
        name = f"{stored.sha256[:2]}/{stored.sha256}"
        if not default_storage.exists(name):
            yield f"file {stored.sha256}: its bytes are missing"
        elif default_storage.size(name) != stored.size:
            yield f"file {stored.sha256}: {default_storage.size(name)} bytes instead of {stored.size}"


def funder_versions_have_no_gap() -> Iterator[str]:
    """The versions of the funder's record count up from 1."""
    versions = list(Funder.objects.order_by("version").values_list("version", flat=True))
    if versions != list(range(1, len(versions) + 1)):
        yield f"funder: versions {versions} have a gap"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    trail_is_whole,
    guards_are_there,
    files_are_there,
    funder_versions_have_no_gap,
]


def all_breaches() -> Iterator[str]:
    """Yield a sentence for each breach, app by app from the ground up."""
    for listed in from_apps("INVARIANTS", module="invariants"):
        for invariant in listed:
            yield from invariant()
