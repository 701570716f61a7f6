"""What must be true of every fund's ledger."""

from collections.abc import Callable, Iterator

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from grants.funds.models import Account, LedgerLine, LedgerTransaction, Pledge


def transactions_are_sealed_and_balance() -> Iterator[str]:
    """Every ledger transaction is sealed, has lines and sums to zero."""
    for book in LedgerTransaction.objects.filter(is_sealed=False).iterator():
        yield f"ledger transaction {book.key} was never sealed"
    sums = LedgerTransaction.objects.annotate(total=Coalesce(Sum("lines__amount_minor"), 0), number=Count("lines"))
    for book in sums.exclude(total=0, number__gt=0).iterator():
        yield f"ledger transaction {book.key} sums to {book.total} over {book.number} lines"


def balances_are_sums() -> Iterator[str]:
    """Every account's balance is the sum of its lines, in the fund's own currency."""
    sums = Account.objects.annotate(total=Coalesce(Sum("lines__amount_minor"), 0)).select_related("fund")
    for account in sums.exclude(total=F("balance_minor")).iterator():
        yield f"account {account} of {account.fund} says {account.balance_minor}, its lines say {account.total}"
    for stray in Account.objects.exclude(currency=F("fund__currency")).select_related("fund"):
        yield f"account {stray} of {stray.fund} is in {stray.currency}"


def lines_stay_in_their_fund() -> Iterator[str]:
    """No transaction moves money between two funds: its lines sum to zero in each."""
    sums = LedgerLine.objects.values("transaction__key", "account__fund__name").annotate(total=Sum("amount_minor"))
    for row in sums.exclude(total=0).order_by("transaction__key", "account__fund__name").iterator():
        yield (
            f"ledger transaction {row['transaction__key']} moves {row['total']} into {row['account__fund__name']} "
            "from elsewhere"
        )


def kept_pledges_have_their_money() -> Iterator[str]:
    """A pledge that was kept names a top-up of its own fund, of what was pledged at least."""
    kept = Pledge.objects.filter(kept_at__isnull=False).select_related("kept_by_top_up")
    for pledge in kept.annotate(
        came_minor=Coalesce(Sum("kept_by_top_up__lines__amount_minor",
                                filter=Q(kept_by_top_up__lines__account__kind=Account.Kind.FREE)), 0)
    ).iterator():  # fmt: skip
        top_up = pledge.kept_by_top_up
        if top_up is None or top_up.fund_id != pledge.fund_id or pledge.came_minor < pledge.amount_minor:
            yield f"{pledge}: no money of its fund kept it"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    transactions_are_sealed_and_balance,
    balances_are_sums,
    lines_stay_in_their_fund,
    kept_pledges_have_their_money,
]
