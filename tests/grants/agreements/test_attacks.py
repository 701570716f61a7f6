"""The verification under attack: every change is told, no stranger's file is opened, nothing is kept."""

import io
import os
import random
import tempfile
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from pyhanko.pdf_utils import reader
from pyhanko.sign.validation.status import SignatureCoverageLevel

from grants.agreements import verification
from grants.agreements.verification import Word, seal_holds, verify_pdf
from grants.agreements.views.verifying import VerifyView
from tests.factories import grants
from tests.grants.agreements import forgeries
from vetting_portal.commands import CouldNot
from vetting_portal.files import FileDamaged, read_stored

pytestmark = pytest.mark.django_db
BOUNDARY = "----a-boundary"


def word(content):
    return verify_pdf(io.BytesIO(content)).word


def attacks(sealed, signed, reason, folder):
    """Every forgery by its name."""
    whole = {
        "appended": sealed + b"\n",
        "a byte before": b"\n" + sealed,
        "twice": sealed + sealed,
        "a stranger before": forgeries.of_a_stranger() + sealed,
        "a stranger behind": sealed + forgeries.of_a_stranger(),
        "look-alike": forgeries.look_alike(forgeries.unsealed_of(sealed), reason),
        "look-alike of the signed": forgeries.look_alike(signed, reason),
        "before the seal": forgeries.unsealed_of(sealed),
        "signed, unsealed": signed,
        "linearised by qpdf": forgeries.linearised(sealed, folder),
        "another paper in the seal's hole": forgeries.hole_filled(sealed, reason),
        "bomb": forgeries.bomb(),
        "empty": b"",
        "line ends of another system": sealed.replace(b"\n", b"\r\n"),
        "the hash as a text": reason.encode(),
    }
    for part in (1, 2, 3):
        whole[f"cut at {part}/4"] = sealed[: len(sealed) * part // 4]
    for forge in (
        forgeries.page_replaced, forgeries.annotated, forgeries.seal_removed, forgeries.attachment_swapped,
        forgeries.sealed_again, forgeries.looping, forgeries.resaved, forgeries.streamed, forgeries.encrypted,
        forgeries.inside_another, forgeries.zipped, forgeries.certificate_copied,
    ):  # fmt: skip
        whole[forge.__name__.replace("_", " ")] = forge(sealed)
    return whole


@pytest.fixture
def sealed(in_force):
    return read_stored(in_force.agreement.sealed_file)


def test_no_forgery_is_called_genuine_before_or_after_revocation(in_force, sealed, tmp_path):
    signed = read_stored(in_force.agreement.signed_file)
    made = attacks(sealed, signed, f"Sealed record {in_force.terms.sha256}", tmp_path)
    assert word(sealed) == Word.GENUINE
    said = {name: word(content) for name, content in made.items()}
    assert {name: said[name] for name in said if said[name] not in {Word.ALTERED, Word.UNKNOWN}} == {}
    assert {name for name in said if said[name] == Word.UNKNOWN} == {
        "signed, unsealed", "before the seal", "cut at 1/4", "cut at 2/4", "cut at 3/4", "bomb", "empty",
        "the hash as a text",
    }  # fmt: skip
    grants.end(in_force)
    assert word(sealed) == Word.REVOKED
    assert {word(content) for content in made.values()} == {Word.ALTERED, Word.UNKNOWN}


def test_a_seal_with_another_paper_in_its_hole_does_not_cover_it(in_force, sealed):
    """The library believes it: every sealed byte is there, the lengths add up, and the signature is valid."""
    forged = forgeries.hole_filled(sealed, f"Sealed record {in_force.terms.sha256}")
    (seal,) = reader.PdfFileReader(io.BytesIO(forged)).embedded_signatures
    seal.compute_integrity_info(skip_diff=True)

    assert seal.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert seal_holds(forged, at=in_force.agreement.sealed_at) == (True, False)
    assert seal_holds(sealed, at=in_force.agreement.sealed_at) == (True, True)


def test_a_file_that_is_another_when_it_is_opened_is_not_judged(sealed):
    class Turning(io.BytesIO):
        def read(self, size=-1):
            content = super().read(size)
            return content[:-1] + b"x" if size == len(sealed) else content

    with pytest.raises(FileDamaged, match="changed while it was read"):
        verify_pdf(Turning(sealed))


def _told_of_flips(sealed, count):
    return [name for name, content in forgeries.flips(sealed, count) if word(content) != Word.ALTERED]


def test_a_bit_changed_anywhere_is_told(sealed):
    assert _told_of_flips(sealed, 42) == []


@pytest.mark.long
def test_two_thousand_bits_changed_in_every_region_are_told(sealed):
    assert _told_of_flips(sealed, 2_100) == []


@pytest.mark.long
def test_random_splices_of_our_own_bytes_are_never_genuine(sealed):
    chance = random.Random(4)  # noqa: S311 a repeatable choice, no secret
    for _ in range(1_000):
        start, end, to = [*sorted(chance.sample(range(len(sealed)), 2)), chance.randrange(len(sealed))]
        changed = sealed[:to] + sealed[start:end] + sealed[to + chance.choice([0, end - start]) :]
        assert changed == sealed or word(changed) in {Word.ALTERED, Word.UNKNOWN}


def test_nobody_elses_bytes_are_parsed(in_force, sealed, monkeypatch, tmp_path):
    made = attacks(sealed, read_stored(in_force.agreement.signed_file), "Sealed record x", tmp_path)

    def opened(*_args, **_kwargs):
        raise AssertionError("a stranger's file was parsed")

    monkeypatch.setattr(reader.PdfFileReader, "__init__", opened)
    assert {word(content) for content in made.values()} == {Word.ALTERED, Word.UNKNOWN}
    with pytest.raises(AssertionError):
        word(sealed)


def test_the_command_waits_for_no_pipe_and_reads_no_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path, tmp_path / "pipe", "/dev/zero", "/dev/null", tmp_path / "nothing", tmp_path / ("x" * 300)):
        with pytest.raises(CouldNot, match=r"is not a file|cannot be opened") as refused:
            call_command("verify_agreement", str(name))
        assert refused.value.returncode == 2, name


