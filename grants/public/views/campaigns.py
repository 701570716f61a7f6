"""What everybody sees: the front page with the open campaigns, and each campaign's own page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView

from grants.campaigns.models import Campaign
from grants.public.card import card_content, card_key
from grants.public.figures import public_page
from vetting_portal.models import Funder
from vetting_portal.views.base import PER_PAGE


@method_decorator(login_not_required, name="dispatch")
class FrontView(ListView[Campaign]):
    """The funder's front page."""

    template_name = "grants/public/front.html"
    context_object_name = "campaigns"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the campaigns that were opened, newest first."""
        return Campaign.objects.public()


@method_decorator(login_not_required, name="dispatch")
class CampaignView(DetailView[Campaign]):
    """One campaign: so far leads, as intended is explained beside it."""

    template_name = "grants/public/campaign.html"

    def get_queryset(self) -> Any:
        """Return what anybody may see; who opens campaigns reads the page before, as it will stand."""
        return Campaign.objects.shown_to(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add figures, facts and reports, and what names the card of now."""
        funder: Funder | None = getattr(self.request, "funder", None)
        card = card_key(card_content(self.object, funder))[:16]
        return super().get_context_data(**public_page(self.object), card=card, is_own_page=True, **kwargs)
