"""Reminders: 60, 30 and 7 days before the end, once each, the nearest only, one message for an organisation."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, transaction

from partners.models import Document, Organisation, RenewalNotice
from partners.vault import actions
from partners.vault.renewal import criteria_by_code, nearest_mark, organisations_with_endings
from reviews.holds.actions import release_hold
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    default_checklist,
)
from tests.factories.portal import FunderFactory, UserFactory
from tests.factories.reviews import REASON, hold_on
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 25, 15, tzinfo=UTC), tick=False) as moved:
        FunderFactory()
        default_checklist()
        yield moved


def paper_ending(organisation: Organisation, left: int, kind: str = "bank_letter", **fields: Any) -> Document:
    """Return an accepted version with ``left`` days to the end date that stands on it."""
    paper = PaperFactory(organisation=organisation, kind=kind, title=fields.pop("title", kind))
    fields = {"issued_on": TODAY - timedelta(days=20), "expires_on": TODAY + timedelta(days=left), **fields}
    return DocumentFactory(paper=paper, accepted=True, **fields)


def run_day() -> list[mail.EmailMessage]:
    """Do what the worker does on a day, and return the messages it sends."""
    before = len(mail.outbox)
    actions.remind_everybody.enqueue()
    drain()
    return mail.outbox[before:]


@pytest.mark.parametrize(
    ("left", "mark"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)]
)
def test_the_nearest_mark(left: int, mark: int | None) -> None:
    assert nearest_mark(left) == mark


def test_each_mark_is_reminded_of_once(clock: Any) -> None:
    document = paper_ending(OrganisationFactory(), 61)
    sent = []
    for day in range(65):
        clock.move_to(datetime(2026, 11, 25, 15, tzinfo=UTC) + timedelta(days=day))
        sent += [(61 - day, message.subject) for message in run_day() + run_day()]
    assert [left for left, _ in sent] == [60, 30, 7]
    assert {subject for _, subject in sent} == {"bank_letter: send a newer one"}
    assert list(document.renewal_notices.values_list("mark", flat=True)) == [60, 30, 7]


def test_after_a_pause_the_nearest_mark_only(clock: Any) -> None:
    document = paper_ending(OrganisationFactory(), 61)
    clock.move_to(datetime(2026, 11, 25, 15, tzinfo=UTC) + timedelta(days=41))
    assert len(run_day()) == 1
    clock.move_to(datetime(2026, 11, 25, 15, tzinfo=UTC) + timedelta(days=58))
    assert len(run_day()) == 1
    assert list(document.renewal_notices.values_list("mark", flat=True)) == [30, 7]


def test_one_message_for_an_organisation_with_all_of_it(clock: Any) -> None:
    organisation = OrganisationFactory(legal_name="LIFT")
    editor = MembershipFactory(organisation=organisation).user
    MembershipFactory(organisation=organisation, ended=True)
    paper_ending(organisation, 40, title="Letter")
    paper_ending(organisation, 5, title="Certificate", kind="registration_certificate")
    paper_ending(organisation, 200, title="Later")
    paper_ending(organisation, -1, title="Over")
    paper_ending(OrganisationFactory(), 90)
    (message,) = run_day()
    assert message.to == [organisation.created_by.email, editor.email]
    assert message.subject == "2 papers end soon: send newer ones"
    lines = [line for line in message.body.splitlines() if line.startswith("- ")]
    assert lines == [
        "- Certificate: good until 30 November 2026 (5 days left)",
        "- Letter: good until 4 January 2027 (40 days left)",
    ]
    assert f"/organisations/{organisation.pk}/papers/" in message.body
    entry = AuditEntry.objects.about(organisation).get(event="renewals_reminded")
    assert entry.actor_id == User.objects.system("background").pk


@pytest.mark.parametrize(
    ("kind", "issued_on", "due"),
    [
        ("board_list", date(2025, 12, 20), True),  # good for 12 months
        ("board_list", date(2026, 3, 1), False),
        ("accounts", date(2025, 6, 30), True),  # 18 months after the end of the year
        ("finance_policy", date(2025, 1, 10), False),  # 24 months: 46 days left, but see below
        ("proposal", date(2025, 12, 20), False),  # good for its submission, whatever its age
        ("other", date(2025, 12, 20), False),
    ],
)
def test_what_has_no_end_date_ends_by_the_rule_of_its_criterion(
    clock: Any, kind: str, issued_on: date, *, due: bool
) -> None:
    if kind == "finance_policy":
        issued_on = date(2025, 3, 10)
    paper_ending(OrganisationFactory(), 0, kind, issued_on=issued_on, expires_on=None)
    assert len(run_day()) == int(due)


def test_the_query_finds_all_that_the_rule_finds(clock: Any) -> None:
    """Papers of each kind and age: what the condition leaves out has nothing to be reminded of."""
    found = {}
    for kind in ("registration_certificate", "board_list", "accounts", "consent_form", "budget", "other"):
        for months in (5, 11, 12, 17, 18, 23, 24, 35, 36):
            organisation = OrganisationFactory(people=False)
            issued = TODAY - timedelta(days=round(months * 30.44) - 20)
            paper_ending(organisation, 0, kind, issued_on=issued, expires_on=None)
            found[organisation.pk] = (kind, months)
    asked = set(organisations_with_endings(TODAY))
    for pk, case in found.items():
        by = User.objects.system("background")
        said = actions.remind_of_renewals(organisation=Organisation.objects.get(pk=pk), today=TODAY, by=by)
        assert not said or pk in asked, case
    assert len(asked) < len(found)


def test_no_reminder_once_a_newer_one_is_on_its_way(clock: Any) -> None:
    document = paper_ending(OrganisationFactory(), 20)
    newer = DocumentFactory(paper=document.paper)
    assert run_day() == []
    actions.reject_document(document=newer, reason="Not readable.", by=User.objects.system("background"))
    drain()
    assert [message.subject for message in run_day()] == ["bank_letter: send a newer one"]


def test_a_held_organisation_is_not_written_to_and_is_after_the_hold(clock: Any) -> None:
    organisation = OrganisationFactory()
    paper_ending(organisation, 20)
    hold = hold_on(organisation)
    assert run_day() == []
    assert not RenewalNotice.objects.exists()
    for role in ("programme_officer", "director"):
        release_hold(hold=hold, reason=REASON, by=UserFactory(roles=[role], totp=True))
    drain()
    assert len(run_day()) == 1


def test_nobody_is_written_to_where_nobody_acts_any_more(clock: Any) -> None:
    document = paper_ending(OrganisationFactory(), 20)
    organisation = document.paper.organisation
    organisation.memberships.update(until_at=datetime.now(UTC), ended_by=organisation.created_by)
    assert run_day() == []


def test_without_a_checklist_only_end_dates_count(clock: Any) -> None:
    assert "C1" in criteria_by_code()
    assert organisations_with_endings(TODAY) == []


@pytest.mark.both
def test_the_database_takes_a_mark_once(clock: Any) -> None:
    document = paper_ending(OrganisationFactory(), 20)
    assert len(run_day()) == 1
    notice = {"document": document, "mark": 30, "ends_on": TODAY, "noticed_at": datetime.now(UTC)}
    with pytest.raises(DatabaseError), transaction.atomic():
        RenewalNotice.objects.create(**notice)
    with pytest.raises(DatabaseError), transaction.atomic():
        RenewalNotice.objects.update(mark=7)
