"""The walk as an operator runs it: in a process and an installation of its own, then checked from outside."""

import ast
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grants.example.people import FINANCE
from tests.grants.agreements import forgeries
from tests.grants.evidence.bundles import (
    TOOL,
    edited,
    fingerprint,
    found,
    listed_again,
    pack,
    run,
    signed_again,
    tool,
    unpack,
)
from tests.grants.public.checking import run as check_receipt
from tests.grants.public.checking import written
from tests.support.rig import ROOT
from vetting_portal.canonical import sha256_hex

FIGURES = {
    "goal": 3_000_000,
    "cap": 1_500_000,
    "gross": 1_500_000,
    "fees": 48_000,
    "net": 1_452_000,
    "matched": 1_500_000,
    "payable": 2_952_000,
}


def manage(*arguments, data_dir, **environment):
    """Run a command of the portal in its own process, as an operator would; DATABASE_URL is never the tests' own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "STORAGE"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
        env={**kept, "DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR", **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """An installation in which the walk was walked, and what the command answered."""
    folder = tmp_path_factory.mktemp("walk") / "kept"
    done = manage(
        "walk",
        "--json",
        "--keep",
        folder,
        data_dir=tmp_path_factory.mktemp("other"),
        DATABASE_URL="sqlite:////nonexistent/never.sqlite3",  # the walk ignores it
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_the_walk_ends_with_the_match_at_its_cap(walked):
    _, answer = walked
    assert {name: answer[name] for name in FIGURES} == FIGURES
    assert answer["campaign"] == "someone-stays"
    assert len(answer["steps"]) == 31
    assert all(step["name"] and step["seconds"] >= 0 for step in answer["steps"])


@pytest.mark.parametrize("which", ["agreement", "statement"])
def test_the_sealed_files_hold_their_fonts_and_say_the_amounts(walked, which):
    path = walked[1][which]
    assert Path(path).is_absolute()
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "15,000.00" in text
    assert ("30,000.00" if which == "agreement" else "29,520.00") in text


@pytest.mark.parametrize("which", ["agreement", "statement"])
def test_verification_tells_genuine_from_altered(walked, which, tmp_path):
    folder, answer = walked
    assert manage("verify_agreement", answer[which], data_dir=folder).returncode == 0
    content = bytearray(Path(answer[which]).read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "altered.pdf").write_bytes(content)
    altered = manage("verify_agreement", tmp_path / "altered.pdf", data_dir=folder)
    assert (altered.returncode, altered.stdout.split(":")[0]) == (1, "altered")


def test_the_trail_is_whole_until_a_row_is_changed_behind_the_triggers(walked, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(walked[0], copy)
    assert manage("verify_audit", data_dir=copy).returncode == 0
    with sqlite3.connect(copy / "portal.sqlite3") as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            if name.startswith("vetting_portal_auditentry"):
                database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE vetting_portal_auditentry SET actor_id = actor_id + 1 WHERE seq = 100")
    database.close()
    broken = manage("verify_audit", data_dir=copy)
    assert (broken.returncode, "entry 100 was changed" in broken.stdout) == (1, True)


def test_every_invariant_holds_after_the_walk(walked):
    done = manage("check_invariants", "--json", data_dir=walked[0])
    assert (done.returncode, json.loads(done.stdout)) == (0, {"broken": []})


def test_the_statement_agrees_with_the_ledger(walked):
    folder, answer = walked
    stated = json.loads(manage("match_statement", answer["campaign"], "--json", data_dir=folder).stdout)
    assert {name: stated[name] for name in ("cap", "gross", "fees", "net", "matched", "payable")} == {
        name: FIGURES[name] for name in ("cap", "gross", "fees", "net", "matched", "payable")
    }
    assert sum(gift["matched"] for gift in stated["gifts"]) == FIGURES["matched"]


LOOK = """
import json
from django.test import Client
from grants.campaigns.models import Gift
from grants.funds.models import Account
from grants.public.actions import make_link
from vetting_portal.models import User

