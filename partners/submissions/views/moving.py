"""Moving a submission: sending it, taking it back, asking for changes, declining."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.generic import DetailView

from partners.submissions import progress
from partners.submissions.actions import resubmit_submission, submit_submission
from partners.submissions.forms import DeclineForm, RequestChangesForm, WithdrawForm
from partners.submissions.models import Submission
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Blocker, Refused


class SendView(PageMixin, DetailView[Submission]):
    """Shows what is still missing, or that all is there; sends with one button."""

    model = Submission
    lookup = "number"
    permission_required = "partners.change_submission"
    template_name = "partners/submissions/send.html"
    context_object_name = "submission"

    def get_object(self, queryset: Any = None) -> Submission:
        """Return the submission to who may write it. Raises Refused once it is sent."""
        found: Submission = super().get_object(queryset)
        if not found.is_editable:
            state = found.get_state_display().lower()
            reason = Blocker(f"This application is {state} already.", url=found.get_absolute_url())
            raise Refused([reason], subject=found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is missing, and what is there already."""
        found = self.object
        again = found.state == Submission.State.CHANGES_REQUESTED
        steps = [*progress.section_steps(found), *progress.rest_steps(found)]
        return super().get_context_data(
            blockers=found.resubmit_blockers() if again else found.submit_blockers(),
            passing=[step for step in steps if step.state == "done"],
            may_send=self.request.user.has_perm("partners.submit_submission", found),
            again=again,
            **kwargs,
        )

    def post(self, request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Send it; what is missing becomes the 409 page."""
        found = self.get_object()
        again = found.state == Submission.State.CHANGES_REQUESTED
        sent = (resubmit_submission if again else submit_submission)(submission=found, by=request.user)
        messages.success(request, "Sent. We have your application, and we write to you.")
        return HttpResponseRedirect(sent.get_absolute_url())


class MoveFormView(ActionFormView):
    """A move that has a page of its own."""

    model = Submission
    lookup = "number"

    def get_success_url(self) -> str:
        """Return to the submission."""
        return str(self.object.get_absolute_url())


class WithdrawView(MoveFormView):
    """Takes an application back."""

    permission_required = "partners.withdraw_submission"
    form_class = WithdrawForm
    template_name = "partners/submissions/withdraw.html"
    success_message = "You took the application back."


class RequestChangesView(MoveFormView):
    """Asks the partner for changes."""

    permission_required = "partners.request_changes_submission"
    form_class = RequestChangesForm
    template_name = "partners/submissions/request_changes.html"
    success_message = "The partner is asked for changes."


class DeclineView(MoveFormView):
    """Says no."""

    permission_required = "partners.decline_submission"
    form_class = DeclineForm
    template_name = "partners/submissions/decline.html"
    success_message = "Declined. The partner is told why."
