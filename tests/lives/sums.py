"""The one sum: what the tests reckon from the gifts themselves, and every figure that a page, file or export shows."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from grants.models import Campaign, CampaignEvent, Tranche
from tests.grants.matching.naive import Naive
from tests.lives.life import Fault, Life

MONEY = r"([−-]?)\s*(?:[A-Z]{3} |\$|\+ )?([−-]?)([\d,]+(?:\.\d\d)?)"


def reckoned(campaign: Campaign, *, at_closing: bool = False) -> dict[str, Any]:
    """Return the figures of a campaign in cents, told again by the naive rule from gifts and events as they came."""
    grant = campaign.grant
    rule = {
        "cap": campaign.cap_at_start_minor, "ratio": (grant.ratio_p, grant.ratio_q),
        "basis": campaign.rule.basis, "refund_policy": campaign.rule.refund_policy,
    }  # fmt: skip
    for name in ("donor_cap", "gift_cap"):
        if (most := getattr(campaign.rule, name)) is not None:
            rule[name] = most
    naive = Naive(rule)
    for number, (_, event) in enumerate(sorted(_events(campaign), key=lambda item: item[0])):
        naive.play(number, event)
        if at_closing and "close" in event:
            break
    answer = naive.answer()
    answer["raw gross"] = sum(row["gross"] for row in naive.rows)
    answer["refunded"] = sum(row["refunded"] for row in naive.rows)
    return answer


def _events(campaign: Campaign) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield every gift and event with its place, in the words of the match vectors."""
    told = list(campaign.events.order_by("position"))
    corrected = {one.gift_id: one.ineligible_before for one in reversed(told) if one.kind == "eligible"}
    fees = {one.gift_id for one in told if one.kind == "fee"}
    start, end = campaign.grant.window_starts_at, campaign.grant.window_ends_at
    for gift in campaign.gifts.order_by("position"):
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


def cents(text: str) -> int:
    """Return an amount as a page writes it, in cents."""
    whole, _, part = text.replace(",", "").partition(".")
    return int(whole) * 100 + int((part or "0").ljust(2, "0")[:2])


def figure(text: str, label: str) -> tuple[int, bool, bool] | None:
    """Return the amount behind a label, whether with its cents, whether with a minus; None where it is not shown."""
    found = re.search(rf"^{label}\s*\n?\s*{MONEY}", text, re.MULTILINE)
    return (cents(found.group(3)), "." in found.group(3), bool(found.group(1) or found.group(2))) if found else None


# who, page, and behind which words which figure stands
SHOWN = (
    ("finance", "/grants/{grant}/ledger/", {
        "Raised, gross less refunds": "gross", "Matched": "matched", "Payable to the partner today": "payable",
        "Gifts, gross": "raw gross", "Card fees": "fees", "Refunds": "refunded", "Earned": "matched",
        "At risk, in dispute": "at_risk_match",
    }),
    ("officer", "/grants/{grant}/", {"Raised": "gross", "Matched": "matched", "Payable, USD": "payable"}),
    ("director", "/grants/{grant}/", {"Raised": "gross", "Matched": "matched", "Payable, USD": "payable"}),
    ("auditor", "/grants/{grant}/payments/", {"Payable today": "payable", "Paid": "paid"}),
)  # fmt: skip
WHOLE = (("anybody", "/campaign/{slug}/", {"Your gifts": "gross", "Matched": "matched"}),
         ("anybody", "/campaign/{slug}/widget/", {"Gifts": "gross", "Matched": "matched"}))  # fmt: skip


def judge_the_sums(life: Life) -> int:
    """Compare every figure that is shown with the reckoned one; return how many were. Raises Fault."""
    compared = 0
    for campaign in Campaign.objects.exclude(state="planned").select_related("grant"):
        wanted = reckoned(campaign)
        tranches = Tranche.objects.filter(grant=campaign.grant)
        wanted["paid"] = sum(one.amount_minor or 0 for one in tranches if one.state == "paid")
        names = {"grant": campaign.grant.number, "slug": campaign.slug}
        for who, path, labels in SHOWN:
            compared += _on_page(life, who, path.format(**names), labels, wanted)
        for who, path, labels in WHOLE:
            compared += _on_page(life, who, path.format(**names), labels, wanted, whole=True)
        compared += _in_files(life, campaign, wanted)
        if campaign.state == "closed":
            compared += _at_closing(life, campaign)
    return compared


