"""A hold stops every move that goes forward: one literal table over every transition; and every message to a partner.

A new transition fails here until somebody writes whether a hold stops it, or why not.
"""

import ast

import pytest

from partners.models import Hold
from partners.organisations.actions import place_hold
from tests.factories.reviews import officer
from tests.laws.source import modules
from tests.laws.test_one_door import declared
from tests.support.databases import restore_template
from tests.support.scene import Scene, set_scene
from vetting_portal.workflow import transition_blockers

STAFF, PARTNER = "This organisation is held.", "We are still looking at your organisation’s details."
WHY_NOT = {
    "Document.accept": "checks on papers go on: nothing is promised by them, and the mail about them waits",
    "Document.reject": "the same",
    "Document.supersede": "the same",
    "Submission.restore": "a step back: the grant that it became lapsed",
    "Submission.withdraw": "the partner's own step back; it frees nobody and pays nothing",
    "Review.begin": "a reviewer's own work, told to nobody outside; the submission itself stays where it is",
    "Review.submit": "the same",
    "Review.reopen": "the same",
    "Review.recuse": "stepping aside is always possible",
    "Review.end": "the officer waits no longer: nothing goes forward by it",
    "ScreeningHit.clear": "other candidates are decided all the same",
    "ScreeningHit.confirm": "it is what holds",
    "ScreeningHit.reopen": "of other candidates; one that holds is kept by its own condition, tested with screening",
    "ScreeningHit.release": "it follows the release by two people, and waits for it",
    "Grant.send_back": "a step back: every signature is void",
    "Grant.suspend": "it stops payments and offers",
    "Grant.terminate": "a promise ends and no money moves; counsel may ask for it",
    "Ending.confirm": "the same; what moves money waits for the end of the hold",
    "Ending.carry_out": "the same",
    "Ending.decline": "the grant goes on as it was",
    "Ending.withdraw": "the same",
    "Ending.expire": "the same",
    "Amendment.send_back": "a step back: every signature is void",
    "Amendment.withdraw": "a step back: nothing was promised yet",
    "Campaign.pause": "it stops gifts",
    "Gift.refund": "the donor's money, not the partner's",
    "Gift.dispute": "told by the payment source",
    "Gift.settle": "told by the payment source",
    "Tranche.pay": "the bank has paid already; no file takes a payment of who is held",
    "Tranche.bounce": "the bank has returned it already; it is held then, and the mail about it waits",
    "Tranche.hold": "it stops a payment",
    "Tranche.resume": "back on the schedule: its release asks for a hold",
    "Tranche.cancel": "a step back: no money moves",
    "Condition.show": "what a partner shows is taken; nothing is found of it",
    "Condition.reopen": "a step back: the terms ask for something else",
    "Condition.drop": "what waited for it is gone; nothing is found to be met",
    "Report.submit": "what a partner tells is taken; nothing is answered",
    "Report.cancel": "nothing is asked for any more",
}
STOPPED = {
    "Submission.submit": PARTNER,
    "Submission.request_changes": STAFF,
    "Submission.resubmit": PARTNER,
    "Submission.start_review": STAFF,
    "Submission.assess": STAFF,
    "Submission.recommend": STAFF,
    "Submission.override": STAFF,
    "Submission.return_to_review": STAFF,
    "Submission.approve": STAFF,
    "Submission.decline": STAFF,
    "Grant.freeze": STAFF,
    "Grant.approve": STAFF,
    "Grant.decline": STAFF,
    "Grant.enter_into_force": STAFF,
    "Grant.complete": STAFF,
    "Grant.close": STAFF,
    "Grant.lapse": STAFF,
    "Grant.resume": STAFF,
    "Amendment.freeze": STAFF,
    "Amendment.approve": STAFF,
    "Amendment.enter_into_force": STAFF,
    "Amendment.decline": STAFF,
    "Amendment.lapse": STAFF,
    "Campaign.open": STAFF,
    "Campaign.resume": STAFF,
    "Campaign.close": STAFF,
    "Tranche.release": STAFF,
    "Condition.return_evidence": STAFF,
    "Condition.accept": STAFF,
    "Condition.waive": STAFF,
    "Report.send_back": STAFF,
    "Report.accept": STAFF,
    "Report.publish": STAFF,
}
# Who is written to without asking for a hold: staff, reviewers, and accounts.
WRITES_PAST_A_HOLD = {
    "vetting_portal/actions.py invite_staff",
    "partners/organisations/actions/organisations.py invite_member",  # an account, at its owner's word
    "partners/submissions/actions/moving.py _tell_readers",  # reviewers
    "partners/submissions/actions/moving.py withdraw_submission",  # its officer, and reviewers
    "reviews/panels/actions/panel.py return_to_review",  # its officer, and reviewers
    "reviews/panels/actions/assignments.py end_review",  # the reviewer
    "partners/vault/actions/renewing.py remind_of_renewals",  # asks itself: what is due is said after the hold
    "reviews/screening/actions.py confirm_hit",
    "reviews/holds/actions.py _tell_directors",
    "reviews/references/actions.py _tell_officers",
    "grants/banking/actions.py _tell",  # finance; the owners by tell_owners
    "reviews/panels/actions/reviewing.py submit_review",
    "reviews/panels/actions/assignments.py assign_reviewer",
    "reviews/panels/actions/assignments.py remind_reviewer",
    "reviews/panels/actions/assignments.py hand_over",  # an officer
    "reviews/panels/actions/assignments.py _step_aside",
    "grants/agreements/actions/asking.py _write_reminder",  # a director; an owner by tell_partner
    "grants/agreements/actions/asking.py tell_of_void",  # a director; the partner by tell_partner
    "grants/agreements/actions/asking.py _move_requests",
    "grants/agreements/actions/ending.py _tell_officers",
    "grants/agreements/actions/ending.py _tell_staff",
    "grants/agreements/actions/freezing.py _freeze",
    "grants/agreements/actions/freezing.py send_back_grant",
    "grants/agreements/actions/proving.py begin_signing",  # a code to sign with; a held partner is refused before
    "grants/agreements/actions/sealing.py _enter_into_force",  # the officer; the partner by tell_partner
    "grants/arrivals/actions.py _notify_finance",  # finance; the owners by tell_owners
    "grants/arrivals/actions.py remind_to_confirm",  # asks itself: what waits is said after the hold
    "grants/conditions/actions/deciding.py _notify_staff",  # officers and directors; the partner by tell_partner
    "grants/conditions/actions/reminding.py _write",  # its caller asks: what is due is said after the hold
    "grants/amendments/actions/freezing.py _freeze",  # directors
    "grants/amendments/actions/ending.py _tell",  # the officer and the directors who signed
    "grants/amendments/actions/entering.py _tell",  # the officer; the partner by tell_partner
    "grants/reports/actions/writing.py submit_report",  # the officer
    "grants/intake/actions/hand.py _ask_second_person",  # staff
    "reviews/panels/actions/discussing.py write_panel_message",  # reviewers
    "grants/endings/actions/asking.py _ask",  # the director who is asked
    "grants/endings/actions/stopping.py _stop",  # who asked, and the director
    "grants/endings/actions/finishing.py _tell",  # staff; the partner by tell_partner
    "grants/endings/actions/telling.py tell_of_end",  # staff; the partner by tell_partner
    "grants/reports/actions/consents.py _tell",  # the officer; the owners by tell_owners
    "grants/workspace/actions.py remind_of_late_work",  # asks itself: what a held partner owes is left out
    "grants/reports/actions/reminding.py remind_of_reports",  # asks itself: what is due is said after the hold
}


