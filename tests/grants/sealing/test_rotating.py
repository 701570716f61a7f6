"""Another key: old seals stay valid, a stolen key is told apart, and only the command changes which key seals."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from grants.agreements.verification import seal_holds
from grants.sealing.actions import denounce_seal_key, present_certificate, rotate_seal_key
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys.local import FIRST, LocalKey, forget, name_of
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import seal
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def sealed(sheet, by):
    return seal(sheet, digest="0" * 64, certificate=present_certificate(by=by))


def told(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_after_a_rotation_old_seals_hold_and_the_old_key_is_gone(folder, sheet, by):
    old, first = sealed(sheet, by), present_certificate(by=by)
    second = rotate_seal_key(by=by)
    new = sealed(sheet, by)
    assert seal_holds(old) == seal_holds(new) == (True, True)
    first.refresh_from_db()
    assert (first.is_current, first.retired_by, second.is_current) == (False, by, True)
    assert sorted(path.name for path in folder.glob("*.pem")) == [name_of(second.fingerprint)]
    events = AuditEntry.objects.order_by("seq").values_list("event", flat=True)
    assert list(events)[-2:] == ["seal_key_retired", "seal_key_taken_up"]
    third = rotate_seal_key(by=by)
    assert sorted(path.name for path in folder.glob("*.pem")) == [name_of(third.fingerprint)]


def test_a_denounced_key_counts_for_what_was_recorded_before(folder, sheet, by):
    content, certificate, now = sealed(sheet, by), present_certificate(by=by), timezone.now()
    denounce_seal_key(certificate=certificate, since=now - timedelta(hours=1), reason="The disk was copied.", by=by)
    assert seal_holds(content, at=now - timedelta(hours=2)) == (True, True)
    assert seal_holds(content, at=now - timedelta(minutes=59)) == (False, True)
    with pytest.raises(CouldNotSeal, match="given up"):
        sealed(sheet, by)
    rotate_seal_key(by=by)
    assert seal_holds(sealed(sheet, by), at=timezone.now()) == (True, True)


def test_what_was_said_of_a_key_is_said_once(folder, by):
    certificate = present_certificate(by=by)
    with pytest.raises(Refused, match="has passed"):
        denounce_seal_key(certificate=certificate, since=timezone.now() + timedelta(days=1), reason="No.", by=by)
    denounce_seal_key(certificate=certificate, since=timezone.now(), reason="Lost.", by=by)
    with pytest.raises(Refused, match="said of the key before"):
        denounce_seal_key(certificate=certificate, since=timezone.now(), reason="Again.", by=by)


@pytest.mark.both
@pytest.mark.parametrize("change", [{"pem": "another"}, {"fingerprint": "0" * 64}, {"source": "kms:x"}])
def test_a_certificate_on_record_never_changes(folder, by, change):
    certificate = present_certificate(by=by)
    with pytest.raises(DatabaseError, match="stays on record"), transaction.atomic():
        SealCertificate.objects.filter(pk=certificate.pk).update(**change)
    with pytest.raises(DatabaseError, match="stays on record"), transaction.atomic():
        SealCertificate.objects.filter(pk=certificate.pk).delete()


@pytest.mark.both
def test_one_key_seals_at_a_time(folder, by):
    first = present_certificate(by=by)
    rotate_seal_key(by=by)
    with pytest.raises(DatabaseError), transaction.atomic():
        SealCertificate.objects.filter(pk=first.pk).update(is_current=True, retired_at=None, retired_by=None)


def test_another_setting_never_seals_with_another_key(folder, sheet, by, settings):
    sealed(sheet, by)
    settings.SEALER = "kms:somewhere"
    with pytest.raises(CouldNotSeal, match="names another key than the one on record"):
        sealed(sheet, by)


def test_a_key_that_is_not_there_is_not_made_again(folder, sheet, by):
    present_certificate(by=by)
    second = rotate_seal_key(by=by)
    (folder / name_of(second.fingerprint)).unlink()
    with pytest.raises(CouldNotSeal, match="is not in the folder of keys"):
        sealed(sheet, by)
    assert not (folder / FIRST).exists()


def test_another_key_in_the_same_place_is_noticed(folder, sheet, by):
    certificate = present_certificate(by=by)
    (folder / FIRST).unlink()
    LocalKey.of(folder, "", "").certificate()
    with pytest.raises(CouldNotSeal, match="not a signature that its certificate proves"):
        seal(sheet, digest="0" * 64, certificate=certificate)


def test_an_expired_certificate_seals_no_more_and_its_seals_hold(folder, sheet, by, time_machine):
    content, now = sealed(sheet, by), timezone.now()
    time_machine.move_to(now + timedelta(days=365 * 31))
    with pytest.raises(CouldNotSeal, match="rotate_seal_key"):
        sealed(sheet, by)
    assert seal_holds(content, at=now) == (True, True)


def test_the_commands_rotate_list_and_denounce(folder, sheet, by):
    first = present_certificate(by=by)
    assert "seals from now on" in told("rotate_seal_key")
    second = SealCertificate.objects.current()
    assert first.fingerprint in told("seal_keys")
    said = told(
        "seal_keys", "--denounce", second.fingerprint[:12], "--since", "2026-01-02T03:04:00+00:00", "--reason", "Lost"
    )
    assert "2026-01-02" in said
    second.refresh_from_db()
    assert (second.compromised_reason, second.is_current) == ("Lost", False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--denounce", "0000", "--since", "2026-01-02T03:04:00+00:00", "--reason", "x"],
        ["--denounce", "", "--since", "2026-01-02T03:04:00+00:00", "--reason", "x"],
        ["--since", "yesterday"],
    ],
)
def test_the_command_refuses_what_it_cannot_do(folder, by, arguments):
    present_certificate(by=by)
    with pytest.raises(CommandError) as left:
        told("seal_keys", *arguments)
    assert left.value.returncode == 2


def test_forgetting_leaves_other_keys(folder, by):
    present_certificate(by=by)
    forget("0" * 64)
    assert (folder / FIRST).exists()