slug, finance = "{slug}", User.objects.get(email="{finance}")
got = lambda path: b"".join(answer) if (answer := Client().get(path)).streaming else answer.content
receipts = []
for key in ("EX-0001", "EX-0002", "Cheque 0417", "ch_example_0001"):
    token = make_link(gift=Gift.objects.get(campaign__slug=slug, key=key), by=finance)
    receipts.append(got(f"/receipt/{{token}}/receipt.json").decode())
accounts = Account.objects.filter(reference="{grant}").values_list("kind", "balance_minor")
print(json.dumps({{
    "page": got(f"/campaign/{{slug}}/").decode(),
    "data": got(f"/campaign/{{slug}}.json").decode(),
    "statement": got(f"/campaign/{{slug}}/statement.json").decode(),
    "receipts": receipts,
    "accounts": dict(accounts),
}}))
"""


@pytest.fixture(scope="module")
def seen(walked):
    """What the public reads after the walk, receipts of four donors, and the accounts of the grant."""
    folder, answer = walked
    script = LOOK.format(slug=answer["campaign"], grant=answer["grant"], finance=FINANCE.email)
    done = manage("shell", "--no-imports", "-c", script, data_dir=folder, ALLOWED_HOSTS="testserver")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_page_data_statement_file_and_ledger_say_the_same(walked, seen):
    earned, stated = json.loads(seen["data"])["earned"], json.loads(seen["statement"])["figures"]
    accounts = seen["accounts"]
    assert earned["raised_minor"] == -accounts["donors"] == FIGURES["gross"]
    assert earned["raised_minor"] == stated["gross_minor"] - stated["refunded_minor"]
    assert earned["matched_minor"] == stated["matched_minor"] == FIGURES["matched"]
    assert stated["payable_minor"] == FIGURES["payable"]
    paid = accounts["paid"]
    assert paid == FIGURES["payable"] // 2
    assert accounts["gifts"] + accounts["matched"] + paid == FIGURES["payable"]
    command = ["pdftotext", "-layout", walked[1]["statement"], "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    for minor in (stated["gross_minor"], stated["refunded_minor"], FIGURES["matched"], FIGURES["payable"]):
        assert f"{minor // 100:,}.{minor % 100:02}" in printed.stdout
    assert f"${FIGURES['gross'] // 100:,}" in seen["page"]
    assert "$30,000" in seen["page"]


def test_the_root_in_the_sealed_statement_proves_each_receipt(seen, tmp_path):
    statement = written(tmp_path, "statement.json", seen["statement"])
    matched = []
    for told in map(json.loads, seen["receipts"]):
        receipt = written(tmp_path, "receipt.json", told)
        assert check_receipt(receipt, "--statement", statement).returncode == 0
        matched.append(told["proof"]["line"]["matched"])
        told["proof"]["line"]["matched"] += 1
        assert check_receipt(written(tmp_path, "receipt.json", told), "--statement", statement).returncode == 1
    assert matched == [10_000, 0, 10_000, 10_000]


def test_a_folder_with_something_in_it_is_refused(walked, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    refused = manage("walk", "--keep", tmp_path, data_dir=tmp_path / "other")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    again = manage("walk", "--keep", walked[0], data_dir=walked[0])
    assert (again.returncode, "holds an installation already" in again.stderr) == (2, True)


@pytest.fixture(scope="module")
def bundle(walked):
    """The evidence of the walk's grant, as an operator takes it out."""
    folder, answer = walked
    out = folder.parent / "evidence.zip"
    made = manage("export_bundle", answer["grant"], "--out", out, data_dir=folder)
    assert made.returncode == 0, made.stderr
    return out


@pytest.fixture(scope="module")
def files(bundle):
    return unpack(bundle.read_bytes())


def test_the_verifier_passes_alone_and_says_what_it_rests_on(walked, bundle, files):
    alone = run(bundle)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert "Everything that can be checked here holds." in alone.stdout
    assert f"ask the funder whether its fingerprint is {fingerprint(files)}" in alone.stdout
    pinned = json.loads(run(bundle, "--json", "--fingerprint", fingerprint(files).upper()).stdout)
    assert (pinned["ok"], pinned["pinned"], pinned["grant"]) == (True, True, walked[1]["grant"])
    assert any("rests on the portal's word: S-" in line for line in pinned["rests_on"])
    assert len(pinned["checks"]) == 18
    assert "at entry" in alone.stdout


