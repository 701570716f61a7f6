"""How near two words of names are, and the words of a vocabulary that may be the same word as another."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from reviews.screening.spelling import bare_bones, fold, loose_fold, plain_fold, scan_fold, skeleton

SAME_SOUND = 0.98
NEARLY_SAME_SOUND = 0.96  # the same sound once aspirates count as plain (Khin, Kin)
LOOSE_SOUND = 0.90  # the same sound but for its voice (Pak, Bak)
SCANNED = 0.92  # the same to a scanner
BARE_LOOSE = 0.90  # the same, but for letters that Arabs and Persians read otherwise
BARE_SKELETON = 0.93  # the same consonants, where one side was written without vowels
LONG_SKELETON, SHORT_SKELETON = 0.93, 0.88  # the same four consonants or more, the same three
SHORTEST_SKELETON = 3
SHORT_FORM = 0.84  # one begins with the other: Pim, Pimchai
SHORTEST_TELLING = 3  # letters from which a beginning tells something
MOST_BEGUN = 40  # a beginning that more words share tells nothing
SURELY = 0.93  # two words nearer than this are the same word
LEAST = 0.79  # below this they are different words
LONGEST = 60  # letters of a word that are compared
PREFIX = 8  # letters of a word that its keys are made of
SHORTEST_KEYED = 4  # letters from which a word is also known with one letter missing
# Faults in a word of so many letters, and how near it still is: longest words first.
ONE_FAULT = ((8, 0.93), (7, 0.92), (6, 0.90), (5, 0.88), (4, 0.85), (3, 0.80))
TWO_FAULTS = ((9, 0.87), (7, 0.84), (6, 0.80))
THREE_FAULTS = ((11, 0.84),)
# What Arabic names carry in front, glued to the name or left out: the article, "servant of" (Alfaqir, Abdulaziz).
_GLUED = re.compile(r"(?P<servant>abd[aeiou]?[lrsnz]?)(?=[a-z]{4})|(?:al|el|ul)(?=[a-z]{4})")
WITHOUT_SERVANT, WITHOUT_ARTICLE = 0.88, 0.95
_BY_FAULTS = {1: ONE_FAULT, 2: TWO_FAULTS, 3: THREE_FAULTS}


def _by_faults(faults: int, letters: int) -> float:
    for least, near in _BY_FAULTS.get(faults, ()):
        if letters >= least:
            return near
    return 0.0


@lru_cache(maxsize=100_000)
def _sounds(word: str) -> tuple[str, str, str]:
    """Return a word as it sounds, the same with plain aspirates, and its consonants."""
    sound = fold(word)
    return sound, plain_fold(word), skeleton(sound)


@lru_cache(maxsize=100_000)
def _core(word: str) -> tuple[str, float]:
    """Return a word without what is glued to its front, and how near it then is to itself."""
    found = _GLUED.match(word)
    if not found:
        return word, 1.0
    return word[found.end() :], WITHOUT_SERVANT if found["servant"] else WITHOUT_ARTICLE


def similarity(left: str, right: str, *, bare: bool = False) -> float:
    """Return how near two words are, 0 to 1: as written, as they sound, and by their consonants.

    ``bare``: one of them comes from a script that leaves vowels out, so consonants decide.
    """
    if left == right:
        return 1.0
    near = _similarity(left, right, bare=bare)
    (core, lost), (other_core, other_lost) = _core(left), _core(right)
    if core != left or other_core != right:
        return max(
            near, min(lost, other_lost) * (1.0 if core == other_core else _similarity(core, other_core, bare=bare))
        )
    return near


def _similarity(left: str, right: str, *, bare: bool) -> float:
    sound, plain, bones = _sounds(left)
    other_sound, other_plain, other_bones = _sounds(right)
    if sound == other_sound:
        return SAME_SOUND
    if plain in {other_plain, other_sound} or sound == other_plain:
        return NEARLY_SAME_SOUND
    faults = min(
        OSA.distance(left, right, score_cutoff=3),
        OSA.distance(sound, other_sound, score_cutoff=3),
        OSA.distance(plain, other_plain, score_cutoff=3),
    )
    near = _by_faults(faults, min(len(left), len(right)))
    if bare and len(bones) >= SHORTEST_SKELETON and bare_bones(bones) == bare_bones(other_bones):
        near = max(near, BARE_LOOSE)
    if bones == other_bones and len(bones) >= SHORTEST_SKELETON:
        by_bones = BARE_SKELETON if bare else LONG_SKELETON if len(bones) > SHORTEST_SKELETON else SHORT_SKELETON
        near = max(near, by_bones)
    if near < SCANNED and scan_fold(left) == scan_fold(right):
        return SCANNED
    if near < LOOSE_SOUND and loose_fold(left) == loose_fold(right):
        return LOOSE_SOUND
    return near


def _keys(word: str) -> set[str]:
    """Return what a misspelt word still has in common with its neighbours: its beginning, with one letter left out."""
    keys = {f"scan {scan_fold(word)}", f"loose {loose_fold(word)}"}
    core = _core(word)[0]
    for form in {word, fold(word), plain_fold(word), core, fold(core)}:
        beginning = form[:PREFIX]
        keys.add(beginning)
        if len(form) >= SHORTEST_KEYED:
            keys.update(beginning[:place] + beginning[place + 1 :] for place in range(len(beginning)))
    return keys


class Vocabulary:
    """Words with a number each, found by the keys that they share with a misspelling (a symmetric-delete index)."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.is_bare: list[bool] = []
        self._numbers: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_skeleton: dict[str, list[int]] = defaultdict(list)
        self._plain: set[str] = set()
        self._in_order: list[tuple[str, int]] = []

    def __len__(self) -> int:
        return len(self.words)

    def add(self, word: str, *, bare: bool = False) -> int:
        """Return the number of ``word``, which is taken in when it is new."""
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self.words)
            self.words.append(word)
            self.is_bare.append(bare)
            self._plain.add(plain_fold(word))
            for key in _keys(word):
                self._by_key[key].append(number)
            bones = _sounds(word)[2]
            if len(bones) >= SHORTEST_SKELETON:
                self._by_skeleton[bare_bones(bones)].append(number)
        return number

    def sort(self) -> None:
        """Put the words in order, so that those with one beginning stand together."""
        self._in_order = sorted((fold(word), number) for number, word in enumerate(self.words))

    def holds(self, word: str, *, by_sound: bool = False) -> bool:
        """Whether a word of the vocabulary is spelt so, or sounds so."""
        return word in self._numbers or (by_sound and plain_fold(word) in self._plain)

    def near(self, word: str, *, bare: bool = False) -> dict[int, float]:
        """Return the words that may be the same as ``word``, with how near each is."""
        found = dict.fromkeys(self._begun(fold(word)), SHORT_FORM)
        for number in self._sharing(word):
            near = similarity(word, self.words[number], bare=bare or self.is_bare[number])
            if near >= LEAST and near > found.get(number, 0.0):
                found[number] = near
        return found

    def _sharing(self, word: str) -> set[int]:
        numbers: set[int] = set()
        for key in _keys(word):
            numbers.update(self._by_key.get(key, ()))
        numbers.update(self._by_skeleton.get(bare_bones(_sounds(word)[2]), ()))
        return numbers

    def _begun(self, sound: str) -> Iterator[int]:
        """Yield the words that begin with a short form, or are one of it; none where the beginning is common."""
        if len(sound) < SHORTEST_TELLING:
            return
        first, last = bisect_left(self._in_order, (sound, -1)), bisect_right(self._in_order, (sound + "~", -1))
        if last - first <= MOST_BEGUN:
            yield from (number for _, number in self._in_order[first:last])
        for letters in range(SHORTEST_TELLING, len(sound)):
            beginning = sound[:letters]
            place = bisect_left(self._in_order, (beginning, -1))
            end = bisect_left(self._in_order, (beginning + "\x00", -1))
            if place < end and self._begin_with(beginning) <= MOST_BEGUN:
                yield from (number for _, number in self._in_order[place:end])

    def _begin_with(self, sound: str) -> int:
        return bisect_right(self._in_order, (sound + "~", -1)) - bisect_left(self._in_order, (sound, -1))
