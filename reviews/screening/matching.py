"""Candidates for a name among many: an index from tokens to names, and a score from 0 to 100 for each name it brings
up.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import log

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler
from rapidfuzz.fuzz import ratio

from reviews.screening.spelling import ORGANISATION, PERSON, fold, skeleton, tokens

THRESHOLD = 82.0  # a candidate scores at least this much
TOKEN_CUTOFF = 0.82  # two tokens nearer than this may be the same word
WEAK_THRESHOLD = 96.0  # an alias that the list itself calls weak must be nearly the same
SINGLE_CUTOFF = 0.94  # one word against one word
JOINED_CUTOFF = 90.0
SHORT_FORM = 0.84  # one token begins with the other: Pim, Pimchai
SURELY = 0.93  # two tokens nearer than this are the same word
SHORTEST_TELLING = 3  # letters or consonants, from which a beginning or a skeleton tells something
FAULTS_ABOVE = (3, 6, 10)  # letters above which one, two, three faults are taken for the same word
SHORTEST_RUN = 6  # letters of a name that is compared without its spaces
LEAST_PAIRS = 2  # words that two names must share
FULLER = 0.74  # how much the name that is told more fully counts against the other
MAYBE = 0.62  # share of the query's weight that a name must share before it is scored


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


@dataclass(frozen=True, slots=True)
class _Known:
    listed: IndexedName
    tokens: tuple[str, ...]
    folds: tuple[str, ...]
    joined: str


def similarity(left: str, right: str) -> float:
    """Return how near two tokens are, 0 to 1: as written, as they sound, and by their consonants."""
    if left == right:
        return 1.0
    left_fold, right_fold = fold(left), fold(right)
    if left_fold == right_fold:
        return 0.98
    best = max(JaroWinkler.similarity(left_fold, right_fold), JaroWinkler.similarity(left, right))
    edits = DamerauLevenshtein.distance(left_fold, right_fold)
    shortest = min(len(left_fold), len(right_fold))
    allowed = sum(shortest > length for length in FAULTS_ABOVE)
    if skeleton(left_fold) == skeleton(right_fold) and len(skeleton(left_fold)) >= SHORTEST_TELLING:
        return max(0.93, min(best, 0.97))
    if shortest >= SHORTEST_TELLING and (left_fold.startswith(right_fold) or right_fold.startswith(left_fold)):
        return SHORT_FORM
    if edits > allowed:
        # Long common beginnings make different names look near (Siriporn, Sirikit).
        return min(best, 0.80)
    return max(min(best, 0.97), 0.86)


class NameIndex:
    """Names by the tokens they hold, so that a query meets only names that share something with it."""

    def __init__(self, names: Iterable[IndexedName]) -> None:
        self._known: list[_Known] = []
        self._by_fold: dict[str, list[int]] = defaultdict(list)
        self._by_skeleton: dict[str, set[str]] = defaultdict(set)
        self._joined: dict[str, list[int]] = defaultdict(list)
        for listed in names:
            for kind in (PERSON, ORGANISATION) if listed.kind == "any" else (listed.kind,):
                self._add(listed, kind)
        self._vocabulary = list(self._by_fold)
        self._joined_keys = list(self._joined)

    def _add(self, listed: IndexedName, kind: str) -> None:
        words = tokens(listed.text, kind)
        if not words:
            return
        folds = tuple(fold(word) for word in words)
        position = len(self._known)
        joined = "".join(sorted(folds))
        self._known.append(
            _Known(IndexedName(listed.ref, kind, listed.text, listed.is_weak), words, folds, "".join(folds))
        )
        for folded in set(folds):
            self._by_fold[folded].append(position)
            self._by_skeleton[skeleton(folded)].add(folded)
        self._joined["".join(folds)].append(position)
        if joined != "".join(folds):
            self._joined[joined].append(position)

    def __len__(self) -> int:
        return len(self._known)

    def weight(self, folded: str, near: Iterable[str] = ()) -> float:
        """Return how much a token tells: a rare one more than a common one, a long one more than an initial.

        A misspelt common word is as common as the word it stands for: ``near`` are the tokens it may be.
        """
        held = max((len(self._by_fold[token]) for token in (folded, *near) if token in self._by_fold), default=0)
        rarity = log((len(self._known) + 2) / (held + 1)) / log(len(self._known) + 2)
        return (0.35 + rarity) * min(1.0, 0.25 + len(folded) / 5)

    def search(self, name: str, kind: str | None = None, *, threshold: float = THRESHOLD) -> list[Candidate]:
        """Return the candidates for ``name``, best first, one for each listed record; without a kind both kinds."""
        best: dict[Hashable, Candidate] = {}
        for asked in (kind,) if kind else (PERSON, ORGANISATION):
            for candidate in self._search(name, asked, threshold):
                known = best.get(candidate.ref)
                if known is None or candidate.score > known.score:
                    best[candidate.ref] = candidate
        return sorted(best.values(), key=lambda found: (-found.score, str(found.ref)))

    def _search(self, name: str, kind: str, threshold: float) -> Iterable[Candidate]:
        words = tokens(name, kind)
        folds = tuple(fold(word) for word in words)
        if not words:
            return
        near = [self._near(folded) for folded in folds]
        weights = [
            self.weight(folded, (other for other in close if similarity(folded, other) >= SURELY))
            for folded, close in zip(folds, near, strict=True)
        ]
        for position in self._block(folds, near, weights, kind):
            known = self._known[position]
            score = self._score(words, folds, weights, known)
            if score >= (max(threshold, WEAK_THRESHOLD) if known.listed.is_weak else threshold):
                yield Candidate(known.listed.ref, known.listed.text, round(score, 1), known.listed.is_weak)

    def _near(self, folded: str) -> set[str]:
        """Return the tokens of the lists that may be the same word as ``folded``."""
        near = {
            found
            for found, _, _ in process.extract(
                folded, self._vocabulary, scorer=JaroWinkler.similarity, score_cutoff=TOKEN_CUTOFF, limit=None
            )
            if abs(len(found) - len(folded)) <= SHORTEST_TELLING
        }
        return near | self._by_skeleton.get(skeleton(folded), set())

    def _block(self, folds: tuple[str, ...], near: list[set[str]], weights: list[float], kind: str) -> Iterable[int]:
        """Return the positions of the names that share enough of the query's weight, or read the same run together."""
        shared: dict[int, float] = defaultdict(float)
        for close, weight in zip(near, weights, strict=True):
            touched = {position for token in close for position in self._by_fold[token]}
            for position in touched:
                shared[position] += weight
        least = MAYBE * sum(weights)
        positions = {position for position, weight in shared.items() if weight >= least}
        # A listed name with few tokens may lie whole inside a longer query.
        for position, weight in shared.items():
            if position not in positions and len(self._known[position].folds) < len(folds) and weight >= least / 2:
                positions.add(position)
        for run in {"".join(folds), "".join(sorted(folds))}:
            for key, _, _ in process.extract(
                run, self._joined_keys, scorer=ratio, score_cutoff=JOINED_CUTOFF, limit=None
            ):
                positions.update(self._joined[key])
        return (position for position in positions if self._known[position].listed.kind == kind)

    def _score(self, words: tuple[str, ...], folds: tuple[str, ...], mine: list[float], known: _Known) -> float:
        """Return the score of one listed name: the share of both names' weight that is told alike, or of both run
        together.
        """
        run = max(ratio("".join(folds), known.joined), ratio("".join(sorted(folds)), "".join(sorted(known.folds))))
        run = run if run >= JOINED_CUTOFF and len(known.joined) >= SHORTEST_RUN else 0.0
        if len(words) == 1 or len(known.tokens) == 1:
            # One-token guard: MARIA on a list is no candidate for every Maria Something.
            single = len(words) == len(known.tokens) and similarity(words[0], known.tokens[0]) >= SINGLE_CUTOFF
            return max(100 * similarity(words[0], known.tokens[0]) if single else 0.0, run)
        pairs = _aligned(words, known.tokens)
        if len(pairs) < LEAST_PAIRS:
            return run
        theirs = [self.weight(folded) for folded in known.folds]
        told = sum(mine[i] * near for i, near in {i: near for i, _, near in pairs}.items()) / sum(mine)
        held = sum(theirs[j] * near for j, near in {j: near for _, j, near in pairs}.items()) / sum(theirs)
        weakest = min(near for _, _, near in pairs)
        score = 100 * (FULLER * max(told, held) + (1 - FULLER) * min(told, held)) - 12 * (1 - weakest)
        return max(score, run)


