"""Awarded grants as 360Giving data: valid by the standard's own schema, exact to the cent, nothing private."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from django.core.management import call_command
from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.actions import plan_campaign
from grants.campaigns.simulation.stage import WORDS
from grants.exports import giving
from grants.exports.actions import take_360giving
from grants.payments.actions import open_campaign
from grants.reports.models import Report
from partners.places.countries import country_choices
from tests.factories import grants, payments
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.commands import CouldNot
from vetting_portal.models import AuditEntry, Funder, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

CHECKER = jsonschema.FormatChecker()


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(text: object) -> bool:
    """Whether it is RFC 3339: a date and a time with an offset."""
    return not isinstance(text, str) or ("T" in text and datetime.fromisoformat(text).tzinfo is not None)


@CHECKER.checks("uri")
def is_uri(text: object) -> bool:
    """Whether it is an address with a scheme and a host."""
    return not isinstance(text, str) or (" " not in text and all(urlsplit(text)[:2]))


@pytest.fixture(scope="session")
def faults(reference_data: Path) -> Callable[[Any], list[str]]:
    """Return what the standard's schema finds wrong with a package."""
    folder = reference_data / "360giving"
    whole, one = (
        json.loads((folder / f"360-giving-{name}schema.json").read_text(encoding="utf-8")) for name in ("package-", "")
    )
    # The package refers to the schema of a grant by its address; nothing is fetched: the file stands in its place.
    assert whole["properties"]["grants"]["items"]["$ref"].endswith("/schema/360-giving-schema.json")
    whole["properties"]["grants"]["items"] = one
    validator = jsonschema.Draft202012Validator(whole, format_checker=CHECKER)
    return lambda package: [f"{fault.json_path}: {fault.message}"[:300] for fault in validator.iter_errors(package)]


def auditor() -> User:
    return UserFactory(roles=["auditor"])


def package(by: User | None = None) -> dict[str, Any]:
    return json.loads("".join(take_360giving(by=by or auditor())))


def with_campaign(grant: Grant) -> Grant:
    """Open its campaign, and let its first report be public."""
    officer = grants.officer_of(grant)
    campaign = plan_campaign(grant=grant, slug="someone-stays", words=WORDS, by=officer)
    open_campaign(campaign=campaign, by=officer)
    _public_report(grant)
    return grant


def _public_report(grant: Grant) -> None:
    """Let its first report be public from now on."""
    officer = grants.officer_of(grant)
    stamps = {f"{name}_{part}": value for name in ("submitted", "accepted", "published")
              for part, value in (("at", timezone.now()), ("by", officer))}  # fmt: skip
    words = {"public_summary": "It has begun.", "public_line": "It has begun."}
    Report.objects.filter(grant=grant, number=1).update(state=Report.State.PUBLISHED, **words, **stamps)


def test_a_grant_in_force_is_valid_and_told_to_the_cent(
    in_force: Grant, faults: Callable[[Any], list[str]], settings: Any
) -> None:
    settings.PUBLIC_URL = "https://grants.example.org"
    Grant.objects.filter(pk=in_force.pk).update(goal_minor=3_000_001)
    grant = with_campaign(grants.fresh(in_force))
    partner, programme = grant.submission.organisation, grant.submission.programme

    text = "".join(take_360giving(by=auditor()))
    told = json.loads(text)
    (one,) = told["grants"]

    assert faults(told) == []
    assert told["version"] == "1.4"
    assert '"amountAwarded": 30000.01' in text
    assert one["id"] == f"US-EIN-00-0000000-{grant.number}"
    assert one["fundingOrganization"] == [{"id": "US-EIN-00-0000000", "name": "Example Fund"}]
    assert one["recipientOrganization"][0]["id"] == f"US-EIN-00-0000000-ORG-{partner.pk}"
    assert one["recipientOrganization"][0]["name"] == partner.legal_name
    assert one["beneficiaryLocation"][0]["countryCode"] == partner.country
    address = f"https://grants.example.org/programmes/{programme.slug}/"
    assert one["grantProgramme"] == [{"code": programme.slug, "title": programme.title, "url": address}]
    assert one["plannedDates"][0]["startDate"] == grant.term_starts_on.isoformat()
    assert one["plannedDates"][0]["endDate"] == grant.term_ends_on.isoformat()
    assert one["awardDate"] == timezone.localdate(grant.approved_at).isoformat()
    assert one["url"] == "https://grants.example.org/campaign/someone-stays/"
    assert one["relatedDocument"] == [
        {
            "id": f"{one['id']}-REPORT-1",
            "title": "Start note",
            "url": f"{one['url']}report/1/",
            "documentType": "Project Report",
        }
    ]
    for private in (grant.signatory_name, grants.owner_of(grant).email, grants.officer_of(grant).name):
        assert private not in text


