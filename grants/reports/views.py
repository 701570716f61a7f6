"""The pages of reports: the partner writes and sends, the officer accepts or asks."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView

from grants.reports.actions import accept_report, submit_report
from grants.reports.forms import ReportForm, SendBackForm
from grants.reports.models import Report
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import transition_blockers


class ReportPage(PageMixin):
    """Finds a report with its grant and partner."""

    model = Report
    permission_required = "grants.view_report"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Report.objects.visible_to(self.request.user).for_list().select_related("submitted_by", "returned_by")


class ReportListView(RoleMixin, ListView[Report]):
    """Every report of every grant: those that wait for an answer first."""

    template_name = "grants/reports/reports.html"
    permission_required = "grants.list_reports"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see; with ?show=waiting those that wait."""
        rows = Report.objects.visible_to(self.request.user)
        return rows.to_accept() if self.request.GET.get("show") == "waiting" else rows.for_list()

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
        """Add what is missing before it can be sent."""
        missing = transition_blockers(self.object, "submit") if self.object.is_open else []
        partner = self.object.grant.submission.organisation
        return super().get_context_data(report=self.object, missing=missing, partner=partner, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save; the button “Send” sends what was saved."""
        response = super().form_valid(form)
        if form.errors or "send" not in self.request.POST:
            if not form.errors:
                messages.success(self.request, "Saved. You can close this page and go on later.")
            return response
        submit_report(report=self.object, by=self.request.user)
        messages.success(self.request, "Your report is sent. We read it and write to you.")
        return response

    def get_success_url(self) -> str:
        """Stay on the report."""
        return str(self.object.get_absolute_url())


class AcceptView(ReportPage, TransitionView):
    """Accept a report."""

    permission_required = "grants.answer_report"
    action = accept_report
    argument = "report"
    success_message = "The report is accepted. The partner is told."


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
