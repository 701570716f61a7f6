"""Every write to a match fund: its record, its ledger, its reserves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund, Pledge
from partners.programmes.models import Programme
from vetting_portal.bulk import insert_rows
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

Line = tuple[Account, int]
Part = tuple[MatchFund, int]
"""A fund, and what it gives in minor units."""


@dataclass(frozen=True)
class Posting:
    """One ledger transaction to be: its lines sum to zero, in each fund; its key makes it happen once."""

    key: str
    kind: str
    fund_id: int
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
def restrict_fund(
    *,
    fund: MatchFund,
    programmes: Iterable[Programme],
    countries: Iterable[str],
    by: User,
    gives_from_on: date | None = None,
    gives_until_on: date | None = None,
) -> MatchFund:
    """Say what the fund may match: programmes, countries by code (none: any), the days a match window lies within.

    Grants that were signed keep their match. Raises ValidationError for days in the wrong order.
    """
    ask(by, "grants.restrict_fund", fund)
    fund = lock(fund)
    fund.countries, fund.gives_from_on, fund.gives_until_on = sorted(set(countries)), gives_from_on, gives_until_on
    fund.validate_constraints()
    fund.save(update_fields=["countries", "gives_from_on", "gives_until_on"])
    fund.programmes.set(programmes)
    facts = {
        "programmes": sorted(fund.programmes.values_list("pk", flat=True)),
        "countries": fund.countries,
        "gives_from_on": gives_from_on.isoformat() if gives_from_on else None,
        "gives_until_on": gives_until_on.isoformat() if gives_until_on else None,
    }
    record("restricted", fund, by=by, facts=facts)
    return fund


@action
def record_pledge(
    *, fund: MatchFund, pledged_by: str, amount_minor: int, due_on: date, by: User, note: str = ""
) -> Pledge:
    """Note that somebody promised money to the fund. It moves nothing. Raises ValidationError for no name or amount."""
    ask(by, "grants.record_pledge", fund)
    pledge = Pledge(
        fund=lock(fund), pledged_by=pledged_by.strip(), amount_minor=amount_minor, due_on=due_on, note=note,
        recorded_by=by,
    )  # fmt: skip
    pledge.full_clean(exclude=["fund", "recorded_by"])
    pledge.save()
    record("pledge_recorded", fund, by=by, facts={"pledge": pledge.pk, "amount_minor": amount_minor})
    return pledge


@action
def withdraw_pledge(*, pledge: Pledge, reason: str, by: User) -> Pledge:
    """Note that the money of a pledge will not come. Raises ValidationError without a reason, Refused when it is kept
    or withdrawn already.
    """
    ask(by, "grants.withdraw_pledge", pledge)
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason stays on record."})
    fund = lock(pledge.fund)
    pledge = lock(pledge)
    _check_open(pledge)
    pledge.withdrawn_at, pledge.withdrawn_by, pledge.withdrawn_reason = timezone.now(), by, reason.strip()
    pledge.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    record("pledge_withdrawn", fund, by=by, note=reason.strip(), facts={"pledge": pledge.pk})
    return pledge


def _check_open(pledge: Pledge) -> None:
    if not pledge.is_open:
        raise Refused(["This pledge was kept." if pledge.kept_at else "This pledge was withdrawn."], subject=pledge)


@action
def top_up(
    *, fund: MatchFund, amount_minor: int, key: str, by: User, note: str = "", pledge: Pledge | None = None
) -> LedgerTransaction | None:
    """Put money of the funder's own into ``fund``; ``key`` (a bank reference) makes it count once. It may keep a
    ``pledge``, where it is not less than what was pledged.

    Raises ValidationError for an amount that is not positive or too little for the pledge, or a key that was used for
    another amount; Refused where the pledge is not open.
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
    if pledge is not None:
        _keep(lock(pledge), fund, made, amount_minor, by)
    record("topped_up", fund, by=by, facts={"amount_minor": amount_minor, "key": key})
    return made


def _keep(pledge: Pledge, fund: MatchFund, made: LedgerTransaction, amount_minor: int, by: User) -> None:
    """Mark a pledge as kept by the money that came."""
    _check_open(pledge)
    if pledge.fund_id != fund.pk:
        raise ValidationError({"pledge": "This pledge is to another fund."})
    if amount_minor < pledge.amount_minor:
        pledged = format_amount(pledge.amount_minor, fund.currency)
        hint = f"The pledge is of {pledged}. Put a smaller sum in without naming it."
        raise ValidationError({"pledge": hint})
    pledge.kept_at, pledge.kept_by, pledge.kept_by_top_up = made.at, by, made
    pledge.save(update_fields=["kept_at", "kept_by", "kept_by_top_up"])
    record("pledge_kept", fund, by=by, facts={"pledge": pledge.pk, "amount_minor": amount_minor})


@action
def reserve(*, fund: MatchFund, reference: str, amount_minor: int, by: User, further: Sequence[Part] = ()) -> Account:
    """Set ``amount_minor`` of the fund's free money aside for ``reference`` (a grant's number), once; of ``further``
    funds what each gives, in the same transaction.

    Returns the account of the first fund's reserve. Raises Refused when a fund's free money does not cover its part.
    """
    parts = [(fund, amount_minor), *further]
    lock(MatchFund.objects.filter(pk__in=[each.pk for each, _ in parts]))
    lines: list[Line] = []
    for each, minor in parts:
        if minor:
            lines += _moved(each, reference, minor)
    reserved = Account.objects.of(fund=fund, kind=Account.Kind.RESERVED, reference=reference)
    if lines:
        kind = LedgerTransaction.Kind.RESERVE
        post(key=f"reserve:{reference}", kind=kind, fund=fund, lines=lines, by=by, reference=reference)
    for each, minor in parts:
        record("reserved", each, by=by, facts={"reference": reference, "amount_minor": minor})
    reserved.refresh_from_db()
    return reserved


