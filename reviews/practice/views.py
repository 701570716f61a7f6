"""The pages of practising: where it starts, the scoring page, looking over, the comparison; and the staff's reading."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.generic import DetailView, TemplateView, View

from partners.checklists.models import ChecklistVersion, Criterion
from reviews.practice.actions import PracticeSavedElsewhere, start_practice, submit_practice
from reviews.practice.comparing import comparison_of
from reviews.practice.content import practice_application
from reviews.practice.fitting import fit_of
from reviews.practice.forms import PracticeScoreForm
from reviews.practice.models import PracticeAttempt, PracticeScore, missing_in
from reviews.practice.panes import evidence_pane, list_pane, said_of, score_pane, shown_place
from reviews.practice.standing import practice_blockers
from vetting_portal.views.base import PageMixin, RoleMixin, add_errors
from vetting_portal.workflow import Refused

SHOWN_AT_MOST = 20


class PracticeView(RoleMixin, TemplateView):
    """What practising is, and where the reader stands with it."""

    permission_required = "reviews.practise"
    template_name = "reviews/practice/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the practice application, what is left out of it, and the reader's own practice reviews."""
        checklist, application = ChecklistVersion.objects.current(), practice_application()
        own = PracticeAttempt.objects.visible_to(self.request.user).select_related("checklist")
        return super().get_context_data(
            application=application,
            checklist=checklist,
            fit=fit_of(checklist.rows(), application) if checklist else None,
            blockers=practice_blockers(checklist),
            unfinished=own.open().first(),
            finished=own.submitted()[:SHOWN_AT_MOST],
            **kwargs,
        )


class StartPracticeView(RoleMixin, View):
    """Starts a practice review, or leads to the one that is open."""

    permission_required = "reviews.practise"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open its scoring page; Refused becomes the 409 page."""
        return redirect(start_practice(by=request.user))


class OwnPracticeMixin(PageMixin):
    """A page of one's own practice review."""

    model = PracticeAttempt
    permission_required = "reviews.open_practice"

    def get_queryset(self) -> Any:
        """Return the user's own, with what every page of it shows."""
        return super().get_queryset().select_related("checklist").prefetch_related("scores")


class ScoringMixin(OwnPracticeMixin):
    """The three panes for one criterion."""

    def criterion_of(self, attempt: PracticeAttempt, code: str | None) -> Criterion:
        """Return the criterion of that code; without one the first that has no score. Raises Http404."""
        if code:
            found = next((one for one in attempt.fit.scored if one.code == code), None)
            if found is None:
                raise Http404
            return found
        given = attempt.given()
        return next((one for one in attempt.fit.scored if missing_in(given.get(one.pk))), attempt.fit.scored[0])

    def panes(self, attempt: PracticeAttempt, criterion: Criterion, asked: Any, **forms: Any) -> dict[str, Any]:
        """Return everything that the page shows."""
        return {
            **list_pane(attempt, criterion),
            **evidence_pane(attempt.application, criterion, asked),
            **score_pane(attempt, criterion, **forms),
        }

    def again(
        self, attempt: PracticeAttempt, form: PracticeScoreForm, *, status: int, theirs: Any = None
    ) -> HttpResponse:
        """Show the page as it stood before the form came back, with what is wrong in it."""
        keys = {one.key for one in attempt.application.documents}
        posted = self.request.POST
        asked = {"document": posted.get("document", "") if posted.get("document") in keys else "answers"}
        asked["page"] = posted.get("page", "")
        context = self.panes(attempt, form.criterion, asked, form=form, theirs=theirs)
        return render(self.request, "reviews/practice/score.html", context, status=status)


