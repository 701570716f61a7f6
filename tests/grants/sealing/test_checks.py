"""What the start says of the seal's settings and of a certificate that ends."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from grants.sealing.actions import denounce_seal_key, present_certificate
from grants.sealing.checks import seal_certificate_lasts, seal_settings_can_work
from tests.support.rig import OURS, ROOT

pytestmark = pytest.mark.django_db


def missing(**variables):
    """Return what the start says when these variables are all that is set."""
    env = {name: value for name, value in os.environ.items() if name not in OURS} | variables
    command = [sys.executable, "-c", "import vetting_portal.settings"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False).stderr


def test_production_names_what_the_seal_lacks(tmp_path):
    assert "SCANNER, SEAL_SECRET." in missing(PRODUCTION="1", DATA_DIR=str(tmp_path))
    told = missing(PRODUCTION="1", DATA_DIR=str(tmp_path), SEALER="kms:x", TSA_URL="https://clock.example")
    assert "SCANNER, TSA_CERTIFICATES." in told


def lasts():
    return [warning.id for warning in seal_certificate_lasts(databases=["default"])]


def test_settings_that_work_are_taken(settings, folder, authority):
    assert seal_settings_can_work() == []
    settings.SEALER = "pkcs11:token=a;object=b?module-path=/lib.so"
    assert seal_settings_can_work() == []
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("SEALER", "vault:x", "grants.E001"),
        ("SEALER", "kms:", "grants.E001"),
        ("SEALER", "pkcs11:token=a", "grants.E001"),
        ("SEAL_SECRET", "file:/nowhere", "grants.E001"),
        ("TSA_URL", "clock.example", "grants.E002"),
        ("TSA_CERTIFICATES", "/nowhere", "grants.E003"),
        ("SEAL_CERTIFICATE", "/nowhere", "grants.E003"),
    ],
)
def test_a_setting_that_cannot_work_is_named(settings, authority, name, value, error):
    setattr(settings, name, value)
    assert [found.id for found in seal_settings_can_work()] == [error]


def test_a_certificate_that_ends_soon_is_told(folder, by, time_machine):
    assert lasts() == []
    certificate = present_certificate(by=by)
    assert lasts() == []
    time_machine.move_to(certificate.ends_at - timedelta(days=29))
    assert lasts() == ["grants.W003"]


def test_another_setting_and_no_key_are_told(folder, by, settings):
    certificate = present_certificate(by=by)
    settings.SEALER = "kms:another"
    assert lasts() == ["grants.W002"]
    denounce_seal_key(certificate=certificate, since=timezone.now(), reason="Lost.", by=by)
    assert lasts() == ["grants.W001"]
