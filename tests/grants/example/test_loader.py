import json

import pytest
from django.core.management import call_command
from django.test import override_settings

from grants.example.loader import load_example, sign_ins
from partners.organisations.models import Membership, Organisation
from partners.submissions.models import Submission
from partners.vault.models import Document
from vetting_portal.commands import CouldNot
from vetting_portal.invariants import all_breaches
from vetting_portal.models import Funder, User

pytestmark = pytest.mark.django_db

ROLES = {
    "partner_owner",
    "partner_editor",
    "reviewer",
    "programme_officer",
    "director",
    "finance_officer",
    "auditor",
    "administrator",
}


def test_the_example_is_loaded_whole_and_once(capsys):
    call_command("load_example", "--json")
    users = json.loads(capsys.readouterr().out)["users"]
    assert {user["role"] for user in users} == ROLES
    assert all((user["totp_secret"] is None) == user["role"].startswith("partner") for user in users)
    assert all(User.objects.get(email=user["email"]).check_password(user["password"]) for user in users)
    assert Funder.objects.current().is_example
    lift, nuru = Submission.objects.order_by("pk")
    assert (lift.organisation.legal_name, lift.state, lift.submit_blockers()) == ("LIFT International", "draft", [])
    assert (nuru.organisation.legal_name, nuru.state) == ("Nuru Maji Collective", "submitted")
    assert set(Document.objects.values_list("state", flat=True)) == {"accepted"}
    assert not Document.objects.filter(scanned=True).exists()
    assert list(all_breaches()) == []
    with pytest.raises(CouldNot, match="empty database only"):
        call_command("load_example")
    call_command("load_example", "--if-empty", "--json")
    assert json.loads(capsys.readouterr().out)["users"] == users


def test_an_example_that_breaks_half_way_leaves_nothing(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("grants.example.loader.submit_submission", broken)
    with pytest.raises(ZeroDivisionError):
        load_example()
    assert not Organisation.objects.exists()
    assert not Membership.objects.exists()
    assert not Funder.objects.exists()


@override_settings(PRODUCTION=True)
def test_production_refuses_the_example():
    with pytest.raises(CouldNot, match="PRODUCTION=1 refuses"):
        call_command("load_example")


def test_every_sign_in_names_the_organisation_of_a_partner():
    for user in sign_ins():
        assert bool(user["organisation"]) == str(user["role"]).startswith("partner")
