"""Sentences that the database holds about stamps and states, said once for every table of this app."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q


def pair(at: str, by: str, name: str) -> models.CheckConstraint:
    """Hold that an instant and the person behind it stand together or not at all."""
    both = Q(**{f"{at}__isnull": False, f"{by}__isnull": False})
    neither = Q(**{f"{at}__isnull": True, f"{by}__isnull": True})
    return models.CheckConstraint(condition=both | neither, name=name)


def implies(states: Iterable[str], stamps: Iterable[str], name: str) -> models.CheckConstraint:
    """Hold that a record in one of ``states`` has every one of ``stamps``."""
    stamped = Q(**{f"{stamp}__isnull": False for stamp in stamps})
    return models.CheckConstraint(condition=~Q(state__in=list(states)) | stamped, name=name)


def known(field: str, values: Iterable[str], name: str) -> models.CheckConstraint:
    """Hold that ``field`` is one of ``values``."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(values)}), name=name)


def ends_after_start(name: str, since: str = "since_at", until: str = "until_at") -> models.CheckConstraint:
    """Hold that what has an end ends no earlier than it began."""
    return models.CheckConstraint(
        condition=Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gte": models.F(since)}), name=name
    )
