"""Whether the match funds behind a grant may and can give what it promises, each reason in plain words."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django.urls import reverse

from vetting_portal.money import format_amount

Problem = tuple[str, str, str]
"""Where it is mended (a control of the grant's form, or an address), what is wrong, what to do."""


def _place(grant: Any, fund: Any) -> str:
    """Return where a fund of the grant is chosen: the form for the first one, a page of its own for the others."""
    return "id_fund" if fund.pk == grant.fund_id else reverse("grants:fund_shares", args=[grant.number])


def free_problems(grant: Any, held_minor: int = 0) -> Iterator[Problem]:
    """Yield the funds that have less free than their part; of the first that is also what is added for card fees.
    ``held_minor`` of both is reserved already: then the grant's own fund alone gives the rest.
    """

    def say(minor: int) -> str:
        return format_amount(minor, grant.currency)

    def top_up_problems(has: int, needs: int, what: str) -> Iterator[Problem]:
        both = needs + (grant.fee_top_up_minor or 0)
        if needs <= has < both:
            hint = f"{first} has {say(has)} free; {what} and this come to {say(both)}."
            yield "id_fee_top_up", "The match fund does not cover what is added for card fees.", hint

    (first, share), *further = grant.parts()
    free = first.free_now()
    if held_minor or not further:
        free += held_minor
        if grant.cap_minor > free:
            hint = f"{first} has {say(free)} free; the cap is {say(grant.cap_minor)}."
            yield "id_cap", "The match cap is more than the match fund has free.", hint
        yield from top_up_problems(free, grant.cap_minor, "the cap")
        return
    page = reverse("grants:fund_shares", args=[grant.number])
    if share <= 0:
        hint = f"The others give {say(grant.cap_minor - share)} of {say(grant.cap_minor)}: nothing is left for {first}."
        yield page, "The further match funds give the whole match.", hint
    if len({fund.pk for fund, _ in further} | {first.pk}) <= len(further):
        yield page, "A match fund is named twice.", "Name each fund once, with all that it gives."
    for fund, minor in [(first, share), *further]:
        has = free if fund.pk == first.pk else fund.free_now()
        if minor > has:
            hint = f"{fund} has {say(has)} free; its share is {say(minor)}."
            yield page, "The share of a match fund is more than it has free.", hint
    yield from top_up_problems(free, share, "its share")


def fund_problems(grant: Any) -> Iterator[Problem]:
    """Yield what keeps a fund behind the grant from matching it: its currency, and what it is bound to. A window in a
    time zone that nobody knows has no days to compare.
    """
    days = (grant.window_first_on, grant.window_last_on) if grant.time_zone in available_timezones() else (None, None)
    for fund, _ in grant.parts():
        place = _place(grant, fund)
        if fund.currency != grant.currency:
            hint = f"{fund} holds {fund.currency}; the grant is in {grant.currency}."
            yield place, "The match fund holds another currency.", hint
        for reason in fund.restriction_blockers(
            programme=grant.submission.programme,
            country=grant.submission.organisation.country,
            first_on=days[0],
            last_on=days[1],
            is_named=grant.__dict__.get("is_fund_named") if fund.pk == grant.fund_id else None,
        ):
            yield place, str(reason), reason.hint
