"""What comes after the end of a grant, or just before: refunds beside disputes, late gifts, payments that come back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grants.arrivals.actions import answer_missing
from grants.campaigns.actions import record_dispute, refund_gift
from grants.endings.actions import finish_grant, tend_completed, tend_ending
from grants.endings.readiness import finish_blockers
from grants.funds.actions import reserve
from grants.funds.models import Account, LedgerTransaction
from grants.invariants import INVARIANTS
from grants.payments.actions import bounce_payment
from grants.payments.due import accounts_of
from grants.reports.models import Report
from tests.factories import endings, grants, payments
from tests.grants.arrivals.test_actions import miss
from tests.grants.endings.test_letters import sent
from tests.grants.endings.test_pages import signed_in
from vetting_portal.duties import duties
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def sound() -> list[str]:
    """Return what is wrong with the records of grants: nothing."""
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def test_a_refund_is_recorded_while_another_gift_is_in_dispute_and_the_fund_is_used_up(paid):
    grant = paid.grant
    payments.gift(paid, "second", 60_000)
    payments.gift(paid, "third", 50_000)
    ending = endings.ended(grant)
    left = grant.fund.free_now() - 50_000
    reserve(fund=grant.fund, reference="another grant", amount_minor=left, by=grants.officer_of(grant))

    about = {"campaign": payments.fresh(paid), "gift_key": "second", "dispute_key": "du-1", "by": grants.system()}
    record_dispute(**about, status="open")
    refund_gift(campaign=payments.fresh(paid), gift_key="third", by=grants.finance())
    tend_ending.call(ending.pk)

    assert grant.fund.free_now() == 50_000  # its match went back when the grant ended
    assert accounts_of(grants.fresh(grant))[Account.Kind.MATCHED] == -60_000  # it stands at risk
    assert sound() == []


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_after_the_end_leaves_nothing_open_however_it_ends(paid, status):
    grant = paid.grant
    payments.gift(paid, "second", 60_000)
    ending = endings.ended(grant)
    free = grant.fund.free_now()
    about = {"campaign": payments.fresh(paid), "gift_key": "second", "dispute_key": "du-1", "by": grants.system()}

    record_dispute(**about, status="open")
    tend_ending.call(ending.pk)
    record_dispute(**{**about, "campaign": payments.fresh(paid)}, status=status)
    tend_ending.call(ending.pk)

    held = accounts_of(grants.fresh(grant))
    kind = Account.Kind
    assert [held.get(one, 0) for one in (kind.GIFTS, kind.MATCHED, kind.AT_RISK, kind.DISPUTED)] == [0, 0, 0, 0]
    assert grant.fund.free_now() == free
    assert sound() == []


def test_a_gift_after_completion_is_kept_for_a_similar_purpose_at_once(payable):
    payments.spent(payable, payments.all_paid(payable))
    finish_grant(grant=grants.fresh(payable.grant), by=grants.officer_of(payable.grant))

    payments.gift(payments.fresh(payable), "late", 5_000)

    held = accounts_of(grants.fresh(payable.grant))
    assert (held.get(Account.Kind.GIFTS, 0), held[Account.Kind.SIMILAR]) == (0, 5_000)
    assert sound() == []


def test_a_grant_is_complete_once_the_partner_confirmed_its_payments_or_thirty_days_passed(payable, time_machine):
    payments.spent(payable, payments.all_paid(payable), is_confirmed=False)
    by = grants.officer_of(payable.grant)
    for number in (1, 2):
        payments.arrived(payments.tranche_of(payable, number))

    reasons = finish_blockers(grants.fresh(payable.grant))
    offered = "grants.complete_grant" in {duty.key for duty in duties(by)}
    day = f"{timezone.localdate():%-d %B %Y}"
    time_machine.move_to(timezone.now() + timedelta(days=30))

    assert [str(one) for one in reasons] == [f"The partner has not confirmed payment 3, paid on {day}."]
    assert (offered, finish_blockers(grants.fresh(payable.grant))) == (False, [])
    assert "grants.complete_grant" in {duty.key for duty in duties(by)}


def test_a_fee_that_stays_with_a_disputed_gift_is_moved_once(paid):
    grant = paid.grant
    gift = payments.gift(paid, "second", 60_000, fee_minor=300)
    ending = endings.ended(grant)
    refund_gift(campaign=payments.fresh(paid), gift_key="second", by=grants.finance())
    record_dispute(
        campaign=payments.fresh(paid), gift_key=gift.key, dispute_key="du-1", status="open", by=grants.system()
    )
    tend_ending.call(ending.pk)
    made = LedgerTransaction.objects.count()

    for _ in range(3):
        tend_ending.call(ending.pk)

    assert LedgerTransaction.objects.count() == made
    assert sound() == []


def test_what_a_dispute_withheld_of_a_completed_grant_is_moved_the_next_day(payable):
    payments.spent(payable, payments.all_paid(payable))
    finish_grant(grant=grants.fresh(payable.grant), by=grants.officer_of(payable.grant))
    about = {"gift_key": "first", "dispute_key": "du-1", "by": grants.system()}
    record_dispute(campaign=payments.fresh(payable), status="open", **about)
    payments.gift(payments.fresh(payable), "late", 5_000)
    record_dispute(campaign=payments.fresh(payable), status="won", **about)

    for _ in range(2):
        tend_completed.call()
        drain()

    held = accounts_of(grants.fresh(payable.grant))
    assert (held.get(Account.Kind.GIFTS, 0), held[Account.Kind.SIMILAR]) == (0, 5_000)
    assert sound() == []


def test_an_answer_to_a_missing_payment_begins_the_thirty_days_anew(payable, time_machine):
    payments.spent(payable, payments.all_paid(payable))
    last, by = payments.tranche_of(payable, 3), grants.officer_of(payable.grant)
    miss(last, seen=1, text="It was another payment.")
    time_machine.move_to(timezone.now() + timedelta(days=35))
    answer_missing(tranche=last, text="We asked our bank.", by=grants.finance())

    reasons = finish_blockers(grants.fresh(payable.grant))
    time_machine.move_to(timezone.now() + timedelta(days=29))
    later = finish_blockers(grants.fresh(payable.grant))
    offered = "grants.complete_grant" in {duty.key for duty in duties(by)}
    time_machine.move_to(timezone.now() + timedelta(days=1))

    assert [str(one)[:44] for one in (*reasons, *later)] == ["The partner has not confirmed payment 3, pai"] * 2
    assert (offered, finish_blockers(grants.fresh(payable.grant))) == (False, [])
    assert f"From {timezone.localdate():%-d %B %Y}, the grant can be completed" in reasons[0].hint
    assert "grants.complete_grant" in {duty.key for duty in duties(by)}


def test_no_closing_report_is_asked_for_where_the_only_payment_came_back(paid, time_machine):
    ending = endings.confirmed(endings.asked(paid.grant, ends_on=endings.later(5)))
    bounce_payment(
        tranche=payments.tranche_of(paid, 1), returned_on=timezone.localdate(), reason="The account is closed.",
        by=grants.finance(),
    )  # fmt: skip
    time_machine.move_to(timezone.now() + timedelta(days=5))
    tend_ending.call(ending.pk)

    assert grants.fresh(paid.grant).state == "terminated"
    assert not Report.objects.filter(grant=paid.grant).exclude(state="cancelled").exists()
    assert sound() == []


def test_a_gift_in_dispute_says_nothing_of_payments_once_the_grant_has_ended(payable):
    record_dispute(campaign=payable, gift_key="first", dispute_key="p", status="open", by=grants.system())
    address = payable.gifts.get(key="first").get_absolute_url()
    before = signed_in(grants.finance()).get(address).text

    endings.ended(payable.grant)
    after = signed_in(grants.finance()).get(address).text

    assert ("has queried or disputed this gift" in before, "no further payment" in before) == (True, True)
    assert ("has queried or disputed this gift" in after, "no further payment" in after) == (True, False)


def test_a_report_sent_since_the_request_stops_the_confirmation(paid):
    ending = endings.asked(paid.grant)
    sent(paid, 10_000)

    with pytest.raises(Refused, match="sums changed") as refused:
        endings.confirmed(ending)

    assert any("a report was submitted" in blocker.hint for blocker in refused.value.blockers)
