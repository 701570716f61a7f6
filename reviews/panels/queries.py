"""What the pages of panels ask the database for, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.organisations.models import Membership, Person
from partners.submissions.models import EvidenceLink, FrozenEvidence, Submission, SubmissionVersion, VersionReading
from partners.vault.models import Document
from reviews.panels.conflicts import findings_of
from reviews.panels.models import ConflictDeclaration, Recommendation, Review
from reviews.panels.proposing import Candidate
from reviews.practice.models import PracticeAttempt
from vetting_portal.languages import EVERYBODY
from vetting_portal.models import Role, User


def viewer_facts(user: User, *, submission: str = "pk", organisation: str = "organisation") -> dict[str, Any]:
    """Return what the rules ask about ``user``, as annotations ``viewer_…`` of rows that name a submission and its
    organisation so: asked once for a page instead of once for each permission.
    """
    own = Review.objects.filter(submission=OuterRef(submission), reviewer_id=user.pk)
    interests = ConflictDeclaration.objects.of_interest().filter(user_id=user.pk)
    belonged = Membership.objects.filter(organisation=OuterRef(organisation), user_id=user.pk)
    return {
        "viewer_id": Value(user.pk),
        "viewer_was_member": Exists(belonged),
        "viewer_has_interest": Exists(interests.filter(submission__organisation=OuterRef(organisation))),
        "viewer_has_interest_here": Exists(interests.filter(submission=OuterRef(submission))),
        "viewer_is_blind": Exists(own.open().filter(version=0)),
        "viewer_has_submitted": Exists(own.counting()),
    }


def hand_on(row: Any, submission: Submission) -> None:
    """Let the submission of ``row`` tell the facts that ``row`` was read with (``viewer_facts``)."""
    vars(submission).update({name: value for name, value in vars(row).items() if name.startswith("viewer_")})


def seen_by(rows: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Load what the officer's page and the result's show of a submission, and what the rules ask about ``user`` there.

    ``version_number`` and ``version_sent_at`` are of what was sent last.
    """
    last = SubmissionVersion.objects.filter(submission=OuterRef("pk")).order_by("-number")
    return rows.select_related("organisation", "programme", "checklist", "officer").annotate(
        **viewer_facts(user),
        version_number=Subquery(last.values("number")[:1]),
        version_sent_at=Subquery(last.values("submitted_at")[:1]),
    )


def with_reading(rows: QuerySet[Review], user: User) -> QuerySet[Review]:
    """Add whether ``user`` has opened the newest version of each review's application (``has_read_newest``)."""
    newest = SubmissionVersion.objects.filter(submission=OuterRef("submission")).order_by("-number").values("pk")[:1]
    read = VersionReading.objects.filter(user=user, version=OuterRef("newest_version"))
    return rows.annotate(newest_version=Subquery(newest)).annotate(has_read_newest=Exists(read))


def has_submitted_a_review(user: User) -> bool:
    """Whether ``user`` has submitted a review of a real application at least once, whatever became of it."""
    return user.reviews.filter(version__gte=1).exists()


def documents_of(submission: Submission) -> QuerySet[Document]:
    """Return the documents that were sent with any version of the submission, by the title of their paper."""
    sent = FrozenEvidence.objects.filter(version__submission=submission).values("document")
    return Document.objects.filter(pk__in=sent).select_related("paper", "file").order_by("paper__title", "number")


def current_recommendation(submission: Submission) -> Recommendation | None:
    """Return the recommendation in force. Before one is made, and once it is returned, there is none to ask for."""
    if submission.state in {Submission.State.IN_REVIEW, Submission.State.ASSESSED}:
        return None
    return submission.recommendations.current().select_related("recommended_by").first()


def _refused() -> QuerySet[Document]:
    newer = Document.objects.filter(paper=OuterRef("paper"), number__gt=OuterRef("number"))
    return Document.objects.filter(state=Document.State.REJECTED).filter(~Exists(newer))


def with_refused(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Add whether the newest version of a document that is evidence was rejected (``has_refused``), and whether a
    director ever returned its recommendation (``was_returned``).
    """
    links = EvidenceLink.objects.filter(submission=OuterRef("pk"), paper__in=_refused().values("paper"))
    returned = Recommendation.objects.filter(submission=OuterRef("pk"), returned_at__isnull=False)
    return rows.annotate(has_refused=Exists(links), was_returned=Exists(returned))


def returned_last(submission: Submission) -> Recommendation | None:
    """Return the recommendation that a director gave back, if none was written since."""
    if not getattr(submission, "was_returned", True):
        return None
    rows = Recommendation.objects.filter(submission=submission).select_related("returned_by")
    last = rows.order_by("-recommended_at").first()
    return last if last is not None and last.returned_at is not None else None


def refused_of(submission: Submission) -> QuerySet[Document]:
    """Return the documents whose newest version was rejected, of those that are evidence in the application."""
    linked = EvidenceLink.objects.filter(submission=submission).values("paper")
    return _refused().filter(paper__in=linked).select_related("paper").order_by("paper__title", "pk")


def languages_of(version: SubmissionVersion | None) -> list[str]:
    """Return the languages besides English that the papers of a version are in, as codes."""
    if version is None:
        return []
    told = version.evidence.order_by().values_list("document__language", flat=True).distinct()
    codes = {code for text in told for code in text.split(",") if code}
    return sorted(codes - {EVERYBODY})


def candidates_of(submission: Submission, needed: Sequence[str]) -> list[Candidate]:
    """Return every reviewer who was not asked yet, with workload, languages and what the records show of them.

    ``needed`` are the languages of the submission. The number of queries does not grow with the number of reviewers.
    """
    is_open = Q(reviews__state__in=[Review.State.INVITED, Review.State.IN_PROGRESS])
    late = is_open & Q(reviews__due_on__lt=timezone.localdate())
    asked = submission.reviews.values("reviewer")
    people = (
        User.objects.with_role(Role.REVIEWER)
        .exclude(pk__in=asked)
        .annotate(
            open_reviews=Count("reviews", filter=is_open, distinct=True),
            late_reviews=Count("reviews", filter=late, distinct=True),
            next_due=Min("reviews__due_on", filter=is_open),
            is_new=~Exists(Review.objects.filter(reviewer=OuterRef("pk"), version__gte=1)),
            has_practised=Exists(PracticeAttempt.objects.submitted().filter(reviewer=OuterRef("pk"))),
        )
    )
    reviewers = list(people)
    signing = set(submission.duties.filter(side="sign").values_list("user_id", flat=True))
    shown = findings_of(submission.organisation, reviewers)
    return [
        Candidate(
            user=user,
            open_reviews=user.open_reviews,
            late=user.late_reviews,
            next_due=user.next_due,
            reads=tuple(user.languages),
            missing=tuple(code for code in needed if code not in user.languages),
            findings=tuple(shown[user.pk]),
            is_new=user.is_new,
            has_practised=user.has_practised,
            bars=(
                *(finding.text for finding in shown[user.pk] if finding.is_hard),
                *(["signs for this submission"] if user.pk in signing else []),
            ),
        )
        for user in reviewers
    ]


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
