"""The pages of reports: the partner writes and sends, the officer accepts, asks and publishes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, View

from grants.reports.actions import submit_report
from grants.reports.forms import AcceptForm, PublishForm, ReportForm, SendBackForm
from grants.reports.models import Report
from grants.reports.overview import report_page
from vetting_portal.clock import shown
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin
from vetting_portal.workflow import Refused, transition_blockers


class ReportPage(PageMixin):
    """Finds a report with its grant and partner."""

    model = Report
    permission_required = "grants.view_report"
    object: Any

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Report.objects.visible_to(self.request.user).for_page()

    def get_success_url(self) -> str:
        """Stay on the report."""
        return str(self.object.get_absolute_url())


class ReportListView(RoleMixin, ListView[Report]):
    """Every report of every grant: those that wait for an answer first."""

    template_name = "grants/reports/reports.html"
    permission_required = "grants.list_reports"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see; with ?show=waiting those that wait, with ?show=late those that are late."""
        rows, show = Report.objects.visible_to(self.request.user), self.request.GET.get("show")
        if show == "late":
            return rows.overdue(timezone.localdate())
        return rows.to_accept() if show == "waiting" else rows.for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many wait."""
        waiting = Report.objects.visible_to(self.request.user).to_accept().count()
        return super().get_context_data(waiting=waiting, today=timezone.localdate(), **kwargs)


class PartnerReportListView(RoleMixin, ListView[Report]):
    """The reports that the partner owes and has sent, soonest first."""

    template_name = "grants/reports/partner_reports.html"
    permission_required = "grants.list_own_reports"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the reports of the organisations this user acts for."""
        return Report.objects.of_partner(self.request.user)


class ReportView(ReportPage, ActionFormView):
    """One report: a form for the partner while it is open, a page to read for everybody else."""

    form_class = ReportForm

    def get_template_names(self) -> list[str]:
        """Choose by who looks and whether it is open."""
        writes = self.object.is_open and self.request.user.has_perm("grants.write_report", self.object)
        return ["grants/reports/report_form.html" if writes else "grants/reports/report.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is missing before it can be sent, its papers and its stories, and the officer's answer to it."""
        accept = AcceptForm(record=self.object)
        return super().get_context_data(**report_page(self.object), accept=accept, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save; the button “Send” sends what was saved."""
        response = super().form_valid(form)
        if form.errors or "send" not in self.request.POST:
            if not form.errors:
                messages.success(self.request, "Saved. You can close this page and go on later.")
            return response
        try:
            submit_report(report=self.object, by=self.request.user)
        except Refused as refusal:
            self.object = self.get_object()
            if not self.object.is_open:
                raise
            return super().form_invalid(form.unsent(self.object, refusal.blockers))
        messages.success(self.request, "Your report is sent. We read it and write to you.")
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what was typed; who saves again after somebody else did keeps what stands on the page."""
        if form.non_field_errors():
            form.data = form.data.copy()
            form.data["edition"] = self.get_object().edition
        return super().form_invalid(form)


class AutosaveView(ReportPage, View):
    """Saves what the partner has typed so far; fields that cannot be read yet are named and left as they were."""

    permission_required = "grants.write_report"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> JsonResponse:  # noqa: ARG002 picked by get_object
        """Save it, and say when; or say that it was sent, or that somebody else has written since."""
        form = ReportForm(request.POST, record=self.get_object())
        form.is_valid()
        try:
            saved = form.save(by=request.user, is_autosave=True)
        except Refused as refusal:
            return JsonResponse({"reason": str(refusal.blockers[0])}, status=422)
        except ValidationError as error:
            return JsonResponse({"reason": " ".join(error.messages)}, status=409)
        unread = [str(form.fields[name].label) for name in form.errors if name in form.fields]
        at = f"{shown(saved.saved_at):%H:%M}" if saved.saved_at else ""
        return JsonResponse({"edition": saved.edition, "saved": at, "unread": unread})


class AcceptView(ReportPage, ActionFormView):
    """Accept a report; one whose lines nobody agrees to comes back with the question."""

    permission_required = "grants.answer_report"
    http_method_names = ["post"]
    form_class = AcceptForm
    template_name = "grants/reports/report.html"
    success_message = "The report is accepted. The partner is told."

    def get_object(self, queryset: Any = None) -> Report:
        """Return the report. Raises Refused where it does not wait for an answer, and while it is held."""
        found: Report = super().get_object(queryset)
        if reasons := transition_blockers(found, "accept"):
            raise Refused(reasons, subject=found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the report around the question."""
        context = super().get_context_data(**report_page(self.object), **kwargs)
        return {**context, "accept": context["form"]}


class SendBackView(ReportPage, ActionFormView):
    """Send a report back with a question."""

    permission_required = "grants.answer_report"
    form_class = SendBackForm
    template_name = "grants/reports/send_back.html"
    success_message = "The report went back with your question."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; a report that does not wait for an answer leads to its page."""
        if self.object.state != Report.State.SUBMITTED:
            return HttpResponseRedirect(self.object.get_absolute_url())
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_success_url(self) -> str:
        """Go to the reports that wait."""
        return reverse("grants:reports") + "?show=waiting"


class PublishView(ReportPage, ActionFormView):
    """Publish a report: a page of its own, since everybody reads it then."""

    permission_required = "grants.publish_report"
    form_class = PublishForm
    template_name = "grants/reports/publish.html"
    success_message = "The report is published. The campaign page leads to it."

    def get_object(self, queryset: Any = None) -> Report:
        """Return the report. Raises Refused before it is accepted, once it is published, and while it is held."""
        found: Report = super().get_object(queryset)
        if reasons := transition_blockers(found, "publish"):
            raise Refused(reasons, subject=found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what stands in the way of each story."""
        today = timezone.localdate()
        stories = [(story, story.show_blockers(today)) for story in self.object.stories.for_page()]
        return super().get_context_data(stories=stories, partner=self.object.grant.submission.organisation, **kwargs)

    def get_success_url(self) -> str:
        """Show it as the public reads it."""
        return str(self.object.public_path)
