"""Tranches and reports on their schedules, from the signed terms, and nothing half done."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from grants.agreements.models import Grant
from grants.campaigns.simulation.stage import Stage
from grants.payments.actions import open_campaign, schedule_payments
from grants.payments.models import Tranche
from grants.reports.models import Report
from tests.factories.campaigns import opened, planned
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def test_opening_a_campaign_puts_payments_and_reports_on_their_schedules_once(stage: Stage) -> None:
    campaign = opened(stage)

    schedule_payments(grant=campaign.grant, by=stage.officer)

    tranches = Tranche.objects.values_list("number", "share_bp", "due_on", "state")
    assert list(tranches) == [
        (1, 5000, date(2026, 11, 12), "scheduled"),
        (2, 4000, date(2027, 1, 15), "scheduled"),
        (3, 1000, None, "scheduled"),
    ]
    assert list(Report.objects.values_list("title", "due_on", "state")) == [
        ("Start note", date(2026, 10, 15), "draft"),
        ("Final report", date(2027, 10, 30), "draft"),
    ]


def test_a_campaign_opens_only_when_its_grant_is_in_force(stage: Stage) -> None:
    campaign = planned(stage)
    grant = Grant.objects.get(pk=campaign.grant_id)
    values = {field.attname: getattr(grant, field.attname) for field in Grant._meta.concrete_fields}
    Grant(**{**values, "state": Grant.State.APPROVED}).save(force_update=True)

    with pytest.raises(Refused, match="not in force"):
        open_campaign(campaign=campaign, by=stage.officer)
    with pytest.raises(Refused, match="not in force"):
        schedule_payments(grant=grant, by=stage.officer)

    assert not Tranche.objects.exists()


def test_only_the_officer_opens(stage: Stage) -> None:
    with pytest.raises(PermissionDenied):
        open_campaign(campaign=planned(stage), by=stage.finance)


def test_nothing_is_written_when_the_trail_cannot_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = planned(stage)

    def fail(_drafts: Any) -> None:
        raise RuntimeError("the trail is full")

    monkeypatch.setattr("vetting_portal.audit.append", fail)
    with pytest.raises(RuntimeError, match="trail is full"):
        open_campaign(campaign=waiting, by=stage.officer)

    assert not Tranche.objects.exists()
    assert not Report.objects.exists()
