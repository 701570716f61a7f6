"""The one sum: what the tests reckon from the gifts themselves, and every figure that a page, file or export shows."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from grants.models import Campaign, CampaignEvent, Ending, Grant
from tests.grants.matching.naive import Naive
from tests.lives.documents import (
    AMOUNT,
    judge_letters,
    judge_payments,
    judge_receipt,
    judge_tables,
    judge_terms,
    read,
    rows_of,
)
from tests.lives.figures import figure, same, signed, words_of_pdf
from tests.lives.life import Fault, Life


def reckoned(campaign: Campaign, *, at_closing: bool = False, until: datetime | None = None) -> dict[str, Any]:
    """Return the figures of a campaign in cents, told again by the naive rule from gifts and events as they came: all
    of them, those up to its closing, or those recorded ``until`` a moment.
    """
    grant = campaign.grant
    rule = {
        "cap": campaign.cap_at_start_minor, "ratio": (grant.ratio_p, grant.ratio_q),
        "basis": campaign.rule.basis, "refund_policy": campaign.rule.refund_policy,
    }  # fmt: skip
    for name in ("donor_cap", "gift_cap"):
        if (most := getattr(campaign.rule, name)) is not None:
            rule[name] = most
    naive = Naive(rule)
    for number, (_, event) in enumerate(sorted(_events(campaign, until), key=lambda item: item[0])):
        naive.play(number, event)
        if at_closing and "close" in event:
            break
    answer = naive.answer()
    answer["raw gross"] = sum(row["gross"] for row in naive.rows)
    answer["refunded"] = sum(row["refunded"] for row in naive.rows)
    answer["cap"] = naive.cap
    answer["by gift"] = {row["key"]: row for row in naive.rows}
    return answer


def _events(campaign: Campaign, until: datetime | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield every gift and event with its place, in the words of the match vectors; ``until`` a moment, or all."""
    by_then = {"recorded_at__lte": until} if until else {}
    told = list(campaign.events.filter(**by_then).order_by("position"))
    corrected = {one.gift_id: one.ineligible_before for one in reversed(told) if one.kind == "eligible"}
    fees = {one.gift_id for one in told if one.kind == "fee"}
    start, end = campaign.grant.window_starts_at, campaign.grant.window_ends_at
    for gift in campaign.gifts.filter(**by_then).order_by("position"):
        reason = corrected.get(gift.pk, gift.ineligible_reason)
        if not start <= gift.received_at < end:
            reason = reason or "outside the window"
        yield gift.position, {
            "gift": f"{gift.source}\n{gift.key}", "donor": str(gift.donor_id), "gross": gift.gross_minor,
            "fee": 0 if gift.pk in fees else gift.fee_minor, "ineligible": reason,
        }  # fmt: skip
    for event in told:
        yield event.position, _event(event)


def _event(event: CampaignEvent) -> dict[str, Any]:
    gift = f"{event.gift_source}\n{event.gift_key}"
    given = {name: value for name, value in (("amount", event.amount_minor), ("total", event.total_minor))
             if value is not None}  # fmt: skip
    return {
        "refund": {"refund": gift, "id": event.key, **given},
        "dispute": {"dispute": gift, "id": event.key, "status": event.status},
        "eligible": {"eligibility": gift, "ineligible": event.ineligible},
        "fee": {"fee_of": gift, "fee": event.fee_minor},
        "cap": {"cap": event.cap_minor},
        "close": {"close": event.key or "closed"},
    }[event.kind]


# who, page, and behind which words (a regular expression) which figure stands
SHOWN = (
    ("finance", "/grants/{grant}/ledger/", {
        "Raised, gross less refunds": "gross", "Matched(?: so far)?": "matched",
        "Payable to the partner today": "payable", "Gifts, gross": "raw gross", "Card fees": "fees",
        "Refunds": "refunded", "Match earned": "matched", "Cap": "cap", "At risk, in dispute": "at_risk_match",
    }),
    ("officer", "/grants/{grant}/", {"Raised": "gross", "Matched": "matched", "Payable, USD": "payable"}),
    ("director", "/grants/{grant}/", {"Raised": "gross", "Matched": "matched", "Payable, USD": "payable"}),
    ("auditor", "/grants/{grant}/payments/", {"Payable today": "payable", "Paid": "paid"}),
)  # fmt: skip
WHOLE = (("anybody", "/campaign/{slug}/", {"Your gifts": "gross", "Matched": "matched"}),
         ("anybody", "/campaign/{slug}/widget/", {"Gifts": "gross", "Matched": "matched"}))  # fmt: skip
# What is in dispute was granted and is not payable: the page of an ending counts it, as a part of its own.
ON_ENDING = {"Paid": "paid", "Granted so far": "granted", "Unpaid": "unpaid"}


def judge_the_sums(life: Life) -> int:
    """Compare every figure that is shown with the reckoned one; return how many were. Raises Fault."""
    compared = 0
    for campaign in Campaign.objects.exclude(state="planned").select_related("grant"):
        compared += _of_campaign(life, campaign)
    for grant in Grant.objects.order_by("pk"):
        compared += _of_grant(life, grant)
    return compared


