"""The address that Stripe writes to, and finance's page of what it told that could not be applied."""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from grants.campaigns.models import CampaignEvent
from grants.intake.actions import count_refusal, settle_event, take_event
from grants.intake.forms import AssignForm
from grants.intake.models import GiftImport, HandGift, HandLimit, StripeEvent, WebhookRefusal
from grants.intake.stripe_events import NotAnEvent, SignatureRefused, check_signature, read_event
from vetting_portal.models import User
from vetting_portal.views.base import ActionFormView, RoleMixin

logger = logging.getLogger(__name__)
SHOWN = 50


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class StripeHookView(View):
    """Takes one event: 200 once it is kept, whatever comes of it; 400 where it is not Stripe's."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the signature, keep the event, apply it at once; what fails now a task does later."""
        machine = User.objects.system("stripe")
        header = request.headers.get("Stripe-Signature", "")
        try:
            check_signature(request.body, header, settings.STRIPE_WEBHOOK_SECRETS, timezone.now())
            content = read_event(request.body)
        except (SignatureRefused, NotAnEvent) as refusal:
            count_refusal(reason=str(refusal), by=machine)
            return HttpResponse(f"{refusal}\n", status=400, content_type="text/plain; charset=utf-8")
        event = take_event(content=content, by=machine)
        try:
            settle_event(event, machine)
        except Exception:
            logger.exception("Stripe's event %s is kept; its task applies it", event.event_id)
        return HttpResponse("Kept.\n", content_type="text/plain; charset=utf-8")


class IntakeView(RoleMixin, TemplateView):
    """Everything that came in and waits for somebody: gifts by hand, Stripe's events, refunds, imports."""

    permission_required = "grants.view_intake"
    template_name = "grants/intake/intake.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lists, each the newest or longest waiting few."""
        waiting = CampaignEvent.objects.waiting().select_related("campaign__grant")
        return super().get_context_data(
            hand_gifts=HandGift.objects.waiting().for_page()[:SHOWN],
            events=StripeEvent.objects.to_look_at()[:SHOWN],
            waiting=waiting.order_by("recorded_at", "pk")[:SHOWN],
            imports=GiftImport.objects.for_page().order_by("-pk")[:SHOWN],
            refusals=WebhookRefusal.objects.all()[:5],
            limit=HandLimit.objects.current(),
            **kwargs,
        )


class AssignView(ActionFormView):
    """Say whose a charge is that names no campaign of ours."""

    model = StripeEvent
    permission_required = "grants.assign_charge"
    form_class = AssignForm
    template_name = "grants/intake/assign.html"
    success_message = "The charge is assigned. Its events are being applied."

    def get_success_url(self) -> str:
        """Go back to what waits."""
        return reverse("grants:intake")
