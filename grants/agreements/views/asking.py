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
    """The signing policy: directors and auditors read it, an administrator sets it."""

    form_class = PolicyForm
    template_name = "grants/agreements/policy.html"
    success_message = "Set. It holds for terms that are frozen from now on."

    def get_object(self, queryset: Any = None) -> Funder:  # noqa: ARG002 Django's signature
        """Return the funder's record as it stands. Raises PermissionDenied."""
        needed = "set_signing_policy" if self.request.method == "POST" else "view_signing_policy"
        if not self.request.user.has_perm(f"grants.{needed}"):
            raise PermissionDenied(needed)
        return Funder.objects.current()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentences, and the versions of the policy."""
        versions = Funder.objects.order_by("-version")[:20]
        may_set = self.request.user.has_perm("grants.set_signing_policy")
        wording = WordingVersion.objects.current()
        return super().get_context_data(wording=wording, versions=versions, may_set=may_set, **kwargs)

    def get_success_url(self) -> str:
        """Stay."""
        return reverse("grants:signing_policy")


def may_note(user: User) -> bool:
    """Return whether ``user`` notes absences at all: their own, or everybody's."""
    return user.has_perm("grants.note_absence", user)


class AbsencesView(ActionFormView):
    """Who is away, and who is asked instead."""

    form_class = AbsenceForm
    template_name = "grants/agreements/absences.html"
    success_message = "Noted. The other director is asked; nobody signs in somebody else’s name."

    def get_object(self, queryset: Any = None) -> User:  # noqa: ARG002 Django's signature
        """Return who looks. Raises PermissionDenied for who may not read this, or not note anything."""
        user = self.request.user
        if not user.has_perm("grants.list_absences"):
            raise PermissionDenied("list_absences")
        if self.request.method == "POST" and not may_note(user):
            raise PermissionDenied("note_absence")
        return user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add who is away."""
        user = self.request.user
        rows = [
            (one, user.has_perm("grants.note_absence", one.director))
            for one in Absence.objects.standing().select_related("director", "stand_in")
        ]
        return super().get_context_data(rows=rows, may_note=may_note(user), **kwargs)

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
        if not may_note(self.request.user):
            raise PermissionDenied("note_absence")
        return Absence.objects.select_related("director")

    def get_success_url(self, found: Absence) -> str:  # noqa: ARG002 the base's signature
        """Return to the list."""
        return reverse("grants:absences")
