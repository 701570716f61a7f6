"""Reports back and forth, and nothing half done."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_tasks_db.models import DBTaskResult

from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import accept_report, publish_report, save_report, send_back_report, submit_report
from grants.reports.models import Report
from tests.factories.campaigns import FULL, member_of, opened, report_of
from tests.factories.portal import UserFactory
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def test_a_report_is_not_sent_with_things_missing(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    save_report(report=report, words={"summary": "Half of it"}, by=member)

    with pytest.raises(Refused) as refusal:
        submit_report(report=report, by=member)

    assert len(refusal.value.blockers) == 9
    assert all("#id_" in blocker.url for blocker in refusal.value.blockers)


def test_a_report_goes_forth_and_back_and_is_accepted(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    save_report(report=report, words=FULL, by=member)
    submit_report(report=report, by=member)
    with pytest.raises(Refused, match="cannot be changed now"):
        save_report(report=report, words={"summary": "Other"}, by=member)

    with pytest.raises(ValidationError):
        send_back_report(report=report, reason=" ", by=stage.officer)
    send_back_report(report=report, reason="Which shelters?", by=stage.officer)
    save_report(report=report, words={"summary": "Two shelters."}, by=member)
    submit_report(report=report, by=member)
    accepted = accept_report(report=report, by=stage.officer)

    assert (accepted.state, accepted.accepted_by, accepted.summary) == ("accepted", stage.officer, "Two shelters.")
    events = [entry.event for entry in AuditEntry.objects.about(report)]
    assert events == ["report_saved", "submit", "send_back", "report_saved", "submit", "accept"]
    letters = [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")]
    assert [letter[0] for letter in letters] == [stage.officer.email, member.email, stage.officer.email, member.email]
    assert "Which shelters?" in letters[1][2]


def test_saving_the_same_words_leaves_no_entry(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)

    for _ in range(2):
        save_report(report=report, words=FULL, by=member)

    assert AuditEntry.objects.about(report).count() == 1


@pytest.mark.parametrize("who", ["officer", "finance", "stranger"])
def test_only_members_write_and_only_officers_answer(stage: Stage, who: str) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    person = UserFactory() if who == "stranger" else getattr(stage, who)
    with pytest.raises(PermissionDenied):
        save_report(report=report, words=FULL, by=person)
    save_report(report=report, words=FULL, by=member)
    with pytest.raises(PermissionDenied):
        submit_report(report=report, by=person)
    submit_report(report=report, by=member)

    if who != "officer":
        with pytest.raises(PermissionDenied):
            accept_report(report=report, by=person)
    with pytest.raises(PermissionDenied):
        send_back_report(report=report, reason="Why?", by=member)


def test_nothing_is_written_when_the_trail_cannot_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    other = Report.objects.for_list().filter(grant=campaign.grant).order_by("number")[1]
    save_report(report=other, words=FULL, by=member)
    save_report(report=report, words=FULL, by=member)
    submit_report(report=report, by=member)

    def fail(_drafts: Any) -> None:
        raise RuntimeError("the trail is full")

    def state() -> tuple[Any, ...]:
        reports = Report.objects.order_by("pk").values_list("state", "summary", "submitted_at", "accepted_at")
        return list(reports), DBTaskResult.objects.count()

    before = state()
    monkeypatch.setattr("vetting_portal.audit.append", fail)
    acts = [
        lambda: save_report(report=other, words={"summary": "x"}, by=member),
        lambda: submit_report(report=other, by=member),
        lambda: accept_report(report=report, by=stage.officer),
        lambda: send_back_report(report=report, reason="Why?", by=stage.officer),
    ]
    for act in acts:
        with pytest.raises(RuntimeError, match="trail is full"):
            act()

    assert state() == before


def test_a_report_is_published_in_words_once_it_is_accepted_and_by_the_officer_alone(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    words: dict[str, Any] = {"public_line": " 31  people. ", "public_summary": "Two workers.", "stories": []}
    save_report(report=report, words=FULL, by=member)
    submit_report(report=report, by=member)
    with pytest.raises(Refused, match="is sent now"):
        publish_report(report=report, **words, by=stage.officer)
    accept_report(report=report, by=stage.officer)
    for person in (member, stage.finance):
        with pytest.raises(PermissionDenied):
            publish_report(report=report, **words, by=person)
    for field in ("public_line", "public_summary"):
        with pytest.raises(ValidationError) as refusal:
            publish_report(report=report, **{**words, field: " "}, by=stage.officer)
        assert set(refusal.value.message_dict) == {field}

    published = publish_report(report=report, **words, by=stage.officer)

    assert (published.state, published.published_by, published.public_line) == (
        "published",
        stage.officer,
        "31 people.",
    )
    assert [one.pk for one in Report.objects.published_of(campaign)] == [report.pk]
    assert published.terms == campaign.grant.terms
    letter = DBTaskResult.objects.order_by("-enqueued_at").first()
    assert letter is not None
    assert published.public_path in letter.args_kwargs["args"][2]


def test_a_report_is_told_against_the_terms_it_was_sent_under(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    save_report(report=report, words=FULL, by=member)
    sent = submit_report(report=report, by=member)

    assert sent.terms == sent.grant.terms_in_force
    assert [line.line for line in sent.budget.lines] == ["Social workers", "Training"]
    assert (sent.is_last, Report.objects.get(grant=campaign.grant, number=2).is_last) == (False, True)
