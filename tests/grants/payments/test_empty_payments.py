"""A payment that comes to nothing: its campaign is closed, and its money was refunded, or never given."""

import pytest
from django.utils import timezone

from grants.agreements.models import Grant
from grants.agreements.statements import statement_html
from grants.campaigns.actions import record_dispute, refund_gift
from grants.campaigns.models import Campaign, Gift
from grants.endings.readiness import finish_blockers
from grants.payments.actions import cancel_payment
from grants.payments.due import payments_of
from grants.payments.models import Tranche
from tests.factories import grants
from tests.factories.amendments import campaign_of
from tests.factories.grants import finance, officer_of
from tests.factories.payments import closed, fresh, gift, paid, tranche_of
from tests.grants.heard import asked, whys
from tests.grants.payments.test_pages import signed_in, text, url
from vetting_portal.models import User

HINT = "Nothing is left to pay on it: cancel it."


def without_gifts(grant: Grant) -> Campaign:
    """Return the closed campaign of a grant that nobody gave to; every payment's day has come."""
    campaign = campaign_of(grant)
    Tranche.objects.filter(grant=grant).update(due_on=None)
    return closed(campaign)


def refunded(campaign: Campaign, minor: int | None = None) -> None:
    """Let the first gift go back, or ``minor`` of it."""
    one = Gift.objects.get(campaign=campaign, seq=1)
    refund_gift(
        campaign=fresh(campaign), gift_key=one.key, source=one.source, amount_minor=minor, refund_key="r",
        reason="Asked for.", by=finance(),
    )  # fmt: skip


@pytest.mark.both
def test_a_grant_that_nobody_gave_to_waits_for_the_officer_to_cancel_its_payments(in_force: Grant) -> None:
    officer, payer = officer_of(in_force), finance()
    before = asked(officer)

    campaign = without_gifts(in_force)

    assert "grants.cancel_empty_payment" not in before
    assert whys(officer)["grants.cancel_empty_payment"] == (
        "Payment 1: the campaign is closed, and nothing is left to pay on it"
    )
    assert not asked(payer) & {"grants.release_payment", "grants.cancel_empty_payment"}
    for number in (1, 2, 3):
        assert "grants.cancel_empty_payment" in asked(officer)
        cancel_payment(tranche=tranche_of(campaign, number), reason="Nobody gave.", by=officer)
    assert "grants.cancel_empty_payment" not in asked(officer)


def test_the_page_of_payments_offers_to_cancel_what_comes_to_nothing(in_force: Grant) -> None:
    campaign = without_gifts(in_force)
    officer, page = signed_in(officer_of(in_force)), url("payments", in_force.number)
    pk = tranche_of(campaign).pk

    shown, read = text(officer.get(page)), text(signed_in(finance()).get(page))

    assert "Cancel payment 1: nothing is left to pay on it" in shown
    assert "Its gifts and their match were paid already, or refunded." in shown
    assert url("payment_release", pk) not in shown
    assert "Release payment 1" not in read
    assert officer.post(url("payment_cancel", pk), {"reason": "Nobody gave."}).status_code == 302
    assert "Cancel payment 2: nothing is left to pay on it" in text(officer.get(page))


def test_a_grant_is_completed_once_its_empty_payments_are_cancelled(in_force: Grant) -> None:
    campaign = without_gifts(in_force)
    officer, page = officer_of(in_force), url("complete", in_force.number)

    before = text(signed_in(officer).get(page))
    blockers = [one for one in finish_blockers(grants.fresh(in_force)) if "Payment" in one]
    for number in (1, 2, 3):
        cancel_payment(tranche=tranche_of(campaign, number), reason="Nobody gave.", by=officer)
    after = text(signed_in(officer).get(page))

    assert [(str(one), one.hint) for one in blockers] == [(f"Payment {n} is scheduled.", HINT) for n in (1, 2, 3)]
    assert before.count(HINT) == 3
    assert HINT not in after
    assert "is scheduled" not in after


