"""The decision brief says what changed in the application since the last version that was reviewed."""

from copy import deepcopy

from django.urls import reverse

from grants.agreements.briefing import brief_content, read_for_brief
from partners.models import SubmissionVersion
from reviews.models import Review
from tests.factories.grants import officer_of
from tests.reviews.panels.test_views import signed_in


def test_nothing_is_said_where_every_review_is_of_the_newest_version(draft):
    assert "versions" not in brief_content(read_for_brief(draft))


def test_what_changed_since_the_last_reviewed_version_is_said_in_a_few_lines(draft):
    first = draft.submission.latest_version
    content = deepcopy(first.content)
    content["amount_requested_minor"] -= 500_000
    content["title"] = "Another title"
    SubmissionVersion.objects.create(
        submission=draft.submission, number=2, content=content, sha256="0" * 64,
        submitted_at=first.submitted_at, submitted_by=first.submitted_by,
    )  # fmt: skip

    told = brief_content(read_for_brief(draft))["versions"]

    assert (told["from"], told["to"]) == (1, 2)
    assert told["lines"][0].startswith("Amount asked for: USD 30,000.00 → USD 25,000.00")
    assert "Title" in told["lines"]
    officer = signed_in(officer_of(draft))
    assert "Changed since version 1 was reviewed" in officer.get(reverse("grants:brief", args=[draft.number])).text
    assert officer.get(told["url"]).status_code == 200


def test_a_version_that_nobody_reviewed_is_not_compared_with(draft):
    first = draft.submission.latest_version
    for number in (2, 3):
        SubmissionVersion.objects.create(
            submission=draft.submission, number=number, content=first.content, sha256="0" * 64,
            submitted_at=first.submitted_at, submitted_by=first.submitted_by,
        )  # fmt: skip
    assert Review.objects.filter(submission=draft.submission).exists()
    told = brief_content(read_for_brief(draft))["versions"]
    assert (told["from"], told["to"]) == (1, 3)
