"""Who may move what, and from which state: one literal table over every transition, role and state.

A new transition fails here until somebody writes its row. The row says who may, not what the code does.
"""

from dataclasses import dataclass

import pytest
from django_fsm import can_proceed

from tests.laws.test_one_door import declared
from tests.support.scene import Scene
from vetting_portal.workflow import _may

pytestmark = pytest.mark.django_db

MAY_NOT, NOT_NOW, GOES = "403", "409", "goes"


@dataclass(frozen=True)
class Row:
    """The states a move starts from, who may make it, and the states in which these may at all (all, if not told)."""

    start: str
    who: str
    held_in: str = ""


ROWS = {
    "Document.accept": Row("quarantined rejected superseded", "officer system"),
    "Document.reject": Row("quarantined accepted", "officer system"),
    "Document.supersede": Row("quarantined accepted", "officer system"),
    "Submission.submit": Row("draft", "owner"),
    "Submission.request_changes": Row("submitted in_review", "officer"),
    "Submission.resubmit": Row("changes_requested", "owner"),
    "Submission.start_review": Row("submitted", "officer"),
    "Submission.assess": Row("in_review", "officer system"),
    "Submission.recommend": Row("assessed", "officer"),
    "Submission.override": Row("assessed", "director"),
    "Submission.return_to_review": Row("recommended", "director"),
    "Submission.approve": Row("recommended", "director system"),
    "Submission.restore": Row("approved", "system"),
    "Submission.decline": Row("submitted changes_requested in_review assessed recommended", "officer director"),
    "Submission.withdraw": Row("draft submitted changes_requested in_review assessed recommended", "owner"),
    "Review.begin": Row("invited", "reviewer"),
    "Review.submit": Row("in_progress", "reviewer", held_in="in_progress submitted"),
    "Review.reopen": Row("submitted", "reviewer", held_in="in_progress submitted"),
    "Review.recuse": Row("invited in_progress submitted", "reviewer"),
    "Review.end": Row("invited in_progress submitted", "officer"),
    "ScreeningHit.clear": Row("open", "officer"),
    "ScreeningHit.confirm": Row("open", "officer"),
    "ScreeningHit.release": Row("confirmed", "officer director"),
    "ScreeningHit.reopen": Row("cleared confirmed", "officer system"),
    "Grant.freeze": Row("draft", "officer"),
    "Grant.send_back": Row("awaiting_signature", "officer director"),
    "Grant.approve": Row("awaiting_signature", "director"),
    "Grant.decline": Row("awaiting_signature", "director"),
    "Grant.enter_into_force": Row("approved", "system"),
    "Grant.complete": Row("in_force", "officer"),
    "Grant.close": Row("completed", "officer"),
    "Grant.suspend": Row("in_force", "officer director system"),
    "Grant.resume": Row("suspended", "director"),
    "Grant.lapse": Row("draft approved", "officer system"),
    "Grant.terminate": Row("in_force suspended", "director system"),
    "Ending.confirm": Row("awaiting_signature", "director"),
    "Ending.carry_out": Row("confirmed", "director system"),
    "Ending.decline": Row("awaiting_signature", "director"),
    "Ending.withdraw": Row("awaiting_signature", "officer"),
    "Ending.expire": Row("awaiting_signature", "system"),
    "Amendment.freeze": Row("draft", "officer"),
    "Amendment.send_back": Row("awaiting_signature approved", "officer director"),
    "Amendment.approve": Row("awaiting_signature", "director"),
    "Amendment.enter_into_force": Row("approved", "system"),
    "Amendment.withdraw": Row("draft awaiting_signature", "officer system"),
    "Amendment.decline": Row("awaiting_signature", "director"),
    "Amendment.lapse": Row("approved", "officer system"),
    "Campaign.open": Row("planned", "officer"),
    "Campaign.pause": Row("open", "officer system"),
    "Campaign.resume": Row("paused", "officer"),
    "Campaign.close": Row("open paused", "officer finance system"),
    "Gift.refund": Row("settled disputed", "finance system"),
    "Gift.dispute": Row("settled", "system"),
    "Gift.settle": Row("disputed", "system"),
    "Tranche.release": Row("scheduled", "officer finance"),
    "Tranche.pay": Row("released", "officer finance"),
    "Tranche.bounce": Row("paid", "officer finance"),
    "Tranche.hold": Row("scheduled released", "officer finance"),
    "Tranche.resume": Row("held", "officer finance"),
    "Tranche.cancel": Row("scheduled held", "officer system"),
    "Condition.show": Row("open", "owner editor officer"),
    "Condition.return_evidence": Row("shown", "officer director"),
    "Condition.accept": Row("shown", "officer director"),
    "Condition.waive": Row("open shown", "director"),
    "Condition.reopen": Row("shown met waived ended", "officer director system"),
    "Condition.drop": Row("open shown", "officer director system"),
    "Report.submit": Row("draft returned", "owner editor"),
    "Report.send_back": Row("submitted", "officer"),
    "Report.accept": Row("submitted", "officer"),
    "Report.publish": Row("accepted", "officer"),
    "Report.cancel": Row("draft returned", "system"),
}
PEOPLE = ["owner", "editor", "stranger", "reviewer", "other_reviewer", "officer", "director", "finance", "auditor"]
PEOPLE += ["admin", "system"]


def _expected(row: Row, state: str, person: str) -> str:
    if person not in row.who.split() or state not in (row.held_in or state).split():
        return MAY_NOT
    return GOES if state in row.start.split() else NOT_NOW


def _outcome(record, name: str, state: str, user) -> str:
    """Ask as the door asks, of the record as if it stood in ``state``; nothing is written."""
    record.__dict__["state"] = state
    move = getattr(record, name)
    if not _may(move, user):
        return MAY_NOT
    return GOES if can_proceed(move, check_conditions=False) else NOT_NOW


def test_every_transition_has_its_row():
    assert set(ROWS) == {f"{model.__name__}.{transition.name}" for model, transition in declared()}


def test_every_person_of_the_scene_is_asked(scene: Scene):
    assert set(scene.people) == set(PEOPLE)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("move", ROWS)
def test_transition_goes_for_whom_and_from_where_the_table_says(scene: Scene, move: str, person: str):
    model, name = move.split(".")
    record, user = scene.records[model], scene.people[person]

    outcomes = {state: _outcome(record, name, state, user) for state in record.State.values}

    assert outcomes == {state: _expected(ROWS[move], state, person) for state in record.State.values}