def test_a_payment_that_still_comes_to_something_is_not_to_be_cancelled(payable: Campaign) -> None:
    closed(payable)

    blockers = [one for one in finish_blockers(grants.fresh(payable.grant)) if "Payment" in one]

    assert [one.hint for one in blockers] == ["", "", ""]
    assert "grants.cancel_empty_payment" not in asked(officer_of(payable.grant))
    assert "Release payment 1" in text(signed_in(finance()).get(url("payments", payable.grant.number)))


@pytest.mark.both
def test_what_was_refunded_after_the_first_payment_is_cancelled_and_not_released(payable: Campaign) -> None:
    closed(payable)
    paid(payable)
    payer, officer = finance(), officer_of(payable.grant)
    before = asked(payer)

    refunded(payable, 50_000)

    assert "grants.release_payment" in before
    assert "grants.release_payment" not in asked(payer)
    assert "grants.cancel_empty_payment" in asked(officer)
    assert signed_in(payer).get(url("payment_release", tranche_of(payable, 2).pk)).status_code == 409
    assert "Cancel payment 2: nothing is left" in text(signed_in(officer).get(url("payments", payable.grant.number)))


@pytest.mark.both
def test_a_payment_whose_gifts_are_in_dispute_is_neither_released_nor_cancelled(payable: Campaign) -> None:
    one, officer = Gift.objects.get(campaign=payable), officer_of(payable.grant)
    closed(payable)
    told = {"gift_key": one.key, "source": one.source, "dispute_key": "d", "by": User.objects.system("stripe")}

    record_dispute(campaign=fresh(payable), status="open", **told)
    during = asked()
    page = text(signed_in(officer).get(url("payments", payable.grant.number)))
    record_dispute(campaign=fresh(payable), status="lost", **told)

    assert not during & {"grants.release_payment", "grants.cancel_empty_payment"}
    assert "nothing is left to pay on it" not in page
    assert asked() & {"grants.release_payment", "grants.cancel_empty_payment"} == {"grants.cancel_empty_payment"}


def test_card_fees_of_refunded_gifts_make_nothing_payable_and_not_less(in_force: Grant) -> None:
    campaign = campaign_of(in_force)
    gift(campaign, "first", 100_000, fee_minor=3_000)
    refunded(campaign)
    closed(fresh(campaign))

    statement = grants.statement_of(grants.fresh(in_force))
    html = statement_html(statement, sealed_at=timezone.now())

    assert statement.content["figures"]["payable_minor"] == -3_000
    assert "−" not in html.split("Payable to the Partner", 1)[1][:200]
    assert "0.00" in html.split("Payable to the Partner", 1)[1][:200]
    assert (
        "USD 0.00: gifts less refunds and card fees, and the match. "
        "Card fees of USD 30.00 were not returned with the gifts that were refunded: the Funder bears them."
    ) in html
    page = text(signed_in(finance()).get(url("payments", in_force.number)))
    assert "USD 30,000.00 below the goal" in page


@pytest.mark.both
def test_a_refund_that_empties_a_payment_in_the_middle_leaves_the_next_what_it_was(payable: Campaign) -> None:
    closed(payable)
    paid(payable, 1)
    refunded(payable, 45_000)
    officer, payer = officer_of(payable.grant), finance()
    amounts = [row.amount_minor for row in payments_of(fresh(payable))]
    page = text(signed_in(officer).get(url("payments", payable.grant.number)))
    first = (asked(officer), asked(payer))

    cancel_payment(tranche=tranche_of(payable, 2), reason="It was refunded.", by=officer)

    assert amounts == [100_000, 0, 10_000]
    assert "Cancel payment 2: nothing is left to pay on it" in page
    assert "grants.cancel_empty_payment" in first[0]
    assert "grants.release_payment" not in first[1]
    assert [row.amount_minor for row in payments_of(fresh(payable))] == [100_000, 0, 10_000]
    assert "grants.cancel_empty_payment" not in asked(officer)
