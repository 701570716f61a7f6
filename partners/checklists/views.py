"""The checklist in public: the version in use, older ones at addresses that stay, and any two side by side."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from partners.checklists.actions import adopt_shipped_checklist, start_checklist_version
from partners.checklists.comparing import compare
from partners.checklists.forms import CompareForm
from partners.checklists.models import ChecklistVersion
from vetting_portal.views.base import RoleMixin, TransitionView


@method_decorator(login_not_required, name="dispatch")
class ChecklistView(TemplateView):
    """Shows the checklist in use, or one version of it."""

    template_name = "partners/checklists/checklist.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the version, its criteria and the other versions."""
        visible = ChecklistVersion.objects.visible_to(self.request.user)
        pk = self.kwargs.get("pk")
        current = ChecklistVersion.objects.current()
        checklist = get_object_or_404(visible, pk=pk) if pk else current
        user = self.request.user
        may_change = user.is_authenticated and user.has_perm("partners.change_checklist", checklist)
        versions = list(visible.filter(name=checklist.name).order_by("-number") if checklist else visible)
        drafts = [version for version in versions if not version.is_published]
        return super().get_context_data(
            checklist=checklist,
            current=current,
            criteria=checklist.rows() if checklist else [],
            versions=versions,
            draft=drafts[0] if drafts else None,
            may_change=may_change,
            **kwargs,
        )


class AdoptView(RoleMixin, View):
    """The button that starts the first version from what the portal ships with."""

    permission_required = "partners.change_checklist"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start the draft, and go to it; Refused becomes the 409 page."""
        draft = adopt_shipped_checklist(by=request.user)
        messages.success(request, "This is your draft. Change what you like; then a second person publishes it.")
        return HttpResponseRedirect(draft.get_draft_url())


@method_decorator(login_not_required, name="dispatch")
class CompareView(TemplateView):
    """Lays two versions side by side; without a choice the newest beside the one it was copied from."""

    template_name = "partners/checklists/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the two versions and what differs."""
        visible = ChecklistVersion.objects.visible_to(self.request.user)
        newest = visible.order_by("-created_at", "-number").select_related("copied_from").first()
        usual = {"older": newest and (newest.copied_from_id or newest.pk), "newer": newest and newest.pk}
        chosen = {name: self.request.GET.get(name) or value for name, value in usual.items()}
        form = CompareForm(chosen, versions=visible.order_by("name", "-number"))
        older, newer = (form.cleaned_data["older"], form.cleaned_data["newer"]) if form.is_valid() else (None, None)
        found = compare(older.rows(), newer.rows()) if older and newer else None
        names = {"older_name": older.short, "newer_name": newer.short} if older and newer else {}
        return super().get_context_data(form=form, older=older, newer=newer, found=found, **names, **kwargs)


class StartVersionView(TransitionView):
    """Starts a new version as a copy."""

    model = ChecklistVersion
    permission_required = "partners.change_checklist"
    action = start_checklist_version
    argument = "checklist"
    success_message = "A new version was started. The old one stays in use until you publish the new one."

    def get_success_url(self, found: ChecklistVersion) -> str:
        """Return the address of the draft."""
        draft = ChecklistVersion.objects.drafts().filter(name=found.name).first()
        return draft.get_draft_url() if draft else found.get_absolute_url()
