"""A payment on its way: every condition asked afresh, two people, the ledger, refunds netted or borne, nothing half."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements.models import FundShare, Terms
from grants.campaigns.actions import correct_eligibility, refund_gift
from grants.campaigns.models import Campaign
from grants.funds.actions import post, release
from grants.funds.models import Account, LedgerTransaction, MatchFund
from grants.invariants import INVARIANTS
from grants.payments import invariants as payments
from grants.payments.actions import (
    cancel_payment,
    hold_payment,
    record_payment,
    release_payment,
    reschedule_payments,
    resume_payment,
)
from grants.payments.models import Tranche
from partners.models import Hold
from partners.organisations.actions import place_hold
from reviews.screening.banks import Bank
from tests.factories import banking
from tests.factories.grants import finance, fund_with, grant_in, officer_of, owner_of
from tests.factories.payments import accepted, closed, fresh, gift, paid, released, tranche_of
from tests.factories.payments import payable as payable_of
from tests.factories.portal import UserFactory
from tests.factories.reviews import officer
from vetting_portal.canonical import sha256_of
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused, action

pytestmark = pytest.mark.both


def balances(campaign: Campaign) -> dict[str, int]:
    """Return what the ledger holds for the grant."""
    rows = Account.objects.filter(reference=campaign.grant.number)
    return {kind: minor for kind, minor in rows.values_list("kind", "balance_minor") if minor}


def broken() -> list[str]:
    """Return every invariant of grants that does not hold."""
    return [sentence for check in INVARIANTS for sentence in check()]


def reasons(campaign: Campaign, number: int = 1, *, by: User | None = None) -> list[str]:
    """Return why a payment cannot be released."""
    with pytest.raises(Refused) as refusal:
        released(campaign, number, by=by)
    return [str(blocker) for blocker in refusal.value.blockers]


def test_a_payment_is_released_by_one_and_recorded_by_another(payable: Campaign) -> None:
    releaser, payer = finance(), finance()

    tranche = released(payable, by=releaser)
    with pytest.raises(Refused, match="You released this payment"):
        record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference="BK 1", by=releaser)
    done = record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference=" BK  1 ", by=payer)

    assert (done.state, done.amount_minor, done.bank_reference) == ("paid", 100_000, "BK 1")
    assert (done.released_by, done.paid_by) == (releaser, payer)
    assert balances(payable)["paid"] == 100_000
    assert balances(payable)["matched"] == 100_000
    assert "gifts" not in balances(payable)  # the donors' gifts go first
    assert LedgerTransaction.objects.get(kind="payment").key == f"payment:{done.pk}:{payable.grant.fund_id}"
    assert [entry.event for entry in AuditEntry.objects.about(done)] == ["release", "pay"]
    assert broken() == []


def test_the_partner_is_told_what_was_paid(payable: Campaign) -> None:
    tranche = paid(payable)

    to, subject, body = DBTaskResult.objects.order_by("-enqueued_at")[0].args_kwargs["args"]

    assert to == owner_of(payable.grant).email
    assert subject == f"We have paid you: payment 1 of grant {payable.grant.number}"
    assert "USD 1,000.00" in body
    assert "BK-1" in body
    assert f"{tranche.get_arrival_url()}\n" in body


def test_who_approved_the_bank_details_does_not_release(payable: Campaign) -> None:
    approver = payable.grant.submission.organisation.bank_details.current().get().approved_by

    assert reasons(payable, by=approver) == ["You approved the bank details."]
    tranche = released(payable)
    with pytest.raises(IntegrityError, match="does not release"), transaction.atomic():
        Tranche.objects.filter(pk=tranche.pk).update(released_by=approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tranche.objects.filter(pk=tranche.pk).update(paid_by=tranche.released_by, paid_at=timezone.now())


def test_what_is_paid_never_changes(payable: Campaign) -> None:
    tranche = paid(payable)

    for change in ({"amount_minor": 1}, {"bank_reference": "other"}, {"state": "scheduled"}):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            Tranche.objects.filter(pk=tranche.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM grants_tranche WHERE id = %s", [tranche.pk])


@pytest.mark.parametrize("role", ["director", "auditor", "reviewer", "administrator"])
def test_only_finance_and_officers_move_payments(payable: Campaign, role: str) -> None:
    person = UserFactory(roles=[role])
    with pytest.raises(PermissionDenied):
        release_payment(tranche=tranche_of(payable), by=person)
    tranche = released(payable)
    for act in (
        lambda: record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference="x", by=person),
        lambda: hold_payment(tranche=tranche, reason="x", by=person),
        lambda: cancel_payment(tranche=tranche, reason="x", by=finance()),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_registration_is_asked_afresh(payable: Campaign) -> None:
    payable.grant.submission.evidence_links.filter(criterion__lineage="C1").delete()

    assert reasons(payable) == ["The registration is not proved today."]


def test_the_screening_is_asked_afresh(payable: Campaign, time_machine: Any) -> None:
    time_machine.move_to(timezone.now() + timedelta(days=40))

    assert any("more than 30 days ago" in reason for reason in reasons(payable))


def test_bank_details_that_changed_stop_the_release(payable: Campaign) -> None:
    organisation = payable.grant.submission.organisation
    banking.entered(payable.grant.submission, account="012-3-99999-9", held=False, letter=False)

    assert reasons(payable) == ["The bank details are not checked yet."]
    Bank.objects.current().filter(organisation=organisation).update(refused_at=timezone.now())
    assert reasons(payable) == ["The bank details were refused."]


def test_a_held_partner_is_not_paid(payable: Campaign) -> None:
    place_hold(organisation=payable.grant.submission.organisation, kind=Hold.Kind.COUNSEL, note="A name.", by=officer())

    assert reasons(payable)[0] == "This organisation is held."


def test_each_payment_waits_for_its_turn_its_day_and_the_report_before(payable: Campaign) -> None:
    Tranche.objects.filter(number=1).update(due_on=timezone.localdate() + timedelta(days=3))

    assert [reason.partition(" before ")[0] for reason in reasons(payable)] == ["It is not paid"]
    assert reasons(payable, 2) == ["Payment 1 comes first.", "The report “Start note” is not accepted."]
    assert reasons(payable, 3) == [
        "Payment 1 comes first.",
        "The campaign is not closed yet.",
        "The report “Start note” is not accepted.",
        "The report “Final report” is not accepted.",
    ]


def test_nothing_payable_is_nothing_to_release(payable: Campaign) -> None:
    refund_gift(campaign=payable, gift_key="first", by=finance())

    assert reasons(payable) == ["Nothing is payable on it today."]


def test_before_closing_a_payment_is_its_share_and_after_it_the_last_takes_the_rest(payable: Campaign) -> None:
    first = paid(payable)
    gift(fresh(payable), "second", 100_001)
    accepted(payable, 1)
    second = paid(payable, 2)
    closed(payable)
    last = paid(payable, 3)

    assert (first.amount_minor, second.amount_minor) == (100_000, 160_000)
    assert last.amount_minor == 400_002 - 260_000
    assert balances(payable)["paid"] == 400_002
    assert fresh(payable).paid_out_at is not None
    assert broken() == []


def test_a_refund_after_closing_is_netted_from_the_next_payment(payable: Campaign) -> None:
    paid(payable)
    gift(fresh(payable), "second", 50_000)
    closed(payable)
    refund_gift(campaign=fresh(payable), gift_key="second", amount_minor=10_000, by=finance())

    second = paid(payable, 2)
    last = paid(payable, 3)

    assert (second.amount_minor, second.netted_minor) == (120_000 - 20_000, 20_000)
    assert last.amount_minor == 280_000 - 200_000
    assert broken() == []


def test_with_no_payment_left_the_funder_bears_the_refund(payable: Campaign) -> None:
    closed(payable)
    for number in (1, 2, 3):
        paid(payable, number)
    free = payable.grant.fund.free_now()

    refund_gift(campaign=fresh(payable), gift_key="first", amount_minor=10_000, by=finance())
    refund_gift(campaign=fresh(payable), gift_key="first", by=finance())

    held = balances(payable)
    assert (held["borne"], held["paid"]) == (-200_000, 200_000)
    assert "gifts" not in held
    assert "matched" not in held
    assert payable.grant.fund.free_now() == free + 100_000
    assert fresh(payable).frozen_matched_minor == 100_000
    assert broken() == []


def test_a_refund_between_release_and_payment_is_netted_from_the_next(payable: Campaign) -> None:
    gift(payable, "second", 100_000)
    closed(payable)
    tranche = released(payable)
    refund_gift(campaign=fresh(payable), gift_key="second", by=finance())
    done = record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference="BK", by=finance())
    accepted(payable, 1, 2)

    assert done.amount_minor == 200_000
    assert reasons(payable, 2) == ["Nothing is payable on it today."]
    cancel_payment(tranche=tranche_of(payable, 2), reason="All of it went back.", by=officer_of(payable.grant))
    cancel_payment(tranche=tranche_of(payable, 3), reason="All of it went back.", by=officer_of(payable.grant))
    assert balances(payable)["paid"] == 200_000
    assert broken() == []


def test_a_held_payment_goes_back_on_the_schedule_and_a_cancelled_one_is_over(payable: Campaign) -> None:
    by = officer_of(payable.grant)
    tranche = released(payable)
    with pytest.raises(ValidationError):
        hold_payment(tranche=tranche, reason=" ", by=by)

    held = hold_payment(tranche=tranche, reason="The bank asks for a paper.", by=by)
    with pytest.raises(Refused):
        record_payment(tranche=held, paid_on=timezone.localdate(), bank_reference="x", by=finance())
    back = resume_payment(tranche=held, by=by)
    again = released(payable)
    hold_payment(tranche=again, reason="Once more.", by=by)
    with pytest.raises(ValidationError):
        cancel_payment(tranche=again, reason="", by=by)
    over = cancel_payment(tranche=again, reason="The partner gave it up.", by=by)

    assert (held.state, back.state, over.state) == ("held", "scheduled", "cancelled")
    assert (over.hold_reason, over.cancel_reason) == ("Once more.", "The partner gave it up.")
    with pytest.raises(Refused):
        resume_payment(tranche=over, by=by)
    assert broken() == []


def test_the_bank_pays_neither_on_a_day_to_come_nor_before_the_release(payable: Campaign) -> None:
    tranche, today = released(payable), timezone.localdate()
    for day, reference, field in (
        (today + timedelta(days=2), "BK", "paid_on"),  # tomorrow may have begun where the bank is
        (today - timedelta(days=2), "BK", "paid_on"),
        (today, "  ", "bank_reference"),
        (today, "x" * 81, "bank_reference"),
    ):
        with pytest.raises(ValidationError) as refusal:
            record_payment(tranche=tranche, paid_on=day, bank_reference=reference, by=finance())
        assert list(refusal.value.message_dict) == [field]
    assert tranche_of(payable).state == "released"


@pytest.mark.parametrize(("share", "comes"), [(1, True), (0, False)])
def test_terms_that_add_a_payment_make_the_next_refund_wait_for_it(
    payable: Campaign, share: int, *, comes: bool
) -> None:
    """A payment of 0% is cancelled at once: none is to come, and the funder bears the refund as before."""
    closed(payable)
    for number in (1, 2, 3):
        paid(payable, number)
    assert fresh(payable).paid_out_at is not None
    grant = payable.grant
    content = dict(grant.terms_in_force.content)
    rows = [{**row, "due_on": None} for row in content["tranches"]]
    content["tranches"] = [*rows, {"share_bp": share, "condition": "More", "due_on": None}]
    grant.amended_terms = Terms.objects.create(
        grant=grant,
        version=2,
        content=content,
        sha256=sha256_of(content),
        frozen_at=timezone.now(),
        frozen_by=officer(),
    )
    grant.save(update_fields=["amended_terms"])
    reschedule_payments(grant=grant, by=officer_of(grant))

    assert tranche_of(payable, 4).state == ("scheduled" if comes else "cancelled")
    assert (fresh(payable).paid_out_at is None) is comes
    refund_gift(campaign=fresh(payable), gift_key="first", amount_minor=1_000, by=finance())
    assert ("borne" not in balances(payable)) is comes
    assert [sentence for check in payments.INVARIANTS for sentence in check()] == []


def test_nothing_is_written_when_the_trail_cannot_be(payable: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    tranche, by = released(payable), officer_of(payable.grant)

    def fail(_drafts: Any) -> None:
        raise RuntimeError("the trail is full")

    def state() -> tuple[Any, ...]:
        return list(Tranche.objects.order_by("pk").values_list("state", "amount_minor")), balances(payable)

    before = state()
    monkeypatch.setattr("vetting_portal.audit.append", fail)
    for act in (
        lambda: record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference="x", by=finance()),
        lambda: hold_payment(tranche=tranche, reason="x", by=by),
        lambda: cancel_payment(tranche=tranche_of(payable, 2), reason="x", by=by),
    ):
        with pytest.raises(RuntimeError, match="trail is full"):
            act()
    assert state() == before


@pytest.mark.django_db
def test_what_is_added_for_card_fees_is_paid_out_of_its_own_reserve() -> None:
    campaign = payable_of(grant_in("in_force", fee_top_up_minor=5_000))
    gift(campaign, "with a fee", 50_000, fee_minor=1_800)
    campaign = closed(campaign)
    whole = campaign.payable_minor()
    assert whole == 100_000 + 100_000 + 50_000 - 1_800 + 50_000 + 1_800
    for number in (1, 2, 3):
        paid(campaign, number)
        assert broken() == []
    assert (balances(campaign)["paid"], set(balances(campaign)) & {"gifts", "matched"}) == (whole, set())
    reserve = Account.objects.get(kind=Account.Kind.RESERVED, reference=campaign.grant.fee_reference)
    assert reserve.balance_minor == 0


def test_a_gift_found_not_to_count_once_all_is_paid_is_borne_too(payable: Campaign) -> None:
    closed(payable)
    for number in (1, 2, 3):
        paid(payable, number)

    correct_eligibility(campaign=fresh(payable), gift_key="first", ineligible="A pledge.", by=finance())

    assert balances(payable) == {"donors": -100_000, "paid": 200_000, "borne": -100_000}
    assert broken() == []


@action
def share_behind(campaign: Campaign, other: MatchFund, *, first_minor: int) -> None:
    """Let ``other`` give to the match what is above ``first_minor``, as if it had been named in the draft."""
    grant, kind, by = campaign.grant, Account.Kind, finance()
    more = campaign.cap_minor - first_minor
    FundShare.objects.create(grant=grant, ordinal=2, fund=other, share_minor=more)
    release(fund=grant.fund, reference=grant.number, amount_minor=more, key="shared", by=by)
    lines = [
        (Account.objects.of(fund=other, kind=kind.FREE), -more),
        (Account.objects.of(fund=other, kind=kind.RESERVED, reference=grant.number), more),
    ]
    post(key="shared", kind="reserve", fund=other, lines=lines, by=by, reference=grant.number)


def test_a_payment_makes_up_what_was_refunded_after_it_was_paid_in_each_fund(payable: Campaign) -> None:
    grant, other = payable.grant, fund_with(2_000_000)
    share_behind(payable, other, first_minor=150_000)
    gift(fresh(payable), "second", 100_000)
    accepted(payable, 1)
    for number in (1, 2):
        paid(payable, number)
    held = Account.objects.filter(fund=other, reference=grant.number)
    assert dict(held.values_list("kind", "balance_minor"))["paid"] == 10_000

    refund_gift(campaign=fresh(payable), gift_key="second", by=finance())
    gift(fresh(payable), "pledge", 300_000, ineligible="A pledge, not money.")
    closed(payable)
    last = paid(payable, 3)

    assert last.amount_minor == 500_000 - 360_000
    assert balances(payable) == {"donors": -400_000, "paid": 500_000}
    assert not held.exclude(balance_minor=0).exists()
    assert broken() == []


def test_what_is_borne_stands_in_the_fund_that_is_short(payable: Campaign) -> None:
    grant, other = payable.grant, fund_with(2_000_000)
    share_behind(payable, other, first_minor=150_000)
    gift(fresh(payable), "second", 100_000)
    closed(payable)
    for number in (1, 2, 3):
        paid(payable, number)

    refund_gift(campaign=fresh(payable), gift_key="second", by=finance())

    rows = Account.objects.filter(reference=grant.number, kind="borne").values_list("fund", "balance_minor")
    assert dict(rows) == {grant.fund_id: -150_000, other.pk: -50_000}
    assert broken() == []
