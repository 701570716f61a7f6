"""Everything that a brief rests on, read once: the same number of queries for every grant."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone

from grants.agreements import brief
from grants.agreements.models import Agreement, Grant
from grants.conditions.models import Condition
from grants.conditions.rows import conditions_of_rows
from partners.places.models import Embargo
from partners.submissions.models import EvidenceLink, SubmissionVersion
from reviews.panels.conditions import VettingCondition, read_all
from reviews.panels.models import ConflictDeclaration, Recommendation, Review, ReviewVersion
from reviews.panels.standing import with_standing
from reviews.screening.bank_gate import BankStanding, bank_standing, standing_of
from reviews.screening.status import ScreeningStatus, screening_status


@dataclass(frozen=True)
class Read:
    """The records behind one brief. ``today`` is the day that papers, lists and screenings are held against.

    ``conditions`` are those on record, by number: none before the terms are frozen for the first time.
    """

    grant: Grant
    agreement: Agreement | None
    sums: list[brief.FundSums]
    recommendations: dict[int, Recommendation]
    reviews: list[Review]
    declarations: list[ConflictDeclaration]
    links: list[EvidenceLink]
    screening: ScreeningStatus
    bank: BankStanding
    embargoes: list[Embargo]
    versions: list[SubmissionVersion]
    reviewed_before: SubmissionVersion | None
    today: date
    conditions: list[Condition] = field(default_factory=list)

    @property
    def recommendation(self) -> Recommendation | None:
        """The recommendation that stands for this submission."""
        return self.recommendations.get(self.grant.submission_id)

    @cached_property
    def application(self) -> dict[str, Any]:
        """What was sent last for this submission."""
        return next((one.content for one in self.versions if one.submission_id == self.grant.submission_id), {})

    @cached_property
    def last(self) -> SubmissionVersion | None:
        """The application behind the partner's last grant that was approved, if there is one."""
        return next((one for one in self.versions if one.submission_id != self.grant.submission_id), None)

    @cached_property
    def last_grant(self) -> Grant | None:
        """The partner's last grant for another application that was approved: one query, none for a first grant."""
        if self.last is None:
            return None
        made = Grant.objects.filter(submission=self.last.submission_id, approved_at__isnull=False)
        return made.filter(pk__lt=self.grant.pk).order_by("-pk").first()

    @property
    def open_conditions(self) -> list[VettingCondition]:
        """The conditions that are still to be met: of a draft, those that its terms will hold."""
        if self.grant.terms is None:
            return read_all(self.grant.plan["conditions"])
        return [one.terms for one in self.conditions if one.is_unmet]

    @property
    def answers(self) -> dict[str, Any]:
        """The partner's answers by the key of their question."""
        sections = self.application.get("sections", [])
        return {answer["key"]: answer["value"] for section in sections for answer in section["answers"]}


def evidence_of(grant: Grant) -> list[EvidenceLink]:
    """Return the papers linked to each criterion, with their versions."""
    links = EvidenceLink.objects.filter(submission=grant.submission_id).select_related("criterion", "paper")
    return list(links.prefetch_related("paper__documents").order_by("criterion__position", "pk"))


def _applications(grant: Grant) -> QuerySet[SubmissionVersion]:
    """Return what was sent last for this grant, then for the partner's earlier grants that were approved, newest
    first.
    """
    newest = SubmissionVersion.objects.filter(submission=OuterRef("submission")).order_by("-number")
    made = Grant.objects.filter(submission=OuterRef("submission"), pk__lte=grant.pk).order_by("-pk")
    before = Grant.objects.filter(pk__lt=grant.pk, approved_at__isnull=False).values("submission")
    return (
        SubmissionVersion.objects.filter(
            Q(submission=grant.submission_id) | Q(submission__in=before),
            submission__organisation=grant.submission.organisation_id,
            pk=Subquery(newest.values("pk")[:1]),
        )
        .annotate(last_made=Subquery(made.values("pk")[:1]))
        .order_by("-last_made")
    )


def _reviewed_before(grant: Grant, newest: SubmissionVersion | None) -> SubmissionVersion | None:
    """Return the last version before the newest that a review was submitted on, if there is one."""
    if newest is None or newest.number == 1:
        return None
    reviewed = ReviewVersion.objects.filter(review__submission=grant.submission_id).values("submission_version")
    earlier = SubmissionVersion.objects.filter(submission=grant.submission_id, number__lt=newest.number)
    return earlier.filter(pk__in=reviewed).order_by("-number").first()


def _bank(grant: Grant, screening: ScreeningStatus) -> BankStanding:
    """Return how the partner's bank stands; it is among the names that were screened, where those were read."""
    if screening.subjects is None:
        return bank_standing(grant.submission.organisation)
    return standing_of(next((one.bank for one in screening.subjects if one.bank is not None), None))


def _conditions(grant: Grant) -> list[Condition]:
    """Return the conditions on record by number, from the query that read the grant where it did."""
    if hasattr(grant, "condition_rows"):
        return conditions_of_rows(grant.condition_rows)
    return list(grant.conditions.select_related("waived_by").order_by("number"))


def read_for_brief(grant: Grant, *, declarations: list[ConflictDeclaration] | None = None) -> Read:
    """Return the records that the brief of ``grant`` rests on. A page hands in what it has read already."""
    agreement = grant.agreement
    if agreement:
        prefetch_related_objects([agreement], "signatures")
    partner = grant.submission.organisation_id
    recommendations = Recommendation.objects.current().filter(submission__organisation=partner)
    screening = screening_status(grant.submission.organisation)
    reviews = Review.objects.counting().filter(submission=grant.submission_id).select_related("reviewer")
    versions = list(_applications(grant)[:2])
    newest = next((one for one in versions if one.submission_id == grant.submission_id), None)
    return Read(
        grant=grant,
        agreement=agreement,
        sums=brief.fund_sums(grant),
        recommendations={one.submission_id: one for one in with_standing(recommendations)},
        reviews=list(reviews.order_by("pk")),
        declarations=brief.declarations_of(grant) if declarations is None else declarations,
        links=evidence_of(grant),
        screening=screening,
        bank=_bank(grant, screening),
        embargoes=list(Embargo.objects.order_by("name", "since_on")),
        versions=versions,
        reviewed_before=_reviewed_before(grant, newest),
        today=timezone.localdate(),
        conditions=_conditions(grant) if grant.terms else [],
    )
