"""The trail names events and records in people's words, links what the reader may open, and is cut by a form."""

import re
from urllib.parse import parse_qsl

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse

from partners.vault.actions import note_seen
from partners.vault.models import Document
from tests.factories.partners import submission_in
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal import audit, trail
from vetting_portal.models import AuditEntry
from vetting_portal.navigation import known_kinds
from vetting_portal.views import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client):
    user = UserFactory(roles=["auditor"], totp=True)
    client.force_login(user)
    return user


def noted(event, subject):
    audit.append([audit.draft(event, subject, by=UserFactory())])
    return subject


def read(client, **asked):
    return client.get(reverse("portal:trail"), asked).content.decode()


def shown(client, **asked):
    return [entry for entry, *_ in client.get(reverse("portal:trail"), asked).context["entries"]]


def test_an_event_is_said_in_words_and_an_unknown_one_keeps_its_name():
    assert trail.event_words("seen") == "Paper opened to read"
    assert trail.event_words("round_opened") == "Daily work of the portal begun"
    assert trail.event_words("turned_inside_out") == "Turned inside out"


def test_every_kind_that_is_named_is_a_record_with_what_names_it():
    for label, known in known_kinds().items():
        model = apps.get_model(label)
        try:
            for name in (*known.related, *([known.number] if known.number else [])):
                model._meta.get_field(name)
        except FieldDoesNotExist as error:
            pytest.fail(f"{label}: {error}")


def test_what_happened_stands_in_words_with_its_record_by_number_and_name(client, auditor):
    submission = submission_in("in_review")
    noted("bank_named", submission.organisation)

    html = read(client)

    assert "Review started" in html
    assert f'Submission <a href="{submission.get_absolute_url()}">{submission}</a>' in html
    assert f'<a href="{submission.organisation.get_absolute_url()}">{submission.organisation}</a>' in html
    assert "start_review" not in html
    assert "Bank named, to be screened" in html
    assert f"Submission {submission.pk}<" not in html


def test_a_record_that_belongs_to_another_one_leads_there(client, auditor):
    submission = submission_in("in_review")
    document = Document.objects.filter(paper__organisation=submission.organisation).first()
    note_seen(document=document, by=auditor)

    about = trail.named(AuditEntry.objects.about(document), auditor)

    first = next(iter(about.values()))
    assert (first.kind, first.name) == ("Document", str(document))
    assert (first.of, first.of_url) == (str(submission.organisation), submission.organisation.get_absolute_url())


def test_what_the_reader_may_not_open_keeps_its_number_and_has_no_link(client, auditor):
    submission = noted("started", submission_in("draft"))

    html = read(client)

    assert f"Submission {submission.number}" in html
    assert submission.title not in html
    assert submission.get_absolute_url() not in html


def test_a_kind_or_record_that_is_gone_is_named_by_what_the_trail_holds(auditor):
    entries = [
        AuditEntry(seq=1, event="created", subject_type="gone.Model", subject_id="7"),
        AuditEntry(seq=2, event="created", subject_type="partners.Submission", subject_id="999"),
    ]

    about = trail.named(entries, auditor)

    assert (about[1].kind, about[1].name) == ("gone.Model", "7")
    assert (about[2].kind, about[2].name, about[2].url) == ("Submission", "999", "")


def test_the_trail_is_found_by_number_kind_and_event(client, auditor):
    first, second = submission_in("in_review"), submission_in("submitted")

    by_number = {(entry.subject_type, entry.subject_id) for entry in shown(client, record=first.number)}
    assert ("partners.Submission", str(first.pk)) in by_number
    assert ("partners.Submission", str(second.pk)) not in by_number

    noted("held", first.organisation)
    noted("held", second.organisation)
    by_name = shown(client, record=second.organisation.legal_name, kind="partners.Organisation")
    assert {entry.subject_id for entry in by_name} == {str(second.organisation_id)}

    assert {entry.event for entry in shown(client, event="review started")} == {"start_review"}
    assert {entry.event for entry in shown(client, event="start review")} == {"start_review"}
    assert shown(client, record="no such number") == []
    assert "No entry matches" in read(client, record="no such number")
    assert len(shown(client, kind="no.Kind")) == len(shown(client))


