"""The weekly message about late work: to whom, how often, what it names, and what it leaves to other reminders."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from grants.agreements.models import Absence
from grants.daily import DAILY
from grants.workspace.actions import late_work, remind_people_of_late_work
from grants.workspace.models import WorkReminder
from partners.models import Programme
from partners.submissions.models import Submission
from tests.factories.partners import submission_in
from tests.factories.portal import UserFactory
from tests.factories.reviews import hit_of, hold_on, invited, reviewer
from vetting_portal.models import AuditEntry, Role, RoleAssignment, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


def written_to() -> dict[str, str]:
    """Run the round twice, and return what each person was written."""
    drain()
    mail.outbox.clear()
    for _ in range(2):
        remind_people_of_late_work.enqueue()
        drain()
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox})
    return {message.to[0]: message.body for message in mail.outbox}


def owner_of(submission: Submission) -> User:
    return submission.organisation.owners().get().user


def test_each_person_with_late_work_is_written_to_once_a_week(time_machine):
    officer = UserFactory(roles=["programme_officer"], name="Ruth Example")
    idle = UserFactory(roles=["finance_officer"])
    submission = submission_in("in_review", officer=officer)
    assert written_to() == {}
    time_machine.shift(timedelta(days=10))
    told = written_to()
    assert set(told) == {officer.email}
    assert idle.email not in told
    assert "Hello Ruth Example" in told[officer.email]
    assert "Assign reviewers" in told[officer.email]
    assert submission.number in told[officer.email]
    assert "/work/?show=late" in told[officer.email]
    for days, expected in ((1, 0), (5, 0), (1, 1)):
        time_machine.shift(timedelta(days=days))
        assert len(written_to()) == expected
    assert AuditEntry.objects.filter(event="work_reminded").count() == WorkReminder.objects.count() == 2
    assert remind_people_of_late_work in DAILY


def test_who_is_away_or_has_left_is_not_written_to(time_machine):
    officer, director = UserFactory(roles=["programme_officer"]), UserFactory(roles=["director", "programme_officer"])
    submission_in("submitted")
    time_machine.shift(timedelta(days=30))
    today = timezone.localdate()
    Absence.objects.create(
        director=director, stand_in=UserFactory(roles=["director"]), from_on=today, until_on=today,
        noted_at=timezone.now(), noted_by=director,
    )  # fmt: skip
    RoleAssignment.objects.filter(user=officer, role=Role.PROGRAMME_OFFICER).update(until_at=timezone.now())
    theirs = {officer.email, director.email}
    assert not theirs & set(written_to())
    assert not WorkReminder.objects.filter(user__in=[officer, director]).exists()
    time_machine.shift(timedelta(days=8))
    assert theirs & set(written_to()) == {director.email}
    User.objects.filter(pk=director.pk).update(is_active=False)
    time_machine.shift(timedelta(days=8))
    assert not theirs & set(written_to())


def test_a_partner_reads_of_its_own_work_and_a_held_one_nothing(time_machine):
    returned, draft = submission_in("changes_requested"), submission_in("draft")
    Programme.objects.update(closes_on=timezone.localdate() + timedelta(days=90))
    officer = UserFactory(roles=["programme_officer"], name="Secret Officer")
    who = reviewer(name="Secret Reviewer")
    invited(who=who, by=officer)
    hit_of(returned.organisation)
    time_machine.shift(timedelta(days=40))
    told = written_to()
    assert {owner_of(returned).email, owner_of(draft).email, officer.email, who.email} <= set(told)
    partners = told[owner_of(returned).email] + told[owner_of(draft).email]
    assert "Make the changes we asked for" in partners
    assert not [word for word in ("Secret", "match", "listed", "Screen") if word in partners]
    for one in (returned, draft):
        hold_on(one.organisation, by=officer)
    time_machine.shift(timedelta(days=8))
    assert not {owner_of(returned).email, owner_of(draft).email} & set(written_to())


def test_what_has_reminders_of_its_own_is_left_to_them(approved, time_machine):
    time_machine.shift(timedelta(days=100))
    owner = approved.submission.organisation.owners().get().user
    assert late_work(owner) == []
    assert owner.email not in written_to()
