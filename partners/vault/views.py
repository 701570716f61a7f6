"""The vault's pages: a partner's papers, one paper with its versions, and a download that asks first."""

from collections import Counter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from partners.checklists.models import ChecklistVersion
from partners.organisations.models import Organisation
from partners.vault.actions import recheck_document
from partners.vault.forms import AcceptForm, PaperForm, RejectForm, VersionForm
from partners.vault.models import Document, Paper
from partners.vault.shelf import ACCEPTED, CHECKING, NEEDS_YOU, Row, shelf
from vetting_portal.files import serve_stored
from vetting_portal.views.base import ActionFormView, PageMixin, TransitionView
from vetting_portal.workflow import Blocker, Refused

UNCHECKED = "Its check is not through, or it found something. Nothing leaves quarantine before."
FILTERS = [("", "All"), (NEEDS_YOU, "Need you"), (CHECKING, "Being checked"), (ACCEPTED, "Accepted")]
GROUPS = [(NEEDS_YOU, "Needs you"), (CHECKING, "On its way"), (ACCEPTED, "Accepted")]


def chips(rows: list[Row], shown: str) -> list[dict[str, Any]]:
    """Return the filters of the vault with their counts."""
    counts = Counter(row.group for row in rows)
    return [
        {
            "label": label,
            "count": counts[key] if key else len(rows),
            "url": f"?show={key}" if key else "?",
            "current": key == shown,
        }
        for key, label in FILTERS
    ]


class VaultView(ActionFormView):
    """Shows an organisation's papers, sorted by who must act, and takes new ones in."""

    model = Organisation
    permission_required = "partners.act_for_organisation"
    form_class = PaperForm
    template_name = "partners/vault/vault.html"
    success_message = "We have it. It is being checked now."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows by group."""
        checklist = ChecklistVersion.objects.current()
        criteria = list(checklist.criteria.all()) if checklist else []
        rows = shelf(self.object.papers.for_vault(), criteria, timezone.localdate())
        shown = self.request.GET.get("show", "")
        groups = [(title, [row for row in rows if row.group == key]) for key, title in GROUPS if shown in {"", key}]
        return super().get_context_data(
            groups=[group for group in groups if group[1]], chips=chips(rows, shown), total=len(rows), **kwargs
        )

    def get_success_url(self) -> str:
        """Stay in the vault."""
        return reverse("partners:vault", args=[self.object.pk])


class PaperView(ActionFormView):
    """Shows one paper with its versions; its members send a newer one here."""

    model = Paper
    form_class = VersionForm
    template_name = "partners/vault/paper.html"
    success_message = "We have it. It is being checked now. Until then the one before counts."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions that this user may open, and what they may do."""
        user = self.request.user
        documents = Document.objects.visible_to(user).filter(paper=self.object)
        documents = documents.select_related("file", "uploaded_by", "rejected_by", "accepted_by").order_by("-number")
        newest = documents.first()
        return super().get_context_data(
            documents=documents,
            may_send=user.has_perm("partners.act_for_organisation", self.object.organisation),
            may_judge=newest is not None and user.has_perm("partners.reject_document", newest),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a newer version in, from a member only."""
        if not request.user.has_perm("partners.act_for_organisation", self.object.organisation):
            raise PermissionDenied("partners.act_for_organisation")
        return super().post(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Stay with the paper."""
        return self.object.get_absolute_url()


class DownloadView(PageMixin, View):
    """Serves one version of a paper to who may open it, asked at each request."""

    model = Document
    permission_required = "partners.view_document"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 picked by get_object
        """Send the file."""
        document = self.get_object()
        if document.checked_at is None:
            raise Refused([Blocker(f"{document.original_name} is not open to anybody.", hint=UNCHECKED)])
        inline = request.GET.get("inline") == "1"
        return serve_stored(request, document.file, filename=document.original_name, inline=inline)


class DocumentFormView(ActionFormView):
    """A judgement on one version of a paper."""

    model = Document

    def get_success_url(self) -> str:
        """Return to the paper."""
        return str(self.object.paper.get_absolute_url())


class RejectView(DocumentFormView):
    """Says why a paper is not accepted."""

    permission_required = "partners.reject_document"
    form_class = RejectForm
    template_name = "partners/vault/reject.html"
    success_message = "Not accepted. The partner is told why."


class AcceptView(DocumentFormView):
    """Takes a rejection back."""

    permission_required = "partners.accept_document"
    form_class = AcceptForm
    template_name = "partners/vault/accept.html"
    success_message = "The paper is accepted."


class RecheckView(TransitionView):
    """Has a file that could not be checked looked at again."""

    model = Document
    permission_required = "partners.recheck_document"
    action = recheck_document
    argument = "document"
    success_message = "The check runs again."

    def get_success_url(self, found: Document) -> str:
        """Return to the paper."""
        return found.paper.get_absolute_url()
