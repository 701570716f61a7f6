"""The bench: criterion, evidence and score in one view; each save a plain form that also works without a script."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import DetailView, FormView, View

from partners.checklists.models import Criterion
from partners.submissions.switching import changes_between
from reviews.panels.actions import remove_citation
from reviews.panels.forms import CiteForm, ScoreForm, SubmitForm
from reviews.panels.models import Citation, Review, Score, missing_in, scored_criteria
from reviews.panels.views.panes import evidence_pane, list_pane, score_pane
from vetting_portal.views.base import ActionFormView, PageMixin, add_errors
from vetting_portal.workflow import Refused


class OwnReviewMixin(PageMixin):
    """A page of one's own review, after the declaration."""

    model = Review
    permission_required = "reviews.open_review"

    def get_queryset(self) -> Any:
        """Return the user's own reviews, with what every page of the bench shows."""
        own = Review.objects.visible_to(self.request.user).of_reviewer(self.request.user)
        return own.select_related("submission__organisation", "submission__checklist", "seen_version", "reviewer")


class BenchMixin(OwnReviewMixin):
    """The context of the bench for one criterion."""

    def criterion_of(self, review: Review, code: str | None) -> Criterion:
        """Return the criterion of that code; without one the first that has no score. Raises Http404."""
        criteria = scored_criteria(review.submission)
        if code:
            found = next((criterion for criterion in criteria if criterion.code == code), None)
            if found is None:
                raise Http404
            return found
        given = {pk for pk, score in review.scores_with_switched().items() if not missing_in(score)}
        return next((criterion for criterion in criteria if criterion.pk not in given), criteria[0])

    def bench_context(self, review: Review, criterion: Criterion, form: ScoreForm | None = None) -> dict[str, Any]:
        """Return everything that the three panes show. Raises Http404 where nothing was sent."""
        version = review.submission.latest_version
        if version is None:
            raise Http404
        paper = self.request.GET.get("paper", "")
        return {
            "review": review,
            "submission": review.submission,
            "version": version,
            "is_newer": review.seen_version_id != version.pk,
            "switched": changes_between(review.seen_version.content, version.content) if review.seen_version else [],
            **list_pane(review, criterion),
            **evidence_pane(review, criterion, version, paper),
            **score_pane(review, criterion, form),
        }


class BenchView(BenchMixin, DetailView[Review]):
    """The bench with one criterion in view."""

    template_name = "reviews/panels/bench.html"

    def get_queryset(self) -> Any:
        """Return the user's own review with its scores and citations."""
        return super().get_queryset().prefetch_related("scores__citations__document__paper")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the declaration where it is missing."""
        found = get_object_or_404(super().get_queryset(), pk=kwargs["pk"])
        if found.state == Review.State.INVITED:
            return redirect("reviews:review_gate", found.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three panes."""
        criterion = self.criterion_of(self.object, self.request.GET.get("criterion"))
        return super().get_context_data(**self.bench_context(self.object, criterion), **kwargs)


class SaveScoreView(BenchMixin, View):
    """Saves what stands on the bench for one criterion: by the button, or by itself while somebody types."""

    http_method_names = ["post"]
    permission_required = "reviews.open_review"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Save; by itself answer with the saved state alone, else go to the next criterion."""
        review = self.get_object()
        criterion = self.criterion_of(review, self.kwargs["code"])
        form = ScoreForm(request.POST, record=review, criterion=criterion)
        score = self.saved(form)
        if getattr(request, "htmx", False):
            return render(request, "reviews/panels/saved.html", {"score": score, "form": form})
        if score is None:
            return render(
                request,
                "reviews/panels/bench.html",
                {**self.bench_context(review, criterion, form), "object": review},
                status=422,
            )
        if request.POST.get("then") == "submit":
            return redirect("reviews:submit_review", review.pk)
        target = request.POST.get("then") or criterion.code
        return redirect(f"{review.get_absolute_url()}?criterion={target}")

    def saved(self, form: ScoreForm) -> Score | None:
        """Run the action; what it refuses stands in the form."""
        if not form.is_valid():
            return None
        try:
            return form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, _as_field(error))
        except Refused as error:
            if not getattr(self.request, "htmx", False):
                raise
            form.add_error(None, str(error.blockers[0]))
        return None


def _as_field(error: ValidationError) -> ValidationError:
    """Name the action's ``value`` as the form does."""
    if hasattr(error, "error_dict") and "value" in error.error_dict:
        return ValidationError({"score": error.error_dict["value"]})
    return error


class CiteView(BenchMixin, FormView[CiteForm]):
    """Adds a citation to the criterion in view."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Cite, and come back to the same paper."""
        review = self.get_object()
        criterion = self.criterion_of(review, self.kwargs["code"])
        form = CiteForm(request.POST, record=review, criterion=criterion)
        if form.is_valid():
            try:
                form.save(by=request.user)
            except ValidationError as error:
                add_errors(form, error)
        for text in [text for texts in form.errors.values() for text in texts]:
            messages.error(request, str(text))
        paper = request.POST.get("document", "")
        kept = f"&paper={int(paper)}" if paper.isdigit() else ""
        return redirect(f"{review.get_absolute_url()}?criterion={criterion.code}{kept}")


class RemoveCitationView(OwnReviewMixin, View):
    """Takes a citation away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Remove it, and come back to its criterion."""
        review = self.get_object()
        citation = get_object_or_404(
            Citation.objects.filter(score__review=review).select_related("score__criterion"), pk=self.kwargs["citation"]
        )
        code = citation.score.criterion.code
        remove_citation(citation=citation, by=request.user)
        return redirect(f"{review.get_absolute_url()}?criterion={code}")


class SubmitReviewView(OwnReviewMixin, ActionFormView):
    """What is missing, the advice to the directors, and handing in."""

    form_class = SubmitForm
    template_name = "reviews/panels/submit.html"

    def get_queryset(self) -> Any:
        """Return the user's own review with its scores."""
        return super().get_queryset().prefetch_related("scores")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell saving from submitting."""
        return {**super().get_form_kwargs(), "only_save": self.request.POST.get("then") == "save"}

    def get_initial(self) -> dict[str, Any]:
        """Show the advice as it stands."""
        return {"advice": self.object.advice, "edition": self.object.advice_edition}

    def form_valid(self, form: Any) -> HttpResponse:
        """Say what happened."""
        self.success_message = (
            "Your text is saved." if form.only_save else "Your review is submitted. You can see the others’ scores now."
        )
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Go to the others' scores, or stay."""
        if self.request.POST.get("then") == "save":
            return reverse("reviews:submit_review", args=[self.object.pk])
        return reverse("reviews:panel", args=[self.object.submission_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is missing, and the scores as they will be handed in."""
        scores = self.object.scores_with_switched()
        rows = [(criterion, scores.get(criterion.pk)) for criterion in scored_criteria(self.object.submission)]
        return super().get_context_data(review=self.object, rows=rows, blockers=self.object.submit_blockers(), **kwargs)
