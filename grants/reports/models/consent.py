"""Consents: who agreed to have a story told or a photograph shown, what for, until when, and how it was given."""

import re
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from grants.agreements.models import Grant
from grants.campaigns.models.campaign import CAMPAIGN_READERS
from partners.checklists.evidence import MONTHS_IN_YEAR, add_months
from partners.vault.models import Document
from vetting_portal.constraints import known, pair
from vetting_portal.models import User

LONGEST_YEARS = 3
"""A consent holds at most so long after the day on which it was given (criterion C8 of the vetting policy)."""
CAPITALS = 3
SAID = (
    "given_by", "is_pseudonym", "role", "purpose", "covers_words", "covers_photo", "given_on", "until_on", "how",
    "evidence", "evidence_note",
)  # fmt: skip


def longest_until(given_on: date) -> date:
    """Return the last day up to which a consent of ``given_on`` may hold."""
    return add_months(given_on, LONGEST_YEARS * MONTHS_IN_YEAR)


def has_initials(name: str) -> bool:
    """Return whether a name is made of initials, or has some: ``P. S.``, ``PS``, ``Mali S.``.

    One letter without a point may begin a name (``U Win``); up to three capitals together count as initials.
    """
    first, *others = name.split() or [""]
    leads = "." in first or not others
    return any(_is_initial(word) for word in ([first] if leads else []) + others)


def _is_initial(word: str) -> bool:
    parts = [part for part in re.split(r"[^\w]|_", word) if part]
    if not parts or not all(part.isalpha() for part in parts):
        return False
    return all(len(part) == 1 for part in parts) or (word.isupper() and len("".join(parts)) <= CAPITALS)


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents by who may read them and whether they hold."""

    def visible_to(self, user: User) -> "ConsentQuerySet":
        """Cut to what ``user`` may read: staff all, members those of their own grants."""
        if user.role_keys & CAMPAIGN_READERS:
            return self
        return self.filter(grant__in=Grant.objects.of_partner(user))

    def in_force(self, today: date) -> "ConsentQuerySet":
        """Cut to those that hold on ``today``: begun, not ended (the last day counts), not withdrawn."""
        return self.filter(withdrawn_at__isnull=True, given_on__lte=today, until_on__gte=today)

    def same_as(self, other: "Consent") -> "ConsentQuerySet":
        """Cut to those on record that say what ``other`` says, word for word, and were not withdrawn; oldest first."""
        said = {name: getattr(other, name) for name in SAID}
        return self.filter(grant=other.grant, withdrawn_at__isnull=True, **said).order_by("pk")

    def for_page(self) -> "ConsentQuerySet":
        """Load what the page of a consent names."""
        people = ("recorded_by", "withdrawn_by")
        return self.select_related("grant__submission__organisation", "evidence__paper", *people)


class Consent(models.Model):
    """Somebody's word that something of them may be shown. It never changes; it can be withdrawn at any time.

    A survivor stands here under a pseudonym, marked as one, and never consents to a photograph: none is taken.
    """

    class Role(models.TextChoices):
        """Who gave it."""

        SURVIVOR = "survivor", "Survivor"
        PARTICIPANT = "participant", "Somebody who takes part in the project"
        GUARDIAN = "guardian", "Parent or guardian, for a child"
        COMMUNITY = "community", "Somebody of the community"
        STAFF = "staff", "Somebody who works for the partner"

    class How(models.TextChoices):
        """How it was given."""

        WRITTEN = "written", "Signed on paper"
        RECORDED = "recorded", "Spoken and recorded"
        WITNESSED = "witnessed", "Spoken before a witness"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="consents")
    given_by = models.CharField(max_length=120)
    is_pseudonym = models.BooleanField(default=False)
    role = models.CharField(max_length=12, choices=Role)
    purpose = models.CharField(max_length=200)
    covers_words = models.BooleanField(default=True)
    covers_photo = models.BooleanField(default=False)
    given_on = models.DateField()
    until_on = models.DateField()
    how = models.CharField(max_length=12, choices=How)
    evidence = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    evidence_note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawal_reason = models.TextField(blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "-pk"]
        constraints = [
            known("role", ["survivor", "participant", "guardian", "community", "staff"], "consent_role_known"),
            known("how", ["written", "recorded", "witnessed"], "consent_how_known"),
            models.CheckConstraint(
                condition=~Q(role="survivor") | Q(is_pseudonym=True),
                name="consent_survivor_has_pseudonym",
                violation_error_message="A survivor stands here under a pseudonym, never by name.",
            ),
            models.CheckConstraint(
                condition=~Q(role="survivor") | Q(covers_photo=False),
                name="consent_survivor_no_photo",
                violation_error_message="No photograph of a survivor is ever shown.",
            ),
            models.CheckConstraint(
                condition=Q(covers_words=True) | Q(covers_photo=True),
                name="consent_covers_something",
                violation_error_message="Say what it is for: the words, the photograph, or both.",
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("given_on")),
                name="consent_ends_after_start",
                violation_error_message="It cannot end before it was given.",
            ),
            models.CheckConstraint(
                condition=Q(evidence__isnull=False) | ~Q(evidence_note=""),
                name="consent_has_evidence",
                violation_error_message="Attach the evidence, or say where it is kept.",
            ),
            models.CheckConstraint(condition=~Q(given_by="") & ~Q(purpose=""), name="consent_says_who_what_for"),
            pair("withdrawn_at", "withdrawn_by", "consent_withdrawn_pair"),
        ]

    def __str__(self) -> str:
        return f"Consent {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grants:consent", args=[self.pk])

    @property
    def said_by(self) -> str:
        """Who gave it, as people read it; a pseudonym says that it is one."""
        return f"{self.given_by} (not the real name)" if self.is_pseudonym else self.given_by

    def wording_errors(self) -> dict[str, str]:
        """Return what its words must not say, by field: a survivor's initials, and an end too far away."""
        errors = {}
        if self.role == self.Role.SURVIVOR and has_initials(self.given_by):
            errors["given_by"] = "Give another whole name, for example Mali. Initials can lead to the person."
        last = longest_until(self.given_on)
        if self.until_on > last:
            errors["until_on"] = f"A consent holds for at most three years: until {last:%-d %B %Y}. Then ask again."
        return errors

    def state_on(self, today: date) -> str:
        """Return ``withdrawn``, ``lapsed``, ``planned`` (it begins later) or ``in_force`` on a day."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.until_on < today:
            return "lapsed"
        return "planned" if self.given_on > today else "in_force"
