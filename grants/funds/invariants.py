"""What must be true of every fund's ledger."""

from collections.abc import Callable, Iterator

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce

from grants.funds.models import Account, LedgerLine, LedgerTransaction


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
    """No transaction moves money between two funds."""
    for line in LedgerLine.objects.exclude(account__fund=F("transaction__fund")).select_related("transaction"):
        yield f"ledger transaction {line.transaction.key} has a line in another fund"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    transactions_are_sealed_and_balance,
    balances_are_sums,
    lines_stay_in_their_fund,
]
