"""Whatever a grant's trail may hold, the verifier accepts: eventful lives, and every event that there is."""

import ast
import json
import re

import pytest

from grants.agreements import actions as agreements
from grants.amendments.actions import send_back_amendment
from grants.campaigns.models import Campaign
from grants.conditions.models import Condition
from grants.evidence.trail import _subjects
from partners.models import Submission
from partners.submissions.actions import request_changes, resubmit_submission
from reviews.models import Recommendation, Review
from reviews.panels import actions as panels
from reviews.panels.results import panel_result
from tests.factories import amendments, grants, reviews
from tests.factories.portal import FunderFactory
from tests.grants.evidence.bundles import TOOL, edited, found, signed_again
from tests.grants.evidence.test_evidence import bundle_of
from tests.laws.source import modules
from tests.laws.test_one_door import declared
from vetting_portal.audit import append, draft
from vetting_portal.trail import WORDS

pytestmark = pytest.mark.django_db

# What the verifier compares with a record of the bundle; every other event it takes as it stands on the chain.
COMPARED = {
    "bounce", "briefed", "complete", "completion_written", "confirm", "declared", "ending_asked", "gifts_recorded",
    "moderated", "pay", "planned", "recommended", "resubmit", "revoked", "sealed", "signed", "statement_opened",
    "submit", "terminate", "version_frozen",
}  # fmt: skip

STRONG = "The care after the shelter is the strongest part of this application, see the advice."
CHANGED = "The budget changed after the reviewers had read it, so please look at it again."


def again(submission: Submission) -> Submission:
    """Ask the partner for changes and let it send the application again."""
    now = Submission.objects.get(pk=submission.pk)
    request_changes(submission=now, reason="Please look again.", items=["Budget"], by=now.officer)
    owner = submission.organisation.owners().get().user
    return resubmit_submission(submission=Submission.objects.get(pk=submission.pk), by=owner)


def fresh(submission: Submission) -> Submission:
    """Return the application as it stands in the database."""
    return Submission.objects.get(pk=submission.pk)


def much_happened(by) -> Submission:
    """Return a recommended application that was sent three times, returned by a director, and whose reviewers
    recused themselves, were ended, differed and submitted again.
    """
    submission = reviews.sent_submission()
    reviews.screened(submission.organisation, by=by)
    panels.declare_as_officer(submission=submission, has_interest=False, by=by)
    submission = again(submission)
    reviews.references_in(submission, by=by)
    first = reviews.submitted(fresh(submission), by=by)
    second = reviews.submitted(fresh(submission), {"C10": 4}, by=by)
    recused = reviews.submitted(fresh(submission), by=by)
    panels.recuse_review(review=recused, by=recused.reviewer)
    panels.end_review(review=reviews.begun(fresh(submission), by=by), by=by)
    submission = again(submission)
    panels.reopen_review(review=Review.objects.get(pk=first.pk), reason="Version 3 is here.", by=first.reviewer)
    for review in (first, second):
        now = Review.objects.get(pk=review.pk)
        codes, version = list(now.unconfirmed()), now.submission.latest_version
        panels.confirm_scores(review=now, codes=codes, version=version, by=now.reviewer)
        panels.submit_review(review=Review.objects.get(pk=now.pk), by=now.reviewer)
    for _ in range(2):
        panels.close_panel(submission=fresh(submission), by=by)
        for need in panel_result(fresh(submission)).open_moderations:
            criterion = submission.checklist.criteria.get(pk=need.criterion_id)
            panels.moderate(
                submission=fresh(submission), criterion=criterion, concerns=need.concerns,
                resolution="Both reviewers read the plan again and agree that it is thin but workable.", by=by,
            )  # fmt: skip
        panels.recommend(
            submission=fresh(submission), outcome=Recommendation.Outcome.CONDITIONS, reason=STRONG,
            conditions=["Accounts are reviewed."], by=by,
        )  # fmt: skip
        if Recommendation.objects.count() == 1:
            panels.return_to_review(
                submission=fresh(submission),
                reason=CHANGED,
                by=reviews.director(),
            )
    return fresh(submission)


def drafted_from(submission: Submission, by, **changes):
    """Return the draft of a grant from a recommended application, with two directors who may sign."""
    fund = grants.fund_with(submission=submission)
    grants.directors()
    return agreements.draft_grant(submission=submission, fields=grants.draft_fields(fund, **changes), by=by)


def all_signed(grant):
    """Let two directors who may, sign, and the partner; then seal."""
    able = [one for one in grants.directors_of(grant) if one.authenticator_set.exists()][:2]
    for director in able:
        grants.sign(grants.fresh(grant), director)
    return grants.in_force_of(grants.fresh(grant))


