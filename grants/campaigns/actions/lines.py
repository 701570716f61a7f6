"""The lines that a statement of match rests on: written once, when the campaign closes, each with a salt of its own."""

import secrets
from itertools import batched
from typing import Any

from grants.campaigns.models import Campaign, StatementBranch, StatementLine
from grants.campaigns.tree import BRANCH, TREE, root_hash
from vetting_portal.models import User
from vetting_portal.workflow import action, ask

SALT_BYTES = 32


@action
def freeze_lines(*, campaign: Campaign, by: User) -> dict[str, Any]:
    """Write a line for each gift of a locked campaign that closes; return what the statement says of them: the kind of
    tree, how many lines, and their root.

    Raises IntegrityError where the lines were written already: a campaign closes once.
    """
    ask(by, "grants.close_campaign", campaign)
    gifts = campaign.gifts.order_by("seq").values_list("pk", "seq", "gross_minor", "refunded_minor", "matched_minor")
    count, branches = 0, []
    for batch in batched(gifts.iterator(chunk_size=8 * BRANCH), BRANCH):
        lines = [
            StatementLine(
                campaign=campaign,
                gift_id=pk,
                seq=seq,
                gross_minor=gross,
                refunded_minor=refunded,
                matched_minor=matched,
                salt=secrets.token_hex(SALT_BYTES),
            )
            for pk, seq, gross, refunded, matched in batch
        ]
        StatementLine.objects.bulk_create(lines)
        branches.append(StatementBranch.over(lines))
        count += len(lines)
    StatementBranch.objects.bulk_create(branches)
    root = root_hash([bytes.fromhex(branch.sha256) for branch in branches])
    return {"tree": TREE, "count": count, "root": root.hex()}
