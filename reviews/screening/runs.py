"""A screening as it is written: the names of one organisation or of many met with the lists, in a few statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import timezone

from partners.organisations.models import Organisation
from reviews.screening.models import ListEntry, SanctionsList, Screening, ScreeningHit, entry_record
from reviews.screening.search import Found, candidates_for, current_index
from reviews.screening.subjects import Subject, fingerprint_of, subjects_of_each
from vetting_portal.models import User
from vetting_portal.workflow import perform, record

type Entries = dict[tuple[str, str], ListEntry]
# A person, a bank (neither: the organisation itself), and the entry that was met: source and number.
type Key = tuple[int | None, int | None, str, str]


def matched(organisations: Sequence[Organisation]) -> dict[str, list[Found]]:
    """Return the candidates for the names of ``organisations``, by the fingerprint of what was matched.

    Takes about a millisecond a name and locks nothing: done before the transaction that writes.
    """
    index = current_index()
    return {
        fingerprint_of(subjects): [found for subject in subjects for found in candidates_for(subject, index)]
        for subjects in subjects_of_each(organisations).values()
    }


def write_screenings(
    organisations: Sequence[Organisation], *, by: User, before: Mapping[str, list[Found]] | None = None
) -> list[Screening]:
    """Write one screening for each of the locked ``organisations``, with its new candidates; open changed ones again.

    ``before``: what ``matched`` found; an organisation whose names have changed since is matched now. A list that came
    in this very moment is left out; its hash is not in the record, so the screening counts as old.
    """
    lists = list(SanctionsList.objects.current())
    subjects = subjects_of_each(organisations)
    found = {key: _found(those, before or {}) for key, those in subjects.items()}
    entries = _entries([one for those in found.values() for one in those], lists)
    known = _known(organisations)
    now, screenings, hits = timezone.now(), [], []
    fresh: dict[int, list[Found]] = {}
    for organisation in organisations:
        there = [one for one in found[organisation.pk] if (one.ref.source, one.ref.number) in entries]
        fresh[organisation.pk] = [one for one in there if _key(one) not in known[organisation.pk]]
        screenings.append(
            Screening(
                organisation=organisation,
                lists=[current.as_record() for current in lists],
                subjects_fingerprint=fingerprint_of(subjects[organisation.pk]),
                name_count=sum(len(subject.names) for subject in subjects[organisation.pk]),
                candidate_count=len(there),
                new_count=len(fresh[organisation.pk]),
                screened_at=now,
                screened_by=by,
            )
        )
    Screening.objects.bulk_create(screenings)
    for screening in screenings:
        hits += [
            _new_hit(screening, one, entries[one.ref.source, one.ref.number])
            for one in fresh[screening.organisation_id]
        ]
    ScreeningHit.objects.bulk_create(hits)
    for screening in screenings:
        _record(screening, known[screening.organisation_id], hits, by)
    return screenings


def _found(subjects: list[Subject], before: Mapping[str, list[Found]]) -> list[Found]:
    there = before.get(fingerprint_of(subjects)) if before else None
    if there is None:
        index = current_index()
        return [found for subject in subjects for found in candidates_for(subject, index)]
    return there


def _key(found: Found) -> Key:
    return found.person_id, found.bank_id, found.ref.source, found.ref.number


def _entries(found: Sequence[Found], lists: list[SanctionsList]) -> Entries:
    """Return the entries that were met, as the current lists have them."""
    rows = ListEntry.objects.filter(sanctions_list__in=lists, number__in={one.ref.number for one in found})
    return {
        (entry.sanctions_list.source, entry.number): entry
        for entry in rows.select_related("sanctions_list").prefetch_related("names")
    }


def _known(organisations: Sequence[Organisation]) -> dict[int, dict[Key, ScreeningHit]]:
    """Return the candidates that are there already, by organisation, decided ones too."""
    known: dict[int, dict[Key, ScreeningHit]] = defaultdict(dict)
    rows = ScreeningHit.objects.filter(organisation__in=organisations).with_current_entry()
    for hit in rows.select_related("organisation", "person", "bank"):
        known[hit.organisation_id][hit.person_id, hit.bank_id, hit.source, hit.entry_number] = hit
    return known


def _new_hit(screening: Screening, found: Found, entry: ListEntry) -> ScreeningHit:
    return ScreeningHit(
        organisation=screening.organisation,
        person=found.subject.person,
        bank=found.subject.bank,
        source=found.ref.source,
        entry_number=entry.number,
        score=round(found.candidate.score),
        our_name=found.our_name,
        listed_name=found.candidate.name,
        entry=entry_record(entry),
        found_at=screening.screened_at,
        found_in=screening,
        subject_fingerprint=found.subject.fingerprint,
        entry_fingerprint=entry.fingerprint,
    )


def _record(screening: Screening, known: dict[Key, ScreeningHit], hits: list[ScreeningHit], by: User) -> None:
    """Open again what was decided about records that have changed, and leave the run in the trail."""
    for hit in known.values():
        if hit.state != ScreeningHit.State.OPEN and hit.has_changed and not hit.reopen_blockers():
            perform(hit.reopen, by=by, facts={"screening": screening.pk})
    new = [hit.pk for hit in hits if hit.found_in_id == screening.pk]
    facts = {"screening": screening.pk, "names": screening.name_count, "new": new, "lists": screening.lists}
    record("screened", screening.organisation, by=by, facts=facts)
