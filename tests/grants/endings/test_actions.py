from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements.models import Agreement
from grants.amendments.actions import entering, seal_amendment
from grants.amendments.models import Amendment
from grants.campaigns.actions import refund_gift
from grants.endings.actions import (
    decline_ending,
    record_return,
    tend_ending,
    withdraw_ending,
    write_off_return,
)
from grants.endings.models import Ending
from grants.endings.money import ending_money, outstanding_minor
from grants.funds.models import Account
from grants.invariants import INVARIANTS
from grants.payments.actions import bounce_payment, cancel_payment, hold_payment
from grants.payments.due import accounts_of, money_of
from grants.reports.models import Report
from partners.models import Hold
from partners.organisations.actions import place_hold
from partners.organisations.models import HeldMessage
from reviews.holds.actions import release_hold
from tests.factories import endings, grants, payments
from tests.factories.amendments import amendment_in, countersign
from tests.factories.portal import UserFactory
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def sound() -> list[str]:
    """Return what is wrong with the records of grants: nothing."""
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def subjects() -> list[str]:
    """Return the subjects of every message that was enqueued."""
    return [
        str(task.args_kwargs["args"][1]) for task in DBTaskResult.objects.all() if len(task.args_kwargs["args"]) > 1
    ]


# ------------------------------------------------------------------------------------------ two people


def test_one_director_does_not_end_a_grant(in_force):
    first, _ = grants.directors_of(in_force)[:2]

    ending = endings.asked(in_force, by=first, second=grants.directors_of(in_force)[1])

    assert grants.fresh(in_force).state == "in_force"
    with pytest.raises(PermissionDenied):
        endings.confirmed(ending, by=first)
    assert grants.fresh(in_force).state == "in_force"


def test_asking_changes_nothing_and_tells_nobody_outside(in_force):
    before = HeldMessage.objects.count()

    ending = endings.asked(in_force)

    assert (ending.state, grants.fresh(in_force).state) == ("awaiting_signature", "in_force")
    assert ending.letter.signatures.count() == 0
    assert HeldMessage.objects.count() == before
    owner = grants.owner_of(in_force).email
    assert not any(
        owner in str(task.args_kwargs) and "ends" in str(task.args_kwargs) for task in DBTaskResult.objects.all()
    )


def test_a_director_who_did_not_ask_confirms_with_a_proof(in_force):
    ending = endings.ended(in_force)

    assert ending.state == "carried_out"
    assert grants.fresh(in_force).state == "terminated"
    signature = ending.letter.signatures.get()
    assert (signature.user, signature.method, signature.side) == (ending.second, "totp", "director")
    assert grants.fresh(in_force).agreement.revoked_public == endings.PUBLIC


def test_a_wrong_code_ends_nothing(in_force):
    ending = endings.asked(in_force)

    with pytest.raises(ValidationError):
        endings.confirmed(ending, code="000000")

    assert grants.fresh(in_force).state == "in_force"
    assert endings.fresh(ending).state == "awaiting_signature"


@pytest.mark.parametrize("second_asker", ["officer", "director"])
def test_asked_twice_the_second_is_led_to_the_first(in_force, second_asker):
    ending = endings.asked(in_force)
    by = grants.officer_of(in_force) if second_asker == "officer" else grants.directors_of(in_force)[1]

    with pytest.raises(Refused) as refused:
        endings.asked(in_force, by=by)

    assert [blocker.url for blocker in refused.value.blockers] == [ending.get_absolute_url()]
    assert Ending.objects.count() == 1


def test_asker_who_lost_the_role_ends_nothing(in_force):
    officer = grants.officer_of(in_force)
    ending = endings.asked(in_force)
    officer.role_assignments.update(until_at=timezone.now())

    with pytest.raises(Refused, match="may no longer ask"):
        endings.confirmed(ending)

    assert grants.fresh(in_force).state == "in_force"


def test_confirmed_after_it_expired_is_refused_and_then_expires(in_force, time_machine):
    ending = endings.asked(in_force)
    time_machine.move_to(timezone.now() + timedelta(days=8))

    with pytest.raises(Refused, match="expired"):
        endings.confirmed(ending)
    tend_ending.call(ending.pk)

    assert endings.fresh(ending).state == "expired"
    assert grants.fresh(in_force).state == "in_force"
    assert endings.asked(grants.fresh(in_force)).number == f"{in_force.number}-E2"


