"""A gift in dispute waits for finance, who answers it where it was paid, until its outcome is told."""

import pytest
from django.test import Client
from django.urls import reverse

from grants.campaigns.actions import record_dispute
from grants.campaigns.models import Gift
from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import give, opened
from vetting_portal.duties import duties_about
from vetting_portal.models import User


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
