"""An organisation's pages: itself, its people, its members and their invitations."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import DetailView, FormView, ListView, TemplateView, View

from partners.organisations.actions import (
    accept_invitation,
    change_role,
    end_membership,
    find_invitation,
    revoke_invitation,
)
from partners.organisations.forms import InviteForm, OrganisationForm, PersonForm
from partners.organisations.leaving import end_blockers, role_blockers
from partners.organisations.models import Invitation, Membership, Organisation, Person
from partners.places.countries import country_name
from vetting_portal.views.base import PER_PAGE, ActionFormView, ConfirmMixin, PageMixin, RoleMixin, add_errors
from vetting_portal.views.staff import doors
from vetting_portal.workflow import Blocker, Refused


class OrganisationListView(ListView[Organisation]):
    """Lists the organisations that the user may see."""

    template_name = "partners/organisations/list.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> QuerySet[Organisation]:
        """Return what is visible, by name."""
        return Organisation.objects.visible_to(self.request.user)


class CreateView(RoleMixin, FormView[OrganisationForm]):
    """Makes an organisation; who makes it owns it."""

    permission_required = "partners.create_organisation"
    form_class = OrganisationForm
    template_name = "partners/organisations/edit.html"

    def form_valid(self, form: OrganisationForm) -> HttpResponse:
        """Run the action; what it refuses goes back to its field."""
        try:
            form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, "Your organisation is here. Next: name your people.")
        return super().form_valid(form)

    def form_invalid(self, form: OrganisationForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_success_url(self) -> str:
        """Go on where the visitor came from, else home."""
        target = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(target, {self.request.get_host()}, require_https=False)
        return target if target and is_ours else reverse("partners:home")


class OrganisationView(PageMixin, DetailView[Organisation]):
    """Shows an organisation to its members and to who may read one of its submissions."""

    model = Organisation
    permission_required = "partners.view_organisation"
    template_name = "partners/organisations/organisation.html"
    context_object_name = "organisation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its people, members, submissions and what this user may do."""
        found, user = self.object, self.request.user
        people = list(found.people.order_by("until_on", "role", "name"))
        groups = [
            (label, [p for p in people if p.role == role and p.until_on is None]) for role, label in Person.Role.choices
        ]
        return super().get_context_data(
            country=country_name(found.country),
            groups=groups,
            former_people=[person for person in people if person.until_on is not None],
            memberships=found.memberships.current().select_related("user"),
            submissions=found.submissions.visible_to(user).select_related("programme").order_by("-created_at"),
            licences=found.licences.for_page() if user.has_perm("partners.view_licences", found) else [],
            may_change=user.has_perm("partners.change_organisation", found),
            may_manage=user.has_perm("partners.manage_members", found),
            may_record_licence=user.has_perm("partners.record_licence", found),
            is_member=user.has_perm("partners.act_for_organisation", found),
            may_read_documents=user.has_perm("partners.view_documents", found),
            may_read_members=user.has_perm("partners.view_members", found),
            **kwargs,
        )


class OrganisationFormView(ActionFormView):
    """A form about an organisation; it leads back to its page."""

    model = Organisation

    def get_success_url(self) -> str:
        """Return to the organisation."""
        return self.object.get_absolute_url()


class ChangeView(OrganisationFormView):
    """Changes what is said of it."""

    permission_required = "partners.change_organisation"
    form_class = OrganisationForm
    template_name = "partners/organisations/edit.html"
    success_message = "Saved."


class PersonAddView(OrganisationFormView):
    """Names one of its people."""

    permission_required = "partners.change_organisation"
    form_class = PersonForm
    template_name = "partners/organisations/person.html"
    success_message = "The person is named."

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the organisation to the form."""
        return {**super().get_form_kwargs(), "organisation": self.object, "record": None}

    def get_success_url(self) -> str:
        """Return to the people, or to the form for one more."""
        if "another" in self.request.POST:
            return reverse("partners:person_add", args=[self.object.pk])
        return f"{self.object.get_absolute_url()}#people"


class PersonChangeView(PersonAddView):
    """Changes what is said of one of its people."""

    success_message = "Saved."

    @cached_property
    def person(self) -> Person:
        """Return the person. Raises Http404 for somebody of another organisation."""
        return get_object_or_404(Person, pk=self.kwargs["person"], organisation=self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the person to the form."""
        return {**super().get_form_kwargs(), "record": self.person}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the person."""
        return super().get_context_data(person=self.person, **kwargs)


class MembersView(OrganisationFormView):
    """Lists who acts for it, and invites."""

    permission_required = "partners.manage_members"
    reading_permission = "partners.view_members"
    form_class = InviteForm
    template_name = "partners/organisations/members.html"
    success_message = "The invitation is on its way."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add members and open invitations."""
        return super().get_context_data(
            memberships=self.object.memberships.select_related("user").order_by("until_at", "since_at"),
            invitations=self.object.invitations.filter(accepted_at=None, revoked_at=None),
            has_owners=self.object.owners().count() > 1,
            may_manage=self.request.user.has_perm("partners.manage_members", self.object),
            **kwargs,
        )

    def get_success_url(self) -> str:
        """Stay with the members."""
        return reverse("partners:members", args=[self.object.pk])


