"""The director's brief, as a page and as a PDF: after the declaration, for who has no interest."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import DetailView, View

from grants.agreements.brief import declarations_of
from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.briefing.paper import brief_pdf
from grants.agreements.models import Brief, Grant
from grants.agreements.readiness import free_ids
from grants.agreements.signing_pages import brief_page, ways, with_factors
from grants.agreements.views.grants import SeenGrantPage
from grants.conditions.rows import condition_rows
from reviews.panels.models import ConflictDeclaration
from vetting_portal.accounts.passkeys import is_at_name
from vetting_portal.models import Funder, Role


class BriefGate(SeenGrantPage):
    """Lets a director in after the declaration, officers and auditors at once; nobody with an interest."""

    permission_required = "grants.open_brief"
    declarations: list[ConflictDeclaration]
    free: set[int]

    def get_queryset(self) -> Any:
        """Read the kept brief, the conditions, the fund's sums and the viewer's ways to sign with the grant."""
        grants = super().get_queryset().select_related("terms__brief").with_fund()
        return with_factors(grants.annotate(condition_rows=condition_rows()), self.request.user)

    def get_object(self, queryset: Any = None) -> Grant:
        """Return the grant, read once."""
        if not hasattr(self, "found"):
            self.found = super().get_object(queryset)
        return self.found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask for the declaration, and refuse who has an interest. Raises PermissionDenied, Http404."""
        grant, user = self.get_object(), request.user
        self.declarations, self.free = declarations_of(grant), set()
        if Role.DIRECTOR not in user.role_keys:
            if not user.has_perm("grants.read_brief", grant):
                raise PermissionDenied("read_brief")
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        mine = (user.pk, ConflictDeclaration.AsRole.DIRECTOR)
        if mine not in {(one.user_id, one.as_role) for one in self.declarations}:
            return HttpResponseRedirect(reverse("grants:declare", args=[grant.number]))
        self.free = free_ids(grant.submission)
        if user.pk not in self.free and not user.has_perm("grants.sign_grant", grant):
            raise PermissionDenied("sign_grant")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class BriefView(BriefGate, DetailView[Grant]):
    """What a director reads: money, what could be wrong, score and gates, who did what, the file and its hash."""

    template_name = "grants/agreements/brief.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the brief."""
        user = self.request.user
        page = brief_page(self.object, user, declarations=self.declarations, free=self.free)
        means = (
            ways(user, page["agreement"], at_name=is_at_name(self.request), read=self.object) if page["signs"] else {}
        )
        return super().get_context_data(**page, **means, **kwargs)


class BriefFileView(BriefGate, View):
    """The brief as a PDF: as it is today, or with ``?kept`` as it was when the terms were frozen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the file. Raises Http404 where no brief was kept."""
        grant = self.get_object()
        if "kept" in request.GET:
            kept: Brief | None = getattr(grant.terms, "brief", None)
            if kept is None:
                raise Http404
            content = kept.content
        else:
            content = brief_content(read_for_brief(grant, declarations=self.declarations))
        funder = Funder.objects.current()
        made = brief_pdf(content, funder=funder.name, example=funder.is_example)
        response = HttpResponse(made.content, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="brief-{grant.number}-{content["as_of"]}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response
