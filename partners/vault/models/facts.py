"""What is known of one version of a paper besides the file: who verified it, who has seen it, what was reminded of."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partners.vault.models.paper import Document
from vetting_portal.constraints import known, pair
from vetting_portal.models import Role, User

REVIEWER = "reviewer"


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Verifications by whether they hold and who may look."""

    def in_force(self) -> "VerificationQuerySet":
        """Cut to those that nobody took back."""
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, user: User) -> "VerificationQuerySet":
        """Cut to those of documents that ``user`` may open."""
        return self.filter(document__in=Document.objects.visible_to(user))


class Verification(models.Model):
    """A fact about one version of a paper: somebody of the funder compared it with another source, and it agreed.

    It holds for every submission that the version is evidence in. It never changes; it can be taken back, with why.
    """

    class How(models.TextChoices):
        """What the paper was compared with."""

        REGISTRY = "registry", "Checked in the public registry"
        ISSUER = "issuer", "Confirmed by who issued it"
        ORIGINAL = "original", "Compared with the original"
        CODE = "code", "Checked by the code that stands on it"
        OTHER = "other", "Checked in another way"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="verifications")
    how = models.CharField(max_length=12, choices=How)
    source = models.CharField(max_length=200)
    role = models.CharField(max_length=24)
    verified_at = models.DateTimeField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawal_reason = models.TextField(blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ["document", "verified_at", "pk"]
        constraints = [
            known("how", ["registry", "issuer", "original", "code", "other"], "verification_how_known"),
            models.CheckConstraint(condition=~Q(source=""), name="verification_says_where"),
            pair("withdrawn_at", "withdrawn_by", "verification_withdrawn_pair"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal_reason=""),
                name="verification_withdrawn_says_why",
            ),
            models.UniqueConstraint(
                fields=["document", "verified_by", "how"],
                condition=Q(withdrawn_at__isnull=True),
                name="verification_once",
                violation_error_message="You have recorded this already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}: {self.source}"

    @property
    def said_by(self) -> str:
        """Return who verified, in words for everybody: staff by name and role, a reviewer by the role alone."""
        return who(self.verified_by, self.role)


class Viewing(models.Model):
    """Somebody of the funder opened or downloaded a version on a day; written once for each person and day."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="viewings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    seen_on = models.DateField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["document", "seen_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["document", "user", "seen_on"], name="viewing_once_a_day")]

    def __str__(self) -> str:
        return f"{self.said_by}, {self.seen_on:%-d %B %Y}"

    @property
    def said_by(self) -> str:
        """Return who it was, in words for the partner: staff by name and role, a reviewer by the role alone."""
        return who(self.user, self.role)


class RenewalNotice(models.Model):
    """The partner was reminded that a version ends, at one of the marks (days before its end). Once for each mark."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="renewal_notices")
    mark = models.PositiveSmallIntegerField()
    ends_on = models.DateField()
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ["document", "-mark"]
        constraints = [models.UniqueConstraint(fields=["document", "mark"], name="renewal_notice_once")]

    def __str__(self) -> str:
        return f"{self.document}: {self.mark} days"


def who(user: User, role: str) -> str:
    """Return a person of the funder in words. Who reviews stays unnamed, so that reviewers are free to judge."""
    if role == REVIEWER:
        return "A reviewer"
    return f"{user.name}, {Role(role).label.lower()}" if role in Role.values else user.name
