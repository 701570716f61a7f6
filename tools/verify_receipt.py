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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT, TREE = "vetting-portal-receipt/1", "rfc6962-sha256"
AMOUNTS = ("seq", "gross", "refunded", "matched")
HEX64 = re.compile(r"[0-9a-f]{64}")
MOST_BYTES, MOST_LINES, MOST_STEPS, LONGEST_TEXT = 10_000_000, 2**48, 48, 300
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

    if not path.is_file():
        raise CouldNot(f"There is no file {path}.")
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


@dataclass(frozen=True)
class Receipt:
    """What a receipt says: its line, the hash of it, of how many lines it is one, the path, and of which grant."""

    line: dict[str, int]
    leaf: bytes
    count: int
    path: list[bytes]
    root: str
    grant: str
    currency: str
    campaign: str
    statement_sha256: str


@dataclass(frozen=True)
class Statement:
    """What a sealed statement of match names: the root, how many lines, and whose it is."""

    root: str
    count: int
    grant: str
    currency: str
    campaign: str
    sha256: str


def read_receipt(path: Path) -> Receipt:
    """Return a receipt. Raises CouldNot where it is none with a proof."""
    receipt = read_json(path)
    if receipt.get("format") != FORMAT:
        raise CouldNot(f"{path} is no match receipt that this program knows.")
    proof, statement = receipt.get("proof"), receipt.get("statement")
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
    return Receipt(
        line=amounts,
        leaf=leaf_of(amounts, hash_of(proof.get("salt"), "The salt")),
        count=whole(proof.get("count"), "The number of lines"),
        path=[bytes.fromhex(hash_of(step, "A step of the path")) for step in steps],
        root=hash_of(proof.get("root"), "The root in the receipt"),
        grant=text(receipt.get("grant"), "The grant"),
        currency=text(receipt.get("currency"), "The currency"),
        campaign=text(receipt.get("campaign"), "The campaign").rstrip("/").rpartition("/")[2],
        statement_sha256=_hash_of_statement(statement),
    )


def _hash_of_statement(told: Any) -> str:
    """Return the hash that a receipt names; an empty text while the statement was not sealed."""
    if told is None:
        return ""
    if not isinstance(told, dict):
        raise CouldNot("What the receipt says of its statement cannot be read.")
    return hash_of(told.get("content_sha256"), "The hash of the statement")


def read_statement(path: Path) -> Statement:
    """Return what a statement of match names. Raises CouldNot where it is none, or names no root."""
    content = read_json(path)
    lines = content.get("lines")
    if content.get("kind") != "statement":
        raise CouldNot(f"{path} is no statement of match.")
    if not isinstance(lines, dict) or lines.get("tree") != TREE:
        raise CouldNot(f"{path} names no root that this program knows.")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Statement(
        root=hash_of(lines.get("root"), "The root"),
        count=whole(lines.get("count"), "The number of lines"),
        grant=text(content.get("number"), "The number"),
        currency=text(content.get("currency"), "The currency"),
        campaign=text(content.get("campaign"), "The campaign"),
        sha256=hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest(),
    )


def text(value: Any, name: str) -> str:
    """Return a short text. Raises CouldNot for anything else."""
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT:
        raise CouldNot(f"{name} is no text.")
    return value


def leaf_of(line: dict[str, int], salt: str) -> bytes:
    """Return the hash of a line: SHA-256 of a zero byte and its text."""
    told = " ".join(["match-line/1", *(f"{name}={line[name]}" for name in AMOUNTS), f"salt={salt}"])
    return hashlib.sha256(b"\x00" + told.encode()).digest()


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


def check(receipt: Receipt, root: str) -> None:
    """Raise Differs where the line of a receipt does not lead to ``root``, or the receipt itself names another."""
    found = root_from(receipt.leaf, receipt.line["seq"] - 1, receipt.count, receipt.path).hex()
    if found != root:
        raise Differs(f"The line leads to {found}, the statement names {root}.")
    if receipt.root != root:
        raise Differs(f"The receipt names the root {receipt.root}, and its line leads to another.")


def check_whose(receipt: Receipt, statement: Statement) -> None:
    """Raise Differs where a receipt speaks of another statement, grant, campaign, currency or number of lines."""
    if receipt.count != statement.count:
        raise Differs(f"The receipt speaks of {receipt.count} lines, the statement of {statement.count}.")
    for name in ("grant", "currency", "campaign"):
        said, wanted = getattr(receipt, name), getattr(statement, name)
        if said != wanted:
            raise Differs(f"The receipt says {name} {said}, the statement {wanted}.")
    if receipt.statement_sha256 not in {"", statement.sha256}:
        raise Differs("The receipt is about a statement with other contents.")


def compare(receipt: Path, statement: Path | None, root: str) -> str:
    """Return what was found. Raises Differs where the line is not in the statement, CouldNot."""
    given = read_receipt(receipt)
    amounts = ", ".join(f"{name} {given.line[name]}" for name in AMOUNTS[1:])
    if statement is None:
        check(given, root)
        return f"Line {given.line['seq']} leads to that root: {amounts} (minor units of {given.currency}, as it says)."
    sealed = read_statement(statement)
    check(given, sealed.root)
    check_whose(given, sealed)
    whose = f"the statement of grant {sealed.grant}"
    return f"Line {given.line['seq']} of {sealed.count} is in {whose}: {amounts} (minor units of {sealed.currency})."


def _root(given: str) -> str:
    value = re.sub(r"\s", "", given).lower()
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
        answer, code = f"yes  {compare(options.receipt, options.statement, options.root)}", OK
    except Differs as error:
        answer, code = f"NO   {error}", FINDING
    except CouldNot as error:
        sys.stderr.write(_plain(str(error)) + "\n")
        return COULD_NOT
    try:
        sys.stdout.write(_plain(answer) + "\n")
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write(f"The answer cannot be written: {error.strerror}.\n")
        return COULD_NOT
    return code


def _plain(line: str) -> str:
    """Return a line without what would steer a terminal or break it: a receipt may come from anybody."""
    return "".join(char if char.isprintable() else "?" for char in line)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
