"""The officer's page of one submission: what to do next, with the forms to do it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import DetailView

from partners.submissions.models import Submission
from reviews.panels.actions import (
    ASSIGNABLE_WHILE,
    close_panel,
    declaration_blockers,
    end_review,
    remind_reviewer,
    take_over,
)
from reviews.panels.forms import AssignForm, OfficerDeclarationForm
from reviews.panels.models import ConflictDeclaration, Review
from reviews.panels.next_steps import next_step
from reviews.panels.queries import named_people, refused_of, returned_last, seen_by, with_refused
from reviews.panels.results import panel_result
from reviews.panels.signers import early_blockers
from reviews.panels.views.panes import asking
from vetting_portal.views.base import ActionFormView, ConfirmMixin, PageMixin, TransitionView
from vetting_portal.workflow import Refused

OFFICER = ConflictDeclaration.AsRole.OFFICER


class WorkMixin(PageMixin):
    """One submission as the officer's pages read it."""

    model = Submission

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return with_refused(seen_by(Submission.objects.visible_to(self.request.user), self.request.user))

    def work_context(self, submission: Submission) -> dict[str, Any]:
        """Return reviewers, declarations, screening, gates that are open, and the next step."""
        user = self.request.user
        may_assign = user.has_perm("reviews.assign_reviewer", submission)
        may_references = may_assign or user.has_perm("reviews.view_references", submission)
        reviews = list(submission.reviews.for_work())
        result = panel_result(submission, reviews_read=reviews, with_payment=False)
        may_panel = user.has_perm("reviews.view_panel", submission)
        return {
            "submission": submission,
            "result": result,
            "reviews": reviews,
            "status": result.screening,
            "next": next_step(submission, user),
            "has_declared": (user.pk, OFFICER) in {(one.user_id, one.as_role) for one in result.declarations},
            "may_assign": may_assign,
            "may_panel": may_panel,
            "may_declare": user.has_perm("reviews.declare_as_officer", submission),
            "assignable": submission.state in ASSIGNABLE_WHILE,
            "in_charge": submission.officer_id == user.pk,
            "assess_blockers": result.assess_blockers(),
            "early": early_blockers(submission, getattr(self.request, "funder", None)),
            "returned": returned_last(submission) if may_panel else None,  # its words speak of the others' scores
            "behind": {review.pk for review in result.behind},
            "references": result.references,
            "refused": refused_of(submission) if getattr(submission, "has_refused", True) else [],
            "may_references": may_references,
            "may_visits": may_references or user.has_perm("reviews.list_visits", submission),
        }


class WorkView(WorkMixin, DetailView[Submission]):
    """The page itself."""

    permission_required = "reviews.view_work"
    template_name = "reviews/panels/work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the work, and the form that asks a reviewer."""
        return super().get_context_data(**self.work_context(self.object), **kwargs)


class AssignView(WorkMixin, ActionFormView):
    """Whom to ask for a review: who is proposed and why, everybody else with their work and what the records show."""

    permission_required = "reviews.assign_reviewer"
    form_class = AssignForm
    template_name = "reviews/panels/assign.html"
    success_message = "The reviewer is asked."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. Raises Refused where nobody is asked any more."""
        if self.object.state not in ASSIGNABLE_WHILE:
            raise Refused([f"This submission is {self.object.get_state_display().lower()} now."], subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Go back to the work."""
        return reverse("reviews:work", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add who is proposed, and who cannot be asked."""
        context = super().get_context_data(submission=self.object, **kwargs)
        return {**context, **asking(self.object, context["form"])}


class OfficerDeclarationView(WorkMixin, ActionFormView):
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
        """Add the names, and what is in the way."""
        blockers = declaration_blockers(self.object, self.request.user)
        return super().get_context_data(roles=named_people(self.object), blockers=blockers, **kwargs)


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


class EndReviewView(ConfirmMixin, _BackToWork, TransitionView):
    """Waits for a reviewer no longer, after a page that says what happens then."""

    question = "End this review?"
    consequence = (
        "The reviewer can no longer open the application, and scores that were not submitted do not count. Another "
        "reviewer can be assigned. This review cannot be opened again."
    )
    confirm_label = "End this review"
    move = "end"

    model = Review
    permission_required = "reviews.end_review"
    action = end_review
    argument = "review"
    success_message = "Nobody waits for this review any more."
