"""What the library's sign-up asks besides address and password."""

from django import forms
from django.http import HttpRequest

from vetting_portal.models import User


class SignupForm(forms.Form):
    """Asks for a person's name."""

    name = forms.CharField(max_length=200, label="Your name", help_text="As it should stand on an agreement.")

    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 the library's signature
        """Keep the name with the new account."""
        user.name = self.cleaned_data["name"].strip()
        user.save(update_fields=["name"])
