"""Pages of a document as pictures, for who may open the document; asked at each request."""

from base64 import b64decode
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import DetailView, View

from partners.previews.actions import ask_for_pages
from partners.previews.models import PageImage
from partners.previews.viewing import viewing_of
from partners.vault.actions import note_seen
from partners.vault.models import Document
from vetting_portal.files import serve_picture
from vetting_portal.views.base import PageMixin
from vetting_portal.workflow import Blocker, Refused

UNCHECKED = "Its check is not through, or it found something. Nothing leaves quarantine before."
SIZES = frozenset({"small", "large"})
NOTHING = b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")
"""A picture of one pixel that is not there."""


class PageImageView(PageMixin, View):
    """One page of a document as a picture. A page that is not drawn yet is asked for, and answered 202 without one."""

    model = Document
    permission_required = "partners.view_document"

    def get(self, request: HttpRequest, pk: int, number: int, size: str) -> HttpResponseBase:  # noqa: ARG002
        """Send the picture. Raises Http404 for a page or a size that is not there, Refused before the check."""
        document = self.get_object()
        if document.checked_at is None:
            raise Refused([Blocker(f"{document.original_name} is not open to anybody.", hint=UNCHECKED)])
        image = PageImage.objects.at(document.file_id, number)
        stored = getattr(image, size) if image and size in SIZES else None
        if stored is not None:
            return serve_picture(request, stored, after=partial(note_seen, document=document, by=request.user))
        if image is not None or size not in SIZES or not ask_for_pages(document=document, page=number, by=request.user):
            raise Http404
        return HttpResponse(NOTHING, content_type="image/gif", status=202, headers={"Cache-Control": "no-store"})


class ReadView(PageMixin, DetailView[Document]):
    """A document page by page, for who may open it."""

    model = Document
    permission_required = "partners.view_document"
    template_name = "partners/previews/read.html"

    def get_queryset(self) -> Any:
        """Return the documents that this user may open, with their papers."""
        return super().get_queryset().select_related("file", "paper__organisation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the page in view."""
        if self.object.checked_at is None:
            raise Refused([Blocker(f"{self.object.original_name} is not open to anybody.", hint=UNCHECKED)])
        return super().get_context_data(viewing=viewing_of(self.object, self.request.GET), **kwargs)
