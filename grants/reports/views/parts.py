"""Papers and stories of an open report, for its partner."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.generic import View

from grants.reports.actions import remove_report_paper, remove_story
from grants.reports.forms import PaperForm, StoryForm
from grants.reports.models import Report
from grants.reports.views.reports import ReportPage
from vetting_portal.views.base import ActionFormView, ConfirmMixin
from vetting_portal.workflow import Blocker, Refused


class OpenReportPage(ReportPage):
    """A page for the partner about a report that it can still change."""

    permission_required = "grants.write_report"

    def get_object(self, queryset: Any = None) -> Report:
        """Return the report. Raises Refused once it was sent."""
        found: Report = super().get_object(queryset)
        if not found.is_open:
            state = found.get_state_display().lower()
            raise Refused([Blocker(f"The report is {state}: it cannot be changed now.")], subject=found)
        return found


class PartFormView(OpenReportPage, ActionFormView):
    """A form about a part of an open report; it leads back to the report."""

    def get_success_url(self) -> str:
        """Return to the report."""
        return str(self.object.get_absolute_url())


class PaperAddView(PartFormView):
    """Put a paper to the report."""

    form_class = PaperForm
    template_name = "grants/reports/paper.html"
    success_message = "We have it. It is being checked now."


class StoryAddView(PartFormView):
    """Put a story to the report."""

    form_class = StoryForm
    template_name = "grants/reports/story.html"
    success_message = "The story stands in your report."

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what was typed; a chosen photograph has to be chosen again."""
        form.ask_photo_again()
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the story that is changed, if there is one."""
        context = super().get_context_data(**kwargs)
        return {**context, "story": context["form"].story}


class StoryView(StoryAddView):
    """Change a story."""

    success_message = "The story is changed."

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the story to the form. Raises Http404 for one of another report."""
        story = get_object_or_404(self.object.stories.for_page(), pk=self.kwargs["part"])
        return {**super().get_form_kwargs(), "story": story}


class PaperRemoveView(OpenReportPage, View):
    """Take a paper off the report; it stays in the vault."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, part: int) -> HttpResponse:  # noqa: ARG002 picked by get_object
        """Take it off."""
        report = self.get_object()
        remove_report_paper(paper=get_object_or_404(report.papers.all(), pk=part), by=request.user)
        messages.success(request, "It is off the report. It stays in your papers.")
        return HttpResponseRedirect(report.get_absolute_url())


class StoryRemoveView(ConfirmMixin, OpenReportPage, View):
    """Take a story off the report, after a page that says what happens then."""

    question = "Remove this story?"
    consequence = (
        "Its title and its text are deleted. The consent behind it stays, and so does its photograph. "
        "This cannot be undone."
    )
    confirm_label = "Remove story"

    def about(self, found: Report) -> str:
        """Return the story's title. Raises Http404 for one that is not of this report."""
        return get_object_or_404(found.stories.for_page(), pk=self.kwargs["part"]).title

    def post(self, request: HttpRequest, pk: int, part: int) -> HttpResponse:  # noqa: ARG002 picked by get_object
        """Take it off."""
        report = self.get_object()
        remove_story(story=get_object_or_404(report.stories.for_page(), pk=part), by=request.user)
        messages.success(request, "The story is off the report.")
        return HttpResponseRedirect(report.get_absolute_url())
