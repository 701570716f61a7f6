"""Erasing a person: find the records that name them, read what goes and what stays, and confirm with the reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.views.generic import FormView, TemplateView

from vetting_portal.erasing import Erasable, erasables, plan_of, search
from vetting_portal.forms import EraseForm
from vetting_portal.views.base import RoleMixin, add_errors


def _page_of(kind: Erasable, row: Any) -> str:
    return reverse("portal:erase", args=[kind.key, row.pk])


class ErasureView(RoleMixin, TemplateView):
    """Finds every record that names a person, by name or address."""

    permission_required = "portal.erase_people"
    template_name = "portal/erasure.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was found, each record with the page that erases it."""
        words = self.request.GET.get("q", "").strip()[:200]
        found = [
            (kind.label, kind.describe(row), kind.url(row) if kind.url else _page_of(kind, row))
            for kind, rows in search(words)
            for row in rows
        ]
        return super().get_context_data(words=words, found=found, **kwargs)


def _picked(kind: str, pk: int) -> tuple[Erasable, Callable[..., Any], Any]:
    """Return the kind, its action and the record. Raises Http404 where there is no such page or record."""
    found = next((one for one in erasables() if one.key == kind and one.erase), None)
    if found is None or found.erase is None:
        raise Http404
    return found, found.erase, get_object_or_404(found.model, pk=pk)


class EraseView(RoleMixin, FormView[EraseForm]):
    """What goes, what stays and why, what has to end first; then the reason and the one button."""

    permission_required = "portal.erase_people"
    template_name = "portal/erase.html"
    form_class = EraseForm
    success_url = reverse_lazy("portal:erasure")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the plan."""
        kind, _, person = _picked(**self.kwargs)
        return super().get_context_data(
            label=kind.label,
            person=kind.describe(person),
            is_erased=kind.is_erased(person),
            plan=plan_of(person),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        """Erase; Refused becomes the 409 page, a missing reason goes back to its field."""
        kind, erase, person = _picked(**self.kwargs)
        if kind.is_erased(person):
            messages.info(self.request, "This person was erased before. Nothing changed.")
            return super().form_valid(form)
        try:
            erase(person=person, reason=form.cleaned_data["reason"], by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, "The person is erased. The audit trail can still be verified.")
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the page again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response
