"""Why a gift is matched as it is, in plain words: first the rule, then what it came to for this gift."""

from collections.abc import Iterator

from grants.campaigns.models import Campaign, CampaignEvent, Gift
from vetting_portal.money import format_amount


def rule_words(campaign: Campaign) -> str:
    """Return the rule of the match in a sentence or two."""
    rule, cap = campaign.rule, format_amount(campaign.cap_minor, campaign.currency)
    of_what = "a gift, before the card fee" if rule.basis == "gross" else "a gift, after the card fee"
    if rule.ratio_p == rule.ratio_q:
        much = f"The match is as much as {of_what}"
    else:
        much = f"The match is {rule.ratio_p} for every {rule.ratio_q} of {of_what}"
    return f"{much}. Gifts are matched in the order in which they are recorded, until {cap} is used up."


def outcome_words(gift: Gift, campaign: Campaign, *, is_disputed: bool) -> list[str]:
    """Return what the rule came to for one gift, each reason a sentence; never empty."""
    return list(_outcome(gift, campaign, is_disputed=is_disputed))


def _outcome(gift: Gift, campaign: Campaign, *, is_disputed: bool) -> Iterator[str]:
    if gift.refunded_minor and gift.left_minor:
        yield f"{_money(gift, gift.refunded_minor)} went back. Only what is left of the gift counts."
    if gift.ineligible_reason:
        yield f"It is not matched. The reason on record: {gift.ineligible_reason}"
    elif not gift.left_minor:
        yield "All of it went back, and its match with it."
    else:
        yield from _limits(gift, campaign)
    if is_disputed and gift.left_minor:
        yield "A bank asked for it back. Until that is decided, neither the gift nor its match is paid out."


def _limits(gift: Gift, campaign: Campaign) -> Iterator[str]:
    """Yield whether an eligible gift is matched in full, and if not, which limit it met."""
    rule = campaign.rule
    ceiling = rule.ceiling(gross=gift.gross_minor, fee=gift.fee_minor, refunded=gift.refunded_minor)
    if gift.matched_minor == ceiling:
        yield "It is matched in full." if ceiling else "So little is left of it that the match is nothing."
        return
    if rule.gift_cap is not None and gift.matched_minor == rule.gift_cap:
        yield f"It is matched in part: one gift is matched with at most {_money(gift, rule.gift_cap)}."
        return
    how = "matched in part" if gift.matched_minor else "not matched"
    if rule.donor_cap is not None and gift.donor.matched_minor >= rule.donor_cap:
        most = _money(gift, rule.donor_cap)
        yield f"It is {how}: the gifts of one donor are matched with at most {most}, and yours have reached that."
        return
    cap = cap_at(gift, campaign)
    where = "ran out with it" if gift.matched_minor else "was used up before this gift counted"
    yield f"It is {how}: the match of {_money(gift, cap)} {where}."
    if cap < campaign.cap_minor:
        yield f"The match was raised to {_money(gift, campaign.cap_minor)} later, for gifts recorded after that."
    if campaign.state != Campaign.State.CLOSED and rule.refund_policy == "backfill":
        yield "If an earlier gift goes back, its match comes to the next gift in line, which may be yours."


def cap_at(gift: Gift, campaign: Campaign) -> int:
    """Return the match cap that stood when ``gift`` was recorded, in minor units: a later rise serves later gifts."""
    rises = campaign.events.filter(kind=CampaignEvent.Kind.CAP, position__lt=gift.position).order_by("-position")
    before = rises.values_list("cap_minor", flat=True).first()
    return campaign.cap_at_start_minor if before is None else int(before)


def _money(gift: Gift, minor: int) -> str:
    return format_amount(minor, gift.currency)