def test_an_application_sent_again_returned_and_reviewed_again_holds():
    FunderFactory()
    by = reviews.officer()
    grant = drafted_from(much_happened(by), by)
    grant = agreements.freeze_terms(grant=grant, by=by)
    grant = agreements.send_back_grant(grant=grants.fresh(grant), reason="The dates are wrong.", by=by)
    grant = all_signed(agreements.freeze_terms(grant=grant, by=by))
    files = bundle_of(grant)
    assert found(files) == ([], True)
    events = {one["event"] for one in json.loads(files["audit/entries.json"])}
    assert {"resubmit", "return_to_review", "moderated", "recuse", "end", "reopen", "voided"} <= events
    told = json.loads(files["vetting/decisions.json"])
    assert [one["number"] for one in told["submission"]["versions"]] == [1, 2, 3]

    def another(decided):
        decided["submission"]["versions"][1]["sha256"] = "0" * 64

    problems, _ = found(signed_again(edited(files, "vetting/decisions.json", another)))
    assert len(problems) == 1
    assert problems[0].endswith("the submission's versions are not those of the trail")


def test_a_directors_override_holds():
    FunderFactory()
    by = reviews.officer()
    low = dict.fromkeys(("C9", "C10", "C11", "C13", "C16"), 2) | {"C2": 2, "C3": 2, "C4": 2, "C5": 2}
    submission = reviews.assessed(low, low, by=by)
    panels.override(
        submission=submission, by=reviews.director(),
        reason="No other organisation works there, and we will visit it every month of the first year.",
    )  # fmt: skip
    grant = drafted_from(fresh(submission), by)
    files = bundle_of(all_signed(agreements.freeze_terms(grant=grant, by=by)))
    assert found(files) == ([], True)
    assert [one["is_override"] for one in json.loads(files["vetting/decisions.json"])["overrides"]] == [True]


def test_amendments_of_every_kind_before_and_while_a_campaign_runs_hold(in_force):
    first = amendments.amendment_in("in_force", in_force)
    campaign = amendments.campaign_of(grants.fresh(in_force))
    for days, state in enumerate(("withdrawn", "declined", "lapsed"), start=30):
        grant = grants.fresh(in_force)
        amendments.amendment_in(state, grant, **amendments.later(grant, days))
    grant = grants.fresh(in_force)
    sent_back = amendments.amendment_in("awaiting_signature", grant, **amendments.later(grant))
    send_back_amendment(amendment=sent_back, reason="Another date.", by=amendments.officer_of(first))
    amendments.signed_in("in_force", freeze_again(sent_back))
    assert campaign.pk == Campaign.objects.get().pk
    files = bundle_of(in_force)
    assert found(files) == ([], True)
    assert {"amendment-v2", "match"} <= {name.partition("/")[0] for name in files}


def freeze_again(amendment):
    """Freeze an amendment that was sent back."""
    return amendments.actions.freeze_amendment(
        amendment=amendments.fresh(amendment), by=amendments.officer_of(amendment)
    )


def recorded() -> set[str]:
    """Return the names of all events that the source writes: transitions, and first arguments of ``record``."""
    names = {transition.name for _, transition in declared()}
    for module in modules():
        for call in module.calls():
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            first = call.args[0] if call.args else None
            if called == "record" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                names.add(first.value)
    return names


def test_the_table_of_what_is_compared_is_what_the_verifier_says():
    named = set(re.findall(r'entries\("(\w+)"', TOOL.read_text()))
    assert named == COMPARED
    assert recorded() - set(WORDS) == set(), "an event has no words"
    assert recorded() >= COMPARED


def test_every_other_event_is_taken_as_it_stands(in_force):
    """Each event that there is, about each kind of record that the evidence tells of.

    Of a condition the verifier follows every entry, so an event that does not fit its life must not pass.
    """
    subjects = {model: rows.order_by("pk").first() for model, rows in _subjects(grants.fresh(in_force))}
    by = grants.officer_of(in_force)
    entries = [
        draft(event, subject, by=by, note="As it happened.", from_state="draft", to_state="draft", facts={"n": 1})
        for event in sorted(recorded() - COMPARED)
        for subject in subjects.values()
        if subject is not None and not isinstance(subject, Condition)
    ]
    append(entries)
    files = bundle_of(in_force)
    assert len(json.loads(files["audit/entries.json"])) > len(entries) > 1000
    assert found(files) == ([], True)