def _on_page(
    life: Life, who: str, path: str, labels: dict[str, str], wanted: dict[str, Any], *, whole: bool = False
) -> int:
    answer = life.people[who].open(path)
    if answer.page is None or answer.status != 200:
        return 0
    text, count = answer.page.text, 0
    text = text[text.rfind("Sign out") + 1 :]
    for label, name in labels.items():
        read = figure(text, re.escape(label))
        if read is None:
            continue
        shown, has_cents, has_minus = read
        expected = wanted[name]
        shown = -shown if has_minus and expected < 0 else shown  # what is taken off has a minus before the amount
        count += 1
        # A page for the public shows whole dollars, never more than there are; what it writes with cents is exact.
        if shown != expected and not (whole and not has_cents and shown == expected // 100 * 100):
            raise Fault(
                "a sum differs", f"{path_kind(path)} {label}", f"{path} shows {shown}, reckoned {expected} cents"
            )
    return count


def path_kind(path: str) -> str:
    """Return a path without the numbers in it."""
    return re.sub(r"\d{4}-\d+|\d+", "N", path)


def _in_files(life: Life, campaign: Campaign, wanted: dict[str, Any]) -> int:
    """Compare what the public data, the ledger's file and the table of gifts say."""
    told = json.loads(life.people["anybody"].open(f"/campaign/{campaign.slug}.json").content)
    _same("campaign.json raised", told["earned"]["raised_minor"], wanted["gross"])
    _same("campaign.json matched", told["earned"]["matched_minor"], wanted["matched"])
    content = life.people["finance"].open(f"/grants/{campaign.grant.number}/gifts.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    for column, name in (("gross", "raw gross"), ("fee", "fees"), ("refunded", "refunded"), ("matched", "matched"),
                         ("net", "net")):  # fmt: skip
        _same(f"gifts.csv {column}", sum(_signed(row[column]) for row in rows), wanted[name])
    response, _ = life.people["finance"].ask("post", "/exports/gifts.csv")
    table = list(csv.DictReader(io.StringIO(response.read.decode("utf-8-sig"))))
    mine = [row for row in table if row["grant"] == campaign.grant.number]
    for column, name in (("gross", "raw gross"), ("matched", "matched")):
        _same(f"exports/gifts.csv {column}", sum(_signed(row[column]) for row in mine), wanted[name])
    return 9


def _signed(text: str) -> int:
    return -cents(text[1:]) if text[:1] in {"-", "−"} else cents(text or "0")


def _same(what: str, shown: int, wanted: int) -> None:
    if shown != wanted:
        raise Fault("a sum differs", what, f"shows {shown}, reckoned {wanted} cents")


def _at_closing(life: Life, campaign: Campaign) -> int:
    """Compare the public statement and its sealed PDF with the figures of the day it closed."""
    response = life.people["anybody"].open(f"/campaign/{campaign.slug}/statement.json")
    if response.status != 200:
        return 0  # not sealed yet
    wanted = reckoned(campaign, at_closing=True)
    figures = json.loads(response.content)["figures"]
    for name, mine in (("matched_minor", "matched"), ("payable_minor", "payable"), ("fees_minor", "fees"),
                       ("gross_minor", "raw gross"), ("refunded_minor", "refunded"), ("net_minor", "net")):  # fmt: skip
        _same(f"statement.json {name}", figures[name], wanted[mine])
    pdf = life.people["officer"].open(f"/grants/{campaign.grant.number}/statement.pdf")
    if pdf.status != 200:
        return 6
    words = words_of_pdf(pdf.content)
    for name in ("matched", "payable"):
        if f"{wanted[name] / 100:,.2f}" not in words:
            raise Fault("a sum differs", f"statement.pdf {name}", f"{wanted[name]} cents are not in: {words[:2000]}")
    return 8


def words_of_pdf(content: bytes) -> str:
    """Return the words of a PDF as ``pdftotext`` reads them."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()
