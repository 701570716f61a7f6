"""A gift in dispute waits for finance, who answers it where it was paid, until its outcome is told."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.actions import note_dispute_response, record_dispute
from grants.campaigns.models import Gift
from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import give, opened
from vetting_portal.duties import duties_about
from vetting_portal.models import AuditEntry, User


def waiting(user: User, record: object) -> list[tuple[str, bool]]:
    """Return the keys of what waits about a record, each with whether it waits for ``user``."""
    found = duties_about(User.objects.get(pk=user.pk), record)
    return [(one.key, one.is_mine) for one in found if one.key == "grants.answer_dispute"]


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_it_waits_for_finance_until_its_outcome_is_told(stage: Stage, outcome: str) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    about = {"campaign": campaign, "gift_key": "a", "dispute_key": "p", "by": stage.machine}
    nothing = waiting(stage.finance, campaign.grant)

    record_dispute(status="open", **about)
    open_ = waiting(stage.finance, campaign.grant), waiting(stage.officer, campaign.grant)
    record_dispute(status="open", **about)
    told_twice = waiting(stage.finance, campaign.grant)
    record_dispute(status=outcome, **about)

    assert nothing == []
    assert open_ == ([("grants.answer_dispute", True)], [("grants.answer_dispute", False)])
    assert told_twice == open_[0]
    assert waiting(stage.finance, campaign.grant) == []


def test_a_dispute_told_before_its_gift_waits_from_the_gift_on(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="open", by=stage.machine)
    before = waiting(stage.finance, campaign.grant)

    give(campaign, "a", 600, by=stage.machine, fee_minor=20)

    assert before == []
    assert waiting(stage.finance, campaign.grant) == [("grants.answer_dispute", True)]


def test_once_finance_has_responded_nobody_is_asked_until_the_bank_asks_again(stage: Stage, client: Client) -> None:
    campaign, at = opened(stage, cap_minor=1_000), timezone.now()
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    dispute = record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="open", by=stage.machine)

    def tell(*, due: bool, hours: int) -> list[tuple[str, bool]]:
        note_dispute_response(
            dispute=dispute,
            needs_response=due,
            at=at + timedelta(hours=hours),
            by=stage.machine,
        )
        return waiting(stage.finance, campaign.grant)

    answered, older, twice = tell(due=False, hours=2), tell(due=True, hours=1), tell(due=False, hours=2)
    client.force_login(stage.finance)
    session = client.session
    session["second_factor"] = True
    session.save()
    page = client.get(Gift.objects.get().get_absolute_url()).text
    again = tell(due=True, hours=3)

    assert (answered, older, twice) == ([], [], [])
    assert again == [("grants.answer_dispute", True)]
    assert "The response is with the bank, which decides" in page
    events = AuditEntry.objects.filter(event__in=["dispute_answered", "dispute_asks_again"]).order_by("pk")
    assert [entry.event for entry in events] == ["dispute_answered", "dispute_asks_again"]


def test_nobody_but_the_portal_notes_a_response(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    dispute = record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="open", by=stage.machine)

    with pytest.raises(PermissionDenied):
        note_dispute_response(dispute=dispute, needs_response=False, at=timezone.now(), by=stage.finance)


def test_my_work_leads_to_the_gift(stage: Stage, client: Client) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 600, by=stage.finance, fee_minor=20)
    record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="open", by=stage.machine)
    client.force_login(stage.finance)
    session = client.session
    session["second_factor"] = True
    session.save()

    page = client.get(reverse("grants:work")).text

    assert "Respond to a disputed gift" in page
    assert f'href="{reverse("grants:gift", args=[Gift.objects.get().pk])}"' in page
    gift = client.get(Gift.objects.get().get_absolute_url()).text
    assert "The donor’s bank has queried or disputed this gift." in gift
    assert "no further payment uses this gift or its match" in gift
