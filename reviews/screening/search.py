"""The current lists as one index, kept in memory until a list changes; and what it brings up for an organisation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from reviews.screening.matching import Candidate, IndexedName, NameIndex
from reviews.screening.models import ListName, index_key
from reviews.screening.subjects import Subject

type Key = tuple[tuple[int, str, datetime], ...]

_lock = Lock()
_kept: dict[str, tuple[Key, NameIndex]] = {}


@dataclass(frozen=True, slots=True)
class EntryRef:
    """Which entry of which source a name belongs to."""

    source: str
    number: str

    def __str__(self) -> str:
        return f"{self.source}:{self.number}"


def _names() -> Iterable[IndexedName]:
    rows = (
        ListName.objects.filter(entry__sanctions_list__is_current=True)
        .exclude(entry__kind="other")
        .order_by("pk")
        .values_list("entry__sanctions_list__source", "entry__number", "entry__kind", "text", "is_weak")
    )
    for source, number, kind, text, is_weak in rows.iterator(chunk_size=5000):
        yield IndexedName(EntryRef(source, number), kind, text, is_weak)


def current_index() -> NameIndex:
    """Return the index over the current lists, made once in a process and shared by its threads until a list changes.

    Call it before a transaction: the first time takes a second or two. All three lists of 2026 take about 80 MB.
    """
    key = index_key()
    kept = _kept.get("current")
    if kept is None or kept[0] != key:
        with _lock:
            kept = _kept.get("current")
            if kept is None or kept[0] != key:
                _kept.clear()  # the old one goes before the new one comes: never two in memory
                kept = _kept["current"] = (key, NameIndex(_names()))
    return kept[1]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate for one of our records: which of our names met which listed name."""

    subject: Subject
    our_name: str
    candidate: Candidate

    @property
    def ref(self) -> EntryRef:
        """The entry that was met."""
        if not isinstance(self.candidate.ref, EntryRef):
            raise TypeError(self.candidate.ref)
        return self.candidate.ref

    @property
    def person_id(self) -> int | None:
        """The person of ours, or None for the organisation itself."""
        return self.subject.person.pk if self.subject.person else None

    @property
    def bank_id(self) -> int | None:
        """The bank that the organisation names, or None."""
        return self.subject.bank.pk if self.subject.bank else None


def candidates_for(subject: Subject, index: NameIndex) -> list[Found]:
    """Return the candidates for every name of ``subject``, once for each entry, best first.

    The score is that of the nearest pair of names; the pair that is shown is that of our first name that met it.
    """
    best: dict[EntryRef, Found] = {}
    for name in subject.names:
        for candidate in index.search(name, subject.kind):
            found = Found(subject, name, candidate)
            known = best.setdefault(found.ref, found)
            if candidate.score > known.candidate.score:
                best[found.ref] = replace(known, candidate=replace(known.candidate, score=candidate.score))
    return sorted(best.values(), key=lambda found: (-found.candidate.score, str(found.ref)))
