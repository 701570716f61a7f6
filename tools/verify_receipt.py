#!/usr/bin/env python3
"""Checks a match receipt without the portal that made it: that one gift's line is in a sealed statement of match.

    python verify_receipt.py receipt.json --statement statement.json
    python verify_receipt.py receipt.json --root ROOT

Needs Python 3.11 and nothing else; no network. The root stands in the sealed statement, on paper and in the file
statement.json that the PDF carries. Take it from there, not from the receipt. Exit codes: 0 the line is in the
statement, 1 it is not, 2 it could not be checked (no such file, not a receipt, bad option).

How it is done by hand is described in docs/receipts.md of the portal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

FORMAT, TREE = "vetting-portal-receipt/1", "rfc6962-sha256"
AMOUNTS = ("seq", "gross", "refunded", "matched")
HEX64 = re.compile(r"[0-9a-f]{64}")
MOST_BYTES, MOST_LINES, MOST_STEPS = 10_000_000, 2**48, 48
OK, FINDING, COULD_NOT = 0, 1, 2


class CouldNot(Exception):
    """It could not be checked at all."""


class Differs(Exception):
    """The line is not in the statement; the text says why."""


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file. Raises CouldNot without a file, or where it holds something else."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise CouldNot(f"{path}: a name comes twice in one object.")
        return dict(pairs)

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise CouldNot(f"{path} is too large.")
        value = json.loads(content, object_pairs_hook=once)
    except OSError as error:
        raise CouldNot(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CouldNot(f"{path} is not JSON.") from error
    if not isinstance(value, dict):
        raise CouldNot(f"{path} holds no object.")
    return value


def whole(value: Any, name: str, *, least: int = 0) -> int:
    """Return a whole number. Raises CouldNot for anything else."""
    if type(value) is not int or not least <= value <= MOST_LINES:
        raise CouldNot(f"{name} is no whole number from {least}.")
    return value


def hash_of(value: Any, name: str) -> str:
    """Return 64 hexadecimal digits. Raises CouldNot for anything else."""
    if not isinstance(value, str) or not HEX64.fullmatch(value):
        raise CouldNot(f"{name} has not 64 hexadecimal digits.")
    return value


def read_receipt(path: Path) -> tuple[dict[str, int], bytes, int, list[bytes]]:
    """Return the line of a receipt, its hash, of how many lines it is one, and its path.

    Raises CouldNot where it is no receipt with a proof.
    """
    receipt = read_json(path)
    if receipt.get("format") != FORMAT:
        raise CouldNot(f"{path} is no match receipt that this program knows.")
    proof = receipt.get("proof")
    if proof is None:
        raise CouldNot("This receipt has no proof yet: the proof comes when the campaign is closed.")
    if not isinstance(proof, dict) or proof.get("tree") != TREE:
        raise CouldNot("This program does not know the proof of this receipt.")
    line, steps = proof.get("line"), proof.get("path")
    if not isinstance(line, dict) or set(line) != set(AMOUNTS):
        raise CouldNot("The line of the receipt is not whole.")
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise CouldNot("The path of the receipt is no path.")
    amounts = {name: whole(line[name], name, least=int(name == "seq")) for name in AMOUNTS}
    hashes = [bytes.fromhex(hash_of(step, "A step of the path")) for step in steps]
    leaf = leaf_of(amounts, hash_of(proof.get("salt"), "The salt"))
    return amounts, leaf, whole(proof.get("count"), "The number of lines"), hashes


def read_statement(path: Path) -> tuple[str, int]:
    """Return the root and the number of lines that a statement of match names. Raises CouldNot where it has none."""
    lines = read_json(path).get("lines")
    if not isinstance(lines, dict) or lines.get("tree") != TREE:
        raise CouldNot(f"{path} names no root that this program knows.")
    return hash_of(lines.get("root"), "The root"), whole(lines.get("count"), "The number of lines")


def leaf_of(line: dict[str, int], salt: str) -> bytes:
    """Return the hash of a line: SHA-256 of a zero byte and its text."""
    text = " ".join(["match-line/1", *(f"{name}={line[name]}" for name in AMOUNTS), f"salt={salt}"])
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def root_from(leaf: bytes, index: int, count: int, path: list[bytes]) -> bytes:
    """Return the root that a path leads to. Raises Differs where the path does not fit the place of the line."""
    if not 0 <= index < count:
        raise Differs(f"The statement has {count} lines, and this would be number {index + 1}.")
    steps, last, here = list(path), count - 1, leaf
    while last:
        if index % 2 or index < last:
            if not steps:
                raise Differs("The path is too short.")
            other = steps.pop(0)
            left, right = (other, here) if index % 2 else (here, other)
            here = hashlib.sha256(b"\x01" + left + right).digest()
        index, last = index // 2, last // 2
    if steps:
        raise Differs("The path is too long.")
    return here


def check(receipt: Path, root: str, count: int | None) -> str:
    """Return what a receipt says whose line leads to ``root``. Raises Differs where it does not, CouldNot.

    ``count``: how many lines the statement names, where that is known. Without it the receipt's own number only tells
    on which side each step stands: a false one leads to another root.
    """
    line, leaf, said, path = read_receipt(receipt)
    if count is not None and said != count:
        raise Differs(f"The receipt speaks of {said} lines, the statement of {count}.")
    found = root_from(leaf, line["seq"] - 1, said, path).hex()
    if found != root:
        raise Differs(f"The line leads to {found}, the statement names {root}.")
    amounts = ", ".join(f"{name} {line[name]}" for name in AMOUNTS[1:])
    return f"Line {line['seq']} of {said} is in the statement: {amounts} (minor units)."


def _root(text: str) -> str:
    value = re.sub(r"\s", "", text).lower()
    if not HEX64.fullmatch(value):
        raise argparse.ArgumentTypeError("a root has 64 hexadecimal digits")
    return value


def main(argv: list[str] | None = None) -> int:
    """Check one receipt and say how it came out."""
    parser = argparse.ArgumentParser(description="Check that the line of a match receipt is in a sealed statement.")
    parser.add_argument("receipt", type=Path, help="the receipt's JSON")
    parser.add_argument("--statement", type=Path, help="the statement's JSON, as the sealed PDF carries it")
    parser.add_argument("--root", type=_root, help="the root, as the sealed statement prints it")
    options = parser.parse_args(argv)
    if (options.statement is None) == (options.root is None):
        parser.error("give either --statement or --root")
    try:
        root, count = read_statement(options.statement) if options.statement else (options.root, None)
        answer = check(options.receipt, root, count)
    except Differs as error:
        sys.stdout.write(f"NO   {error}\n")
        return FINDING
    except CouldNot as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT
    sys.stdout.write(f"yes  {answer}\n")
    return OK


if __name__ == "__main__":
    sys.exit(main())
