"""One paper with its versions: newer ones, translations, corrections, and a download that asks first."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import View

from partners.vault.actions import note_seen
from partners.vault.forms import DescribeForm, TranslationForm, VersionForm
from partners.vault.models import Document, Paper
from partners.vault.versions import shown_of, versions_of
from vetting_portal.files import serve_stored
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Blocker, Refused

UNCHECKED = "Its check is not through, or it found something. Nothing leaves quarantine before."
ACT = "partners.act_for_organisation"


class PaperView(ActionFormView):
    """Shows one paper with its versions; its members send a newer one here."""

    model = Paper
    form_class = VersionForm
    template_name = "partners/vault/paper.html"
    success_message = "We have it. It is being checked now. Until then the one before counts."

    def get_queryset(self) -> Any:
        """Return what is visible, with what the page names."""
        return super().get_queryset().select_related("organisation", "translates__paper")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions that this user may open, and what they may do."""
        user = self.request.user
        is_own = user.has_perm(ACT, self.object.organisation)
        return super().get_context_data(
            may_send=is_own,
            takes_newer=is_own and not self.object.send_blockers(),
            **shown_of(versions_of(self.object, user, is_own=is_own), user),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a newer version in, from a member only."""
        if not request.user.has_perm(ACT, self.object.organisation):
            raise PermissionDenied(ACT)
        return super().post(request, *args, **kwargs)

    def message(self, saved: Document) -> str:
        """Say what came of it: a file that counted before counts again at once."""
        again = f"We know this file: it is version {saved.number}. It counts again, with the dates it had."
        return again if saved.state == Document.State.ACCEPTED else self.success_message

    def get_success_url(self) -> str:
        """Stay with the paper."""
        return self.object.get_absolute_url()


class DownloadView(PageMixin, View):
    """Serves one version of a paper to who may open it, asked at each request; then notes that the funder saw it."""

    model = Document
    permission_required = "partners.view_document"

    def get_queryset(self) -> Any:
        """Return what is visible, with its file and whose it is."""
        return super().get_queryset().select_related("file", "paper__organisation")

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 picked by get_object
        """Send the file."""
        document = self.get_object()
        if document.checked_at is None:
            raise Refused([Blocker(f"{document.original_name} is not open to anybody.", hint=UNCHECKED)])
        inline = request.GET.get("inline") == "1"
        after = partial(note_seen, document=document, by=request.user) if request.method == "GET" else None
        return serve_stored(request, document.file, filename=document.original_name, inline=inline, after=after)


class OwnDocumentView(ActionFormView):
    """A form about one version, for who acts for its organisation; the reasons why not come before the form."""

    model = Document
    blockers = "describe_blockers"

    def get_object(self, queryset: Any = None) -> Document:
        """Return the version. Raises PermissionDenied for others, Refused where it is too late."""
        rows = self.get_queryset().select_related("paper__organisation", "paper__translates")
        found: Document = super().get_object(rows if queryset is None else queryset)
        if not self.request.user.has_perm(ACT, found.paper.organisation):
            raise PermissionDenied(ACT)
        if reasons := getattr(found, self.blockers)():
            raise Refused(reasons, subject=found)
        return found

    def get_success_url(self) -> str:
        """Return to the paper."""
        return str(self.object.paper.get_absolute_url())


class DescribeView(OwnDocumentView):
    """Corrects what was said of a version."""

    form_class = DescribeForm
    template_name = "partners/vault/describe.html"
    success_message = "Corrected."


class TranslateView(OwnDocumentView):
    """Takes a translation of a version in."""

    blockers = "translate_blockers"
    form_class = TranslationForm
    template_name = "partners/vault/translate.html"
    success_message = "We have the translation. It is being checked now."
