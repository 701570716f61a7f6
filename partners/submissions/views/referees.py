"""The page on which a partner names its referees."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import View

from partners.submissions.actions import remove_referee
from partners.submissions.forms import RefereeForm
from partners.submissions.models import Submission
from vetting_portal.views.base import ActionFormView, PageMixin


class RefereesView(ActionFormView):
    """Who knows the work: those named so far, and a form for one more."""

    model = Submission
    lookup = "number"
    permission_required = "partners.change_submission"
    form_class = RefereeForm
    template_name = "partners/submissions/referees.html"
    success_message = "Named. We write to this referee after you have sent your application."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add those named so far."""
        return super().get_context_data(submission=self.object, referees=self.object.referees.all(), **kwargs)

    def get_success_url(self) -> str:
        """Stay, for the next one."""
        return reverse("partners:submission_referees", args=[self.object.number])


class RefereeRemoveView(PageMixin, View):
    """Takes a referee back."""

    model = Submission
    lookup = "number"
    permission_required = "partners.change_submission"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str, referee: int) -> HttpResponse:
        """Take back whom nobody has written to yet."""
        submission = self.get_object()
        remove_referee(referee=get_object_or_404(submission.referees, pk=referee), by=request.user)
        messages.success(request, "The referee is taken back.")
        return HttpResponseRedirect(reverse("partners:submission_referees", args=[number]))
