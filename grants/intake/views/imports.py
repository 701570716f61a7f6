"""The pages of imports: send a file, say its columns, see how it goes, record it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.generic import DetailView

from grants.campaigns.views.pages import CampaignPage
from grants.intake.actions import discard_import, start_import
from grants.intake.forms import ColumnsForm, ImportForm
from grants.intake.models import GiftImport
from vetting_portal.views.base import PER_PAGE, ActionFormView, ConfirmMixin, PageMixin, TransitionView
from vetting_portal.workflow import Refused


class TakesGifts(CampaignPage):
    """A page that records gifts: refused before the campaign opens."""

    permission_required = "grants.record_gift"

    def get_object(self, queryset: Any = None) -> Any:
        """Return the campaign. Raises Refused when it is not open yet."""
        campaign = super().get_object(queryset)
        if not campaign.takes_records:
            raise Refused(["The campaign is not open yet."], subject=campaign)
        return campaign

    def get_success_url(self) -> str:
        """Go back to the ledger."""
        return str(self.object.get_absolute_url())  # type: ignore[attr-defined]


class ImportNewView(TakesGifts, ActionFormView):
    """Send a file of gifts."""

    form_class = ImportForm
    template_name = "grants/intake/import_new.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the imports of this campaign, newest first."""
        imports = GiftImport.objects.filter(campaign=self.object).order_by("-pk")[:10]
        return super().get_context_data(imports=imports, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Begin, and go to the import's page."""
        self.begun = form
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Go to the import."""
        return str(self.begun.begun.get_absolute_url())


class ImportPage(PageMixin):
    """Finds an import with its campaign."""

    model = GiftImport

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return GiftImport.objects.visible_to(self.request.user).for_page()


class ImportView(ImportPage, DetailView[GiftImport]):
    """One import: how far it is, what is wrong with it, what recording it would bring."""

    permission_required = "grants.view_intake"
    template_name = "grants/intake/import.html"
    context_object_name = "gift_import"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of what is wrong, and why it cannot start."""
        faults = Paginator(self.object.faults.order_by("line", "pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        extra = {"faults": faults, "blockers": self.object.start_blockers(), "campaign": self.object.campaign}
        return super().get_context_data(**extra, **kwargs)


class ColumnsView(ImportPage, ActionFormView):
    """Say which column is what."""

    permission_required = "grants.import_gifts"
    form_class = ColumnsForm
    template_name = "grants/intake/columns.html"
    success_message = "The columns are remembered for this source. The file is being read."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form. Raises Refused where the file is not there any more."""
        if self.object.file_id is None:
            raise Refused(["This file is not there any more. Send it again."], subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Go to the import."""
        return str(self.object.get_absolute_url())


class StartView(ImportPage, TransitionView):
    """Record the gifts of a file."""

    permission_required = "grants.import_gifts"
    action = start_import
    argument = "gift_import"
    success_message = "The gifts are being recorded. You can close this page."


class DiscardView(ConfirmMixin, ImportPage, TransitionView):
    """Give an import up, after a page that says what happens then."""

    question = "Discard this import?"
    consequence = "Nothing of the file is recorded, and what was read of it is removed. You can import the file again."
    confirm_label = "Discard import"

    permission_required = "grants.import_gifts"
    action = discard_import
    argument = "gift_import"
    success_message = "The import is given up. Nothing of it was recorded."