def test_a_file_larger_than_anything_of_ours_is_not_read(tmp_path):
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(verification.MOST_BYTES + 1)
    with pytest.raises(SystemExit) as left:
        call_command("verify_agreement", str(path))
    assert left.value.code == 1


class Endless(io.RawIOBase):
    """A request's body: one file of so many bytes, made as it is read."""

    def __init__(self, size):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7'
        self.parts = [head.encode(), *[bytes(1_000_000)] * (size // 1_000_000), f"\r\n--{BOUNDARY}--\r\n".encode()]
        self.length = sum(map(len, self.parts))
        self.left = b""

    def read(self, size=-1):
        while self.parts and len(self.left) < size:
            self.left += self.parts.pop(0)
        given, self.left = self.left[:size], self.left[size:]
        return given


def test_sixty_megabytes_are_answered_in_flat_memory_and_never_written(monkeypatch, tmp_path):
    body = Endless(60_000_000)
    request = RequestFactory().post("/verify/", content_type=f"multipart/form-data; boundary={BOUNDARY}")
    request.environ["wsgi.input"], request.environ["CONTENT_LENGTH"] = body, str(body.length)
    request = type(request)(request.environ)
    request._dont_enforce_csrf_checks = True
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
    tracemalloc.start()
    try:
        answer = VerifyView.as_view()(request)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.context_data["verdict"].word) == (200, Word.UNKNOWN)
    assert peak < 8_000_000
    assert not hasattr(request.FILES["file"].file, "read")


def test_a_page_that_is_not_ours_cannot_send_a_file():
    answer = Client(enforce_csrf_checks=True).post(reverse("grants:verify"), {"file": SimpleUploadedFile("a", b"x")})
    assert answer.status_code == 403


def test_too_many_files_from_one_network_wait(client, monkeypatch):
    monkeypatch.setattr("grants.agreements.views.verifying.LIMITS", {"verify": "2/h/ip"})
    codes = [
        client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a", b"x")}).status_code for _ in range(3)
    ]
    assert codes == [200, 200, 429]
    assert client.get(reverse("grants:verify")).status_code == 200


def test_the_answer_names_seal_signers_and_how_to_take_the_signed_file_out(client, in_force, sealed):
    page = client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a.pdf", sealed)}).content.decode()
    seal = verification.read_seal(sealed)
    for text in ("PAdES B-B", "Example Fund, SHA-256", seal.fingerprint[:8], "code by e-mail", "signed.pdf"):
        assert text in page
    record = client.get(in_force.agreement.verify_path).content.decode()
    assert seal.fingerprint[:8] in record
