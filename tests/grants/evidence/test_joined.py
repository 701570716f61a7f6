"""Evidence of a grant that was signed by passkeys, then amended: the verifier follows both without the portal."""

import json

import pytest

from grants.agreements import actions, assertions, passkeys
from tests.factories import amendments, grants
from tests.grants.evidence.bundles import edited, found, pack, run, signed_again
from tests.grants.evidence.test_evidence import bundle_of
from tests.support.passkeys import ORIGIN, SoftPasskey

pytestmark = pytest.mark.django_db


def signed_by_passkey(grant, by, *, sign=actions.sign_agreement):
    """Let ``by`` sign with a passkey of their own."""
    passkey = SoftPasskey(by)
    passkey.register()
    document = grants.fresh(grant).agreement.signed_sha256
    challenge = actions.begin_signing(grant=grant, method="passkey", document_sha256=document, by=by)
    answer = passkey.answer(passkeys.request_options(challenge))
    given = {"nonce": challenge.nonce, "credential": answer, "origin": ORIGIN}
    return sign(grant=grants.fresh(grant), document_sha256=document, by=by, **given)


@pytest.fixture
def amended():
    """A grant in force by three passkeys, with one amendment."""
    grant = grants.grant_in("awaiting_signature")
    for director in grants.directors_of(grant)[:2]:
        grants.declare(grant, director)
        signed_by_passkey(grant, director)
    signed_by_passkey(grant, grants.owner_of(grant), sign=actions.countersign_agreement)
    actions.seal_agreement(agreement=grants.fresh(grant).agreement, by=grants.system())
    amendments.amendment_in("in_force", grants.fresh(grant))
    return grants.fresh(grant)


def test_passkeys_and_amendments_are_checked_without_the_portal(amended, tmp_path):
    files = bundle_of(amended)
    assert found(files) == ([], True)
    assert {"amendment-v2/sealed.pdf", "amendment-v2/signed.pdf", "amendment-v2/terms.json"} <= set(files)

    path = tmp_path / "evidence.zip"
    path.write_bytes(pack(files))
    done = run(path)
    assert done.returncode == 0, done.stdout + done.stderr
    proven = f"S-{amended.number}-1, S-{amended.number}-2, S-{amended.number}-3"
    assert f"Signed by passkey, checked here: {proven}." in done.stdout
    assert "The seal of amendment-v2" in done.stdout

    # A change is found even in a bundle whose manifest was signed again.
    for part in ("signature", "client_data_json", "authenticator_data", "public_key"):
        told, ok = found(signed_again(edited(files, "signatures.json", lambda value, part=part: flip(value, part))))
        assert (ok, any("agreement-v1" in text for text in told)) == (False, True), part
    other = json.loads(files["amendment-v2/terms.json"])
    other["amendment"]["amends"]["sealed_sha256"] = "0" * 64
    assert not found(signed_again({**files, "amendment-v2/terms.json": json.dumps(other).encode()}))[1]


def flip(signatures, part):
    """Change one bit in the middle of a part of the first assertion."""
    content = bytearray(assertions.decode(signatures[0]["assertion"][part]))
    content[len(content) // 2] ^= 1
    signatures[0]["assertion"][part] = assertions.encode(bytes(content))
