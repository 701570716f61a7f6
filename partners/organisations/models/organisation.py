"""Partner organisations: who they are, who acts for them here, who leads them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from partners.organisations.models.holding import READERS_OF_ALL, Hold, hold_blockers, is_held, waiting_blockers
from vetting_portal.constraints import ends_after_start, known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by who may look."""

    def of_member(self, user: User) -> "OrganisationQuerySet":
        """Cut to the organisations that ``user`` acts for now."""
        mine = Membership.objects.current().filter(organisation=OuterRef("pk"), user=user)
        return self.filter(Exists(mine))

    def held(self) -> "OrganisationQuerySet":
        """Cut to the organisations that a hold stops now."""
        return self.filter(Exists(Hold.objects.current().filter(organisation=OuterRef("pk"))))

    def visible_to(self, user: User) -> "OrganisationQuerySet":
        """Cut to what ``user`` may see: their own; all for staff; for reviewers those of their applications."""
        if READERS_OF_ALL & user.role_keys:
            return self.all()
        mine = Membership.objects.current().filter(organisation=OuterRef("pk"), user_id=user.pk)
        if Role.REVIEWER not in user.role_keys:
            return self.filter(Exists(mine))
        seen = Q(submissions__accesses__user_id=user.pk, submissions__accesses__until_at__isnull=True)
        return self.filter(Exists(mine) | Exists(Organisation.objects.filter(seen, pk=OuterRef("pk"))))


class Organisation(models.Model):
    """A partner: a locally led organisation that applies for grants."""

    legal_name = models.CharField(max_length=200)
    local_name = models.CharField(max_length=200, blank=True)
    former_names = models.JSONField(default=list, blank=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=24, blank=True)
    registration_number = models.CharField(max_length=80, blank=True)
    founded_on = models.DateField(null=True, blank=True)
    website = models.URLField(max_length=300, blank=True)
    address = models.TextField(blank=True)
    yearly_income_minor = models.BigIntegerField(null=True, blank=True)
    income_currency = models.CharField(max_length=3, default="USD")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["legal_name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(legal_name=""), name="organisation_has_name"),
            models.CheckConstraint(
                condition=Q(yearly_income_minor__isnull=True) | Q(yearly_income_minor__gte=0),
                name="organisation_income_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("partners:organisation", args=[self.pk])

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of it."""
        return {
            "id": self.pk,
            "legal_name": self.legal_name,
            "local_name": self.local_name,
            "former_names": list(self.former_names),
            "country": self.country,
            "region": self.region,
            "registration_number": self.registration_number,
            "founded_on": self.founded_on.isoformat() if self.founded_on else None,
            "website": self.website,
            "address": self.address,
            "yearly_income_minor": self.yearly_income_minor,
            "income_currency": self.income_currency,
        }

    @property
    def is_held(self) -> bool:
        """Whether a hold stops everything of it now."""
        return is_held(self.pk)

    def hold_blockers(self) -> list[Blocker]:
        """Say to staff that everything of it is held, or nothing."""
        return hold_blockers(self.pk)

    def waiting_blockers(self) -> list[Blocker]:
        """Say to a partner, in neutral words, that it has to wait: no word of why."""
        return waiting_blockers(self.pk)

    def owners(self) -> "models.QuerySet[Membership]":
        """Return the memberships of its owners now."""
        return self.memberships.current().filter(role=Membership.Role.OWNER)

    def people_now(self) -> "models.QuerySet[Person]":
        """Return the people who lead it now."""
        return self.people.filter(until_on__isnull=True)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by time."""

    def current(self) -> "MembershipQuerySet":
        """Cut to the memberships that have not ended."""
        return self.filter(until_at__isnull=True)


class Membership(models.Model):
    """Somebody who acts for an organisation here. It ends; it is never removed: the past counts for duties."""

    class Role(models.TextChoices):
        """What a member may do: an owner also invites, removes and sends."""

        OWNER = "owner", "Owner"
        EDITOR = "editor", "Editor"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "since_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"], condition=Q(until_at__isnull=True), name="membership_held_once"
            ),
            known("role", ["owner", "editor"], "membership_role_known"),
            ends_after_start("membership_ends_after_start"),
            pair("until_at", "ended_by", "membership_ended_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} of {self.organisation}"


class Invitation(models.Model):
    """An invitation to act for an organisation: a hashed token, good once, for seven days, for one address."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=8, choices=Membership.Role)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            pair("accepted_at", "accepted_by", "invitation_accepted_pair"),
            pair("revoked_at", "revoked_by", "invitation_revoked_pair"),
            known("role", ["owner", "editor"], "invitation_role_known"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True), name="invitation_ends_one_way"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("invited_at")), name="invitation_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation}"

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


ERASED = "Erased person"
"""What stands in place of a name that was erased; nobody is screened by it, as only who has left is erased."""


class Person(models.Model):
    """Somebody who leads the organisation, as a board would name them; screened by name, not a login."""

    class Role(models.TextChoices):
        """In which capacity."""

        BOARD = "board", "Board member"
        SENIOR_STAFF = "senior_staff", "Senior staff"
        SIGNATORY = "signatory", "Signatory"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(max_length=200)
    local_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=16, choices=Role)
    title = models.CharField(max_length=120, blank=True)
    born_on = models.DateField(null=True, blank=True)
    nationality = models.CharField(max_length=2, blank=True)
    since_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation", "role", "name", "pk"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            known("role", ["board", "senior_staff", "signatory"], "person_role_known"),
            ends_after_start("person_ends_after_start", "since_on", "until_on"),
        ]

    def __str__(self) -> str:
        return self.name

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of this person."""
        return {
            "id": self.pk,
            "name": self.name,
            "local_name": self.local_name,
            "role": self.role,
            "title": self.title,
            "since_on": self.since_on.isoformat() if self.since_on else None,
        }
