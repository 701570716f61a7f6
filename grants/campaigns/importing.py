"""A file of gifts, first read whole for faults, then recorded in one transaction: all of it or nothing."""

from typing import IO

from grants.campaigns.actions import Recorded, record_gifts
from grants.campaigns.csvfile import read_gifts
from grants.campaigns.models import Campaign
from grants.campaigns.rows import GiftRow, RowError, RowsRefused
from vetting_portal.models import User


def import_gifts(*, campaign: Campaign, file: IO[bytes], by: User, source: str = "") -> Recorded:
    """Record the gifts of a CSV file. Memory stays flat: the file is read twice, never held.

    Raises RowsRefused with every bad row, NoGiftsFile where it is no such file, Refused before the campaign opens.
    """
    faults = [row for row in read_gifts(file, campaign.currency) if isinstance(row, RowError)]
    if faults:
        raise RowsRefused(faults)
    rows = (row for row in read_gifts(file, campaign.currency) if isinstance(row, GiftRow))
    return record_gifts(campaign=campaign, rows=rows, by=by, source=source)
