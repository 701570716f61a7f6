"""The pages of consents: those of a grant, a new one, one with where it was used, and its withdrawal."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView

from grants.agreements.models import Grant
from grants.reports.forms import ConsentForm, WithdrawForm
from grants.reports.models import Consent, Showing
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Blocker, Refused


class GrantPage(PageMixin):
    """Finds a grant by its number, for who may read its consents."""

    model = Grant
    lookup = "number"
    permission_required = "grants.view_consent"

    def get_queryset(self) -> QuerySet[Grant]:
        """Return what this user may see, with its partner."""
        return Grant.objects.visible_to(self.request.user).select_related("submission__organisation")


class ConsentListView(GrantPage, DetailView[Grant]):
    """Every consent of a grant, with whether it holds."""

    template_name = "grants/reports/consents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the consents."""
        today = timezone.localdate()
        consents = [(consent, consent.state_on(today)) for consent in self.object.consents.all()]
        return super().get_context_data(grant=self.object, consents=consents, **kwargs)


class ConsentNewView(GrantPage, ActionFormView):
    """Put a consent on record."""

    permission_required = "grants.record_consent"
    form_class = ConsentForm
    template_name = "grants/reports/consent_form.html"
    success_message = "The consent is on record. It can be withdrawn at any time."

    def get_object(self, queryset: Any = None) -> Grant:
        """Return the grant. Raises Http404 where it promises nothing yet, or no longer."""
        found: Grant = super().get_object(queryset)
        if found.in_force_at is None:
            raise Http404
        return found

    def get_success_url(self) -> str:
        """Go to the consents of the grant."""
        return reverse("grants:consents", args=[self.object.number])


class ConsentPage(PageMixin):
    """Finds a consent with its grant."""

    model = Consent
    permission_required = "grants.view_consent"

    def get_queryset(self) -> QuerySet[Consent]:
        """Return what this user may see."""
        return Consent.objects.visible_to(self.request.user).for_page()


class ConsentView(ConsentPage, DetailView[Consent]):
    """One consent: who, what for, until when, how; and where its stories stood, since and until when."""

    template_name = "grants/reports/consent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its state today, and every showing."""
        showings = Showing.objects.filter(story__consent=self.object).select_related("story", "until_by")
        state = self.object.state_on(timezone.localdate())
        return super().get_context_data(consent=self.object, showings=showings, state=state, **kwargs)


class WithdrawView(ConsentPage, ActionFormView):
    """Withdraw a consent: a page of its own that says what happens then."""

    permission_required = "grants.withdraw_consent"
    form_class = WithdrawForm
    template_name = "grants/reports/withdraw.html"
    success_message = "The consent is withdrawn. What was shown by it is off the public pages."

    def get_object(self, queryset: Any = None) -> Consent:
        """Return the consent. Raises Refused where it is withdrawn already."""
        found: Consent = super().get_object(queryset)
        if found.withdrawn_at is not None:
            raise Refused([Blocker("This consent was withdrawn already.")], subject=found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where its stories stand now."""
        standing = Showing.objects.filter(story__consent=self.object, until_at__isnull=True).select_related("story")
        return super().get_context_data(consent=self.object, standing=standing, **kwargs)

    def get_success_url(self) -> str:
        """Show the consent, with where it was used."""
        return str(self.object.get_absolute_url())
