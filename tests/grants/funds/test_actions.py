"""Match funds: money in, reserves, double entry that the database holds."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from grants.funds import actions
from grants.funds.invariants import INVARIANTS
from grants.funds.models import Account, LedgerLine, LedgerTransaction, MatchFund
from tests.factories import grants
from tests.factories.portal import UserFactory
from tests.support.races import run_together
from vetting_portal import audit
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def balances(fund):
    return {f"{row.kind} {row.reference}".strip(): row.balance_minor for row in fund.accounts.all()}


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def test_create_fund_asks_for_finance():
    with pytest.raises(PermissionDenied):
        actions.create_fund(name="Fund", currency="USD", programmes=[], by=UserFactory(roles=["director"]))
    assert not MatchFund.objects.exists()


def test_create_fund_refuses_a_name_that_is_taken():
    fund = grants.fund_with(0)
    with pytest.raises(ValidationError) as refusal:
        actions.create_fund(name=fund.name, currency="USD", programmes=[], by=grants.finance())
    assert set(refusal.value.error_dict) == {"name"}


def test_top_up_moves_the_funders_own_money_into_the_fund():
    fund = grants.fund_with(700_00)
    assert balances(fund) == {"sponsor": -700_00, "free": 700_00}
    assert fund.free_now() == 700_00
    assert broken() == []


def test_top_up_counts_a_reference_once():
    fund, by = grants.fund_with(0), grants.finance()
    actions.top_up(fund=fund, amount_minor=100, key="wire-1", by=by)
    assert actions.top_up(fund=fund, amount_minor=100, key="wire-1", by=by) is None
    assert balances(fund)["free"] == 100


def test_top_up_refuses_a_reference_with_another_amount():
    fund, by = grants.fund_with(0), grants.finance()
    actions.top_up(fund=fund, amount_minor=100, key="wire-1", by=by)
    with pytest.raises(ValidationError):
        actions.top_up(fund=fund, amount_minor=200, key="wire-1", by=by)
    assert balances(fund)["free"] == 100


@pytest.mark.parametrize("amount", [0, -1])
def test_top_up_refuses_nothing_and_less(amount):
    with pytest.raises(ValidationError):
        actions.top_up(fund=grants.fund_with(0), amount_minor=amount, key="wire-1", by=grants.finance())


def test_top_up_asks_for_finance():
    with pytest.raises(PermissionDenied):
        actions.top_up(fund=grants.fund_with(0), amount_minor=1, key="k", by=UserFactory(roles=["auditor"]))


def test_reserve_sets_money_aside_once():
    fund, by = grants.fund_with(1000), grants.system()
    account = actions.reserve(fund=fund, reference="2026-001", amount_minor=600, by=by)
    again = actions.reserve(fund=fund, reference="2026-001", amount_minor=600, by=by)
    assert (account.pk, again.balance_minor) == (again.pk, 600)
    assert balances(fund) == {"sponsor": -1000, "free": 400, "reserved 2026-001": 600}
    assert broken() == []


def test_reserve_never_exceeds_the_fund():
    fund = grants.fund_with(1000)
    with pytest.raises(Refused) as refusal:
        actions.reserve(fund=fund, reference="2026-001", amount_minor=1001, by=grants.system())
    assert refusal.value.blockers[0] == "There is not enough money in the match fund."
    assert balances(fund) == {"sponsor": -1000, "free": 1000}


def test_release_gives_a_reserve_back_once():
    fund, by = grants.fund_with(1000), grants.system()
    actions.reserve(fund=fund, reference="2026-001", amount_minor=600, by=by)
    actions.release(fund=fund, reference="2026-001", amount_minor=200, key="x", by=by)
    assert actions.release(fund=fund, reference="2026-001", amount_minor=200, key="x", by=by) is None
    assert balances(fund) == {"sponsor": -1000, "free": 600, "reserved 2026-001": 400}
    with pytest.raises(Refused):
        actions.release(fund=fund, reference="2026-001", amount_minor=401, key="y", by=by)
    assert actions.release(fund=fund, reference="2026-001", amount_minor=0, key="z", by=by) is None


def test_several_funds_reserve_and_give_back_in_one_transaction_each():
    first, second, by = grants.fund_with(1000), grants.fund_with(500), grants.system()
    account = actions.reserve(fund=first, reference="2026-001", amount_minor=600, further=[(second, 400)], by=by)
    assert (account.fund, account.balance_minor, second.free_now()) == (first, 600, 100)
    assert LedgerTransaction.objects.filter(kind="reserve").count() == 1
    with pytest.raises(Refused):
        actions.reserve(fund=first, reference="r2", amount_minor=1, further=[(second, 101)], by=by)
    made = actions.release_all(fund=first, reference="2026-001", key="lapsed", by=by)
    assert actions.release_all(fund=first, reference="2026-001", key="again", by=by) is None
    assert (made.lines.count(), first.free_now(), second.free_now()) == (4, 1000, 500)
    assert [made in LedgerTransaction.objects.of_fund(fund) for fund in (first, second)] == [True, True]
    assert broken() == []


def test_no_transaction_moves_money_between_two_funds():
    first, second = grants.fund_with(1000), grants.fund_with(500)
    lines = [(first.accounts.get(kind="free"), -5), (second.accounts.get(kind="free"), 5)]
    with pytest.raises(ValueError, match="do not sum to zero"):
        actions.post(key="k", kind="gift", fund=first, lines=lines, by=grants.system())


def test_post_refuses_lines_that_do_not_sum_to_zero():
    fund = grants.fund_with(1000)
    with pytest.raises(ValueError, match="do not sum to zero"):
        actions.post(key="k", kind="gift", fund=fund, lines=[(fund.accounts.get(kind="free"), -1)], by=grants.system())
    assert LedgerTransaction.objects.count() == 1


def test_post_all_writes_many_with_a_constant_number_of_statements(django_assert_num_queries):
    fund, by = grants.fund_with(100_000), grants.system()
    free = fund.accounts.get(kind="free")
    with transaction.atomic():
        reserved = actions.Account.objects.of(fund=fund, kind="reserved", reference="r")

    def post(number, start):
        lines = [(free, -1), (reserved, 1)]
        actions.post_all(
            postings=[actions.Posting(f"k{start + n}", "reserve", fund.pk, lines) for n in range(number)], by=by
        )

    with django_assert_num_queries(8):  # savepoint or transaction twice, lock, keys, two inserts, seal, balances
        post(2, 0)
    with django_assert_num_queries(8):
        post(40, 100)
    assert balances(fund)["reserved r"] == 42
    assert broken() == []


def insert_line(fund, amount, book_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO grants_ledgerline (transaction_id, account_id, amount_minor) VALUES (%s, %s, %s)",
            [book_id, fund.accounts.get(kind="free").pk, amount],
        )


def test_the_database_takes_no_late_line():
    fund = grants.fund_with(1000)
    with pytest.raises(DatabaseError, match="takes no more lines"), transaction.atomic():
        insert_line(fund, 5, LedgerTransaction.objects.get().pk)


def seal_out_of_balance(fund):
    with transaction.atomic():
        book = LedgerTransaction.objects.create(key="k", kind="gift", fund=fund, by=grants.system())
        insert_line(fund, 5, book.pk)
        LedgerTransaction.objects.filter(pk=book.pk).update(is_sealed=True)


def test_the_database_seals_nothing_out_of_balance():
    fund = grants.fund_with(1000)
    with pytest.raises(DatabaseError, match="sums to zero"):
        seal_out_of_balance(fund)


@pytest.mark.parametrize("write", [
    lambda: LedgerLine.objects.update(amount_minor=7),
    lambda: LedgerLine.objects.all()._raw_delete("default"),
    lambda: LedgerTransaction.objects.update(note="x"),
    lambda: LedgerTransaction.objects.update(is_sealed=False),
    lambda: LedgerTransaction.objects.all()._raw_delete("default"),
], ids=["change a line", "remove lines", "change a transaction", "open it again", "remove transactions"])  # fmt: skip
def test_the_ledger_is_append_only(write):
    grants.fund_with(1000)
    with pytest.raises(DatabaseError), transaction.atomic():
        write()
    assert LedgerLine.objects.count() == 2


def test_the_database_keeps_the_free_balance_above_zero():
    fund = grants.fund_with(1000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(fund=fund, kind="free").update(balance_minor=-1)


def test_invariants_name_a_balance_that_is_not_its_lines():
    fund = grants.fund_with(1000)
    Account.objects.filter(fund=fund, kind="free").update(balance_minor=999)
    assert broken() == [f"account Free in the fund of {fund} says 999, its lines say 1000"]


def test_an_audit_entry_that_fails_takes_the_money_back(monkeypatch):
    fund, by = grants.fund_with(1000), grants.finance()
    entries = AuditEntry.objects.count()

    def fail(drafts):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(RuntimeError):
        actions.top_up(fund=fund, amount_minor=5, key="wire-2", by=by)
    with pytest.raises(RuntimeError):
        actions.reserve(fund=fund, reference="r", amount_minor=5, by=by)
    assert balances(fund) == {"sponsor": -1000, "free": 1000}
    assert AuditEntry.objects.count() == entries


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_reserves_that_race_never_exceed_the_fund():
    fund, by = grants.fund_with(1000), grants.system()
    outcomes = run_together(
        *[lambda n=n: actions.reserve(fund=fund, reference=f"r{n}", amount_minor=600, by=by) for n in range(4)]
    )
    assert sum(outcome.went_through for outcome in outcomes) == 1
    assert all(isinstance(outcome.error, Refused) for outcome in outcomes if not outcome.went_through)
    assert fund.free_now() == 400
    assert broken() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_postgresql_commits_no_open_transaction():
    fund, by = grants.fund_with(1000), grants.system()
    with pytest.raises(DatabaseError, match="stayed open"), transaction.atomic():
        LedgerTransaction.objects.create(key="k", kind="gift", fund=fund, by=by)
