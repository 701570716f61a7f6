"""A report of a visit: written as a draft, frozen when handed in, corrected by a new version only."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from partners.checklists.evidence import add_months
from partners.organisations.models import Organisation
from partners.submissions.models import Access, Submission
from partners.vault.models import Document
from vetting_portal.constraints import known, pair
from vetting_portal.models import User

GOOD_FOR_MONTHS = 24
VISITS = "C12"
READERS = frozenset({"programme_officer", "director", "finance_officer", "auditor", "administrator"})


class VisitQuerySet(models.QuerySet["Visit"]):
    """Reports by who may read them and which stand."""

    def visible_to(self, user: User) -> "VisitQuerySet":
        """Cut to what ``user`` may read: staff all, assigned reviewers those handed in, never a partner."""
        outside = self.exclude(organisation__memberships__user_id=user.pk)
        if READERS & user.role_keys:
            return outside
        assigned = Access.objects.current().filter(
            submission__organisation=OuterRef("organisation"), user_id=user.pk, as_role="reviewer"
        )
        return outside.filter(Exists(assigned), submitted_at__isnull=False)

    def standing(self) -> "VisitQuerySet":
        """Cut to the reports that were handed in and that no later version corrects, newest visit first."""
        later = Visit.objects.filter(corrects=OuterRef("pk"), submitted_at__isnull=False)
        handed_in = self.filter(submitted_at__isnull=False).exclude(Exists(later))
        return handed_in.select_related("submitted_by", "submission").order_by("-visited_on", "-pk")

    def evidence_for(self, submission: Submission, on: date) -> "VisitQuerySet":
        """Cut to the reports that count for a submission on a day: of its organisation, at most 24 months old."""
        earliest = add_months(on, -GOOD_FOR_MONTHS)
        rows = self.filter(organisation_id=submission.organisation_id, visited_on__gte=earliest, visited_on__lte=on)
        return rows.standing()


class Visit(models.Model):
    """One version of a report. ``corrects`` names the version it replaces; papers are document ids, as they stood."""

    class Kind(models.TextChoices):
        """Who looked, and from where. The checklist weighs them: own visit, third party, video call."""

        OWN = "own", "Our own visit"
        THIRD_PARTY = "third_party", "A visit by somebody we trust"
        VIDEO = "video", "A video call"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="visits")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="visits")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="corrected_by", null=True, blank=True
    )
    number = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=Kind)
    visited_on = models.DateField()
    visitors = models.CharField(max_length=300)
    people_met = models.TextField()
    findings = models.TextField()
    correction_reason = models.TextField(blank=True)
    papers = models.JSONField(default=list, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-visited_on", "-pk"]
        constraints = [
            known("kind", ["own", "third_party", "video"], "visit_kind_known"),
            pair("submitted_at", "submitted_by", "visit_submitted_pair"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | (~Q(findings="") & ~Q(people_met="") & ~Q(visitors="")),
                name="visit_submitted_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, number=1)
                | (Q(corrects__isnull=False, number__gte=2) & ~Q(correction_reason="")),
                name="visit_correction_says_why",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-visited_on"], name="visit_of_organisation")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.visited_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("reviews:visit", args=[self.pk])

    @property
    def is_frozen(self) -> bool:
        """Whether it was handed in."""
        return self.submitted_at is not None

    @property
    def good_until(self) -> date:
        """The last day on which it counts as evidence."""
        return add_months(self.visited_on, GOOD_FOR_MONTHS)

    @property
    def later(self) -> "Visit | None":
        """The version that corrects it, drafts included."""
        return getattr(self, "corrected_by", None)

    def documents(self) -> "models.QuerySet[Document]":
        """Return the papers that were looked at, as they stood."""
        rows = Document.objects.filter(pk__in=self.papers, paper__organisation_id=self.organisation_id)
        return rows.select_related("paper").order_by("paper__title", "number")
