"""Candidates for a name among many: an index from words to names, and a score from 0 to 100 for each name it brings
up.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from math import log, log2

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from reviews.screening.nearness import SURELY, Vocabulary, similarity
from reviews.screening.scripts import KNOWN_VOWELS
from reviews.screening.spelling import ORGANISATION, PERSON, fold, is_bare, is_patronymic, plain_words, tokens

__all__ = ["THRESHOLD", "Candidate", "IndexedName", "NameIndex", "similarity"]

THRESHOLD = 82.0  # a candidate scores at least this much
WEAK_THRESHOLD = 96.0  # an alias that the list itself calls weak must be nearly the same
WEAK_LONG_THRESHOLD = 86.0  # but one of three words or more tells something by itself
LONG_WEAK = 3
SINGLE_CUTOFF = 0.92  # one word against one word: at most one fault, and that in seven letters
JOINED_CUTOFF = 90.0
SAME_RUN = 95.0
LONG_RUN = 4  # words from which a name is compared so although nothing is joined
SHORTEST_RUN = 6  # letters of a name that is compared without its spaces
INITIAL = 0.84  # a letter for a name that begins with it
PATRONYMIC = 0.5  # what a patronymic weighs: most people are told without it
OF_INITIAL = 0.2  # what a letter weighs against a word of four
INITIAL_BITS = 3.0  # what such a letter tells: one name of about eight begins with it
BITS_WITH_INITIALS = 13.0  # what a name with initials must tell: one name of 8,192
LEAST_WITH_INITIALS = 0.5  # the first estimate from which such a name is looked at
LEAST_PAIRS = 2  # words that two names must share
FULLER = 0.74  # how much the name that is told more fully counts against the other
FAULTY = 12.0  # what the worst pair of words costs, per distance
FAULTY_TOO = 14.0  # what each other pair costs
ENOUGH_BITS = 24.0  # what words in common should tell where others are missing: one name of sixteen million
ENOUGH_BODY = 22.0  # the same for organisations
THIN = 55.0  # what it costs when they tell nothing and everything else is missing
THIN_LONGER = 100.0  # and when it is ours that says more: a fuller name than the listed one is another's
THIN_BODY = 40.0  # and of organisations
SHORT_NAME, SHORT_SURE, SHORT_FAULT = 8, 0.88, 8.0  # letters of a short name; what a fault in it costs
OF_FAMILY = 6.0  # what it costs that one word is the other with an ending: Hasan, Hassani
SLACK = 9.0  # how far above the first estimate a score may come
LONGEST_NAME = 24  # words of a name that are compared; no listed name has more
MOST_REPEATED = 2  # times that one word counts in a name (Maung Maung)
MOST_JOINED = 4  # readings with two words drawn together
SHORTEST_PART = 3  # letters of a word that is cut out of a longer one


@dataclass(frozen=True, slots=True)
class IndexedName:
    """A name on a list: ``ref`` says whose it is, ``kind`` is person, organisation, or any."""

    ref: Hashable
    kind: str
    text: str
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed name that may be meant, and how near it is (0 to 100)."""

    ref: Hashable
    name: str
    score: float
    is_weak: bool


@dataclass(slots=True)
class _Known:
    """A listed name with the numbers of its words, and how much they weigh together."""

    listed: IndexedName
    words: tuple[int, ...]
    has_initial: bool
    weight: float = 0.0


