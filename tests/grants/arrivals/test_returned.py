"""A payment that the bank returned: the money is back to the cent, it is held, and it can be paid again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.arrivals.actions import remind_to_confirm
from grants.arrivals.models import last_word
from grants.campaigns.actions import refund_gift
from grants.endings.readiness import finish_blockers
from grants.payments.actions import (
    bounce_payment,
    match_line,
    record_payment,
    release_payment,
    resume_payment,
    upload_statement,
)
from grants.payments.models import Tranche
from grants.payments.reconciliation import reconcile
from grants.payments.tranches import Part, due
from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories import endings
from tests.factories.grants import finance, fresh, officer_of, owner_of
from tests.factories.payments import all_paid, spent
from tests.factories.portal import UserFactory
from tests.factories.reviews import officer
from tests.grants.arrivals.test_actions import confirm, keys, miss
from tests.grants.endings.test_pages import signed_in
from tests.grants.evidence.bundles import edited, found, signed_again
from tests.grants.evidence.test_evidence import bundle_of
from tests.grants.payments.test_paying import balances, broken
from tests.grants.payments.test_reconciling import rows
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused, transition_blockers

pytestmark = pytest.mark.both
WHY = "The account is closed."


def again(tranche):
    """Return a payment as it stands in the database."""
    return Tranche.objects.for_list().get(pk=tranche.pk)


def bounce(tranche, *, by=None, **changes):
    """Record that the bank returned it today."""
    told = {"returned_on": timezone.localdate(), "reason": WHY, **changes}
    return bounce_payment(tranche=again(tranche), by=by or finance(), **told)


def pay_again(tranche):
    """Put it back on the schedule, release it and record it as paid."""
    resume_payment(tranche=again(tranche), by=finance())
    release_payment(tranche=again(tranche), by=finance())
    return record_payment(
        tranche=again(tranche), paid_on=timezone.localdate(), bank_reference="BK-again", by=finance()
    )  # fmt: skip


def test_the_money_is_back_to_the_cent_and_the_payment_is_held(paid):
    campaign = paid.grant.campaign
    before = balances(campaign)

    held = bounce(paid)

    assert before["paid"] == paid.amount_minor
    assert "paid" not in balances(campaign)
    assert sum(balances(campaign).values()) == sum(before.values())
    assert (held.state, held.paid_on, held.paid_by, held.committed_minor) == ("held", None, None, None)
    assert WHY in held.hold_reason
    assert last_word(held).kind == "returned"
    assert [entry.event for entry in AuditEntry.objects.about(held)][-2:] == ["payment_returned", "bounce"]
    assert broken() == []


def test_paid_again_it_takes_the_same_money_and_the_partner_is_asked_again(paid):
    campaign = paid.grant.campaign
    before = balances(campaign)

    for times in (1, 2):
        bounce(paid)
        done = pay_again(paid)
        assert balances(campaign) == before
        assert done.arrivals.count() == times
    assert "grants.confirm_payment" in keys(owner_of(paid.grant))
    confirm(again(paid), seen=2)
    assert "grants.confirm_payment" not in keys(owner_of(paid.grant))
    assert broken() == []


def test_the_partner_is_notified_and_finance_decides(paid):
    by = finance()
    bounce(paid, by=by)

    to, subject, body = DBTaskResult.objects.order_by("-enqueued_at")[0].args_kwargs["args"]

    assert (to, subject) == (
        owner_of(paid.grant).email, f"The bank returned payment 1 of grant {paid.grant.number}",
    )  # fmt: skip
    assert WHY in body
    assert "grants.held_payment" in keys(by)
    assert "grants.confirm_payment" not in keys(owner_of(paid.grant))
    owner = signed_in(owner_of(paid.grant))
    assert "The bank returned it on" in owner.get(reverse("grants:partner_payments")).text
    assert WHY in owner.get(paid.get_arrival_url()).text
    place_hold(organisation=paid.organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=officer())
    assert WHY not in owner.get(paid.get_arrival_url()).text


def test_what_the_partner_has_does_not_come_back(paid):
    confirm(paid)
    with pytest.raises(Refused, match="The partner confirmed this payment"):
        bounce(paid)
    miss(again(paid), seen=1, text="It was another payment.")

    assert bounce(paid).state == "held"
    assert signed_in(finance()).get(paid.get_arrival_url()).status_code == 200  # with what was confirmed before


def test_twice_it_is_refused_and_so_is_one_that_was_not_paid(paid):
    bounce(paid)
    with pytest.raises(Refused):
        bounce(paid)
    other = Tranche.objects.get(grant=paid.grant, number=2)
    with pytest.raises(Refused):
        bounce(other)

    assert paid.arrivals.count() == 1


def test_of_a_grant_that_ended_it_is_money_that_comes_back(paid):
    endings.ended(fresh(paid.grant))

    with pytest.raises(Refused, match="The grant is terminated"):
        bounce(paid)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"days": 3}, "returned_on"),
        ({"days": -400}, "returned_on"),
    ],
    ids=["no reason", "to come", "before it was paid"],
)
def test_bad_input_is_named_at_its_field_and_nothing_moves(paid, changes, field):
    if "days" in changes:
        changes = {"returned_on": timezone.localdate() + timedelta(days=changes["days"])}
    with pytest.raises(ValidationError) as wrong:
        bounce(paid, **changes)

    assert list(wrong.value.message_dict) == [field]
    assert (again(paid).state, paid.arrivals.count()) == ("paid", 0)


@pytest.mark.parametrize("role", ["director", "auditor", "reviewer", "administrator"])
def test_only_finance_and_officers_record_it(paid, role):
    with pytest.raises(PermissionDenied):
        bounce(paid, by=UserFactory(roles=[role]))


def test_the_database_lets_nothing_be_unpaid_that_nobody_returned(paid):
    unpaid = {"state": "held", "paid_at": None, "paid_by": None, "paid_on": None, "hold_reason": "x",
              "held_at": timezone.now(), "held_by": paid.released_by}  # fmt: skip

    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Tranche.objects.filter(pk=paid.pk).update(**unpaid)
    bounce(paid)
    pay_again(paid)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Tranche.objects.filter(pk=paid.pk).update(**unpaid)  # the return before is not one of this payment


def test_finance_finds_the_page_and_reads_what_happens(paid):
    client, address = signed_in(finance()), reverse("grants:payment_bounce", args=[paid.pk])

    assert address in client.get(paid.get_arrival_url()).text
    assert "goes back to the grant" in client.get(address).text
    assert client.post(address, {"returned_on": "", "reason": ""}).status_code == 422
    day = timezone.localdate().isoformat()
    assert client.post(address, {"returned_on": day, "reason": WHY}).status_code == 302
    assert client.post(address, {"returned_on": day, "reason": WHY}).status_code == 409
    page = client.get(paid.get_arrival_url()).text
    assert "Returned by the bank on" in page
    assert address not in page


def test_each_reason_is_said_once(paid):
    confirm(paid)

    assert len(transition_blockers(again(paid), "bounce")) == 1


def test_an_earlier_payment_that_came_back_takes_all_that_is_left():
    """Half of 1,000 paid, the sum frozen at 800, 300 paid as the last: the first, paid again, is 500."""
    parts = [Part(5000), Part(5000, 300)]

    assert [one.amount for one in due(parts, payable=800, frozen=800)] == [500, 300]


def test_what_the_funder_bore_is_netted_from_the_payment_that_goes_again(payable):
    """R10: a refund after the last payment is borne; once that payment comes back, it is taken off it instead."""
    total = all_paid(payable)
    refund_gift(campaign=payable, gift_key="first", amount_minor=5_000, refund_key="rf-1", by=finance())
    last = Tranche.objects.get(grant=payable.grant_id, number=3)
    borne = balances(payable)["borne"]
    assert borne < 0

    bounce(last)
    assert "borne" not in balances(payable)
    done = pay_again(last)

    assert done.amount_minor == last.amount_minor + borne
    assert balances(payable)["paid"] == total + borne
    assert "borne" not in balances(payable)
    assert broken() == []


def test_a_grant_is_not_complete_while_a_payment_is_missing(payable):
    spent(payable, all_paid(payable))
    last, by = Tranche.objects.get(grant=payable.grant_id, number=3), officer_of(payable.grant)
    assert finish_blockers(fresh(payable.grant)) == []
    assert "grants.complete_grant" in keys(by)

    miss(last, seen=1, text="It was another payment.")

    assert "grants.complete_grant" not in keys(by)

    assert [str(one) for one in finish_blockers(fresh(payable.grant))] == [
        "The partner says that payment 3 has not arrived."
    ]


def test_a_line_of_the_bank_still_finds_it(paid):
    bounce(paid)
    line = f"{timezone.localdate()},-{paid.amount_minor / 100:.2f},USD,BK-1,Transfer"
    statement, _ = upload_statement(name="june.csv", content=rows(line), by=finance())

    found = reconcile(statement).differing[0]

    assert found.about.pk == paid.pk
    assert "The bank returned it, and it is not paid again." in found.differences
    assert match_line(line=found.line, tranche=again(paid), reason="It is the payment.", by=finance()).tranche_id


def test_paid_again_its_partner_is_reminded_again(paid, time_machine):
    def reminded():
        today = timezone.localdate()
        return remind_to_confirm(organisation=paid.organisation, today=today, by=finance())

    time_machine.move_to(timezone.now() + timedelta(days=8), tick=True)
    assert len(reminded()) == 1
    bounce(paid)
    assert reminded() == []
    pay_again(paid)
    time_machine.move_to(timezone.now() + timedelta(days=8), tick=True)

    assert [notice.time for notice in reminded()] == [2]
    assert reminded() == []


@pytest.mark.parametrize("is_paid_again", [False, True], ids=["held", "paid again"])
def test_the_evidence_tells_it_and_holds(paid, is_paid_again):
    bounce(paid)
    if is_paid_again:
        pay_again(paid)

    files = bundle_of(fresh(paid.grant))

    assert found(files) == ([], True)
    hidden = edited(files, "payments/arrivals.json", lambda rows: rows[0].update(words=[]))
    wrong, holds = found(signed_again(hidden))
    assert not holds
    assert wrong
