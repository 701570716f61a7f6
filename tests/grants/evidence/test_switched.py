"""Criteria that answers switch off and on again, followed to the sealed agreement: brief, documents and evidence."""

import json

import pytest
from django.urls import reverse

from grants.agreements import actions as agreements
from grants.agreements.briefing import brief_content, read_for_brief
from partners.models import Submission
from partners.submissions.actions import request_changes, resubmit_submission
from reviews.models import Recommendation, Review
from reviews.panels import actions as panels
from reviews.panels.results import panel_result
from tests.factories import grants, reviews
from tests.factories.portal import FunderFactory
from tests.grants.evidence.bundles import found
from tests.grants.evidence.test_every_event import STRONG, all_signed, drafted_from, fresh
from tests.grants.evidence.test_evidence import bundle_of
from tests.reviews.panels.test_switched_lives import SUBSETS, SWITCHES, answers, conditional_checklist, submit_again
from tests.reviews.panels.test_switching import answer
from tests.reviews.panels.test_views import signed_in

pytestmark = pytest.mark.django_db

ALL, NONE, SOME = SUBSETS[0], SUBSETS[-1], (False, True, False)
LONGER = [(NONE, NONE), (SOME, ALL), (ALL, SOME)]


def switched(on: tuple[bool, ...], by, *, then: tuple[bool, ...]) -> Submission:
    """Return a recommended application whose answers switched the criteria as ``on`` says, and ``then`` otherwise."""
    submission = reviews.sent_submission(**{f"filled__{key}": value for key, value in answers(on).items()})
    reviews.screened(submission.organisation, by=by)
    panels.declare_as_officer(submission=submission, has_interest=False, by=by)
    reviews.references_in(submission, by=by)
    given = [reviews.submitted(fresh(submission), by=by) for _ in range(2)]
    if then != on:
        request_changes(submission=fresh(submission), reason="Please look again.", items=["Stories"], by=by)
        answer(submission, **answers(then))
        resubmit_submission(submission=fresh(submission), by=submission.organisation.owners().get().user)
        for review in given:
            submit_again(Review.objects.get(pk=review.pk))
    panels.close_panel(submission=fresh(submission), by=by)
    panels.recommend(
        submission=fresh(submission), outcome=Recommendation.Outcome.CONDITIONS, reason=STRONG,
        conditions=["Accounts are reviewed."], by=by,
    )  # fmt: skip
    return fresh(submission)


@pytest.mark.parametrize(
    ("on", "then"),
    [
        (ALL, NONE),
        (NONE, ALL),
        *(pytest.param(*pair, marks=pytest.mark.long) for pair in LONGER),
    ],
)
def test_brief_agreement_and_evidence_follow_what_the_answers_switched(on, then):
    FunderFactory()
    conditional_checklist()
    by = reviews.officer()
    submission = switched(on, by, then=then)
    off = {code for code, is_on in zip(SWITCHES, then, strict=True) if not is_on}

    grant = drafted_from(submission, by, amount=str(submission.amount_requested_minor // 200))
    told = brief_content(read_for_brief(grants.fresh(grant)))
    assert told["score"]["composite"] == panel_result(fresh(submission)).composite_text
    assert not [code for risk in told["risks"] for code in off if code in str(risk)]
    for name in ("brief", "brief_file"):
        assert signed_in(by).get(reverse(f"grants:{name}", args=[grant.number])).status_code == 200

    sealed = all_signed(agreements.freeze_terms(grant=grant, by=by))
    files = bundle_of(sealed)
    assert found(files) == ([], True)
    decided = json.loads(files["vetting/decisions.json"])
    assert len(decided["submission"]["versions"]) == 1 + (on != then)
