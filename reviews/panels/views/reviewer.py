"""The reviewer's pages around the bench: home, the declaration, reopening, stepping aside."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView

from reviews.panels.forms import GateForm, ReopenForm, StepAsideForm
from reviews.panels.models import Review, scored_criteria
from reviews.panels.queries import has_submitted_a_review, named_people
from reviews.practice.standing import practice_standing
from vetting_portal.duties import Wanted, duties
from vetting_portal.views.base import ActionFormView, RoleMixin
from vetting_portal.workflow import Refused, transition_blockers

STEPPED_ASIDE, DECLARED = "You stepped aside. Somebody else is asked.", "Your declaration is recorded."
OWN_DUTIES = frozenset({"reviews.write_review", "reviews.confirm_scores"})


class ReviewerHomeView(RoleMixin, TemplateView):
    """What a reviewer has to do next, and what is done."""

    permission_required = "reviews.view_my_reviews"
    template_name = "reviews/panels/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Sort the reviews into what waits and what does not; what is first and what is late is the list of duties'."""
        reviews = list(Review.objects.visible_to(self.request.user).of_reviewer(self.request.user).for_home()[:200])
        waiting = [review for review in reviews if review.state == Review.State.INVITED or review.is_own_turn]
        rest = [review for review in reviews if review not in waiting]
        totals = {review.submission.checklist_id: 0 for review in waiting}
        for review in waiting:
            if not totals[review.submission.checklist_id]:
                totals[review.submission.checklist_id] = len(scored_criteria(review.submission))
        mine = duties(self.request.user, Wanted(keys=OWN_DUTIES))
        return super().get_context_data(
            waiting=[(review, totals[review.submission.checklist_id]) for review in waiting],
            first=mine[0] if mine else None,
            late=sum(1 for duty in mine if duty.days_late),
            rest=rest,
            practice=practice_standing(self.request.user, is_new=not any(review.version for review in reviews)),
            **kwargs,
        )


class GateView(ActionFormView):
    """Do you have an interest here? Only names show until it is answered."""

    model = Review
    permission_required = "reviews.declare_review"
    form_class = GateForm
    template_name = "reviews/panels/gate.html"

    def get_queryset(self) -> Any:
        """Return the user's own review."""
        return Review.objects.visible_to(self.request.user).select_related(
            "submission__organisation", "submission__programme", "invited_by"
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the question once; who has answered goes on."""
        if self.object.state in {Review.State.IN_PROGRESS, Review.State.SUBMITTED}:
            return redirect("reviews:review", self.object.pk)
        if self.object.state != Review.State.INVITED:
            return redirect("reviews:home")
        if blockers := self.object.begin_blockers():
            raise Refused(blockers, subject=self.object)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Remember which answer it was: it decides where to go."""
        self.steps_aside = form.cleaned_data["interest"] == "some"
        self.success_message = STEPPED_ASIDE if self.steps_aside else DECLARED
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Open the bench, or go home."""
        return reverse("reviews:home") if self.steps_aside else reverse("reviews:review", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add names, and nothing but names."""
        submission, user = self.object.submission, self.request.user
        others = submission.reviews.exclude(pk=self.object.pk).active().count()
        practice = practice_standing(user, is_new=not has_submitted_a_review(user))
        return super().get_context_data(roles=named_people(submission), others=others, practice=practice, **kwargs)


class ReopenView(ActionFormView):
    """Take a submitted review up again, with a reason."""

    model = Review
    permission_required = "reviews.reopen_review"
    form_class = ReopenForm
    template_name = "reviews/panels/reopen.html"
    success_message = "Your review is open again. What you submitted counts until you submit again."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add why it cannot be reopened any more."""
        return super().get_context_data(blockers=transition_blockers(self.object, "reopen"), **kwargs)

    def get_success_url(self) -> str:
        """Go back to the bench."""
        return reverse("reviews:review", args=[self.object.pk])


class StepAsideView(ActionFormView):
    """Declare an interest at a later moment: the scores are set aside."""

    model = Review
    permission_required = "reviews.declare_review"
    form_class = StepAsideForm
    template_name = "reviews/panels/step_aside.html"
    success_message = "You stepped aside. Your scores no longer count."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add why it is too late to step aside."""
        return super().get_context_data(blockers=transition_blockers(self.object, "recuse"), **kwargs)

    def get_success_url(self) -> str:
        """Go home: nothing here is open any more."""
        return reverse("reviews:home")
