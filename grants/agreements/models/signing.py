"""Signatures, and the challenges that prove who signs at the moment of signing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from grants.agreements.models.agreement import Agreement
from vetting_portal.constraints import known
from vetting_portal.models import User

MOST_TRIES = 5


class Method(models.TextChoices):
    """How somebody proves who they are."""

    PASSKEY = "passkey", "Passkey"
    TOTP = "totp", "Code of an authenticator app"
    EMAIL = "email", "Code by e-mail"


class Side(models.TextChoices):
    """For whom somebody signs."""

    DIRECTOR = "director", "Director"
    PARTNER = "partner", "Partner"


def signature_prefix(content: Mapping[str, Any]) -> str:
    """Return what the number of every signature under these terms begins with: ``S-2026-014-``, ``S-2026-014-v2-``."""
    middle = "" if content["version"] == 1 else f"v{content['version']}-"
    return f"S-{content['number']}-{middle}"


class SignatureQuerySet(models.QuerySet["Signature"]):
    """Signatures of one file."""

    def of_directors(self) -> "SignatureQuerySet":
        """Cut to the funder's side."""
        return self.filter(side=Side.DIRECTOR)

    def of_partner(self) -> "SignatureQuerySet":
        """Cut to the partner's side."""
        return self.filter(side=Side.PARTNER)

    def void_under(self, grant_id: int) -> "SignatureQuerySet":
        """Cut to those of a grant that went void with their terms, newest first."""
        found = self.filter(agreement__terms__grant=grant_id, agreement__voided_at__isnull=False)
        return found.select_related("agreement__terms").order_by("-pk")


class Signature(models.Model):
    """One person's signature over one file, named by its hash; never changed. It is void when its agreement is.

    A signature by passkey keeps the assertion itself, in the form that ``assertions.problems`` checks again.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    ordinal = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=8, choices=Side)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=160)
    authority = models.CharField(max_length=200, blank=True)
    organisation_name = models.CharField(max_length=200)
    method = models.CharField(max_length=8, choices=Method)
    document_sha256 = models.CharField(max_length=64)
    challenge = models.OneToOneField("grants.SigningChallenge", on_delete=models.PROTECT, related_name="signature")
    consent_version = models.CharField(max_length=24)
    consent_text = models.TextField()
    assertion = models.JSONField(null=True, blank=True)
    signed_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ["agreement", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "user"], name="signature_once_a_person"),
            models.UniqueConstraint(fields=["agreement", "ordinal"], name="signature_ordinal_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(side="partner"), name="signature_one_countersigns"
            ),
            known("side", ["director", "partner"], "signature_side_known"),
            known("method", ["passkey", "totp", "email"], "signature_method_known"),
            models.CheckConstraint(
                condition=Q(method="passkey", assertion__isnull=False)
                | (~Q(method="passkey") & Q(assertion__isnull=True)),
                name="signature_passkey_keeps_assertion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_side_display().lower()}"

    @property
    def number(self) -> str:
        """The signature's own number: ``S-2026-014-1``, the terms' version before the last when it is not the first;
        ``end`` before the last under a closing letter.
        """
        mark = "end-" if self.agreement.kind == Agreement.Kind.CLOSING else ""
        return f"{signature_prefix(self.agreement.terms.content)}{mark}{self.ordinal}"


class SigningChallengeQuerySet(models.QuerySet["SigningChallenge"]):
    """Challenges that can still be answered."""

    def open_for(self, user: User, agreement: Agreement, now: datetime | None = None) -> "SigningChallengeQuerySet":
        """Cut to the unanswered challenges of ``user`` about ``agreement`` that a code answers, newest first."""
        return (
            self.filter(
                user=user,
                agreement=agreement,
                used_at__isnull=True,
                expires_at__gt=now or timezone.now(),
                tries__lt=MOST_TRIES,
            )
            .exclude(method=Method.PASSKEY)
            .order_by("-pk")
        )


class SigningChallenge(models.Model):
    """One chance to prove who signs: bound to a user, an agreement and its hash; once.

    A code is good for five minutes and five tries; a passkey answers within two minutes and has one. ``approval`` says
    who approves what as whom, for the passkey's challenge.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="challenges")
    document_sha256 = models.CharField(max_length=64)
    method = models.CharField(max_length=8, choices=Method)
    nonce = models.CharField(max_length=64, unique=True)
    code_sha256 = models.CharField(max_length=64, blank=True)
    approval = models.CharField(max_length=160, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SigningChallengeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="challenge_tries_limited"),
            models.CheckConstraint(condition=~Q(method="email") | ~Q(code_sha256=""), name="challenge_email_has_code"),
            models.CheckConstraint(
                condition=~Q(method="passkey") | ~Q(approval=""), name="challenge_passkey_has_approval"
            ),
            known("method", ["passkey", "totp", "email"], "challenge_method_known"),
        ]
        indexes = [models.Index(fields=["user", "made_at"], name="challenge_by_user")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} for {self.agreement}"


class SpentCode(models.Model):
    """An authenticator code that was used for a signature: each time step of a person works once."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    timestep = models.BigIntegerField()
    spent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "timestep"], name="totp_code_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.timestep}"
