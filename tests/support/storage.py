"""A real S3-compatible server for the tests of storage: unsigned and forged requests are refused by it."""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.client import Config
from pytest_django import Settings

from tests.support.servers import free_port, listens, own_folder, start_server, wait_for


@dataclass(frozen=True)
class S3Server:
    """Where the server listens and who may use it."""

    endpoint_url: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    def client(self):
        """Return a signed client, for what a test must see from outside."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def variables(self, bucket: str) -> dict[str, str]:
        """Return the environment of an installation that keeps its files here."""
        return {
            "STORAGE": "s3",
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_REGION": self.region,
            "S3_ACCESS_KEY_ID": self.access_key,
            "S3_SECRET_ACCESS_KEY": self.secret_key,
        }

    def storage(self, bucket: str) -> dict[str, object]:
        """Return the entry of ``STORAGES`` for one bucket."""
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": self.endpoint_url,
                "region_name": self.region,
                "access_key": self.access_key,
                "secret_key": self.secret_key,
                "default_acl": "private",
                "querystring_expire": 60,
                "signature_version": "s3v4",
                "addressing_style": "path",
            },
        }


@pytest.fixture(scope="session")
def s3_server() -> S3Server:
    """The server, started once for the run (for each worker) and ended with it."""
    folder, port = own_folder("portal-s3-"), free_port()
    server = S3Server(f"http://127.0.0.1:{port}", secrets.token_hex(10), secrets.token_hex(20))
    start_server(
        [
            str(Path(sys.executable).with_name("nanio")), "serve", "--host=127.0.0.1", f"--port={port}",
            f"--data-dir={folder / 'data'}", f"--region={server.region}", "--no-access-log",
        ],
        folder=folder,
        env={"NANIO_ACCESS_KEY": server.access_key, "NANIO_SECRET_KEY": server.secret_key},
    )  # fmt: skip
    wait_for(lambda: listens(port), what="The S3 server", log=folder / "server.log")
    return server


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """A new, empty bucket."""
    name = f"portal-{secrets.token_hex(6)}"
    s3_server.client().create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(s3_server: S3Server, s3_bucket: str, settings: Settings) -> S3Server:
    """Keep the portal's files in a new bucket of the S3 server for one test."""
    settings.STORAGES = {**settings.STORAGES, "default": s3_server.storage(s3_bucket)}
    return s3_server
