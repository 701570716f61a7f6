"""The campaign page: facts counted from the records, payments as they are made, few queries whatever the size."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from grants.campaigns.actions import plan_campaign, record_gifts
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS, Stage
from grants.payments.actions import open_campaign
from grants.payments.models import Tranche
from grants.public.figures import vetting_facts
from partners.checklists.models import Criterion
from reviews.screening.models import Screening
from tests.factories import grants
from tests.factories.banking import approved, entered
from tests.factories.campaigns import fresh, give, opened, row
from tests.grants.payments.test_pages import text


@pytest.mark.parametrize("gifts", [0, 120])
def test_the_page_takes_few_queries_however_many_gifts(
    stage: Stage, client: Client, gifts: int, django_assert_num_queries: Any
) -> None:
    campaign = opened(stage)
    if gifts:
        record_gifts(campaign=campaign, rows=[row(f"g{n}", 100) for n in range(gifts)], by=stage.finance)

    with django_assert_num_queries(6):
        answer = client.get(f"/campaign/{campaign.slug}/")
    assert f"{gifts} gifts" in text(answer)


def test_vetting_is_told_in_figures_and_nobody_is_named(in_force: Any, client: Client) -> None:
    officer = grants.officer_of(in_force)
    submission = in_force.submission
    campaign = fresh(_opened(in_force, officer))
    facts = vetting_facts(campaign)
    criteria = Criterion.objects.filter(checklist=submission.checklist)
    screening = Screening.objects.latest_of(submission.organisation)
    recommended = submission.recommendations.get(superseded_at__isnull=True)
    counting = [gate for gate in recommended.gates if gate["counts"]]

    assert (facts["checks"], facts["scored"]) == (criteria.count(), criteria.filter(kind="scored").count())
    assert facts["reviewers"] == submission.reviews.filter(state="submitted").count() >= 2
    assert facts["papers"] == submission.evidence_links.values("paper").distinct().count()
    assert (facts["gates"], facts["gates_passed"]) == (len(counting), len(counting))
    assert (facts["names"], facts["screened_at"]) == (screening.name_count, screening.screened_at)
    page = text(client.get(campaign.public_path))
    assert f"{facts['gates_passed']} of {facts['gates']}" in page
    assert "last on" in page
    for person in [*submission.reviews.values_list("reviewer__name", flat=True), officer.name]:
        assert person not in page
    assert [one.name for one in submission.organisation.people.all() if one.name in page] == []


def _opened(grant: Any, officer: Any) -> Campaign:
    planned = plan_campaign(grant=grant, slug="figures", words=WORDS, by=officer)
    return open_campaign(campaign=planned, by=officer)


def test_payments_stand_on_the_page_once_they_are_made(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    before = text(client.get(campaign.public_path))
    tranche = campaign.grant.tranches.get(number=1)
    values = {field.attname: getattr(tranche, field.attname) for field in Tranche._meta.concrete_fields}
    values |= {
        "state": Tranche.State.PAID,
        "amount_minor": 123_456,
        "paid_on": date(2026, 11, 3),
        "bank_reference": "B",
    }
    values |= {f"{step}_at": timezone.now() for step in ("released", "paid")}
    values |= {
        "released_by_id": stage.finance.pk,
        "paid_by_id": stage.officer.pk,
        "details_id": approved(entered(campaign.grant.submission)).pk,
    }
    Tranche(**values).save(force_update=True)

    after = text(client.get(campaign.public_path))

    assert "Nothing has been paid yet" in before
    assert "3 November 2026 · $1,234.56" in after
    assert "Payment 1: Signed and countersigned" in after
    assert "of what is payable" not in after
    assert "Payment 2" not in after


def window(stage: Stage, starts: int, ends: int, **rule: Any) -> Campaign:
    """Return an open campaign whose window starts and ends so many days from now."""
    now = timezone.now()
    days = {"window_starts_at": now + timedelta(days=starts), "window_ends_at": now + timedelta(days=ends)}
    return opened(stage, **days, **rule)


@pytest.mark.parametrize(("starts", "ends"), [(-90, -5), (5, 90)])
def test_no_match_is_promised_outside_the_match_window(stage: Stage, client: Client, starts: int, ends: int) -> None:
    campaign = window(stage, starts, ends)
    first, last = (date_format(day, "j F Y") for day in (campaign.grant.window_first_on, campaign.grant.window_last_on))

    page = text(client.get(campaign.public_path))
    gift = give(campaign, "today", 10_000, by=stage.finance, received_at=timezone.now())

    assert gift.matched_minor == 0
    assert "Give, and it is doubled" not in page
    assert "match it the same day" not in page
    assert f"Only gifts received from {first} to {last} are matched: a gift that comes today is not." in page
    assert f"It counts gifts received from {first} to {last}." in page


def test_the_match_is_promised_inside_its_window_until_it_is_used_up(stage: Stage, client: Client) -> None:
    campaign = window(stage, -5, 90, cap_minor=10_000)

    before = text(client.get(campaign.public_path))
    give(campaign, "all of it", 10_000, by=stage.finance, received_at=timezone.now())
    after = text(client.get(campaign.public_path))

    assert "Give, and it is doubled" in before
    assert "We record it in the order it arrives and match it the same day." in before
    assert "Give, and it is doubled" not in after
    assert "The whole match is used up: a gift that comes today is not." in after


def test_who_opens_a_campaign_reads_its_page_before_and_nobody_else(in_force: Any, client: Client) -> None:
    officer = grants.officer_of(in_force)
    campaign = plan_campaign(grant=in_force, slug="read-first", words=WORDS, by=officer)
    address = f"/campaign/{campaign.slug}/"
    nobody = client.get(address).status_code
    client.force_login(grants.owner_of(in_force))
    owner = client.get(address).status_code
    client.force_login(officer)
    session = client.session
    session["second_factor"] = True
    session.save()
    answer = client.get(address)

    assert (nobody, owner, answer.status_code) == (404, 404, 200)
    assert "This page is not public yet." in answer.text
