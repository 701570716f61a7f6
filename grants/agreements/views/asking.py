"""The pages of who is asked to sign: the signing policy, and directors who are away."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from grants.agreements.actions import end_absence
from grants.agreements.forms import AbsenceForm, PolicyForm
from grants.agreements.models import Absence
from grants.wordings.models import WordingVersion
from vetting_portal.models import Funder, User
from vetting_portal.views.base import ActionFormView, TransitionView


class PolicyView(ActionFormView):
    """The signing policy, for an administrator."""

    form_class = PolicyForm
    template_name = "grants/agreements/policy.html"
    success_message = "Set. It holds for terms that are frozen from now on."

    def get_object(self, queryset: Any = None) -> Funder:  # noqa: ARG002 Django's signature
        """Return the funder's record as it stands. Raises PermissionDenied."""
        if not self.request.user.has_perm("grants.set_signing_policy"):
            raise PermissionDenied("set_signing_policy")
        return Funder.objects.current()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentences, and the versions of the policy."""
        versions = Funder.objects.order_by("-version")[:20]
        return super().get_context_data(wording=WordingVersion.objects.current(), versions=versions, **kwargs)

    def get_success_url(self) -> str:
        """Stay."""
        return reverse("grants:signing_policy")


class AbsencesView(ActionFormView):
    """Who is away, and who is asked instead."""

    form_class = AbsenceForm
    template_name = "grants/agreements/absences.html"
    success_message = "Noted. The other director is asked; nobody signs in somebody else’s name."

    def get_object(self, queryset: Any = None) -> User:  # noqa: ARG002 Django's signature
        """Return who looks. Raises PermissionDenied for who is neither director nor administrator."""
        if not self.request.user.has_perm("grants.list_absences"):
            raise PermissionDenied("list_absences")
        return self.request.user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add who is away."""
        user = self.request.user
        rows = [
            (one, user.has_perm("grants.note_absence", one.director))
            for one in Absence.objects.standing().select_related("director", "stand_in")
        ]
        return super().get_context_data(rows=rows, **kwargs)

    def get_success_url(self) -> str:
        """Stay."""
        return reverse("grants:absences")


class AbsenceEndView(TransitionView):
    """Says that a director is back."""

    model = Absence
    action = staticmethod(end_absence)
    argument = "absence"
    success_message = "Noted: they are back."

    def get_queryset(self) -> Any:
        """Return what directors and administrators see. Raises PermissionDenied for anybody else."""
        if not self.request.user.has_perm("grants.list_absences"):
            raise PermissionDenied("list_absences")
        return Absence.objects.select_related("director")

    def get_success_url(self, found: Absence) -> str:  # noqa: ARG002 the base's signature
        """Return to the list."""
        return reverse("grants:absences")
