"""The payments of one grant: what is payable, each payment with its next step, and the page of each step."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.views.generic import DetailView, ListView

from grants.agreements.models import Grant
from grants.campaigns.models import Campaign
from grants.payments.actions import resume_payment
from grants.payments.due import is_empty, money_of, promised
from grants.payments.forms import BounceForm, CancelForm, HoldForm, PaidForm, ReleaseForm
from grants.payments.models import Tranche
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import Refused, transition_blockers


class PaymentsView(PageMixin, DetailView[Grant]):
    """The money of a grant: payable today, paid, left, Schedule B as it stands; and what to do about each payment."""

    model = Grant
    lookup = "number"
    permission_required = "grants.view_payments"
    template_name = "grants/payments/payments.html"
    context_object_name = "grant"

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Grant.objects.visible_to(self.request.user).for_page()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the figures, and the first open payment with what stands in its way."""
        campaign = Campaign.objects.with_grant().filter(grant=self.object).first()
        figures: dict[str, Any] = money_of(campaign) if campaign else {"payments": []}
        prefetch_related_objects([row.tranche for row in figures["payments"]], "arrivals")
        open_ = (row for row in figures["payments"] if row.tranche.state not in {"paid", "cancelled"})
        first = next(open_, None)
        blockers, user = [], self.request.user
        if first and first.tranche.state == "scheduled":
            blockers = [*transition_blockers(first.tranche, "release"), *first.tranche.people_blockers(user)]
        elif first and first.tranche.state == "released":
            blockers = first.tranche.payer_blockers(user)
        return super().get_context_data(
            campaign=campaign,
            figures=figures,
            first=first,
            blockers=blockers,
            is_empty=campaign is not None and first is not None and is_empty(campaign, first),
            partner=self.object.submission.organisation,
            bank_blockers=self.object.bank_blockers(),
            **kwargs,
        )


class _StepPage(PageMixin):
    """Finds a payment with its grant and partner."""

    model = Tranche
    request: HttpRequest
    moves = ""

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Tranche.objects.visible_to(self.request.user).for_list()


class _StepForm(_StepPage, ActionFormView):
    """A page about one step of one payment; a payment that cannot take it now is refused with why."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. Raises Refused where the payment stands elsewhere."""
        if blockers := self.blockers():
            raise Refused(blockers, subject=self.object)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def blockers(self) -> list[Any]:
        """Return why this step cannot be taken."""
        return list(transition_blockers(self.object, self.moves))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the grant and what the payment comes to."""
        grant = self.object.grant
        amount = self.object.committed_minor
        if amount is None and (campaign := Campaign.objects.with_grant().filter(grant=grant).first()):
            rows = money_of(campaign)["payments"]
            amount = next(row.amount_minor for row in rows if row.tranche.pk == self.object.pk)
        return super().get_context_data(
            tranche=self.object, grant=grant, partner=self.object.organisation, amount_minor=amount, **kwargs
        )

    def get_success_url(self) -> str:
        """Go back to the payments of the grant."""
        return str(self.object.get_absolute_url())


class ReleaseView(_StepForm):
    """Release a payment, after what is released was read."""

    permission_required = "grants.release_payment"
    form_class: Any = ReleaseForm
    template_name = "grants/payments/release.html"
    success_message = "The payment is released. Finance puts it into the file for the bank."
    moves = "release"

    def blockers(self) -> list[Any]:
        """Return every condition that does not hold, and that another person releases."""
        return [*super().blockers(), *self.object.people_blockers(self.request.user)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the account."""
        details = self.object.organisation.bank_details.current().first()
        return super().get_context_data(details=details, **kwargs)


class PaidView(_StepForm):
    """Record that the bank has paid."""

    permission_required = "grants.record_payment"
    form_class: Any = PaidForm
    template_name = "grants/payments/paid.html"
    success_message = "The payment is recorded as paid. The partner is told."
    moves = "pay"

    def blockers(self) -> list[Any]:
        """Return why not, and that another person records it."""
        return [*super().blockers(), *self.object.payer_blockers(self.request.user)]


class BounceView(_StepForm):
    """Record that the bank returned a payment."""

    permission_required = "grants.bounce_payment"
    form_class: Any = BounceForm
    template_name = "grants/payments/bounce.html"
    success_message = (
        "The payment is on hold. The partner is notified, or will be once its organisation is no longer held."
    )
    moves = "bounce"


class HoldView(_StepForm):
    """Hold a payment."""

    permission_required = "grants.hold_payment"
    form_class: Any = HoldForm
    template_name = "grants/payments/reason.html"
    success_message = "The payment is held."
    moves = "hold"
    extra_context = {
        "verb": "Hold",
        "consequence": "It is not paid until somebody puts it back. A release of it is void.",
    }


class CancelView(_StepForm):
    """Cancel a payment."""

    permission_required = "grants.cancel_payment"
    form_class: Any = CancelForm
    template_name = "grants/payments/reason.html"
    success_message = "The payment is cancelled."
    moves = "cancel"
    extra_context = {
        "verb": "Cancel",
        "consequence": "It is never paid, and its share stays unpaid. This cannot be undone.",
    }


class ResumeView(_StepPage, TransitionView):
    """Put a held payment back on the schedule."""

    permission_required = "grants.hold_payment"
    action = resume_payment
    argument = "tranche"
    success_message = "The payment is back on the schedule."


class PartnerPaymentsView(RoleMixin, ListView[Tranche]):
    """What the partner was paid and when, and what is still to come."""

    template_name = "grants/payments/partner_payments.html"
    permission_required = "grants.list_own_payments"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the payments to the organisations this user acts for."""
        return Tranche.objects.of_partner(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add to each payment what it comes to, once the campaign is closed."""
        context = super().get_context_data(**kwargs)
        shown = list(context["page_obj"])
        return {**context, "rows": list(zip(shown, promised(shown), strict=True))}
