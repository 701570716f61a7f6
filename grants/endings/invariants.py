"""What must be true of every end of a grant."""

from collections.abc import Callable, Iterator

from grants.agreements.models import Grant
from grants.endings.models import Ending
from grants.funds.models import Account
from vetting_portal.money import format_amount


def ends_are_what_was_confirmed() -> Iterator[str]:
    """A grant whose end was carried out is terminated, or lapsed where it was never in force; no other end is open."""
    over = (Grant.State.TERMINATED, Grant.State.LAPSED)
    for ending in Ending.objects.filter(state=Ending.State.CARRIED_OUT).exclude(grant__state__in=over):
        yield f"{ending} was carried out, and the grant is {ending.grant.get_state_display().lower()}"
    for ending in Ending.objects.open().filter(grant__state__in=over):
        yield f"{ending} is open, and the grant is over"


def what_ended_reserves_nothing() -> Iterator[str]:
    """Once an end is settled, no fund holds a reserve for the grant, for its card fees or for an amendment of it."""
    settled = set(Ending.objects.filter(settled_at__isnull=False).values_list("grant__number", flat=True))
    for account in Account.objects.filter(kind=Account.Kind.RESERVED).exclude(balance_minor=0):
        if not settled.isdisjoint({account.reference, account.reference.rpartition("-")[0]}):
            held = format_amount(account.balance_minor, account.currency)
            yield f"{held} is reserved for {account.reference}, whose grant has ended"


INVARIANTS: list[Callable[[], Iterator[str]]] = [ends_are_what_was_confirmed, what_ended_reserves_nothing]
