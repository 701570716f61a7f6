"""What reviewers submitted, frozen."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Exists, OuterRef, Q

from partners.organisations.models import READERS_OF_ALL
from partners.submissions.models import SubmissionVersion
from reviews.panels.models.reviewing import Review, ReviewQuerySet
from reviews.panels.scoring import NOT_APPLICABLE, Given
from vetting_portal.models import User


class ReviewVersionQuerySet(models.QuerySet["ReviewVersion"]):
    """Submitted versions by who may look."""

    def visible_to(self, user: User) -> "ReviewVersionQuerySet":
        """Cut to the versions of the reviews that ``user`` may read; of a review that was set aside only for staff."""
        readable = Review.objects.visible_to(user)
        if not READERS_OF_ALL & user.role_keys:
            readable = readable.exclude(state__in=[Review.State.RECUSED, Review.State.ENDED])
        return self.filter(review__in=readable)

    def of_versions(self, reviews: Sequence[Review] | ReviewQuerySet) -> "ReviewVersionQuerySet":
        """Return what ``reviews`` submitted, oldest first, each with whether a newer version of the application was
        submitted since (``is_behind``).
        """
        newer = SubmissionVersion.objects.filter(
            submission=OuterRef("review__submission"), pk__gt=OuterRef("submission_version")
        )
        return self.filter(review__in=reviews).annotate(is_behind=Exists(newer)).order_by("number")


class ReviewVersion(models.Model):
    """What a reviewer submitted, frozen. Statistics use the first version, gates the latest."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    submission_version = models.ForeignKey(SubmissionVersion, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()

    objects = ReviewVersionQuerySet.as_manager()

    class Meta:
        ordering = ["review", "number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="review_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="review_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.review}, version {self.number}"

    @property
    def given(self) -> dict[str, Given]:
        """The scores by criterion, as arithmetic takes them."""
        return {
            code: NOT_APPLICABLE if given["not_applicable"] else given["value"]
            for code, given in self.content["scores"].items()
        }
