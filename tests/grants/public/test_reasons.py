"""Why a gift is matched as it is: each limit has its own sentence, and a refund changes it."""

import pytest

from grants.campaigns.actions import close_campaign, raise_cap, record_dispute, refund_gift
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.simulation.stage import Stage
from grants.public.reasons import rule_words
from grants.public.receipts import receipt_of
from tests.factories.campaigns import fresh, give, opened

NEXT = "If an earlier gift goes back, its match comes to the next gift in line, which may be yours."


def why(campaign: Campaign, key: str) -> list[str]:
    gift = Gift.objects.select_related("campaign__grant__submission", "donor").get(campaign=campaign, key=key)
    return list(receipt_of(gift).outcome)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "The match is as much as a gift, before the card fee."),
        ({"basis": "net"}, "The match is as much as a gift, after the card fee."),
        ({"ratio_p": 1, "ratio_q": 2}, "The match is 1 for every 2 of a gift, before the card fee."),
    ],
)
def test_the_rule_in_words(stage: Stage, rule: dict[str, object], words: str) -> None:
    campaign = opened(stage, cap_minor=15_000, **rule)

    order = "Gifts are matched in the order in which they are recorded, until USD 150.00 is used up."
    assert rule_words(campaign) == f"{words} {order}"


def test_matched_in_full_in_part_and_not_at_all(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    for key in ("full", "part", "none"):
        give(campaign, key, 10_000, by=stage.finance)

    assert why(campaign, "full") == ["It is matched in full."]
    assert why(campaign, "part") == ["It is matched in part: the match of USD 150.00 ran out with it.", NEXT]
    assert why(campaign, "none") == [
        "It is not matched: the match of USD 150.00 was used up before this gift counted.",
        NEXT,
    ]


def test_a_refund_hands_the_match_on_and_both_receipts_say_so(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    for key in ("first", "second", "third"):
        give(campaign, key, 10_000, by=stage.finance)
    refund_gift(campaign=campaign, gift_key="first", amount_minor=5_000, by=stage.finance)

    assert why(campaign, "first") == [
        "USD 50.00 went back. Only what is left of the gift counts.",
        "It is matched in full.",
    ]
    assert why(campaign, "second") == ["It is matched in full."]

    refund_gift(campaign=campaign, gift_key="first", by=stage.finance)
    assert why(campaign, "first") == ["All of it went back, and its match with it."]


def test_a_gift_from_before_the_match_was_raised_is_told_the_match_of_its_day(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    give(campaign, "all of it", 15_000, by=stage.finance)
    give(campaign, "before", 10_000, by=stage.finance)

    raise_cap(campaign=fresh(campaign), cap_minor=20_000, by=stage.machine)
    give(fresh(campaign), "after", 10_000, by=stage.finance)

    assert why(campaign, "before") == [
        "It is not matched: the match of USD 150.00 was used up before this gift counted.",
        "The match was raised to USD 200.00 later, for gifts recorded after that.",
        NEXT,
    ]
    assert why(campaign, "after") == ["It is matched in part: the match of USD 200.00 ran out with it.", NEXT]


def test_after_the_closing_nothing_is_promised(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=5_000)
    give(campaign, "part", 10_000, by=stage.finance)
    close_campaign(campaign=fresh(campaign), by=stage.finance)
    give(fresh(campaign), "late", 10_000, by=stage.finance)

    assert why(campaign, "part") == ["It is matched in part: the match of USD 50.00 ran out with it."]
    assert why(campaign, "late") == [
        "It is not matched. The reason on record: Recorded after the campaign closed."
    ]  # fmt: skip


def test_caps_a_gift_and_a_donor(stage: Stage) -> None:
    campaign = opened(stage, gift_cap_minor=8_000, donor_cap_minor=10_000)
    for key in ("one", "two", "three"):
        give(campaign, key, 9_000, by=stage.finance, donor_email="same@example.org")

    assert why(campaign, "one") == ["It is matched in part: one gift is matched with at most USD 80.00."]
    of_donor = "the gifts of one donor are matched with at most USD 100.00, and yours have reached that."
    assert why(campaign, "two") == [f"It is matched in part: {of_donor}"]
    assert why(campaign, "three") == [f"It is not matched: {of_donor}"]


def test_a_gift_eaten_by_its_fee(stage: Stage) -> None:
    campaign = opened(stage, basis="net")
    give(campaign, "small", 25, by=stage.finance, fee_minor=30)

    assert why(campaign, "small") == ["So little is left of it that the match is nothing."]


def test_an_open_dispute_is_told(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "asked", 10_000, by=stage.finance)
    record_dispute(campaign=campaign, gift_key="asked", dispute_key="d", status="open", by=stage.machine)

    assert why(campaign, "asked") == [
        "It is matched in full.",
        "A bank asked for it back. Until that is decided, neither the gift nor its match is paid out.",
    ]
