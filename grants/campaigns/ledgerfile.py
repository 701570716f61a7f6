"""The ledger of gifts as rows of a file; what a spreadsheet would take for a formula is made plain text."""

from collections.abc import Iterator

from grants.campaigns.models import Campaign
from vetting_portal.csvlines import plain_text
from vetting_portal.money import plain

HEAD = (
    "no", "key", "source", "received_at", "donor", "currency", "gross", "fee", "refunded", "net", "matched", "state",
    "not_matched_because",
)  # fmt: skip


def ledger_rows(campaign: Campaign) -> Iterator[list[str]]:
    """Yield the head and each gift in the order of the ledger; amounts in major units."""
    yield list(HEAD)
    for gift in campaign.gifts.for_ledger().order_by("seq").iterator(chunk_size=2000):
        amounts = (gift.gross_minor, gift.fee_minor, gift.refunded_minor, gift.net_minor, gift.matched_minor)
        yield [
            str(gift.seq),
            plain_text(gift.key),
            plain_text(gift.source),
            gift.received_at.isoformat(),
            plain_text(gift.donor_name),
            gift.currency,
            *(plain(amount, gift.currency) for amount in amounts),
            gift.state,
            plain_text(gift.why_not_more()),
        ]
