"""Signatures: who may, by which proof, once, and for exactly one file."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.actions import signing
from grants.agreements.invariants import INVARIANTS
from grants.agreements.models import Grant, Signature, SigningChallenge, SpentCode
from grants.funds.invariants import INVARIANTS as FUND_INVARIANTS
from partners.submissions.models import Duty
from tests.factories import grants, reviews
from tests.factories.partners import MembershipFactory
from tests.factories.portal import UserFactory
from tests.support.databases import drop_guards
from tests.support.races import Outcome, paused_before, run_together, without_locks
from vetting_portal import audit
from vetting_portal.models import AuditEntry, RoleAssignment, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def broken():
    return [sentence for invariant in (*INVARIANTS, *FUND_INVARIANTS) for sentence in invariant()]


@pytest.fixture
def director(waiting):
    return grants.directors_of(waiting)[0]


def attempt(grant, by, challenge, code, sha256=None):
    return actions.sign_agreement(
        grant=grant, document_sha256=sha256 or challenge.document_sha256, nonce=challenge.nonce, code=code, by=by
    )


def test_two_directors_approve_and_reserve_in_one_action(waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first, "totp")
    assert grants.fresh(waiting).state == "awaiting_signature"
    grants.sign(waiting, second, "email")
    grant = grants.fresh(waiting)
    assert (grant.state, grant.submission.state, grant.reserve_account.balance_minor) == (
        "approved",
        "approved",
        1_500_000,
    )
    assert [signature.method for signature in grant.agreement.signatures.all()] == ["totp", "email"]
    assert set(Duty.objects.filter(side="sign").values_list("user", flat=True)) == {first.pk, second.pk}
    assert broken() == []


def test_a_signature_says_who_for_whom_when_and_what(waiting, director):
    signature = grants.sign(waiting, director)
    assert (signature.name, signature.title, signature.authority) == (
        director.name,
        "Director",
        "board resolution 2024-07",
    )
    assert signature.document_sha256 == grants.fresh(waiting).agreement.signed_sha256
    assert "My passkey or code, given here, is my signature" in signature.consent_text
    assert signature.number == f"S-{waiting.number}-1"


def test_a_declaration_comes_first(waiting, director):
    with pytest.raises(Refused, match="Declare first"):
        grants.begin(waiting, director)


def test_who_has_an_interest_does_not_sign(waiting, director):
    grants.declare(waiting, director, has_interest=True)
    with pytest.raises(PermissionDenied):
        grants.begin(waiting, director)


def test_who_declared_none_can_add_an_interest_later(waiting, director):
    grants.declare(waiting, director)
    grants.declare(waiting, director, has_interest=True)
    with pytest.raises(ValidationError):
        grants.declare(waiting, director, has_interest=True)
    with pytest.raises(PermissionDenied):
        grants.begin(waiting, director)


@pytest.mark.parametrize("part", ["recommended", "reviewed"])
def test_who_judged_does_not_sign_even_with_the_role(waiting, part):
    judge = waiting.submission.recommended_by if part == "recommended" else waiting.submission.reviews.first().reviewer
    RoleAssignment.objects.create(user=judge, role="director", assigned_by=grants.system())
    judge = User.objects.get(pk=judge.pk)
    grants.declare(waiting, judge)
    with pytest.raises(Refused, match="You reviewed or recommended this submission"):
        grants.begin(waiting, judge)


def test_the_database_keeps_judges_from_signing_whatever_the_code_says(waiting):
    judge = waiting.submission.recommended_by
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(submission=waiting.submission, user=judge, side="sign")


def test_a_member_of_the_partner_does_not_sign(waiting):
    member = UserFactory(roles=["director"])
    MembershipFactory(organisation=waiting.submission.organisation, user=member, ended=True)
    with pytest.raises(PermissionDenied):
        grants.begin(waiting, member)


@pytest.mark.parametrize("role", ["reviewer", "programme_officer", "finance_officer", "auditor", "administrator"])
def test_no_other_role_signs(waiting, role):
    with pytest.raises(PermissionDenied):
        grants.begin(waiting, UserFactory(roles=[role], totp=True))


def test_nobody_signs_twice(waiting, director):
    grants.sign(waiting, director)
    with pytest.raises(Refused, match="signed this agreement already"):
        grants.begin(waiting, director)


def test_a_wrong_code_costs_a_try_and_five_end_the_step(waiting, director):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    wrong = "00000000" if code != "00000000" else "11111111"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(ValidationError) as refusal:
            attempt(waiting, director, challenge, wrong)
        assert refusal.value.message_dict["code"][0].startswith("This is not the code.")
        challenge.refresh_from_db()
        assert challenge.tries == 5 - left
    with pytest.raises(ValidationError, match="Five wrong codes"):
        attempt(waiting, director, challenge, code)
    assert not Signature.objects.exists()


def test_a_code_ends_after_five_minutes(waiting, director):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    SigningChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="This step is over"):
        attempt(waiting, director, challenge, code)


def test_a_code_belongs_to_one_person(waiting, director):
    other = grants.directors_of(waiting)[1]
    grants.declare(waiting, director)
    grants.declare(waiting, other)
    challenge, code = grants.begin(waiting, director)
    with pytest.raises(ValidationError, match="This step is over"):
        attempt(waiting, other, challenge, code)


def test_an_authenticators_code_signs_once(waiting, director, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    grants.sign(waiting, director, "totp")
    assert SpentCode.objects.count() == 1
    other = grants.drafted(funder=False)
    other = actions.freeze_terms(grant=other, by=grants.officer_of(other))
    grants.declare(other, director)
    challenge, code = grants.begin(other, director, "totp")
    with pytest.raises(ValidationError, match="signed something already"):
        attempt(other, director, challenge, code)
    time_machine.shift(timedelta(seconds=30))
    assert attempt(other, director, challenge, grants.totp_code()).method == "totp"


def test_a_challenge_needs_a_way_that_is_set_up(waiting):
    bare = UserFactory(roles=["director"])
    grants.declare(waiting, bare)
    with pytest.raises(ValidationError):
        grants.begin(waiting, bare, "totp")
    with pytest.raises(ValidationError):
        grants.begin(waiting, bare, "fax")


def test_codes_are_not_asked_for_without_end(waiting, director):
    grants.declare(waiting, director)
    for _ in range(10):
        grants.begin(waiting, director)
    with pytest.raises(Refused, match="too often"):
        grants.begin(waiting, director)


def test_changed_terms_are_refused_and_nothing_is_signed(waiting, director):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    back = actions.change_grant(grant=back, fields={"title": "Other"}, by=officer)
    actions.freeze_terms(grant=back, by=officer)
    entries = AuditEntry.objects.count()
    with pytest.raises(Refused) as refusal:
        attempt(waiting, director, challenge, code)
    assert refusal.value.title == "Changed since you viewed it"
    assert (Signature.objects.count(), AuditEntry.objects.count()) == (0, entries + 1)
    assert AuditEntry.objects.order_by("-seq").first().event == "signing_refused"


def test_a_code_for_one_file_signs_no_other(waiting, director):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    again = actions.freeze_terms(
        grant=actions.change_grant(grant=back, fields={"title": "Other"}, by=officer), by=officer
    )
    with pytest.raises(Refused, match="Changed since you viewed it"):
        attempt(again, director, challenge, code, sha256=again.agreement.signed_sha256)
    assert not Signature.objects.exists()


def test_the_reserve_fails_closed_when_the_fund_was_used_meanwhile(waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first)
    grants.declare(waiting, second)
    challenge, code = grants.begin(waiting, second)
    signing.reserve(fund=waiting.fund, reference="other", amount_minor=4_000_000, by=grants.system())
    with pytest.raises(Refused, match="no longer covers the match"):
        attempt(waiting, second, challenge, code)
    assert (grants.fresh(waiting).state, Signature.objects.count()) == ("awaiting_signature", 1)


def test_signing_checks_registration_and_screening_again(waiting, director):
    grants.declare(waiting, director)
    reviews.PersonFactory(organisation=waiting.submission.organisation, name="Somebody New")
    with pytest.raises(Refused, match="after the screening"):
        grants.begin(waiting, director)


def test_a_submission_that_went_back_to_review_is_not_signed(waiting, director):
    grants.declare(waiting, director)
    reviews.actions.return_to_review(
        submission=waiting.submission,
        reason="Two of five board members are married; look at governance once more, please, all of you.",
        by=grants.directors_of(waiting)[1],
    )
    with pytest.raises(Refused, match="The submission is in review now"):
        grants.begin(grants.fresh(waiting), director)


def test_when_the_trail_fails_nothing_is_signed(waiting, director, monkeypatch):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    challenges = SigningChallenge.objects.values_list("used_at", flat=True)

    def fail(drafts):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(RuntimeError):
        attempt(waiting, director, challenge, code)
    assert (Signature.objects.count(), Duty.objects.filter(side="sign").count(), list(challenges)) == (0, 0, [None])


def test_the_partner_countersigns_after_the_directors(approved):
    signature = grants.countersign(approved)
    assert (signature.side, signature.organisation_name) == ("partner", approved.submission.organisation.legal_name)
    with pytest.raises(Refused, match="countersigned already"):
        grants.countersign(approved)


def test_the_partner_does_not_sign_before_the_directors(waiting):
    with pytest.raises(PermissionDenied):
        grants.begin(waiting, grants.owner_of(waiting))


def test_only_an_owner_countersigns(approved):
    editor = MembershipFactory(organisation=approved.submission.organisation).user
    for stranger in (editor, UserFactory(), grants.directors_of(approved)[0]):
        with pytest.raises((PermissionDenied, Refused)):
            grants.begin(approved, stranger)


def test_a_director_does_not_use_the_partners_door(waiting, director):
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    with pytest.raises(PermissionDenied):
        actions.countersign_agreement(
            grant=waiting, document_sha256=challenge.document_sha256, nonce=challenge.nonce, code=code, by=director
        )


def test_the_database_refuses_a_signature_on_another_file(waiting, director):
    grants.declare(waiting, director)
    Duty.objects.create(submission=waiting.submission, user=director, side="sign")
    agreement = grants.fresh(waiting).agreement
    challenge = SigningChallenge.objects.create(
        user=director, agreement=agreement, document_sha256="0" * 64, method="totp", nonce="n", made_at=timezone.now(),
        expires_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="stands to be signed"), transaction.atomic():
        Signature.objects.create(
            agreement=agreement, ordinal=1, user=director, side="director", name="x", title="x", organisation_name="x",
            method="totp", document_sha256="0" * 64, challenge=challenge, consent_version="1", consent_text="x",
            signed_at=timezone.now(), time_zone="UTC",
        )  # fmt: skip


@pytest.mark.parametrize("write", [
    lambda: Signature.objects.update(name="Somebody else"),
    lambda: Signature.objects.all()._raw_delete("default"),
], ids=["change", "remove"])  # fmt: skip
def test_signatures_are_append_only(waiting, director, write):
    grants.sign(waiting, director)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        write()


def test_invariants_name_a_grant_without_its_signatures(waiting):
    drop_guards("grants_grant")
    Grant.objects.filter(pk=waiting.pk).update(
        state="approved", approved_at=timezone.now(), approved_by=waiting.created_by,
        reserve_account=waiting.fund.accounts.get(kind="free"),
    )  # fmt: skip
    assert broken() == [
        f"grant {waiting.number} is approved with 0 directors' signatures",
        f"grant {waiting.number} has no reserve of its own",
    ]


def two_sign(grant) -> list[Outcome]:
    people = grants.directors_of(grant)
    ready = []
    for person in people:
        grants.declare(grant, person)
        ready.append((person, *grants.begin(grant, person)))
    with paused_before(signing, "_write"):
        return run_together(
            *[
                lambda person=person, challenge=challenge, code=code: attempt(grant, person, challenge, code)
                for person, challenge, code in ready
            ]
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_directors_who_sign_at_once_approve_once():
    grant = grants.grant_in("awaiting_signature")
    outcomes = two_sign(grant)
    assert all(outcome.went_through for outcome in outcomes), outcomes
    fresh = grants.fresh(grant)
    assert (fresh.state, fresh.reserve_account.balance_minor) == ("approved", 1_500_000)
    assert sorted(signature.ordinal for signature in fresh.agreement.signatures.all()) == [1, 2]
    assert broken() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_director_with_two_clicks_signs_once():
    grant = grants.grant_in("awaiting_signature")
    person = grants.directors_of(grant)[0]
    grants.declare(grant, person)
    challenge, code = grants.begin(grant, person)
    outcomes = run_together(*[lambda: attempt(grant, person, challenge, code) for _ in range(4)])
    assert sum(outcome.went_through for outcome in outcomes) == 1
    assert Signature.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_signing_and_sending_back_at_once_leave_one_truth():
    grant = grants.grant_in("awaiting_signature")
    person, officer = grants.directors_of(grant)[0], grants.officer_of(grant)
    grants.declare(grant, person)
    challenge, code = grants.begin(grant, person)
    run_together(
        lambda: attempt(grant, person, challenge, code),
        lambda: actions.send_back_grant(grant=grant, reason="Another window.", by=officer),
    )
    fresh = grants.fresh(grant)
    assert (fresh.state, fresh.agreement) == ("draft", None)
    assert broken() == []


def two_answers(grant):
    officer, director = grants.officer_of(grant), grants.directors_of(grant)[0]
    with paused_before(Grant, "save"):
        return run_together(
            lambda: actions.send_back_grant(grant=grant, reason="Another window.", by=officer),
            lambda: actions.decline_grant(grant=grant, reason="Not this year.", by=director),
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_grant_is_sent_back_or_declined_not_both():
    grant = grants.grant_in("awaiting_signature")
    outcomes = two_answers(grant)
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [Refused]
    assert broken() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_to_answer_is_lost_without_the_lock():
    grant = grants.grant_in("awaiting_signature")
    with without_locks():
        outcomes = two_answers(grant)
    # Both pass the door; where the second then fails it fails on a row, and nobody is told what happened.
    assert Refused not in [type(outcome.error) for outcome in outcomes], outcomes
