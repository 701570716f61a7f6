"""The passport: unzipped, hashed and read as another funder would; constant memory; nothing of anybody else."""

import hashlib
import json
import re
import subprocess
import tracemalloc
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from partners.models import Document, Organisation
from partners.vault import actions
from partners.vault.actions import Dates
from partners.vault.passport.names import place_in_zip, readable
from partners.vault.passport.stream import zip_stream
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    default_checklist,
    stored_bytes,
    submission_in,
)
from tests.factories.portal import FunderFactory, UserFactory
from tests.partners.vault.sending import accepted, pdf
from vetting_portal.files import FileDamaged, place, put
from vetting_portal.models import AuditEntry
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def whole(organisation: Organisation) -> bytes:
    return b"".join(zip_stream(actions.take_passport(organisation=organisation, by=organisation.created_by)))


def unzipped(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


@pytest.fixture
def organisation() -> Organisation:
    FunderFactory()
    default_checklist()
    return OrganisationFactory(legal_name="มูลนิธิ LIFT / International", local_name="ลิฟท์")


def test_another_funder_can_read_and_check_it(organisation: Organisation, tmp_path: Path) -> None:
    said = Dates(language="Thai", issuer="กรมการปกครอง")
    original = accepted("a", organisation=organisation, kind="registration_certificate", dates=said, title="ทะเบียน")
    actions.add_translation(
        document=original, blob=put(pdf("t")), original_name="t.pdf", language="English", by=organisation.created_by
    )
    drain()
    folder = unzipped(whole(organisation), tmp_path)
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout.count(": OK")) == (0, 4), checked.stdout + checked.stderr
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there - listed == {"SHA256SUMS"}

    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["schema"], manifest["schema_version"], manifest["example"]) == ("vetting-passport", 1, False)
    assert manifest["organisation"]["local_name"] == "ลิฟท์"
    paper, translation = manifest["papers"]
    assert paper["file"] == "papers/01 C1 ทะเบียน, version 1.pdf"
    assert (folder / paper["file"]).read_bytes() == pdf("a")
    assert hashlib.sha256(pdf("t")).hexdigest() == translation["sha256"]
    assert translation["translation_of"] == paper["file"]
    assert (paper["issuer"], paper["languages"], translation["languages"]) == ("กรมการปกครอง", ["th"], ["en"])
    assert paper["checks"]["malware_scan"] == "not scanned"


def test_it_says_what_was_verified_when_and_by_which_funder(tmp_path: Path) -> None:
    funder = FunderFactory()
    submission = submission_in("submitted")
    organisation = submission.organisation
    document = submission.links[0].paper.current
    officer = UserFactory(roles=["programme_officer"], name="Ruth Okafor")
    fact = actions.verify_document(document=document, how="registry", source="Register <no. 7>", by=officer)
    wrong = actions.verify_document(document=document, how="issuer", source="Somebody", by=officer)
    actions.withdraw_verification(verification=wrong, reason="It was another office.", by=officer)
    folder = unzipped(whole(organisation), tmp_path)
    (entry,) = [one for one in json.loads((folder / "manifest.json").read_text())["papers"] if one["verifications"]]
    assert entry["verifications"] == [
        {
            "verified_at": fact.verified_at.isoformat(timespec="seconds"),
            "funder": funder.name,
            "role": "Programme officer",
            "how": "registry",
            "how_in_words": "Checked in the public registry",
            "source": "Register <no. 7>",
        }
    ]
    page = (folder / "READ ME FIRST.html").read_text()
    assert "Verified by Example Fund on" in page
    assert "checked in the public registry (Register &lt;no. 7&gt;)" in page
    # Readable without a connection: nothing is fetched, nothing runs.
    assert re.findall(r"(?:src|href)=|<script|url\(|@import", page) == []
    everything = page + (folder / "manifest.json").read_text()
    for left_out in ("Ruth Okafor", "another office", "Somebody", submission.number, "score", organisation.address):
        assert left_out not in everything.replace("no scores", "")


def test_only_its_own_accepted_papers_are_in_it(organisation: Organisation, tmp_path: Path) -> None:
    kept = accepted("kept", organisation=organisation)
    for trait in ("rejected", "superseded"):
        DocumentFactory(paper=PaperFactory(organisation=organisation), **{trait: True})
    DocumentFactory(paper=PaperFactory(organisation=organisation))
    stranger = accepted("other")
    folder = unzipped(whole(organisation), tmp_path)
    assert [path.read_bytes() for path in (folder / "papers").iterdir()] == [pdf("kept")]
    listed = (folder / "SHA256SUMS").read_text()
    assert kept.file.sha256 in listed
    assert stranger.file.sha256 not in listed


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Windows\\system.ini", "C Windows system.ini"),
        ("..", "paper"),
        ("\u202egpj.exe\u2066", "gpj.exe"),
        ("line\nbreak\x00\x07", "line break"),
        ("-rf --no-preserve-root", "rf --no-preserve-root"),
        ('a*?"<b>|', "a b"),
        ("می‌خواهم", "می‌خواهم"),
        ("ระเบียบการเงิน", "ระเบียบการเงิน"),
        ("ក្រុមប្រឹក្សា", "ក្រុមប្រឹក្សា"),
        ("", "paper"),
    ],
)
def test_names_are_safe_and_readable(title: str, name: str) -> None:
    assert readable(title) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("title", ["x" * 500, "กำ" * 300, "e\u0301\u0323" * 300, "🏳️‍🌈" * 200])
