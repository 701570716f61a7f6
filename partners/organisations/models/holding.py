"""Holds: what stops every submission, payment and automatic message of an organisation, until two people release it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from vetting_portal.constraints import ends_after_start, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

READERS_OF_ALL = frozenset({"programme_officer", "director", "finance_officer", "auditor", "administrator"})
RELEASES_NEEDED = 2


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by time and by who may know."""

    def current(self) -> "HoldQuerySet":
        """Cut to the holds that nobody has released."""
        return self.filter(released_at__isnull=True)

    def of_cause(self, cause_id: int) -> "HoldQuerySet":
        """Cut to what follows from one confirmed hit."""
        return self.filter(kind=Hold.Kind.LISTED, cause_id=cause_id)

    def visible_to(self, user: User) -> "HoldQuerySet":
        """Cut to what ``user`` may know: staff who read everything; never a partner or a reviewer."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()

    def for_list(self) -> "HoldQuerySet":
        """Load what a list shows: current ones first, the oldest of them leading."""
        is_over = models.Case(models.When(released_at__isnull=True, then=0), default=1)
        return self.select_related("organisation", "placed_by", "released_by").order_by(is_over, "placed_at", "pk")


class Hold(models.Model):
    """A stop on an organisation. It is never deleted: a mistake is mended by releasing it."""

    class Kind(models.TextChoices):
        """Why: a listed name was confirmed, or counsel asked for it."""

        LISTED = "listed", "A listed name is confirmed"
        COUNSEL = "counsel", "Counsel asked for it"

    organisation = models.ForeignKey("partners.Organisation", on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12, choices=Kind)
    cause_id = models.BigIntegerField(null=True, blank=True)
    note = models.TextField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["placed_at", "pk"]
        constraints = [
            known("kind", ["listed", "counsel"], "hold_kind_known"),
            # What follows from a confirmed hit names it; what counsel asked for names none.
            models.CheckConstraint(
                condition=Q(kind="listed", cause_id__isnull=False) | Q(kind="counsel", cause_id__isnull=True),
                name="hold_names_its_cause",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="hold_says_why"),
            models.UniqueConstraint(
                fields=["organisation", "cause_id"], condition=Q(released_at__isnull=True), name="hold_once_a_cause"
            ),
            pair("released_at", "released_by", "hold_released_pair"),
            ends_after_start("hold_ends_after_start", "placed_at", "released_at"),
        ]
        indexes = [
            models.Index(fields=["organisation"], condition=Q(released_at__isnull=True), name="hold_current"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.organisation}"

    @property
    def is_current(self) -> bool:
        """Whether it still stops everything."""
        return self.released_at is None

    @property
    def days(self) -> int:
        """For how many days it holds, or held."""
        return ((self.released_at or timezone.now()) - self.placed_at).days


class HoldRelease(models.Model):
    """One person's word that a hold may end, with the reason. It takes two, neither of whom placed the hold."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="releases")
    reason = models.TextField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["hold", "given_by"], name="hold_release_once_a_person"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_release_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.given_by}, {self.given_at:%Y-%m-%d}"


class HeldMessageQuerySet(models.QuerySet["HeldMessage"]):
    """Held messages by what is left to decide."""

    def waiting(self) -> "HeldMessageQuerySet":
        """Cut to the messages that were neither sent nor discarded."""
        return self.filter(sent_at__isnull=True, discarded_at__isnull=True)

    def visible_to(self, user: User) -> "HeldMessageQuerySet":
        """Cut to what ``user`` may read: staff who read everything."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()


class HeldMessage(models.Model):
    """An automatic message to a partner that a hold kept back, as it would have gone; a person sends or discards it."""

    organisation = models.ForeignKey("partners.Organisation", on_delete=models.PROTECT, related_name="held_messages")
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    held_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = HeldMessageQuerySet.as_manager()

    class Meta:
        ordering = ["held_at", "pk"]
        constraints = [
            pair("sent_at", "sent_by", "held_message_sent_pair"),
            pair("discarded_at", "discarded_by", "held_message_discarded_pair"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(discarded_at__isnull=True), name="held_message_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"


def is_held(organisation_id: int) -> bool:
    """Whether a hold stops everything of an organisation now."""
    return Hold.objects.current().filter(organisation=organisation_id).exists()


def hold_blockers(organisation_id: int) -> list[Blocker]:
    """Say to staff that everything of an organisation is held, or nothing."""
    if not is_held(organisation_id):
        return []
    hint = "Every submission, payment and automatic message of it waits. Two people release a hold."
    return [Blocker("This organisation is held.", hint=hint, code="C6")]


def waiting_blockers(organisation_id: int) -> list[Blocker]:
    """Say to a partner, in neutral words, that it has to wait. These words are counsel's: they tell nobody why."""
    if not is_held(organisation_id):
        return []
    hint = "You need do nothing now. Nothing is lost. We write to you."
    return [Blocker("We are still looking at your organisation’s details.", hint=hint)]
