"""A seal or a timestamp that fails: nothing half written, staff see why, it is tried again; signing never waits."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements import actions
from grants.agreements.actions import sealing as sealing_actions
from grants.agreements.models import Setback, Timestamp
from grants.agreements.sealing import timestamps_of
from grants.agreements.verification import seal_holds
from grants.sealing.actions import denounce_seal_key as denounce
from grants.sealing.failing import CouldNotSeal
from grants.sealing.models import SealCertificate
from grants.sealing.timestamps import check_token, stored_trust
from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories import grants
from tests.factories.portal import UserFactory
from tests.factories.reviews import officer
from tests.grants import conftest
from tests.support.worlds import world
from vetting_portal.files import read_stored
from vetting_portal.invariants import all_breaches
from vetting_portal.models import AuditEntry, StoredFile
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def waits(function):
    """Return when the tasks of a function that wait for their time will run."""
    ready = DBTaskResult.objects.filter(status="READY")
    return sorted(one.run_after for one in ready if one.task_path.endswith(function))


def countersigned(approved):
    """Return a grant that waits for its seal; mails and drawings of papers, which no test here asks about, are done."""
    drain()
    grants.countersign(approved)
    return approved


grant = world(countersigned, on=conftest.approved, read=grants.fresh)


def fields_of(stamp):
    """Return what another row with the same contents would be made from."""
    return {**{field.attname: getattr(stamp, field.attname) for field in Timestamp._meta.fields}, "id": None}


def signed_in(client, person):
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


@pytest.fixture
def no_key(settings):
    """A key that cannot be opened: the file with its passphrase is gone."""
    settings.SEAL_SECRET = "file:/nowhere"


def test_a_signer_that_is_down_leaves_the_grant_as_it_was_and_is_tried_again(grant, client, key_service, settings):
    settings.SEALER = "kms:00000000-0000-0000-0000-000000000000"
    files = StoredFile.objects.count()
    drain()
    stands = grants.fresh(grant)
    assert (stands.state, stands.agreement.sealed_at) == ("approved", None)
    assert (StoredFile.objects.count(), SealCertificate.objects.count()) == (files, 0)
    setback = Setback.objects.get()
    assert (setback.step, setback.reason[:31]) == ("seal", "The key service did not sign: A")
    assert waits("seal_agreement_task") == [setback.again_at]
    assert setback.again_at - setback.at == timedelta(minutes=1)
    with pytest.raises(PermissionDenied):
        actions.try_again(grant=stands, by=UserFactory(roles=["finance_officer"]))
    page = signed_in(client, grants.officer_of(grant)).get(grant.get_absolute_url()).content.decode()
    assert "Sealing failed." in page
    assert "The key service did not sign" in page
    settings.SEALER = key_service.make("ECC_NIST_P256")
    assert client.post(f"{grant.get_absolute_url()}seal/").status_code == 302
    drain()
    stands = grants.fresh(grant)
    assert stands.state == "in_force"
    assert seal_holds(read_stored(stands.agreement.sealed_file), at=stands.agreement.sealed_at) == (True, True)
    sealed = AuditEntry.objects.get(event="sealed")
    assert sealed.facts["certificate"] == SealCertificate.objects.get().fingerprint
    assert "Sealing failed." not in client.get(grant.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="Nothing failed"):
        actions.try_again(grant=stands, by=grants.officer_of(grant))


def test_the_waits_grow_and_never_end(grant, time_machine, monkeypatch):
    time_machine.move_to(timezone.now(), tick=False)
    monkeypatch.setattr(sealing_actions, "_pdf_of", mock.Mock(side_effect=OSError("no room")))
    drain()
    seen = []
    for _ in range(8):
        (again_at,) = waits("seal_agreement_task")
        seen.append((again_at - timezone.now()).total_seconds() / 60)
        time_machine.move_to(again_at, tick=False)
        drain()
    assert seen == [1, 2, 4, 8, 16, 32, 60, 60]
    assert {one.reason for one in Setback.objects.filter(agreement=grant.agreement)} == {
        "Something unexpected went wrong (OSError). The log says more."
    }


def test_trying_by_hand_makes_no_second_row_of_tries(grant, no_key):
    drain()
    for _ in range(2):
        actions.try_again(grant=grants.fresh(grant), by=grants.officer_of(grant))
        drain()
    assert Setback.objects.count() == 3
    assert len(waits("seal_agreement_task")) == 1


def test_what_is_held_is_left_to_the_release(grant, time_machine):
    place_hold(organisation=grant.submission.organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=officer())
    DBTaskResult.objects.all().delete()
    time_machine.move_to(timezone.now() + timedelta(days=9))
    actions.seal_what_was_left.enqueue()
    drain()
    assert waits("seal_agreement_task") == []


def test_what_was_left_is_sealed_by_the_round_however_old(grant, time_machine):
    DBTaskResult.objects.all().delete()
    time_machine.move_to(timezone.now() + timedelta(days=90))
    actions.seal_what_was_left.enqueue()
    drain()
    assert grants.fresh(grant).state == "in_force"


def test_a_sealed_file_is_stamped_and_stays_as_it_is(grant, authority):
    drain()
    agreement = grants.fresh(grant).agreement
    stamp = timestamps_of(agreement).get()
    assert authority.hashes == [agreement.sealed_sha256] == [stamp.sha256]
    assert (stamp.authority, stamp.server) == ("Common Name: Clock one", authority.url)
    trust = stored_trust(stamp.pem)
    again = check_token(bytes(stamp.token), sha256=agreement.sealed_sha256, trusted=trust, at=stamp.recorded_at)
    assert again.stamped_at == stamp.stamped_at
    assert seal_holds(read_stored(agreement.sealed_file)) == (True, True)
    assert actions.stamp_agreement(agreement=agreement, by=grants.system()) == stamp
    assert authority.asked == 1


def test_a_server_that_lies_never_blocks_signing_and_the_timestamp_comes_later(grant, authority, client, time_machine):
    authority.behaviour = "garbage"
    drain()
    assert grants.fresh(grant).state == "in_force"
    assert not Timestamp.objects.exists()
    reader, place = grants.officer_of(grant), grant.get_absolute_url()
    assert "The timestamp failed." not in signed_in(client, reader).get(place).content.decode()
    (again_at,) = waits("stamp_agreement_task")
    time_machine.move_to(again_at)
    drain()
    assert Setback.objects.filter(step="timestamp").count() == 2
    time_machine.move_to(again_at + timedelta(days=1, hours=1))
    drain()
    assert "The timestamp failed." in signed_in(client, reader).get(place).content.decode()
    authority.behaviour = "honest"
    time_machine.shift(timedelta(days=1))
    drain()
    assert Timestamp.objects.get().authority == "Common Name: Clock one"
    page = signed_in(client, reader).get(place).content.decode()
    assert "The agreement was timestamped by the clock of Common Name: Clock one" in page
    assert "The timestamp failed." not in page


def test_a_server_that_is_set_later_stamps_what_was_sealed_before(grant, authority, settings, time_machine):
    url, settings.TSA_URL = settings.TSA_URL, ""
    drain()
    actions.ask_for_missing_timestamps.enqueue()
    drain()
    assert not Timestamp.objects.exists()
    settings.TSA_URL = url
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    actions.ask_for_missing_timestamps.enqueue()
    drain()
    assert timestamps_of(grants.fresh(grant).agreement).count() == 1
    assert list(all_breaches()) == []
    wrong = Timestamp(**{**fields_of(Timestamp.objects.get()), "token": b"nonsense", "server": "another"})
    wrong.save()
    with mock.patch.object(SealCertificate.objects, "exists", return_value=False):
        assert list(all_breaches()) == [
            "sealed agreements have no certificate on record",
            f"{wrong}: The timestamp cannot be read.",
        ]


@pytest.mark.both
def test_a_timestamp_is_of_the_sealed_file_and_stays(grant, authority):
    drain()
    stamp = Timestamp.objects.get()
    fields = fields_of(stamp)
    with pytest.raises(DatabaseError, match="of the sealed file"), transaction.atomic():
        Timestamp.objects.create(**{**fields, "sha256": "0" * 64, "server": "another"})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Timestamp.objects.update(authority="Somebody")
    with pytest.raises(DatabaseError), transaction.atomic():
        Timestamp.objects.create(**fields)
    assert grants.fresh(grant).agreement.timestamps.count() == 1


def test_a_key_that_is_given_up_while_it_seals_leaves_no_seal(grant, monkeypatch):
    made = sealing_actions.seal

    def seal(*args, **kwargs):
        content = made(*args, **kwargs)
        system = grants.system()
        denounce(certificate=kwargs["certificate"], since=timezone.now() - timedelta(hours=1), reason="Now.", by=system)
        return content

    monkeypatch.setattr(sealing_actions, "seal", seal)
    with pytest.raises(CouldNotSeal, match="given up meanwhile"):
        actions.seal_agreement(agreement=grant.agreement, by=grants.system())
    assert grants.fresh(grant).agreement.sealed_at is None
