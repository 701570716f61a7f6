"""What would it pay? Tried with other figures by a button; nothing is saved."""

from typing import Any

from django.views.generic import DetailView

from grants.agreements.forms.outlook import OutlookForm, initial_of
from grants.agreements.models import Grant
from grants.agreements.outlook import OWN, answer
from grants.agreements.views.grants import GrantPage
from grants.matching.outlook import as_of, source


class OutlookView(GrantPage, DetailView[Grant]):
    """Payable, the gap to the goal and when the cap is reached, by three patterns of gifts."""

    template_name = "grants/agreements/outlook.html"
    permission_required = "grants.list_grants"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form with what was tried, and the answer; a wrong figure gives no answer, and says why."""
        grant = self.object
        tried = bool(self.request.GET)
        form = OutlookForm(self.request.GET if tried else initial_of(grant), grant=grant)
        told = answer(grant, form.cleaned_data) if form.is_valid() else None
        shown = {"form": form, "tried": tried, "has_own_fee": form["fee"].value() == OWN}
        return super().get_context_data(grant=grant, answer=told, as_of=as_of(), source=source(), **shown, **kwargs)