class _Side:
    """The names of one kind, people or organisations, by the words they hold."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.vocabulary = Vocabulary()
        self.known: list[_Known] = []
        self.postings: list[list[int]] = []  # word: names of several words that hold it
        self.alone: list[list[int]] = []  # word: names that are this one word
        self.held: list[int] = []  # word: how many records hold it
        self.weights: list[float] = []
        self._last: list[Hashable] = []
        self.runs: dict[int, dict[str, list[int]]] = defaultdict(dict)  # letters: name without spaces: names

    def add(self, listed: IndexedName) -> None:
        words = tokens(listed.text, self.kind)[:LONGEST_NAME]
        if not words:
            return
        bare = is_bare(listed.text)
        position = len(self.known)
        numbers = tuple(self.vocabulary.add(word, bare=bare and word not in KNOWN_VOWELS) for word in words)
        while len(self.postings) < len(self.vocabulary):
            self.postings.append([])
            self.alone.append([])
            self.held.append(0)
            self._last.append(None)
        self.known.append(_Known(listed, numbers, any(len(word) == 1 for word in words)))
        for number in set(numbers):
            (self.alone if len(numbers) == 1 else self.postings)[number].append(position)
            if self._last[number] != listed.ref:
                self._last[number] = listed.ref
                self.held[number] += 1
        for run in _runs(listed.text, words, self.kind):
            self.runs[len(run)].setdefault(run, []).append(position)

    def finish(self) -> None:
        """Weigh the words, now that it is known how many names hold each."""
        self.vocabulary.sort()
        self._last.clear()
        self.weights = [self.weight(word, held) for word, held in zip(self.vocabulary.words, self.held, strict=True)]
        for known in self.known:
            known.weight = sum(self.weights[number] for number in known.words)

    def bits(self, held: int) -> float:
        """Return how much a word tells that so many records hold, in bits, among at least 8,192 names."""
        return max(0.0, log2(max(len(self.known), 8192) / max(1, held)))

    def weight(self, word: str, held: int) -> float:
        """Return how much a word tells: a rare one more than a common one, a long one more than an initial."""
        rarity = log((len(self.known) + 2) / (held + 1)) / log(len(self.known) + 2)
        if self.kind == PERSON and is_patronymic(word):
            rarity *= PATRONYMIC
        return (0.35 + rarity) * (min(1.0, 0.25 + len(word) / 5) if len(word) > 1 else OF_INITIAL)


def _runs(text: str, words: tuple[str, ...], kind: str) -> set[str]:
    """Return a name written without its spaces: in its usual order, as it stands, and with its legal form."""
    written = plain_words(text)
    orders = (words, tokens(text.replace(",", " "), kind), *([written] if kind == ORGANISATION else []))
    return {run for order in orders if len(run := "".join(map(fold, order))) >= SHORTEST_RUN}


class NameIndex:
    """Names by the words they hold, so that a query meets only names that share something with it."""

    def __init__(self, names: Iterable[IndexedName]) -> None:
        self._sides = {kind: _Side(kind) for kind in (PERSON, ORGANISATION)}
        for listed in names:
            for kind in (PERSON, ORGANISATION) if listed.kind == "any" else (listed.kind,):
                self._sides[kind].add(listed)
        for side in self._sides.values():
            side.finish()

    def __len__(self) -> int:
        return sum(len(side.known) for side in self._sides.values())

    def search(self, name: str, kind: str | None = None, *, threshold: float = THRESHOLD) -> list[Candidate]:
        """Return the candidates for ``name``, best first, one for each listed record; without a kind both kinds."""
        best: dict[Hashable, Candidate] = {}
        for asked in (kind,) if kind else (PERSON, ORGANISATION):
            for position, score in _Query(self._sides[asked], name, threshold).scores().items():
                listed = self._sides[asked].known[position].listed
                known = best.get(listed.ref)
                if known is None or score > known.score:
                    best[listed.ref] = Candidate(listed.ref, listed.text, round(score, 1), listed.is_weak)
        return sorted(best.values(), key=lambda found: (-found.score, str(found.ref)))


class _Reading:
    """The words of a query as they are read once: what each weighs, and the listed words that may be meant by it.
    ``joined`` is the place of a word that was drawn together of two.
    """

    def __init__(
        self, words: tuple[str, ...], weights: list[float], near: list[dict[int, float]], joined: int | None
    ) -> None:
        self.words, self.weights, self.near, self.joined = words, weights, near, joined
        self.weight = sum(weights)
        self.has_initial = any(len(word) == 1 for word in words)


class _Query:
    """One name on its way through one side of the index."""

    def __init__(self, side: _Side, name: str, threshold: float) -> None:
        self.side = side
        self.threshold = threshold
        self.bare = is_bare(name)
        self.is_foreign = not name.isascii()
        self.words = _limited(tokens(name, side.kind))
        self.name = name
        self._near: dict[str, dict[int, float]] = {}
        self._alike: dict[str, tuple[list[float], list[float]]] = {}

    def near(self, word: str) -> dict[int, float]:
        """Return the listed words that may be ``word``."""
        if word not in self._near:
            self._near[word] = self.side.vocabulary.near(word, bare=self.bare and word not in KNOWN_VOWELS)
        return self._near[word]

    def scores(self) -> dict[int, float]:
        """Return the positions of the names that come near enough, with their scores."""
        found: dict[int, float] = {}
        if not self.words:
            return found
        for reading in self._readings():
            for position, score in self._by_words(reading):
                found[position] = max(score, found.get(position, 0.0))
        for position, score in self._by_run():
            found[position] = max(score, found.get(position, 0.0))
        return {position: score for position, score in found.items() if score >= self._least(position)}

    def _least(self, position: int) -> float:
        known = self.side.known[position]
        if not known.listed.is_weak:
            return self.threshold
        return max(self.threshold, WEAK_LONG_THRESHOLD if len(known.words) >= LONG_WEAK else WEAK_THRESHOLD)

    def _readings(self) -> Iterator[_Reading]:
        """Yield the words as they stand; then with words cut apart, or two drawn together, where the lists know it
        so.
        """
        apart = _limited(tuple(part for word in self.words for part in self._parts(word)))
        for words in dict.fromkeys((self.words, apart)):
            yield self._reading(words)
            pairs = ((place, words[place] + words[place + 1]) for place in range(len(words) - 1))
            known = (pair for pair in pairs if max(self.near(pair[1]).values(), default=0.0) >= SURELY)
            for place, joined in islice(known, MOST_JOINED):
                yield self._reading((*words[:place], joined, *words[place + 2 :]), joined=place)

    def _reading(self, words: tuple[str, ...], *, joined: int | None = None) -> _Reading:
        return _Reading(words, [self._weigh(word) for word in words], [self.near(word) for word in words], joined)

    def _parts(self, word: str) -> tuple[str, ...]:
        """Return the listed words that ``word`` is made of, few and long ones first; itself where there are none."""
        vocabulary = self.side.vocabulary
        if len(word) < 2 * SHORTEST_PART or max(self.near(word).values(), default=0.0) >= SURELY:
            return (word,)
        best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
        for end in range(SHORTEST_PART, len(word) + 1):
            for start in range(max(0, end - 16), end - SHORTEST_PART + 1):
                before = best[start]
                if before is not None and vocabulary.holds(word[start:end], by_sound=self.is_foreign):
                    parts, known = (*before, word[start:end]), best[end]
                    if known is None or len(parts) < len(known):
                        best[end] = parts
        return best[-1] or (word,)

    def _weigh(self, word: str) -> float:
        """Return what a word of ours tells; a misspelt common word is as common as the word it stands for."""
        side = self.side
        held = max((side.held[number] for number, near in self.near(word).items() if near >= SURELY), default=0)
        return side.weight(word, held)

    def _by_words(self, reading: _Reading) -> Iterator[tuple[int, float]]:
        side = self.side
        if len(reading.words) == 1:
            # One-word guard: MARIA on a list is no candidate for every Maria Something.
            for number, near in reading.near[0].items():
                if near >= SINGLE_CUTOFF:
                    yield from ((position, 100 * near) for position in side.alone[number])
            return
        for position in self._gather(reading):
            score = self._score(reading, side.known[position])
            if score >= self.threshold:
                yield position, score

    def _gather(self, reading: _Reading) -> Iterator[int]:
        """Yield the names that share enough weight with the query, both ways, for a score that counts."""
        side, known = self.side, self.side.known
        told: dict[int, float] = {}
        shared: dict[int, float] = {}
        # A joined word is read so because the lists know it: only names that hold it are met again.
        places = sorted(range(len(reading.words)), key=lambda place: place != reading.joined)
        for place in places:
            opens = reading.joined in {None, place}
            weight = reading.weights[place]
            for number, near in reading.near[place].items():
                mine, theirs = weight * near, side.weights[number] * near
                for position in side.postings[number]:
                    if position in told:
                        told[position] += mine
                        shared[position] += theirs
                    elif opens:
                        told[position] = mine
                        shared[position] = theirs
        least = LEAST_WITH_INITIALS if reading.has_initial else (self.threshold - SLACK) / 100
        for position, mine in told.items():
            share, other = mine / reading.weight, shared[position] / known[position].weight
            fuller, barer = (share, other) if share > other else (other, share)
            if fuller >= least and FULLER * min(1.0, fuller) + (1 - FULLER) * min(1.0, barer) >= least:
                yield position

    def _score(self, reading: _Reading, known: _Known) -> float:
        """Return the score of one listed name, 0 where it is too low to count: the share of both names' weight that is
        told alike, less what speaks against it.
        """
        words = reading.words
        pairs = self._aligned(reading, known)
        if len(pairs) < LEAST_PAIRS:
            return 0.0
        told = shared = faults = worst = 0.0
        for i, j, near in pairs:
            told += reading.weights[i] * near / reading.weight
            shared += self.side.weights[known.words[j]] * near / known.weight
            if len(words[i]) > 1:
                faults += 1 - near
                worst = max(worst, 1 - near)
        if all(len(words[i]) == 1 for i, _, _ in pairs):
            faults = worst = 1 - INITIAL
        fuller, barer = max(told, shared), min(told, shared)
        score = 100 * (FULLER * fuller + (1 - FULLER) * barer) - FAULTY * worst - FAULTY_TOO * (faults - worst)
        if score < self.threshold:
            return 0.0
        if (reading.has_initial or known.has_initial) and not self._tells_enough(words, known.words, pairs):
            return 0.0
        bits = sum([near * self._bits_alike(words[i], near) for i, _, near in pairs])
        if self.side.kind == ORGANISATION:
            return score - THIN_BODY * (1 - barer) * max(0.0, 1 - bits / ENOUGH_BODY)
        thin = THIN_LONGER if told < shared else THIN
        score -= thin * (1 - barer) * max(0.0, 1 - bits / ENOUGH_BITS)
        if score < self.threshold:
            return 0.0
        return score - self._another_person(
            [(words[i], self._listed_word(known.words[j]), near) for i, j, near in pairs]
        )

    @staticmethod
    def _another_person(pairs: list[tuple[str, str, float]]) -> float:
        """Return what it costs that two people's names differ as those of different people do: in a letter of a name
        of few letters (Zhang Min, Kang Min), or by the ending that makes a family of a name (Mahmud, Mahmudi).
        """
        letters = sum(min(len(word), len(other)) for word, other, _ in pairs)
        cost = SHORT_FAULT if letters <= SHORT_NAME and any(near < SHORT_SURE for *_, near in pairs) else 0.0
        return cost + OF_FAMILY * sum(
            _is_family_of(word, other) or _is_family_of(other, word) for word, other, _ in pairs
        )

    def _bits_alike(self, word: str, near: float) -> float:
        """Return how much it tells, in bits, that a listed word is this near to ours: little where many are."""
        if word not in self._alike:
            nearest = sorted((-other, self.side.held[number]) for number, other in self.near(word).items())
            holders = accumulate((held for _, held in nearest), initial=0)
            self._alike[word] = [other for other, _ in nearest], list(map(self.side.bits, holders))
        nearest_first, bits = self._alike[word]
        return bits[bisect_right(nearest_first, -near)]

    def _tells_enough(
        self, words: tuple[str, ...], listed: tuple[int, ...], pairs: list[tuple[int, int, float]]
    ) -> bool:
        """Whether a name with initials says whom it means: a letter beside a rare surname, not O. Hernandez."""
        initials = [j for i, j, near in pairs if near < 1 and 1 in (len(words[i]), len(self._listed_word(listed[j])))]
        if not initials:
            return True
        bits = INITIAL_BITS * len(initials) + sum(self._bits(listed[j]) for _, j, _ in pairs if j not in initials)
        return bits >= BITS_WITH_INITIALS

    def _bits(self, number: int) -> float:
        """Return how much a listed word tells, in bits."""
        return self.side.bits(self.side.held[number])

    def _listed_word(self, number: int) -> str:
        return self.side.vocabulary.words[number]

    def _aligned(self, reading: _Reading, listed: _Known) -> list[tuple[int, int, float]]:
        """Return pairs of words (place, place, nearness), each word used once, nearest first."""
        words = reading.words
        near = [
            (-known[number], abs(i - j), i, j)
            for i, known in enumerate(reading.near)
            for j, number in enumerate(listed.words)
            if number in known
        ]
        near.sort()
        ours, theirs, pairs = set(range(len(words))), set(range(len(listed.words))), []
        for score, _, i, j in near:
            if i in ours and j in theirs:
                ours.remove(i)
                theirs.remove(j)
                pairs.append((i, j, -score))
        if not (reading.has_initial or listed.has_initial):
            return pairs
        for i in sorted(ours):
            for j in sorted(theirs):
                if _is_initial(words[i], self._listed_word(listed.words[j])):
                    theirs.remove(j)
                    pairs.append((i, j, INITIAL))
                    break
        return pairs

    def _by_run(self) -> Iterator[tuple[int, float]]:
        """Yield the names that read the same when the spaces are left out."""
        for run in _runs(self.name, self.words, self.side.kind):
            spread = int(len(run) * (100 - JOINED_CUTOFF) / 100) + 1
            for letters in range(len(run) - spread, len(run) + spread + 1):
                keys = self.side.runs.get(letters)
                if keys:
                    near = process.extract(run, keys.keys(), scorer=ratio, score_cutoff=JOINED_CUTOFF, limit=None)
                    for key, score, _ in near:
                        yield from ((position, score) for position in keys[key] if self._may_be_joined(position, score))

    def _may_be_joined(self, position: int, score: float) -> bool:
        """Whether a name has words joined or split against ours: where both have as few, the words have been met."""
        known = self.side.known[position]
        if len(known.words) != len(self.words) or len(known.words) >= LONG_RUN:
            return True
        if self.side.kind == PERSON or score < SAME_RUN:
            return False
        return len(plain_words(known.listed.text)) != len(plain_words(self.name))


def _limited(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that count: at most 24, none of them more than twice."""
    words = words[:LONGEST_NAME]
    return tuple(word for place, word in enumerate(words) if words[:place].count(word) < MOST_REPEATED)


def _is_family_of(word: str, other: str) -> bool:
    """Whether a word is another with the ending of a family: Mahmudi of Mahmud."""
    return word != other and word.rstrip("iy") == other


def _is_initial(word: str, other: str) -> bool:
    """Whether one of two words is the first letter of the other."""
    return 1 in {len(word), len(other)} and word[0] == other[0]
