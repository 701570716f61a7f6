"""Whether a recommendation still stands on what it was made on, when somebody is about to sign for it."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from partners.submissions.models import Submission
from reviews.panels.gates import CONFLICTS
from reviews.panels.models import ConflictDeclaration, Recommendation, Review
from vetting_portal.workflow import Blocker


def with_standing(rows: QuerySet[Recommendation]) -> QuerySet[Recommendation]:
    """Add how many reviews still count, and whose interest was declared since.

    ``still`` is a number; ``interested`` (who recommended) and ``officer_interested`` are true or false.
    """
    counting = Review.objects.counting().filter(submission=OuterRef("submission")).order_by().values("submission")
    interest = ConflictDeclaration.objects.of_interest().filter(
        submission__organisation=OuterRef("submission__organisation")
    )
    return rows.select_related("recommended_by").annotate(
        still=Coalesce(Subquery(counting.annotate(number=Count("pk")).values("number")), 0),
        interested=Exists(interest.filter(user=OuterRef("recommended_by"))),
        officer_interested=Exists(interest.filter(user=OuterRef("submission__officer"))),
    )


def current_recommendation(submission: Submission) -> Any:
    """Return the recommendation in force with its standing, or None. One query."""
    return with_standing(Recommendation.objects.current().filter(submission=submission)).first()


def standing_blockers(submission: Submission, made: Any) -> list[str]:
    """Say why the recommendation ``made`` cannot be signed for: a reviewer stepped aside since, or who runs the
    submission or recommended it has declared an interest.
    """
    url = reverse("reviews:panel", args=[submission.pk])
    back = "Return the submission to the reviewers."
    if made is None:
        return [Blocker("No recommendation stands.", hint=back, url=url)]
    reasons: list[str] = []
    if made.still < made.review_count:
        gone = made.review_count - made.still
        text = (
            f"{gone} review{'s' if gone > 1 else ''} no longer count{'' if gone > 1 else 's'} since the recommendation."
        )
        reasons.append(Blocker(text, code=CONFLICTS, hint=back, url=url))
    if made.interested or made.officer_interested:
        text = "Who recommended this submission, or runs it, has declared an interest."
        reasons.append(Blocker(text, code=CONFLICTS, hint=back, url=url))
    return reasons
