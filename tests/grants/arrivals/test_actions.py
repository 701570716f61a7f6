"""The partner's word on a payment: confirmed, corrected, missing; finance's answer; reminders."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.arrivals import actions
from grants.arrivals.models import Arrival, last_word, received_of
from grants.payments.models import Tranche
from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories.grants import finance, owner_of
from tests.factories.partners import OrganisationFactory
from tests.factories.payments import tranche_of
from tests.factories.portal import UserFactory
from tests.factories.reviews import officer
from tests.grants.agreements.test_views import signed_in
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def confirm(tranche, **changes):
    """Let the owner confirm in baht, a day later, with charges of 100."""
    said = {
        "currency": "THB", "amount_minor": 3_500_000, "charges_minor": 10_000, "arrived_on": tranche.paid_on,
        "seen": 0, **changes,
    }  # fmt: skip
    by = said.pop("by", None) or owner_of(tranche.grant)
    return actions.confirm_payment(tranche=tranche, by=by, **said)


def miss(tranche, seen=0, text=""):
    return actions.report_missing(tranche=tranche, text=text, seen=seen, by=owner_of(tranche.grant))


def keys(user):
    return {duty.key for duty in duties(User.objects.get(pk=user.pk))}


def wrong(act, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        act(*args, **kwargs)
    return error.value


def test_a_payment_is_confirmed_and_sent_twice_is_said_once(paid):
    assert "grants.confirm_payment" in keys(owner_of(paid.grant))
    first = confirm(paid)
    assert confirm(paid) == first
    assert paid.arrivals.count() == 1
    assert "grants.confirm_payment" not in keys(owner_of(paid.grant))
    assert received_of(paid.grant).received_minor + received_of(paid.grant).charges_minor == paid.amount_minor


def test_a_correction_keeps_what_was_said_first_and_needs_a_reason(paid):
    confirm(paid)
    assert list(wrong(confirm, paid, amount_minor=3_400_000, seen=1).message_dict) == ["reason"]
    confirm(paid, amount_minor=3_400_000, seen=1, reason="I read the wrong line.")
    assert [one.amount_minor for one in paid.arrivals.order_by("number")] == [3_500_000, 3_400_000]
    assert last_word(paid).text == "I read the wrong line."
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Arrival.objects.filter(number=1).update(amount_minor=1)


def test_two_who_answer_at_once_are_told(paid):
    confirm(paid)
    assert "answered since you opened this page" in wrong(miss, paid, seen=0, text="Nothing came.").messages[0]
    assert last_word(paid).kind == "arrived"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("amount", {"amount_minor": 0}),
        ("charges", {"charges_minor": -1}),
        ("currency", {"currency": "XXQ"}),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(field, changes, paid):
    assert list(wrong(confirm, paid, **changes).message_dict) == [field]
    assert not paid.arrivals.exists()


def test_no_payment_arrives_on_a_day_to_come(paid):
    later = timezone.localdate() + timedelta(days=3)
    assert list(wrong(confirm, paid, arrived_on=later).message_dict) == ["arrived_on"]
    assert not paid.arrivals.exists()


def test_the_partner_may_be_a_day_behind_the_funder_and_no_more(paid):
    before = paid.paid_on - timedelta(days=2)
    assert list(wrong(confirm, paid, arrived_on=before).message_dict) == ["arrived_on"]
    assert confirm(paid, arrived_on=paid.paid_on - timedelta(days=1)).comparison.days == -1


def test_a_missing_payment_is_a_duty_of_finance_until_it_is_answered(paid):
    by = finance()
    miss(paid, text="I looked until Friday.")
    miss(paid, text="Sent twice.")
    assert paid.arrivals.count() == 1
    assert "grants.answer_missing_payment" in keys(by)
    assert "grants.confirm_payment" not in keys(owner_of(paid.grant))
    actions.answer_missing(tranche=paid, text="The bank sends it again on Monday.", by=by)
    assert "grants.answer_missing_payment" not in keys(by)
    assert "grants.confirm_payment" in keys(owner_of(paid.grant))
    confirm(paid, seen=2)
    assert [one.kind for one in paid.arrivals.order_by("number")] == ["missing", "answered", "arrived"]


def test_nothing_missing_is_nothing_to_answer(paid):
    with pytest.raises(Refused):
        actions.answer_missing(tranche=paid, text="Found.", by=finance())


@pytest.mark.parametrize("who", ["stranger", "finance", "officer"])
def test_only_the_partner_confirms(who, paid):
    by = {"stranger": OrganisationFactory().created_by, "finance": finance(), "officer": officer()}[who]
    with pytest.raises(PermissionDenied):
        confirm(paid, by=by)


def test_a_member_who_left_confirms_nothing(paid):
    owner = owner_of(paid.grant)
    memberships = paid.organisation.memberships.filter(user=owner)
    memberships.update(until_at=timezone.now(), ended_by=owner)
    with pytest.raises(PermissionDenied):
        confirm(paid, by=owner)
    assert actions.remind_to_confirm(
        organisation=paid.organisation, today=paid.paid_on + timedelta(days=9), by=User.objects.system("background")
    ) == []  # fmt: skip


@pytest.mark.parametrize("act", [confirm, miss])
def test_what_was_not_paid_is_not_confirmed(act, payable):
    tranche = tranche_of(payable, 2)
    Tranche.objects.filter(pk=tranche.pk).update(paid_on=timezone.localdate())
    with pytest.raises(Refused):
        act(tranche_of(payable, 2))


def test_a_held_partner_is_heard_and_not_reminded(paid):
    place_hold(organisation=paid.organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=officer())
    later, system = paid.paid_on + timedelta(days=9), User.objects.system("background")
    assert actions.remind_to_confirm(organisation=paid.organisation, today=later, by=system) == []
    assert confirm(paid).number == 1


def test_the_partner_is_reminded_once_for_each_mark(paid):
    system = User.objects.system("background")

    def remind(days):
        day = paid.paid_on + timedelta(days=days)
        return [one.mark for one in actions.remind_to_confirm(organisation=paid.organisation, today=day, by=system)]

    assert [remind(days) for days in (6, 7, 8, 21, 22)] == [[], [7], [], [21], []]
    assert len(duties(owner_of(paid.grant), Wanted(keys=frozenset({"grants.confirm_payment"})))) == 1


def test_finance_is_notified_of_what_differs(paid):
    finance()
    count = DBTaskResult.objects.count()
    confirm(paid, currency="USD", amount_minor=paid.amount_minor - 2_000, charges_minor=500)
    assert DBTaskResult.objects.count() > count
    assert last_word(paid).comparison.differences == ["USD 15.00 less arrived than was paid, bank charges included."]


def test_the_partner_confirms_on_its_page_and_the_report_begins_with_it(client, paid):
    signed_in(client, owner_of(paid.grant))
    address = reverse("grants:payment_confirm", args=[paid.pk])
    fields = {"currency": "thb", "amount": "35,000.00", "charges": "100.00", "arrived_on": paid.paid_on, "seen": "0"}
    odd = client.post(address, {**fields, "currency": "JPY", "amount": "35.5"})
    assert (odd.status_code, odd.context["form"]["charges"].value()) == (422, "100.00")
    assert client.post(address, fields).status_code == 302
    assert "THB" in client.get(reverse("grants:partner_payments")).text
    report = paid.grant.reports.order_by("number").first()
    form = client.get(reverse("grants:report", args=[report.pk])).context["form"]
    told = received_of(paid.grant)
    assert (form["local_currency"].value(), form["rate"].value()) == ("THB", told.rate)
    signed_in(client, UserFactory(roles=["programme_officer"], totp=True))
    assert "Arrived" in client.get(reverse("grants:payments", args=[paid.grant.number])).text
