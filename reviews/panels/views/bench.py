"""The desk: criteria, evidence and score in one view; each save a plain form that also works without a script."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, FormView, TemplateView, View

from partners.checklists.models import Criterion
from partners.submissions.actions import note_version_read
from partners.submissions.switching import changes_between
from reviews.panels.actions import AdviceSavedElsewhere, SavedElsewhere, remove_citation
from reviews.panels.forms import CiteForm, ScoreForm, SubmitForm
from reviews.panels.keys import KEYS
from reviews.panels.models import Citation, Review, Score, missing_in, scored_criteria
from reviews.panels.queries import with_reading
from reviews.panels.views.panes import advice_of, cited_as, evidence_pane, list_pane, said_of, score_pane, shown_place
from vetting_portal.views.base import ActionFormView, PageMixin, RoleMixin, add_errors
from vetting_portal.workflow import Refused


class OwnReviewMixin(PageMixin):
    """A page of one's own review, after the declaration."""

    model = Review
    permission_required = "reviews.open_review"

    def get_queryset(self) -> Any:
        """Return the user's own reviews, with what every page of the desk shows."""
        own = Review.objects.visible_to(self.request.user).of_reviewer(self.request.user)
        own = own.select_related("submission__organisation", "submission__checklist", "seen_version", "reviewer")
        cited = Prefetch("scores__citations", queryset=Citation.objects.select_related("document__paper"))
        return with_reading(own, self.request.user).prefetch_related("scores", cited)


class BenchMixin(OwnReviewMixin):
    """The context of the desk for one criterion."""

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

    def bench_context(self, review: Review, criterion: Criterion, **forms: Any) -> dict[str, Any]:
        """Return everything that the three panes show. Raises Http404 where nothing was sent."""
        if (version := review.submission.latest_version) is None:
            raise Http404
        evidence = evidence_pane(self.request, review, criterion, version, forms.get("cite_form"))
        score = score_pane(review, criterion, forms.get("form"), forms.get("theirs"))
        return {
            "object": review,
            "review": review,
            "submission": review.submission,
            "version": version,
            "is_newer": review.seen_version_id != version.pk,
            "unconfirmed": review.unconfirmed(version),
            "switched": changes_between(review.seen_version.content, version.content) if review.seen_version else [],
            "keys": KEYS,
            **list_pane(review, criterion),
            **evidence,
            **score,
            "cited": cited_as(evidence["viewing"], score["citations"]),
        }

    def again(self, review: Review, criterion: Criterion, *, status: int, **forms: Any) -> HttpResponse:
        """Show the desk as it stood before a form came back, with what is wrong in it."""
        self.request.GET = QueryDict(shown_place(self.request.POST, criterion))
        context = self.bench_context(review, criterion, **forms)
        return render(self.request, "reviews/panels/bench.html", context, status=status)


