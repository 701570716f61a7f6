"""The migration takes over the certificate of a key that was there before, so that its seals count without a gap."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from grants.agreements.verification import seal_holds
from grants.sealing.actions import present_certificate
from grants.sealing.keys.local import FIRST, LocalKey
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import seal
from tests.support.rig import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.both]
(NAME,) = [path.stem for path in (ROOT / "grants/migrations").glob("*_agreements_that_hold.py")]
migration = import_module(f"grants.migrations.{NAME}")


class Editor:
    """What the migration asks of Django's schema editor."""

    connection = connection


def test_the_key_that_was_there_seals_on(folder, sheet, by):
    certificate = LocalKey.of(folder, "", "").certificate()
    migration.take_over(apps, Editor)
    recorded = SealCertificate.objects.get()
    assert recorded.pem.encode() == certificate
    assert present_certificate(by=by) == recorded
    assert seal_holds(seal(sheet, digest="0" * 64, certificate=recorded)) == (True, True)


def test_without_one_nothing_is_taken_over(folder):
    migration.take_over(apps, Editor)
    assert not SealCertificate.objects.exists()
    assert not (folder / FIRST).exists()
