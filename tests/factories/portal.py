"""Factories of the ground floor's records."""

from collections.abc import Sequence
from typing import Any

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from factory.django import DjangoModelFactory

from vetting_portal.models import Funder, RoleAssignment, User

PASSWORD = "correct horse battery"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


class UserFactory(DjangoModelFactory[User]):
    """A person with a verified address; ``roles=["reviewer"]`` gives roles, ``totp=True`` an authenticator."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def verified(self: Any, create: bool, extracted: bool | None, **_: Any) -> None:  # noqa: FBT001 the library's signature
        """Verify the address, unless told not to."""
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    @factory.post_generation
    def roles(self: Any, create: bool, extracted: Sequence[str] | None, **_: Any) -> None:  # noqa: FBT001
        """Give the roles."""
        for role in extracted or () if create else ():
            RoleAssignment.objects.create(user=self, role=role, assigned_by=User.objects.system("loader"))

    @factory.post_generation
    def totp(self: Any, create: bool, extracted: bool | None, **_: Any) -> None:  # noqa: FBT001
        """Set up an authenticator with a known secret."""
        if create and extracted:
            TOTP.activate(self, TOTP_SECRET)


class FunderFactory(DjangoModelFactory[Funder]):
    """The funder, once."""

    class Meta:
        model = Funder
        django_get_or_create = ("version",)

    version = 1
    name = "Example Fund"
    tax_number = "00-0000000"
    address = "1 Example Street, Seattle"
    city = "Seattle"
    governing_law = "the State of Washington, United States"
    courts = "King County, Washington, United States"
    time_zone = "UTC"  # the clock of the tests themselves; who tries days says where
