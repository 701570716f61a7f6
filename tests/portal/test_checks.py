"""The checks at start-up."""

import pytest

from vetting_portal import checks
from vetting_portal.checks import scanner_has_an_address


@pytest.mark.parametrize("address", ["none", "127.0.0.1:3310", "tcp://scanner:3310", "/run/clamd.ctl", "[::1]:3310"])
def test_a_scanner_with_an_address_is_taken(settings, address):
    settings.SCANNER = address
    assert scanner_has_an_address() == []


@pytest.mark.parametrize("address", ["", "clamd", "http://scanner/", "scanner:port"])
def test_a_scanner_without_an_address_is_named_at_the_start(settings, address):
    settings.SCANNER = address
    (error,) = scanner_has_an_address()
    assert (error.id, error.msg.startswith("SCANNER is neither none nor")) == ("portal.E004", True)


@pytest.mark.django_db
@pytest.mark.parametrize(("behind", "found"), [(True, ["portal.W001"]), (False, ["portal.E001"])])
def test_a_missing_trigger_stops_the_start_but_not_the_migration_that_makes_it(monkeypatch, behind, found):
    monkeypatch.setattr(checks, "missing_triggers", lambda: iter(["grant_signed_enough"]))
    monkeypatch.setattr(checks.MigrationExecutor, "migration_plan", lambda *_: [("grants", "0003")] if behind else [])
    assert [message.id for message in checks.guards_are_there(["default"])] == found