def test_the_verifier_imports_two_libraries_and_nothing_of_the_portal():
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for node in ast.walk(ast.parse(TOOL.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names - sys.stdlib_module_names == {"cryptography", "pyhanko"}


def test_the_same_records_give_the_same_bytes_and_their_checkpoint_lies_on_the_trail(walked, bundle, files, tmp_path):
    folder, answer = walked
    again = manage("export_bundle", answer["grant"], "--out", tmp_path / "again.zip", data_dir=folder)
    assert (again.returncode, (tmp_path / "again.zip").read_bytes()) == (0, bundle.read_bytes())
    (tmp_path / "checkpoint.json").write_bytes(files["audit/checkpoint.json"])
    assert manage("verify_audit", "--checkpoint", tmp_path / "checkpoint.json", data_dir=folder).returncode == 0


def test_any_file_that_is_changed_removed_or_added_is_told(files):
    quiet = []
    for name, content in files.items():
        fewer = {path: each for path, each in files.items() if path != name}
        tried = {"removed": fewer}
        for place in {0, len(content) // 2, len(content) - 1}:
            tried[place] = {**files, name: content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]}
        if not name.startswith("manifest"):
            tried |= {f"{what}, and listed so": listed_again(changed) for what, changed in tried.items()}
        quiet += [(name, what) for what, changed in tried.items() if found(changed)[1]]
    more = {**files, "more.txt": b"x"}
    assert quiet + [added for added in (more, listed_again(more)) if found(added)[1]] == []


def test_the_archive_itself_is_read_strictly(bundle, files, tmp_path, capsys):
    whole = bundle.read_bytes()
    end, hidden = whole.rindex(b"PK\5\6"), pack({"terms.json": b"EVIL"})
    start = int.from_bytes(whole[end + 16 : end + 20], "little")
    moved = whole[:start] + b"junk" + whole[start : end + 16] + (start + 4).to_bytes(4, "little") + whole[end + 20 :]
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    odd = {
        "cut": whole[:-30], "before": b"x" + whole, "nothing": b"", "text": b"hello", "half": whole[: len(whole) // 2],
        "a path that climbs": pack({**files, "../x": b"x"}), "a damaged piece": whole[:5000] + b"\0\0\0" + whole[5003:],
        "behind": whole + b"x", "a comment": whole[:-2] + b"\x01\0x", "a hole": moved,
        "written otherwise": plain.getvalue(),
        "a file that only some read": whole[:start] + hidden[: hidden.index(b"PK\1\2")] + whole[start:],
        "a link": whole[: end - 8 - len("manifest-signature.json")].replace(b"\xa4\x81", b"\xff\xa1") + whole[end:],
        "twice": pack({**files, "README.TXT": b"x"}),
    }  # fmt: skip
    for name, content in odd.items():
        (tmp_path / "odd.zip").write_bytes(content)
        assert tool.main([str(tmp_path / "odd.zip")]) == 1, name
    assert tool.main([str(tmp_path / "none.zip")]) == 2
    with pytest.raises(SystemExit) as left:
        tool.main([str(bundle), "--fingerprint", "12"])
    assert left.value.code == 2


def test_who_signs_everything_again_is_told_by_the_fingerprint(files):
    forged = signed_again(files)
    assert found(forged) == ([], True)
    told, ok = found(forged, fingerprint(files))
    assert (ok, len(told)) == (False, 1)
    assert "which is none that you gave" in told[0]


def test_a_certificate_alone_says_nothing_and_with_the_key_it_made_every_seal(files):
    (certificate,) = set(tool.Bundle(files).certificates().values())
    assert not found(files, certificate)[1]
    assert found(files, fingerprint(files), certificate)[1]
    told, ok = found(files, fingerprint(files), "ab" * 32)
    assert (ok, len(told)) == (False, 2)
    beside = {**files, "certificates/seal-x.pem": forgeries.certificate_of_another()}
    assert any("made no seal" in text for text in found(signed_again(beside))[0])


def _more(value):
    value["at_closing"][0]["matched"] += 100


def _less(value):
    value["vectors"][0]["events"][0]["gross"] -= 100


def _raise(value):
    value["vectors"][0]["events"].insert(0, {"cap": 99_000_000})


def _payable(value):
    value["figures"]["payable_minor"] += 1


def _score(value):
    next(iter(value[0]["versions"][0]["content"]["scores"].values()))["value"] = 4
    next(iter(value[0]["versions"][0]["content"]["scores"].values()))["justification"] = "x"


def _signer(value):
    value[0]["actor_id"] = value[1]["actor_id"]


def _other_file(value):
    value[0]["document_sha256"] = "0" * 64


CHANGES = {
    "a line": ("match/lines.json", _more, "do not follow from the events"),
    "a gift": ("match/events.json", _less, "do not follow from the events"),
    "a cap": ("match/events.json", _raise, "raised without an amendment"),
    "a sum": ("statement/statement.json", _payable, "not the one beside it"),
    "the terms": ("agreement-v1/terms.json", lambda value: value["money"].update(cap_minor=1), "not the one beside it"),
    "a score": ("vetting/scores.json", _score, "was changed"),
    "an outcome": (
        "vetting/decisions.json", lambda value: value["recommendations"][0].update(outcome="recommend"),
        "are not those of the trail",
    ),
    "a signer": ("signatures.json", _signer, "signed twice"),
    "a signer's name": ("signatures.json", lambda value: value[0].update(name="X"), "names somebody else"),
    "a time": (
        "signatures.json", lambda value: value[0].update(signed_at="2020-01-01T00:00:00Z"), "the trail has another time"
    ),
    "a version": ("documents.json", lambda value: value[0].update(version=2), "is another in the terms"),
    "an example": ("documents.json", lambda value: value[0].update(example=False), "is another in the terms"),
    "a signed hash": ("signatures.json", _other_file, "over another file"),
    "a method": ("signatures.json", lambda value: value[0].update(method="passkey"), "no such signature"),
    "a signature gone": ("signatures.json", lambda value: value.pop(), "exactly one signature is the partner's"),
    "an entry": ("audit/entries.json", lambda value: value[5].update(actor_id=9), "was changed"),
    "an entry gone": ("audit/entries.json", lambda value: value.pop(), "the chain is of other entries"),
    "a name": (
        "audit/entries.json", lambda value: next(one for one in value if one["words"])["words"].update(name="X"),
        "the words of entry",
    ),
    "a revocation": (
        "documents.json", lambda value: value[0].update(revoked={"at": "2026-01-01T00:00:00Z", "reason": "x"}),
        "differ on whether it was revoked",
    ),
    "a sealed hash": ("documents.json", lambda value: value[0].update(sealed_sha256="0" * 64), "not the sealed file"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_substance_is_told_even_when_everything_is_signed_again(files, name):
    path, change, says = CHANGES[name]
    told, ok = found(signed_again(edited(files, path, change)))
    assert not ok
    assert any(says in one for one in told), told


def _same_text(value):
    entry = next(one for one in value if one["actor_id"])
    entry["actor_id"] = str(entry["actor_id"])


def test_what_has_the_same_text_is_not_the_same(files):
    """A number and its text have one hash, so who judged could pass for somebody else who signs."""
    told, ok = found(signed_again(edited(files, "audit/entries.json", _same_text)))
    assert (ok, any("not of the types it was hashed from" in one for one in told)) == (False, True)


def _ghost(value):
    value.append({**value[0], "number": "S-99", "id": 99, "folder": "statement"})


def _interest(value):
    value["declarations"][0]["has_interest"] = True


def _later(value):
    value["vectors"][0]["events"].append(
        {"gift": "late", "donor": "x", "gross": 1_000, "fee": 0, "at": None, "ineligible": "Late."}
    )


def _part_of_a_cent(value):
    next(one for one in value["vectors"][0]["events"] if "refund" in one)["amount"] = 10_000.0


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("signatures.json", _ghost, "no signature that there can be"),
        ("signatures.json", lambda value: value[0].update(side="nobody"), "no signature that there can be"),
        ("vetting/decisions.json", _interest, "the trail has no such declaration of person"),
        ("vetting/decisions.json", lambda value: value["declarations"].pop(), "the trail tells of more declarations"),
        ("vetting/decisions.json", lambda value: value["recommendations"][0].update(actor_id=9), "recommendations are"),
        ("match/events.json", _later, "the trail tells of 151 gifts, the events of 152"),
        ("match/events.json", _part_of_a_cent, "a refund is no whole amount"),
        ("documents.json", lambda value: value[0].update(seal_level="PAdES B-LTA"), "the trail tells of another seal"),
    ],
)  # fmt: skip
def test_what_only_the_trail_can_tell_is_compared_with_it(files, path, change, says):
    told, ok = found(signed_again(edited(files, path, change)))
    assert not ok
    assert any(says in one for one in told), told


def test_a_statement_that_was_left_out_is_missed(files):
    fewer = {path: content for path, content in files.items() if not path.startswith("statement/")}
    fewer = edited(fewer, "documents.json", lambda value: value.pop())
    told, ok = found(signed_again(fewer))
    assert (ok, any("the trail tells of other documents" in one for one in told)) == (False, True)


@pytest.mark.parametrize(
    "path", ["documents.json", "signatures.json", "audit/entries.json", "statement/statement.json"]
)
@pytest.mark.parametrize("content", [b"[" * 200_000 + b"]" * 200_000, b"7", b"null", b'{"a": [NaN]}', b""])
def test_whatever_a_file_holds_the_answer_is_one(files, path, content):
    told, ok = found(signed_again({**files, path: content}))
    assert (ok, bool(told)) == (False, True)


def test_a_manifest_is_not_read_before_its_signature(files):
    """Thirty kilobytes of an archive can ask for a gigabyte of memory."""
    bomb = b"[" + b"[]," * 2_000_000 + b"[]]"
    told, ok = found({**files, "manifest.json": bomb})
    assert (ok, told) == (False, ["The manifest's signature is valid: the manifest is too large"])


def test_an_answer_that_cannot_be_shown_or_written_is_no_traceback(bundle, files, tmp_path):
    odd = edited(
        files,
        "documents.json",
        lambda value: value[0].update(revoked={"at": "2026-01-01T00:00:00Z", "reason": "→ SURROGATE"}),
    )
    odd["documents.json"] = odd["documents.json"].replace(b"SURROGATE", b"\\ud800")
    (tmp_path / "odd.zip").write_bytes(pack(signed_again(odd)))
    for options in ([], ["--json"]):
        told = run(tmp_path / "odd.zip", *options, encoding="cp1252")
        assert (told.returncode, told.stderr) == (1, "")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, TOOL, bundle], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "The answer cannot be written: No space left on device.\n")


def test_a_chain_with_another_hash_or_a_gap_is_told(files):
    lines = files["audit/chain.txt"].decode().splitlines(keepends=True)
    other = lines[20][:-2] + ("1" if lines[20][-2] == "0" else "0") + "\n"
    for changed in (lines[:20] + lines[21:], [*lines[:20], other, *lines[21:]], lines[1:], lines[:-1]):
        told, ok = found(signed_again({**files, "audit/chain.txt": "".join(changed).encode()}))
        assert not ok, told


def test_a_sealed_file_that_was_updated_or_sealed_by_another_key_is_told_in_the_bundle_too(files):
    sealed, folder = files["agreement-v1/sealed.pdf"], "agreement-v1/sealed.pdf"
    reason = f"Sealed record {json.loads(files['documents.json'])[0]['content_sha256']}"
    hole = forgeries.hole_filled(sealed, reason, [("terms.json", b"{}"), ("signed.pdf", b"x")])
    forged = {
        "the seal does not cover the whole file": forgeries.page_replaced(sealed),
        "covers the whole file and carries its sources: the seal does not cover the whole file": hole,
        "the seal's certificate is not one of certificates/": forgeries.look_alike(
            forgeries.unsealed_of(sealed), reason
        ),
        "does not carry exactly one seal": forgeries.unsealed_of(sealed),
    }
    for says, content in forged.items():
        to = {"sealed_sha256": sha256_hex(content)}
        known = edited(files, "documents.json", lambda value, to=to: value[0].update(to))
        told, ok = found(signed_again({**known, folder: content}))
        assert not ok
        assert any(says in one for one in told), told