@pytest.mark.parametrize(("act", "who"), [(decline_ending, "second"), (withdraw_ending, "asked_by")])
def test_declined_or_withdrawn_the_grant_goes_on_and_nobody_outside_is_notified(in_force, act, who):
    ending = endings.asked(in_force)
    DBTaskResult.objects.all().delete()

    act(ending=ending, reason="They found another boat.", by=getattr(ending, who))

    assert grants.fresh(in_force).state == "in_force"
    assert endings.fresh(ending).letter.voided_at is not None
    reader = ending.asked_by if who == "second" else ending.second
    assert {str(task.args_kwargs["args"][0]) for task in DBTaskResult.objects.all()} == {reader.email}


def test_who_asked_does_not_decline_and_others_do_not_withdraw(in_force):
    first, second = grants.directors_of(in_force)[:2]
    ending = endings.asked(in_force, by=first, second=second)

    with pytest.raises(PermissionDenied):
        decline_ending(ending=ending, reason="No.", by=first)
    with pytest.raises(PermissionDenied):
        withdraw_ending(ending=ending, reason="No.", by=second)


def test_a_draft_is_not_ended_here(draft):
    with pytest.raises(Refused):
        endings.asked(draft)


def test_a_grant_that_waits_for_signatures_is_not_ended_here(waiting):
    with pytest.raises(Refused):
        endings.asked(waiting)


def test_an_approved_grant_lapses_by_two_people_and_frees_its_application(approved):
    with pytest.raises(Refused, match="directors have signed"):
        grants.actions.lapse_grant(grant=approved, reason="They merged.", by=grants.officer_of(approved))

    endings.ended(approved)

    grant = grants.fresh(approved)
    assert (grant.state, grant.submission.state) == ("lapsed", "recommended")
    assert accounts_of(grant)[Account.Kind.RESERVED] == 0
    assert sound() == []
    again = grants.actions.draft_grant(
        submission=grant.submission, fields=grants.draft_fields(grant.fund), by=grants.officer_of(grant)
    )
    assert again.number != grant.number


def test_a_grant_that_is_not_in_force_ends_at_once_or_not(approved):
    with pytest.raises(ValidationError) as error:
        endings.asked(approved, ends_on=endings.later(3))

    assert set(error.value.error_dict) == {"ends_on"}


def test_words_day_and_director_are_checked_all_at_once(in_force):
    officer = grants.officer_of(in_force)

    with pytest.raises(ValidationError) as error:
        endings.asked(
            in_force, words="Too few.", public_reason=" ", ends_on=endings.later(-1), second=officer, reason="whim"
        )

    assert set(error.value.error_dict) == {"reason", "words", "public_reason", "ends_on", "second"}


# ------------------------------------------------------------------------------------------ the money


def test_the_sums_add_up_to_what_was_granted(paid):
    money = ending_money(paid.grant)

    whole = money.earned_minor + money.at_risk_minor + money.to_return_minor + money.unpaid_minor
    assert whole == money.granted_minor == paid.net_minor + paid.matched_minor
    assert money.paid_minor == money_of(paid)["paid_minor"] == 100_000
    assert (money.earned_minor, money.at_risk_minor, money.to_return_minor) == (0, 0, 100_000)
    parts = money.match_back_minor + money.gifts_kept_minor + money.in_dispute_minor + money.added_back_minor
    assert parts - money.borne_minor == money.unpaid_minor


def test_termination_with_money_unpaid_puts_every_cent_where_the_terms_say(paid):
    grant = paid.grant
    free = grant.fund.free_now()

    ending = endings.ended(grant)

    held = accounts_of(grants.fresh(grant))
    assert ending.settled_at is not None
    assert (held[Account.Kind.RESERVED], held[Account.Kind.MATCHED], held[Account.Kind.GIFTS]) == (0, 0, 0)
    assert held.get(Account.Kind.SIMILAR, 0) == ending.said["money"]["unpaid_minor"] - 100_000
    assert grant.fund.free_now() == free + 1_500_000
    assert sound() == []
    money = ending_money(grants.fresh(grant))
    assert money.figures() | {"not_earned_minor": 0} == ending.said["money"] | {"not_earned_minor": 0}


