"""The checklist in public, and its new versions for programme officers."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from partners.checklists.actions import publish_checklist, start_checklist_version
from partners.checklists.forms import CriterionForm
from partners.checklists.models import ChecklistVersion, Criterion
from vetting_portal.views.base import ActionFormView, TransitionView


@method_decorator(login_not_required, name="dispatch")
class ChecklistView(TemplateView):
    """Shows the checklist in force, or one version of it."""

    template_name = "partners/checklists/checklist.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the version, its criteria and the other versions."""
        visible = ChecklistVersion.objects.visible_to(self.request.user)
        pk = self.kwargs.get("pk")
        checklist = get_object_or_404(visible, pk=pk) if pk else ChecklistVersion.objects.current()
        user = self.request.user
        may_change = user.is_authenticated and user.has_perm("partners.change_checklist", checklist)
        return super().get_context_data(
            checklist=checklist,
            criteria=list(checklist.criteria.order_by("position")) if checklist else [],
            versions=list(visible.filter(name=checklist.name).order_by("-number")) if checklist else [],
            may_change=may_change,
            blockers=checklist.publish_blockers() if checklist and may_change and not checklist.is_published else [],
            **kwargs,
        )


class StartVersionView(TransitionView):
    """Starts a new version as a copy."""

    model = ChecklistVersion
    permission_required = "partners.change_checklist"
    action = start_checklist_version
    argument = "checklist"
    success_message = "A new version was started. The old one stays in force until you publish the new one."

    def get_success_url(self, found: ChecklistVersion) -> str:
        """Return the address of the draft."""
        draft = ChecklistVersion.objects.filter(name=found.name).order_by("-number").first()
        return reverse("partners:checklist_version", args=[draft.pk if draft else found.pk])


class PublishView(TransitionView):
    """Publishes a draft."""

    model = ChecklistVersion
    permission_required = "partners.change_checklist"
    action = publish_checklist
    argument = "checklist"
    success_message = "The checklist is published. It is in force for new calls."

    def get_success_url(self, found: ChecklistVersion) -> str:
        """Return the address of the version."""
        return reverse("partners:checklist_version", args=[found.pk])


class CriterionView(ActionFormView):
    """Changes one criterion of a draft."""

    model = ChecklistVersion
    permission_required = "partners.change_checklist"
    form_class = CriterionForm
    template_name = "partners/checklists/criterion.html"
    success_message = "Saved."

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Criterion:
        """Return the criterion of a version that this user may change."""
        checklist = super().get_object(queryset)
        return get_object_or_404(
            Criterion.objects.select_related("checklist"), checklist=checklist, code=self.kwargs["code"]
        )

    def get_success_url(self) -> str:
        """Return to the version."""
        return reverse("partners:checklist_version", args=[self.object.checklist_id])