class MemberView(ConfirmMixin, PageMixin, View):
    """An act on one member, after a page that says what happens then."""

    model = Organisation

    def member(self, found: Organisation) -> Membership:
        """Return the membership. Raises Http404 for who is no member."""
        members = Membership.objects.select_related("user")
        return get_object_or_404(members, pk=self.kwargs["member"], organisation=found)

    def about(self, found: Organisation) -> str:
        """Return the person and the organisation."""
        return f"{self.member(found).user.name}, {found}"

    def back_url(self, found: Organisation) -> str:
        """Return the page of members."""
        return reverse("partners:members", args=[found.pk])


class RoleView(MemberView):
    """Gives a member another role: an owner's act."""

    permission_required = "partners.manage_members"
    role: str

    def blockers(self, found: Organisation) -> list[Blocker]:
        """Return why this member cannot be given the role now."""
        return role_blockers(self.member(found), self.role)

    def post(self, request: HttpRequest, pk: int, member: int) -> HttpResponse:  # noqa: ARG002 picked by member
        """Give it now; who gave up being an owner no longer sees the members."""
        organisation = self.get_object()
        changed = change_role(membership=self.member(organisation), role=self.role, by=request.user)
        role = changed.get_role_display().lower()
        messages.success(request, f"{changed.user.name} is an {role} of {organisation} now.")
        own = changed.user_id == request.user.pk
        return HttpResponseRedirect(organisation.get_absolute_url() if own else self.back_url(organisation))


class MakeOwnerView(RoleView):
    """Makes an editor an owner."""

    role = Membership.Role.OWNER
    question = "Make this person an owner?"
    consequence = (
        "An owner also sends applications, signs agreements, enters bank details, and invites and removes members, "
        "other owners included. We write to the person by e-mail."
    )
    confirm_label = "Make an owner"
    confirm_kind = "go"


class MakeEditorView(RoleView):
    """Makes an owner an editor."""

    role = Membership.Role.EDITOR
    question = "Make this person an editor?"
    consequence = (
        "An editor writes applications and reports and sends papers. This person no longer sends applications, signs, "
        "enters bank details, invites or removes. We write to the person by e-mail."
    )
    confirm_label = "Make an editor"


class MemberEndView(MemberView):
    """Ends a membership: an owner's act, or the member's own."""

    permission_required = "partners.act_for_organisation"
    question = "End this membership?"
    consequence = (
        "This person no longer acts for the organisation: no application, document, report or agreement of it opens "
        "for them any more. What they wrote stays. To come back they need a new invitation."
    )
    confirm_label = "End membership"

    def blockers(self, found: Organisation) -> list[Blocker]:
        """Return why this membership cannot end now."""
        return end_blockers(self.member(found))

    def post(self, request: HttpRequest, pk: int, member: int) -> HttpResponse:  # noqa: ARG002 picked by member
        """End it now."""
        organisation = self.get_object()
        membership = self.member(organisation)
        end_membership(membership=membership, by=request.user)
        messages.success(request, f"{membership.user.name} no longer acts for {organisation}.")
        own = membership.user_id == request.user.pk
        return HttpResponseRedirect(reverse("portal:home") if own else reverse("partners:members", args=[pk]))


class InvitationRevokeView(PageMixin, View):
    """Ends an open invitation."""

    model = Organisation
    permission_required = "partners.manage_members"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
        """End it now."""
        organisation = self.get_object()
        found = get_object_or_404(Invitation, pk=invitation, organisation=organisation)
        revoke_invitation(invitation=found, by=request.user)
        messages.success(request, f"The invitation to {found.email} no longer works.")
        return HttpResponseRedirect(reverse("partners:members", args=[pk]))


@method_decorator(login_not_required, name="dispatch")
class InvitationView(TemplateView):
    """Shows an invitation to the person it is for, signed in or not yet, and accepts it."""

    template_name = "partners/organisations/invitation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the invitation and the doors for who is not signed in.

        Raises Http404 for a link that opens nothing, Refused for an invitation that has ended.
        """
        invitation = find_invitation(self.kwargs["token"])
        if invitation is None:
            raise Http404
        if reasons := invitation.accept_blockers():
            raise Refused(reasons, title="You cannot accept this invitation")
        return super().get_context_data(invitation=invitation, doors=doors(self.request, invitation.email), **kwargs)

    @method_decorator(login_required)
    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Accept it; who is not signed in signs in first."""
        membership = accept_invitation(token=token, by=request.user)
        messages.success(request, f"You act for {membership.organisation} now.")
        return HttpResponseRedirect(reverse("partners:home"))
