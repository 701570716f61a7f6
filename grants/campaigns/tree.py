"""A Merkle tree over the lines of a statement (RFC 6962 with SHA-256): its root binds every line, a path proves one.

A leaf is SHA-256(0x00 ‖ line), a node SHA-256(0x01 ‖ left ‖ right); a hash without a neighbour goes up as it is. So no
leaf passes for a node. Where a line stands follows from its index and the number of lines: a path carries hashes only.
"""

import hashlib
from collections.abc import Sequence

TREE = "rfc6962-sha256"
BRANCH = 256  # lines under one stored branch: a power of two, so that branches are nodes of the whole tree
_LEAF, _NODE = b"\x00", b"\x01"


class NoProof(Exception):
    """The path does not fit the place of the line."""


def line_text(*, seq: int, gross: int, refunded: int, matched: int, salt: str) -> str:
    """Return a line as it is hashed, amounts in minor units; ``salt`` keeps others from guessing it."""
    return f"match-line/1 seq={seq} gross={gross} refunded={refunded} matched={matched} salt={salt}"


def leaf_hash(text: str) -> bytes:
    """Return the hash of a line."""
    return hashlib.sha256(_LEAF + text.encode()).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two neighbours."""
    return hashlib.sha256(_NODE + left + right).digest()


def _up(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the next level; the last hash goes up as it is where it has no neighbour."""
    pairs = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=False)]
    return [*pairs, *hashes[2 * len(pairs) :]]


def root_hash(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes, of leaves or of whole branches; of nothing it is the hash of nothing."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        hashes = _up(hashes)
    return hashes[0]


def path_of(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the neighbours on the way from ``hashes[index]`` to the root, the nearest first."""
    path = []
    while len(hashes) > 1:
        if (index ^ 1) < len(hashes):
            path.append(hashes[index ^ 1])
        hashes, index = _up(hashes), index // 2
    return path


def steps_of(leaf: bytes, *, index: int, count: int, path: Sequence[bytes]) -> list[tuple[bytes, bytes, bytes]]:
    """Return each step from a leaf to the root as left, right and their hash. Raises NoProof where the path is too
    short or too long, or there is no such line.
    """
    if not 0 <= index < count:
        raise NoProof(f"There is no line {index + 1} of {count}.")
    left_over, steps, last, here = list(path), [], count - 1, leaf
    while last:
        if index % 2 or index < last:
            if not left_over:
                raise NoProof("The path is too short.")
            other = left_over.pop(0)
            left, right = (other, here) if index % 2 else (here, other)
            here = node_hash(left, right)
            steps.append((left, right, here))
        index, last = index // 2, last // 2
    if left_over:
        raise NoProof("The path is too long.")
    return steps
