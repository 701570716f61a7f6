"""Gifts from CSV files: what is tolerated, what is refused, and how the refusal reads."""

import io

import pytest

from grants.campaigns.csvfile import NoGiftsFile, read_gifts
from grants.campaigns.rows import GiftRow, RowError

HEAD = "key,received_at,donor,donor_email,currency,gross,fee\n"
GOOD = "ch_1,2026-11-23T09:12:00-08:00,R. Sato,sato@example.org,USD,100.00,3.20\n"


def read(content: str | bytes, currency: str = "USD") -> list[GiftRow | RowError]:
    return list(read_gifts(io.BytesIO(content.encode() if isinstance(content, str) else content), currency))


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
        (HEAD.upper() + "\n" + GOOD + "\n").encode(),
        (HEAD.strip() + ",note\n" + GOOD.strip() + ",thanks\n").encode(),
    ],
    ids=["bom", "crlf", "semicolons", "capitals and blank lines", "another column"],
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
    with pytest.raises(NoGiftsFile, match=reason):
        read(content)


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    rows = read((HEAD + GOOD).encode() + b"ch_2,2026-11-23T09:12:00-08:00,Andr\xe9,,USD,1.00,0.00\n" + GOOD.encode())

    assert rows[1] == RowError(3, "This is not UTF-8. Save the sheet as CSV (UTF-8) and send that.")
    assert isinstance(rows[2], GiftRow)


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
