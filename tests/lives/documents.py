"""What the files, mails, tables and receipts of a grant say of its money, against what the tests reckon."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from grants.models import Amendment, Ending, Grant, Terms
from partners.models import Membership
from tests.lives.figures import cents, same, signed, words_of_pdf
from tests.lives.life import Fault, Life
from tests.lives.people import CAST, PARTNERS
from vetting_portal.outbox import messages_written

AMOUNT = r"[−-]?[\d,]+\.\d\d"
PAID_MAIL = re.compile(rf"We have paid [A-Z]{{3}} ({AMOUNT}) to .*?It is payment (\d+) of grant (\S+?);", re.DOTALL)
RECEIPT = re.compile(r"/receipt/[\w-]{20,}/")
IN_LETTER = (
    "You keep: spent, with evidence",
    "Spent, evidence not accepted yet",
    "Paid, not shown as spent",
    "Not paid",
)
SEALED = ("in_force", "suspended", "completed", "closed", "terminated")


def read(what: str, pattern: str, text: str) -> int:
    """Return the amount, in cents, that a pattern with one group finds. Raises Fault where it is not there."""
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise Fault("a figure is missing", what, text[:1500])
    return signed(found.group(1))


def judge_terms(life: Life, grant: Grant) -> int:
    """The sealed agreement and the newest sealed amendment say the cap and the goal that were agreed."""
    if grant.state not in SEALED:
        return 0
    first = Terms.objects.filter(grant=grant).order_by("version")[0].content["money"]
    text = words_of_pdf(life.people["officer"].open(f"/grants/{grant.number}/agreement.pdf").content)
    same("agreement.pdf cap", read("agreement.pdf cap", rf"^\s*Cap\s*[A-Z]{{3}} ({AMOUNT})", text), first["cap_minor"])
    goal = read("agreement.pdf goal", rf"Total, the granting goal\s*({AMOUNT})", text)
    same("agreement.pdf goal", goal, first["goal_minor"])
    last = Amendment.objects.filter(grant=grant, state="in_force").order_by("pk").last()
    now = last.terms.content["money"] if last else first
    text = life.people["officer"].open(f"/grants/{grant.number}/").page.text
    goal = read("grant page goal", rf"^(?:Goal|Granting goal, [A-Z]{{3}})\s*(?:[A-Z]{{3}} )?({AMOUNT})", text)
    same("grant page goal", goal, now["goal_minor"])
    cap = read("grant page cap", rf"(?:^Match, at most\n|^Goal\n.* a match of at most )({AMOUNT})", text)
    same("grant page cap", cap, now["cap_minor"])
    return 4 + _amendments(life, grant)


def _amendments(life: Life, grant: Grant) -> int:
    """Each sealed amendment says from what to what it changes the goal and the cap, and names neither otherwise."""
    count = 0
    for amendment in Amendment.objects.filter(grant=grant, state="in_force").select_related("base", "terms"):
        text = words_of_pdf(life.people["officer"].open(f"/grants/amendments/{amendment.number}/amendment.pdf").content)
        was, now = (terms.content["money"] for terms in (amendment.base, amendment.terms))
        for label, name in (("Granting goal", "goal_minor"), ("Match, at most", "cap_minor")):
            row = rf"^\s*{label}\s+(?:[A-Z]{{3}} )?({AMOUNT})\s+(?:[A-Z]{{3}} )?({AMOUNT})"
            found = re.search(row, text, re.MULTILINE)
            if (found is not None) != (was[name] != now[name]):
                raise Fault(
                    "a figure is missing", f"amendment.pdf {label}", f"{was[name]} to {now[name]}: {text[:1500]}"
                )
            if found is not None:
                same(f"amendment.pdf {label}, from", cents(found.group(1)), was[name])
                same(f"amendment.pdf {label}, to", cents(found.group(2)), now[name])
                count += 2
    return count


def judge_payments(life: Life, grant: Grant, wanted: dict[str, Any], at_closing: dict[str, Any] | None) -> int:
    """Each payment comes to the same for finance, for the partner, in the table and in the mail; together to the sum
    that Schedule D shares out.
    """
    paid = {one.number: one.amount_minor for one in grant.tranches.filter(state="paid")}
    table = {number: amount for number, state, amount in _table(life, grant) if state == "Paid"}
    if table != paid:
        raise Fault("a sum differs", "exports/payments.csv", f"{table} in the file, {paid} paid")
    count = len(paid)
    if partner := _partner_of(grant):
        text = life.people[partner].open("/partner/payments/").page.text
        for number, amount in paid.items():
            shown = read("partner's payments", rf"^{number} of grant {grant.number}.*?[A-Z]{{3}} ({AMOUNT})Paid", text)
            same("partner's payments", shown, amount)
            count += 1
    count += _paid_mails(grant, paid)
    if at_closing and grant.tranches.count() == len(paid):
        low, high = sorted((wanted["payable"], at_closing["payable"]))
        if not low <= sum(paid.values()) <= high:
            raise Fault("a sum differs", "payments together", f"{paid} paid, {low} to {high} payable")
        count += 1
    return count


def _partner_of(grant: Grant) -> str:
    members = Membership.objects.filter(organisation=grant.submission.organisation, until_at__isnull=True)
    emails = set(members.values_list("user__email", flat=True))
    return next((name for name in PARTNERS if CAST[name].email in emails), "")


def _table(life: Life, grant: Grant) -> Iterator[tuple[int, str, int]]:
    for row in rows_of(life, "payments"):
        if row["grant"] == grant.number:
            yield int(row["no"]), row["state"], signed(row["amount"])


def rows_of(life: Life, table: str) -> list[dict[str, str]]:
    """Return the rows of a table as finance takes it."""
    response, _ = life.people["finance"].ask("post", f"/exports/{table}.csv")
    return list(csv.DictReader(io.StringIO(response.read.decode("utf-8-sig"))))


def _paid_mails(grant: Grant, paid: dict[int, int]) -> int:
    """The newest mail about a payment says what was paid; one that the bank returned was told of before."""
    count, seen = 0, set()
    for message in messages_written():
        for amount, number, of_grant in PAID_MAIL.findall(" ".join(message.body.split())):
            mark = int(number), tuple(message.to)
            if of_grant != grant.number or int(number) not in paid or mark in seen:
                continue
            seen.add(mark)
            same(f"mail about payment {number}", cents(amount), paid[int(number)])
            count += 1
    return count


def judge_letters(
    life: Life, grant: Grant, wanted: dict[str, Any], at_closing: dict[str, Any] | None, then: dict[str, Any] | None
) -> int:
    """What the letters at the end of a grant say adds up, and is what was paid; ``then``: when it was completed."""
    count, officer = 0, life.people["officer"]
    paid = sum(one.amount_minor for one in grant.tranches.filter(state="paid"))
    if grant.completion_letter and grant.state in {"completed", "closed"}:
        text = words_of_pdf(officer.open(f"/grants/{grant.number}/completion.pdf").content)
        paid_there = read("completion.pdf paid", rf"^[^\S\n]*Paid\s*(?:[A-Z]{{3}} )?({AMOUNT})", text)
        same("completion.pdf paid", paid_there, paid)
        granted = paid
        if "Not paid" in text:
            granted = read("completion.pdf granted", rf"and their match\s*(?:[A-Z]{{3}} )?({AMOUNT})", text)
            unpaid = read("completion.pdf not paid", rf"^\s*Not paid\s*[A-Z]{{3}} ({AMOUNT})\s*$", text)
            same("completion.pdf adds up", paid + unpaid, granted)
        moments = [one for one in (at_closing, then) if one]
        most = max((one["net"] + one["matched"] for one in moments), default=0)
        if moments and not min(one["payable"] for one in (wanted, *moments)) <= granted <= most:
            raise Fault("a sum differs", "completion.pdf granted", f"{granted}, reckoned {wanted['payable']}")
        count += 3
    for ending in Ending.objects.filter(grant=grant, state="carried_out"):
        text = words_of_pdf(officer.open(f"/grants/endings/{ending.number}/letter.pdf").content)
        parts = {
            label: read(f"letter.pdf {label}", rf"^\s*{label}\s*(?:[A-Z]{{3}} )?({AMOUNT})\s*$", text)
            for label in IN_LETTER
        }
        granted = read("letter.pdf granted", rf"and their match\s*(?:[A-Z]{{3}} )?({AMOUNT})", text)
        same("letter.pdf adds up", sum(parts.values()), granted)
        same("letter.pdf paid", sum(parts.values()) - parts["Not paid"], paid)
        count += 2
    return count


def judge_tables(life: Life, grant: Grant, wanted: dict[str, Any] | None) -> int:
    """The open data and the table of funds say what was granted, paid and set aside."""
    if grant.state in {"draft", "awaiting_signature", "declined", "lapsed"}:
        return 0  # nothing was awarded
    response, _ = life.people["finance"].ask("post", "/exports/360giving.json")
    if response.status_code != 200:
        raise Fault("no export", "/exports/360giving.json", str(response.status_code))
    package = json.loads(response.read if response.streaming else response.content)
    told = [one for one in package["grants"] if one["id"].endswith(grant.number)]
    for one in told:
        disbursed = round(one.get("amountDisbursed", 0) * 100)
        if wanted is not None:
            same("360giving.json amountDisbursed", disbursed, wanted["paid"])
    funds = rows_of(life, "funds")
    for row in funds:
        parts = sum(signed(row[name]) for name in ("free", "reserved", "matched", "at_risk"))
        same("exports/funds.csv total", signed(row["total"]), parts)
    return len(told) + len(funds)


def judge_receipt(life: Life, campaign: Any, wanted: dict[str, Any]) -> int:
    """The donor of the newest gift reads the match that the tests reckon for it."""
    gift = campaign.gifts.order_by("position").last()
    if gift is None:
        return 0
    response, _ = life.people["finance"].ask("post", f"/gifts/{gift.pk}/receipt/")
    opened = RECEIPT.search(response.content.decode())
    if opened is None:
        raise Fault("no receipt", "gift", f"{response.status_code} for gift {gift.pk}")
    response, _ = life.people["anybody"].ask("get", f"{opened.group()}receipt.json")
    told = json.loads(response.content)
    row = wanted["by gift"][f"{gift.source}\n{gift.key}"]
    for name in ("gross", "refunded", "matched"):
        same(f"receipt.json {name}", told["today"][name], row[name])
    return 3
