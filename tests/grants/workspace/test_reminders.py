"""Reminders and the list agree: whoever is reminded of something has it open in My work."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from grants.agreements.actions import freeze_terms
from grants.amendments.actions import remind_signers
from grants.arrivals.actions import remind_partners_to_confirm
from grants.campaigns.actions import plan_campaign
from grants.campaigns.simulation.stage import WORDS
from grants.conditions.actions import remind_of_conditions_due
from grants.payments.actions import open_campaign
from grants.reports.actions import remind_partners_of_reports
from tests.factories import amendments, grants
from tests.factories.grants import condition, officer_of
from tests.factories.partners import MembershipFactory
from tests.factories.reviews import officer
from tests.grants.conditions.test_actions import with_plan
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import Role, RoleAssignment, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
REMINDERS = {
    remind_signers: {
        "grants.sign", "grants.countersign", "grants.sign_amendment", "grants.countersign_amendment",
    },
    remind_of_conditions_due: {"grants.show_condition", "grants.show_own_condition"},
    remind_partners_of_reports: {"grants.write_report"},
    remind_partners_to_confirm: {"grants.confirm_payment"},
}  # fmt: skip


def reminded(task) -> list[User]:
    drain()
    mail.outbox.clear()
    task.enqueue()
    drain()
    return [User.objects.get(email=address) for message in mail.outbox for address in message.to]


def open_kinds(user: User) -> set[str]:
    return {duty.key for is_coming in (False, True) for duty in duties(user, Wanted(is_coming=is_coming), 0, 500)}


@pytest.fixture
def busy(in_force):
    """A grant in force with an amendment to countersign, a condition, reports; members, and one who left."""
    amendments.amendment_in("approved", in_force)
    campaign = plan_campaign(grant=in_force, slug="campaign", words=WORDS, by=officer_of(in_force))
    open_campaign(campaign=campaign, by=officer_of(in_force))
    organisation = in_force.submission.organisation
    MembershipFactory(organisation=organisation, role="editor")
    left = MembershipFactory(organisation=organisation, role="owner")
    left.until_at, left.ended_by = timezone.now(), left.user
    left.save(update_fields=["until_at", "ended_by"])
    return in_force


def test_whoever_is_reminded_has_it_in_the_list(busy, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    seen = dict.fromkeys(REMINDERS, 0)
    for days in (3, 27, 30, 60, 31, 200):  # days that pass between the rounds
        time_machine.shift(timedelta(days=days))
        for task, keys in REMINDERS.items():
            for user in reminded(task):
                assert open_kinds(user) & keys, (task.name, user.email)
                seen[task] += 1
    assert {task.name for task, number in seen.items() if not number} == {remind_partners_to_confirm.name}


def test_nobody_is_reminded_to_sign_what_a_condition_stops(draft, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    planned = with_plan(draft, condition("The board approves the budget.", "directors"))
    grant = freeze_terms(grant=planned, by=officer_of(planned))
    drain()
    time_machine.shift(timedelta(days=3))
    told = reminded(remind_signers)
    assert "grants.sign" not in set().union(*[open_kinds(director) for director in grants.directors_of(grant)])
    assert told == []


def test_what_the_funder_shows_is_asked_of_an_officer_who_may_act(draft, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    ours = condition("We visit the office.", "partner", asked_of="funder")
    planned = with_plan(draft, ours)
    freeze_terms(grant=planned, by=officer_of(planned))
    drain()
    running, other = officer_of(planned), officer()
    assert reminded(remind_of_conditions_due) == [running]
    RoleAssignment.objects.filter(user=running, role=Role.PROGRAMME_OFFICER).update(until_at=timezone.now())
    time_machine.shift(timedelta(days=23))
    told = reminded(remind_of_conditions_due)
    assert other in told
    assert running not in told
    assert all("grants.show_own_condition" in open_kinds(user) for user in told)
