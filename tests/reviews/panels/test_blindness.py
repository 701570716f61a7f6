"""What one reviewer writes is never seen by another who has not submitted, through any page, export or error.

Every address of the portal is visited by the other reviewer, and by one who declared an interest, with a mark in
everything that the first has written.
"""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from partners.models import Criterion, Document, Submission
from partners.previews.actions import draw_now
from reviews.models import Citation, Review
from reviews.panels import actions
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.grants import grant_in
from tests.factories.portal import FunderFactory
from tests.laws.addresses import NO_TASK, NOBODY, UNKNOWN, get_resolver_names, patterns
from tests.partners.previews.test_drawing import pdf
from tests.reviews.panels.test_desk import replace
from tests.reviews.panels.test_views import signed_in
from vetting_portal.files import put
from vetting_portal.models import User

pytestmark = pytest.mark.django_db
STAFF = ("director", "programme_officer", "auditor", "administrator")
LONGER = [pytest.param(role, marks=pytest.mark.long) for role in STAFF]

MARK = "xyzzy-written-by-the-first"
VISITS: list[tuple[str, dict[str, str]]] = [("get", {}), ("get", {"HX-Request": "true"}), ("post", {})]


@pytest.fixture
def first() -> Review:
    """A review full of marks, by a reviewer whose name is one."""
    FunderFactory()
    review = made.scored(made.begun())
    document = review.submission.latest_version.evidence.first().document
    for score in review.scores.all():
        actions.save_score(
            review=review,
            criterion=score.criterion,
            value=score.value,
            not_applicable=score.not_applicable,
            justification=f"{MARK} {score.criterion.code}",
            edition=score.edition,
            by=review.reviewer,
        )
        actions.add_citation(
            review=review, criterion=score.criterion, document=document, page=1, passage=MARK, by=review.reviewer
        )
    return actions.save_advice(review=review, advice=MARK, edition=0, by=review.reviewer)


def second(first: Review, who: User | None = None) -> Review:
    """The review of another reviewer of the same submission, begun."""
    return made.begun(Submission.objects.get(pk=first.submission_id), who=who)


def routes(review: Review, own: Review) -> Iterator[tuple[str, str]]:
    """Yield every address of the portal, those of reviews once for each of the two reviews."""
    submission = review.submission
    citation = Citation.objects.filter(score__review=review).values_list("pk", flat=True).first() or NOBODY
    document = submission.latest_version.evidence.first().document
    given: dict[str, object] = {
        "submissions/": submission.pk,
        "applications/": submission.number,
        "cases/": submission.number,
        "documents/": document.pk,
        "papers/": document.paper_id,
        "organisations/": submission.organisation_id,
        "screening/organisations/": submission.organisation_id,
        "grants/draft/": submission.number,
        "checklist/": submission.checklist_id,
        "programmes/": submission.programme.slug,
    }
    rest = {
        "code": "C7",
        "citation": citation,
        "number": 1,
        "size": "small",
        "position": 1,
        "version": 1,
    }
    for name, route in patterns():
        if name.startswith(("account_", "mfa_")):
            continue
        arguments = list(get_resolver_names(route))
        starts = [key for key in sorted(given, key=len, reverse=True) if route.startswith(key)]
        firsts = [review.pk, own.pk] if route.startswith("reviews/") else [given[starts[0]] if starts else NOBODY]
        for value in firsts if arguments else [None]:
            kwargs = {arguments[0]: value} if arguments else {}
            kwargs |= {other: rest.get(other, 1) for other in arguments[1:]}
            yield name, _reversed(name, kwargs)


def _reversed(name: str, kwargs: dict[str, object]) -> str:
    """The address; where an argument is no number, it is a word."""
    if "role" in kwargs:
        kwargs["role"] = "reviewer"
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        unknown = NO_TASK if name.startswith("portal:task_") else UNKNOWN
        return reverse(name, kwargs={key: unknown if value == NOBODY else value for key, value in kwargs.items()})


def seen(client: Client, first: Review, own: Review) -> list[str]:
    """Where the mark shows to ``client``; nothing of a visit stays."""
    found, cookies = [], client.cookies.output()
    for name, address in routes(first, own):
        is_ours = name.startswith("reviews:")
        for method, headers in VISITS if is_ours else VISITS[:1]:
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
            with transaction.atomic():
                answer = getattr(client, method)(address, headers=headers)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                if MARK.encode() in str(dict(answer.headers)).encode() + body:
                    found.append(f"{method} {name}: {address}")
                transaction.set_rollback(True)
    return found


def status(client: Client, address: str) -> int:
    """What an address answers; a file is taken to its end."""
    answer = client.get(address)
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def quiet(user: User) -> Client:
    client = signed_in(user)
    client.raise_request_exception = False
    return client


def test_the_walk_finds_what_it_looks_for(first):
    own = second(first)
    found = " ".join(seen(quiet(first.reviewer), first, own))
    assert "get reviews:review: " in found
    assert "get reviews:submit_review: " in found


@pytest.mark.parametrize(
    ("role", "is_submitted"),
    [("reviewer", False), ("reviewer", True), ("programme_officer", True), ("director", True), ("auditor", False)],
)
def test_a_blind_reviewer_sees_nothing_of_the_others_whatever_else_they_are(first, role, is_submitted):
    who = made.reviewer()
    if role != "reviewer":
        who.role_assignments.create(role=role, assigned_by=made.commands())
    own = second(first, User.objects.get(pk=who.pk))
    if is_submitted:
        actions.submit_review(review=Review.objects.get(pk=first.pk), by=first.reviewer)

    assert seen(quiet(User.objects.get(pk=who.pk)), first, own) == []


