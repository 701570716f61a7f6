"""Gifts from CSV files: what is tolerated, what is refused, and how the refusal reads."""

import io

import pytest

from grants.campaigns.rows import GiftRow, RowError
from grants.intake.mapping import OWN, ColumnMapping
from grants.intake.reading import read_gifts, read_headings
from vetting_portal.sheets import LONGEST_LINE, NoSheet

HEAD = "key,received_at,donor,donor_email,currency,gross,fee\n"
GOOD = "ch_1,2026-11-23T09:12:00-08:00,R. Sato,sato@example.org,USD,100.00,3.20\n"


def read(content: str | bytes, currency: str = "USD", mapping: ColumnMapping = OWN) -> list[GiftRow | RowError]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return list(read_gifts(file, currency, mapping))


def test_a_row_becomes_a_gift() -> None:
    (gift,) = read(HEAD + GOOD)

    assert isinstance(gift, GiftRow)
    assert (gift.key, gift.gross_minor, gift.fee_minor, gift.line) == ("ch_1", 10_000, 320, 2)
    assert gift.received_at.isoformat() == "2026-11-23T09:12:00-08:00"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + GOOD).encode(),
        (HEAD + GOOD).replace("\n", "\r\n").encode(),
        (HEAD + GOOD).replace(",", ";").encode(),
        (HEAD + GOOD).replace(",", "\t").encode(),
        (HEAD.upper() + "\n" + GOOD + "\n").encode(),
        (HEAD.strip() + ",note\n" + GOOD.strip() + ",thanks\n").encode(),
    ],
    ids=["bom", "crlf", "semicolons", "tabs", "capitals and blank lines", "another column"],
)
def test_what_spreadsheets_do_is_tolerated(content: bytes) -> None:
    assert read(content) == [GiftRow("ch_1", 10_000, "USD", read(HEAD + GOOD)[0].received_at, 320, "R. Sato",
                                     "sato@example.org", line=read(content)[0].line)]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("100.00", "-100.00", "gross: An amount cannot be negative."),
        ("100.00", "100.5", "gross: Give USD with 2 decimals, for example 25.50."),
        ("100.00", "100", "gross: Give USD with 2 decimals, for example 25.50."),
        ("100.00", "100.005", "gross: USD has 2 decimals, not 3: for example 25.50."),
        ("100.00", "ten", "gross: Give an amount in USD, for example 25.50."),
        ("100.00", "0.00", "A gift is more than zero."),
        ("3.20", "-3.20", "fee: An amount cannot be negative."),
        ("USD", "EUR", "The campaign takes USD, not EUR."),
        ("USD", "usd", "The campaign takes USD, not usd."),
        ("ch_1", "", "The key is missing."),
        ("-08:00", "", "received_at: '2026-11-23T09:12:00' has no offset from UTC."),
        ("sato@example.org", "sato", "donor_email: 'sato' is no e-mail address."),
        (",3.20", "", "The line has 6 cells, the first line 7."),
        ("R. Sato", "=HYPERLINK(1)", "donor: a cell that begins with = is a formula to a spreadsheet."),
        ("R. Sato", "+cmd", "donor: a cell that begins with + is a formula to a spreadsheet."),
        ("R. Sato", "-1+1", "donor: a cell that begins with - is a formula to a spreadsheet."),
        ("R. Sato", "@SUM(A1)", "donor: a cell that begins with @ is a formula to a spreadsheet."),
        ("ch_1", "=1+1", "key: a cell that begins with = is a formula to a spreadsheet."),
    ],
)
def test_a_bad_value_is_told_with_its_line(old: str, new: str, reason: str) -> None:
    assert read(HEAD + GOOD + GOOD.replace(old, new, 1))[1] == RowError(3, reason)


