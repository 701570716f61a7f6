"""The funder whose portal this is: its record has versions, an agreement names the one it was made under."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from vetting_portal.models.policy import SigningPolicy

NEWEST_CONSENT = "2026-2"
DEFAULT_SIGNING_POLICY = {"directors": 2, "above": None, "methods": ["passkey", "totp", "email"],
                          "consent": NEWEST_CONSENT}  # fmt: skip


def default_signing_policy() -> dict[str, Any]:
    """Return the policy a new funder starts with: two directors, by a passkey or by a code."""
    return dict(DEFAULT_SIGNING_POLICY)


class FunderQuerySet(models.QuerySet["Funder"]):
    """Versions of the funder's record."""

    def current(self) -> "Funder":
        """Return the newest version. Raises Funder.DoesNotExist before ``create_funder`` was run."""
        found = self.order_by("-version").first()
        if found is None:
            raise Funder.DoesNotExist("There is no funder yet: run manage.py create_funder.")
        return found

    def current_or_none(self) -> "Funder | None":
        """Return the newest version, or None on an empty installation."""
        try:
            return self.current()
        except ObjectDoesNotExist:
            return None


class Funder(models.Model):
    """One version of the funder's record. A change makes a new version.

    ``governing_law`` is the state or country whose law governs agreements ("the State of Washington, United States");
    ``courts`` the place whose courts decide ("King County, Washington, United States").
    """

    version = models.PositiveIntegerField(unique=True, default=1)
    name = models.CharField(max_length=200)
    tax_number = models.CharField(max_length=40)
    address = models.TextField()
    country = models.CharField(max_length=2, default="US")
    city = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, default="America/Los_Angeles")
    currency = models.CharField(max_length=3, default="USD")
    contact_email = models.EmailField(blank=True)
    governing_law = models.CharField(max_length=120, blank=True)
    courts = models.CharField(max_length=120, blank=True)
    signing_policy = models.JSONField(default=default_signing_policy)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FunderQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="funder_version_positive")]

    def __str__(self) -> str:
        return self.name

    @property
    def policy(self) -> SigningPolicy:
        """Who signs a grant, and by which means."""
        return SigningPolicy.read(self.signing_policy)

    def directors_needed(self, amount_minor: int, currency: str) -> int:
        """Return how many directors sign a grant of this goal (minor units)."""
        return self.policy.needed_for(amount_minor, same_currency=currency == self.currency)
