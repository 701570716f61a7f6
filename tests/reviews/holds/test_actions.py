"""A confirmed hit holds everything, two people release it, and counsel's checklist keeps its days."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from partners.models import Hold, Organisation, Person
from partners.organisations.actions import change_organisation, change_person
from partners.submissions.actions import decline_submission
from reviews.holds.actions import Told, hold_for_counsel, record_step, release_hold
from reviews.holds.checklist import checklist, next_due
from reviews.holds.models import CounselStep
from reviews.holds.queries import open_cases
from reviews.invariants import confirmed_hits_hold, holds_follow_from_confirmed_hits
from reviews.models import ScreeningHit
from reviews.panels.actions import panel
from reviews.panels.gates import sanctions_gate
from reviews.screening.actions import clear_hit, confirm_hit, screen_organisation
from reviews.screening.status import screening_status
from tests.factories import reviews as made
from tests.factories.partners import LicenceFactory, OrganisationFactory, PersonFactory
from tests.factories.portal import UserFactory
from tests.support.databases import append_only
from vetting_portal.files import put
from vetting_portal.models import AuditEntry, User
from vetting_portal.papers import CheckedPaper
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def confirmed(by: User | None = None) -> ScreeningHit:
    return made.decide(made.hit_of(), confirm_hit, by=by)


def hold_by(hit: ScreeningHit, organisation: Organisation | None = None) -> Hold:
    return Hold.objects.get(cause_id=hit.pk, organisation=organisation or hit.organisation)


def release(hold: Hold, *people: User) -> Hold:
    for person in people or (made.director(), made.officer()):
        hold = release_hold(hold=Hold.objects.get(pk=hold.pk), reason="The passport shows another person.", by=person)
    return hold


def told(**changes) -> Told:
    return Told(**{"done_on": timezone.localdate(), "note": "Counsel wrote on 3 March.", **changes})


def test_a_confirmed_hit_holds_its_organisation_and_says_so():
    hit = confirmed()
    hold = hold_by(hit)

    assert (hold.kind, hold.note, hold.placed_by) == ("listed", hit.reason, hit.decided_by)
    status = screening_status(hit.organisation)
    assert (status.state, status.is_held) == ("fail", True)
    assert not list(confirmed_hits_hold())


@pytest.mark.parametrize(
    ("names", "born_on", "stops"),
    [
        ({"name": "PIM  rattanakul"}, None, False),  # two spaces: another text to the database, so no sure match
        ({"name": "pim rattanakul"}, None, True),
        ({"name": "Pim Rattanakul"}, date(1986, 5, 14), True),
        ({"name": "Another", "local_name": "พิม รัตนกุล"}, None, True),
        ({"name": "Pim Rattanakul"}, date(1970, 1, 1), False),
        ({"name": "Pim Rattanakul", "until_on": date(2020, 1, 1)}, None, False),
        ({"name": "Somebody Else"}, None, False),
    ],
)
def test_a_confirmed_person_holds_each_organisation_that_names_them(names, born_on, stops):
    other = PersonFactory(born_on=born_on, **names).organisation

    hit = confirmed()

    assert other.is_held == stops
    assert Hold.objects.filter(cause_id=hit.pk).count() == 1 + stops


def test_nothing_but_two_people_undoes_a_confirmation():
    hit = confirmed()
    organisation, person = hit.organisation, hit.person
    owner = organisation.created_by
    change_person(person=person, by=owner, name="Quite Another")
    change_organisation(organisation=organisation, by=owner, legal_name="A New Name")
    fresh = ScreeningHit.objects.get(pk=hit.pk)
    assert fresh.has_changed
    assert not fresh.is_open

    screen_organisation(organisation=organisation, by=made.officer())
    assert ScreeningHit.objects.get(pk=hit.pk).state == "confirmed"
    with pytest.raises(Refused):
        made.decide(ScreeningHit.objects.get(pk=hit.pk), clear_hit)
    change_person(person=Person.objects.get(pk=person.pk), by=owner, until_on=date(2026, 1, 1))
    assert screening_status(organisation).state == "fail"
    with pytest.raises(Refused):
        decline_submission(submission=made.sent_submission(organisation=organisation), reason="No.", by=made.officer())


def test_a_release_clears_the_hit_and_keeps_the_trail():
    by = made.officer()
    hit = confirmed(by)
    hold = hold_by(hit)
    with pytest.raises(Refused, match="You placed"):
        release(hold, by)

    release(hold)

    fresh = ScreeningHit.objects.get(pk=hit.pk)
    assert (fresh.state, fresh.reason) == ("cleared", "The passport shows another person.")
    assert [entry.event for entry in AuditEntry.objects.about(hit)] == ["confirm", "release"]
    assert not hit.organisation.is_held
    assert not list(holds_follow_from_confirmed_hits())
    screen_organisation(organisation=hit.organisation, by=made.officer())
    assert screening_status(hit.organisation).is_pass


def test_the_hold_of_another_organisation_is_released_by_itself():
    other = PersonFactory(name=made.NEAR_NAME).organisation
    hit = confirmed()

    release(hold_by(hit, other))

    assert (other.is_held, hit.organisation.is_held) == (False, True)
    assert ScreeningHit.objects.get(pk=hit.pk).state == "confirmed"
    release(hold_by(hit))
    assert ScreeningHit.objects.get(pk=hit.pk).state == "cleared"


def test_counsel_can_ask_for_a_hold():
    organisation = OrganisationFactory()
    with pytest.raises(PermissionDenied):
        hold_for_counsel(organisation=organisation, note="Why.", by=organisation.created_by)
    hold = hold_for_counsel(organisation=organisation, note="Counsel called.", by=made.officer())
    assert organisation.is_held
    release(hold)
    assert not organisation.is_held


def lines(hold: Hold) -> dict[str, object]:
    return {f"{item.kind}{item.year or ''}": item for item in checklist(Hold.objects.get(pk=hold.pk))}


def test_the_checklist_keeps_the_days():
    with time_machine.travel(datetime(2026, 6, 26, 12, tzinfo=UTC)):
        made.imported()
        hold = hold_by(confirmed())
        assert list(lines(hold)) == ["decision", "amounts", "report", "records"]
        assert lines(hold)["report"].due_on == date(2026, 7, 13)
        assert lines(hold)["report"].days_left == 17
        by = made.officer()
        record_step(hold=hold, kind="decision", told=told(outcome="blocked"), by=by)
    with time_machine.travel(datetime(2026, 7, 15, 12, tzinfo=UTC)):
        assert lines(hold)["report"].days_late == 2
        assert lines(hold)["annual2026"].due_on == date(2026, 9, 30)
        (case,) = open_cases(by)
        assert (case.is_late, case.next.kind) == (True, "report")
        record_step(hold=hold, kind="report", told=told(note="Filed, reference 7."), by=by)
        record_step(hold=hold, kind="annual", told=told(year=2026), by=by)
        assert not open_cases(by)[0].is_late
    with time_machine.travel(datetime(2027, 10, 2, 12, tzinfo=UTC)):
        assert lines(hold)["annual2026"].is_done
        assert lines(hold)["annual2027"].days_late == 2


def test_nothing_to_report_needs_no_report_and_the_newest_record_counts():
    hold, by = hold_by(confirmed()), made.director()
    record_step(hold=hold, kind="decision", told=told(outcome="rejected"), by=by)
    assert "report" in lines(hold)
    record_step(hold=hold, kind="decision", told=told(outcome="neither"), by=by)
    assert "report" not in lines(hold)
    assert lines(hold)["decision"].step.outcome == "neither"
    for kind in ("amounts", "records"):
        record_step(hold=hold, kind=kind, told=told(), by=by)
    assert next_due(checklist(Hold.objects.get(pk=hold.pk))) is None
    assert len(open_cases(by)) == 1
    release(hold)
    assert open_cases(by) == []


def test_a_step_keeps_its_paper():
    hold = hold_by(confirmed())
    paper = CheckedPaper(put(b"%PDF-1.7 a report"), "application/pdf", "report.pdf")

    step = record_step(hold=hold, kind="report", told=told(paper=paper), by=made.officer())

    assert (step.paper.sha256, step.paper_name) == (paper.blob.sha256, "report.pdf")


@pytest.mark.parametrize(
    ("kind", "changes", "error"),
    [
        ("annual", {"year": 2026}, Refused),
        ("report", {"year": 2026}, Refused),
        ("coffee", {}, Refused),
        ("report", {"note": " "}, ValidationError),
        ("report", {"done_on": date(2999, 1, 1)}, ValidationError),
        ("report", {"outcome": "blocked"}, ValidationError),
        ("decision", {}, ValidationError),
    ],
)
def test_a_step_that_is_not_asked_or_says_nothing_is_refused(kind, changes, error):
    hold = hold_by(confirmed())
    with pytest.raises(error):
        record_step(hold=hold, kind=kind, told=told(**changes), by=made.officer())


def test_who_may_record_a_step():
    hold = hold_by(confirmed())
    for person in (hold.organisation.created_by, UserFactory(roles=["auditor"]), made.reviewer()):
        with pytest.raises(PermissionDenied):
            record_step(hold=hold, kind="report", told=told(), by=person)


@pytest.mark.both
def test_the_database_keeps_each_step():
    hold = hold_by(confirmed())
    step = record_step(hold=hold, kind="report", told=told(), by=made.officer())
    for spoil in (
        lambda: CounselStep.objects.filter(pk=step.pk).update(note="Nothing."),
        lambda: CounselStep.objects.filter(pk=step.pk).delete(),
    ):
        with append_only():
            spoil()


def test_invariants_find_a_confirmation_without_its_hold():
    hit = made.hit_of()
    entry = {"decided_at": hit.found_at, "decided_by": made.officer(), "reason": "Same."}
    ScreeningHit._base_manager.filter(pk=hit.pk).update(**{"sta" + "te": "confirmed"}, **entry)
    assert len(list(confirmed_hits_hold())) == 1


@pytest.mark.parametrize("outcome", ["recommend", "decline"])
def test_nothing_is_recommended_and_no_decline_goes_out_while_held(outcome, assessed):
    hold_for_counsel(organisation=assessed.organisation, note="Counsel called.", by=made.director())
    reason = "The care after the shelter is the strongest part of this application."
    with pytest.raises(Refused, match="This organisation is held"):
        panel.recommend(submission=assessed, outcome=outcome, reason=reason, by=assessed.officer)
    with pytest.raises(Refused, match="This organisation is held"):
        panel.override(submission=assessed, reason=f"{reason} And more.", by=made.director())
    assert type(assessed).objects.get(pk=assessed.pk).state == "assessed"


def test_c6_fails_where_the_work_stands_in_a_closed_place_without_a_licence(sent):
    made.screened(sent.organisation)
    assert gate(sent).state == "pass"
    type(sent).objects.filter(pk=sent.pk).update(prescreen={**sent.prescreen, "country": "CU"})
    closed = gate(sent)
    assert (closed.state, closed.summary) == ("fail", "a place under sanctions, and no licence")
    LicenceFactory(organisation=sent.organisation)
    assert gate(sent).state == "pass"


def gate(submission):
    """Return C6 as it stands."""
    fresh = type(submission).objects.get(pk=submission.pk)
    return sanctions_gate(fresh, "Sanctions", screening_status(fresh.organisation))
