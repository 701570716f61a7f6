"""The pages of visits: those of a submission, writing one, reading one, handing it in, correcting it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView

from partners.submissions.models import Submission
from reviews.references.views import page_of
from reviews.visits.actions import submit_visit
from reviews.visits.forms import CorrectForm, VisitForm
from reviews.visits.models import Visit
from vetting_portal.views.base import ActionFormView, ConfirmMixin, PageMixin, TransitionView


class VisitsView(PageMixin, DetailView[Submission]):
    """The reports that stand for a submission's organisation, and the drafts."""

    model = Submission
    permission_required = "reviews.list_visits"
    template_name = "reviews/visits/list.html"
    context_object_name = "submission"

    def get_queryset(self) -> Any:
        """Return what this user may see, with the partner."""
        return super().get_queryset().select_related("organisation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the reports."""
        visits = Visit.objects.visible_to(self.request.user).filter(organisation=self.object.organisation_id)
        return super().get_context_data(
            visits=visits.standing(),
            drafts=visits.filter(submitted_at=None).select_related("written_by").order_by("-pk"),
            may_write=self.request.user.has_perm("reviews.write_visit", self.object),
            back=page_of(self.request.user, self.object),
            today=timezone.localdate(),
            **kwargs,
        )


class WriteView(ActionFormView):
    """Begins a report."""

    model = Submission
    permission_required = "reviews.write_visit"
    form_class = VisitForm
    template_name = "reviews/visits/form.html"
    success_message = "Saved as a draft. Read it once more, then hand it in."

    def get_success_url(self) -> str:
        """Go back to the reports, where it is handed in."""
        return reverse("reviews:visits", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the submission."""
        return super().get_context_data(submission=self.object, **kwargs)


class _VisitPage(PageMixin):
    model = Visit
    permission_required = "reviews.write_visit"

    def get_queryset(self) -> Any:
        """Return what this user may see, with everything around it."""
        rows = Visit.objects.visible_to(self.request.user)
        return rows.select_related(
            "submission__organisation", "organisation", "written_by", "submitted_by", "corrects", "corrected_by"
        )


class VisitView(_VisitPage, DetailView[Visit]):
    """One report to read."""

    permission_required = "reviews.view_visit"
    template_name = "reviews/visits/visit.html"
    context_object_name = "visit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its papers."""
        may_write = self.request.user.has_perm("reviews.write_visit", self.object)
        return super().get_context_data(documents=self.object.documents(), may_write=may_write, **kwargs)


class ChangeView(_VisitPage, ActionFormView):
    """Changes a draft; one that was handed in is only read."""

    form_class = VisitForm
    template_name = "reviews/visits/form.html"
    success_message = "Saved as a draft."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form while it is a draft."""
        if self.object.is_frozen:
            return HttpResponseRedirect(self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Read it."""
        return str(self.object.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the submission."""
        return super().get_context_data(submission=self.object.submission, **kwargs)


class SubmitVisitView(ConfirmMixin, _VisitPage, TransitionView):
    """Hands a report in, after a page that says what happens then."""

    question = "Hand in this report?"
    consequence = (
        "It never changes from then on, and reviewers read it as evidence for C12. What turns out to be wrong is put "
        "right in a new version, and both stay on record."
    )
    confirm_label = "Hand it in"
    confirm_kind = "go"
    action = submit_visit
    argument = "visit"
    success_message = "Handed in. It is evidence for C12 from now on, and it never changes."

    def about(self, found: Visit) -> str:
        """Return what the act is about: which visit, of whom."""
        return f"{found}: {found.organisation.legal_name}"


class CorrectView(_VisitPage, ActionFormView):
    """Begins a correction."""

    form_class = CorrectForm
    template_name = "reviews/visits/correct.html"
    success_message = "Change what was wrong, then hand the new version in."

    def get_success_url(self) -> str:
        """Go to the new version."""
        made = Visit.objects.get(corrects=self.object)
        return reverse("reviews:visit_change", args=[made.pk])
