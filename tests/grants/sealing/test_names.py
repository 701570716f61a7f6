"""The certificate of the seal names the funder: at the first seal, after a change of name, and in what others read."""

import pytest
from cryptography.x509.oid import NameOID

from grants.agreements.verification import seal_holds
from grants.sealing.actions import present_certificate, rotate_seal_key
from grants.sealing.certificates import LONGEST, NAME, name_in, read_chain, subject_of
from grants.sealing.keys.local import FIRST, MARK, LocalKey, make
from grants.sealing.sealers import seal
from tests.factories.portal import FunderFactory
from vetting_portal.models import Funder

pytestmark = pytest.mark.django_db
ACCENTED = "One Day’s Wages"


def first_of(pem):
    return read_chain(pem.encode())[0]


def test_the_seal_names_the_funder_to_whoever_looks(folder, sheet, by, pdfsig):
    FunderFactory(name=ACCENTED)
    certificate = present_certificate(by=by)
    sealed = seal(sheet, digest="0" * 64, certificate=certificate)
    assert seal_holds(sealed) == (True, True)
    told = pdfsig(sealed)
    assert f"Signer Certificate Common Name: {ACCENTED}" in told
    assert f"O={ACCENTED}" in told
    assert "Signature is Valid" in told
    assert ACCENTED in certificate.subject


def test_after_a_change_of_name_the_next_key_names_it_and_old_seals_hold(folder, sheet, by):
    FunderFactory(name="Before Fund")
    old = seal(sheet, digest="0" * 64, certificate=present_certificate(by=by))
    FunderFactory(name="After Fund", version=2)
    assert name_in(first_of(present_certificate(by=by).pem)) == "Before Fund"
    made = rotate_seal_key(by=by)
    assert name_in(first_of(made.pem)) == "After Fund"
    new = seal(sheet, digest="0" * 64, certificate=made)
    assert seal_holds(old) == seal_holds(new) == (True, True)


def test_a_key_from_before_there_was_a_funder_gets_its_certificate_when_it_is_put_on_record(folder, sheet, by):
    folder.mkdir(parents=True)
    passphrase = LocalKey.of(folder, "", "").passphrase
    (folder / FIRST).write_bytes(make(passphrase))
    before = LocalKey(folder / FIRST, passphrase).public_key().public_numbers()
    FunderFactory(name="One Fund")
    certificate = present_certificate(by=by)
    assert name_in(first_of(certificate.pem)) == "One Fund"
    assert first_of(certificate.pem).public_key().public_numbers() == before
    kept = read_chain(MARK + (folder / FIRST).read_bytes().partition(MARK)[2])[0]
    assert kept == first_of(certificate.pem)
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=certificate)) == (True, True)


def test_without_a_funder_and_with_a_long_name_there_is_a_certificate_too(folder, by):
    assert not Funder.objects.exists()
    assert name_in(first_of(present_certificate(by=by).pem)) == NAME
    for name in ("Foundation " * 20, "มูลนิธิ" * 20, "x" * (LONGEST + 1)):
        long = subject_of(name).get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        assert len(long.encode()) <= LONGEST
        assert long.endswith("…")
        assert name.startswith(long[:-1])
