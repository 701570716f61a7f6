"""Visits: a draft by an officer, frozen when handed in, corrected by a new version, evidence for 24 months."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Submission
from reviews.models import Visit
from reviews.visits import actions
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def words(**changes):
    fields = {
        "kind": "own",
        "visited_on": timezone.localdate() - timedelta(days=3),
        "visitors": "Ruth Okafor, programme officer",
        "people_met": "The director, two social workers.",
        "findings": "The books agree with the bank.",
        "papers": [],
    }
    return {**fields, **changes}


def written(submission: Submission | None = None, **changes) -> Visit:
    return actions.write_visit(
        submission=submission or made.sent_submission(), words=words(**changes), by=made.officer()
    )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def test_a_draft_changes_until_it_is_handed_in():
    visit = written()
    changed = actions.change_visit(visit=visit, words=words(kind="video"), by=made.officer())
    assert changed.kind == "video"
    frozen = actions.submit_visit(visit=visit, by=made.officer())
    for again in (
        lambda: actions.submit_visit(visit=visit, by=made.officer()),
        lambda: actions.change_visit(visit=visit, words=words(), by=made.officer()),
    ):
        with pytest.raises(Refused, match="handed in"):
            again()
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(pk=frozen.pk).update(findings="Nothing.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(pk=frozen.pk).delete()


def test_a_correction_is_a_new_version_and_the_old_one_stays():
    visit = actions.submit_visit(visit=written(), by=made.officer())
    with pytest.raises(ValidationError, match="Say what was wrong"):
        actions.correct_visit(visit=visit, reason=" ", by=made.officer())
    made_new = actions.correct_visit(visit=visit, reason="The day was wrong.", by=made.officer())
    assert (made_new.number, made_new.findings, made_new.is_frozen) == (2, visit.findings, False)
    assert list(Visit.objects.standing()) == [visit]
    with pytest.raises(Refused, match="later version"):
        actions.correct_visit(visit=visit, reason="Again.", by=made.officer())
    with pytest.raises(Refused, match="still a draft"):
        actions.correct_visit(visit=made_new, reason="Again.", by=made.officer())
    handed_in = actions.submit_visit(visit=made_new, by=made.officer())
    assert list(Visit.objects.standing()) == [handed_in]
    assert Visit.objects.get(pk=visit.pk).findings == "The books agree with the bank."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"visited_on": date(9000, 1, 1)}, "visited_on"),
        ({"kind": "dream"}, "kind"),
        ({"findings": ""}, "findings"),
        ({"visitors": "x" * 301}, "visitors"),
        ({"papers": [10**9]}, "papers"),
    ],
)
def test_bad_words_are_refused_next_to_the_field(change, field):
    with pytest.raises(ValidationError) as refused:
        written(**change)
    assert list(refused.value.message_dict) == [field]


def test_a_paper_of_another_partner_is_refused_and_an_own_one_is_kept(sent):
    with pytest.raises(ValidationError):
        written(sent, papers=[DocumentFactory(accepted=True).pk])
    own = DocumentFactory(paper__organisation=sent.organisation, accepted=True)
    assert list(written(sent, papers=[own.pk]).documents()) == [own]


def test_only_an_officer_from_outside_writes(sent):
    for user in (made.director(), made.reviewer(), sent.submitted_by, UserFactory(roles=["auditor"])):
        with pytest.raises(PermissionDenied):
            actions.write_visit(submission=sent, words=words(), by=user)


def test_a_report_counts_for_24_months_and_for_other_submissions_of_the_partner():
    first = made.sent_submission()
    visit = actions.submit_visit(visit=written(first, visited_on=date(2026, 3, 31)), by=made.officer())
    second = made.sent_submission(organisation=first.organisation)
    other = made.sent_submission()
    evidence = Visit.objects.evidence_for
    assert list(evidence(second, date(2028, 3, 31))) == [visit]
    assert list(evidence(second, date(2028, 4, 1))) == []
    assert list(evidence(other, date(2026, 4, 1))) == []


def test_the_pages_take_a_report_from_draft_to_correction(begun):
    FunderFactory()
    submission, client, reviewer = begun.submission, client_of(made.officer()), client_of(begun.reviewer)
    listing = reverse("reviews:visits", args=[submission.pk])
    for whose, tells_rule, back in (
        (client, True, reverse("reviews:work", args=[submission.pk])),
        (reviewer, False, begun.get_absolute_url()),
        (client_of(UserFactory(roles=["auditor"])), False, reverse("reviews:work", args=[submission.pk])),
    ):
        said = whose.get(listing).content.decode()
        assert ("No visit so far" in said, "at least a video call is needed" in said) == (True, tells_rule)
        assert f'<a href="{back}">Submission {submission.number}</a>' in said
    assert f'<a href="{listing}">Visits</a>' in reviewer.get(begun.get_absolute_url()).content.decode()
    typed = {**words(), "visited_on": words()["visited_on"].isoformat()}
    refused = client.post(reverse("reviews:visit_write", args=[submission.pk]), {**typed, "kind": ""})
    assert (refused.status_code, "Choose the kind." in refused.content.decode()) == (422, True)
    assert client.post(reverse("reviews:visit_write", args=[submission.pk]), typed).status_code == 302
    visit = Visit.objects.get()
    assert reviewer.get(visit.get_absolute_url()).status_code == 404
    change = reverse("reviews:visit_change", args=[visit.pk])
    assert client.post(change, {**typed, "kind": "third_party"}).status_code == 302
    submit = reverse("reviews:visit_submit", args=[visit.pk])
    assert submission.organisation.legal_name in client.get(submit).content.decode().partition("<main")[2]
    assert client.post(submit).status_code == 302
    assert client.get(change).status_code == 302
    assert "The books agree" in reviewer.get(visit.get_absolute_url()).content.decode()
    bench = reviewer.get(f"{begun.get_absolute_url()}?criterion=C12").content.decode()
    assert visit.get_absolute_url() in bench
    corrected = client.post(reverse("reviews:visit_correct", args=[visit.pk]), {"reason": "The kind was wrong."})
    newer = Visit.objects.get(corrects=visit)
    assert corrected.headers["Location"] == reverse("reviews:visit_change", args=[newer.pk])
    assert client.post(reverse("reviews:visit_submit", args=[newer.pk])).status_code == 302
    assert "There is a later version." in client.get(visit.get_absolute_url()).content.decode()
    assert "version 2" in client.get(listing).content.decode()
    assert client_of(submission.submitted_by).get(visit.get_absolute_url()).status_code == 404
