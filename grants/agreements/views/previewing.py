"""A wording on the terms of a grant that is chosen: the page that says whether it fits, and the marked PDF."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from grants.agreements.forms.preview import PreviewForm
from grants.agreements.models import Grant
from grants.agreements.preview import preview_of, preview_pdf
from grants.wordings.views import WordingPage
from vetting_portal.workflow import Refused


class PreviewView(WordingPage, View):
    """Chooses a grant, and says whether the wording can be filled with its terms."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show the choice, and what came of it."""
        wording = self.get_object()
        grants = Grant.objects.visible_to(request.user).for_list()
        chosen = "grant" in request.GET
        form: forms.Form = PreviewForm(request.GET if chosen else None, grants=grants)
        grant = form.cleaned_data["grant"] if chosen and form.is_valid() else None
        found = preview_of(wording, Grant.objects.for_page().get(pk=grant.pk)) if grant else None
        context = {"wording": wording, "form": form, "grant": grant, "found": found, "has_grants": grants.exists()}
        return render(request, "grants/agreements/preview.html", context)


class PreviewFileView(WordingPage, View):
    """The preview as a PDF: made for this answer, marked on every page, kept nowhere."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the file. Raises Refused with everything that keeps the wording from being filled."""
        wording = self.get_object()
        grant = get_object_or_404(Grant.objects.visible_to(request.user).for_page(), number=self.kwargs["grant"])
        if not request.user.has_perm("grants.view_grant", grant):
            raise PermissionDenied("grants.view_grant")
        found = preview_of(wording, grant)
        if found.reasons:
            raise Refused(found.reasons, title="There is no preview yet", subject=wording)
        response = HttpResponse(preview_pdf(found).content, content_type="application/pdf")
        name = f"preview-{wording.name}-{grant.number}.pdf"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
