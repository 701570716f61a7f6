"""People who sign in, the roles that staff hold, and the invitations they came by."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

import rules
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from vetting_portal.statements import ThisMoment


class Role(models.TextChoices):
    """What a member of the funder's staff may be; one person may hold several."""

    REVIEWER = "reviewer", "Reviewer"
    PROGRAMME_OFFICER = "programme_officer", "Programme officer"
    DIRECTOR = "director", "Director"
    FINANCE_OFFICER = "finance_officer", "Finance officer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


class UserManager(BaseUserManager["User"]):
    """Makes and finds users; addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new user; without a password one that cannot sign in by password."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this address."""
        return self.get(email__iexact=username)

    def system(self, name: str) -> "User":
        """Return the system user that stands for tasks, commands or a payment source: ``background``, ``stripe`` …"""
        address = f"{name}@system.invalid"
        try:
            return self.get(email=address, is_system=True)
        except self.model.DoesNotExist:
            user, _ = self.get_or_create(
                email=address, defaults={"name": f"Portal ({name})", "is_system": True, "password": "!"}
            )
            return user

    def with_role(self, role: str) -> models.QuerySet["User"]:
        """Return the active users who hold ``role`` now, by name."""
        holding = RoleAssignment.objects.current().filter(role=role).values("user")
        return self.filter(pk__in=holding, is_active=True).order_by("name", "pk")

    def staff(self) -> models.QuerySet["User"]:
        """Return the active users who hold any staff role now, by name."""
        holding = RoleAssignment.objects.current().values("user")
        return self.filter(pk__in=holding, is_active=True, is_system=False).order_by("name", "pk")


class User(AbstractBaseUser):
    """A person with an e-mail address, or a system user that cannot sign in. There is no superuser."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    languages = models.JSONField(default=list, blank=True)  # codes of those that staff read, besides English
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, for libraries that ask."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0] if self.name else self.email

    @cached_property
    def role_keys(self) -> frozenset[str]:
        """The staff roles held now, read once for each request."""
        if self.pk is None or not self.is_active:
            return frozenset()
        return frozenset(self.role_assignments.current().values_list("role", flat=True))

    @property
    def is_staff_member(self) -> bool:
        """Whether this is one of the funder's people."""
        return bool(self.role_keys)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the rules; nobody passes without being asked about."""
        return self.is_active and bool(rules.has_perm(perm, self, obj))

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """Ask the rules about each permission."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002 the signature is Django's
        """Say no: rules are asked about records, not about modules."""
        return False


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Roles by time."""

    def current(self, now: datetime | None = None) -> "RoleAssignmentQuerySet":
        """Cut to the roles held at ``now``, or when the query runs."""
        moment = now or ThisMoment()
        return self.filter(since_at__lte=moment).filter(Q(until_at__isnull=True) | Q(until_at__gt=moment))


class RoleAssignment(models.Model):
    """A role that a member of staff holds, since when, until when and by whose word."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=24, choices=Role)
    since_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(until_at__isnull=True), name="role_held_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=models.F("since_at")),
                name="role_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()}"


class StaffInvitationQuerySet(models.QuerySet["StaffInvitation"]):
    """Invitations by whether they wait."""

    def waiting(self) -> "StaffInvitationQuerySet":
        """Cut to those that nobody accepted or withdrew, expired ones included."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class StaffInvitation(models.Model):
    """An invitation to join the staff: its token is kept as a hash, works once, for seven days, for one address."""

    email = models.EmailField(max_length=254)
    roles = models.JSONField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = StaffInvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="staff_invitation_accepted_pair",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="staff_invitation_revoked_pair",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="staff_invitation_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def role_labels(self) -> list[str]:
        """The roles that it gives, in words."""
        return [str(Role(role).label) for role in self.roles]

    @property
    def is_expired(self) -> bool:
        """Whether its seven days are over."""
        return self.expires_at <= timezone.now()

    def accept_blockers(self) -> list[str]:
        """Say why nobody can accept it any more: accepted, withdrawn or expired."""
        if self.accepted_at is not None:
            return ["This invitation was used already."]
        if self.revoked_at is not None:
            return ["This invitation was withdrawn. Ask for a new one."]
        return ["This invitation has expired. Ask for a new one."] if self.is_expired else []
