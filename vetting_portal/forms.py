"""The ground floor's forms: inviting staff."""

from django import forms

from vetting_portal.actions import invite_staff
from vetting_portal.models import Role, StaffInvitation, User


class InviteStaffForm(forms.Form):
    """Asks whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address")
    roles = forms.MultipleChoiceField(label="Roles", choices=Role.choices, widget=forms.CheckboxSelectMultiple)

    def save(self, *, by: User) -> StaffInvitation:
        """Send the invitation."""
        return invite_staff(email=self.cleaned_data["email"], roles=self.cleaned_data["roles"], by=by)
