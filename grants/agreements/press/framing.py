"""How the two sides of the press speak: a line of JSON, then the bytes of each part in turn."""

import json
from collections.abc import Sequence
from typing import IO, Any

LONGEST_HEAD = 1 << 20
MOST_BYTES = 256 << 20


class Cut(Exception):
    """The other side ended in the middle of a frame, or sent what is none."""


def send(into: IO[bytes], head: dict[str, Any], parts: Sequence[bytes]) -> None:
    """Write one frame."""
    line = json.dumps({**head, "sizes": [len(part) for part in parts]}).encode()
    for piece in (line, b"\n", *parts):
        into.write(piece)
    into.flush()


def receive(out: IO[bytes]) -> tuple[dict[str, Any], list[bytes]] | None:
    """Read one frame; None where the other side has closed. Raises Cut."""
    line = out.readline(LONGEST_HEAD)
    if not line:
        return None
    try:
        head: dict[str, Any] = json.loads(line)
        sizes = [int(size) for size in head["sizes"]]
    except (ValueError, TypeError, KeyError) as wrong:
        raise Cut("no frame") from wrong
    if not 0 <= sum(sizes) <= MOST_BYTES:
        raise Cut("too large")
    parts = [out.read(size) for size in sizes]
    if [len(part) for part in parts] != sizes:
        raise Cut("cut off")
    return head, parts
