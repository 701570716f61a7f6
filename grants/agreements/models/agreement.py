"""Agreements and statements of match: the files, their hashes, and whether they still hold."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from grants.agreements.models.terms import Terms
from vetting_portal.constraints import known, pair
from vetting_portal.models import SigningPolicy, StoredFile, User

if TYPE_CHECKING:
    from grants.agreements.models.grant import Grant


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements by hash and by whether they hold."""

    def standing(self) -> "AgreementQuerySet":
        """Cut to what was not made void by a change of terms."""
        return self.filter(voided_at__isnull=True)

    def sealed(self) -> "AgreementQuerySet":
        """Cut to what carries the seal."""
        return self.filter(sealed_at__isnull=False)

    def sizes(self) -> list[int]:
        """Return the sizes of the sealed files, in bytes."""
        return list(self.values_list("sealed_file__size", flat=True))

    def known_by(self, sha256: str) -> "AgreementQuerySet":
        """Find by any of the hashes people see: of the sealed file, the signed file, or the terms or figures."""
        return self.filter(Q(sealed_sha256=sha256) | Q(signed_sha256=sha256) | Q(content_sha256=sha256))

    def amendments(self) -> "AgreementQuerySet":
        """Cut to the sealed amendments that hold, the earliest first."""
        sealed = self.standing().filter(kind=Agreement.Kind.AMENDMENT, sealed_at__isnull=False, revoked_at__isnull=True)
        return sealed.select_related("terms").order_by("terms__version")

    def revocable(self, grant: "Grant") -> "AgreementQuerySet":
        """Cut to the sealed documents of a grant that people signed and nobody revoked."""
        sealed = self.standing().filter(sealed_at__isnull=False, revoked_at__isnull=True, terms__grant=grant)
        return sealed.filter(kind__in=[Agreement.Kind.AGREEMENT, Agreement.Kind.AMENDMENT])

    def for_verification(self) -> "AgreementQuerySet":
        """Load what the verification page shows."""
        return self.select_related("terms__grant", "signed_file", "sealed_file").prefetch_related("signatures")


class Agreement(models.Model):
    """One document under terms: the agreement or an amendment of it, which both sides sign; the closing letter of a
    grant that ends before its time, which a director signs; the statement of match and the completion letter, which
    only the seal signs.

    ``content_sha256`` is the hash of the canonical JSON it was made from, ``signed_sha256`` of the file that people
    signed, ``sealed_sha256`` of the file with the seal. A statement keeps its figures in ``content``,
    a letter what it says.
    """

    class Kind(models.TextChoices):
        """Which of a grant's documents."""

        AGREEMENT = "agreement", "Grant agreement"
        AMENDMENT = "amendment", "Amendment"
        STATEMENT = "statement", "Statement of match"
        CLOSING = "closing", "Closing letter"
        COMPLETION = "completion", "Completion letter"

    SEALED_ALONE = (Kind.STATEMENT, Kind.COMPLETION)  # nobody signs them

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.AGREEMENT)
    content = models.JSONField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, unique=True)
    pages = models.PositiveIntegerField(default=0)
    signed_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    sealed_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sealed_sha256 = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    seal_level = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    voided_reason = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    revoked_reason = models.TextField(blank=True)
    revoked_public = models.TextField(blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "kind"],
                condition=~Q(kind="closing") | Q(voided_at__isnull=True),
                name="agreement_kind_once",
            ),
            models.UniqueConstraint(
                fields=["sealed_sha256"], condition=~Q(sealed_sha256=""), name="agreement_sealed_once"
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True, sealed_file__isnull=True, sealed_sha256="")
                | (Q(sealed_at__isnull=False, sealed_file__isnull=False) & ~Q(sealed_sha256="")),
                name="agreement_sealed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["agreement", "amendment", "closing"])
                | (Q(signed_file__isnull=False) & ~Q(signed_sha256="")),
                name="agreement_has_file_to_sign",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["statement", "closing", "completion"]) | Q(content__isnull=False),
                name="statement_has_figures",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True) | Q(voided_at__isnull=True), name="agreement_void_never_sealed"
            ),
            known("kind", ["agreement", "amendment", "statement", "closing", "completion"], "agreement_kind_known"),
            pair("voided_at", "voided_by", "agreement_voided_pair"),
            pair("revoked_at", "revoked_by", "agreement_revoked_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.terms}"

    @property
    def number(self) -> str:
        """The number of the grant it is about."""
        return str(self.terms.content["number"])

    @property
    def policy(self) -> SigningPolicy:
        """The signing policy that the terms were frozen with; terms from before it allow every means."""
        content = self.terms.content
        return SigningPolicy.read(content.get("signing") or {"directors": content["funder"]["directors_needed"]})

    @property
    def title(self) -> str:
        """What it is called in a sentence: ``grant agreement``, ``amendment 2``."""
        kind = self.get_kind_display().lower()
        return f"{kind} {self.terms.content['amendment']['number']}" if self.kind == self.Kind.AMENDMENT else kind

    @property
    def public_reason(self) -> str:
        """Why it was revoked, in the words that anybody may read."""
        return self.revoked_public or self.revoked_reason

    @property
    def amended_by(self) -> AgreementQuerySet:
        """The sealed amendments that changed its terms later, the earliest first."""
        if self.kind not in {self.Kind.AGREEMENT, self.Kind.AMENDMENT}:
            return Agreement.objects.none()
        return Agreement.objects.amendments().filter(
            terms__grant=self.terms.grant_id, terms__version__gt=self.terms.version
        )

    @property
    def is_example(self) -> bool:
        """Whether the funder was an example when the terms were frozen."""
        return bool(self.terms.content["example"])

    @property
    def canonical_name(self) -> str:
        """The name of its file when somebody downloads it."""
        return f"{self.kind}-{self.number}-v{self.terms.version}.pdf"

    @property
    def verify_path(self) -> str:
        """Where anybody can see its record: the address in its QR code."""
        return reverse("grants:verify_record", args=[self.content_sha256])
