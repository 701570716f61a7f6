"""Reminders of reports: at each mark once, all in one message; late ones on the officer's desk."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import remind_of_reports, remind_partner_of_reports, remind_partners_of_reports
from grants.reports.models import Report, ReportNotice
from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories.campaigns import member_of, opened, report_of, sent
from vetting_portal.mail import send_mail_task
from vetting_portal.models import User

pytestmark = pytest.mark.both


@pytest.fixture
def campaign(stage: Stage) -> Campaign:
    """Give a campaign whose reports are due on 15 October 2026 and 30 October 2027."""
    return opened(stage)


def letters() -> list[list[str]]:
    """Return what was written to the partner: addresses, subject and text."""
    tasks = DBTaskResult.objects.filter(task_path=send_mail_task.module_path).order_by("enqueued_at", "id")
    return [task.args_kwargs["args"] for task in tasks if isinstance(task.args_kwargs["args"][0], list)]


def remind(campaign: Campaign, today: date) -> list[tuple[str, int]]:
    organisation = campaign.grant.submission.organisation
    by = User.objects.system("background")
    notices = remind_of_reports(organisation=organisation, today=today, by=by)
    return [(notice.report.title, notice.mark) for notice in notices]


def test_each_mark_is_told_once_and_the_nearest_only(campaign: Campaign) -> None:
    days = [(9, 14), (9, 15), (9, 16), (10, 8), (10, 9), (10, 15), (10, 15), (10, 16), (11, 30)]

    told = [(month, day, remind(campaign, date(2026, month, day))) for month, day in days]

    assert [(month, day, marks) for month, day, marks in told if marks] == [
        (9, 15, [("Start note", 30)]),
        (10, 8, [("Start note", 7)]),
        (10, 15, [("Start note", 0)]),
        (10, 16, [("Start note", -1)]),
    ]
    assert [letter[1] for letter in letters()] == ["Your report: Start note"] * 4


def test_after_a_pause_only_the_nearest_mark_is_told_with_all_of_it_in_one_message(campaign: Campaign) -> None:
    Report.objects.filter(number=2).update(due_on=date(2026, 10, 20))

    marks = remind(campaign, date(2026, 10, 16))

    assert marks == [("Start note", -1), ("Final report", 7)]
    (letter,) = letters()
    assert letter[1] == "2 reports are due"
    assert "was due on 15 October 2026. It is 1 day late." in letter[2]
    assert "in 4 days." in letter[2]
    assert remind(campaign, date(2026, 10, 16)) == []


def test_a_report_that_an_amendment_moves_is_told_again(campaign: Campaign) -> None:
    remind(campaign, date(2026, 10, 15))
    Report.objects.filter(number=1).update(due_on=date(2026, 11, 14))

    assert remind(campaign, date(2026, 10, 15)) == [("Start note", 30)]


def test_nothing_is_written_or_noted_while_the_partner_is_held(campaign: Campaign, stage: Stage) -> None:
    organisation = campaign.grant.submission.organisation
    place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=stage.officer)

    assert remind(campaign, date(2026, 10, 15)) == []
    assert (letters(), ReportNotice.objects.count()) == ([], 0)


def test_nobody_is_reminded_of_what_was_sent(campaign: Campaign) -> None:
    sent(report_of(campaign), by=member_of(campaign.grant))

    assert remind(campaign, date(2026, 10, 15)) == []


def test_the_daily_task_writes_once_by_the_funders_day(campaign: Campaign) -> None:
    organisation = campaign.grant.submission.organisation_id
    with time_machine.travel(datetime(2026, 10, 15, 7, tzinfo=ZoneInfo("UTC")), tick=False):
        for _ in range(2):
            remind_partners_of_reports.call()
            remind_partner_of_reports.call(organisation)

    asked = DBTaskResult.objects.filter(task_path=remind_partner_of_reports.module_path)
    assert [task.args_kwargs["args"] for task in asked] == [[organisation]] * 2
    assert len(letters()) == 1


def test_late_reports_stand_on_the_officers_desk_and_in_the_list(campaign: Campaign, stage: Stage) -> None:
    due = timezone.localdate() + timedelta(days=30)
    ends = datetime.combine(due + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    Report.objects.filter(number=1).update(due_on=due)
    Report.objects.filter(number=2).update(due_on=due + timedelta(days=300))
    with time_machine.travel(ends - timedelta(minutes=1), tick=False) as clock:
        client = Client()
        client.force_login(stage.officer)
        session = client.session
        session["second_factor"] = True
        session.save()
        on_the_day = client.get(reverse("grants:work_others")).text
        clock.move_to(ends + timedelta(minutes=1))
        after = client.get(reverse("grants:work_others")).text
        listed = client.get(reverse("grants:reports") + "?show=late").content.decode()
        sent(report_of(campaign), by=member_of(campaign.grant))
        gone = client.get(reverse("grants:work_others")).text

    rows = [[row for row in page.split("<tr")[1:] if "Write the report" in row] for page in (on_the_day, after, gone)]
    assert [len(found) for found in rows] == [1, 1, 0]
    assert ("overdue" in rows[0][0], "overdue" in rows[1][0]) == (False, True)
    assert ">Today<" in rows[0][0]
    assert ("Start note" in listed, "Final report" in listed) == (True, False)
