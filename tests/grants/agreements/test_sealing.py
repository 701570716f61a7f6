"""From frozen terms to a sealed file that tells genuine from altered."""

import io
import random
import shutil
import subprocess

import pikepdf
import pytest
from django.core.management import call_command

from grants.agreements import actions
from grants.agreements.models import Agreement
from grants.agreements.verification import Word, seal_holds, verify_pdf
from tests.factories import grants
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import read_stored
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(in_force):
    return read_stored(in_force.agreement.sealed_file)


def verdict(content):
    return verify_pdf(io.BytesIO(content))


def run(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_sealed_file_is_genuine_and_nothing_else_is(in_force, sealed, tmp_path):
    agreement = in_force.agreement
    assert verdict(sealed).word == Word.GENUINE
    assert [check.ok for check in verdict(sealed).checks] == [True, True, True]
    assert sha256_hex(sealed) == agreement.sealed_sha256
    assert verdict(b"%PDF-1.7 nothing of ours").word == Word.UNKNOWN
    assert verdict(b"").word == Word.UNKNOWN
    signed = verdict(read_stored(agreement.signed_file))
    assert (signed.word, signed.is_signed_original) == (Word.UNKNOWN, True)


def test_every_flip_cut_and_appended_byte_is_reported(sealed):
    chance = random.Random(20261124)  # noqa: S311 a repeatable choice, no secret
    for offset in sorted(chance.sample(range(len(sealed)), 150)):
        changed = bytearray(sealed)
        changed[offset] ^= 1 << chance.randrange(8)
        assert verdict(bytes(changed)).word == Word.ALTERED, offset
    added = verdict(sealed + b"\n")
    assert (added.word, [check.text for check in added.checks]) == (
        Word.ALTERED,
        ["It carries our seal", "Bytes were added after the seal", "Not the file in our record"],
    )
    assert verdict(sealed[:-1]).word == Word.ALTERED


def test_a_flip_in_the_zero_padding_is_altered_although_the_signature_holds(sealed):
    start = sealed.index(b"0" * 200, sealed.rindex(b"/Contents"))
    changed = sealed[: start + 50] + b"1" + sealed[start + 51 :]
    assert verdict(changed).word == Word.ALTERED


def test_the_seal_covers_the_whole_file(sealed, tmp_path):
    assert seal_holds(sealed) == (True, True)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    told = run("pdfsig", str(path))
    assert "Signature is Valid" in told
    assert "Total document signed" in told


def test_the_sealed_file_carries_the_terms_and_the_signed_file(in_force, sealed):
    agreement = in_force.agreement
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        carried = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    assert sha256_hex(carried["terms.json"]) == agreement.terms.sha256
    assert sha256_hex(carried["signed.pdf"]) == agreement.signed_sha256


def test_the_sealed_pages_name_signers_hash_and_verification(in_force, sealed, tmp_path):
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    text = run("pdftotext", "-layout", str(path), "-")
    for signature in in_force.agreement.signatures.all():
        assert signature.name in text
        assert signature.number in text
    assert " ".join([in_force.agreement.signed_sha256[:8], in_force.agreement.signed_sha256[8:16]]) in text
    assert "USD 15,000.00" in text
    assert text.count(in_force.agreement.terms.sha256) == int(run("pdfinfo", str(path)).split("Pages:")[1].split()[0])


def test_sealing_again_changes_nothing(in_force):
    before = in_force.agreement.sealed_sha256
    actions.seal_agreement(agreement=in_force.agreement, by=grants.system())
    assert grants.fresh(in_force).agreement.sealed_sha256 == before


def test_the_task_of_the_countersignature_seals_and_puts_in_force(approved):
    grants.countersign(approved)
    assert grants.fresh(approved).state == "approved"
    drain()
    assert grants.fresh(approved).state == "in_force"


def test_sealing_waits_for_the_countersignature(approved):
    with pytest.raises(Refused, match="not countersigned"):
        actions.seal_agreement(agreement=approved.agreement, by=grants.system())


def test_a_terminated_grant_verifies_as_revoked(in_force, sealed):
    grants.end(in_force)
    found = verdict(sealed)
    assert (found.word, found.agreement.revoked_reason) == (
        Word.REVOKED,
        grants.MISUSED,
    )


@pytest.mark.parametrize(("prepare", "code"), [
    (lambda content: content, 0),
    (lambda content: content + b" ", 1),
    (lambda _content: b"hello", 1),
], ids=["genuine", "altered", "unknown"])  # fmt: skip
def test_the_command_answers_by_exit_code(in_force, sealed, tmp_path, prepare, code, capsys):
    path = tmp_path / "file.pdf"
    path.write_bytes(prepare(sealed))
    if code:
        with pytest.raises(SystemExit) as left:
            call_command("verify_agreement", str(path))
        assert left.value.code == code
    else:
        call_command("verify_agreement", str(path))
        assert capsys.readouterr().out.startswith("genuine:")


def test_the_command_answers_three_for_revoked(in_force, sealed, tmp_path):
    grants.end(in_force)
    path = tmp_path / "file.pdf"
    path.write_bytes(sealed)
    with pytest.raises(SystemExit) as left:
        call_command("verify_agreement", str(path))
    assert left.value.code == 3


FIGURES = {
    "first_seq": 1, "last_seq": 150, "gifts": 150, "gross_minor": 1_500_000, "fees_minor": 48_000, "refunded_minor": 0,
    "net_minor": 1_452_000, "matched_minor": 1_500_000, "unmatched_minor": 0, "payable_minor": 2_952_000,
}  # fmt: skip


def test_a_statement_of_match_is_sealed_once_and_verifies(in_force, tmp_path):
    content = {"closed_at": "2026-12-31T23:59:00+00:00", "figures": FIGURES}
    statement = actions.seal_statement(grant=in_force, content=content, by=grants.system())
    again = actions.seal_statement(grant=in_force, content=content, by=grants.system())
    assert statement.pk == again.pk
    sealed = read_stored(statement.sealed_file)
    found = verdict(sealed)
    assert (found.word, found.agreement.kind) == (Word.GENUINE, Agreement.Kind.STATEMENT)
    assert verdict(sealed + b"x").word == Word.ALTERED
    path = tmp_path / "statement.pdf"
    path.write_bytes(sealed)
    text = run("pdftotext", "-layout", str(path), "-")
    assert "USD 29,520.00" in text
    assert in_force.agreement.sealed_sha256[:8] in text


def test_a_statement_waits_for_the_sealed_agreement(approved):
    with pytest.raises(Refused, match="not sealed yet"):
        actions.seal_statement(
            grant=approved, content={"closed_at": "2026-12-31T00:00:00+00:00", "figures": FIGURES}, by=grants.system()
        )