def test_nothing_waits_for_anybody_afterwards(paid):
    ending = endings.ended(paid.grant)

    grant = grants.fresh(paid.grant)
    assert not grant.tranches.open().exists()
    assert payments.fresh(paid).state == "closed"
    assert list(grant.reports.values_list("title", "state")) == [
        ("Start note", "cancelled"),
        ("Final report", "cancelled"),
        ("Closing report", "draft"),
    ]
    assert [report.due_on for report in Report.objects.owed()] == [ending.due_on]


@pytest.mark.parametrize(
    ("stage", "then"), [("draft", "withdrawn"), ("awaiting_signature", "withdrawn"), ("approved", "lapsed")]
)
def test_an_amendment_waits_no_longer_whatever_its_stage(in_force, stage, then):
    amendment = amendment_in(stage, in_force)

    endings.ended(in_force)

    assert Amendment.objects.get(pk=amendment.pk).state == then
    assert sound() == []


@pytest.mark.parametrize("is_sealed", [False, True])
def test_an_amendment_that_both_sides_signed_ends_with_the_grant(in_force, is_sealed, monkeypatch):
    amendment = amendment_in("approved", in_force)
    countersign(amendment)
    if is_sealed:
        monkeypatch.setattr(entering, "reschedule_payments", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            seal_amendment(amendment=amendment, by=grants.system())

    endings.ended(in_force)

    amendment = Amendment.objects.get(pk=amendment.pk)
    assert (amendment.state, amendment.reserve_account.balance_minor) == ("lapsed", 0)
    document = Agreement.objects.get(terms=amendment.terms_id, kind="amendment")
    assert (document.revoked_at is not None, document.voided_at is not None) == (is_sealed, not is_sealed)
    assert sound() == []


def test_without_a_campaign_the_whole_reserve_goes_back(in_force):
    free = in_force.fund.free_now()

    ending = endings.ended(in_force)

    assert in_force.fund.free_now() == free + in_force.cap_minor
    assert ending.due_on is None
    assert not grants.fresh(in_force).reports.exists()
    assert sound() == []


def test_a_released_payment_stands_in_the_way_until_it_is_held(payable):
    tranche = payments.released(payable)

    with pytest.raises(Refused, match="may be on its way to the bank"):
        endings.asked(payable.grant)
    hold_payment(tranche=tranche, reason="The grant ends.", by=grants.officer_of(payable.grant))
    endings.ended(payable.grant)

    assert payments.tranche_of(payable).state == "cancelled"
    assert sound() == []


def test_a_payment_returned_since_the_request_stops_the_confirmation(paid):
    ending = endings.asked(paid.grant)
    tranche, today = payments.tranche_of(paid), timezone.localdate()
    bounce_payment(tranche=tranche, returned_on=today, reason="The account is closed.", by=grants.finance())

    with pytest.raises(Refused, match="sums changed"):
        endings.confirmed(ending)

    assert grants.fresh(paid.grant).state == "in_force"


def test_a_gift_that_arrives_since_the_request_does_not_stop_it(payable):
    ending = endings.asked(payable.grant)
    payments.gift(payable, "second", 5_000)

    endings.confirmed(ending)

    assert sound() == []


@pytest.mark.parametrize("late", ["refund", "gift"])
def test_what_comes_after_the_end_moves_as_the_end_did(paid, late):
    grant = paid.grant
    payments.gift(paid, "second", 60_000)
    ending = endings.ended(grant)
    similar = accounts_of(grants.fresh(grant))[Account.Kind.SIMILAR]
    free = grant.fund.free_now()

    if late == "refund":
        refund_gift(campaign=payments.fresh(paid), gift_key="second", by=grants.finance())
    else:
        payments.gift(payments.fresh(paid), "late", 700)
    tend_ending.call(ending.pk)

    held = accounts_of(grants.fresh(grant))
    assert held[Account.Kind.SIMILAR] == similar + (-60_000 if late == "refund" else 700)
    assert grant.fund.free_now() == free
    assert held.get(Account.Kind.BORNE, 0) == 0
    assert sound() == []


def test_money_comes_back_to_the_match_first_and_is_counted_once(paid):
    grant = paid.grant
    ending = endings.ended(grant)
    by = grants.finance()
    told = {"received_on": timezone.localdate(), "by": by}

    record_return(ending=ending, amount_minor=30_000, bank_reference="R 1", **told)

    assert outstanding_minor(endings.fresh(ending)) == 70_000
    assert accounts_of(grants.fresh(grant))[Account.Kind.RETURNED] == -30_000
    for changes, field in (
        ({"amount_minor": 1_000, "bank_reference": "R  1"}, "bank_reference"),
        ({"amount_minor": 70_001, "bank_reference": "R 2"}, "amount"),
        ({"amount_minor": 0, "bank_reference": "R 2"}, "amount"),
    ):
        with pytest.raises(ValidationError) as error:
            record_return(ending=ending, **changes, **told)
        assert set(error.value.error_dict) == {field}
    assert sound() == []


def test_what_never_comes_back_is_written_off_and_nobody_waits(paid):
    ending = endings.ended(paid.grant, reason="unreachable")

    write_off_return(ending=ending, reason="The organisation closed.", by=grants.directors_of(paid.grant)[1])

    ending = endings.fresh(ending)
    assert (ending.written_off_minor, outstanding_minor(ending)) == (100_000, 0)
    assert not Report.objects.owed().exists()
    with pytest.raises(Refused):
        write_off_return(ending=ending, reason="Again.", by=grants.directors_of(paid.grant)[1])


# ------------------------------------------------------------------------------------------ a day to come, a hold


def test_until_its_day_the_grant_is_suspended(payable, time_machine):
    ending = endings.confirmed(endings.asked(payable.grant, ends_on=endings.later(5)))

    assert (ending.state, grants.fresh(payable.grant).state) == ("confirmed", "suspended")
    with pytest.raises(Refused, match="this grant ends on"):
        grants.actions.resume_grant(grant=grants.fresh(payable.grant), by=ending.second)
    assert payments.fresh(payable).public_state == "paused"
    time_machine.move_to(timezone.now() + timedelta(days=5))
    tend_ending.call(ending.pk)
    tend_ending.call(ending.pk)

    assert (endings.fresh(ending).state, grants.fresh(payable.grant).state) == ("carried_out", "terminated")
    assert sound() == []


def test_while_the_partner_is_held_no_money_moves_and_its_messages_are_withheld(paid, time_machine):
    grant = paid.grant
    organisation = grant.submission.organisation
    hold = place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=grants.officer_of(grant))
    free = grant.fund.free_now()

    ending = endings.ended(grant)

    assert (grants.fresh(grant).state, payments.fresh(paid).state) == ("terminated", "paused")
    assert (ending.settled_at, grant.fund.free_now()) == (None, free)
    assert HeldMessage.objects.filter(organisation=organisation, subject__contains="ends").exists()
    for person in (UserFactory(roles=["programme_officer"]), grants.directors_of(grant)[1]):
        release_hold(hold=Hold.objects.get(pk=hold.pk), reason="Counsel cleared it.", by=person)
    tend_ending.call(ending.pk)

    assert (endings.fresh(ending).settled_at is not None, payments.fresh(paid).state) == (True, "closed")
    assert sound() == []


