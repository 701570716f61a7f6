"""What somebody sees in a list is what they may open: visible_to and the permission agree, record by record."""

import pytest

from partners.models import Submission
from reviews.models import ConflictDeclaration, Review, ReviewVersion, Score
from reviews.panels import actions
from tests.factories import reviews as made
from tests.factories.portal import UserFactory
from vetting_portal.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """A submission with reviews in every state, and everybody who may want to look."""
    submission = made.sent_submission()
    officer = made.officer()
    first = made.submitted(submission, by=officer)
    again = lambda: Submission.objects.get(pk=submission.pk)  # noqa: E731
    second = made.submitted(again(), {"C2": 4}, by=officer)
    drafting = made.scored(made.begun(again(), by=officer), {"C3": 1})
    asked = made.invited(again(), by=officer)
    aside = made.submitted(again(), by=officer)
    actions.recuse_review(review=aside, by=aside.reviewer)
    ended = made.scored(made.begun(again(), by=officer))
    actions.end_review(review=ended, by=officer)
    reopened = made.submitted(again(), by=officer)
    actions.reopen_review(review=reopened, reason="I read it again.", by=reopened.reviewer)
    both = made.reviewer()
    both.role_assignments.create(role="programme_officer", assigned_by=made.commands())
    made.begun(again(), who=both, by=officer)
    conflicted = made.officer()
    actions.declare_as_officer(submission=again(), has_interest=True, by=conflicted)
    made.submitted()  # another partner's
    reviewers = [review.reviewer for review in (first, second, drafting, asked, aside, ended, reopened)]
    staff = [UserFactory(roles=[role]) for role in Role.values]
    owner = submission.organisation.owners().first().user
    ids = [user.pk for user in (*reviewers, *staff, both, conflicted, owner, UserFactory())]
    return list(User.objects.filter(pk__in=ids))


@pytest.mark.parametrize(
    ("model", "permission"),
    [
        (Review, "reviews.view_review"),
        (Score, "reviews.view_score"),
        (ReviewVersion, "reviews.view_review_version"),
    ],
)
def test_visible_to_and_the_permission_agree(people, model, permission):
    differing = []
    for user in people:
        seen = set(model.objects.visible_to(user).values_list("pk", flat=True))
        may = {record.pk for record in model.objects.all() if user.has_perm(permission, record)}
        if seen != may:
            differing.append((str(user), sorted(user.role_keys), sorted(seen ^ may)))

    assert differing == []


def test_a_drafting_reviewer_sees_only_their_own_scores():
    first = made.submitted()
    drafting = made.scored(made.begun(Submission.objects.get(pk=first.submission_id)))

    assert {score.review_id for score in Score.objects.visible_to(drafting.reviewer)} == {drafting.pk}
    assert {score.review_id for score in Score.objects.visible_to(first.reviewer)} == {first.pk}
    assert not ReviewVersion.objects.visible_to(drafting.reviewer).exists()


def test_nobody_of_the_staff_sees_a_draft():
    made.scored(made.begun())

    assert [Score.objects.visible_to(UserFactory(roles=[role])).count() for role in Role.values] == [0] * len(
        Role.values
    )


def test_after_submitting_the_others_show():
    first = made.submitted()
    second = made.submitted(Submission.objects.get(pk=first.submission_id))

    assert {score.review_id for score in Score.objects.visible_to(second.reviewer)} == {first.pk, second.pk}


def test_an_officer_who_reviews_is_as_blind_as_anybody():
    first = made.submitted()
    both = made.reviewer()
    both.role_assignments.create(role="programme_officer", assigned_by=made.commands())
    made.begun(Submission.objects.get(pk=first.submission_id), who=both)
    both = User.objects.get(pk=both.pk)

    assert not Score.objects.visible_to(both).filter(review=first).exists()
    assert not ReviewVersion.objects.visible_to(both).filter(review=first).exists()
    assert not both.has_perm("reviews.view_panel", first.submission)


def test_who_stepped_aside_sees_no_scores(submitted):
    actions.recuse_review(review=submitted, by=submitted.reviewer)

    assert not Score.objects.visible_to(submitted.reviewer).exists()
    assert not ReviewVersion.objects.visible_to(submitted.reviewer).exists()


def test_declarations_are_seen_by_who_made_them_and_by_staff(begun):

    assert ConflictDeclaration.objects.visible_to(begun.reviewer).count() == 1
    assert ConflictDeclaration.objects.visible_to(made.director()).count() == 1
    assert ConflictDeclaration.objects.visible_to(made.reviewer()).count() == 0


PERMISSIONS = [
    "assign_reviewer",
    "end_review",
    "remind_reviewer",
    "declare_as_officer",
    "close_panel",
    "moderate_panel",
    "recommend_submission",
    "override_panel",
    "return_submission",
    "view_work",
    "view_panel",
    "declare_review",
    "begin_review",
    "open_review",
    "score_review",
    "submit_review",
    "reopen_review",
    "recuse_review",
    "view_review",
    "view_score",
    "view_review_version",
    "view_hit",
    "screen_organisation",
    "decide_hit",
    "reopen_hit",
]


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_a_record_every_answer_is_no(permission):
    everything = UserFactory(roles=Role.values)

    assert not everything.has_perm(f"reviews.{permission}")


@pytest.mark.parametrize("permission", ["view_my_reviews", "view_screening", "import_list"])
def test_a_partner_has_no_page_of_staff(permission):
    assert not UserFactory().has_perm(f"reviews.{permission}")
