"""The part of the audit trail that is about one grant, with what shows that it lies on the chain."""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from grants.agreements.models import Agreement, Brief, Grant
from grants.campaigns.models import Gift
from partners.submissions.models import Submission
from reviews.panels.models import Review
from vetting_portal.audit import moment
from vetting_portal.models import AuditEntry

EXPORTED = "evidence_exported"
"""Taking the evidence out is recorded, and is no evidence: it would change what it is about."""

# Whose names, roles and notes go out with the entries. What reviewers, referees and donors are told by stays inside.
WITH_WORDS = frozenset({
    "grants.Grant", "grants.Agreement", "grants.Amendment", "grants.Ending", "grants.Brief", "grants.Campaign",
    "grants.Tranche", "grants.Report", "grants.Condition", "partners.Submission", "reviews.Recommendation",
    "reviews.Moderation",
})  # fmt: skip


def _subjects(grant: Grant) -> Iterator[tuple[type[Model], QuerySet[Any]]]:
    """Yield each kind of record that hangs on the grant or on its submission, with those of this grant."""
    yield Grant, Grant.objects.filter(pk=grant.pk)
    yield Submission, Submission.objects.filter(pk=grant.submission_id)
    yield Agreement, Agreement.objects.filter(terms__grant=grant)
    yield Brief, Brief.objects.filter(terms__grant=grant)
    yield Gift, Gift.objects.filter(campaign__grant=grant)
    for anchor in (grant, grant.submission):
        for relation in anchor._meta.related_objects:
            model = relation.related_model
            if isinstance(model, type) and relation.field.concrete:
                yield model, model._default_manager.filter(**{relation.field.name: anchor.pk})


def entry_numbers(grant: Grant) -> list[int]:
    """Return the numbers of the entries about the grant and what hangs on it, in order."""
    found: set[int] = set()
    for model, records in _subjects(grant):
        keys = records.order_by().annotate(key_in_trail=Cast("pk", CharField())).values("key_in_trail")
        about = AuditEntry.objects.filter(subject_type=model._meta.label, subject_id__in=keys)
        found.update(about.exclude(event=EXPORTED).values_list("seq", flat=True))
    return sorted(found)


def told(grant: Grant, numbers: list[int]) -> list[dict[str, Any]]:
    """Return the entries with these numbers as plain data: every hashed part, and the words where they may go out."""
    reviewers = set(Review.objects.filter(submission=grant.submission_id).values_list("reviewer", flat=True))
    entries = AuditEntry.objects.filter(seq__in=numbers).select_related("words").order_by("seq")
    return [_told(entry, reviewers) for entry in entries]


def _told(entry: AuditEntry, reviewers: set[int]) -> dict[str, Any]:
    names = (
        "seq", "prev_hash", "hash", "schema", "event", "subject_type", "subject_id", "from_state", "to_state",
        "actor_id", "facts", "words_hash",
    )  # fmt: skip
    return {**{name: getattr(entry, name) for name in names}, "at": moment(entry.at), **_words(entry, reviewers)}


def _words(entry: AuditEntry, reviewers: set[int]) -> dict[str, Any]:
    """Return name, role and note with their salt; or why they are not here."""
    words = entry.words
    if words.erased_at is not None:
        return {"words": None, "words_are": "erased"}
    if entry.subject_type not in WITH_WORDS or entry.actor_id in reviewers:
        return {"words": None, "words_are": "withheld"}
    shown = {"salt": words.salt, "name": words.name, "role": words.role, "note": words.note}
    return {"words": shown, "words_are": "shown"}


def chain(first: int, last: int) -> Iterator[bytes]:
    """Yield, in pieces, a line for each entry of the whole trail from ``first`` to ``last``: number and hash."""
    hashes = AuditEntry.objects.filter(seq__gte=first, seq__lte=last).order_by("seq").values_list("seq", "hash")
    lines: list[str] = []
    for seq, sha256 in hashes.iterator(chunk_size=2000):
        lines.append(f"{seq} {sha256}\n")
        if len(lines) == 2000:  # noqa: PLR2004 a piece at a time
            yield "".join(lines).encode()
            lines = []
    yield "".join(lines).encode()
