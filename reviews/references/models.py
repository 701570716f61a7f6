"""A request to a referee, the links that open it, the answer, and how an officer verified it."""

import hashlib
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from partners.checklists.evidence import add_months
from partners.submissions.models import Access, Referee, Submission
from vetting_portal.constraints import known, pair
from vetting_portal.models import User

LASTS = timedelta(days=21)
REMIND_AFTER = (timedelta(days=7), timedelta(days=14))
FRESH_MONTHS = 3
REFERENCES = "C11"
READERS = frozenset({"programme_officer", "director", "auditor"})


def token_hash(token: str) -> str:
    """Return what is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class ReferenceRequestQuerySet(models.QuerySet["ReferenceRequest"]):
    """Requests by who may read them."""

    def visible_to(self, user: User) -> "ReferenceRequestQuerySet":
        """Cut to what ``user`` may read: officers, directors, auditors and assigned reviewers, never a partner."""
        outside = self.exclude(submission__organisation__memberships__user_id=user.pk)
        if READERS & user.role_keys:
            return outside
        assigned = Access.objects.current().filter(
            submission=OuterRef("submission"), user_id=user.pk, as_role="reviewer"
        )
        return outside.filter(Exists(assigned))

    def for_page(self) -> "ReferenceRequestQuerySet":
        """Load what a page shows of a request."""
        checks = models.Prefetch("reference__checks", ReferenceCheck.objects.select_related("checked_by"))
        rows = self.for_standing().select_related("submission__organisation", "submission__officer", "sent_by")
        return rows.prefetch_related(checks)

    def for_standing(self) -> "ReferenceRequestQuerySet":
        """Load what counts: the answers, and ``is_checked`` for each that was verified."""
        checks = ReferenceCheck.objects.filter(reference__request=OuterRef("pk"))
        return self.select_related("referee", "reference").annotate(is_checked=Exists(checks))


class ReferenceRequest(models.Model):
    """What one referee was asked: until when, how often reminded, and what they have written so far."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="reference_requests")
    referee = models.OneToOneField(Referee, on_delete=models.PROTECT, related_name="request")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    reminders = models.PositiveSmallIntegerField(default=0)
    draft = models.JSONField(default=dict, blank=True)
    draft_saved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ReferenceRequestQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "pk"]
        constraints = [
            pair("withdrawn_at", "withdrawn_by", "reference_request_withdrawn_pair"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("sent_at")), name="reference_request_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("reviews:reference", args=[self.pk])

    @property
    def answer(self) -> "Reference | None":
        """The answer, where there is one."""
        return getattr(self, "reference", None)

    @property
    def closed_reason(self) -> str:
        """Why it can no longer be answered: ``answered``, ``withdrawn`` or ``expired``; empty while it can."""
        if self.answer is not None:
            return "answered"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.expires_at <= timezone.now() else ""

    @property
    def is_open(self) -> bool:
        """Whether the referee can answer it now."""
        return not self.closed_reason


class ReferenceLink(models.Model):
    """One link that was mailed to the referee: only the hash of its token is kept. A new one ends those before."""

    request = models.ForeignKey(ReferenceRequest, on_delete=models.PROTECT, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["request", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 the form of a hash
                name="reference_link_hash_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"


class Reference(models.Model):
    """What a referee answered, in their own words. It is evidence for C11, and never shown to the partner."""

    class Said(models.TextChoices):
        """An answer to a plain question."""

        YES = "yes", "Yes"
        NO = "no", "No"
        UNSURE = "unsure", "I cannot say"

    request = models.OneToOneField(ReferenceRequest, on_delete=models.PROTECT, related_name="reference")
    knows_how = models.TextField()
    known_since = models.CharField(max_length=60)
    is_related = models.BooleanField()
    would_again = models.CharField(max_length=8, choices=Said)
    handles_money_well = models.CharField(max_length=8, choices=Said)
    has_concern = models.BooleanField()
    concern = models.TextField(blank=True)
    words = models.TextField(blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["request"]
        constraints = [
            known("would_again", ["yes", "no", "unsure"], "reference_would_again_known"),
            known("handles_money_well", ["yes", "no", "unsure"], "reference_money_known"),
            models.CheckConstraint(condition=Q(has_concern=False) | ~Q(concern=""), name="reference_concern_says_what"),
        ]

    def __str__(self) -> str:
        return f"reference {self.pk}"

    def content(self) -> dict[str, Any]:
        """Return what was answered, as it is hashed into the trail."""
        names = ("knows_how", "known_since", "is_related", "would_again", "handles_money_well", "has_concern")
        return {name: getattr(self, name) for name in (*names, "concern", "words")}

    @property
    def is_verified(self) -> bool:
        """Whether an officer made sure that the answer comes from the referee. Uses the annotation where it is."""
        known = self.request.__dict__.get("is_checked")
        return self.checks.exists() if known is None else bool(known)

    def fresh_until(self) -> date:
        """Return the last day on which it counts: three months after the answer."""
        return add_months(timezone.localdate(self.answered_at), FRESH_MONTHS)

    def counts(self, on: date) -> bool:
        """Whether it counts on a day: from outside, and at most three months old."""
        return not self.is_related and on <= self.fresh_until()


class ReferenceCheck(models.Model):
    """How an officer made sure that a reference comes from whom it says: how, what was found, when, by whom."""

    class How(models.TextChoices):
        """By which way."""

        CALLED = "called", "I called them, at a number that I found myself"
        ADDRESS = "address", "I compared the e-mail address with the organisation’s own website"
        MET = "met", "I met them, or saw them on a video call"

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="checks")
    how = models.CharField(max_length=8, choices=How)
    note = models.TextField()
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["reference", "checked_at"]
        constraints = [
            known("how", ["called", "address", "met"], "reference_check_how_known"),
            models.CheckConstraint(condition=~Q(note=""), name="reference_check_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.checked_at:%Y-%m-%d}"
