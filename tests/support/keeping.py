"""Real keepers of a seal's key for the tests: a token of SoftHSM2, and a key service (moto) that really signs."""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.servers import free_port, listens, own_folder, start_server, wait_for

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
TOKEN = "portal"
REGION = "us-east-1"


@dataclass(frozen=True)
class Token:
    """A token, where its library is, and its PIN."""

    module: str
    pin: str
    config: Path

    def source(self, label: str) -> str:
        """Return the value of SEALER for one of its keys."""
        return f"pkcs11:token={TOKEN};object={label}?module-path={self.module}"


@dataclass(frozen=True)
class KeyService:
    """A key service, and who may use it."""

    endpoint_url: str

    def client(self):
        """Return a client for what a test must do from outside."""
        return boto3.client("kms", endpoint_url=self.endpoint_url, region_name=REGION)

    def make(self, spec: str, usage: str = "SIGN_VERIFY") -> str:
        """Make a key and return the value of SEALER for it."""
        return f"kms:{self.client().create_key(KeySpec=spec, KeyUsage=usage)['KeyMetadata']['KeyId']}"


def _import(key, label: str, number: str, folder: Path, pin: str, env: dict[str, str]) -> None:
    path = folder / f"{label}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    command = ["softhsm2-util", "--import", path, "--token", TOKEN, "--label", label, "--id", number, "--pin", pin]
    subprocess.run(command, env=env, check=True, capture_output=True)


@pytest.fixture(scope="session")
def made_token() -> Token:
    """A token with two keys, ``ec`` and ``rsa``, made once for the run."""
    folder, pin = own_folder("portal-token-"), "7319"
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    env = {**os.environ, "SOFTHSM2_CONF": str(config)}
    made = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "4711", "--pin", pin]
    subprocess.run(made, env=env, check=True, capture_output=True)
    _import(ec.generate_private_key(ec.SECP256R1()), "ec", "01", folder, pin, env)
    _import(rsa.generate_private_key(65537, 2048), "rsa", "02", folder, pin, env)
    module = next(path for path in LIBRARIES if Path(path).exists())
    return Token(module, pin, config)


@pytest.fixture
def token(made_token: Token, settings, monkeypatch) -> Token:
    """The token, with its PIN set; a test sets SEALER to ``token.source("ec")``."""
    monkeypatch.setenv("SOFTHSM2_CONF", str(made_token.config))
    settings.SEAL_SECRET = made_token.pin
    return made_token


@pytest.fixture(scope="session")
def started_key_service() -> KeyService:
    """The key service, started once for the run and ended with it."""
    folder, port = own_folder("portal-kms-"), free_port()
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)]
    start_server(command, folder=folder, env={})
    wait_for(lambda: listens(port), what="The key service", log=folder / "server.log")
    return KeyService(f"http://127.0.0.1:{port}")


@pytest.fixture
def aws(monkeypatch) -> None:
    """Credentials and region as boto3 finds them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", secrets.token_hex(10))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(20))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def key_service(started_key_service: KeyService, aws, monkeypatch) -> KeyService:
    """The key service, found by its address; a test sets SEALER to ``key_service.make("ECC_NIST_P256")``."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", started_key_service.endpoint_url)
    return started_key_service
