"""Bank details: entered by an owner, called back at a number from before, approved by a second person."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.exceptions import InvalidTag
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from grants.banking import actions
from grants.banking.invariants import INVARIANTS
from grants.banking.locking import lock_up, open_up
from grants.banking.models import BankDetails, HeldNumber
from partners.organisations.actions import change_organisation
from reviews.models import Bank, ScreeningHit
from reviews.panels.results import panel_result
from reviews.screening.actions import clear_hit, confirm_hit
from reviews.screening.bank_gate import bank_standing
from reviews.screening.status import screening_status
from tests.factories import banking, grants
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory, MembershipFactory, OrganisationFactory
from tests.factories.portal import UserFactory
from tests.support.races import paused_before, run_together
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import AuditEntry
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
CALL = frozenset({"grants.call_back"})
LISTED = "Invented Freight Forwarders of Nowhere"


def owner_of(organisation):
    return organisation.owners().first().user


def state_of(organisation) -> str:
    return bank_standing(organisation).state


def test_the_way_from_entering_to_paying():
    details = banking.entered()
    assert (details.number, details.masked, state_of(details.organisation)) == (1, "•••• 6789", "pending")
    details = banking.called(details)
    assert state_of(details.organisation) == "pending"
    details = actions.approve_details(details=details, by=made.officer())
    assert (details.step, state_of(details.organisation)) == ("approved", "pass")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        assert state_of(details.organisation) == "pending"
        assert BankDetails.objects.get().step == "expired"
    assert [list(check()) for check in INVARIANTS] == [[], []]


def test_the_number_is_encrypted_and_bound_to_its_record():
    details = banking.entered()
    kept = str(list(BankDetails.objects.values())) + str(list(AuditEntry.objects.values("facts")))
    assert "0123456789" not in kept
    assert details.account() == "0123456789"
    details.organisation_id += 1
    with pytest.raises(InvalidTag):
        details.account()
    assert open_up(lock_up("one", "a"), "a") == "one"
    assert lock_up("one", "a") != lock_up("one", "a")


def test_only_finance_reads_the_whole_number_and_it_is_recorded():
    details = banking.entered()
    reader = grants.finance()
    assert actions.read_account(details=details, by=reader) == "0123456789"
    assert list(AuditEntry.objects.filter(event="account_read").values_list("actor_id", flat=True)) == [reader.pk]
    for user in (made.officer(), made.director(), UserFactory(roles=["auditor"]), details.entered_by):
        with pytest.raises(PermissionDenied):
            actions.read_account(details=details, by=user)


def test_only_an_owner_enters():
    organisation = made.sent_submission().organisation
    editor = MembershipFactory(organisation=organisation).user
    for user in (editor, grants.finance(), owner_of(OrganisationFactory())):
        with pytest.raises(PermissionDenied):
            actions.enter_details(organisation=organisation, by=user, **banking.given(organisation))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"account": "12"}, "account", "5 to 34"),
        ({"account": "0000000"}, "account", "5 to 34"),
        ({"bic": ""}, "bic", "8 or 11"),
        ({"bic": "KASITHB"}, "bic", "8 or 11"),
        ({"bic": "DEUTDEFF"}, "bic", "of Germany, and the bank is in Thailand"),
        ({"country": "XX"}, "country", "from the list"),
        ({"country": "DE", "account": "DE89 3704 0044 0532 0130 01", "bic": ""}, "account", "have changed places"),
        ({"country": "DE", "account": "DE89", "bic": ""}, "account", "not a whole IBAN"),
        ({"country": "DE", "account": "123456789", "bic": ""}, "account", "not a whole IBAN"),
        ({"country": "FR", "account": "DE89 3704 0044 0532 0130 00", "bic": ""}, "account", "is of Germany"),
        ({"holder": "Somebody Else"}, "holder_reason", "not in the legal name"),
        ({"bank_name": "x" * 201}, "bank_name", "200"),
    ],
)
def test_bad_details_are_refused_next_to_their_field_in_plain_words(change, field, words):
    organisation = made.sent_submission().organisation
    with pytest.raises(ValidationError) as refused:
        actions.enter_details(
            organisation=organisation, by=owner_of(organisation), **banking.given(organisation, **change)
        )
    assert list(refused.value.message_dict) == [field]
    assert words in refused.value.message_dict[field][0]
    assert not BankDetails.objects.exists()


def test_an_iban_and_a_holder_with_a_reason_are_taken():
    organisation = made.sent_submission().organisation
    change_organisation(organisation=organisation, by=owner_of(organisation), legal_name="Hilfe e.V.")
    organisation.refresh_from_db()
    given = banking.given(organisation, country="DE", account="de89 3704 0044 0532 0130 00", bic="", holder="Hilfe")
    details = actions.enter_details(organisation=organisation, by=owner_of(organisation), **given)
    assert (details.form, details.last4, details.holder_reason) == ("iban", "3000", "")
    given |= {"holder": "Fiscal Sponsor Ltd", "holder_reason": "Our fiscal sponsor, see the agreement with them."}
    again = actions.enter_details(organisation=organisation, by=owner_of(organisation), **given)
    assert (again.number, again.holder_reason[:3]) == (2, "Our")


def test_a_change_begins_again_and_the_old_version_stays():
    first = banking.approved()
    organisation = first.organisation
    second = actions.enter_details(
        organisation=organisation, by=owner_of(organisation), **banking.given(organisation, account="987654321")
    )
    first = BankDetails.objects.get(pk=first.pk)
    assert (second.number, second.step, first.step, first.account()) == (2, "entered", "superseded", "0123456789")
    assert state_of(organisation) == "pending"
    for again in (
        lambda: actions.approve_details(details=first, by=made.officer()),
        lambda: actions.refuse_details(details=first, reason="No.", by=made.officer()),
        lambda: banking.called(first),
    ):
        with pytest.raises(Refused, match="newer details"):
            again()


def test_every_owner_and_finance_are_told_of_each_change():
    organisation = made.sent_submission().organisation
    second = MembershipFactory(organisation=organisation, role="owner").user
    editor = MembershipFactory(organisation=organisation).user
    treasurer = grants.finance()
    drain()
    mail.outbox.clear()
    for account in ("123456789", "987654321"):
        given = banking.given(organisation, account=account)
        actions.enter_details(organisation=organisation, by=owner_of(organisation), **given)
    drain()
    told = [message.to[0] for message in mail.outbox]
    assert (told.count(second.email), told.count(owner_of(organisation).email), told.count(treasurer.email)) == (
        2,
        2,
        2,
    )
    assert editor.email not in told
    assert all("If this was not you" in one.body for one in mail.outbox if one.to[0] == second.email)
    assert all("987654321" not in one.body for one in mail.outbox)


def test_only_a_number_from_before_the_details_is_called():
    details = banking.entered(held=False)
    after = banking.number_held(details.organisation)
    with pytest.raises(Refused, match="held no number before"):
        banking.called(details)
    other = banking.number_held(OrganisationFactory())
    again = banking.entered(details.organisation.submissions.get(), held=False)
    for held in (other, banking.number_held(details.organisation)):
        with pytest.raises(ValidationError, match="before the details came"):
            actions.record_call(details=again, held_number=held, whom="She", note="", by=grants.finance())
    with pytest.raises(ValidationError, match="with whom you spoke"):
        actions.record_call(details=again, held_number=after, whom=" ", note="", by=grants.finance())
    done = actions.record_call(details=again, held_number=after, whom="The director", note="", by=grants.finance())
    assert (done.step, done.held_since_at) == ("called", after.recorded_at)
    with pytest.raises(Refused, match="has called already"):
        banking.called(done)


def test_the_duty_to_call_says_where_no_number_is_held_from_before():
    def why():
        return {duty.organisation: duty.why for duty in duties(grants.finance(), Wanted(keys=CALL))}

    with_number, without = banking.entered().organisation, banking.entered(held=False).organisation
    banking.number_held(without)
    assert why() == {
        with_number.pk: "At a number that we had before these details came",
        without.pk: "We had no number before these details came; the page says what to do instead",
    }


@pytest.mark.parametrize("number", ["12345", "no number", "0812345678", "+66" + "1" * 20])
def test_a_number_has_its_country_code(number):
    with pytest.raises(ValidationError) as refused:
        banking.number_held(OrganisationFactory(), number=number)
    assert list(refused.value.message_dict) == ["number"]


def test_a_held_number_never_changes():
    held = banking.number_held(OrganisationFactory(), number="0066 (0)53-123.456".replace("(0)", ""))
    assert held.number == "+6653123456"
    with pytest.raises(DatabaseError), transaction.atomic():
        HeldNumber.objects.update(number="+1234567890")


def test_three_people_in_the_code():
    caller = UserFactory(roles=["finance_officer", "programme_officer"])
    details = banking.called(by=caller)
    with pytest.raises(Refused, match="a second person approves"):
        actions.approve_details(details=details, by=caller)
    inside = UserFactory(roles=["finance_officer"])
    MembershipFactory(organisation=details.organisation, user=inside, ended=True)
    for user in (inside, made.director(), details.entered_by, UserFactory(roles=["auditor"])):
        with pytest.raises(PermissionDenied):
            actions.approve_details(details=details, by=user)
    assert actions.approve_details(details=details, by=grants.finance()).step == "approved"


@pytest.mark.both
@pytest.mark.parametrize(
    "change",
    [
        {"approved_by": "caller", "approved_at": "now"},
        {"approved_by": "owner", "approved_at": "now"},
        {"account_locked": "v1.xxxx"},
        {"holder": "Somebody Else"},
        {"called_at": "now"},
        {"called_by": "other"},
        {"last4": "0000"},
    ],
)
def test_the_database_holds_it_too(change):
    details = banking.called()
    stands_for = {
        "caller": details.called_by,
        "owner": details.entered_by,
        "other": grants.finance(),
        "now": timezone.now() + timedelta(days=1),
    }
    values = {field: stands_for.get(value, value) for field, value in change.items()}
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        BankDetails.objects.filter(pk=details.pk).update(**values)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        BankDetails.objects.filter(pk=details.pk).delete()


def test_the_database_refuses_a_call_by_who_entered_or_to_a_later_number():
    details = banking.entered()
    held, now = details.numbers_from_before().get(), timezone.now()
    good = {"called_at": now, "called_by": grants.finance(), "held_number": held, "called_whom": "She"}
    for wrong in ({"called_by": details.entered_by, "held_since_at": held.recorded_at}, {"held_since_at": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BankDetails.objects.filter(pk=details.pk).update(**{**good, **wrong})


def test_approval_wants_the_letter_of_the_bank():
    details = banking.called(banking.entered(letter=False))
    with pytest.raises(Refused, match="letter"):
        actions.approve_details(details=details, by=made.officer())
    with pytest.raises(Refused, match="no letter of the bank"):
        actions.attach_letter(details=details, by=made.officer())
    letter = DocumentFactory(paper__organisation=details.organisation, paper__kind="bank_letter", accepted=True)
    assert actions.attach_letter(details=details, by=made.officer()).letter == letter
    assert actions.approve_details(details=details, by=made.officer()).step == "approved"
    with pytest.raises(Refused, match="are approved"):
        actions.attach_letter(details=details, by=made.officer())


def test_refusing_also_ends_an_approval_and_says_why():
    details = banking.approved()
    with pytest.raises(ValidationError):
        actions.refuse_details(details=details, reason=" ", by=made.officer())
    mail.outbox.clear()
    refused = actions.refuse_details(
        details=details, reason="The bank says that the account is closed.", by=made.officer()
    )
    assert (refused.step, state_of(details.organisation)) == ("refused", "fail")
    drain()
    assert "the account is closed" in mail.outbox[-1].body
    with pytest.raises(Refused):
        actions.refuse_details(details=details, reason="Again.", by=made.officer())


def test_the_same_account_of_another_partner_is_seen():
    assert not banking.entered().is_shared()
    assert banking.entered().is_shared()


def test_the_banks_name_is_screened_in_the_background():
    made.imported()
    organisation = made.sent_submission().organisation
    given = banking.given(organisation, bank_name=LISTED)
    actions.enter_details(organisation=organisation, by=owner_of(organisation), **given)
    assert "not screened yet" in " ".join(bank_standing(organisation).reasons)
    drain()
    hit = ScreeningHit.objects.get(bank__isnull=False)
    assert (hit.our_name, hit.bank.name, hit.subject.label) == (LISTED, LISTED, "Bank")
    assert screening_status(organisation).state == "pending"


def test_an_open_or_confirmed_candidate_for_the_bank_stops_c14():
    made.imported()
    organisation_submission = made.sent_submission()
    details = banking.called(banking.entered(organisation_submission, bank_name=LISTED))
    with pytest.raises(Refused, match="one candidate to decide"):
        actions.approve_details(details=details, by=made.officer())
    hit = ScreeningHit.objects.get(bank=details.bank)
    made.decide(hit, clear_hit)
    details = actions.approve_details(details=details, by=made.officer())
    assert state_of(details.organisation) == "pass"
    again = banking.entered(organisation_submission, bank_name=LISTED, account="987654321")
    made.decide(ScreeningHit.objects.get(bank=again.bank), confirm_hit)
    assert state_of(details.organisation) == "fail"
    assert screening_status(details.organisation).state == "fail"
    other = banking.entered(organisation_submission, bank_name="Another Quiet Bank", account="987654321")
    assert state_of(other.organisation) == "pending"


def test_a_stale_list_leaves_the_bank_pending():
    organisation = made.sent_submission().organisation
    made.imported(published_on=timezone.localdate() - timedelta(days=40))
    actions.enter_details(organisation=organisation, by=owner_of(organisation), **banking.given(organisation))
    drain()
    assert Bank.objects.get().approved_at is None
    assert state_of(organisation) == "pending"


def test_the_grant_and_the_panel_read_the_same(draft):
    submission = draft.submission
    assert [str(one) for one in draft.bank_blockers()] == ["No bank details are entered yet."]
    banking.approved(banking.entered(submission))
    assert draft.bank_blockers() == []
    gate = next(gate for gate in panel_result(submission).gates if gate.code == "C14")
    assert (gate.state, gate.counts) == ("pass", False)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_leave_one():
    details = banking.called()
    people = [made.officer(), grants.finance()]

    def approve(by):
        return lambda: actions.approve_details(details=BankDetails.objects.get(pk=details.pk), by=by)

    with paused_before(BankDetails, "save"):
        outcomes = run_together(*map(approve, people))
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_change_and_an_approval_at_once_never_approve_what_was_replaced():
    details = banking.called()
    organisation = details.organisation
    run_together(
        lambda: actions.approve_details(details=BankDetails.objects.get(pk=details.pk), by=made.officer()),
        lambda: actions.enter_details(
            organisation=organisation, by=owner_of(organisation), **banking.given(organisation, account="987654321")
        ),
    )
    current = BankDetails.objects.current().get(organisation=organisation)
    assert (current.number, current.step, state_of(organisation)) == (2, "entered", "pending")
    assert [list(check()) for check in INVARIANTS] == [[], []]
