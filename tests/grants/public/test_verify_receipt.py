"""What the receipt's program says of receipts that were changed, of other roots, and of what is no receipt."""

from pathlib import Path
from typing import Any

import pytest

from grants.campaigns.tree import leaf_hash, line_text, path_of, root_hash
from tests.grants.public.checking import run, written
from vetting_portal.canonical import sha256_of

SALTS = [f"{number:064x}" for number in range(1, 6)]
LINES = [{"seq": seq, "gross": 100 * seq, "refunded": 0, "matched": 50 * seq} for seq in range(1, 6)]
LEAVES = [leaf_hash(line_text(**line, salt=salt)) for line, salt in zip(LINES, SALTS, strict=True)]
ROOT = root_hash(LEAVES).hex()
STATEMENT = {
    "kind": "statement", "number": "2026-014", "currency": "USD", "campaign": "someone-stays",
    "lines": {"tree": "rfc6962-sha256", "count": 5, "root": ROOT},
}  # fmt: skip


def receipt(**proof: Any) -> dict[str, Any]:
    """Return the receipt of the third line."""
    path = [sha256.hex() for sha256 in path_of(LEAVES, 2)]
    said = {"tree": "rfc6962-sha256", "line": LINES[2], "salt": SALTS[2], "path": path, "count": 5, "root": ROOT}
    whose = {"grant": "2026-014", "currency": "USD", "campaign": "https://portal.example/campaign/someone-stays/"}
    statement = {"content_sha256": sha256_of(STATEMENT)}
    return {"format": "vetting-portal-receipt/1", **whose, "proof": {**said, **proof}, "statement": statement}


def test_a_true_receipt_is_told_in_a_line(tmp_path: Path) -> None:
    done = run(written(tmp_path, "r.json", receipt()), "--statement", written(tmp_path, "s.json", STATEMENT))

    assert (done.returncode, done.stderr) == (0, "")
    amounts = "gross 300, refunded 0, matched 150 (minor units of USD)"
    assert done.stdout == f"yes  Line 3 of 5 is in the statement of grant 2026-014: {amounts}.\n"
    spaced = " ".join(ROOT[start : start + 8] for start in range(0, 64, 8)).upper()
    assert run(written(tmp_path, "r.json", receipt()), "--root", spaced).returncode == 0


@pytest.mark.parametrize(
    "change",
    [
        {"line": {**LINES[2], "matched": 151}},
        {"line": {**LINES[2], "gross": 301}},
        {"line": {**LINES[2], "refunded": 1}},
        {"line": {**LINES[2], "seq": 4}},
        {"line": {**LINES[2], "seq": 6}},
        {"salt": SALTS[1]},
        {"path": []},
        {"path": [*(sha256.hex() for sha256 in path_of(LEAVES, 2)), "0" * 64]},
        {"path": [sha256.hex() for sha256 in reversed(path_of(LEAVES, 2))]},
        {"count": 3},
        {"count": 9},
    ],
)
def test_a_changed_receipt_is_not_in_the_statement(tmp_path: Path, change: dict[str, Any]) -> None:
    path = written(tmp_path, "r.json", receipt(**change))

    for done in (run(path, "--statement", written(tmp_path, "s.json", STATEMENT)), run(path, "--root", ROOT)):
        assert done.returncode == 1
        assert done.stdout.startswith("NO   ")


def test_the_receipts_own_root_counts_for_nothing(tmp_path: Path) -> None:
    forged = receipt(line={**LINES[2], "matched": 999}, root="0" * 64)
    other = {**STATEMENT, "lines": {**STATEMENT["lines"], "root": "1" * 64}}

    assert run(written(tmp_path, "r.json", forged), "--root", ROOT).returncode == 1
    assert (
        run(written(tmp_path, "r.json", receipt()), "--statement", written(tmp_path, "s.json", other)).returncode == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        {"grant": "2026-099"},
        {"currency": "EUR"},
        {"campaign": "https://portal.example/campaign/another/"},
        {"statement": {"content_sha256": "0" * 64}},
        {"proof": {**receipt()["proof"], "root": "0" * 64}},
    ],
)
def test_a_receipt_that_speaks_of_another_statement_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    path = written(tmp_path, "r.json", {**receipt(), **change})
    done = run(path, "--statement", written(tmp_path, "s.json", STATEMENT))

    assert (done.returncode, done.stdout[:5]) == (1, "NO   ")


def test_a_receipt_from_before_the_seal_names_no_statement(tmp_path: Path) -> None:
    early = written(tmp_path, "r.json", {**receipt(), "statement": None})

    assert run(early, "--statement", written(tmp_path, "s.json", STATEMENT)).returncode == 0


@pytest.mark.parametrize("change", [{"number": "2026-099"}, {"currency": "EUR"}, {"example": False}])
def test_a_statement_that_was_changed_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    other = written(tmp_path, "s.json", {**STATEMENT, **change})

    assert run(written(tmp_path, "r.json", receipt()), "--statement", other).returncode == 1


def test_without_a_statement_nothing_is_said_of_how_many_lines_there_are(tmp_path: Path) -> None:
    """Another number of lines can lead to the same root."""
    done = run(written(tmp_path, "r.json", receipt(count=6)), "--root", ROOT)

    assert "of 6" not in done.stdout
    assert "of 5" not in run(written(tmp_path, "r.json", receipt()), "--root", ROOT).stdout


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"format": "vetting-portal-receipt/1", "format": "x"}',
        {"format": "another"},
        {"format": "vetting-portal-receipt/1", "proof": None},
        {"format": "vetting-portal-receipt/1", "proof": {"tree": "rfc6962-sha256"}},
        {**receipt(), "grant": 7},
        {**receipt(), "statement": 7},
        {**receipt(), "statement": {}},
        receipt(line={**LINES[2], "gross": 3.0}),
        receipt(line={**LINES[2], "gross": True}),
        receipt(line={**LINES[2], "donor": 1}),
        receipt(salt="zz"),
        receipt(path=["00"]),
        receipt(path="0" * 64),
        receipt(count="5"),
    ],
)
def test_what_is_no_receipt_cannot_be_checked(tmp_path: Path, content: Any) -> None:
    done = run(written(tmp_path, "r.json", content), "--root", ROOT)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_bad_options_cannot_be_checked(tmp_path: Path) -> None:
    path, statement = written(tmp_path, "r.json", receipt()), written(tmp_path, "s.json", STATEMENT)

    for words in (
        [path],
        [path, "--root", "12"],
        [path, "--root", ROOT, "--statement", statement],
        [tmp_path / "none.json", "--root", ROOT],
        [path, "--statement", tmp_path / "none.json"],
        [path, "--statement", written(tmp_path, "old.json", {"figures": {}})],
    ):
        done = run(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
