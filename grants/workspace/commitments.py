"""What a director commits by each signature that waits."""

from collections.abc import Sequence

from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from vetting_portal.duties import OpenDuty
from vetting_portal.money import format_amount

NOTHING = "–"
STAYS = "The match cap stays"


def with_commitments(rows: Sequence[OpenDuty]) -> list[tuple[OpenDuty, str]]:
    """Return each duty with the most that its signature commits: a grant's match and card fees, what an amendment adds
    to the match cap; nothing for an ending. One statement for each kind of document that waits.
    """
    words: dict[tuple[str, int], str] = {}
    if grants := [duty.record for duty in rows if duty.key == "grants.sign"]:
        for grant in Grant.objects.filter(pk__in=grants):
            words["grants.sign", grant.pk] = format_amount(grant.bound_minor, grant.currency)
    if amendments := [duty.record for duty in rows if duty.key == "grants.sign_amendment"]:
        for one in Amendment.objects.filter(pk__in=amendments).for_page():
            more = one.more_minor
            words["grants.sign_amendment", one.pk] = format_amount(more, one.currency) if more else STAYS
    return [(duty, words.get((duty.key, duty.record), NOTHING)) for duty in rows]
