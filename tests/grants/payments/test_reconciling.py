"""The bank's word beside ours: read tolerantly, kept whole or not at all, three lists, and a person's word."""

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.campaigns.models import Campaign
from grants.campaigns.rows import RowError, RowsRefused
from grants.payments import statementfile
from grants.payments.actions import match_line, record_payment, upload_statement
from grants.payments.bankstatements import BankLine, BankStatement
from grants.payments.reconciliation import Compared, reconcile
from grants.payments.statementfile import MOST_LINES, BankRow
from tests.factories.grants import finance
from tests.factories.payments import gift, paid, released, tranche_of
from tests.factories.portal import UserFactory
from vetting_portal.duties import duties
from vetting_portal.models import AuditEntry
from vetting_portal.sheets import NoSheet

HEAD = "date,amount,currency,reference,text"


def read_statement(content: bytes) -> tuple[list[BankRow], list[RowError]]:
    return statementfile.read_statement(BytesIO(content))


def rows(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode(errors="surrogateescape")


def told(found: list[Compared]) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(row.line.line, str(row.about or ""), row.differences) for row in found]


def test_a_statement_is_read_with_mark_semicolons_and_windows_line_ends() -> None:
    content = "\ufeffText;Date;Amount;Currency;Reference;Balance\r\nค่าธรรมเนียม;25.11.2026;-1.234,50;usd;R 1;0\r\n\r\n"

    found, errors = read_statement(content.encode())

    assert errors == []
    assert [(row.booked_on.isoformat(), row.amount_minor, row.currency, row.reference, row.text) for row in found] == [
        ("2026-11-25", -123_450, "USD", "R 1", "ค่าธรรมเนียม")
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("-1,234.50", "USD", -123_450),
        ("1234.5", "USD", 123_450),
        ("\u2212 12.00", "USD", -1_200),
        ("12.00-", "USD", -1_200),
        ("+7", "USD", 700),
        ("1,234", "USD", 123_400),
        ("1,234", "JPY", 1_234),
        ("1,234", "KWD", 1_234_000),
    ],
)
def test_amounts_are_read_as_banks_write_them(amount: str, currency: str, minor: int) -> None:
    found, errors = read_statement(rows(f'2026-11-25,"{amount}",{currency},R,T'))
    assert (errors, [row.amount_minor for row in found]) == ([], [minor])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("25/11/2026,1.00,USD,R,T", "date: Give a day as"),
        ("2026-02-30,1.00,USD,R,T", "date: Give a day as"),
        ("2026-11-25,one,USD,R,T", "amount: Give an amount in USD"),
        ("2026-11-25,1.005,USD,R,T", "amount: USD has 2 decimals"),
        ("2026-11-25,0.00,USD,R,T", "amount: It is zero."),
        ("2026-11-25,1.00,DOLLAR,R,T", "currency: Give three letters"),
        (f"2026-11-25,1.00,USD,{'r' * 201},T", "reference: at most 200"),
        ("2026-11-25,1.00,USD", "The line has 3 cells, the first line 5."),
        ('2026-11-25,1.00,USD,R,"T', "cannot be read as CSV"),
        ("2026-11-25,1.00,USD,R,\udce9", "not UTF-8"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_kept(db: None, line: str, words: str) -> None:
    with pytest.raises(RowsRefused) as refusal:
        upload_statement(name="b.csv", content=rows("2026-11-24,1.00,USD,R,T", line), by=finance())

    (error,) = refusal.value.errors
    assert error.line == 3
    assert words in error.reason
    assert not BankStatement.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"hello\n", "has no column date, amount"),
        (rows(), "no line below its first"),
        (rows("x", head=HEAD + ",date"), "column date more than once"),
        (b"\x00\x01", "no CSV file"),
        ("date,amount,currency,reference,text,m\xe9mo\n2026-11-25,1.00,USD,R,T,M".encode("latin-1"), "not UTF-8"),
        (b'"date', "first line cannot be read"),
        (rows(*["2026-11-25,1.00,USD,R,T"] * (MOST_LINES + 1)), "more than 20,000 lines"),
    ],
)
def test_what_is_no_statement_is_refused_with_why(content: bytes, words: str) -> None:
    with pytest.raises(NoSheet, match=words):
        read_statement(content)


def test_lines_find_payments_by_either_reference_and_say_what_differs(payable: Campaign) -> None:
    tranche, today = paid(payable), timezone.localdate().isoformat()
    ours = tranche.reference
    content = rows(
        f"{today},-1000.00,USD,BK-1,Transfer",
        f"{today},-1000.00,USD,,Transfer for {ours} abroad",
        f"2026-01-01,-999.00,USD,{ours},Transfer",
        f"{today},1000.00,USD,bk-1,Came back",
        f"{today},-1000.00,EUR,{ours},",
        f"{today},-12.00,USD,,Fees",
    )

    statement, is_new = upload_statement(name="b.csv", content=content, by=finance())
    found = reconcile(statement)

    twice = "Another line is about the same payment."
    day = f"We recorded {tranche.paid_on:%-d %B %Y}."
    assert is_new
    assert told(found.matched) == [(2, "Payment 1", ())]
    assert told(found.differing) == [
        (3, "Payment 1", (twice,)),
        (4, "Payment 1", (twice, "We recorded USD 1,000.00.", day)),
        (5, "Payment 1", (twice, "The money came in; a payment goes out.")),
        (6, "Payment 1", (twice, "We recorded USD 1,000.00.")),
    ]
    assert told(found.unmatched) == [(7, "", ())]


