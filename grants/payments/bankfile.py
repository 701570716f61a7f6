"""The bytes of a payment file: one payment a line, always the same for the same lines."""

import csv
import io
from collections.abc import Iterable, Sequence

from vetting_portal.csvlines import plain_text

HEAD = ("reference", "holder", "bank", "bank_country", "account", "bic", "currency", "amount")


def file_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the CSV file (UTF-8 with its mark, CRLF) of rows in the order of ``HEAD``; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow([plain_text(cell) for cell in row])
    return ("\ufeff" + text.getvalue()).encode()
