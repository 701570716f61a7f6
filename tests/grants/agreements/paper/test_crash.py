"""Freezing and sealing killed at any moment: all of it or nothing, and the next try gives the same bytes."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from grants.agreements.actions import change_grant, freeze_terms, seal_agreement, send_back_grant
from grants.agreements.actions.freezing import _begin_freezing
from grants.agreements.models import Agreement, Brief, Terms
from tests.factories import grants
from tests.support.rig import ROOT
from vetting_portal import audit
from vetting_portal.files import is_stored, read_stored
from vetting_portal.models import AuditEntry, StoredFile, User

# A process of its own, killed for good where it says: before the file is stored, after, inside the transaction that
# records it, after that. It tells the hash of what it stored.
CHILD = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"] = {"location": sys.argv[5]}
from grants.agreements.actions import freezing, sealing
from grants.agreements.models import Agreement, Grant
from vetting_portal.models import User
what, where, pk, by = sys.argv[1], sys.argv[2], int(sys.argv[3]), User.objects.get(pk=sys.argv[4])
module = {"freeze": freezing, "seal": sealing}[what]
put, perform, record = module.put, module.perform, module.record

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def putting(content):
    if where == "before storing":
        die()
    blob = put(content)
    print(blob.sha256, flush=True)
    if where == "after storing":
        die()
    return blob

def performing(*args, **kwargs):
    done = perform(*args, **kwargs)
    if where == "while recording":
        die()
    return done

module.put, module.perform = putting, performing
if what == "freeze":
    freezing.freeze_terms(grant=Grant.objects.get(pk=pk), by=by)
else:
    sealing.seal_agreement(agreement=Agreement.objects.get(pk=pk), by=by)
die()
"""
BEFORE = ["before storing", "after storing", "while recording"]
SIGKILLED = -signal.SIGKILL


def killed(what, where, pk, by):
    """Run one try that is killed; return the hash of the file that it stored, or nothing."""
    connection.close()
    database = connection.settings_dict
    kept = {name: os.environ[name] for name in ("PATH", "DATA_DIR") if name in os.environ}
    address = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        options = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
        address = f"postgres://{options}/{database['NAME']}"
    location = settings.STORAGES["default"].get("OPTIONS", {}).get("location") or str(settings.DATA_DIR / "files")
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, what, where, str(pk), str(by.pk), location],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env={**kept, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "vetting_portal.settings"},
    )  # fmt: skip
    assert ended.returncode == SIGKILLED, ended.stderr
    return ended.stdout.strip()


def frozen_things():
    return [model.objects.count() for model in (Terms, Agreement, Brief, StoredFile)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "places", [BEFORE[1:], pytest.param(BEFORE[:1], marks=pytest.mark.long)], ids=["stored", "set"]
)
def test_freezing_that_is_killed_leaves_all_or_nothing_and_the_next_try_gives_the_same_bytes(places):
    grant = grants.drafted()
    officer, before = grants.officer_of(grant), frozen_things()
    seen = set()
    for where in places:
        stored = killed("freeze", where, grant.pk, officer)
        assert bool(stored) == (where != "before storing")
        assert (grants.fresh(grant).state, grants.fresh(grant).terms) == ("draft", None), where
        assert frozen_things() == before, where
        assert not AuditEntry.objects.filter(event="freeze").exists()
        seen |= {stored} - {""}
    stored = killed("freeze", "after all", grant.pk, officer)
    frozen = grants.fresh(grant)
    assert frozen.state == "awaiting_signature"
    assert seen | {stored} == {frozen.agreement.signed_sha256}
    assert read_stored(frozen.agreement.signed_file).startswith(b"%PDF-")
    assert frozen_things() == [count + 1 for count in before]
    assert AuditEntry.objects.filter(event="freezing_begun").count() == 1
    assert list(audit.breaks()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_sealing_that_is_killed_leaves_all_or_nothing():
    grant = grants.grant_in("approved")
    grants.countersign(grant)
    system, agreement = User.objects.system("background"), grants.fresh(grant).agreement
    for where in BEFORE:
        stored = killed("seal", where, agreement.pk, system)
        fresh = Agreement.objects.get(pk=agreement.pk)
        assert (fresh.sealed_at, fresh.sealed_sha256, grants.fresh(grant).state) == (None, "", "approved"), where
        assert not stored or (is_stored(stored) and not StoredFile.objects.filter(sha256=stored).exists())
    stored = killed("seal", "after all", agreement.pk, system)
    assert Agreement.objects.get(pk=agreement.pk).sealed_sha256 == stored
    assert grants.fresh(grant).state == "in_force"
    seal_agreement(agreement=agreement, by=system)
    assert Agreement.objects.get(pk=agreement.pk).sealed_sha256 == stored
    assert list(audit.breaks()) == []


@pytest.mark.django_db
def test_a_changed_draft_a_late_try_and_a_new_version_take_a_new_time():
    grant = grants.drafted()
    officer = grants.officer_of(grant)
    first = timezone.now().replace(microsecond=0) + timedelta(days=1)
    with time_machine.travel(first, tick=False) as clock:
        assert _begin_freezing(grant=grant, by=officer) == first
        clock.shift(timedelta(minutes=59))
        assert _begin_freezing(grant=grant, by=officer) == first
        change_grant(grant=grant, fields={"title": "Another"}, by=officer)
        assert grants.fresh(grant).frozen_at is None
        second = first + timedelta(minutes=59)
        assert _begin_freezing(grant=grant, by=officer) == second
        clock.shift(timedelta(minutes=61))
        assert _begin_freezing(grant=grant, by=officer) == second + timedelta(minutes=61)
    frozen = freeze_terms(grant=grant, by=officer)
    assert frozen.frozen_at == frozen.terms.frozen_at
    back = send_back_grant(grant=frozen, reason="Wrong.", by=officer)
    assert (back.frozen_at, back.frozen_by) == (None, None)
    with pytest.raises(PermissionDenied):
        _begin_freezing(grant=back, by=grants.finance())