def _moved(fund: MatchFund, reference: str, amount_minor: int) -> list[Line]:
    """Return the lines that move an amount from a fund's free money to the reserve of ``reference``."""
    free = Account.objects.of(fund=fund, kind=Account.Kind.FREE)
    reserved = Account.objects.of(fund=fund, kind=Account.Kind.RESERVED, reference=reference)
    return [(free, -amount_minor), (reserved, amount_minor)]


@action
def release_all(*, fund: MatchFund, reference: str, key: str, by: User) -> LedgerTransaction | None:
    """Give everything that is reserved for ``reference`` back to the funds it came from, once a ``key``; the
    transaction is filed under ``fund``, the first of them.
    """
    held = Account.objects.filter(kind=Account.Kind.RESERVED, reference=reference, balance_minor__gt=0)
    funds = {each.pk: each for each in lock(MatchFund.objects.filter(pk__in=held.values("fund")))}
    found = lock(held)
    if not found:
        return None
    lines = [line for row in found for line in _moved(funds[row.fund_id], reference, -row.balance_minor)]
    kind = LedgerTransaction.Kind.RELEASE
    made = post(key=f"release:{reference}:{key}", kind=kind, fund=fund, lines=lines, by=by, reference=reference)
    if made is not None:
        for row in found:
            facts = {"reference": reference, "amount_minor": row.balance_minor}
            record("released", funds[row.fund_id], by=by, facts=facts)
    return made


@action
def release(*, fund: MatchFund, reference: str, amount_minor: int, key: str, by: User) -> LedgerTransaction | None:
    """Give ``amount_minor`` of the reserve of ``reference`` back to the fund's free money, once a ``key``.

    Raises Refused when the reserve does not hold as much.
    """
    fund = lock(fund)
    if not amount_minor:
        return None
    lines = _moved(fund, reference, -amount_minor)
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
    made = post_all(postings=[Posting(key, kind, fund.pk, lines, reference, note)], by=by)
    return made[0] if made else None


@action
def post_all(
    *, postings: Sequence[Posting], by: User, held: Iterable[Account] = (), are_new: bool = False
) -> list[LedgerTransaction]:
    """Write ledger transactions in order and move the balances, with a constant number of statements.

    Returns those that are new: a key that was written before is left alone. The accounts are locked first, by primary
    key, but those that the caller has ``held`` under lock already. A caller whose own lock says that the keys
    ``are_new`` is taken at its word; the database then refuses one that is not. Raises ValueError for lines that do
    not sum to zero in each fund, Refused when an account would be overdrawn.
    """
    locked = {row.pk: row for row in held}
    if others := {line[0].pk for posting in postings for line in posting.lines} - locked.keys():
        locked |= {row.pk: row for row in lock(Account.objects.filter(pk__in=others))}
    fresh = postings if are_new else _not_written(postings)
    if not fresh:
        return []
    now = timezone.now()
    book = LedgerTransaction.objects.bulk_create(
        [
            LedgerTransaction(
                key=posting.key,
                kind=posting.kind,
                fund_id=posting.fund_id,
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
        _check_sums(posting)
        for row, amount in posting.lines:
            if amount:
                lines.append((entry.pk, row.pk, amount))
                moved[row.pk] += amount
    insert_rows(LedgerLine, ("transaction", "account", "amount_minor"), lines)
    LedgerTransaction.objects.filter(pk__in=[entry.pk for entry in book]).update(is_sealed=True)
    _move([(locked[pk], amount) for pk, amount in sorted(moved.items()) if amount])
    return book


def _not_written(postings: Sequence[Posting]) -> list[Posting]:
    keys = [posting.key for posting in postings]
    known = set(LedgerTransaction.objects.filter(key__in=keys).values_list("key", flat=True))
    return [posting for posting in postings if posting.key not in known]


def _check_sums(posting: Posting) -> None:
    """Raise ValueError where the lines of a posting do not sum to zero in each fund: no money moves between two."""
    sums: dict[int, int] = defaultdict(int)
    for row, amount in posting.lines:
        sums[row.fund_id] += amount
    if any(sums.values()):
        message = f"The lines of {posting.key} do not sum to zero."
        raise ValueError(message)


def _move(moves: Sequence[Line]) -> None:
    """Add each amount to its locked account. Raises Refused where one would be overdrawn."""
    for row, amount in moves:
        row.balance_minor += amount
        if row.balance_minor < 0 and row.kind in Account.NEVER_NEGATIVE:
            has, wants = (format_amount(minor, row.currency) for minor in (row.balance_minor - amount, -amount))
            hint = f"{row} holds {has}; this takes {wants}."
            raise Refused([Blocker("There is not enough money in the match fund.", hint=hint)])
    # One statement, and a quicker one than a CASE for each account; the rows are there and locked.
    Account.objects.bulk_create(
        [row for row, _ in moves], update_conflicts=True, update_fields=["balance_minor"], unique_fields=["pk"]
    )