def test_older_entries_keep_what_was_asked_for(client, auditor, monkeypatch):
    monkeypatch.setattr(staff, "PER_PAGE", 2)
    submission = noted("officer_set", submission_in("in_review"))
    asked = {"record": submission.number, "kind": "partners.Submission"}
    everything = list(
        AuditEntry.objects.about(submission).order_by("-seq").values_list("seq", flat=True),
    )

    seen, query = [], asked
    while query:
        response = client.get(reverse("portal:trail"), query)
        seen += [entry.seq for entry, *_ in response.context["entries"]]
        older = re.search(r'href="\?([^"]+)">Older', response.content.decode())
        query = dict(pair.split("=") for pair in older[1].split("&amp;")) if older else None

    assert seen == everything
    assert len(everything) > 2


def test_the_trail_is_cut_by_who_did_it(client, auditor):
    submission = submission_in("draft")
    first = UserFactory(name="สมชาย ใจดี", email="somchai@partner.example")
    second = UserFactory(name="Ana Lima", email="ana@partner.example")
    audit.append([audit.draft("held", submission, by=first)])
    audit.append([audit.draft("held", submission, by=second)])

    assert {entry.actor_id for entry in shown(client, person="สมชาย")} == {first.pk}
    assert {entry.actor_id for entry in shown(client, person=" LIMA ")} == {second.pk}
    assert {entry.actor_id for entry in shown(client, person="somchai@partner")} == {first.pk}
    assert shown(client, person="nobody of this name") == []
    assert len(shown(client, person="  ")) == len(shown(client))


def test_the_trail_is_cut_by_day_on_the_funders_clock_and_both_days_are_included(client, auditor):
    FunderFactory(time_zone="America/Los_Angeles")
    submission = submission_in("draft")
    for moment in ("2031-03-04T07:59:59Z", "2031-03-04T08:00:00Z", "2031-03-05T07:59:59Z", "2031-03-05T08:00:00Z"):
        with time_machine.travel(moment, tick=False):
            audit.append([audit.draft("held", submission, by=auditor)])
    before, first, last, after = AuditEntry.objects.order_by("-seq").values_list("seq", flat=True)[:4][::-1]

    assert [entry.seq for entry in shown(client, since="2031-03-04", until="2031-03-04")] == [last, first]
    assert [entry.seq for entry in shown(client, since="2031-03-05")] == [after]
    assert before in [entry.seq for entry in shown(client, until="2031-03-03")]
    assert first not in [entry.seq for entry in shown(client, until="2031-03-03")]
    assert shown(client, since="2031-03-05", until="2031-03-04") == []
    assert len(shown(client, until="9999-12-31")) == len(shown(client))


def test_a_day_that_is_none_is_told_beside_its_field_and_cuts_nothing(client, auditor):
    submission_in("in_review")

    html = read(client, since="yesterday", event="review started")

    assert re.search(r'name="since"[^>]*aria-invalid="true"', html)
    assert "Review started" in html
    assert 'value="review started"' in html


def test_older_entries_keep_the_person_and_the_days(client, auditor, monkeypatch):
    monkeypatch.setattr(staff, "PER_PAGE", 1)
    submission = submission_in("draft")
    for _ in range(2):
        audit.append([audit.draft("held", submission, by=auditor)])

    html = read(client, person=auditor.email, since="2020-01-01")

    older = re.search(r'href="\?([^"]+)">Older', html)[1].replace("&amp;", "&")
    assert dict(parse_qsl(older)).items() >= {"person": auditor.email, "since": "2020-01-01"}.items()


@pytest.mark.parametrize("address", ["portal:trail", "grants:overview"])
def test_the_pages_ask_as_often_for_three_as_for_one(
    client, auditor, django_assert_num_queries, django_assert_max_num_queries, address
):
    submission_in("submitted")
    client.get(reverse(address))
    with django_assert_max_num_queries(20) as first:
        client.get(reverse(address))
    submission_in("submitted")
    submission_in("submitted")
    with django_assert_num_queries(len(first)):
        client.get(reverse(address))