# ------------------------------------------------------------------------------------------ who is notified, the seal


def test_partner_signatories_officer_and_finance_are_notified_and_no_reviewer(paid):
    grant = paid.grant
    finance = list(User.objects.with_role("finance_officer"))
    DBTaskResult.objects.all().delete()

    endings.ended(grant)

    told = {
        task.args_kwargs["args"][0]
        for task in DBTaskResult.objects.all()
        if isinstance(task.args_kwargs["args"][0], str)
    }
    expected = [grants.owner_of(grant), *grants.directors_of(grant)[:2], grants.officer_of(grant), *finance]
    assert told == {user.email for user in expected}


def test_the_letter_is_sealed_with_the_signature_in_it(paid):
    ending = endings.ended(paid.grant)

    grants.actions.seal_agreement(agreement=ending.letter, by=grants.system())

    letter = Agreement.objects.get(pk=ending.letter_id)
    assert letter.sealed_at is not None
    assert letter.kind == "closing"


def test_an_unconfirmed_letter_is_never_sealed(in_force):
    ending = endings.asked(in_force)

    with pytest.raises(Refused, match="No director"):
        grants.actions.seal_agreement(agreement=ending.letter, by=grants.system())


def test_cancel_of_a_payment_by_the_portal_alone_needs_the_door(payable):
    tranche = payments.tranche_of(payable)

    with pytest.raises(PermissionDenied):
        cancel_payment(tranche=tranche, reason="No.", by=grants.directors_of(payable.grant)[0])
