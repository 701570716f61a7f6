"""A whole round at once: written past the actions, for measuring only."""

from datetime import timedelta
from random import Random
from typing import Any

from django.db.models import Model
from django.utils import timezone

from partners.models import Submission, SubmissionVersion
from reviews.models import Review, ReviewVersion
from reviews.panels.models import scored_criteria
from tests.factories import reviews as made
from tests.factories.partners import submission_in
from vetting_portal.canonical import sha256_of


def _copies[M: Model](record: M, changes: list[dict[str, Any]]) -> list[M]:
    """Return the record, and copies of it with each of the changes."""
    fields = {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if not f.primary_key}
    rows = [type(record)(**{**fields, **changed}) for changed in changes]
    return [record, *type(record)._base_manager.bulk_create(rows)]


def _content(chance: Random, levels: dict[str, float], lean: float) -> dict[str, Any]:
    """Return what a reviewer submits who leans so far to the mild."""
    said = {"not_applicable": False, "justification": "What I read. " * 20, "citations": []}
    given = {code: min(4, max(0, round(chance.gauss(level + lean, 0.6)))) for code, level in levels.items()}
    return {"scores": {code: {"value": value, **said} for code, value in given.items()}, "advice": ""}


def crowd(programme, *, submissions: int, readers: int, reviewers: int = 12) -> None:
    """Give ``programme`` as many submissions, each read by ``readers`` of ``reviewers``, with scores by chance."""
    chance, now = Random(5), timezone.now()  # noqa: S311 made-up scores
    staff = [made.reviewer(name=f"Reader {number:02}") for number in range(reviewers)]
    model = submission_in("in_review", programme=programme)
    codes = [criterion.code for criterion in scored_criteria(model)]
    rows: list[Submission] = _copies(model, [{"number": f"2026-{5000 + at}"} for at in range(submissions - 1)])
    seen: list[SubmissionVersion] = _copies(model.latest_version, [{"submission_id": row.pk} for row in rows[1:]])
    stamps = {"state": "submitted", "version": 1, "due_on": now.date(), "invited_by": model.created_by}
    stamps |= {"invited_at": now, "begun_at": now, "submitted_at": now}
    reviews, contents = [], []
    for row, version in zip(rows, seen, strict=True):
        levels = {code: chance.gauss(2.7, 0.8) for code in codes}
        for place in chance.sample(range(reviewers), readers):
            reviews.append(Review(submission=row, reviewer=staff[place], seen_version=version, **stamps))
            contents.append(_content(chance, levels, (place % 5 - 2) / 6))
    ReviewVersion.objects.bulk_create(
        ReviewVersion(
            review=review,
            number=1,
            submission_version_id=review.seen_version_id,
            content=content,
            sha256=sha256_of(content),
            submitted_at=now - timedelta(minutes=1),
        )
        for review, content in zip(Review.objects.bulk_create(reviews), contents, strict=True)
    )
