"""The letters at the end of a grant, read as printed: each sum as this test reckons it, each payment in its row."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from grants.agreements.actions import seal_agreement
from grants.agreements.documents import address_lines
from grants.campaigns.actions import refund_gift
from grants.endings.actions import finish_grant
from grants.reports.models import Report
from tests.factories import endings, grants, payments
from tests.grants.agreements.paper.sheets import text_of
from vetting_portal.files import read_stored

pytestmark = pytest.mark.django_db
FIRST, SECOND = 100_000, 23_450  # gifts without a card fee, in cents; the match adds as much to each


def said_in(cents: int) -> str:
    """Return cents as a letter prints them."""
    sign = "−" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def day_in(day) -> str:
    """Return a day as a letter prints it."""
    return f"{day.day} {day:%B %Y}"


def printed(letter, folder) -> str:
    """Return the text of a sealed letter, line by line, with single spaces."""
    seal_agreement(agreement=letter, by=grants.system())
    letter.refresh_from_db()
    text = "\n".join(text_of(read_stored(letter.sealed_file), folder))
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def sum_of(text: str, label: str) -> str:
    """Return the sum behind a label in the table of the sums."""
    table = text.partition("The amounts, USD, on the day this letter was written")[2] or text
    return re.search(rf"^{re.escape(label)} (?:USD )?(\S+)$", table, re.MULTILINE)[1]


def sent(campaign, cents: int) -> None:
    """Let the final report show ``cents`` as spent to date: sent, and not accepted yet."""
    report = Report.objects.get(grant=campaign.grant_id, number=2)
    lines = [{"line": report.budget.lines[0].line, "spent_local_minor": cents, "explanation": "As planned."}]
    stamps = {"submitted_at": timezone.now(), "submitted_by": grants.owner_of(campaign.grant), "state": "submitted"}
    Report.objects.filter(pk=report.pk).update(spending=lines, local_currency="USD", rate="1", **stamps)


def test_the_closing_letter_prints_each_sum_as_it_is_reckoned_here(payable, tmp_path):
    payments.gift(payable, "second", SECOND)
    payments.paid(payable)
    paid = (FIRST + SECOND) * 2 // 2  # the first payment is half of it
    payments.gift(payable, "late", 50_000)
    refund_gift(campaign=payments.fresh(payable), gift_key="first", amount_minor=10_000, by=grants.finance())
    granted = (FIRST + SECOND + 50_000 - 10_000) * 2
    kept, told = 30_015, 45_020
    payments.accepted(payable, 1)
    payments.spent(payable, kept)
    sent(payable, told)

    text = printed(endings.ended(grants.fresh(payable.grant)).letter, tmp_path)

    wanted = {
        "You keep: spent, with evidence": kept,
        "Spent, evidence not accepted yet": told - kept,
        "Paid, not shown as spent": paid - told,
        "Not paid": granted - paid,
        "Granted so far: gifts after card fees and refunds, and their match": granted,
    }
    assert {label: sum_of(text, label) for label in wanted} == {
        label: said_in(cents) for label, cents in wanted.items()
    }
    flowing = " ".join(text.split())
    due = timezone.localdate() + timedelta(days=60)
    assert f"You keep USD {said_in(kept)}, for which we have accepted your evidence." in flowing
    assert f"We still check USD {said_in(told - kept)}, which you reported" in flowing
    assert f"You return USD {said_in(paid - told)} by {due:%A} {day_in(due)}, end of the day" in flowing
    assert f"Not paid USD {said_in(granted - paid)} is not paid." in flowing


def test_the_closing_letter_of_a_grant_that_was_never_paid_asks_nothing_back(payable, tmp_path):
    text = printed(endings.ended(grants.fresh(payable.grant)).letter, tmp_path)

    assert sum_of(text, "Not paid") == said_in(FIRST * 2)
    assert sum_of(text, "Paid, not shown as spent") == said_in(0)
    assert "Nothing was paid, so you return nothing and send no report." in " ".join(text.split())
    assert "You return" not in text


def test_the_completion_letter_prints_each_payment_with_its_day_and_sum(payable, tmp_path):
    payments.gift(payable, "second", SECOND)
    payments.spent(payable, payments.all_paid(payable))
    grants.statement_of(grants.fresh(payable.grant))
    finish_grant(grant=grants.fresh(payable.grant), by=grants.officer_of(payable.grant))
    granted = (FIRST + SECOND) * 2
    shares = [granted * 5 // 10, granted * 4 // 10, granted // 10]

    text = printed(grants.fresh(payable.grant).completion_letter, tmp_path)

    rows = re.findall(r"^(\d) (\d+ [A-Z][a-z]+ \d{4}) ([\d,.]+)", text, re.MULTILINE)
    today = day_in(timezone.localdate())
    assert rows == [(str(number), today, said_in(cents)) for number, cents in enumerate(shares, start=1)]
    assert re.findall(r"^Paid ([\d,.]+)", text, re.MULTILINE) == [said_in(granted)]
    assert "Not paid" not in text
    what = "which is all that was granted: gifts after card fees and refunds, and their match"
    flowing, sums = " ".join(text.split()), said_in(granted)
    assert f"You received USD {sums}, {what}. Your accepted reports show USD {sums} as spent" in flowing


@pytest.mark.parametrize(
    ("typed", "printed_as"),
    [
        ("12 Road,\nChiang Mai", "12 Road, Chiang Mai, Thailand"),
        ("12 Road\nChiang Mai\nThailand", "12 Road, Chiang Mai, Thailand"),
        ("12 Road, Chiang Mai, THAILAND.", "12 Road, Chiang Mai, THAILAND."),
        ("12 Road, Chiang Mai, Thailand 50200", "12 Road, Chiang Mai, Thailand 50200"),
        ("12 Road, Thailand", "12 Road, Thailand, Thailand"),  # a city of that name, as Guatemala or Luxembourg
        ("", "Thailand"),
        ("๑๒ ถนน\n\nเชียงใหม่", "๑๒ ถนน, เชียงใหม่, Thailand"),
    ],
)
def test_an_address_names_its_country_once(typed, printed_as):
    assert address_lines(typed, "Thailand")[1] == printed_as
