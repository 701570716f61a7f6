"""Papers and their versions: sent once, quarantined until checked, used in as many submissions as wanted."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from partners.organisations.models import READERS_OF_ALL, Membership, Organisation
from partners.vault.kinds import PHOTOGRAPH, PaperKind, kind_of
from vetting_portal.constraints import implies, known, pair
from vetting_portal.languages import language_words
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, permitted

if TYPE_CHECKING:
    from partners.vault.models.facts import Verification

NEWER = "Send a newer version instead."


class PaperQuerySet(models.QuerySet["Paper"]):
    """Papers by organisation."""

    def for_vault(self) -> "PaperQuerySet":
        """Return what the vault's page shows: each paper with its versions, newest first, and where it is evidence.

        A photograph of a story is not among them.
        """
        versions = Document.objects.select_related("file", "uploaded_by", "rejected_by").order_by("-number")
        versions = versions.prefetch_related("verifications__verified_by")
        return (
            self.exclude(kind=PHOTOGRAPH)
            .select_related("translates__paper")
            .prefetch_related(Prefetch("documents", queryset=versions), "evidence_links__submission__programme")
            .order_by("title", "pk")
        )

    def originals(self) -> "PaperQuerySet":
        """Cut to papers that can be evidence: no translation, no photograph of a story."""
        return self.filter(translates__isnull=True).exclude(kind=PHOTOGRAPH)

    def visible_to(self, user: User) -> "PaperQuerySet":
        """Cut to the papers of which ``user`` may open a version."""
        return self.filter(Exists(Document.objects.visible_to(user).filter(paper=OuterRef("pk"))))


class Paper(models.Model):
    """One paper of an organisation, whatever its newest version."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="papers")
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=32)
    translates = models.OneToOneField(
        "partners.Document", on_delete=models.PROTECT, related_name="translation", null=True, blank=True
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_title"),
            models.CheckConstraint(
                condition=Q(translates__isnull=True) | Q(kind="translation"), name="paper_that_translates_says_so"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("partners:paper", args=[self.pk])

    @property
    def kind_info(self) -> PaperKind:
        """Return what kind of paper it is; a translation is of its original's kind."""
        return kind_of(self.translates.paper.kind if self.translates is not None else self.kind)

    @property
    def versions(self) -> "list[Document]":
        """Return its versions, newest first; uses what was prefetched."""
        return sorted(self.documents.all(), key=lambda document: -document.number)

    @property
    def newest(self) -> "Document | None":
        """Return the version sent last."""
        return next(iter(self.versions), None)

    @property
    def current(self) -> "Document | None":
        """Return the accepted version, if there is one: the one that counts as evidence."""
        return next((document for document in self.versions if document.state == Document.State.ACCEPTED), None)

    @property
    def leading(self) -> "Document | None":
        """Return the version that says how it stands: the newest; where that was turned down and an older one accepted
        after it, the accepted one.
        """
        newest, current = self.newest, self.current
        if newest is None or current is None or newest.rejected_at is None or current.accepted_at is None:
            return newest
        return current if current.accepted_at > newest.rejected_at else newest

    @property
    def good_before(self) -> "Document | None":
        """Return the newest version that gave way to another and can be accepted again, if there is one."""
        return next((document for document in self.versions if document.may_count_again), None)

    def send_blockers(self) -> list[str]:
        """Say why no newer version of it is taken: it translates a version that counts no more."""
        return [] if self.translates is None else self.translates.translate_blockers()

    def decision_on(self, today: date) -> date | None:
        """Return the latest day on which a decision is expected that this paper is evidence for, or None.

        Uses the evidence links of submissions that are not decided yet, prefetched by ``for_vault``.
        """
        open_ones = [link.submission for link in self.evidence_links.all() if link.submission.is_undecided]
        return max((submission.decision_on(today) for submission in open_ones), default=None)


class DocumentQuerySet(models.QuerySet["Document"]):
    """Versions of papers by who may open them and when they end."""

    def accepted(self) -> "DocumentQuerySet":
        """Cut to the versions that count as evidence."""
        return self.filter(state=Document.State.ACCEPTED)

    def papers_of(self, organisation: Organisation) -> "DocumentQuerySet":
        """Cut to those of an organisation's papers; a photograph of a story was consented to for its page only."""
        return self.filter(paper__organisation=organisation).exclude(paper__kind=PHOTOGRAPH)

    def for_page(self) -> "DocumentQuerySet":
        """Return what the page of a paper shows of its versions, newest first."""
        people = ("uploaded_by", "rejected_by", "accepted_by")
        rows = self.select_related("file", "paper__organisation", "paper__translates__paper", *people)
        return rows.prefetch_related("verifications__verified_by", "paper__documents").order_by("-number")

    def visible_to(self, user: User) -> "DocumentQuerySet":
        """Cut to what ``user`` may open.

        Members: all of their organisation. Staff: all of an organisation that has sent a submission.
        Reviewers with access to a submission: the versions that were sent with it.
        """
        mine = Membership.objects.current().filter(organisation=OuterRef("paper__organisation"), user_id=user.pk)
        if READERS_OF_ALL & user.role_keys:
            applicants = Organisation.objects.filter(
                submissions__submitted_at__isnull=False, pk=OuterRef("paper__organisation")
            )
            return self.filter(Exists(mine) | Exists(applicants))
        if Role.REVIEWER not in user.role_keys:
            return self.filter(Exists(mine))
        sent = Q(
            frozen_in__version__submission__accesses__user_id=user.pk,
            frozen_in__version__submission__accesses__until_at__isnull=True,
        )
        return self.filter(Exists(mine) | Exists(Document.objects.filter(sent, pk=OuterRef("pk"))))


class Document(models.Model):
    """One version of a paper: the file, its dates, and what came of checking it."""

    class State(models.TextChoices):
        """How far its checking went."""

        QUARANTINED = "quarantined", "Being checked"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Not accepted"
        SUPERSEDED = "superseded", "Replaced by a newer one"

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveSmallIntegerField()
    state = FSMField(max_length=24, choices=State, default=State.QUARANTINED, protected=True)
    file = models.ForeignKey("vetting_portal.StoredFile", on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=127, blank=True)
    size = models.BigIntegerField()
    language = models.CharField(max_length=40, blank=True)
    issuer = models.CharField(max_length=160, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    scanned = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_reason = models.TextField(blank=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    rejection_reason = models.TextField(blank=True)
    send_instead = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["paper", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "number"], name="document_number_once"),
            models.UniqueConstraint(fields=["paper", "file"], name="document_content_once"),
            models.UniqueConstraint(fields=["paper"], condition=Q(state="accepted"), name="document_accepted_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="document_number_positive"),
            models.CheckConstraint(condition=Q(size__gte=0), name="document_size_not_negative"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True)
                | Q(issued_on__isnull=True)
                | Q(expires_on__gte=models.F("issued_on")),
                name="document_ends_after_issue",
                violation_error_message="The paper cannot end before its own date.",
            ),
            known("state", ["quarantined", "accepted", "rejected", "superseded"], "document_state_known"),
            implies(["accepted"], ["accepted_at", "checked_at"], "document_accepted_stamps"),
            implies(["rejected"], ["rejected_at"], "document_rejected_stamps"),
            implies(["superseded"], ["superseded_at"], "document_superseded_stamps"),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(rejection_reason=""), name="document_rejected_says_why"
            ),
            pair("accepted_at", "accepted_by", "document_accepted_pair"),
            pair("rejected_at", "rejected_by", "document_rejected_pair"),
            pair("superseded_at", "superseded_by", "document_superseded_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.paper}, version {self.number}"

    @property
    def counts_from(self) -> date:
        """Return the day its validity is counted from: its own date, else the day it was sent."""
        return self.issued_on or timezone.localdate(self.uploaded_at)

    @property
    def language_words(self) -> str:
        """Return its languages as English names: ``Thai and English``."""
        return language_words(self.language)

    @property
    def verified(self) -> "list[Verification]":
        """Return the verifications that hold, the oldest first; uses what was prefetched."""
        return [fact for fact in self.verifications.all() if fact.withdrawn_at is None]

    @property
    def current_translation(self) -> "Document | None":
        """Return its accepted translation, if there is one."""
        paper = getattr(self, "translation", None)
        return paper.current if paper is not None else None

    def describe_blockers(self) -> list[str]:
        """Say why what was said of it cannot be corrected any more: others have relied on it."""
        if self.frozen_in.exists():
            return [Blocker("It was sent with an application, and stays as it was sent.", hint=NEWER)]
        if self.verifications.exists():
            return [Blocker("It was verified as it is.", hint=NEWER)]
        if self.state not in {self.State.QUARANTINED, self.State.ACCEPTED}:
            return [Blocker(f"This version is {self.get_state_display().lower()}.", hint=NEWER)]
        return []

    def translate_blockers(self) -> list[str]:
        """Say why no translation can be added to it."""
        if self.paper.translates_id is not None:
            return [Blocker("This is a translation itself.")]
        if self.state not in {self.State.QUARANTINED, self.State.ACCEPTED}:
            return [Blocker(f"This version is {self.get_state_display().lower()}.", hint="Translate the newest one.")]
        return []

    def verify_blockers(self) -> list[str]:
        """Say why it cannot be verified: only what the checks have passed and nobody rejected."""
        if self.checked_at is None or self.state not in {self.State.ACCEPTED, self.State.SUPERSEDED}:
            return [Blocker(f"This version is {self.get_state_display().lower()}.", hint="Verify what is accepted.")]
        return []

    @property
    def may_count_again(self) -> bool:
        """Whether it gave way to a newer version, and no version of its paper is accepted now."""
        return self.state == self.State.SUPERSEDED and not self.accept_blockers()

    @property
    def is_expired(self) -> bool:
        """Whether the end date that stands on it has passed."""
        return self.expires_on is not None and self.expires_on < timezone.localdate()

    def accept_blockers(self) -> list[str]:
        """Say why it cannot be accepted: its checks have not passed, or another version counts in its place."""
        if self.checked_at is None:
            return [Blocker("The checks of this file have not passed yet.", hint=self.check_reason)]
        current = self.paper.current
        if current is not None and (current.number > self.number or self.state == self.State.SUPERSEDED):
            return [Blocker(f"Version {current.number} of this paper is accepted.", hint="One version counts.")]
        return []

    @transition(
        field=state,
        source=[State.QUARANTINED, State.REJECTED, State.SUPERSEDED],
        target=State.ACCEPTED,
        conditions=[lambda d: not d.accept_blockers()],
        permission=permitted("partners.accept_document"),
    )
    def accept(self, *, by: User) -> None:
        """Take it as evidence; again, where the version that replaced it was not the right one."""
        self.accepted_at, self.accepted_by = timezone.now(), by
        self.rejected_at = self.rejected_by = self.superseded_at = self.superseded_by = None
        self.rejection_reason = self.send_instead = ""

    @transition(
        field=state,
        source=[State.QUARANTINED, State.ACCEPTED],
        target=State.REJECTED,
        permission=permitted("partners.reject_document"),
    )
    def reject(self, *, by: User, reason: str, send_instead: str = "") -> None:
        """Do not take it, with the reason and what to send instead in plain words."""
        self.rejected_at, self.rejected_by = timezone.now(), by
        self.rejection_reason, self.send_instead = reason, send_instead

    @transition(
        field=state,
        source=[State.QUARANTINED, State.ACCEPTED],
        target=State.SUPERSEDED,
        permission=permitted("partners.supersede_document"),
    )
    def supersede(self, *, by: User) -> None:
        """Give way to a newer version of the same paper."""
        self.superseded_at, self.superseded_by = timezone.now(), by

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of this document."""
        return {
            "document": self.pk,
            "paper": self.paper_id,
            "translates": self.paper.translates_id,
            "version": self.number,
            "sha256": self.file.sha256,
            "issuer": self.issuer,
            "issued_on": self.issued_on.isoformat() if self.issued_on else None,
            "language": self.language,
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
        }