def test_a_payment_and_a_public_report_change_when_it_was_modified(in_force: Grant, time_machine: Any) -> None:
    campaign = payments.payable(in_force)
    start = timezone.now().replace(microsecond=0)

    def told_after(days: int, act: Callable[[], Any]) -> tuple[Any, datetime]:
        time_machine.move_to(start + timedelta(days=days), tick=False)
        act()
        (one,) = package()["grants"]
        return one["amountDisbursed"], datetime.fromisoformat(one["dateModified"])

    before = told_after(1, lambda: None)
    paid = told_after(3, lambda: payments.paid(campaign))
    published = told_after(5, lambda: _public_report(in_force))

    assert before == (0, in_force.in_force_at.replace(microsecond=0))
    assert paid == (1000, start + timedelta(days=3))
    assert published == (1000, start + timedelta(days=5))


def test_the_schema_finds_what_is_wrong(in_force: Grant, faults: Callable[[Any], list[str]]) -> None:
    told = package()
    (one,) = told["grants"]

    assert faults(told) == []
    assert "relatedDocument" not in one
    for name, wrong in (
        ("dateModified", "yesterday"),
        ("dataSource", "grants.example.org"),
        ("awardDate", "27 March 2026"),
        ("amountAwarded", "30000.00"),
    ):
        assert faults({**told, "grants": [{**one, name: wrong}]}) != [], name
    assert faults({**told, "grants": []}) != []


def test_a_prefix_begins_identifiers_and_a_funder_abroad_needs_one(approved: Grant, settings: Any) -> None:
    settings.GIVING_PREFIX = "360G-example"
    (one,) = package()["grants"]
    assert one["id"] == f"360G-example-{approved.number}"
    assert one["fundingOrganization"][0]["id"] == "US-EIN-00-0000000"

    Funder.objects.update(country="DE", is_example=True)
    told = package()
    assert told["grants"][0]["fundingOrganization"][0]["id"] == told["publisher"]["identifier"] == "360G-example"
    assert told["title"].startswith("Example data, invented: ")

    settings.GIVING_PREFIX = ""
    with pytest.raises(Refused, match="The funder has no identifier"):
        package()


def test_nothing_is_awarded_before_the_directors_have_signed(waiting: Grant, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No grant has been awarded yet"):
        package()

    with pytest.raises(CouldNot, match="No grant has been awarded yet"):
        call_command("export_360giving", "--out", str(tmp_path / "out.json"))
    assert list(tmp_path.iterdir()) == []
    assert not AuditEntry.objects.filter(event="data_exported").exists()


def test_the_command_writes_the_same(approved: Grant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"

    call_command("export_360giving", "--out", str(out))
    call_command("export_360giving")

    written = json.loads(out.read_text(encoding="utf-8"))
    assert [one["title"] for one in written["grants"]] == [approved.title]
    assert json.loads(capsys.readouterr().out)["grants"] == written["grants"]
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(CouldNot):
        call_command("export_360giving", "--out", str(tmp_path / "no" / "out.json"))


def test_a_grant_takes_no_queries_of_its_own(in_force: Grant, django_assert_num_queries: Any) -> None:
    funder = FunderFactory()
    with_campaign(in_force)

    with django_assert_num_queries(2):
        "".join(giving.package(funder))


def test_every_country_of_ours_has_a_code_of_the_standard(reference_data: Path) -> None:
    schema = json.loads((reference_data / "360giving" / "360-giving-schema.json").read_text(encoding="utf-8"))
    codes = set(schema["$defs"]["Location"]["properties"]["countryCode"]["enum"])

    told = {code: giving._location(code).get("countryCode") for code, _ in country_choices()}

    assert {code for code in told.values() if code} <= codes
    assert {code for code, given in told.items() if given is None} == giving.OUTSIDE_ISO


def test_long_titles_are_cut_and_odd_numbers_made_safe(approved: Grant) -> None:
    Grant.objects.filter(pk=approved.pk).update(title="ก" * 200)
    Funder.objects.update(tax_number="12/34 56")

    (one,) = package()["grants"]

    assert one["title"] == f"{'ก' * 139}…"
    assert one["id"] == f"US-EIN-12_34_56-{approved.number}"
