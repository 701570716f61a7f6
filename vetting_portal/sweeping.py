"""Sweeps out of the storage what no record names: a process that died between storing a file and recording it left it.

A file is stored before the transaction that records it. Most are recorded within a second; what is older than a day
and in no row will never be.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import storages
from django.utils import timezone

from vetting_portal.files import HASH, place
from vetting_portal.models import StoredFile
from vetting_portal.tasks import background

logger = logging.getLogger(__name__)

LEFT_FOR = timedelta(days=1)
INCOMING = "incoming"  # where a file lies until it has its name


def _names(storage: Any, folder: str) -> list[str]:
    try:
        return sorted(storage.listdir(folder)[1])
    except FileNotFoundError:
        return []


def _nameless(storage: Any) -> Iterator[str]:
    """Yield what lies in the storage and no row names, its age aside: whole contents, and halves that were never
    named.
    """
    for number in range(256):
        prefix = f"{number:02x}"
        found = {name for name in _names(storage, prefix) if HASH.fullmatch(name) and name.startswith(prefix)}
        if found:
            kept = StoredFile.objects.filter(sha256__range=(prefix, f"{prefix}g")).values_list("sha256", flat=True)
            yield from (place(sha256) for sha256 in sorted(found - set(kept)))
    for name in _names(storage, INCOMING):
        yield f"{INCOMING}/{name}"


def sweep(*, before: datetime) -> list[str]:
    """Delete what no row names and what was last written before ``before``; return the names.

    Whether a row names it is asked again for each, and its age last: a content that is stored anew has a new date.
    """
    storage = storages["default"]
    swept = []
    for name in _nameless(storage):
        try:
            if StoredFile.objects.filter(sha256=name.rsplit("/", 1)[-1]).exists():
                continue
            if storage.get_modified_time(name) >= before:
                continue
            storage.delete(name)
        except FileNotFoundError:  # named or deleted meanwhile
            continue
        logger.info("Swept %s, which no record names", name)
        swept.append(name)
    return swept


@background()
def sweep_storage() -> None:
    """Sweep what was left for a day."""
    sweep(before=timezone.now() - LEFT_FOR)
