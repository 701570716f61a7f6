"""A timestamp is believed when it is of our file, for our question, by an authority we trust today; else it is not."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms

from grants.sealing import timestamps
from grants.sealing.failing import CouldNotTimestamp
from grants.sealing.timestamps import ask, check_token, stored_trust
from tests.support.servers import free_port

SHA256 = hashlib.sha256(b"a sealed file").hexdigest()


def test_an_honest_answer_tells_its_time_and_whose_clock_it_is(authority):
    before = datetime.now(UTC).replace(microsecond=0)
    token = ask(SHA256)
    assert before <= token.stamped_at <= datetime.now(UTC)
    assert token.authority == "Common Name: Clock one"
    assert token.pem.count("BEGIN CERTIFICATE") == 2
    assert [one.subject.native["common_name"] for one in stored_trust(token.pem)] == ["Root of the clocks"]
    assert authority.hashes == [SHA256]


def test_openssl_verifies_the_token_from_what_is_stored_alone(authority, tmp_path):
    token = ask(SHA256)
    (tmp_path / "token").write_bytes(token.content)
    (tmp_path / "pem").write_text(token.pem)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-digest",
        SHA256,
        "-token_in",
        "-in",
        tmp_path / "token",
        "-CAfile",
        tmp_path / "pem",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("garbage", "cannot be read"),
        ("empty", "cannot be read"),
        ("long", "too much"),
        ("busy", "status 503"),
        ("nonce", "another question"),
        ("imprint", "not of our file"),
        ("refuses", "refused: rejection"),
        ("expired", "expired, of another use, or of nobody we trust"),
        ("strange", "expired, of another use, or of nobody we trust"),
        ("flipped", "signature does not hold"),
    ],
)
def test_an_answer_that_cannot_be_relied_on_is_refused(authority, behaviour, reason):
    authority.behaviour = behaviour
    with pytest.raises(CouldNotTimestamp, match=reason):
        ask(SHA256)


@pytest.mark.parametrize("behaviour", ["slow", "trickles"])
def test_a_slow_server_is_hung_up_on(authority, behaviour, monkeypatch):
    monkeypatch.setattr(timestamps, "SECONDS", 0.3)
    authority.behaviour = behaviour
    start = datetime.now(UTC)
    with pytest.raises(CouldNotTimestamp, match="does not answer"):
        ask(SHA256)
    assert datetime.now(UTC) - start < timedelta(seconds=0.9)


def test_a_server_that_is_down_is_told(authority, settings):
    settings.TSA_URL = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(CouldNotTimestamp, match=r"does not answer \(ConnectionRefusedError\)"):
        ask(SHA256)


def test_without_roots_nothing_is_believed(authority, settings, tmp_path):
    settings.TSA_CERTIFICATES = str(tmp_path / "none.pem")
    with pytest.raises(CouldNotTimestamp, match="holds no certificates"):
        ask(SHA256)


def test_a_stored_token_is_checked_again_years_later_as_of_its_day(authority):
    token, now = ask(SHA256), datetime.now(UTC)
    trust = stored_trust(token.pem)
    assert check_token(token.content, sha256=SHA256, trusted=trust, at=now) == token
    with pytest.raises(CouldNotTimestamp, match="expired"):
        check_token(token.content, sha256=SHA256, trusted=trust, at=now + timedelta(days=900))
    with pytest.raises(CouldNotTimestamp, match="not of our file"):
        check_token(token.content, sha256="0" * 64, trusted=trust, at=now)


def test_every_changed_byte_of_a_token_is_noticed(authority):
    token, now = ask(SHA256), datetime.now(UTC)
    trust = stored_trust(token.pem)
    signed = cms.ContentInfo.load(token.content)["content"]
    inside = token.content.index(signed["encap_content_info"]["content"].contents)
    for offset in range(inside, inside + 40, 5):
        changed = bytearray(token.content)
        changed[offset] ^= 1
        with pytest.raises(CouldNotTimestamp):
            check_token(bytes(changed), sha256=SHA256, trusted=trust, at=now)
