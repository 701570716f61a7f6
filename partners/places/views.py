"""The pages of closed places: the list, one begins, one ends."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.generic import FormView, ListView

from partners.places.development import edition_on
from partners.places.forms import EmbargoForm, EndForm
from partners.places.models import Embargo
from vetting_portal.views.base import ActionFormView, RoleMixin, add_errors


class EmbargoListView(RoleMixin, ListView[Embargo]):
    """Every closed place with its dates and its source, those of now first."""

    permission_required = "partners.view_embargoes"
    template_name = "partners/places/list.html"

    def get_queryset(self) -> Any:
        """Return what this user may see, with who recorded and ended it."""
        return Embargo.objects.visible_to(self.request.user).select_related("recorded_by", "ended_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Part the list by what holds today, and name the table of human development."""
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        rows = list(context["object_list"])
        return {
            **context,
            "closed": [row for row in rows if row.until_on is None or row.until_on >= today],
            "past": [row for row in rows if row.until_on is not None and row.until_on < today],
            "today": today,
            "edition": edition_on(today),
            "may_change": self.request.user.has_perm("partners.change_embargoes"),
        }


class EmbargoAddView(RoleMixin, FormView[EmbargoForm]):
    """Closes a place."""

    permission_required = "partners.change_embargoes"
    form_class = EmbargoForm
    template_name = "partners/places/add.html"
    success_url = reverse_lazy("partners:places")

    def form_valid(self, form: EmbargoForm) -> HttpResponse:
        """Run the action; what it refuses goes back to its field."""
        try:
            made = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, f"Recorded: {made.name} is closed from {made.since_on:%-d %B %Y}.")
        return super().form_valid(form)

    def form_invalid(self, form: EmbargoForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class EmbargoEndView(ActionFormView):
    """Ends a closed place."""

    model = Embargo
    permission_required = "partners.change_embargoes"
    form_class = EndForm
    template_name = "partners/places/end.html"
    success_message = "Recorded. From the day after, the place is open."

    def get_success_url(self) -> str:
        """Return to the list."""
        return reverse("partners:places")
