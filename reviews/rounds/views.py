"""The rounds, the figures of one, and its scores as CSV."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, TemplateView, View

from partners.programmes.models import Programme
from reviews.panels.models import ReviewVersion
from reviews.rounds.figures import round_figures
from reviews.rounds.forms import RoundForm
from reviews.rounds.queries import (
    Round,
    checklists_of,
    criteria_of,
    first_versions,
    programmes_with_reviews,
    scored_lines,
)
from vetting_portal.csvlines import Echo, plain_text
from vetting_portal.views.base import PER_PAGE, PageMixin, RoleMixin

COLUMNS = (
    "programme", "submission", "reviewer", "criterion", "first_score", "not_applicable", "first_submitted_at",
    "latest_version", "latest_score", "latest_submitted_at",
)  # fmt: skip


class RoundListView(RoleMixin, TemplateView):
    """The programmes with how many reviews are in."""

    permission_required = "reviews.view_rounds"
    template_name = "reviews/rounds/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one page of programmes."""
        programmes = Paginator(programmes_with_reviews(self.request.user), PER_PAGE)
        return super().get_context_data(page=programmes.get_page(self.request.GET.get("page")), **kwargs)


class RoundMixin(PageMixin):
    """One programme's round, cut as the address asks."""

    model = Programme
    lookup = "slug"
    permission_required = "reviews.view_round"

    def form_of(self, programme: Programme) -> RoundForm:
        """Return the form that cuts the round."""
        return RoundForm(self.request.GET, programme=programme, checklists=checklists_of(programme))


class RoundView(RoundMixin, DetailView[Programme]):
    """The figures of one round."""

    template_name = "reviews/rounds/round.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the figures: severity only for who did not review in it."""
        user, programme = self.request.user, self.object
        form = self.form_of(programme)
        cut = form.cut()
        return super().get_context_data(
            programme=programme,
            form=form,
            cut=cut,
            several=len(form.checklists) > 1,
            figures=round_figures(criteria_of(cut.checklist), first_versions(cut, user)),
            may_see_severity=user.has_perm("reviews.view_severity", programme),
            export=reverse("reviews:round_scores", args=[programme.slug]) + "?" + self.request.GET.urlencode(),
            **kwargs,
        )


class RoundScoresView(RoundMixin, View):
    """The submitted scores of one round as CSV, streamed: the first version of each and the latest."""

    def get(self, request: HttpRequest, slug: str) -> StreamingHttpResponse:
        """Send the lines as they are read."""
        cut = self.form_of(self.get_object()).cut()
        writer = csv.writer(Echo())
        lines = (writer.writerow(line) for line in _lines(cut, request.user))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="scores-{slug}.csv"'
        return response


def _lines(cut: Round, user: Any) -> Iterator[tuple[object, ...]]:
    """Yield the head, then a line for each criterion of each submitted review."""
    yield COLUMNS
    for first, latest in scored_lines(cut, user):
        for code, given in first.content["scores"].items():
            yield (
                plain_text(cut.programme.title),
                first.review.submission.number,
                plain_text(str(first.review.reviewer)),
                code,
                "" if given["value"] is None else given["value"],
                "yes" if given["not_applicable"] else "",
                _moment(first),
                latest.number,
                _shown(latest, code),
                _moment(latest),
            )


def _shown(version: ReviewVersion, code: str) -> object:
    value = version.content["scores"][code]["value"]
    return "" if value is None else value


def _moment(version: ReviewVersion) -> str:
    return timezone.localtime(version.submitted_at).isoformat(timespec="seconds")
