"""What changed between two texts, word by word, in bounded time.

The shortest edit is found greedily (E. Myers, "An O(ND) difference algorithm and its variations", 1986). Where two
texts differ so much that this would take long, they are compared sentence by sentence, and what still differs too much
is shown as replaced whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SAME, REMOVED, ADDED = "same", "removed", "added"
MOST_EDITS = 600  # words that differ before the comparison turns to sentences
MOST_STEPS = 400_000  # of one whole comparison: well under a second

# Thai, Lao, Burmese, Khmer, Chinese and Japanese put no spaces between words: a letter with its marks is a token there.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_MARKS = (
    "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
    "\u17b4-\u17d3\u17dd\u3099\u309a"
)
_TOKEN = re.compile(
    rf"\s+|[{_UNSPACED}][{_MARKS}]*|[\d.,\u2019']*\d[\d.,]*(?<![.,])|[^\W{_UNSPACED}]+(?:[\u2019'-][^\W{_UNSPACED}]+)*[{_MARKS}]*|.",
    re.DOTALL,
)
_SENTENCE = re.compile(
    r"[^.!?\n\u3002\u0964\u17d4\u104b]*[.!?\n\u3002\u0964\u17d4\u104b]+\s*|[^.!?\n\u3002\u0964\u17d4\u104b]+$"
)


@dataclass(frozen=True)
class Piece:
    """A run of text that is the same in both versions, removed from the older or added in the newer."""

    kind: str
    text: str


class _TooFarError(Exception):
    """The texts differ more than the steps that are left can find."""


@dataclass
class _Steps:
    left: int = MOST_STEPS

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _TooFarError


def pieces(older: str, newer: str) -> list[Piece]:
    """Return both texts as one: what stayed, what went and what came, in order of reading.

    The pieces that are the same or removed spell ``older``; those that are the same or added spell ``newer``.
    """
    if older == newer:
        return [Piece(SAME, older)] if older else []
    steps = _Steps()
    try:
        found = _edits(_TOKEN.findall(older), _TOKEN.findall(newer), steps)
    except _TooFarError:
        found = _by_sentence(older, newer)
    return _joined(found)


def _by_sentence(older: str, newer: str) -> list[Piece]:
    """Compare sentences, then the words of those that were replaced; what is too far apart is replaced whole."""
    steps = _Steps()
    try:
        found = _edits(_SENTENCE.findall(older), _SENTENCE.findall(newer), steps)
    except _TooFarError:
        return [Piece(REMOVED, older), Piece(ADDED, newer)]
    result: list[Piece] = []
    for removed, added, same in _blocks(found):
        try:
            result += _edits(_TOKEN.findall(removed), _TOKEN.findall(added), steps)
        except _TooFarError:
            result += [Piece(REMOVED, removed), Piece(ADDED, added)]
        result.append(Piece(SAME, same))
    return result


def _blocks(found: Sequence[Piece]) -> list[tuple[str, str, str]]:
    """Return the pieces as blocks: what went, what came in its place, and what is the same after it."""
    blocks = [("", "", "")]
    for piece in found:
        removed, added, same = blocks[-1]
        if piece.kind == SAME:
            blocks[-1] = (removed, added, same + piece.text)
        elif same:
            blocks.append((piece.text, "", "") if piece.kind == REMOVED else ("", piece.text, ""))
        elif piece.kind == REMOVED:
            blocks[-1] = (removed + piece.text, added, same)
        else:
            blocks[-1] = (removed, added + piece.text, same)
    return blocks


def _edits(older: Sequence[str], newer: Sequence[str], steps: _Steps) -> list[Piece]:
    """Return the shortest edit from ``older`` to ``newer``. Raises _TooFarError."""
    start, most = 0, min(len(older), len(newer))
    while start < most and older[start] == newer[start]:
        start += 1
    end = 0
    while end < most - start and older[-1 - end] == newer[-1 - end]:
        end += 1
    before = [Piece(SAME, token) for token in older[:start]]
    after = [Piece(SAME, token) for token in older[len(older) - end :]]
    return [*before, *_shortest(older[start : len(older) - end], newer[start : len(newer) - end], steps), *after]


def _shortest(older: Sequence[str], newer: Sequence[str], steps: _Steps) -> list[Piece]:
    if not older or not newer:
        return [*(Piece(REMOVED, token) for token in older), *(Piece(ADDED, token) for token in newer)]
    if abs(len(older) - len(newer)) > MOST_EDITS:
        raise _TooFarError
    furthest, trail = {1: 0}, []
    for edits in range(min(len(older) + len(newer), MOST_EDITS) + 1):
        trail.append(dict(furthest))
        steps.take(edits + 1)
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
            )
            at = begin = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while at < len(older) and at - diagonal < len(newer) and older[at] == newer[at - diagonal]:
                at += 1
            steps.take(at - begin)
            furthest[diagonal] = at
            if at >= len(older) and at - diagonal >= len(newer):
                return _walked_back(older, newer, trail)
    raise _TooFarError


def _walked_back(older: Sequence[str], newer: Sequence[str], trail: Sequence[dict[int, int]]) -> list[Piece]:
    """Return the edit that the furthest points of each number of edits lead to, from its end to its beginning."""
    at, to = len(older), len(newer)
    found: list[Piece] = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[edits], at - to
        down = diagonal == -edits or (
            diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        begin = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
        found += [Piece(SAME, token) for token in reversed(older[begin:at])]
        at, to = begin, begin - diagonal
        if edits == 0:
            break
        if down:
            to -= 1
            found.append(Piece(ADDED, newer[to]))
        else:
            at -= 1
            found.append(Piece(REMOVED, older[at]))
    return found[::-1]


def _joined(found: Sequence[Piece]) -> list[Piece]:
    """Join what follows one another: first what went, then what came; a lone space joins two changes."""
    result: list[Piece] = []
    for removed, added, same in _blocks(_without_lone_spaces(found)):
        result += [Piece(kind, text) for kind, text in ((REMOVED, removed), (ADDED, added), (SAME, same)) if text]
    return result


def _without_lone_spaces(found: Sequence[Piece]) -> list[Piece]:
    """Count a space between two changed words as changed: three struck words read better as one struck phrase."""
    merged: list[Piece] = []
    for piece in found:
        if merged and merged[-1].kind == piece.kind:
            merged[-1] = Piece(piece.kind, merged[-1].text + piece.text)
        else:
            merged.append(piece)
    result: list[Piece] = []
    for index, piece in enumerate(merged):
        is_lone = piece.kind == SAME and not piece.text.strip() and 0 < index < len(merged) - 1
        if is_lone and "\n" not in piece.text:
            result += [Piece(REMOVED, piece.text), Piece(ADDED, piece.text)]
        else:
            result.append(piece)
    return result
