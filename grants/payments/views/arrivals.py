"""A payment's arrival: what was said of it, and the pages on which the partner and finance say it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic import DetailView

from grants.arrivals.models import Arrival, last_word
from grants.payments.forms import ArrivalForm, MissingAnswerForm, MissingForm
from grants.payments.models import Tranche
from vetting_portal.money import plain
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Blocker, Refused


class _ArrivalPage(PageMixin):
    """Finds a payment with its grant and partner."""

    model = Tranche
    permission_required = "grants.view_arrival"
    request: HttpRequest

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Tranche.objects.visible_to(self.request.user).for_list()


class ArrivalView(_ArrivalPage, DetailView[Tranche]):
    """What was paid, everything that was said of its arrival, and what its reader can say."""

    template_name = "grants/arrivals/arrival.html"
    context_object_name = "tranche"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words, the newest first, and what to do."""
        tranche, user = self.object, self.request.user
        words = list(tranche.arrivals.select_related("said_by", "tranche__grant").order_by("-number"))
        last = words[0] if words else None
        returns = [place for place, word in enumerate(words) if word.kind == Arrival.Kind.RETURNED]
        for word in words[returns[0] :] if returns else []:
            word.is_before_return = True  # what it said was of the payment that came back
        return super().get_context_data(
            words=words,
            last=last,
            grant=tranche.grant,
            partner=tranche.organisation,
            is_staff=user.is_staff_member,
            may_confirm=tranche.state == "paid" and user.has_perm("grants.confirm_payment", tranche),
            may_answer=last is not None
            and last.kind == Arrival.Kind.MISSING
            and user.has_perm("grants.answer_missing_payment", tranche),
            may_bounce=tranche.state == Tranche.State.PAID
            and user.has_perm("grants.bounce_payment", tranche)
            and not tranche.bounce_blockers(),
            **kwargs,
        )


class _WordView(_ArrivalPage, ActionFormView):
    """A page on which a word is said about a payment that was paid."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. Raises Refused where nothing can be said now."""
        if blockers := self.blockers():
            raise Refused(blockers, subject=self.object)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def blockers(self) -> list[Blocker]:
        """Return why nothing can be said: it was not paid."""
        if self.object.state == Tranche.State.PAID:
            return []
        state = self.object.get_state_display().lower()
        return [Blocker(f"This payment is {state}.", hint="It can be confirmed once it is paid.")]

    def get_initial(self) -> dict[str, Any]:
        """Say which word the page shows."""
        self.last = last_word(self.object)
        return {"seen": self.last.number if self.last else 0}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the payment, its grant and what was said last."""
        tranche, last = self.object, last_word(self.object)
        return super().get_context_data(
            tranche=tranche, grant=tranche.grant, partner=tranche.organisation, last=last, **kwargs
        )

    def get_success_url(self) -> str:
        """Go to what was said."""
        return str(self.object.get_arrival_url())


class ConfirmView(_WordView):
    """The partner confirms a payment, or corrects what it confirmed."""

    permission_required = "grants.confirm_payment"
    form_class: Any = ArrivalForm
    template_name = "grants/arrivals/confirm.html"
    success_message = "Thank you. What you said is on record."

    def get_initial(self) -> dict[str, Any]:
        """Begin a correction with what was said before."""
        initial = super().get_initial()
        if self.last and self.last.kind == Arrival.Kind.ARRIVED:
            code = self.last.currency
            initial |= {
                "currency": code, "amount": plain(self.last.amount_minor or 0, code),
                "charges": plain(self.last.charges_minor or 0, code), "arrived_on": self.last.arrived_on,
            }  # fmt: skip
        return initial


class MissingView(_WordView):
    """The partner says that a payment has not arrived."""

    permission_required = "grants.confirm_payment"
    form_class: Any = MissingForm
    template_name = "grants/arrivals/missing.html"
    success_message = "We look for the payment and write to you."


class AnswerView(_WordView):
    """Finance tells the partner what it found."""

    permission_required = "grants.answer_missing_payment"
    form_class: Any = MissingAnswerForm
    template_name = "grants/arrivals/answer.html"
    success_message = "The partner is notified."

    def blockers(self) -> list[Blocker]:
        """Return why there is nothing to answer."""
        last = last_word(self.object)
        if last is not None and last.kind == Arrival.Kind.MISSING:
            return []
        return [Blocker("The partner does not miss this payment now.")]
