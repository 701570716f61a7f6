"""Every write to a match fund: its record, its ledger, its reserves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund
from partners.programmes.models import Programme
from vetting_portal.bulk import insert_rows
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker, Refused, action, lock, record

Line = tuple[Account, int]


@dataclass(frozen=True)
class Posting:
    """One ledger transaction to be: its lines sum to zero; its key makes it happen once."""

    key: str
    kind: str
    fund: MatchFund
    lines: Sequence[Line]
    reference: str = ""
    note: str = ""


@action
def create_fund(*, name: str, currency: str, programmes: Iterable[Programme], by: User, purpose: str = "") -> MatchFund:
    """Make an empty match fund for the grants of ``programmes``. Raises ValidationError when the name is taken."""
    if not by.has_perm("grants.create_fund"):
        raise PermissionDenied("create_fund")
    fund = MatchFund(name=name, currency=currency, purpose=purpose, created_by=by)
    fund.full_clean()
    fund.save()
    fund.programmes.set(programmes)
    record("created", fund, by=by, facts={"currency": currency, "programmes": [p.pk for p in fund.programmes.all()]})
    return fund


@action
def top_up(*, fund: MatchFund, amount_minor: int, key: str, by: User, note: str = "") -> LedgerTransaction | None:
    """Put money of the funder's own into ``fund``; ``key`` (a bank reference) makes it count once.

    Raises ValidationError for an amount that is not positive, or a key that was used for another amount.
    """
    if not by.has_perm("grants.top_up_fund", fund):
        raise PermissionDenied("top_up_fund")
    if amount_minor <= 0:
        raise ValidationError({"amount": "Give an amount above zero."})
    fund = lock(fund)
    key = f"top-up:{fund.pk}:{key}"
    lines = [
        (Account.objects.of(fund=fund, kind=Account.Kind.SPONSOR), -amount_minor),
        (Account.objects.of(fund=fund, kind=Account.Kind.FREE), amount_minor),
    ]
    made = post(key=key, kind=LedgerTransaction.Kind.TOP_UP, fund=fund, lines=lines, by=by, note=note)
    if made is None:
        before = LedgerLine.objects.get(transaction__key=key, account__kind=Account.Kind.FREE)
        if before.amount_minor != amount_minor:
            raise ValidationError({"key": "This reference was used for another amount. Give the bank's own reference."})
        return None
    record("topped_up", fund, by=by, facts={"amount_minor": amount_minor, "key": key})
    return made


@action
def reserve(*, fund: MatchFund, reference: str, amount_minor: int, by: User) -> Account:
    """Set ``amount_minor`` of the fund's free money aside for ``reference`` (a grant's number), once.

    Returns the account of the reserve. Raises Refused when the fund's free money does not cover it.
    """
    fund = lock(fund)
    free = Account.objects.of(fund=fund, kind=Account.Kind.FREE)
    reserved = Account.objects.of(fund=fund, kind=Account.Kind.RESERVED, reference=reference)
    if amount_minor:
        lines = [(free, -amount_minor), (reserved, amount_minor)]
        kind = LedgerTransaction.Kind.RESERVE
        post(key=f"reserve:{reference}", kind=kind, fund=fund, lines=lines, by=by, reference=reference)
    record("reserved", fund, by=by, facts={"reference": reference, "amount_minor": amount_minor})
    reserved.refresh_from_db()
    return reserved


@action
def release(*, fund: MatchFund, reference: str, amount_minor: int, key: str, by: User) -> LedgerTransaction | None:
    """Give ``amount_minor`` of the reserve of ``reference`` back to the fund's free money, once a ``key``.

    Raises Refused when the reserve does not hold as much.
    """
    fund = lock(fund)
    if not amount_minor:
        return None
    free = Account.objects.of(fund=fund, kind=Account.Kind.FREE)
    reserved = Account.objects.of(fund=fund, kind=Account.Kind.RESERVED, reference=reference)
    lines = [(reserved, -amount_minor), (free, amount_minor)]
    kind = LedgerTransaction.Kind.RELEASE
    made = post(key=f"release:{reference}:{key}", kind=kind, fund=fund, lines=lines, by=by, reference=reference)
    if made is not None:
        record("released", fund, by=by, facts={"reference": reference, "amount_minor": amount_minor})
    return made


@action
def post(
    *, key: str, kind: str, fund: MatchFund, lines: Sequence[Line], by: User, reference: str = "", note: str = ""
) -> LedgerTransaction | None:
    """Write one ledger transaction; None when ``key`` was written before. Raises as ``post_all`` does."""
    made = post_all(postings=[Posting(key, kind, fund, lines, reference, note)], by=by)
    return made[0] if made else None


@action
def post_all(*, postings: Sequence[Posting], by: User) -> list[LedgerTransaction]:
    """Write ledger transactions in order and move the balances, with a constant number of statements but one
    an account.

    Returns those that are new: a key that was written before is left alone. The accounts are locked first, by primary
    key. Raises ValueError for lines that do not sum to zero, Refused when an account would be overdrawn.
    """
    touched = {line[0].pk for posting in postings for line in posting.lines}
    locked = {row.pk: row for row in lock(Account.objects.filter(pk__in=touched))}
    keys = [posting.key for posting in postings]
    known = set(LedgerTransaction.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [posting for posting in postings if posting.key not in known]
    if not fresh:
        return []
    now = timezone.now()
    book = LedgerTransaction.objects.bulk_create(
        [
            LedgerTransaction(
                key=posting.key,
                kind=posting.kind,
                fund=posting.fund,
                reference=posting.reference,
                note=posting.note,
                by=by,
                at=now,
            )
            for posting in fresh
        ]
    )
    moved: dict[int, int] = defaultdict(int)
    lines = []
    for entry, posting in zip(book, fresh, strict=True):
        if sum(amount for _, amount in posting.lines) != 0:
            message = f"The lines of {posting.key} do not sum to zero."
            raise ValueError(message)
        for row, amount in posting.lines:
            if amount:
                lines.append((entry.pk, row.pk, amount))
                moved[row.pk] += amount
    insert_rows(LedgerLine, ("transaction", "account", "amount_minor"), lines)
    LedgerTransaction.objects.filter(pk__in=[entry.pk for entry in book]).update(is_sealed=True)
    _move([(locked[pk], amount) for pk, amount in sorted(moved.items()) if amount])
    return book


def _move(moves: Sequence[Line]) -> None:
    """Add each amount to its locked account. Raises Refused where one would be overdrawn."""
    for row, amount in moves:
        row.balance_minor += amount
        if row.balance_minor < 0 and row.kind in Account.NEVER_NEGATIVE:
            has, wants = (format_amount(minor, row.currency) for minor in (row.balance_minor - amount, -amount))
            hint = f"{row} holds {has}; this takes {wants}."
            raise Refused([Blocker("There is not enough money in the match fund.", hint=hint)])
        row.save(update_fields=["balance_minor"])
