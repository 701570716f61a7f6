"""A donor's match receipt behind its link, the proof step by step, the form that asks for it, and the staff's page."""

from http import HTTPStatus
from typing import Any

from allauth.core.internal.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, FormView, View

from grants.campaigns.models import Campaign, Gift
from grants.campaigns.views.gifts import GiftPage
from grants.public.actions import make_link, receipt_url, revoke_links, send_blockers, send_receipt
from grants.public.forms import AskForm
from grants.public.models import ReceiptLink
from grants.public.receipts import Receipt, receipt_of
from vetting_portal.models import User
from vetting_portal.views.base import ConfirmMixin, TransitionView

LIMITS = {"receipt": "30/h/ip,5/h/key"}
TOO_MANY = "Receipts were asked for too often from here in the last hour. Try again in an hour."


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByLink(View):
    """A page that the link to a receipt opens: for no search engine, and telling no other site of the link."""

    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the token out of search engines, and out of what other pages are told."""
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def receipt(self) -> Receipt | None:
        """Return the receipt that the token opens, None where it opens nothing."""
        link = ReceiptLink.objects.opened_by(self.kwargs["token"]).first()
        return receipt_of(link.gift) if link else None

    def show(self, template: str, receipt: Receipt) -> HttpResponse:
        """Show a page about the receipt."""
        campaign = receipt.campaign
        context = {
            "receipt": receipt,
            "gift": receipt.gift,
            "proof": receipt.proof,
            "statement": receipt.statement,
            "campaign": campaign,
            "grant": campaign.grant,
            "partner": campaign.grant.submission.organisation,
            "token": self.kwargs["token"],
        }
        return render(self.request, template, context)


class ReceiptView(ByLink):
    """The receipt: the gift, its match and why."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show it, or say that the link opens nothing."""
        receipt = self.receipt()
        if receipt is None:
            return render(request, "grants/public/receipt_closed.html", status=HTTPStatus.NOT_FOUND)
        return self.show("grants/public/receipt.html", receipt)


class ReceiptJsonView(ByLink):
    """The receipt as data, for ``tools/verify_receipt.py``."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the data as a file."""
        receipt = self.receipt()
        if receipt is None:
            raise Http404
        response = JsonResponse(receipt.as_json(), json_dumps_params={"indent": 1, "ensure_ascii": False})
        name = f"receipt-{receipt.campaign.grant.number}-{receipt.gift.seq}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class ProofView(ByLink):
    """Every step from the donor's line to the root in the sealed statement, and how to take them by hand."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show the steps; 404 while there is no proof."""
        receipt = self.receipt()
        if receipt is None or receipt.proof is None:
            return render(request, "grants/public/receipt_closed.html", {"receipt": receipt}, status=404)
        return self.show("grants/public/proof.html", receipt)


@method_decorator([login_not_required, never_cache], name="dispatch")
class AskView(FormView[AskForm]):
    """A donor asks for receipts by the address given with the gifts. The answer never says whether one is on record."""

    form_class = AskForm
    template_name = "grants/public/ask.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the campaign first."""
        self.campaign = get_object_or_404(Campaign.objects.public(), slug=kwargs["slug"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the campaign to the form."""
        return {**super().get_form_kwargs(), "campaign": self.campaign}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the campaign."""
        return super().get_context_data(campaign=self.campaign, **kwargs)

    def form_valid(self, form: AskForm) -> HttpResponse:
        """Ask for the letter, and say the same to everybody; so many an hour from one network and for one address."""
        key = form.cleaned_data["email"].casefold()
        if not consume(self.request, app="grants", action="receipt", key=key, config=LIMITS):
            context = self.get_context_data(form=form, refusal=TOO_MANY)
            return self.render_to_response(context, status=HTTPStatus.TOO_MANY_REQUESTS)
        form.save(by=User.objects.system("background"))
        return self.render_to_response(self.get_context_data(form=form, sent=True))

    def form_invalid(self, form: AskForm) -> HttpResponse:
        """Show the form again, as 422."""
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)


class LinksView(GiftPage, DetailView[Gift]):
    """The staff's page of a gift's receipt: which links there are, and the ways to hand one on."""

    permission_required = "grants.issue_receipt"
    template_name = "grants/public/links.html"
    context_object_name = "gift"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the links, and why none can be mailed."""
        return super().get_context_data(
            links=self.object.receipt_links.select_related("made_by", "revoked_by").order_by("-pk"),
            blockers=send_blockers(self.object),
            campaign=self.object.campaign,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Make a link and show it this once: it is kept nowhere."""
        self.object = self.get_object()
        url = receipt_url(make_link(gift=self.object, by=request.user))
        return self.render_to_response(self.get_context_data(fresh_url=url))


class SendView(GiftPage, TransitionView):
    """Mail the receipt to the donor."""

    permission_required = "grants.issue_receipt"
    action = send_receipt
    argument = "gift"
    success_message = "The receipt is on its way."

    def get_success_url(self, found: Any) -> str:
        """Go back to the links."""
        return reverse("grants:receipt_links", args=[found.pk])


class RevokeView(ConfirmMixin, GiftPage, View):
    """End every link to the receipt of a gift, after a page that says what happens then."""

    permission_required = "grants.revoke_receipt"
    question = "End all links to this receipt?"
    consequence = (
        "Whoever has a link, the donor too, sees nothing at it any more. A new link can be made; "
        "old ones never work again."
    )
    confirm_label = "End all links"

    def back_url(self, found: Gift) -> str:
        """Return the page of the links."""
        return reverse("grants:receipt_links", args=[found.pk])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Revoke them."""
        gift = self.get_object()
        count = revoke_links(gift=gift, by=request.user)
        messages.success(request, "The links open nothing any more." if count else "There was no link to revoke.")
        return HttpResponseRedirect(reverse("grants:receipt_links", args=[gift.pk]))
