"""Gifts in other currencies: a refund in the gift's own reverses what it was settled at, to the last cent (R9)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.campaigns import invariants
from grants.campaigns.actions import record_dispute, refund_gift
from grants.campaigns.models import CampaignEvent, Gift
from grants.campaigns.rows import RowsRefused
from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import give, opened

pytestmark = pytest.mark.both
EUROS = {"original_currency": "EUR", "original_minor": 1_000, "rate": "1.0801"}


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


def test_a_refund_reverses_the_settled_amount_in_proportion(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 1_081, by=stage.finance, **EUROS)

    for amount, refunded in ((333, 359), (333, 719), (334, 1_081)):
        done = refund_gift(campaign=campaign, gift_key="a", amount_minor=amount, currency="EUR", by=stage.finance)
        assert done.gift.refunded_minor == refunded

    gift = Gift.objects.get()
    assert (gift.original_refunded_minor, gift.matched_minor, gift.state) == (1_000, 0, "refunded")
    assert breaches() == []


def test_a_refund_in_another_currency_is_refused(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 1_080, by=stage.finance, **EUROS)
    give(campaign, "b", 1_080, by=stage.finance)

    for key, currency in (("a", "USD"), ("a", "JPY"), ("b", "EUR")):
        with pytest.raises(ValidationError, match="another currency is refused"):
            refund_gift(campaign=campaign, gift_key=key, amount_minor=5, currency=currency, by=stage.finance)
    with pytest.raises(ValidationError, match="more than what is left"):
        refund_gift(campaign=campaign, gift_key="a", amount_minor=1_001, by=stage.finance)

    assert set(Gift.objects.values_list("refunded_minor", flat=True)) == {0}
    assert CampaignEvent.objects.count() == 0


def test_one_that_waits_is_applied_or_refused_when_its_gift_comes(stage: Stage) -> None:
    campaign = opened(stage)
    for key, currency in (("right", "EUR"), ("wrong", "USD"), ("other", "EUR")):
        refund_gift(
            campaign=campaign, gift_key=key, total_minor=500, refund_key=key, currency=currency, by=stage.finance
        )

    give(campaign, "right", 1_081, by=stage.finance, **EUROS)
    give(campaign, "wrong", 1_081, by=stage.finance, **EUROS)
    give(campaign, "other", 1_081, by=stage.finance)
    again = refund_gift(
        campaign=campaign, gift_key="right", total_minor=500, refund_key="right", currency="EUR", by=stage.finance
    )

    assert dict(Gift.objects.values_list("key", "refunded_minor")) == {"right": 540, "wrong": 0, "other": 0}
    assert not again.is_new
    assert dict(CampaignEvent.objects.values_list("key", "outcome")) == {
        "right": "applied", "wrong": "refused", "other": "refused",
    }  # fmt: skip
    assert breaches() == []


def test_a_whole_refund_and_a_lost_dispute_take_all_of_both(stage: Stage) -> None:
    campaign = opened(stage)
    for key in "ab":
        give(campaign, key, 1_081, by=stage.finance, **EUROS)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=1, by=stage.finance)

    refund_gift(campaign=campaign, gift_key="a", by=stage.finance)
    record_dispute(campaign=campaign, gift_key="b", dispute_key="d", status="lost", by=stage.machine)

    assert set(Gift.objects.values_list("refunded_minor", "original_refunded_minor")) == {(1_081, 1_000)}
    assert breaches() == []


def test_a_refund_too_small_for_a_cent_is_not_forgotten(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 3, by=stage.finance, original_currency="VND", original_minor=1_000, rate="0.00003")

    amounts = [
        refund_gift(campaign=campaign, gift_key="a", amount_minor=250, by=stage.finance).gift.refunded_minor
        for _ in range(4)
    ]

    assert amounts == [0, 1, 2, 3]
    assert breaches() == []


@given(
    settled=st.integers(1, 5_000),
    original=st.integers(1, 5_000),
    parts=st.lists(st.integers(1, 2_000), min_size=1, max_size=6),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_goes_back_is_the_floor_of_the_proportion_and_all_at_the_end(
    stage: Stage, settled: int, original: int, parts: list[int]
) -> None:
    with transaction.atomic():
        campaign = opened(stage)
        give(campaign, "a", settled, by=stage.finance, original_currency="EUR", original_minor=original, rate="x")
        back = 0
        for part in parts:
            if part <= original - back:
                back += part
                refund_gift(campaign=campaign, gift_key="a", amount_minor=part, by=stage.finance)
                assert Gift.objects.get(key="a").refunded_minor == settled * back // original
        if back < original:
            refund_gift(campaign=campaign, gift_key="a", amount_minor=original - back, by=stage.finance)
        gift, broken = Gift.objects.get(key="a"), breaches()
        transaction.set_rollback(True)

    assert (gift.refunded_minor, gift.state, broken) == (settled, "refunded", [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"original_currency": "EUR"}, "names that currency"),
        ({**EUROS, "original_currency": "USD"}, "not USD"),
        ({**EUROS, "original_currency": "eu"}, "three capital letters"),
        ({**EUROS, "original_minor": 0}, "more than zero"),
        ({**EUROS, "rate": "1" * 25}, "longer than 24"),
    ],
)
def test_a_half_told_currency_is_refused(stage: Stage, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(RowsRefused, match=reason):
        give(opened(stage), "a", 100, by=stage.finance, **changes)


def test_the_database_keeps_what_was_given_whole(stage: Stage) -> None:
    gift = give(opened(stage), "a", 1_080, by=stage.finance, **EUROS)

    for changes in ({"rate": ""}, {"original_refunded_minor": 1_001}, {"original_minor": None}):
        with pytest.raises(IntegrityError, match="gift_original_whole_or_none"), transaction.atomic():
            Gift.objects.filter(pk=gift.pk).update(**changes)
