"""A released payment that the bank must not make: its account is not the approved one any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from grants.banking.actions import enter_details, refuse_details
from grants.banking.models import BankDetails
from grants.campaigns.models import Campaign
from grants.payments.actions import hold_payment, make_payment_file
from grants.payments.files import PaymentFile
from grants.payments.models import Tranche
from tests.factories import banking
from tests.factories.grants import finance, officer_of, owner_of
from tests.factories.payments import released, tranche_of
from tests.grants.heard import asked, whys
from tests.grants.payments.test_pages import signed_in, text, url

NOT_APPROVED = "The bank details are not the approved ones any more. Hold the payment, then release it again."


def refused(tranche: Tranche) -> None:
    """Let an officer refuse the account that a payment was released to."""
    details = BankDetails.objects.current().get(organisation=tranche.organisation)
    refuse_details(details=details, reason="The holder is somebody else.", by=officer_of(tranche.grant))


def replaced(tranche: Tranche) -> None:
    """Let the owner enter another account after the release."""
    given = banking.given(tranche.organisation, account="999-9-99999-1")
    enter_details(organisation=tranche.organisation, by=owner_of(tranche.grant), **given)


@pytest.fixture
def payer() -> Client:
    """Give somebody of finance who released nothing."""
    return signed_in(finance())


@pytest.mark.both
@pytest.mark.parametrize("happens", [refused, replaced])
def test_a_payment_whose_account_is_no_longer_approved_is_held_and_not_paid(payable: Campaign, happens: Any) -> None:
    tranche, person = released(payable), finance()

    before = asked(person)
    happens(tranche)
    after = asked(person)

    assert before & {"grants.pay", "grants.stop_payment"} == {"grants.pay"}
    assert after & {"grants.pay", "grants.stop_payment"} == {"grants.stop_payment"}
    assert whys(person)["grants.stop_payment"] == (
        "Payment 1 is released, and the bank details are no longer the approved ones. "
        "Hold it, or record it if the bank has paid it"
    )
    hold_payment(tranche=tranche_of(payable), reason="Another account.", by=person)
    assert not asked(person) & {"grants.pay", "grants.stop_payment"}


@pytest.mark.both
def test_an_account_that_was_approved_more_than_a_year_ago_is_not_paid(payable: Campaign, time_machine: Any) -> None:
    released(payable)
    person = finance()

    time_machine.move_to(timezone.now() + timedelta(days=400))

    assert asked(person) & {"grants.pay", "grants.stop_payment"} == {"grants.stop_payment"}
    assert tranche_of(payable).void_reason == NOT_APPROVED


@pytest.mark.parametrize("happens", [refused, replaced])
def test_the_page_of_payments_says_to_hold_it_unless_the_bank_has_paid_it(
    payable: Campaign, payer: Client, happens: Any
) -> None:
    tranche = released(payable)
    happens(tranche)

    page = text(payer.get(url("payments", payable.grant.number)))

    assert "Hold payment 1, unless the bank has paid it" in page
    assert NOT_APPROVED in page
    assert url("payment_hold", tranche.pk) in page
    assert url("payment_paid", tranche.pk) in page
    assert "then record it" not in page
    assert payer.post(url("payment_hold", tranche.pk), {"reason": "Another account."}).status_code == 302
    assert tranche_of(payable).state == "held"


@pytest.mark.parametrize("happens", [refused, replaced])
def test_a_file_and_the_list_to_pay_say_that_it_must_not_be_made(
    payable: Campaign, payer: Client, happens: Any
) -> None:
    tranche = released(payable)
    file = make_payment_file(by=finance())
    before = text(payer.get(url("payment_file", file.pk)))

    happens(tranche)

    page, listed = text(payer.get(url("payment_file", file.pk))), text(payer.get(url("to_pay")))
    assert "must not be made" not in before
    assert "One payment in this file must not be made." in page
    assert f"Stop at the bank: {tranche.reference}." in page
    assert "or the bank details are no longer the approved ones" in page
    assert "Not to be paid from this file" in page
    assert NOT_APPROVED in listed


def test_no_file_is_made_for_an_account_that_was_replaced(payable: Campaign, payer: Client) -> None:
    replaced(released(payable))

    answer = payer.post(url("payment_file_make"))

    assert answer.status_code == 409
    assert NOT_APPROVED in text(answer)
    assert not PaymentFile.objects.exists()


def test_what_the_bank_has_paid_meanwhile_is_recorded(payable: Campaign, payer: Client) -> None:
    tranche = released(payable)
    refused(tranche)

    given = {"paid_on": timezone.localdate(), "bank_reference": "BK 1"}
    answer = payer.post(url("payment_paid", tranche.pk), given)

    assert answer.status_code == 302
    assert (tranche_of(payable).state, tranche_of(payable).void_reason) == ("paid", "")
