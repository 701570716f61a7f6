"""Who is asked to sign: the policy, people who are left, void signatures told, reminders, directors who are away."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.actions.asking import asked_directors
from grants.agreements.models import Absence, Grant, Signature, SigningReminder
from grants.amendments.actions import remind_signers
from partners.models import Hold
from partners.organisations.actions import place_hold
from partners.submissions.models import Duty
from reviews.panels.signers import early_blockers
from tests.factories import grants, reviews
from tests.factories.partners import MembershipFactory
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.daily import daily_tasks
from vetting_portal.models import AuditEntry, Funder, SigningPolicy
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
POLICY = {"directors": 1, "above_minor": 1_000_000, "directors_above": 2, "allows_email": False}
HOME = {"director": "grants:to_sign", "auditor": "grants:overview"}


def set_policy(**changes):
    by = UserFactory(roles=["administrator"], totp=True)
    return actions.set_signing_policy(policy=SigningPolicy(**{**POLICY, **changes}), by=by)


def written(subject: str) -> list[str]:
    """Return who was written to with this subject, once the background work is done."""
    drain()
    return sorted(message.to[0] for message in mail.outbox if subject in message.subject)


# --- the policy ---------------------------------------------------------------------------------------------


def test_a_policy_says_how_many_sign_for_which_amount():
    policy = SigningPolicy(**POLICY)
    asked = [policy.needed_for(amount, same_currency=True) for amount in (1_000_000, 1_000_001)]
    assert asked == [1, 2]
    assert policy.needed_for(1, same_currency=False) == 2
    assert SigningPolicy.read(policy.kept()) == policy
    old = SigningPolicy.read({"directors": 2, "methods": ["totp", "email"]})
    assert (old.needed_for(10**9, same_currency=True), old.allows_email) == (2, True)


@pytest.mark.parametrize(("change", "part"), [
    ({"directors": 0}, "directors"), ({"directors": 8}, "directors"), ({"above_minor": 0}, "above"),
    ({"directors_above": 1}, "directors_above"),
])  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(change, part):
    FunderFactory()
    with pytest.raises(ValidationError) as refusal:
        set_policy(**change)
    assert part in refusal.value.message_dict
    assert Funder.objects.count() == 1


def test_only_an_administrator_sets_the_policy():
    FunderFactory()
    with pytest.raises(PermissionDenied):
        actions.set_signing_policy(policy=SigningPolicy(**POLICY), by=UserFactory(roles=["director"], totp=True))


def test_terms_keep_the_policy_they_were_frozen_with(waiting):
    first = grants.directors_of(waiting)[0]
    grants.declare(waiting, first)
    set_policy()
    assert grants.begin(waiting, first)[0].method == "email"  # allowed when these terms were frozen
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    again = actions.freeze_terms(
        grant=actions.change_grant(grant=back, fields={"cap_minor": 400_000, "goal_minor": 3_000_000}, by=officer),
        by=officer,
    )
    content = again.terms.content
    assert content["signing"] == SigningPolicy(**POLICY).kept()
    assert content["funder"]["directors_needed"] == content["directors"]["needed"] == 2
    with pytest.raises(ValidationError, match="do not sign here"):
        grants.begin(again, first)
    assert grants.begin(again, first, "totp")[0].method == "totp"


def test_the_administrators_page_makes_a_new_version(client):
    FunderFactory()
    client.force_login(UserFactory(roles=["administrator"], totp=True))
    page = reverse("grants:signing_policy")
    assert '<a href="/wordings/2026-3/">the wording of agreements</a>' in client.get(page).text
    form = {"directors": "2", "above": "25,000.00", "directors_above": "3"}
    assert client.post(page, {**form, "above": "much"}).status_code == 422
    assert client.post(page, form).status_code == 302
    policy = Funder.objects.current().policy
    assert (policy.above_minor, policy.directors_above, policy.allows_email) == (2_500_000, 3, False)
    assert "3 above" in client.get(page).text
    assert AuditEntry.objects.filter(event="signing_policy_set").count() == 1


@pytest.mark.parametrize("role", ["director", "auditor"])
def test_who_signs_or_audits_reads_the_policy_and_does_not_change_it(client, role):
    FunderFactory()
    set_policy()
    client.force_login(UserFactory(roles=[role], totp=True))
    page = reverse("grants:signing_policy")

    told = client.get(page).text

    assert "What holds now" in told
    assert "Set the policy" not in told
    assert f'<a href="{page}">' in client.get(reverse(HOME[role])).text
    versions = Funder.objects.count()
    assert client.post(page, {"directors": "1"}).status_code == 403
    assert Funder.objects.count() == versions


def test_an_auditor_reads_who_is_away_and_notes_nothing(client):
    FunderFactory()
    first, second = grants.directors()
    absence = away(first, second, first)
    client.force_login(UserFactory(roles=["auditor"], totp=True))
    page, today = reverse("grants:absences"), timezone.localdate()

    told = client.get(page).text

    assert first.name in told
    assert [words for words in ("They are back", "Note it") if words in told] == []
    form = {"director": second.pk, "stand_in": first.pk, "from_on": today, "until_on": today}
    assert client.post(page, form).status_code == 403
    assert client.post(reverse("grants:absence_end", args=[absence.pk])).status_code == 403
    assert list(Absence.objects.standing()) == [absence]


# --- who is left --------------------------------------------------------------------------------------------


def test_too_few_people_are_named_early_with_what_bars_each(client, draft):
    first, second = grants.directors_of(draft)
    MembershipFactory(organisation=draft.submission.organisation, user=first, ended=True)
    grants.declare(draft, second, has_interest=True)
    (reason,) = early_blockers(draft.submission, Funder.objects.current())
    assert f"{first.name} belongs or belonged to the partner. {second.name} declared an interest." in reason.hint
    officer = grants.officer_of(draft)
    client.force_login(officer)
    session = client.session
    session["second_factor"] = True
    session.save()
    for address in (draft.get_absolute_url(), reverse("reviews:work", args=[draft.submission_id])):
        shown = client.get(address).text
        assert "Too few people are left to sign." in shown
        assert f"{second.name} declared an interest." in shown


@pytest.fixture
def ready(waiting):
    """A grant that waits, its first director, and the row of a signature that could stand."""
    grant = waiting
    first = grants.directors_of(grant)[0]
    grants.declare(grant, first)
    challenge, _ = grants.begin(grant, first)
    row = {
        "agreement": grant.agreement, "ordinal": 1, "user": first, "side": "director", "name": "x", "title": "x",
        "organisation_name": "x", "method": "email", "document_sha256": challenge.document_sha256,
        "challenge": challenge, "consent_version": "1", "consent_text": "x", "time_zone": "UTC",
        "signed_at": timezone.now(),
    }  # fmt: skip
    return grant, first, row


def test_the_database_asks_for_duty_declaration_role_and_no_tie(ready):
    grant, first, row = ready

    def refused(**change):
        with pytest.raises(DatabaseError, match="a signature is of a director"), transaction.atomic():
            Signature.objects.create(**{**row, **change})

    refused()  # no duty on the side of signing
    Duty.objects.create(submission=grant.submission, user=first, side="sign")
    second = grants.directors_of(grant)[1]
    Duty.objects.create(submission=grant.submission, user=second, side="sign")
    refused(user=second)  # never declared
    refused(signed_at=timezone.now() - timedelta(days=1))  # declared after
    refused(side="partner")
    first.role_assignments.update(
        until_at=timezone.now() - timedelta(seconds=1), since_at=timezone.now() - timedelta(1)
    )
    refused(signed_at=timezone.now())
    first.role_assignments.update(until_at=None)
    with transaction.atomic():
        Signature.objects.create(**{**row, "signed_at": timezone.now()})
        transaction.set_rollback(True)
    grants.declare(grant, first, has_interest=True)
    refused(signed_at=timezone.now())


def test_the_database_counts_the_directors_before_a_grant_is_approved(ready):
    grant, first, _ = ready
    grants.sign(grant, first)
    account = grant.fund.accounts.get(kind="free")
    approved = {"state": "approved", "approved_at": timezone.now(), "approved_by": first, "reserve_account": account}
    with pytest.raises(IntegrityError, match="as many directors"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(**approved)


# --- what is told -------------------------------------------------------------------------------------------


def test_who_signed_is_told_that_it_is_void_by_mail_and_on_the_page(client, waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first)
    grants.declare(waiting, second)
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    assert written("your signature is void") == [first.email]
    actions.freeze_terms(grant=actions.change_grant(grant=back, fields={"title": "Other"}, by=officer), by=officer)
    client.force_login(first)
    for page in ("grants:brief", "grants:grant"):
        shown = client.get(reverse(page, args=[waiting.number])).text
        assert "void" in shown
        assert "version 1" in shown


def test_a_director_who_declines_tells_the_officer_and_who_signed(waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first)
    grants.declare(waiting, second)
    actions.decline_grant(grant=grants.fresh(waiting), reason="Not this year.", by=second)
    assert written("your signature is void") == [first.email]
    assert written("is declined") == [grants.officer_of(waiting).email]
    assert all(
        "Not this year." in one.body for one in mail.outbox if "void" in one.subject or "declined" in one.subject
    )


def remind(days: int, time_machine) -> list[str]:
    """Return who is reminded when so many days have passed; the round runs twice."""
    mail.outbox.clear()
    time_machine.shift(timedelta(days=days))
    for _ in range(2):
        remind_signers.enqueue()
    return written("wait")


def test_directors_are_reminded_on_fixed_days_once_with_all_that_waits(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    grant = grants.grant_in("awaiting_signature")
    other = grants.drafted(funder=False)
    first, second, *more = [one.email for one in grants.directors_of(grant)]
    other = actions.freeze_terms(grant=other, by=grants.officer_of(other))
    everybody = sorted([first, second, *more])
    written("")
    assert remind(2, time_machine) == []
    assert remind(1, time_machine) == everybody
    assert all(grant.number in one.body and other.number in one.body for one in mail.outbox)
    assert remind(1, time_machine) == []
    assert remind(3, time_machine) == everybody
    assert remind(30, time_machine) == everybody
    assert remind(30, time_machine) == []
    assert SigningReminder.objects.count() == 3 * 2 * len(everybody)
    assert remind_signers in list(daily_tasks())


def test_the_partners_owner_is_reminded_and_a_hold_keeps_it_back(time_machine):
    grant = grants.grant_in("approved")
    time_machine.move_to(timezone.now(), tick=False)
    owner = grants.owner_of(grant).email
    written("")
    assert remind(3, time_machine) == [owner]
    held = grant.submission.organisation
    place_hold(organisation=held, kind=Hold.Kind.COUNSEL, note="Why.", by=reviews.officer())
    assert remind(4, time_machine) == []
    assert SigningReminder.objects.count() == 1  # what is due then is said when the hold ends


# --- away ---------------------------------------------------------------------------------------------------


def away(director, stand_in, by, days=7):
    today = timezone.localdate()
    return actions.note_absence(
        director=director, stand_in=stand_in, from_on=today, until_on=today + timedelta(days=days), by=by
    )


def test_the_request_moves_to_another_director_and_no_right_does(waiting):
    first, second = grants.directors_of(waiting)
    absence = away(first, second, first)
    assert written(f"in place of {first.name}") == [second.email]
    assert [one.pk for one in asked_directors()] == [second.pk]
    assert AuditEntry.objects.filter(event="request_moved").count() == 1
    grants.sign(waiting, second)
    assert [one.name for one in waiting.agreement.signatures.all()] == [second.name]
    grants.sign(grants.fresh(waiting), first)  # the absent one's own right stays
    assert grants.fresh(waiting).state == "approved"
    actions.end_absence(absence=absence, by=first)
    assert len(asked_directors()) == 2
    with pytest.raises(DatabaseError, match="an absence is never"), transaction.atomic():
        Absence.objects.update(stand_in=first)


def test_an_absence_names_two_directors_who_are_there():
    first, second = grants.directors()
    third = grants.directors(1)[0]
    officer = reviews.officer()
    with pytest.raises(PermissionDenied):
        away(first, second, third)
    with pytest.raises(ValidationError, match="another director"):
        away(first, officer, first)
    with pytest.raises(ValidationError, match="another director"):
        away(first, first, first)
    with pytest.raises(ValidationError, match="over"):
        away(first, second, first, days=-1)
    away(first, second, UserFactory(roles=["administrator"], totp=True))
    with pytest.raises(ValidationError, match="already"):
        away(first, third, first)
    with pytest.raises(ValidationError, match="One of the two"):
        away(second, third, second)
    with pytest.raises(PermissionDenied):
        actions.end_absence(absence=Absence.objects.get(), by=third)


def test_a_director_notes_an_absence_on_the_page(client):
    FunderFactory()
    first, second = grants.directors()
    client.force_login(first)
    page = reverse("grants:absences")
    today = timezone.localdate()
    form = {"director": first.pk, "stand_in": second.pk, "from_on": today, "until_on": today + timedelta(days=3)}
    assert client.post(page, {**form, "director": second.pk}).status_code == 422
    assert client.post(page, form).status_code == 302
    assert "They are back" in client.get(page).text
    client.post(reverse("grants:absence_end", args=[Absence.objects.get().pk]))
    assert "Everybody is here" in client.get(page).text
