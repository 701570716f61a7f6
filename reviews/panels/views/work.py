"""The officer's page of one submission: what to do next, with the forms to do it."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.generic import DetailView

from partners.submissions.models import Submission
from reviews.panels.actions import ASSIGNABLE_WHILE, close_panel, end_review, remind_reviewer, take_over
from reviews.panels.forms import AssignForm, OfficerDeclarationForm
from reviews.panels.models import ConflictDeclaration, Review
from reviews.panels.next_steps import next_step
from reviews.panels.queries import named_people
from reviews.panels.results import panel_result
from reviews.panels.signers import early_blockers
from reviews.panels.views.panes import asking
from vetting_portal.views.base import ActionFormView, PageMixin, TransitionView

OFFICER = ConflictDeclaration.AsRole.OFFICER


class WorkContextMixin(PageMixin):
    """What the page of one submission shows, with or without an unfinished form on it."""

    model = Submission

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        visible = Submission.objects.visible_to(self.request.user)
        return visible.select_related("organisation", "programme", "checklist", "officer")

    def work_context(self, submission: Submission, bound: AssignForm | None = None) -> dict[str, Any]:
        """Return reviewers, declarations, screening, gates that are open, whom to ask, and the next step."""
        user = self.request.user
        may_assign = user.has_perm("reviews.assign_reviewer", submission)
        may_references = may_assign or user.has_perm("reviews.view_references", submission)
        result, version = panel_result(submission), submission.latest_version
        declarations = list(submission.declarations.select_related("user").order_by("declared_at"))
        reviews = list(submission.reviews.for_work())
        assignable = submission.state in ASSIGNABLE_WHILE
        return {
            "submission": submission,
            "result": result,
            "reviews": reviews,
            "status": result.screening,
            "next": next_step(submission, result, user),
            "version": version,
            "declarations": declarations,
            "has_declared": (user.pk, OFFICER) in {(one.user_id, one.as_role) for one in declarations},
            "may_assign": may_assign,
            "may_panel": user.has_perm("reviews.view_panel", submission),
            "may_declare": user.has_perm("reviews.declare_as_officer", submission),
            "assignable": assignable,
            "in_charge": submission.officer_id == user.pk,
            "assess_blockers": result.assess_blockers(),
            "early": early_blockers(submission),
            "references": result.references,
            "may_references": may_references,
            "may_visits": may_references or user.has_perm("reviews.list_visits", submission),
            **(asking(submission, version, reviews, bound) if may_assign and assignable else {}),
        }


class WorkView(WorkContextMixin, DetailView[Submission]):
    """The page itself."""

    permission_required = "reviews.view_work"
    template_name = "reviews/panels/work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the work, and the form that asks a reviewer."""
        return super().get_context_data(**self.work_context(self.object), **kwargs)


class AssignView(WorkContextMixin, ActionFormView):
    """Asks a reviewer; a wrong input comes back on the same page."""

    permission_required = "reviews.assign_reviewer"
    form_class = AssignForm
    template_name = "reviews/panels/work.html"
    success_message = "The reviewer is asked."
    http_method_names = ["post"]

    def get_success_url(self) -> str:
        """Go back to the work."""
        return reverse("reviews:work", args=[self.object.pk])

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the page with what was typed."""
        context = self.get_context_data(**self.work_context(self.object, form))
        return self.render_to_response(context, status=422)


class OfficerDeclarationView(WorkContextMixin, ActionFormView):
    """The officer's own declaration."""

    permission_required = "reviews.declare_as_officer"
    form_class = OfficerDeclarationForm
    template_name = "reviews/panels/officer_declaration.html"
    success_message = "Your declaration is recorded."

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say who declares: the records are asked about them."""
        return {**super().get_form_kwargs(), "officer": self.request.user}

    def get_success_url(self) -> str:
        """Go back to the work."""
        return reverse("reviews:work", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the names."""
        return super().get_context_data(roles=named_people(self.object), **kwargs)


class _BackToWork:
    """Where the buttons of the page lead."""

    def get_success_url(self, found: Any) -> str:
        """Go back to the work."""
        submission_id = found.submission_id if isinstance(found, Review) else found.pk
        return reverse("reviews:work", args=[submission_id])


class ClosePanelView(_BackToWork, TransitionView):
    """Closes the reviews."""

    model = Submission
    permission_required = "reviews.close_panel"
    action = close_panel
    argument = "submission"
    success_message = "The reviews are closed. Look at the panel result."

    def get_success_url(self, found: Any) -> str:
        """Go to the result."""
        return reverse("reviews:panel", args=[found.pk])


class TakeOverView(_BackToWork, TransitionView):
    """Takes the submission in charge."""

    model = Submission
    permission_required = "reviews.assign_reviewer"
    action = take_over
    argument = "submission"
    success_message = "You are in charge of this submission now."


class RemindView(_BackToWork, TransitionView):
    """Writes to a reviewer who is waited for."""

    model = Review
    permission_required = "reviews.remind_reviewer"
    action = remind_reviewer
    argument = "review"
    success_message = "The reviewer is reminded."


class EndReviewView(_BackToWork, TransitionView):
    """Waits for a reviewer no longer."""

    model = Review
    permission_required = "reviews.end_review"
    action = end_review
    argument = "review"
    success_message = "Nobody waits for this review any more."