class BenchView(BenchMixin, DetailView[Review]):
    """The desk with one criterion in view."""

    template_name = "reviews/panels/bench.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the declaration where it is missing."""
        try:
            answer: Any = super().get(request, *args, **kwargs)
        except PermissionDenied:
            found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
            if found.state == Review.State.INVITED:
                return redirect("reviews:review_gate", found.pk)
            raise
        if not answer.context_data["review"].has_read_newest:
            note_version_read(version=answer.context_data["version"], by=request.user)
        return cast("HttpResponse", answer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three panes."""
        criterion = self.criterion_of(self.object, self.request.GET.get("criterion"))
        return super().get_context_data(**{**kwargs, **self.bench_context(self.object, criterion)})


class SaveScoreView(BenchMixin, View):
    """Saves what stands on the desk for one criterion, by its button."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Save and go to the next criterion; a stale page (409) shows both texts, a wrong one (422) what is wrong."""
        review = self.get_object()
        criterion = self.criterion_of(review, self.kwargs["code"])
        form = ScoreForm(request.POST, record=review, criterion=criterion)
        try:
            if form.is_valid():
                form.save(by=request.user)
        except SavedElsewhere as stale:
            # Whoever sends this page again has seen the other text.
            posted = request.POST.copy()
            posted["edition"] = str(stale.score.edition)
            form.data = posted
            add_errors(form, stale)
            return self.again(review, criterion, status=409, form=form, theirs=said_of(stale.score))
        except ValidationError as error:
            add_errors(form, _as_field(error))
        if form.errors:
            return self.again(review, criterion, status=422, form=form)
        if request.POST.get("then") == "submit":
            return redirect("reviews:submit_review", review.pk)
        if then := request.POST.get("then"):
            return redirect(f"{review.get_absolute_url()}?criterion={then}")
        return redirect(f"{review.get_absolute_url()}?{shown_place(request.POST, criterion)}")


class AutosaveView(BenchMixin, View):
    """The same by itself while somebody types: answers in JSON, 200 saved, 409 stale with both texts, 422 refused."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Save, and say so."""
        review = self.get_object()
        criterion = self.criterion_of(review, self.kwargs["code"])
        form = ScoreForm(request.POST, record=review, criterion=criterion)
        try:
            if form.is_valid():
                return JsonResponse(_saved(form.save(by=request.user), review))
        except SavedElsewhere as stale:
            return JsonResponse({"reason": stale.message, "theirs": said_of(stale.score)}, status=409)
        except ValidationError as error:
            add_errors(form, _as_field(error))
        except Refused as refusal:
            return JsonResponse({"reason": str(refusal.blockers[0])}, status=422)
        reasons = [str(text) for texts in form.errors.values() for text in texts]
        return JsonResponse({"reason": " ".join(reasons)}, status=422)


def _saved(score: Score, review: Review) -> dict[str, Any]:
    """Return what the page is told of a saved score: its edition, the time, and how the list stands now."""
    at = f"{timezone.localtime(score.saved_at):%H:%M}"
    given = Review.objects.get(pk=review.pk).scores_with_switched()
    done = sum(not missing_in(one) for one in given.values())
    return {
        "edition": score.edition,
        "saved": at,
        "missing": missing_in(score),
        "given": said_of(score)["score"],
        "done": f"{done} of {len(scored_criteria(review.submission))} scored",
    }


def _as_field(error: ValidationError) -> ValidationError:
    """Name the action's ``value`` as the form does."""
    if hasattr(error, "error_dict") and "value" in error.error_dict:
        return ValidationError({"score": error.error_dict["value"]})
    return error


class CiteView(BenchMixin, FormView[CiteForm]):
    """Cites a page for the criterion in view."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Cite, and come back to the same page; what is wrong stands next to its field."""
        review = self.get_object()
        criterion = self.criterion_of(review, self.kwargs["code"])
        form = CiteForm(request.POST, record=review, criterion=criterion)
        if form.is_valid():
            try:
                form.save(by=request.user)
            except ValidationError as error:
                add_errors(form, error)
        if form.errors:
            # A script that swaps a part of the page takes only what is called well.
            return self.again(
                review, criterion, status=200 if request.headers.get("HX-Request") else 422, cite_form=form
            )
        return redirect(f"{review.get_absolute_url()}?{shown_place(request.POST, criterion)}")


class RemoveCitationView(OwnReviewMixin, View):
    """Takes a citation away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Remove it, and come back to its criterion."""
        review = self.get_object()
        citation = get_object_or_404(
            Citation.objects.filter(score__review=review).select_related("score__criterion"), pk=self.kwargs["citation"]
        )
        criterion = citation.score.criterion
        remove_citation(citation=citation, by=request.user)
        return redirect(f"{review.get_absolute_url()}?{shown_place(request.POST, criterion)}")


class SubmitReviewView(OwnReviewMixin, ActionFormView):
    """The last step at the desk: what is missing, the scores as they will be handed in, the advice, and handing in."""

    form_class = SubmitForm
    template_name = "reviews/panels/submit.html"

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
        """Add what is missing, and the list of the criteria."""
        review = self.object
        return super().get_context_data(
            review=review,
            submission=review.submission,
            version=review.submission.latest_version,
            keys=KEYS,
            blockers=review.submit_blockers(),
            **list_pane(review, None),
            **kwargs,
        )


class AutosaveAdviceView(OwnReviewMixin, View):
    """The advice to the directors, saved by itself while somebody types; it answers as ``AutosaveView`` does."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Save, and say so."""
        form = SubmitForm(request.POST, record=self.get_object(), only_save=True)
        if not form.is_valid():
            reasons = [str(text) for texts in form.errors.values() for text in texts]
            return JsonResponse({"reason": " ".join(reasons)}, status=422)
        try:
            saved = form.save(by=request.user)
        except AdviceSavedElsewhere as stale:
            return JsonResponse({"reason": stale.message, "theirs": advice_of(stale.review)}, status=409)
        except Refused as refusal:
            return JsonResponse({"reason": str(refusal.blockers[0])}, status=422)
        return JsonResponse({"edition": saved.advice_edition, "saved": f"{timezone.localtime():%H:%M}"})


class KeysView(RoleMixin, TemplateView):
    """The keys of the desk on a page of their own."""

    permission_required = "reviews.view_my_reviews"
    template_name = "reviews/panels/keys.html"
    extra_context = {"keys": KEYS}
