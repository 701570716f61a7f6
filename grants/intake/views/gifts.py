"""The pages of single gifts: one by hand, a second person's word, a corrected eligibility, a forgotten donor."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.views.generic import DetailView, FormView

from grants.campaigns.models import Donor, Gift
from grants.campaigns.views.gifts import GiftPage
from grants.intake.actions import confirm_gift
from grants.intake.forms import EligibilityForm, ForgetForm, GiftForm, HandLimitForm, RefuseGiftForm
from grants.intake.models import HandGift, HandLimit
from grants.intake.views.imports import TakesGifts
from vetting_portal.money import format_amount
from vetting_portal.views.base import ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import Refused


class GiftNewView(TakesGifts, ActionFormView):
    """Record one gift: a cheque or a transfer."""

    form_class = GiftForm
    template_name = "grants/intake/gift_new.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add from which amount a second person confirms."""
        return super().get_context_data(limit=HandLimit.objects.current(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Record it and say what it earned, or that it waits."""
        response = super().form_valid(form)
        gift = form.saved
        if isinstance(gift, HandGift):
            messages.success(self.request, "This gift is above the limit: it waits for a second person.")
        elif isinstance(gift, Gift):
            matched = format_amount(gift.matched_minor, gift.currency)
            messages.success(self.request, f"Gift {gift.seq} is recorded. Matched: {matched}.")
        return response


class HandGiftPage(PageMixin):
    """Finds a gift that waits, or waited, for a second person."""

    model = HandGift

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return HandGift.objects.visible_to(self.request.user).for_page()


class HandGiftView(HandGiftPage, DetailView[HandGift]):
    """One gift by hand: what was entered, by whom, and what came of it."""

    permission_required = "grants.view_intake"
    template_name = "grants/intake/hand_gift.html"
    context_object_name = "hand_gift"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether this user entered it."""
        is_mine = self.object.entered_by_id == self.request.user.pk
        return super().get_context_data(campaign=self.object.campaign, is_mine=is_mine, **kwargs)


class ConfirmView(HandGiftPage, TransitionView):
    """Confirm it: it is recorded and matched."""

    permission_required = "grants.confirm_gift"
    action = confirm_gift
    argument = "hand_gift"

    def message(self, moved: HandGift) -> str:
        """Say what it is matched with, or why it is not."""
        gift = moved.gift
        if gift is None:
            raise ValueError(f"{moved} was confirmed and has no gift.")
        matched = format_amount(gift.matched_minor, gift.currency)
        is_capped = gift.matched_minor < gift.entitled_minor
        why = (
            f" {gift.ineligible_reason}"
            if gift.ineligible_reason
            else " A cap on the match was reached."
            if is_capped
            else ""
        )
        return f"The gift is confirmed and recorded. Matched: {matched}.{why}"


class RefuseView(HandGiftPage, ActionFormView):
    """Refuse it, with a reason."""

    permission_required = "grants.refuse_gift"
    form_class = RefuseGiftForm
    template_name = "grants/intake/hand_gift_refuse.html"
    success_message = "The gift is refused. Nothing was recorded."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form. Raises Refused where it has ended."""
        if self.object.step != "waiting":
            raise Refused(["This gift was confirmed or refused already."], subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Go to the gift."""
        return str(self.object.get_absolute_url())


class HandLimitView(RoleMixin, FormView[HandLimitForm]):
    """Set from which amount a gift by hand needs a second person."""

    permission_required = "grants.set_hand_limit"
    form_class = HandLimitForm
    template_name = "grants/intake/limit.html"
    success_url = reverse_lazy("grants:hand_limit")

    def form_valid(self, form: HandLimitForm) -> HttpResponse:
        """Set it."""
        form.save(by=self.request.user)
        messages.success(self.request, "The limit is set. What waits already still waits.")
        return HttpResponseRedirect(str(self.success_url))

    def form_invalid(self, form: HandLimitForm) -> HttpResponse:
        """Show the form again, as 422."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class EligibilityView(GiftPage, ActionFormView):
    """Correct whether a gift is matched."""

    permission_required = "grants.correct_eligibility"
    form_class = EligibilityForm
    template_name = "grants/intake/eligibility.html"
    success_message = "The eligibility is corrected, and the match follows."

    def get_success_url(self) -> str:
        """Go to the gift."""
        return reverse("grants:gift", args=[self.object.pk])


class ForgetView(ActionFormView):
    """Forget who a donor is."""

    model = Donor
    permission_required = "grants.erase_donor"
    form_class = ForgetForm
    template_name = "grants/intake/forget.html"
    success_message = "Name and address are erased. The gifts and their sums stay."

    def get_queryset(self) -> Any:
        """Return the donor to who may see it."""
        return Donor.objects.visible_to(self.request.user).for_page()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the gifts that stay."""
        gifts = self.object.gifts.order_by("seq")
        return super().get_context_data(gifts=gifts, campaign=self.object.campaign, **kwargs)

    def get_success_url(self) -> str:
        """Go to the ledger."""
        return str(self.object.campaign.get_absolute_url())
