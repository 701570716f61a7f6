"""The panel result: scores, gates, disagreement, and the way to a recommendation."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from partners.submissions.models import Submission
from reviews.panels.forms import (
    ModerateForm,
    OverrideForm,
    PanelMessageForm,
    RecommendForm,
    RelatedPartyForm,
    ReturnForm,
)
from reviews.panels.gates import CONFLICTS
from reviews.panels.queries import current_recommendation, seen_by
from reviews.panels.results import panel_result
from reviews.panels.views.panes import discussion, result_boxes, result_forms, result_rights
from vetting_portal.views.base import ActionFormView, PageMixin


class PanelMixin(PageMixin):
    """What the result's page shows, with or without an unfinished form on it."""

    model = Submission
    permission_required = "reviews.view_panel"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return seen_by(Submission.objects.visible_to(self.request.user), self.request.user)

    def panel_context(self, submission: Submission, bound: Any = None) -> dict[str, Any]:
        """Return result, gates, forms and what this user may do. ``bound`` is a form that came back with errors."""
        result = panel_result(submission)
        return {
            "submission": submission,
            "recommendation": current_recommendation(submission),
            **result_boxes(result),
            **result_forms(submission, result, bound),
            **result_rights(submission, result, self.request.user),
            **discussion(submission, result, self.request.user, bound),
        }


class PanelView(PanelMixin, DetailView[Submission]):
    """The page itself."""

    template_name = "reviews/panels/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the result."""
        return super().get_context_data(**self.panel_context(self.object), **kwargs)


class _PanelFormView(PanelMixin, ActionFormView):
    """A form of the result's page: a wrong input comes back on it."""

    http_method_names = ["post"]
    template_name = "reviews/panels/panel.html"

    def get_success_url(self) -> str:
        """Go back to the result."""
        return reverse("reviews:panel", args=[self.object.pk])

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the page with what was typed."""
        return self.render_to_response(self.get_context_data(**self.panel_context(self.object, form)), status=422)


class ModerateView(_PanelFormView):
    """Records a resolution."""

    permission_required = "reviews.moderate_panel"
    form_class = ModerateForm
    success_message = "The resolution is recorded. No score has changed."

    def get_form_kwargs(self) -> dict[str, Any]:
        """Name the criterion, and keep the forms of one page apart."""
        criterion = get_object_or_404(self.object.checklist.criteria, code=self.kwargs["code"])
        return {**super().get_form_kwargs(), "criterion": criterion, "auto_id": f"id_{criterion.code}_%s"}


class RelatedPartyView(_PanelFormView):
    """Records how a related party is dealt with."""

    permission_required = "reviews.moderate_panel"
    form_class = RelatedPartyForm
    success_message = f"The resolution is recorded under {CONFLICTS}."


class DiscussionView(_PanelFormView):
    """Takes a reviewer's message to the others."""

    permission_required = "reviews.write_panel_message"
    form_class = PanelMessageForm
    success_message = "Your message is sent to the other reviewers."

    def get_success_url(self) -> str:
        """Go back to the discussion."""
        return f"{super().get_success_url()}#discussion"


class RecommendView(_PanelFormView):
    """Recommends."""

    permission_required = "reviews.recommend_submission"
    form_class = RecommendForm
    success_message = "Your recommendation is recorded."


class OverrideView(PanelMixin, ActionFormView):
    """A director's word against the result, on a page of its own."""

    permission_required = "reviews.override_panel"
    form_class = OverrideForm
    template_name = "reviews/panels/override.html"
    success_message = "Your override is recorded. You do not sign this grant."

    def get_success_url(self) -> str:
        """Go back to the result."""
        return reverse("reviews:panel", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the result and what is in the way."""
        result = panel_result(self.object)
        return super().get_context_data(
            result=result, blockers=result.override_blockers(), submission=self.object, **kwargs
        )


class ReturnView(PanelMixin, ActionFormView):
    """Gives a recommended submission back, on a page of its own."""

    permission_required = "reviews.return_submission"
    form_class = ReturnForm
    template_name = "reviews/panels/return.html"
    success_message = "The submission is back with the reviewers."

    def get_success_url(self) -> str:
        """Go to the work."""
        return reverse("reviews:work", args=[self.object.pk])
