"""What the pages of panels ask the database for, by name."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from partners.checklists.models import Criterion
from partners.organisations.models import Person
from partners.submissions.models import FrozenEvidence, Submission, SubmissionVersion
from partners.vault.models import Document
from reviews.panels.models import Review
from vetting_portal.models import Role, User


def documents_of(submission: Submission) -> QuerySet[Document]:
    """Return the documents that were sent with any version of the submission, by the title of their paper."""
    sent = FrozenEvidence.objects.filter(version__submission=submission).values("document")
    return Document.objects.filter(pk__in=sent).select_related("paper", "file").order_by("paper__title", "number")


def reviewers_with_load(submission: Submission) -> QuerySet[User]:
    """Return who may be asked to review ``submission``, the least busy first, each with ``open_reviews``."""
    open_states = [Review.State.INVITED, Review.State.IN_PROGRESS]
    out = Q(memberships__organisation_id=submission.organisation_id) | Q(reviews__submission=submission)
    out |= Q(declarations__has_interest=True, declarations__submission__organisation_id=submission.organisation_id)
    out |= Q(duties__submission=submission, duties__side="sign")
    barred = User.objects.filter(out).values("pk")
    return (
        User.objects.with_role(Role.REVIEWER)
        .exclude(pk__in=barred)
        .annotate(open_reviews=Count("reviews", filter=Q(reviews__state__in=open_states), distinct=True))
        .order_by("open_reviews", "name", "pk")
    )


@dataclass(frozen=True)
class Evidence:
    """One paper of the submission's newest version, and whether it is evidence for the criterion in view.

    One that was sent with an earlier version only has no codes; ``newer`` is what was sent in its place, if anything.
    """

    document: Document
    codes: tuple[str, ...]
    is_for_this: bool
    newer: Document | None = None


def evidence_of(version: SubmissionVersion, criterion: Criterion) -> list[Evidence]:
    """Return the papers that were sent with ``version``, those for ``criterion`` first."""
    found: dict[int, tuple[Document, list[str]]] = {}
    rows = (
        version.evidence.select_related("document__paper", "document__file", "criterion")
        .prefetch_related("document__verifications__verified_by")
        .order_by("criterion__position", "pk")
    )
    for row in rows:
        found.setdefault(row.document_id, (row.document, []))[1].append(row.criterion.code)
    evidence = [Evidence(document, tuple(codes), criterion.code in codes) for document, codes in found.values()]
    return sorted(evidence, key=lambda one: not one.is_for_this)


def answers_for(
    submission: Submission, version: SubmissionVersion, criterion: Criterion
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the answers that ``version`` holds: those asked for ``criterion``, and all sections."""
    keys = {question.key for question in submission.questions if question.criterion_id == criterion.pk}
    sections = version.content["sections"]
    return [answer for section in sections for answer in section["answers"] if answer["key"] in keys], sections


def named_people(submission: Submission) -> list[tuple[str, list[str]]]:
    """Return the names of who leads the organisation, by role: all that shows before a declaration."""
    people: dict[str, list[str]] = {}
    for person in submission.organisation.people_now():
        people.setdefault(person.get_role_display(), []).append(person.name)
    return [(label, people[label]) for label in Person.Role.labels if label in people]
