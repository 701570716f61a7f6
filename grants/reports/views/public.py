"""What everybody reads of a published report; nothing of a person is on it without a consent that holds right now."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, View

from grants.campaigns.models import Campaign
from grants.reports.models import Report, Story
from partners.previews.models import PageImage
from vetting_portal.files import serve_picture

KEPT_SECONDS = 30
"""How long a browser or a cache may keep a page with a story on it: a withdrawal is seen within a minute."""


class PublishedMixin:
    """Finds a published report by the address of its campaign and its number."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def published(self) -> Report:
        """Return the report. Raises Http404 where there is none, or it is not published."""
        campaign = Campaign.objects.public().filter(slug=self.kwargs["slug"]).first()
        if campaign is None:
            raise Http404
        rows = Report.objects.published_of(campaign).for_page().select_related("grant__campaign")
        found = rows.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found


@method_decorator(login_not_required, name="dispatch")
class PublicReportView(PublishedMixin, DetailView[Report]):
    """A report as everybody reads it: reached against planned, spent against budget, stories with consent."""

    template_name = "grants/reports/public.html"

    def get_object(self, queryset: Any = None) -> Report:  # noqa: ARG002 Django's signature
        """Return the published report."""
        return self.published()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the stories that may be shown at this moment."""
        report = self.object
        return super().get_context_data(
            report=report,
            grant=report.grant,
            campaign=report.grant.campaign,
            partner=report.grant.submission.organisation,
            stories=Story.objects.shown(timezone.localdate()).filter(report=report),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Let nobody keep the page for longer than a withdrawal may take."""
        response = super().render_to_response(context, **kwargs)
        patch_cache_control(response, max_age=KEPT_SECONDS, must_revalidate=True)
        return response


@method_decorator(login_not_required, name="dispatch")
class PublicPhotoView(PublishedMixin, View):
    """The photograph of a story that is shown now: drawn anew by the portal, so that no place or device is in it."""

    def get(self, request: HttpRequest, slug: str, number: int, part: int) -> HttpResponseBase:  # noqa: ARG002
        """Send it. Raises Http404 where the story is not shown, has none, or it is not drawn yet."""
        rows = Story.objects.shown(timezone.localdate()).filter(report=self.published(), photo__isnull=False)
        story = rows.filter(pk=part).first()
        if story is None or story.photo is None:
            raise Http404
        image = PageImage.objects.at(story.photo.file_id, 1)
        if image is None or image.large is None:
            raise Http404
        return serve_picture(request, image.large)
