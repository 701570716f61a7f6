"""What finance does with the bank: what is to be paid, the file for it, its statements beside our records."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, FormView, ListView, View

from grants.payments.actions import make_payment_file, read_payment_file
from grants.payments.bankstatements import BankLine, BankStatement
from grants.payments.files import PaymentFile
from grants.payments.forms import LineForm, StatementForm
from grants.payments.models import Tranche
from grants.payments.reconciliation import reconcile
from grants.payments.unpaid import left_out_reason, stopped_reason, to_pay
from vetting_portal.duties import OpenDuty, Wanted, duties
from vetting_portal.models import Role, User
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, add_errors

SHOWN = 10
PAYERS = frozenset({Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER})


class ToPayView(RoleMixin, ListView[Tranche]):
    """Released payments, longest waiting first; payments in their turn; the files that were made."""

    permission_required = "grants.list_payments"
    template_name = "grants/payments/to_pay.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return to_pay(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what can go into a file, why the others cannot, and what waits to be released."""
        context = super().get_context_data(**kwargs)
        user = self.request.user
        for tranche in context["object_list"]:
            tranche.left_out = stopped_reason(tranche) if tranche.is_filed else left_out_reason(tranche)
            tranche.may_record = bool(user.role_keys & PAYERS) and not tranche.is_tied
        unfiled = [each for each in context["object_list"] if not each.is_filed and not each.left_out]
        files = PaymentFile.objects.visible_to(user).for_list()[:SHOWN]
        return {**context, "unfiled": unfiled, "to_release": to_release(user), "files": files}


def to_release(user: User) -> list[OpenDuty]:
    """Return the payments that can be released now: those that ``user`` may release, then those left to others."""
    wanted = Wanted(keys=frozenset({"grants.release_payment"}))
    return [*duties(user, wanted), *duties(user, replace(wanted, is_mine=False))]


class MakeFileView(RoleMixin, View):
    """Makes the file of what is released and stands in none."""

    permission_required = "grants.make_payment_file"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it and go to its page."""
        made = make_payment_file(by=request.user)
        messages.success(request, "The file is made. Download it and give it to the bank.")
        return HttpResponseRedirect(made.get_absolute_url())


class FileView(PageMixin, DetailView[PaymentFile]):
    """One file: its payments, its hash, and the button that makes it again."""

    model = PaymentFile
    permission_required = "grants.view_payment_file"
    template_name = "grants/payments/file.html"
    context_object_name = "file"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its lines."""
        lines = self.object.lines.select_related(
            "tranche__grant", "tranche__details", "details__organisation"
        ).order_by("pk")
        return super().get_context_data(lines=lines, void=[line for line in lines if line.is_void], **kwargs)


@method_decorator(never_cache, name="dispatch")
class DownloadView(PageMixin, View):
    """Sends the bytes of a file; who reads the accounts is recorded, so it is asked for by a button."""

    model = PaymentFile
    permission_required = "grants.make_payment_file"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG002 picked by key
        """Send it."""
        found = self.get_object()
        response = HttpResponse(read_payment_file(file=found, by=request.user), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="payments-{found.pk}.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


class StatementsView(RoleMixin, ListView[BankStatement]):
    """The bank statements that were uploaded, newest first."""

    permission_required = "grants.list_statements"
    template_name = "grants/payments/statements.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return BankStatement.objects.visible_to(self.request.user).for_list()


class UploadView(RoleMixin, FormView[StatementForm]):
    """Upload a bank statement."""

    form_class = StatementForm
    permission_required = "grants.upload_statement"
    template_name = "grants/payments/statement_new.html"

    def form_valid(self, form: StatementForm) -> HttpResponse:
        """Keep it and go to its page; bad lines go back next to the field."""
        try:
            statement, is_new = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        said = "The statement is read." if is_new else "This file was here already. Nothing was added."
        messages.success(self.request, said)
        return HttpResponseRedirect(statement.get_absolute_url())

    def form_invalid(self, form: StatementForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class StatementView(PageMixin, DetailView[BankStatement]):
    """One statement beside our records: what differs, what nobody knows, what agrees."""

    model = BankStatement
    permission_required = "grants.view_bank_statement"
    template_name = "grants/payments/statement.html"
    context_object_name = "statement"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three lists."""
        return super().get_context_data(found=reconcile(self.object), **kwargs)


class LineView(ActionFormView):
    """Match a line by hand."""

    model = BankLine
    permission_required = "grants.match_line"
    form_class = LineForm
    template_name = "grants/payments/line.html"
    success_message = "The line is matched by hand."

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return BankLine.objects.visible_to(self.request.user).select_related("statement")

    def get_success_url(self) -> str:
        """Go back to the statement."""
        return reverse("grants:bank_statement", args=[self.object.statement_id])