def test_a_row_says_everything_that_is_wrong_with_it() -> None:
    (error,) = read(HEAD + ",yesterday,,,EUR,x,\n")

    assert isinstance(error, RowError)
    for part in ("gross:", "received_at:", "The key is missing.", "takes USD"):
        assert part in error.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("hello\n", "no column key"),
        (HEAD.replace("fee", "gross"), "no column fee"),
        (HEAD.strip() + ",key\n", "more than once"),
        (b"PK\x03\x04\0\0", "no CSV"),
        (b"\xff\xfek\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_gifts_is_refused_whole(content: str | bytes, reason: str) -> None:
    with pytest.raises(NoSheet, match=reason):
        read(content)


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    rows = read((HEAD + GOOD).encode() + b"ch_2,2026-11-23T09:12:00-08:00,Andr\xe9,,USD,1.00,0.00\n" + GOOD.encode())

    assert rows[1] == RowError(3, "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that.")
    assert isinstance(rows[2], GiftRow)


def test_a_character_that_no_database_keeps_is_told_wherever_it_stands() -> None:
    rows = read(HEAD + GOOD * 100 + GOOD.replace("Sato", "Sa\0to"))

    assert rows[-1] == RowError(102, "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that.")


def test_an_open_quote_is_told() -> None:
    rows = read(HEAD + GOOD + '"ch_2,2026\n')

    assert isinstance(rows[-1], RowError)
    assert rows[-1].line == 3


def test_a_quoted_line_break_counts_as_one_row() -> None:
    rows = read(HEAD + GOOD.replace("R. Sato", '"R.\nSato"') + GOOD.replace("ch_1", "ch_2"))

    assert [row.line for row in rows] == [2, 4]


def test_a_currency_without_decimals_wants_none() -> None:
    assert (
        read(HEAD + GOOD.replace("USD", "JPY").replace("100.00", "100").replace("3.20", "0"), "JPY")[0].gross_minor
        == 100
    )


def test_a_formula_in_a_column_that_nobody_reads_is_told_too() -> None:
    rows = read(HEAD.strip() + ",note\n" + GOOD.strip() + ",=1+1\n" + GOOD.strip() + ",-5.00\n")

    assert rows[0] == RowError(2, "A cell of this line holds a formula. Export values, not formulas.")
    assert isinstance(rows[1], GiftRow)


def test_thai_names_are_read() -> None:
    (gift,) = read(HEAD + GOOD.replace("R. Sato", "สมชาย ใจดี"))

    assert isinstance(gift, GiftRow)
    assert gift.donor_name == "สมชาย ใจดี"


def test_a_file_that_stops_in_its_last_line_is_told() -> None:
    for cut in (GOOD.removesuffix("3.20\n"), GOOD[: GOOD.index("100.00")], GOOD.removesuffix("0\n")):
        rows = read(HEAD + GOOD + cut)
        assert isinstance(rows[0], GiftRow)
        assert isinstance(rows[1], RowError), cut
    assert isinstance(read(HEAD + GOOD.strip())[0], GiftRow)


def test_a_line_without_an_end_is_not_read_into_memory() -> None:
    rows = read(HEAD + GOOD + "x" * (LONGEST_LINE + 5))

    assert isinstance(rows[-1], RowError)
    assert "longer than" in rows[-1].reason


THEIRS = ColumnMapping(
    columns={"key": "Payment", "received_at": "Date", "gross": "Total", "fee": "Cost", "donor": "From"},
    amounts="comma", times="dmy", time_zone="Asia/Bangkok", minus_fees=True, is_exact=False,
)  # fmt: skip
THEIR_FILE = "Payment;Date;From;Total;Cost\np1;23/11/2026 9:12;Ana;1.234,5;-3,20\np2;24.11.2026;Ben;7;\n"


def test_columns_of_others_are_read_as_they_are_mapped() -> None:
    first, second = read(THEIR_FILE, mapping=THEIRS)

    assert isinstance(first, GiftRow)
    assert isinstance(second, GiftRow)
    assert (first.key, first.gross_minor, first.fee_minor, first.currency) == ("p1", 123_450, 320, "USD")
    assert first.received_at.isoformat() == "2026-11-23T09:12:00+07:00"
    assert (second.gross_minor, second.received_at.isoformat()) == (700, "2026-11-24T12:00:00+07:00")
    assert read_headings(io.BytesIO(THEIR_FILE.encode())) == ["Payment", "Date", "From", "Total", "Cost"]


@pytest.mark.parametrize(
    ("changes", "text", "reason"),
    [
        ({"times": "mdy"}, "", "received_at: '23/11/2026 9:12' is not a time"),
        ({"times": "iso", "time_zone": ""}, "", "received_at: '23/11/2026 9:12' is not a time in ISO 8601"),
        ({"amounts": "point"}, "", "gross: USD has 2 decimals"),
        ({"amounts": "minor"}, "", "gross: Give a whole number of the smallest unit"),
        ({"minus_fees": False}, "", "fee: An amount cannot be negative."),
    ],
)
def test_what_is_not_as_the_columns_say_is_told(changes: dict[str, object], text: str, reason: str) -> None:
    kept = {**THEIRS.kept(), **changes}
    rows = read(THEIR_FILE.replace("1.234,5", "1.234"), mapping=ColumnMapping.read(kept))

    assert isinstance(rows[0], RowError)
    assert reason in rows[0].reason


def test_a_gift_in_another_currency_keeps_what_was_given() -> None:
    columns = {"key": "k", "received_at": "t", "gross": "usd", "original_currency": "cur", "original_amount": "amt",
               "rate": "rate"}  # fmt: skip
    mapping = ColumnMapping(columns=columns, is_exact=False)
    content = (
        "k,t,usd,cur,amt,rate\na,2026-11-23T09:12:00Z,10.80,eur,10.00,1.08\nb,2026-11-23T09:12:00Z,5.00,USD,5.00,1\n"
    )
    content += "c,2026-11-23T09:12:00Z,5.00,JPY,500,\n"

    foreign, plain, wrong = read(content, mapping=mapping)

    assert isinstance(foreign, GiftRow)
    assert isinstance(plain, GiftRow)
    assert (foreign.gross_minor, foreign.original_minor, foreign.original_currency) == (1_080, 1_000, "EUR")
    assert (foreign.rate, plain.original_currency, plain.original_minor) == ("1.08", "", None)
    assert isinstance(wrong, RowError)
    assert "names that currency, the amount in it and the rate" in wrong.reason


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"columns": {"key": "k", "gross": "g"}}, "received_at"),
        ({"columns": {**OWN.columns, "rate": "r"}}, "original_currency"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"times": "dmy"}, "time_zone"),
    ],
)
def test_columns_that_make_no_sense_are_told(changes: dict[str, object], place: str) -> None:
    assert place in ColumnMapping.read({**OWN.kept(), **changes}).problems()
