"""Criteria that answers switch off and on, whatever the reviewers had written until then: every page still opens."""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from partners.checklists.actions import change_criterion, publish_checklist, start_checklist_version
from partners.models import Submission
from reviews.models import Review, Score
from reviews.panels import actions
from reviews.panels.models import scored_criteria
from reviews.panels.results import panel_result, recommendation_record
from tests.factories import reviews as made
from tests.factories.partners import default_checklist
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.panels.test_switching import ask_and_send_again, fresh
from tests.support.worlds import world
from vetting_portal.models import User

pytestmark = pytest.mark.django_db

MUCH = {"question": "amount", "above": 1_000_000, "currency": "USD", "words": "much is asked for"}
SWITCHES = {  # criterion: the condition, an answer that switches it on, and one that switches it off
    "C8": ({"question": "stories", "answers": ["pictures"], "words": "stories are used"}, "pictures", "no"),
    "C9": ({"question": "vulnerable", "answers": ["yes"], "words": "children are served"}, "yes", "no"),
    "C10": (MUCH, "30,000", "9,000"),
}
SUBSETS = list(product([True, False], repeat=len(SWITCHES)))
ALWAYS = {SUBSETS[0], SUBSETS[-1], (True, False, True)}  # the other subsets take their turn in the long run
EACH = [pytest.param(one, id=str(one), marks=[] if one in ALWAYS else [pytest.mark.long]) for one in SUBSETS]


def answers(on: tuple[bool, ...]) -> dict[str, str]:
    """Return the answers that switch each criterion as ``on`` says."""
    return {
        condition["question"]: yes if is_on else no
        for (condition, yes, no), is_on in zip(SWITCHES.values(), on, strict=True)
    }


def score(review: Review, code: str, value: int | None) -> Score:
    """Write one score; None is "not applicable"."""
    return actions.save_score(
        review=review, criterion=review.submission.checklist.criteria.get(code=code), value=value,
        not_applicable=value is None, justification=f"What I read for {code}.", edition=0, by=review.reviewer,
    )  # fmt: skip


def cite(review: Review, code: str) -> None:
    """Cite the first page of a document for a criterion."""
    document = review.submission.latest_version.evidence.order_by("pk").first().document
    criterion = review.submission.checklist.criteria.get(code=code)
    actions.add_citation(review=review, criterion=criterion, document=document, page=1, by=review.reviewer)


def in_every_state(submission: Submission) -> dict[str, Review]:
    """Return a review of the same submission for each thing that a reviewer may have done before an answer changes."""
    on = [code for code in SWITCHES if submission.checklist.criteria.get(code=code).applies(submission.facts())]
    found = {"invited": made.invited(fresh(submission)), "begun": made.begun(fresh(submission))}
    found["cited"] = made.begun(fresh(submission))
    for code in SWITCHES:
        cite(found["cited"], code)
    found["scored"] = made.begun(fresh(submission))
    for code in on:
        score(found["scored"], code, 3)
    found["set aside"] = made.begun(fresh(submission))
    for code in on:
        score(found["set aside"], code, None)
    found["submitted"] = made.submitted(fresh(submission))
    found["submitted without"] = made.submitted(fresh(submission), dict.fromkeys(SWITCHES))
    reopened = made.submitted(fresh(submission))
    found["reopened"] = actions.reopen_review(review=reopened, reason="I read it again.", by=reopened.reviewer)
    return found