class PracticeScoringView(ScoringMixin, DetailView[PracticeAttempt]):
    """The scoring page with one criterion in view; once it is submitted it leads to the comparison."""

    template_name = "reviews/practice/score.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Lead on where there is nothing to score any more."""
        if self.object.submitted_at is not None:
            return redirect("reviews:practice_result", self.object.pk)
        return super().render_to_response(context, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three panes."""
        criterion = self.criterion_of(self.object, self.request.GET.get("criterion"))
        return super().get_context_data(**kwargs, **self.panes(self.object, criterion, self.request.GET))


class SavePracticeView(ScoringMixin, View):
    """Saves what stands on the page for one criterion, by its button."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Save and go on; a stale page (409) shows both texts, a wrong one (422) what is wrong."""
        attempt = self.get_object()
        criterion = self.criterion_of(attempt, self.kwargs["code"])
        form = PracticeScoreForm(request.POST, record=attempt, criterion=criterion)
        try:
            if form.is_valid():
                form.save(by=request.user)
        except PracticeSavedElsewhere as stale:
            # Whoever sends this page again has seen the other text.
            posted = request.POST.copy()
            posted["edition"] = str(stale.score.edition)
            form.data = posted
            add_errors(form, stale)
            return self.again(attempt, form, status=409, theirs=said_of(stale.score))
        except ValidationError as error:
            add_errors(form, _as_field(error))
        if form.errors:
            return self.again(attempt, form, status=422)
        then = request.POST.get("then")
        if then == "submit":
            return redirect("reviews:practice_submit", attempt.pk)
        leads_on = any(one.code == then for one in attempt.fit.scored)
        query = f"criterion={then}" if leads_on else shown_place(request.POST, criterion)
        return redirect(f"{attempt.get_absolute_url()}?{query}")


class AutosavePracticeView(ScoringMixin, View):
    """The same by itself while somebody types: answers in JSON, 200 saved, 409 stale with both texts, 422 refused."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Save, and say so."""
        attempt = self.get_object()
        form = PracticeScoreForm(
            request.POST, record=attempt, criterion=self.criterion_of(attempt, self.kwargs["code"])
        )
        try:
            if form.is_valid():
                return JsonResponse(_saved(form.save(by=request.user)))
        except PracticeSavedElsewhere as stale:
            return JsonResponse({"reason": stale.message, "theirs": said_of(stale.score)}, status=409)
        except ValidationError as error:
            add_errors(form, _as_field(error))
        except Refused as refusal:
            return JsonResponse({"reason": str(refusal.blockers[0])}, status=422)
        reasons = [str(text) for texts in form.errors.values() for text in texts]
        return JsonResponse({"reason": " ".join(reasons)}, status=422)


def _saved(score: PracticeScore) -> dict[str, Any]:
    """Return what the page is told of a saved score: its edition, the time, and how the list stands now."""
    attempt = PracticeAttempt.objects.get(pk=score.attempt_id)
    pane, said = list_pane(attempt, None), said_of(score)
    return {
        "edition": score.edition,
        "saved": said["saved"],
        "missing": missing_in(score),
        "given": said["score"],
        "done": f"{pane['done']} of {pane['total']} scored",
    }


def _as_field(error: ValidationError) -> ValidationError:
    """Name the action's ``value`` as the form does."""
    if hasattr(error, "error_dict") and "value" in error.error_dict:
        return ValidationError({"score": error.error_dict["value"]})
    return error


class SubmitPracticeView(OwnPracticeMixin, DetailView[PracticeAttempt]):
    """The last step: what is missing, the scores as they stand, and the button that opens the comparison."""

    http_method_names = ["get", "head", "post"]
    template_name = "reviews/practice/submit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the list of the criteria and what is missing."""
        blockers = self.object.submit_blockers()
        return super().get_context_data(**kwargs, **list_pane(self.object, None), blockers=blockers)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Lead on where it is submitted."""
        if self.object.submitted_at is not None:
            return redirect("reviews:practice_result", self.object.pk)
        return super().render_to_response(context, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Submit; Refused becomes the 409 page with what is missing."""
        attempt = submit_practice(attempt=self.get_object(), by=request.user)
        return redirect("reviews:practice_result", attempt.pk)


class PracticeResultView(OwnPracticeMixin, DetailView[PracticeAttempt]):
    """The reviewer's scores beside the reference scores; before it is submitted it leads to the scoring page."""

    template_name = "reviews/practice/result.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the reference scores back until the reviewer's own are fixed."""
        self.object = self.get_object()
        if self.object.submitted_at is None:
            return redirect(self.object)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both scores of each criterion."""
        attempt = self.object
        newest = ChecklistVersion.objects.current()
        return super().get_context_data(
            attempt=attempt,
            application=attempt.application,
            comparison=comparison_of(attempt),
            is_older=newest is not None and newest.pk != attempt.checklist_id,
            **kwargs,
        )


class ReadPracticeView(RoleMixin, TemplateView):
    """The practice application with its reference scores, for officers and administrators."""

    permission_required = "reviews.read_practice"
    template_name = "reviews/practice/read.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the application, and each criterion that it is scored by."""
        checklist, application = ChecklistVersion.objects.current(), practice_application()
        fit = fit_of(checklist.rows(), application) if checklist else None
        return super().get_context_data(
            application=application,
            fit=fit,
            blockers=practice_blockers(checklist),
            references=[(one, application.references[one.lineage]) for one in fit.scored] if fit else [],
            **kwargs,
        )