def test_long_names_are_cut_between_letters(title: str) -> None:
    name = place_in_zip(99, "C16", title, 999, "application/pdf").removeprefix("papers/")
    assert 100 < len(name.encode()) <= 255
    assert name.endswith(", version 999.pdf")


def test_equal_names_do_not_clash(organisation: Organisation, tmp_path: Path) -> None:
    for number, title in enumerate(["CON", "Con", "cOn", "con.", "café", "cafe\u0301"]):
        accepted(str(number), organisation=organisation, title=title)
    folder = unzipped(whole(organisation), tmp_path)
    names = [path.name for path in (folder / "papers").iterdir()]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in names}) == 6


def test_who_may_take_it_and_when(organisation: Organisation) -> None:
    owner = organisation.created_by
    with pytest.raises(Refused, match="No paper is accepted yet"):
        actions.take_passport(organisation=organisation, by=owner)
    accepted("a", organisation=organisation)
    passport = actions.take_passport(organisation=organisation, by=MembershipFactory(organisation=organisation).user)
    entry = AuditEntry.objects.about(organisation).get(event="passport_taken")
    assert entry.facts["sums_sha256"] == hashlib.sha256(dict(passport.small)["SHA256SUMS"]).hexdigest()
    for somebody in (UserFactory(), UserFactory(roles=["programme_officer"]), MembershipFactory().user):
        with pytest.raises(PermissionDenied):
            actions.take_passport(organisation=organisation, by=somebody)


def test_a_missing_or_damaged_file_never_makes_a_whole_zip(organisation: Organisation) -> None:
    document = accepted("a", organisation=organisation)
    passport = actions.take_passport(organisation=organisation, by=organisation.created_by)
    path = Path(storages["default"].path(place(document.file.sha256)))
    path.write_bytes(b"other bytes")
    got: list[bytes] = []
    with pytest.raises(FileDamaged):
        got.extend(zip_stream(passport))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(BytesIO(b"".join(got)))
    path.unlink()
    with pytest.raises(Refused, match="We cannot find the file of “Board minutes” now"):
        actions.take_passport(organisation=organisation, by=organisation.created_by)
    put(pdf("a"))


def test_memory_stays_flat_whatever_the_size(organisation: Organisation) -> None:
    """Eight papers of five megabytes that do not shrink: at most two megabytes are held at a time."""
    for number in range(8):
        content = hashlib.shake_256(b"%d" % number).digest(5_000_000)
        DocumentFactory(paper=PaperFactory(organisation=organisation), accepted=True, file=stored_bytes(content))
    passport = actions.take_passport(organisation=organisation, by=organisation.created_by)
    tracemalloc.start()
    sent = sum(len(piece) for piece in zip_stream(passport))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 40_000_000
    assert peak < 2_000_000


def test_the_pages_say_what_is_in_it_and_send_it(organisation: Organisation, client: Client) -> None:
    client.force_login(organisation.created_by)
    address = reverse("partners:passport", args=[organisation.pk])
    vault = reverse("partners:vault", args=[organisation.pk])
    assert "No paper is accepted yet" in client.get(address).content.decode()
    assert client.post(address).status_code == 409
    assert address not in client.get(vault).content.decode()
    accepted("a", organisation=organisation, title="Statutes")
    assert address in client.get(vault).content.decode()
    assert "Statutes" in client.get(address).content.decode()
    answer = client.post(address)
    assert answer["Content-Type"] == "application/zip"
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    assert "/" not in answer["Content-Disposition"]
    archive = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert "papers/01 C2 Statutes, version 1.pdf" in archive.namelist()
    client.force_login(MembershipFactory().user)
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


def test_the_page_has_the_same_queries_whatever_the_number_of_papers(
    organisation: Organisation, client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(organisation.created_by)
    for count in (1, 4):
        for _ in range(count):
            DocumentFactory(paper=PaperFactory(organisation=organisation), accepted=True)
        for address in ("passport", "vault"):
            client.get(reverse(f"partners:{address}", args=[organisation.pk]))
        with django_assert_num_queries(13):
            client.get(reverse("partners:passport", args=[organisation.pk]))
        with django_assert_num_queries(15):
            client.get(reverse("partners:vault", args=[organisation.pk]))
    assert Document.objects.count() == 5
