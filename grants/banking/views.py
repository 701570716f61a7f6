"""The pages of bank details: the partner's own, the checks, what waits."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, ListView, View

from grants.banking.actions import approve_details, attach_letter, read_account
from grants.banking.forms import BankForm, CallForm, NumberForm, RefuseForm
from grants.banking.models import BankDetails
from partners.organisations.models import Organisation
from reviews.screening.bank_gate import bank_standing
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import Refused


class BankView(PageMixin, DetailView[Organisation]):
    """Where an organisation is paid: the details of now, how they were checked, and those before."""

    model = Organisation
    permission_required = "grants.view_bank"
    template_name = "grants/banking/bank.html"
    context_object_name = "organisation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions, and what this user may do."""
        user = self.request.user
        versions = list(BankDetails.objects.visible_to(user).filter(organisation=self.object).for_page())
        current = next((one for one in versions if one.superseded_at is None), None)
        may_check = user.has_perm("grants.check_bank", self.object)
        extra: dict[str, Any] = {}
        if may_check and current:
            extra = {
                "call_blockers": current.call_blockers(user),
                "approve_blockers": current.approve_blockers(user),
                "is_shared": current.is_shared(),
            }
        return super().get_context_data(
            current=current,
            earlier=[one for one in versions if one is not current],
            standing=bank_standing(self.object),
            numbers=self.object.held_numbers.select_related("recorded_by") if may_check else [],
            may_check=may_check,
            may_enter=user.has_perm("grants.enter_bank", self.object),
            may_read=user.has_perm("grants.read_account", self.object),
            **extra,
            **kwargs,
        )


class EnterView(ActionFormView):
    """The owner enters the account, or a new one."""

    model = Organisation
    permission_required = "grants.enter_bank"
    form_class = BankForm
    template_name = "grants/banking/enter.html"
    success_message = (
        "We have your bank details. We call you at a number that we had before, then somebody approves them."
    )

    def get_success_url(self) -> str:
        """Show what was entered."""
        return reverse("grants:bank", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether it replaces something."""
        current = BankDetails.objects.current().filter(organisation=self.object).first()
        return super().get_context_data(current=current, **kwargs)


class NumberView(ActionFormView):
    """Records a telephone number that we hold."""

    model = Organisation
    permission_required = "grants.check_bank"
    form_class = NumberForm
    template_name = "grants/banking/number.html"
    success_message = "The number is recorded. It counts for bank details that come from now on."

    def get_success_url(self) -> str:
        """Go back to the details."""
        return reverse("grants:bank", args=[self.object.pk])


class _DetailsPage(PageMixin):
    model = BankDetails
    check = "grants.check_bank"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return BankDetails.objects.visible_to(self.request.user).for_page()

    def get_object(self, queryset: Any = None) -> Any:
        """Return the details to who may check those of their organisation. Raises PermissionDenied, Http404."""
        found = super().get_object(queryset)
        if not self.request.user.has_perm(self.check, found.organisation):
            raise PermissionDenied(self.check)
        return found


class CallView(_DetailsPage, ActionFormView):
    """Records the call."""

    form_class: Any = CallForm
    template_name = "grants/banking/call.html"
    success_message = "The call is recorded. A second person approves the details."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form. Raises Refused where there is nothing to call about, or no number to call."""
        if blockers := self.object.call_blockers(request.user):
            raise Refused(blockers, title="There is nothing to call about now", subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_success_url(self, found: Any = None) -> str:  # noqa: ARG002 one page
        """Go back to the details."""
        return str(self.object.get_absolute_url())


class RefuseView(CallView):
    """Refuses the details."""

    form_class = RefuseForm
    template_name = "grants/banking/refuse.html"
    success_message = "Refused. The partner is told why."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form. Raises Refused where they are refused or replaced."""
        if self.object.step in {"refused", "superseded"}:
            raise Refused(self.object.open_blockers(), subject=self.object)
        return ActionFormView.get(self, request, *args, **kwargs)


class ApproveView(_DetailsPage, TransitionView):
    """The second person approves."""

    action = approve_details
    argument = "details"
    success_message = "The bank details are approved, for twelve months or until they change."


class LetterView(_DetailsPage, TransitionView):
    """Takes the newest letter of the vault."""

    action = attach_letter
    argument = "details"
    success_message = "The newest letter belongs to these details now."


@method_decorator(never_cache, name="dispatch")
class AccountView(_DetailsPage, View):
    """Shows the whole number once; who read it is recorded."""

    check = "grants.read_account"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG002 picked by key
        """Read it."""
        details = self.get_object()
        account = read_account(details=details, by=request.user)
        groups = [account[start : start + 4] for start in range(0, len(account), 4)]
        context = {"details": details, "groups": groups}
        return render(request, "grants/banking/account.html", context)


class WaitingView(RoleMixin, ListView[BankDetails]):
    """Bank details that wait for a call or for the second person."""

    permission_required = "grants.list_bank"
    template_name = "grants/banking/waiting.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see, longest waiting first."""
        return BankDetails.objects.visible_to(self.request.user).waiting()
