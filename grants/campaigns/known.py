"""What is known already where gifts are to be recorded. Asked in one statement, which is written out: most gifts are
new in every way, and to put a query together would cost more than its answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model

from grants.agreements.models import FundShare
from grants.campaigns.models import Campaign, CampaignEvent, DonorDetails, Gift
from grants.campaigns.rows import GiftRow
from vetting_portal.models import Funder, User

ASK = """
SELECT 'waiting', gift_key FROM {event}
 WHERE outcome = 'waiting' AND campaign_id = %s AND gift_source = %s AND gift_key IN ({keys})
UNION ALL SELECT 'gift', key FROM {gift} WHERE source = %s AND key IN ({keys})
UNION ALL SELECT 'donor', identity FROM {donor} WHERE campaign_id = %s AND identity IN ({identities})
UNION ALL SELECT 'user', email FROM {user} WHERE email IN ({addresses})
UNION ALL SELECT 'funder', name FROM {funder} WHERE version = (SELECT MAX(version) FROM {funder})
UNION ALL SELECT DISTINCT 'shared', '' FROM {share} WHERE grant_id = %s
"""
TABLES: dict[str, type[Model]] = {
    "event": CampaignEvent, "gift": Gift, "donor": DonorDetails, "user": User, "funder": Funder, "share": FundShare,
}  # fmt: skip


@dataclass(slots=True)
class Known:
    """Of a batch: keys that something waits for, keys and donors that are recorded, addresses of users.

    Besides, the funder's name, and whether several funds stand behind the grant.
    """

    waiting: set[str] = field(default_factory=set)
    gift: set[str] = field(default_factory=set)
    donor: set[str] = field(default_factory=set)
    user: set[str] = field(default_factory=set)
    funder: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)


def known_of(campaign: Campaign, source: str, rows: Sequence[GiftRow]) -> Known:
    """Return what is known of ``rows`` of a campaign."""
    keys = [row.key for row in rows]
    identities = {row.identity(source) for row in rows}
    addresses = {row.donor_email.casefold() for row in rows if row.donor_email}
    statement = ASK.format(
        **{name: connection.ops.quote_name(model._meta.db_table) for name, model in TABLES.items()},
        keys=_marks(keys),
        identities=_marks(identities),
        addresses=_marks(addresses),
    )
    values: list[Any] = [
        campaign.pk,
        source,
        *keys,
        source,
        *keys,
        campaign.pk,
        *identities,
        *addresses,
        campaign.grant_id,
    ]
    found = Known()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for what, text in cursor.fetchall():
            getattr(found, what).add(text)
    return found


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"