def test_who_stepped_aside_sees_nothing_and_opens_nothing(first):
    own = second(first)
    document = first.submission.latest_version.evidence.first().document
    type(document.file).objects.filter(pk=document.file_id).update(sha256=put(pdf(1)).sha256)
    draw_now(Document.objects.get(pk=document.pk), 1)
    client = quiet(own.reviewer)
    places = [
        reverse("partners:document_page", args=[document.pk, 1, "small"]),
        reverse("partners:document_read", args=[document.pk]),
        reverse("partners:document_download", args=[document.pk]),
        reverse("partners:paper", args=[document.paper_id]),
        first.submission.get_absolute_url(),
        reverse("partners:submission_version", args=[first.submission.number, 1]),
    ]
    before = [status(client, place) for place in places]

    actions.recuse_review(review=own, note="A cousin joined them.", by=own.reviewer)
    actions.submit_review(review=Review.objects.get(pk=first.pk), by=first.reviewer)

    assert before == [200] * len(places)
    assert [status(client, place) for place in places] == [404] * len(places)
    desk = [reverse(f"reviews:{name}", args=[own.pk]) for name in ("review", "submit_review", "reopen_review")]
    assert {status(client, place) for place in desk} <= {403, 404}
    assert seen(client, first, own) == []


def test_a_reviewer_with_a_conflict_opens_nothing_before_or_after(first):
    invited = made.invited(Submission.objects.get(pk=first.submission_id))
    actions.declare(review=invited, has_interest=True, keeps_confidence=False, note="My sister.", by=invited.reviewer)

    client = quiet(invited.reviewer)

    document = first.submission.latest_version.evidence.first().document
    for name, arguments in (("document_page", [1, "small"]), ("document_read", []), ("document_download", [])):
        assert client.get(reverse(f"partners:{name}", args=[document.pk, *arguments])).status_code == 404
    assert seen(client, first, Review.objects.get(pk=invited.pk)) == []


@pytest.mark.parametrize("role", ["reviewer", *LONGER])
def test_who_is_asked_after_a_return_sees_nothing_of_the_round_before(role):
    """The others moderated, reopened with a reason, were recommended and returned: all of it speaks of their scores."""
    FunderFactory()
    officer = made.officer()
    submission = made.assessed({"C2": 4}, {"C2": 2}, by=officer)
    first, _ = submission.reviews.order_by("pk")
    words = f"{MARK} they agree on three, after reading the minutes of the board once more"
    actions.reopen_review(review=first, reason=f"{MARK}: C2 was too high", by=first.reviewer)
    actions.submit_review(review=Review.objects.get(pk=first.pk), by=first.reviewer)
    need = panel_result(Submission.objects.get(pk=submission.pk)).open_moderations[0]
    criterion = need_criterion(submission, need.criterion_id)
    actions.moderate(submission=submission, criterion=criterion, resolution=words, concerns=need.concerns, by=officer)
    actions.recommend(submission=submission, outcome="conditions", conditions=[MARK], reason=words, by=officer)
    actions.return_to_review(submission=submission, reason=words, by=made.director())
    who = made.reviewer()
    if role != "reviewer":
        who.role_assignments.create(role=role, assigned_by=made.commands())
    own = made.begun(Submission.objects.get(pk=submission.pk), who=User.objects.get(pk=who.pk), by=officer)

    assert seen(quiet(officer), first, own) != []
    assert seen(quiet(User.objects.get(pk=who.pk)), first, own) == []


def need_criterion(submission: Submission, pk: int) -> Criterion:
    return next(one for one in submission.criteria if one.pk == pk)


@pytest.mark.parametrize("role", ["director", "auditor", "programme_officer"])
def test_who_is_still_to_review_after_a_return_opens_no_brief(role):
    """The brief of now, and the one that was kept with the terms, tell the scores of the round before."""
    grant = grant_in("awaiting_signature")
    why = "Look again at the minutes of the board, and ask one more reviewer."
    actions.return_to_review(submission=grant.submission, reason=why, by=made.director())
    who = made.reviewer()
    who.role_assignments.create(role=role, assigned_by=made.commands())
    own = made.invited(Submission.objects.get(pk=grant.submission_id), who=User.objects.get(pk=who.pk))
    client = quiet(own.reviewer)

    answers = {status(client, reverse(f"grants:{name}", args=[grant.number])) for name in ("brief", "brief_file")}
    actions.end_review(review=own, by=grant.submission.officer)
    after = client.get(reverse("grants:brief", args=[grant.number]))

    assert answers == {403}
    assert after.status_code == (302 if role == "director" else 200)  # a director declares first


def test_a_superseded_paper_opens_where_it_was_sent_and_nowhere_else():
    FunderFactory()
    review = made.begun()
    document = review.submission.latest_version.evidence.filter(criterion__code="C7").first().document
    type(document.file).objects.filter(pk=document.file_id).update(sha256=put(pdf(1)).sha256)
    draw_now(Document.objects.get(pk=document.pk), 1)
    replace(document)
    other = made.begun(made.sent_submission(organisation=review.submission.organisation))
    criterion = next(one for one in other.submission.criteria if one.code == "C7")
    places = [
        reverse("partners:document_read", args=[document.pk]),
        reverse("partners:document_download", args=[document.pk]),
        reverse("partners:document_page", args=[document.pk, 1, "small"]),
    ]
    here, there = quiet(review.reviewer), quiet(other.reviewer)

    assert Document.objects.get(pk=document.pk).state == Document.State.SUPERSEDED
    assert [status(here, place) for place in places] == [200] * len(places)
    assert [status(there, place) for place in places] == [404] * len(places)
    assert status(there, other.get_absolute_url() + f"?paper={document.pk}") == 404
    with pytest.raises(ValidationError, match="not sent with the submission"):
        actions.add_citation(review=other, criterion=criterion, document=document, page=1, by=other.reviewer)
