"""Two versions of an application side by side, and a reviewer's word on the scores that were given before."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import DetailView, View

from partners.submissions.actions import note_version_read
from partners.submissions.models import Submission, SubmissionVersion, VersionReading
from reviews.panels.actions import confirm_scores
from reviews.panels.comparing import comparison_of, last_seen, readings_of, seen_by_reviewers, versions_of
from reviews.panels.models import Review
from reviews.panels.queries import seen_by
from vetting_portal.models import User
from vetting_portal.views.base import PageMixin

SHOWS = ("changed", "documents", "all")
LONGEST_NUMBER = 4


class CompareMixin(PageMixin):
    """The comparison as staff and reviewers read it, with or without an unfinished confirmation on it."""

    model = Submission
    lookup = "number"
    permission_required = "reviews.compare_versions"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return seen_by(Submission.objects.visible_to(self.request.user), self.request.user)

    def compare_context(self, submission: Submission, errors: list[str] | None = None) -> dict[str, Any]:
        """Return both versions, who had read them, and the reader's own scores that wait. Raises Http404."""
        user, versions = self.request.user, versions_of(submission)
        readings = readings_of(submission)
        show = self.request.GET.get("show")
        context: dict[str, Any] = {
            "submission": submission,
            "versions": versions,
            "newest": versions[-1],
            "show": show if show in SHOWS else SHOWS[0],
            "errors": errors or [],
            "may_remind": user.has_perm("reviews.assign_reviewer", submission),
            "may_work": user.has_perm("reviews.view_work", submission),
            **_confirmations(submission, user, readings, versions[-1]),
        }
        if len(versions) > 1:
            older, newer = _chosen(self.request.GET, versions, last_seen(versions, readings, user))
            context |= {"comparison": comparison_of(submission, older, newer), "older": older, "newer": newer}
            context["readers"] = _readers(submission, user, [one for one in readings if one.version_id == older.pk])
        return context


def _chosen(
    asked: QueryDict, versions: list[SubmissionVersion], seen: int
) -> tuple[SubmissionVersion, SubmissionVersion]:
    """Return the two versions that the address names, the older first. Raises Http404 for one that is not there."""
    by_number = {str(version.number): version for version in versions}
    wanted = asked.get("from") or str(seen), asked.get("to") or str(versions[-1].number)
    if not set(wanted) <= set(by_number):
        raise Http404
    older, newer = sorted((by_number[number] for number in wanted), key=lambda version: version.number)
    return older, newer


def _confirmations(
    submission: Submission, user: User, readings: list[VersionReading], newest: SubmissionVersion
) -> dict[str, Any]:
    """Return what the reviewers had seen, as far as this reader may know it, and the reader's own scores that wait."""
    seen = seen_by_reviewers(submission, readings, newest)
    own = next((one for one in seen if one.review.reviewer_id == user.pk), None)
    mine = _own_review(submission, user) if own else None
    return {
        "seen": seen if user.has_perm("reviews.view_panel", submission) else [one for one in seen if one is own],
        "mine": mine,
        "to_confirm": list(mine.unconfirmed().items()) if mine and mine.state != Review.State.INVITED else [],
    }


def _readers(submission: Submission, user: User, readings: list[VersionReading]) -> str:
    """Return who had read a version, in words; a reviewer hears of their own reading only."""
    named = ["you" for one in readings if one.user_id == user.pk]
    if user.has_perm("reviews.view_work", submission):
        named += [one.user.name for one in readings if one.user_id != user.pk]
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def _own_review(submission: Submission, user: User) -> Review | None:
    """Return the user's own review with what its confirmations are asked of."""
    review = submission.reviews.active().filter(reviewer=user).prefetch_related("scores__criterion").first()
    if review is not None:
        review.submission = submission
    return review


class CompareView(CompareMixin, DetailView[Submission]):
    """The page: ``?from=1&to=3`` names any two versions; without it, what changed since the reader looked last."""

    template_name = "reviews/panels/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the comparison; who looks has opened the newer version from then on."""
        context = super().get_context_data(**self.compare_context(self.object), **kwargs)
        note_version_read(version=context.get("newer") or context["newest"], by=self.request.user)
        return context


class ConfirmView(CompareMixin, View):
    """Lets scores that were given on an earlier version count on the one that was read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Confirm the scores that were chosen, and come back; none chosen is said on the page (422)."""
        submission = self.get_object()
        review = get_object_or_404(Review.objects.filter(reviewer=request.user), submission=submission)
        asked = request.POST.get("version", "")
        number_asked = int(asked[:LONGEST_NUMBER]) if asked.isascii() and asked.isdigit() else 0
        version = get_object_or_404(submission.versions, number=number_asked)
        try:
            confirm_scores(review=review, codes=request.POST.getlist("codes"), version=version, by=request.user)
        except ValidationError as error:
            context = self.compare_context(submission, error.messages)
            return render(request, CompareView.template_name, context, status=422)
        if request.POST.get("then") == "score":
            code = request.POST.getlist("codes")[0]
            return redirect(f"{review.get_absolute_url()}?criterion={code}")
        return redirect("reviews:compare", number)
