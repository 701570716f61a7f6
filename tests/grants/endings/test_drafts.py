"""A draft that is discarded leaves its application free: for another grant, or to be declined."""

import pytest
from django.urls import reverse

from grants.agreements import actions
from grants.agreements.models import Grant
from partners.submissions.actions import decline_submission, withdraw_submission
from tests.factories import grants
from tests.grants.endings.test_pages import signed_in
from vetting_portal.duties import duties
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def test_another_grant_is_drafted_after_one_was_discarded(draft):
    officer = grants.officer_of(draft)
    client, page = signed_in(officer), reverse("grants:lapse", args=[draft.number])

    assert client.post(page, {"reason": "Two budgets were mixed up."}).status_code == 422
    assert client.post(page, {"reason": "Two budgets were mixed up.", "then": "draft"}).status_code == 302

    assert draft.submission.__class__.objects.get(pk=draft.submission_id).state == "recommended"
    assert [duty.key for duty in duties(officer) if duty.key.startswith("grants.")] == ["grants.draft_grant"]
    assert client.get(reverse("grants:draft", args=[draft.submission.number])).status_code == 200
    again = actions.draft_grant(submission=draft.submission, fields=grants.draft_fields(draft.fund), by=officer)
    assert Grant.objects.standing_for(draft.submission) == again
    frozen = actions.freeze_terms(grant=again, by=officer)
    assert frozen.state == "awaiting_signature"


def test_or_its_application_is_declined(draft):
    client = signed_in(grants.officer_of(draft))

    client.post(reverse("grants:lapse", args=[draft.number]), {"reason": "They merged.", "then": "decline"})

    submission = draft.submission.__class__.objects.get(pk=draft.submission_id)
    assert (submission.state, submission.decline_reason) == ("declined", "They merged.")


def test_two_drafts_of_one_application_never_stand_side_by_side(draft):
    with pytest.raises(Refused, match="drafted from"):
        actions.draft_grant(
            submission=draft.submission, fields=grants.draft_fields(draft.fund), by=grants.officer_of(draft)
        )


def ended(submission, how):
    """Let the application be declined by its officer, or withdrawn by the partner, while its grant waits."""
    if how == "declined":
        decline_submission(submission=submission, reason="The place is no longer safe.", by=submission.officer)
    else:
        withdraw_submission(submission=submission, by=submission.organisation.owners().get().user)
    return submission.__class__.objects.get(pk=submission.pk)


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_a_draft_of_an_application_that_ended_can_still_be_discarded(draft, how):
    officer = grants.officer_of(draft)
    before = ended(draft.submission, how)
    client, page = signed_in(officer), reverse("grants:lapse", args=[draft.number])
    (duty,) = (duty for duty in duties(officer) if duty.key.startswith("grants."))
    assert (duty.key, duty.url) == ("grants.discard_draft", page)
    assert "What becomes of the application?" not in client.get(page).text

    assert client.post(page, {"reason": "The application ended."}).status_code == 302

    assert grants.fresh(draft).state == "lapsed"
    assert draft.submission.__class__.objects.get(pk=before.pk).state == how
    assert not [duty for duty in duties(officer) if duty.key.startswith("grants.")]


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_a_grant_of_an_application_that_ended_can_still_be_declined(how):
    grant = grants.grant_in("awaiting_signature")
    before = ended(grant.submission, how)
    director = grants.directors_of(grant)[0]
    grants.declare(grant, director)

    answer = signed_in(director).post(reverse("grants:decline", args=[grant.number]), {"reason": "It ended."})

    assert answer.status_code == 302
    assert grants.fresh(grant).state == "declined"
    after = grant.submission.__class__.objects.get(pk=before.pk)
    assert (after.state, after.decline_reason) == (before.state, before.decline_reason)
