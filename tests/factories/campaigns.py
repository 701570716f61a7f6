"""Campaigns, gifts and reports for tests: on the stage of the simulation, so that each stands on a grant in force."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.actions import plan_campaign, record_gift
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.rows import GiftRow
from grants.campaigns.simulation.stage import WORDS, Stage, grant_in_force, set_stage
from grants.payments.actions import open_campaign
from grants.reports.actions import accept_report, add_story, publish_report, record_consent, save_report, submit_report
from grants.reports.models import Consent, Report, Story
from vetting_portal.models import User

_number = count(1)
RECEIVED = datetime(2026, 10, 1, 12, tzinfo=UTC)
SCHEDULES = {
    "tranches": [
        {"number": 1, "share_bp": 5000, "condition": "Signed and countersigned", "due_on": "2026-11-12"},
        {"number": 2, "share_bp": 4000, "condition": "Report 1 accepted", "due_on": "2027-01-15"},
        {"number": 3, "share_bp": 1000, "condition": "Final report accepted", "due_on": None},
    ],
    "project": {"indicators": [{"text": "People with a named worker", "target": "76 of 80"}]},
    "budget": [
        {"line": "Social workers", "amount_minor": 2_000_000},
        {"line": "Training", "amount_minor": 1_000_000},
    ],
    "reports": [
        {"title": "Start note", "due_on": "2026-10-15"},
        {"title": "Final report", "due_on": "2027-10-30"},
    ],
}


def stage(money: int = 100_000_000) -> Stage:
    """Return a funder with its people, a partner and a fund."""
    return set_stage("USD", money)


def planned(on: Stage, *, cap_minor: int = 1_500_000, **rule: Any) -> Campaign:
    """Return a planned campaign of a grant in force; ``rule`` holds fields of the grant."""
    number = next(_number)
    grant = grant_in_force(on, number, cap_minor=cap_minor, schedules=SCHEDULES, **rule)
    return plan_campaign(grant=grant, slug=f"campaign-{number}", words=WORDS, by=on.officer)


def opened(on: Stage, *, cap_minor: int = 1_500_000, **rule: Any) -> Campaign:
    """Return an open campaign with its schedules."""
    return open_campaign(campaign=planned(on, cap_minor=cap_minor, **rule), by=on.officer)


def row(key: str, gross: int, **changes: Any) -> GiftRow:
    """Return a gift to record."""
    values = {"currency": "USD", "received_at": RECEIVED, "donor_name": f"Donor of {key}", **changes}
    return GiftRow(key=key, gross_minor=gross, **values)


def give(campaign: Campaign, key: str, gross: int, *, by: User, **changes: Any) -> Gift:
    """Record a gift and return it."""
    return record_gift(campaign=campaign, row=row(key, gross, **changes), by=by)[0]


def fresh(campaign: Campaign) -> Campaign:
    """Return the campaign as it stands in the database."""
    return Campaign.objects.with_grant().get(pk=campaign.pk)


def matched(campaign: Campaign) -> list[int]:
    """Return what each gift has earned, in order."""
    return list(Gift.objects.filter(campaign=campaign).order_by("seq").values_list("matched_minor", flat=True))


def member_of(grant: Grant, name: str = "Member") -> User:
    """Return somebody who acts for the partner of the grant."""
    user = User.objects.create_user(f"member{next(_number)}@example.org", name=name)
    grant.submission.organisation.memberships.create(user=user, role="owner", since_at=RECEIVED)
    return user


FULL = {
    "summary": "31 people have a named social worker.",
    "changes": "Nothing.",
    "challenges": "The phone line.",
    "public_line": "31 people have a named worker.",
    "local_currency": "THB",
    "rate": "35.10",
    "received_minor": 1_000_000,
    "charges_minor": 2_500,
    "indicators": [{"text": "People with a named worker", "reached": "31 of 80", "note": ""}],
    "spending": [
        {"line": "Social workers", "spent_local_minor": 30_000_000, "explanation": "Paid in two parts."},
        {"line": "Training", "spent_local_minor": 5_000_000, "explanation": "Half of it is done."},
    ],
}
CONSENT: dict[str, Any] = {
    "given_by": "Mali",
    "is_pseudonym": True,
    "role": "survivor",
    "purpose": "The public page of this report.",
    "covers_words": True,
    "covers_photo": False,
    "how": "written",
    "evidence": None,
    "evidence_note": "Signed sheet 14, in the locked cabinet.",
}
STORY: dict[str, Any] = {
    "title": "A first month",
    "text": "She has a room, a phone and a name to call.",
    "photo_shows": "",
    "nobody_recognisable": False,
}


def report_of(campaign: Campaign) -> Report:
    """Return the first report of the campaign's grant."""
    return Report.objects.for_list().filter(grant=campaign.grant).order_by("number")[0]


def consented(grant: Grant, *, by: User, **changes: Any) -> Consent:
    """Return a consent on record: a survivor's, under a pseudonym, for words; given a month ago, for two years."""
    today = timezone.localdate()
    days = {"given_on": today - timedelta(days=30), "until_on": today + timedelta(days=700)}
    return record_consent(grant=grant, words={**CONSENT, **days, **changes}, by=by)


def told(report: Report, consent: Consent, *, by: User, photo: Any = None, **changes: Any) -> Story:
    """Return a story of an open report."""
    return add_story(report=report, words={**STORY, "consent": consent, **changes}, photo=photo, by=by)


def sent(report: Report, *, by: User, **changes: Any) -> Report:
    """Return the report, filled and sent."""
    save_report(report=report, words={**FULL, **changes}, by=by)
    return submit_report(report=report, by=by)


def published(report: Report, stories: list[Story], *, by: User) -> Report:
    """Return a report that was sent, accepted and published with its stories."""
    accepted = accept_report(report=report, by=by)
    words = {"public_line": "31 people have a named worker.", "public_summary": "Two workers started."}
    return publish_report(report=accepted, **words, stories=stories, by=by)