def _of_campaign(life: Life, campaign: Campaign) -> int:
    wanted, names = _wanted(campaign), {"grant": campaign.grant.number, "slug": campaign.slug}
    compared = 0
    for who, path, labels in SHOWN:
        compared += _on_page(life, who, path.format(**names), labels, wanted)
    for who, path, labels in WHOLE:
        compared += _on_page(life, who, path.format(**names), labels, wanted, whole=True)
    compared += _in_files(life, campaign, wanted) + judge_receipt(life, campaign, wanted)
    return compared + (_at_closing(life, campaign) if campaign.state == "closed" else 0)


def _wanted(campaign: Campaign) -> dict[str, Any]:
    paid = sum(one.amount_minor or 0 for one in campaign.grant.tranches.filter(state="paid"))
    wanted = reckoned(campaign)
    granted = wanted["net"] + wanted["matched"]
    return {**wanted, "paid": paid, "granted": granted, "unpaid": granted - paid}


def _of_grant(life: Life, grant: Grant) -> int:
    campaign = Campaign.objects.exclude(state="planned").filter(grant=grant).select_related("grant").first()
    compared = judge_terms(life, grant)
    if campaign is None:
        return compared + judge_tables(life, grant, None)
    wanted = _wanted(campaign)
    at_closing = reckoned(campaign, at_closing=True) if campaign.state == "closed" else None
    if grant.state == "in_force" and not Ending.objects.filter(grant=grant).open().exists():
        compared += _on_page(life, "officer", f"/grants/{grant.number}/end/", ON_ENDING, wanted)
    then = reckoned(campaign, until=grant.completed_at) if grant.completed_at else None
    compared += judge_payments(life, grant, wanted, at_closing)
    compared += judge_letters(life, grant, wanted, at_closing, then)
    return compared + judge_tables(life, grant, wanted)


def _on_page(
    life: Life, who: str, path: str, labels: dict[str, str], wanted: dict[str, Any], *, whole: bool = False
) -> int:
    answer = life.people[who].open(path)
    if answer.page is None or answer.status != 200:
        raise Fault("no page of the sums", path_kind(path), f"{who} got {answer.status} at {path}")
    text = answer.page.text
    text = text[text.rfind("Sign out") + 1 :]
    for label, name in labels.items():
        read_there = figure(text, label)
        if read_there is None:
            raise Fault("a figure is missing", f"{path_kind(path)} {label}", text[:3000])
        shown, has_cents, has_minus = read_there
        expected = wanted[name]
        shown = -shown if has_minus and expected < 0 else shown  # what is taken off has a minus before the amount
        # A page for the public shows whole dollars, never more than there are; what it writes with cents is exact.
        if shown != expected and not (whole and not has_cents and shown == expected // 100 * 100):
            raise Fault(
                "a sum differs", f"{path_kind(path)} {label}", f"{path} shows {shown}, reckoned {expected} cents"
            )
    return len(labels)


def path_kind(path: str) -> str:
    """Return a path without the numbers in it."""
    return re.sub(r"\d{4}-\d+|\d+", "N", path)


def _in_files(life: Life, campaign: Campaign, wanted: dict[str, Any]) -> int:
    """Compare what the public data, the ledger's file and the table of gifts say."""
    told = json.loads(life.people["anybody"].open(f"/campaign/{campaign.slug}.json").content)
    same("campaign.json raised", told["earned"]["raised_minor"], wanted["gross"])
    same("campaign.json matched", told["earned"]["matched_minor"], wanted["matched"])
    content = life.people["finance"].open(f"/grants/{campaign.grant.number}/gifts.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    for column, name in (("gross", "raw gross"), ("fee", "fees"), ("refunded", "refunded"), ("matched", "matched"),
                         ("net", "net")):  # fmt: skip
        same(f"gifts.csv {column}", sum(signed(row[column]) for row in rows), wanted[name])
    table = rows_of(life, "gifts")
    mine = [row for row in table if row["grant"] == campaign.grant.number]
    for column, name in (("gross", "raw gross"), ("matched", "matched")):
        same(f"exports/gifts.csv {column}", sum(signed(row[column]) for row in mine), wanted[name])
    return 9


def _at_closing(life: Life, campaign: Campaign) -> int:
    """Compare the public statement and its sealed PDF with the figures of the day it closed."""
    response = life.people["anybody"].open(f"/campaign/{campaign.slug}/statement.json")
    if response.status != 200:
        return 0  # not sealed yet
    wanted = reckoned(campaign, at_closing=True)
    figures = json.loads(response.content)["figures"]
    for name, mine in (("matched_minor", "matched"), ("payable_minor", "payable"), ("fees_minor", "fees"),
                       ("gross_minor", "raw gross"), ("refunded_minor", "refunded"), ("net_minor", "net")):  # fmt: skip
        same(f"statement.json {name}", figures[name], wanted[mine])
    pdf = life.people["officer"].open(f"/grants/{campaign.grant.number}/statement.pdf")
    if pdf.status != 200:
        return 6
    words = words_of_pdf(pdf.content)
    for label, mine in (("Gross", "raw gross"), ("Fees", "fees"), ("Refunds", "refunded"), ("Matched", "matched"),
                        ("Payable to the Partner", "payable")):  # fmt: skip
        shown = read(f"statement.pdf {label}", rf"^\s*{label}\s*[A-Z]{{3}} ({AMOUNT})\s*$", words)
        same(f"statement.pdf {label}", shown, wanted[mine])
    return 11