def _aligned(left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[int, int, float]]:
    """Return pairs of tokens (position, position, similarity), each token used once, nearest first."""
    near = sorted(
        ((similarity(one, other), i, j) for i, one in enumerate(left) for j, other in enumerate(right)),
        key=lambda pair: (-pair[0], abs(pair[1] - pair[2])),
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs = []
    for score, i, j in near:
        if score < TOKEN_CUTOFF:
            break
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append((i, j, score))
    pairs += [(i, j, near) for i, j, near in _split(left, used_left, right, used_right)]
    pairs += [(i, j, near) for j, i, near in _split(right, used_right, left, used_left)]
    return pairs


def _split(
    parts: tuple[str, ...], used_parts: set[int], wholes: tuple[str, ...], used_wholes: set[int]
) -> list[tuple[int, int, float]]:
    """Return pairs for a word that stands in two pieces on one side (``Muh amad``) and whole on the other."""
    pairs = []
    for i in range(len(parts) - 1):
        if i in used_parts or i + 1 in used_parts:
            continue
        for j, whole in enumerate(wholes):
            if j not in used_wholes and (near := similarity(parts[i] + parts[i + 1], whole)) >= SURELY:
                used_parts.update((i, i + 1))
                used_wholes.add(j)
                pairs += [(i, j, near), (i + 1, j, near)]
                break
    return pairs
