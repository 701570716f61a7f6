"""The funder's people: who holds which role, invitations, the trail, background work."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.generic import FormView, TemplateView, View
from django_tasks_db.models import DBTaskResult

from vetting_portal.actions import (
    accept_staff_invitation,
    end_role,
    find_staff_invitation,
    revoke_staff_invitation,
    set_task_aside,
    try_task_again,
)
from vetting_portal.forms import FunderForm, InviteStaffForm, LanguagesForm, TrailForm
from vetting_portal.leaving import end_role_blockers
from vetting_portal.models import AuditEntry, Funder, Role, RoleAssignment, StaffInvitation, User
from vetting_portal.navigation import kept_from
from vetting_portal.tasks import failed_for_good, in_words
from vetting_portal.trail import named
from vetting_portal.views.base import PER_PAGE, ActionFormView, ConfirmMixin, RoleMixin, add_errors
from vetting_portal.workflow import Blocker, Refused


class StaffView(RoleMixin, FormView[Form]):
    """Lists the staff and invites more."""

    permission_required = "portal.invite_staff"
    template_name = "portal/staff.html"
    form_class = InviteStaffForm
    success_url = reverse_lazy("portal:staff")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add who is there and who is invited."""
        assignments = RoleAssignment.objects.current().select_related("user").order_by("user__name", "role")
        waiting = StaffInvitation.objects.waiting().select_related("invited_by").order_by("-invited_at")[:PER_PAGE]
        return super().get_context_data(assignments=assignments, invitations=waiting, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the invitation; what it refuses goes back to its field."""
        try:
            invitation = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, f"An invitation is on its way to {invitation.email}.")
        return super().form_valid(form)


class FunderView(RoleMixin, ActionFormView):
    """The funder's record, as agreements name it; an administrator changes it."""

    permission_required = "portal.change_funder"
    form_class = FunderForm
    template_name = "portal/funder.html"
    success_message = "Saved. Terms that are finalised from now on use it."

    def get_object(self, queryset: Any = None) -> Funder:  # noqa: ARG002 Django's signature
        """Return the newest version."""
        return Funder.objects.current()

    def get_success_url(self) -> str:
        """Stay."""
        return reverse("portal:funder")


class LanguagesView(ActionFormView):
    """Which languages a member of staff reads: their own page; an administrator may set anybody's."""

    model = User
    permission_required = "portal.change_languages"
    form_class = LanguagesForm
    template_name = "portal/languages.html"
    success_message = "The languages are kept."

    def get_queryset(self) -> Any:
        """Return the user's own account; for an administrator every one of staff."""
        staff = User.objects.filter(pk__in=RoleAssignment.objects.current().values("user"))
        return staff if self.request.user.has_perm("portal.change_roles") else staff.filter(pk=self.request.user.pk)

    def get_success_url(self) -> str:
        """Stay."""
        return reverse("portal:languages", args=[self.object.pk])


class EndRoleView(ConfirmMixin, RoleMixin, View):
    """Ends one role of one person, after a page that says what happens then."""

    permission_required = "portal.change_roles"
    question = "End this role?"
    consequence = (
        "The role ends at once: every page and every duty that comes with it is closed to this person. What they did "
        "stays on record. You can give the role again by an invitation, which starts anew."
    )
    confirm_label = "End role"

    def get_object(self) -> User:
        """Return the person. Raises Http404 for nobody, or for a role that there is not."""
        user = get_object_or_404(User, pk=self.kwargs["pk"], is_system=False)
        if self.kwargs["role"] not in Role.values:
            raise Http404
        return user

    def about(self, found: User) -> str:
        """Return the person and the role."""
        return f"{found.name}, {Role(self.kwargs['role']).label.lower()}"

    def blockers(self, found: User) -> list[Blocker]:
        """Return why the role cannot end now."""
        return end_role_blockers(found, self.kwargs["role"])

    def back_url(self, found: User) -> str:  # noqa: ARG002 every person is on one page
        """Return the page of staff."""
        return str(StaffView.success_url)

    def post(self, request: HttpRequest, pk: int, role: str) -> HttpResponse:  # noqa: ARG002 picked by get_object
        """End the role now."""
        user = self.get_object()
        end_role(user=user, role=role, by=request.user)
        messages.success(request, f"{user.name} is no longer {Role(role).label.lower()}.")
        return HttpResponseRedirect(str(StaffView.success_url))


class RevokeInvitationView(RoleMixin, View):
    """Withdraws an invitation that nobody has accepted."""

    permission_required = "portal.invite_staff"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Withdraw it now."""
        invitation = get_object_or_404(StaffInvitation, pk=pk)
        revoke_staff_invitation(invitation=invitation, by=request.user)
        messages.success(request, f"The invitation to {invitation.email} no longer works.")
        return HttpResponseRedirect(str(StaffView.success_url))


@method_decorator(login_not_required, name="dispatch")
class JoinStaffView(TemplateView):
    """Shows an invitation to the person it is for, signed in or not yet, and accepts it."""

    template_name = "portal/join_staff.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the invitation, what is in the way, and the doors for who is not signed in.

        Raises Http404 for a token that opens nothing, Refused for an invitation that has ended.
        """
        invitation = find_staff_invitation(self.kwargs["token"])
        if invitation is None:
            raise Http404
        if reasons := invitation.accept_blockers():
            raise Refused(reasons, title="You cannot accept this invitation")
        return super().get_context_data(invitation=invitation, doors=doors(self.request, invitation.email), **kwargs)

    @method_decorator(login_required)
    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Accept the invitation; who is not signed in signs in first."""
        accept_staff_invitation(token=token, by=request.user)
        messages.success(request, "Welcome. Your roles are set.")
        return HttpResponseRedirect("/home/")


def doors(request: HttpRequest, email: str) -> dict[str, Any]:
    """Return where the person invited as ``email`` signs in or makes an account, and whether the visitor is that one.

    The addresses lead back to the page at hand.
    """
    back, asked = urlencode({"next": request.path}), urlencode({"next": request.path, "email": email})
    confirmed = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return {
        "sign_in": f"{reverse('account_login')}?{back}",
        "sign_up": f"{reverse('account_signup')}?{asked}",
        "sign_out": f"{reverse('account_logout')}?{back}",
        "has_account": User.objects.filter(email__iexact=email).exists(),
        "is_theirs": request.user.is_authenticated and confirmed.filter(user=request.user).exists(),
    }


class TrailView(RoleMixin, TemplateView):
    """The audit trail, newest first, cut by record, kind or event."""

    permission_required = "portal.read_trail"
    template_name = "portal/trail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one page of entries, found by their number: no count over the whole trail."""
        newest = AuditEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        try:
            before = min(int(self.request.GET.get("before", newest + 1)), newest + 1)
        except ValueError as error:
            raise Http404 from error
        form = TrailForm(self.request.GET)
        rows = form.cut(AuditEntry.objects.filter(seq__lt=before)).select_related("words").order_by("-seq")
        entries = list(rows[: PER_PAGE + 1])
        page, kept = entries[:PER_PAGE], kept_from(self.request.user)
        about = named(page, self.request.user)
        shown = [(entry, about[entry.seq], (entry.subject_type, entry.subject_id) in kept) for entry in page]
        older = page[-1].seq if len(entries) > PER_PAGE else None
        return super().get_context_data(form=form, entries=shown, newest=newest, older=older, **kwargs)


class BackgroundView(RoleMixin, TemplateView):
    """What background work failed for good."""

    permission_required = "portal.see_background_work"
    template_name = "portal/background.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the failed tasks, each with what it does in words."""
        failed = [(task, in_words(task.task_path)) for task in failed_for_good()]
        return super().get_context_data(failed=failed, **kwargs)


class TryTaskAgainView(RoleMixin, View):
    """Hands a failed task to the worker again."""

    permission_required = "portal.handle_failed_task"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Try it again now."""
        task = get_object_or_404(DBTaskResult, pk=pk)
        try_task_again(task=task, by=request.user)
        messages.success(request, f"{in_words(task.task_path)}: it is tried again.")
        return HttpResponseRedirect(reverse("portal:background"))


class SetTaskAsideView(ConfirmMixin, RoleMixin, View):
    """Gives up a failed task, after a page that says what happens then."""

    permission_required = "portal.handle_failed_task"
    question = "Set this task aside?"
    consequence = (
        "It is not tried again, and nothing else does what it was to do: a message is not sent, a document is not "
        "checked. The trail keeps that it failed, and that you set it aside. This cannot be undone."
    )
    confirm_label = "Set aside"

    def get_object(self) -> DBTaskResult:
        """Return the task. Raises Http404."""
        return get_object_or_404(DBTaskResult, pk=self.kwargs["pk"])

    def about(self, found: DBTaskResult) -> str:
        """Return what it does."""
        return in_words(found.task_path)

    def back_url(self, found: DBTaskResult) -> str:  # noqa: ARG002 every task is on one page
        """Return the page of background work."""
        return reverse("portal:background")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # noqa: ARG002 picked by get_object
        """Set it aside now."""
        task = self.get_object()
        set_task_aside(task=task, by=request.user)
        messages.success(request, f"{in_words(task.task_path)}: set aside.")
        return HttpResponseRedirect(reverse("portal:background"))
