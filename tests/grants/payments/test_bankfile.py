"""The file for the bank: what is released and can be paid, no formula, the same bytes again, each reading recorded."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from grants.agreements.actions import suspend_grant
from grants.campaigns.models import Campaign
from grants.payments.actions import hold_payment, make_payment_file, read_payment_file, resume_payment
from grants.payments.bankfile import HEAD, file_bytes
from grants.payments.files import PaymentFile, PaymentLine
from grants.payments.models import Tranche
from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories import banking
from tests.factories.grants import finance, officer_of
from tests.factories.payments import released
from tests.factories.reviews import officer
from tests.grants.payments.test_payment_pages import signed_in, url
from vetting_portal.duties import duties
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def test_a_file_holds_what_is_released_and_is_the_same_again(payable: Campaign) -> None:
    tranche, by = released(payable), finance()

    made = make_payment_file(by=by)
    content = read_payment_file(file=made, by=by)

    head, line = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    details = tranche.details
    assert details is not None
    assert tuple(head) == HEAD
    assert dict(zip(head, line, strict=True)) == {
        "reference": f"{payable.grant.number}-1",
        "holder": details.holder,
        "bank": details.bank_name,
        "bank_country": "TH",
        "account": "0123456789",
        "bic": "EXAMTHBK",
        "currency": "USD",
        "amount": "1000.00",
    }
    assert read_payment_file(file=made, by=finance()) == content
    assert b"\r\n" in content
    events = [entry.event for entry in AuditEntry.objects.about(made)]
    assert events == ["payment_file_made", "payment_file_read", "payment_file_read"]
    assert AuditEntry.objects.about(details).filter(event="account_read").count() == 3
    with pytest.raises(Refused, match="No released payment waits"):
        make_payment_file(by=by)


def test_a_payment_released_again_goes_into_the_next_file_and_the_first_stays(payable: Campaign) -> None:
    tranche, by = released(payable), finance()
    first = make_payment_file(by=by)
    content = read_payment_file(file=first, by=by)
    hold_payment(tranche=tranche, reason="The bank sent it back.", is_stopped=True, by=by)
    resume_payment(tranche=tranche, by=by)
    released(payable)

    second = make_payment_file(by=by)

    assert second.lines.count() == 1
    assert read_payment_file(file=first, by=by) == content


def test_who_is_held_or_whose_account_changed_is_left_out_with_why(payable: Campaign) -> None:
    released(payable)
    banking.entered(payable.grant.submission, account="012-3-99999-9", held=False, letter=False)
    with pytest.raises(Refused, match="not the approved ones any more"):
        make_payment_file(by=finance())

    organisation = payable.grant.submission.organisation
    place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="A name.", by=officer())
    with pytest.raises(Refused, match="This organisation is held"):
        make_payment_file(by=finance())

    assert not PaymentFile.objects.exists()


def test_only_finance_makes_and_reads_it(payable: Campaign) -> None:
    released(payable)
    with pytest.raises(PermissionDenied):
        make_payment_file(by=officer_of(payable.grant))
    made = make_payment_file(by=finance())
    with pytest.raises(PermissionDenied):
        read_payment_file(file=made, by=officer_of(payable.grant))


def test_a_file_never_changes(payable: Campaign) -> None:
    released(payable)
    made = make_payment_file(by=finance())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PaymentLine.objects.filter(file=made).update(amount_minor=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PaymentFile.objects.filter(pk=made.pk).update(sha256="0" * 64)


def test_a_file_with_other_bytes_than_on_record_is_not_given_out(payable: Campaign) -> None:
    released(payable)
    made = make_payment_file(by=finance())
    made.sha256 = "0" * 64
    with pytest.raises(Refused, match="cannot be made as it was"):
        read_payment_file(file=made, by=finance())


def test_no_cell_is_a_formula() -> None:
    content = file_bytes([["=1+1", "+A1", "-2", "@x", "ok", "", "USD", "1.00"]])
    assert content.decode("utf-8-sig").splitlines()[1] == "'=1+1,'+A1,'-2,'@x,ok,,USD,1.00"


def test_a_suspended_grant_is_left_out_and_its_payment_is_to_be_held(payable: Campaign) -> None:
    tranche, by = released(payable), finance()
    suspend_grant(grant=payable.grant, reason="A report of harm is looked into.", by=officer_of(payable.grant))

    with pytest.raises(Refused, match=r"The grant is suspended\. Hold the payment so that"):
        make_payment_file(by=by)
    now = {duty.key for duty in duties(by)}
    hold_payment(tranche=tranche, reason="The grant is suspended.", by=by)

    assert now & {"grants.pay", "grants.stop_payment"} == {"grants.stop_payment"}
    assert not {duty.key for duty in duties(by)} & {"grants.pay", "grants.stop_payment", "grants.held_payment"}


def test_a_payment_in_a_file_is_held_only_once_it_is_stopped_at_the_bank(payable: Campaign) -> None:
    tranche, by = released(payable), finance()
    file = make_payment_file(by=by)
    client, page = signed_in(by), url("payment_hold", tranche.pk)

    shown = client.get(page).text
    unsaid = client.post(page, {"reason": "The account is in doubt."})
    said = client.post(page, {"reason": "The account is in doubt.", "is_stopped": "on"})

    assert f"This payment is in payment file {file.pk} of" in shown
    assert (unsaid.status_code, said.status_code) == (422, 302)
    assert "If the bank has paid it already, record the payment" in unsaid.text
    assert "The account is in doubt." in unsaid.text
    read = signed_in(by).get(file.get_absolute_url()).text
    assert (
        f"Stop at the bank: {tranche.reference}. Since the file was made, it was held, cancelled or released again"
        in read
    )
    held = Tranche.objects.get(pk=tranche.pk)
    assert (held.state, held.hold_reason.splitlines()[-1]) == (
        "held",
        f"Finance confirmed that the bank will not pay it ({file}).",
    )


def test_a_payment_in_no_file_asks_nothing_more(payable: Campaign) -> None:
    tranche = released(payable)
    shown = signed_in(finance()).get(url("payment_hold", tranche.pk)).text
    assert "is_stopped" not in shown