def sources(model: type, name: str) -> list[str]:
    """Return the states that a transition starts from."""
    return [each.source for of, each in declared() if (of, each.name) == (model, name)]


@pytest.fixture(scope="module")
def held_scene(django_db_setup, django_db_blocker):
    """The scene with its partner held, and what was in the way of each move before."""
    with django_db_blocker.unblock():
        scene = set_scene()
        free = {name: blockers_of(scene, name) for name in STOPPED}
        organisation = scene.records["Submission"].organisation
        place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=officer())
        yield scene, free
        restore_template()


@pytest.mark.django_db
@pytest.mark.parametrize("move", STOPPED)
def test_a_hold_stops_the_move_from_every_state(held_scene, move):
    scene, free = held_scene

    found = blockers_of(scene, move)

    assert found
    for state, reasons in found.items():
        assert STOPPED[move] in reasons, state
        assert STOPPED[move] not in free[move][state], state


@pytest.mark.django_db
@pytest.mark.parametrize("move", [move for move in WHY_NOT if not move.startswith("ScreeningHit")])
def test_what_a_hold_lets_pass_does_not_name_it(held_scene, move):
    scene, _ = held_scene
    assert not any({STAFF, PARTNER} & set(reasons) for reasons in blockers_of(scene, move).values())


def blockers_of(scene: Scene, move: str) -> dict[str, list[str]]:
    """Return why a move cannot be made from each of its states, and check that its condition asks the same."""
    model, name = move.split(".")
    kept = scene.records[model]
    record, found = type(kept)._base_manager.get(pk=kept.pk), {}
    conditions = {each.source: each.conditions for of, each in declared() if (of, each.name) == (type(kept), name)}
    for state in sources(type(kept), name):
        record.__dict__["state"] = state
        found[state] = [str(reason) for reason in transition_blockers(record, name)]
        refused = not all(condition(record) for condition in conditions[state] or [])
        assert refused == bool(found[state]), (move, state, found[state])
    return found


def test_every_transition_is_held_or_says_why_not():
    every = {f"{model.__name__}.{transition.name}" for model, transition in declared()}
    assert (set(STOPPED) | set(WHY_NOT)) == every
    assert set(STOPPED) & set(WHY_NOT) == set()


def test_every_message_to_a_partner_asks_for_a_hold():
    """``notify`` writes to staff and accounts; a new caller is written down above, or goes through ``tell_partner``."""
    found = set()
    for module in modules():
        for function in module.functions():
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            if any(getattr(call.func, "id", "") == "notify" for call in calls):
                found.add(f"{module.name} {function.name}")
    assert found == WRITES_PAST_A_HOLD