def test_a_released_payment_differs_until_it_is_recorded(payable: Campaign) -> None:
    tranche = released(payable)
    content = rows(f"{timezone.localdate()},-1000.00,USD,{tranche.reference},")
    statement, _ = upload_statement(name="b.csv", content=content, by=finance())

    assert told(reconcile(statement).differing) == [(2, "Payment 1", ("It is not recorded as paid yet.",))]


def test_gifts_are_found_by_their_key(payable: Campaign) -> None:
    gift(payable, "cheque 7", 5_000, fee_minor=175)
    day = payable.grant.window_first_on.isoformat()
    content = rows(
        f"{day},50.00,USD,cheque 7,Cheque",
        f"{day},48.25,USD,cheque 7,Payout",
        f"{day},40.00,USD,cheque 7,Payout",
        "2026-01-01,50.00,USD,cheque 7,Cheque",
        f"{day},-50.00,USD,cheque 7,Went out",
    )
    statement, _ = upload_statement(name="b.csv", content=content, by=finance())
    found = reconcile(statement)

    assert [row.line.line for row in found.matched] == [2, 3]
    assert [row.line.line for row in found.differing] == [4, 5, 6]
    assert found.differing[2].differences == ("The money left; a gift comes in.",)
    assert found.unmatched == []


def test_the_same_file_again_adds_nothing(db: None) -> None:
    content, by = rows("2026-11-25,1.00,USD,R,T"), finance()

    first, _ = upload_statement(name="a.csv", content=content, by=by)
    again, is_new = upload_statement(name="b.csv", content=content, by=by)

    assert (again, is_new) == (first, False)
    assert BankLine.objects.count() == 1
    assert [entry.event for entry in AuditEntry.objects.about(first)] == ["statement_uploaded"]


def test_a_person_says_what_a_line_is_and_the_newest_word_counts(payable: Campaign) -> None:
    tranche, by = paid(payable), finance()
    content = rows("2026-11-25,-1000.00,USD,X,T", f"{timezone.localdate()},-1000.00,USD,BK-1,T")
    statement, _ = upload_statement(name="b.csv", content=content, by=by)
    line = statement.lines.get(line=2)
    with pytest.raises(ValidationError):
        match_line(line=line, tranche=tranche, reason=" ", by=by)

    match_line(line=line, tranche=tranche, reason="The bank called.", by=by)
    by_hand = reconcile(statement)
    match_line(line=line, tranche=None, reason="It was another one.", by=by)
    corrected = reconcile(statement)

    assert told(by_hand.matched) == [(2, "Payment 1", ())]
    assert told(by_hand.differing) == [(3, "Payment 1", ("Another line is about the same payment.",))]
    assert told(corrected.matched) == [(2, "", ()), (3, "Payment 1", ())]


def test_only_finance_uploads_and_matches(payable: Campaign) -> None:
    statement, _ = upload_statement(name="b.csv", content=rows("2026-11-25,1.00,USD,R,T"), by=finance())
    for role in ("programme_officer", "auditor", "director"):
        person = UserFactory(roles=[role])
        with pytest.raises(PermissionDenied):
            upload_statement(name="c.csv", content=rows("2026-11-25,2.00,USD,R,T"), by=person)
        with pytest.raises(PermissionDenied):
            match_line(line=statement.lines.get(), tranche=None, reason="x", by=person)
    with pytest.raises(ValidationError, match="Record this payment as paid first"):
        match_line(line=statement.lines.get(), tranche=released(payable), reason="x", by=finance())


def test_rows_are_told_apart_by_their_line() -> None:
    found, _ = read_statement(rows("2026-11-25,1.00,USD,R,T", "2026-11-25,1.00,USD,R,T"))
    assert [row.line for row in found] == [2, 3]
    assert all(isinstance(row, BankRow) for row in found)


@pytest.mark.both
@pytest.mark.parametrize(("reference", "text", "is_known"), [
    ("{bank}", "Transfer", True), ("{other}", "Transfer", True), ("", "Grant {own}", True), ("{own}", "", True),
    ("", "Grant {own}9", False), ("", "Grant 9{own}", False), ("{bank}9", "Transfer", False),
])  # fmt: skip
def test_a_line_that_no_record_explains_is_a_duty_and_no_other(payable, reference, text, is_known):
    released(payable)
    tranche, by = tranche_of(payable, 1), finance()
    bank = "ÜB-12 ข"
    tranche = record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference=bank, by=by)
    known = {"own": tranche.reference, "bank": bank, "other": "Üb-12 ข"}
    line = f"{tranche.paid_on},-1000.00,USD,{reference.format(**known)},{text.format(**known)}"
    statement, _ = upload_statement(name="bank.csv", content=rows(line), by=by)

    assert bool(reconcile(statement).unmatched) != is_known
    assert ("grants.reconcile" in {duty.key for duty in duties(by)}) != is_known
