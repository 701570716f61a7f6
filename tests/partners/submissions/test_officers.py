"""Who of the staff is written to about an application: who runs it, else every officer; never who has a tie."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.submissions.officers import officers_of
from tests.factories.partners import submission_in
from tests.factories.portal import UserFactory
from vetting_portal.actions import end_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    """The officer who runs the application."""
    return UserFactory(roles=["programme_officer"])


@pytest.fixture
def drafter():
    """The officer who drafted its grant."""
    return UserFactory(roles=["programme_officer"])


@pytest.fixture
def idle():
    """An officer with nothing to do with it."""
    return UserFactory(roles=["programme_officer"])


@pytest.fixture
def submission(running, drafter, idle):
    """An application in review."""
    return submission_in("in_review", officer=running)


def left(person):
    end_role(user=person, role="programme_officer", by=UserFactory(roles=["administrator"]))


def belonged(person, submission, *, until_at):
    """Let somebody belong to the partner, now or until a day."""
    submission.organisation.memberships.create(
        user=person, role="editor", since_at=timezone.now() - timedelta(days=900), until_at=until_at,
        ended_by=person if until_at else None,
    )  # fmt: skip


def test_who_runs_the_application_is_written_to(submission, running):
    assert officers_of(submission) == [running]


def test_who_drafted_the_grant_is_written_to_as_well_and_each_once(submission, running, drafter):
    assert officers_of(submission, drafter) == [running, drafter]
    assert officers_of(submission, running) == [running]


def test_who_drafted_the_grant_is_written_to_alone_where_who_runs_it_left(submission, running, drafter):
    left(running)

    assert officers_of(submission, drafter) == [drafter]


def test_every_officer_is_written_to_where_both_left(submission, running, drafter, idle):
    other = UserFactory(roles=["programme_officer"])
    UserFactory(roles=["director"])
    left(running)
    left(drafter)

    assert officers_of(submission, drafter) == [idle, other]


def test_every_officer_is_written_to_where_nobody_runs_it(submission, running, drafter, idle):
    submission.officer = None

    assert officers_of(submission) == [running, drafter, idle]


@pytest.mark.parametrize("days", [None, 400])
def test_who_ever_belonged_to_the_partner_is_never_written_to(submission, running, drafter, idle, days):
    until_at = None if days is None else timezone.now() - timedelta(days=days)
    for person in (running, drafter):
        belonged(person, submission, until_at=until_at)

    assert officers_of(submission, drafter) == [idle]


def test_nobody_is_written_to_where_no_officer_is_left(submission, running, drafter, idle):
    for person in (running, drafter, idle):
        left(person)

    assert officers_of(submission, drafter) == []