def signed_in(user: User) -> Client:
    """Return a client of somebody with a second factor."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def submit_again(review: Review) -> None:
    """Confirm what was scored on an earlier version, score what an answer switched on, and submit."""
    now = Review.objects.get(pk=review.pk)
    if waiting := list(now.unconfirmed()):
        actions.confirm_scores(review=now, codes=waiting, version=now.submission.latest_version, by=now.reviewer)
        now = Review.objects.get(pk=review.pk)
    if now.state == Review.State.SUBMITTED:
        return
    for code in {blocker.code for blocker in now.submit_blockers()}:
        score(now, code, 3)
    actions.submit_review(review=Review.objects.get(pk=review.pk), by=now.reviewer)


def pages_of(review: Review) -> list[str]:
    """Return every page on which a reviewer walks the criteria."""
    own = review.get_absolute_url()
    each = [f"{own}?criterion={criterion.code}" for criterion in scored_criteria(review.submission)]
    return [reverse("reviews:home"), own, *each, reverse("reviews:submit_review", args=[review.pk])]


def pages_about(submission: Submission) -> list[str]:
    """Return every page and export on which staff read the scores."""
    slug = submission.programme.slug
    return [
        *(reverse(f"reviews:{name}", args=[submission.pk]) for name in ("work", "panel")),
        *(reverse(f"reviews:{name}", args=[slug]) for name in ("round", "round_scores")),
        submission.get_absolute_url(),
    ]


def opened(client: Client, path: str) -> bytes:
    """Return what a page says; it opens."""
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def conditional_checklist() -> None:
    """Publish a version of the checklist with three scored criteria that answers switch; new applications take it."""
    by = UserFactory(roles=["administrator"])
    draft = start_checklist_version(checklist=default_checklist(), by=by)
    for code, (condition, _, _) in SWITCHES.items():
        change_criterion(criterion=draft.criteria.get(code=code), applies_when=condition, by=by)
    publish_checklist(checklist=draft, by=by)


def begun_with(on: tuple[bool, ...]) -> Submission:
    """Return an application whose answers switch each criterion so, with a review in every state."""
    FunderFactory()
    conditional_checklist()
    submission = made.sent_submission(**{f"filled__{key}": value for key, value in answers(on).items()})
    in_every_state(submission)
    return fresh(submission)


all_on = world(lambda: begun_with(SUBSETS[0]))
all_off = world(lambda: begun_with(SUBSETS[-1]))


def walk_every_page(submission: Submission, on: tuple[bool, ...]) -> None:
    """Open every page as everybody who may, and compare what each says is set aside with the answers."""
    off = {code for code, is_on in zip(SWITCHES, on, strict=True) if not is_on}
    for user in (submission.officer, *(UserFactory(roles=[role]) for role in ("director", "auditor"))):
        client = signed_in(user)
        for path in pages_about(submission):
            opened(client, path)
    for review in submission.reviews.select_related("reviewer"):
        client = signed_in(review.reviewer)
        if review.state == Review.State.INVITED:
            opened(client, reverse("reviews:review_gate", args=[review.pk]))
            continue
        for path in pages_of(review):
            opened(client, path)
        last = opened(client, reverse("reviews:submit_review", args=[review.pk])).decode()
        told = {code for code in SWITCHES if re.search(rf">{code} [^<]*</a>.{{,120}}>n/a<.{{,60}}Not applicable", last)}
        assert told == off, (review.state, review.version)
    for review in submission.reviews.filter(version__gt=0):
        submit_again(review)
    result = panel_result(fresh(submission))
    assert {row.code for row in result.rows if not row.scores} >= off
    assert recommendation_record(result)["review_count"] == 3


@pytest.mark.parametrize("after", EACH)
def test_every_page_opens_whatever_is_switched_off(after, all_on):
    if after != SUBSETS[0]:
        ask_and_send_again(all_on, **answers(after))
    walk_every_page(fresh(all_on), after)


@pytest.mark.parametrize("after", EACH)
def test_every_page_opens_whatever_is_switched_on(after, all_off):
    if after != SUBSETS[-1]:
        ask_and_send_again(all_off, **answers(after))
    walk_every_page(fresh(all_off), after)


def test_a_score_saved_by_itself_counts_as_the_list_of_the_page_does(all_off):
    review = all_off.reviews.filter(state=Review.State.IN_PROGRESS, version=0).order_by("pk").first()
    client = signed_in(review.reviewer)
    told = client.post(
        reverse("reviews:autosave_score", args=[review.pk, "C1"]),
        {"score": "3", "justification": "The certificate is on file.", "edition": "0"},
    ).json()["done"]
    assert told == "4 of 13 scored"  # C1, and the three that the answers set aside
    assert f'<b id="done">{told}</b>' in opened(client, review.get_absolute_url()).decode()


def test_what_was_cited_for_a_criterion_that_is_set_aside_is_not_handed_in(all_on):
    review = all_on.reviews.get(state=Review.State.IN_PROGRESS, version=1)
    for code in SWITCHES:
        cite(review, code)
    ask_and_send_again(all_on, **answers(SUBSETS[-1]))
    waiting = list(Review.objects.get(pk=review.pk).unconfirmed())
    newest = fresh(all_on).latest_version
    actions.confirm_scores(review=review, codes=waiting, version=newest, by=review.reviewer)
    answer = signed_in(review.reviewer).post(
        reverse("reviews:submit_review", args=[review.pk]), {"advice": "", "edition": "0"}
    )
    assert answer.status_code == 302
    content = review.versions.get(number=2).content["scores"]
    assert [content[code]["citations"] for code in SWITCHES] == [[], [], []]
    assert all(content[code]["by_answer"] for code in SWITCHES)
