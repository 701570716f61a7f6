"""What blocks somebody leads to the control that mends it: each address opens, and its fragment is there."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from grants.models import Grant
from partners.models import Submission
from reviews.models import Review
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.grants import grant_in
from tests.factories.partners import SubmissionFactory
from tests.factories.portal import FunderFactory
from vetting_portal.models import User

pytestmark = pytest.mark.django_db

WORLDS: dict[str, Callable[[], Any]] = {
    "sent": made.sent_submission,
    "invited": made.invited,
    "begun": made.begun,
    "submitted": made.submitted,
    "differing": lambda: made.assessed({"C2": 1}, {"C2": 4}),
    "recommended": made.recommended,
    **{state: partial(grant_in, state) for state in ("draft", "awaiting_signature", "in_force")},
}
OUTCOMES = ("recommend", "conditions", "decline")
HREF = re.compile(r'href="([^"#]*)#([^"]+)"')


def submission_of(record: Any) -> Submission:
    found = record if isinstance(record, Submission) else record.submission
    return Submission.objects.get(pk=found.pk)


def blockers_of(submission: Submission) -> Iterator[Any]:
    """Yield whatever stands in the way of any move of the records of one application."""
    result = panel_result(submission)
    yield from result.assess_blockers()
    yield from result.override_blockers()
    for outcome in OUTCOMES:
        yield from result.recommend_blockers(outcome)
    yield from result.screening.reasons
    records: list[Any] = [submission, *Review.objects.filter(submission=submission)]
    records += Grant.objects.filter(submission=submission)
    for record in records:
        for name in sorted(dir(type(record))):
            method = getattr(record, name, None) if name.endswith("_blockers") and not name.startswith("_") else None
            if callable(method):
                try:
                    yield from method()
                except TypeError:  # asks about somebody, not about the record alone
                    continue


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def people(submission: Submission) -> dict[str, Client]:
    """Return everybody who meets a blocker: the partner, an officer, a director, who reviews it."""
    found = {
        "owner": submission.organisation.owners().first().user,
        "officer": submission.officer or made.officer(),
        "director": made.director(),
        **{f"reviewer {review.pk}": review.reviewer for review in submission.reviews.active()},
    }
    return {name: signed_in(User.objects.get(pk=user.pk)) for name, user in found.items()}


def ids_on(client: Client, url: str) -> set[str] | None:
    """Return the ids on the page that an address opens, or None where it does not open."""
    answer = client.get(url or "/", follow=True)
    return set(re.findall(r'\sid="([^"]+)"', answer.text)) if answer.status_code == 200 else None


def wrong_links(clients: dict[str, Client], addresses: set[str]) -> list[str]:
    """Return the addresses that open for nobody, and those whose fragment is not on the page they open."""
    wrong = []
    for address in sorted(addresses):
        url, _, fragment = address.partition("#")
        pages = [ids for client in clients.values() if (ids := ids_on(client, url)) is not None]
        if not pages:
            wrong.append(f"{address} opens for nobody")
        wrong += [f"{address}: no such place" for ids in pages if fragment and fragment not in ids][:1]
    return wrong


def wrong_on_pages(submission: Submission, clients: dict[str, Client]) -> list[str]:
    """Return the links of the application's pages whose fragment is not on the page that they open."""
    case = f"/cases/{submission.number}/"
    paths = [case, f"{case}documents/", f"{case}screening/", f"{case}due-diligence/", f"{case}grant/"]
    paths += [
        submission.get_absolute_url(),
        f"/submissions/{submission.pk}/work/",
        f"/submissions/{submission.pk}/panel/",
    ]
    paths += [f"{submission.get_absolute_url()}send/", f"{submission.get_absolute_url()}compare/"]
    wrong = []
    for name, client in clients.items():
        known: dict[str, set[str] | None] = {}
        for path in paths:
            answer = client.get(path, follow=True)
            if answer.status_code not in {200, 409}:
                assert answer.status_code in {403, 404}, (name, path)
                continue
            here = answer.redirect_chain[-1][0] if answer.redirect_chain else path
            for url, fragment in set(HREF.findall(answer.text)):
                if url.startswith("/static/"):  # a drawing
                    continue
                opened = urljoin(here, unescape(url))
                if opened not in known:
                    known[opened] = ids_on(client, opened)
                if (ids := known[opened]) is not None and fragment not in ids:
                    wrong.append(f"{name} on {path}: {url}#{fragment}")
    return wrong


@pytest.fixture(params=WORLDS)
def submission(request) -> Submission:
    """An application in one of the states that the portal takes it to."""
    FunderFactory()
    return submission_of(WORLDS[request.param]())


def test_every_blocker_and_every_link_leads_to_a_place_that_is_there(submission):
    addresses = {blocker.url for blocker in blockers_of(submission) if getattr(blocker, "url", "")}
    clients = people(submission)
    assert wrong_links(clients, addresses) == []
    assert wrong_on_pages(submission, clients) == []


def test_every_blocker_of_an_empty_application_opens():
    FunderFactory()
    empty = SubmissionFactory()
    addresses = {blocker.url for blocker in empty.submit_blockers() if getattr(blocker, "url", "")}
    assert addresses
    assert wrong_links(people(empty), addresses) == []


def test_every_blocker_of_an_application_half_filled_in_leads_to_its_field():
    FunderFactory()
    half = SubmissionFactory(filled=True)
    asked = half.answers.filter(question__required=True).order_by("question__section", "question__position")
    begun = {one.question.section_id: one.pk for one in asked.select_related("question")}
    asked.exclude(pk__in=begun.values()).delete()
    now = Submission.objects.get(pk=half.pk)
    addresses = {blocker.url for blocker in now.submit_blockers() if getattr(blocker, "url", "")}
    fields = {address for address in addresses if "#id_" in address}
    assert len(fields) == len([question for question in now.questions if question.required]) - len(begun)
    assert wrong_links(people(now), addresses) == []
