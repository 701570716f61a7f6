"""Screening: one name through the index against rapidfuzz over every name, and everybody again against matching alone.

All three lists are loaded from the folder that REFERENCE_DATA names; without it the cut lists of the tests are
filled up to the same number of names with others, of words drawn from theirs and misspelt, and the rows say so.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone
from rapidfuzz import process
from rapidfuzz.fuzz import token_set_ratio

from bench.rows import Row, against_floor, in_turn, seconds
from partners.models import Organisation, Person
from reviews.models import ListEntry, ListName, Rescreening, SanctionsList, Screening
from reviews.screening.matching import IndexedName, NameIndex
from reviews.screening.rescreening import work
from reviews.screening.search import candidates_for, current_index
from reviews.screening.spelling import latin
from reviews.screening.subjects import subjects_of_each
from tests.factories.portal import UserFactory
from tests.support import names, spellings
from vetting_portal.models import User

LISTED = 28_228  # names of the three lists as kept for measuring
FASTER = 0.2  # of the time of rapidfuzz over every name
BRUTE_CUTOFFS = (70, 75, 80, 85, 90)  # of token_set_ratio; the lowest that keeps common names under 4% is compared
COMMON = 0.04
RULES = {
    "person": list(spellings.PEOPLE_ROUGH.values()),
    "organisation": list(spellings.BODIES_ROUGH.values()),
}
AT_ONCE, ROUNDS = 20, 30
ORGANISATIONS, PEOPLE = 2_500, 3  # 10,000 subjects
# Besides matching, each organisation gets its screening, its candidates and an entry in the hashed trail, and each
# batch reads the names again under the locks and commits to the disk: as much again at most.
RESCREENING = 2.0


def _listed() -> tuple[list[IndexedName], str]:
    """Return the listed names, and what to say of them."""
    folder = os.environ.get("REFERENCE_DATA", "")
    if folder:
        return list(names.listed_names(Path(folder) / "sanctions")), "all lists"
    made = list(names.kept_names())
    chance, kept = Random(1), {kind: [one for one in made if one.kind == kind] for kind in RULES}  # noqa: S311 a seed, no secret
    while len(made) < LISTED:
        kind = chance.choice(list(kept))
        words = chance.choice(kept[kind]).text.split()
        others = (chance.choice(kept[kind]).text.split() for _ in words)
        text = " ".join(chance.choice(other) for other in others)
        if len(words) > 1 and (rough := chance.choice(RULES[kind])(text, chance)):
            made.append(IndexedName(f"drawn {len(made)}", kind, rough))
    return made, "cut lists, filled up"


def _plain(text: str) -> str:
    return " ".join(latin(text).replace(",", " ").split())


def _brute(listed: Sequence[str], query: str, cutoff: int) -> list[int]:
    """Return the places of the names that rapidfuzz alone finds, by meeting every one."""
    return [place for _, _, place in process.extract(_plain(query), listed, scorer=token_set_ratio,
                                                     score_cutoff=cutoff, limit=None)]  # fmt: skip


def _brute_missed(listed: list[IndexedName], asked: list[dict[str, Any]]) -> tuple[float, int]:
    """Return the share of listed names that the brute force misses at its best allowed cutoff, and that cutoff."""
    plain = [_plain(one.text) for one in listed]
    found, common = names.core(asked, "match"), names.core(asked, "none")
    for cutoff in BRUTE_CUTOFFS:
        if sum(bool(_brute(plain, one["query"], cutoff)) for one in common) <= COMMON * len(common):
            break
    met = [
        bool({listed[place].ref for place in _brute(plain, one["query"], cutoff)} & set(one["expect"])) for one in found
    ]
    return 1 - sum(met) / len(met), cutoff


def rows() -> Iterator[Row]:
    """Measure one name, what is missed, and 10,000 subjects."""
    listed, which = _listed()
    index, plain = NameIndex(listed), [_plain(one.text) for one in listed]
    asked = names.read("screening.json")
    missed, cutoff = _brute_missed(listed, asked)
    queries = [(one["query"], one["kind"]) for one in [*asked, *names.read("easy.json")]]
    Random(2).shuffle(queries)  # noqa: S311 a seed, no secret
    groups = [list(group) for group in batched(queries, AT_ONCE)][:ROUNDS]
    ours = [lambda group=group: [index.search(query, kind) for query, kind in group] for group in groups]
    brute = [lambda group=group: [_brute(plain, query, cutoff) for query, _ in group] for group in groups]
    value, floor = in_turn(ours, brute)
    yield against_floor(
        f"screening one name, {len(listed)} names ({which}), against rapidfuzz over each",
        value / AT_ONCE,
        floor / AT_ONCE,
        unit="ms",
        bound=FASTER,
    )
    if os.environ.get("REFERENCE_DATA"):
        shares = names.found_by_category(index, names.core(asked, "match"))
        yield against_floor(
            "… and listed names it misses", 100 * (1 - names.total(shares).share), 100 * missed, unit="%", bound=1.0
        )
    yield _everybody(listed)


def _everybody(listed: list[IndexedName]) -> Row:
    """Screen 10,000 subjects again, against a bare loop that only matches the same names."""
    by = UserFactory(roles=["programme_officer"], totp=True)
    _store(listed, by)
    _organisations(by)
    index = current_index()
    everybody = [subject for those in subjects_of_each(list(Organisation.objects.all())).values() for subject in those]

    def bare() -> None:
        for subject in everybody:
            candidates_for(subject, index)

    lists = [current.as_record() for current in SanctionsList.objects.current()]
    now = timezone.now()
    Rescreening.objects.running().update(outcome=Rescreening.Outcome.REPLACED, finished_at=now)
    run = Rescreening.objects.create(
        cause="asked", lists=lists, total=ORGANISATIONS, started_at=now, started_by=by, last_at=now
    )
    background = User.objects.system("background")
    bare()  # both meet warm tables of folded words
    least = seconds(bare)
    value = seconds(lambda: work(run, by=background, seconds=3600))
    run.refresh_from_db()
    assert run.outcome == "done", run
    assert not run.failures
    assert run.done >= ORGANISATIONS
    return against_floor(
        f"{len(everybody)} subjects screened again, against matching alone", value, least, unit="s", bound=RESCREENING
    )


def _store(listed: list[IndexedName], by: User) -> None:
    """Put the listed names into the database as one fresh list, in place of what another benchmark left."""
    SanctionsList.objects.current().update(is_current=False)
    current = SanctionsList.objects.create(
        source="opensanctions", published_on=timezone.localdate(), sha256="0" * 64, entry_count=len(listed),
        name_count=len(listed), is_current=True, imported_at=timezone.now(), imported_by=by,
    )  # fmt: skip
    entries = ListEntry.objects.bulk_create(
        [
            ListEntry(sanctions_list=current, number=str(place), kind=one.kind, name=one.text, fingerprint=str(place))
            for place, one in enumerate(listed)
        ],
        batch_size=2000,
    )
    ListName.objects.bulk_create(
        [ListName(entry=entry, text=one.text, is_weak=one.is_weak) for entry, one in zip(entries, listed, strict=True)],
        batch_size=2000,
    )


GIVEN = ("Anong", "Somchai", "Grace", "Peter", "Wanjiru", "Amina", "Joseph", "Priya", "Arjun", "Maria", "Carlos", "Zaw")
FAMILY = ("Prasert", "Jaidee", "Mwangi", "Otieno", "Okafor", "Sharma", "Iyer", "Mendoza", "Htwe", "Naing", "Santos")
CAUSES = ("Children", "Water", "Farmers", "Women", "Health", "School", "Forest", "River", "Village", "Youth")


def _organisations(by: User) -> None:
    """Make the organisations with their people, each screened once, long ago."""
    chance, now = Random(3), timezone.now()  # noqa: S311 a seed, no secret
    made = Organisation.objects.bulk_create(
        Organisation(
            legal_name=f"{chance.choice(FAMILY)} {chance.choice(CAUSES)} Foundation {number}",
            country="TH",
            created_at=now,
            created_by=by,
        )
        for number in range(ORGANISATIONS)
    )
    Person.objects.bulk_create(
        Person(
            organisation=organisation,
            name=f"{chance.choice(GIVEN)} {chance.choice(GIVEN)} {chance.choice(FAMILY)}",
            role="board",
            nationality="TH",
            added_at=now,
            added_by=by,
        )
        for organisation in made
        for _ in range(PEOPLE)
    )
    Screening.objects.bulk_create(
        Screening(
            organisation=organisation, lists=[{"sha256": ""}], subjects_fingerprint="", name_count=1 + PEOPLE,
            candidate_count=0, new_count=0, screened_at=now - timedelta(days=40), screened_by=by,
        )
        for organisation in made
    )  # fmt: skip
