"""The tables of finance: what stands in each, who reads what, that the sums agree, and that memory stays flat."""

import csv
import io
import tracemalloc
from collections import Counter
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from grants.campaigns.actions import record_dispute, refund_gift
from grants.campaigns.models import Donor, DonorDetails, Gift
from grants.campaigns.simulation.stage import Stage
from grants.exports.actions import take_table
from grants.exports.tables import TABLES
from grants.reports.actions import save_report
from tests.factories.campaigns import FULL, RECEIVED, fresh, give, member_of, opened, report_of
from tests.factories.portal import UserFactory
from vetting_portal.models import AuditEntry, User

pytestmark = pytest.mark.both


def auditor() -> User:
    return UserFactory(roles=["auditor"])


def read(name: str, by: User) -> list[dict[str, str]]:
    content = "".join(take_table(table=TABLES[name], by=by))
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def test_gifts_stand_with_their_match_and_their_donor(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    give(campaign, "=1+1", 10_000, by=stage.finance, fee_minor=320, donor_name="สมชาย", donor_email="s@example.org")
    give(campaign, "b", 10_000, by=stage.finance, donor_name="-cmd", ineligible="from the funder")

    first, second = read("gifts", stage.finance)

    told = {name: first[name] for name in ("grant", "no", "key", "state", "currency", "donor", "donor_email")}
    assert told == {
        "grant": campaign.grant.number, "no": "1", "key": "'=1+1", "state": "Settled", "currency": "USD",
        "donor": "สมชาย", "donor_email": "s@example.org",
    }  # fmt: skip
    sums = [first[name] for name in ("gross", "fee", "refunded", "net", "could_earn", "matched")]
    assert sums == ["100.00", "3.20", "0.00", "96.80", "100.00", "100.00"]
    assert (second["donor"], second["matched"], second["not_matched_because"]) == ("'-cmd", "0.00", "from the funder")


def test_an_auditor_reads_names_and_no_address(stage: Stage) -> None:
    give(opened(stage), "a", 100, by=stage.finance, donor_name="Ann", donor_email="ann@example.org")

    (gift,) = read("gifts", auditor())

    assert gift["donor"] == "Ann"
    assert "donor_email" not in gift
    assert "ann@example.org" not in str(gift)


def test_an_erased_donor_stays_erased(stage: Stage) -> None:
    gift = give(opened(stage), "a", 100, by=stage.finance, donor_name="Ann", donor_email="ann@example.org")
    DonorDetails.objects.all().delete()
    Donor.objects.filter(pk=gift.donor_id).update(erased_at=RECEIVED)

    (row,) = read("gifts", stage.finance)

    assert (row["donor"], row["donor_email"], row["gross"]) == ("Erased", "", "1.00")


def test_refunds_and_disputes_say_what_came_of_them(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance)
    give(campaign, "b", 5_000, by=stage.finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=3_000, refund_key="r1", by=stage.finance)
    refund_gift(campaign=campaign, gift_key="later", amount_minor=100, refund_key="r2", by=stage.finance)
    for status in ("open", "lost"):
        record_dispute(campaign=fresh(campaign), gift_key="b", dispute_key="d", status=status, by=stage.machine)

    rows = read("refunds", stage.finance)

    told = [[row[name] for name in ("kind", "status", "gift_key", "asked", "taken_off_the_gift")] for row in rows]
    assert told == [
        ["Refund", "", "a", "30.00", "30.00"],
        ["Refund", "", "later", "1.00", "0.00"],
        ["Dispute", "open", "b", "", "0.00"],
        ["Dispute", "lost", "b", "", "50.00"],
    ]
    assert [row["outcome"] for row in rows] == ["Applied", "Waits for its gift", "Applied", "Applied"]


def test_matches_lines_and_funds_agree_with_the_campaign(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=12_000)
    give(campaign, "a", 10_000, by=stage.finance, fee_minor=300)
    give(campaign, "b", 5_000, by=stage.finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=4_000, refund_key="r", by=stage.finance)
    by = auditor()

    matches, lines, entered = (read(name, by) for name in ("matches", "ledger-lines", "ledger-transactions"))
    (fund,) = read("funds", by)

    assert total(matches, "matched") * 100 == fresh(campaign).matched_minor == 11_000
    assert total(lines, "amount") == 0
    held: Counter[str] = Counter()
    for line in lines:
        held[line["account"]] += int(Decimal(line["amount"]) * 100)
    assert held["Match earned"] == int(Decimal(fund["matched"]) * 100) == 11_000
    assert total([fund], "free") + total([fund], "reserved") + total([fund], "matched") == total([fund], "total")
    moved = {row["transaction"]: Decimal(row["moved"]) for row in entered}
    counted: dict[str, Decimal] = dict.fromkeys(moved, Decimal(0))
    for line in lines:
        counted[line["transaction"]] += max(Decimal(0), Decimal(line["amount"]))
    assert moved == counted


def test_a_fund_holds_back_what_a_bank_asks_back_and_its_sums_agree(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=12_000)
    give(campaign, "a", 5_000, by=stage.finance)
    give(campaign, "b", 3_000, by=stage.finance)
    (before,) = read("funds", stage.finance)

    record_dispute(campaign=fresh(campaign), gift_key="b", dispute_key="d", status="open", by=stage.machine)
    (after,) = read("funds", stage.finance)

    parts = ("free", "reserved", "matched", "at_risk")
    assert [before[name] for name in ("matched", "at_risk")] == ["80.00", "0.00"]
    assert [after[name] for name in ("matched", "at_risk")] == ["50.00", "30.00"]
    assert before["total"] == after["total"]
    for row in (before, after):
        assert sum(Decimal(row[name]) for name in parts) == Decimal(row["total"])


def test_payments_come_to_what_is_payable(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_001, by=stage.finance, fee_minor=321)
    other = opened(stage)

    rows = read("payments", stage.finance)

    mine = [row for row in rows if row["grant"] == campaign.grant.number]
    assert [row["share"] for row in mine] == ["50%", "40%", "10%"]
    assert total(mine, "amount") * 100 == fresh(campaign).payable_minor() == 19_681
    assert total([row for row in rows if row["grant"] == other.grant.number], "amount") == 0


def test_reports_carry_both_currencies(stage: Stage) -> None:
    report = report_of(opened(stage))
    save_report(report=report, words=FULL, by=member_of(report.grant))

    first, second = read("reports", auditor())

    told = [first[name] for name in ("currency", "received", "bank_charges", "rate", "local_currency", "spent_local")]
    assert told == ["USD", "10000.00", "25.00", "35.10", "THB", "350000.00"]
    assert [second[name] for name in ("received", "local_currency", "spent_local")] == ["", "", ""]


def test_taking_a_table_is_recorded_and_refused_to_others(stage: Stage) -> None:
    by = auditor()

    take_table(table=TABLES["funds"], by=by)

    entry = AuditEntry.objects.filter(event="data_exported").get()
    assert (entry.actor_id, entry.facts["table"]) == (by.pk, "funds")
    with pytest.raises(PermissionDenied):
        take_table(table=TABLES["funds"], by=stage.officer)
    assert AuditEntry.objects.filter(event="data_exported").count() == 1


def test_the_page_lists_every_table_and_hands_it_on(stage: Stage) -> None:
    give(opened(stage), "a", 100, by=stage.finance)
    client = Client()
    client.force_login(stage.finance)
    session = client.session
    session["second_factor"] = True
    session.save()

    page = client.get(reverse("grants:exports")).content.decode()

    assert "No grant has been awarded yet" not in page
    assert "The funder has no identifier" in page
    for name, table in TABLES.items():
        assert table.title in page
        answer = client.post(reverse("grants:export_table", args=[name]))
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{name}-20')
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert content.partition("\r\n")[0] == ",".join(table.columns(stage.finance))
    assert client.get(reverse("grants:export_table", args=["gifts"])).status_code == 405
    assert client.post(reverse("grants:export_table", args=["nothing"])).status_code == 404
    assert client.post(reverse("grants:export_360giving")).status_code == 409


@pytest.mark.long
def test_the_memory_does_not_grow_with_the_rows(stage: Stage) -> None:
    campaign = opened(stage)
    first = give(campaign, "first", 100, by=stage.finance)

    def more(start: int, end: int) -> None:
        rows = (
            Gift(
                campaign=campaign,
                source="x",
                key=f"k{n}",
                seq=n,
                position=n + 1_000_000,
                donor=first.donor,
                received_at=RECEIVED,
                currency="USD",
                gross_minor=100,
                recorded_at=RECEIVED,
                recorded_by=stage.finance,
            )
            for n in range(start, end)
        )
        Gift.objects.bulk_create(rows, batch_size=1000)

    def peak() -> tuple[int, int]:
        tracemalloc.start()
        lines = sum(piece.count("\r\n") for piece in take_table(table=TABLES["gifts"], by=stage.finance))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return lines, most

    more(2, 3_001)
    few, at_few = peak()
    more(3_001, 30_001)
    many, at_many = peak()

    assert (few, many) == (3_001, 30_001)
    assert at_many < 1.3 * at_few
