"""What must hold over all of partners' records, whatever happened."""

from collections.abc import Callable, Iterator

from django.db.models import Exists, F, OuterRef

from partners.checklists.problems import problems_of
from partners.models import (
    ChecklistVersion,
    Duty,
    Embargo,
    EvidenceLink,
    FrozenEvidence,
    Hold,
    Membership,
    Paper,
    Programme,
    Submission,
    SubmissionCounter,
    SubmissionVersion,
)
from partners.organisations.models.holding import RELEASES_NEEDED
from vetting_portal.canonical import sha256_of

CHUNK = 500


def checklists_are_whole() -> Iterator[str]:
    """Yield each fault of a published checklist: weights that are not 100, an anchor that is missing."""
    for checklist in ChecklistVersion.objects.published():
        for problem in problems_of(checklist.rows()):
            yield f"{checklist}: {problem.text}"


def questions_fit_the_checklist() -> Iterator[str]:
    """Yield each call, and each submission, whose questions were written for another version of its checklist."""
    for programme in Programme.objects.exclude(questionnaire__checklist=F("checklist")):
        yield f"the questions of {programme} were written for another checklist"
    for submission in Submission.objects.exclude(questionnaire__checklist=F("checklist")):
        yield f"the questions of {submission.number} were written for another checklist"


def duties_are_apart() -> Iterator[str]:
    """Yield each duty of somebody who acts or acted for the organisation that applies."""
    member = Membership.objects.filter(organisation=OuterRef("submission__organisation"), user=OuterRef("user"))
    for duty in Duty.objects.filter(Exists(member)).select_related("submission"):
        yield f"user {duty.user_id} has a duty on {duty.submission.number} and belongs to its organisation"


def numbers_have_no_gap() -> Iterator[str]:
    """Yield each year whose submissions are not numbered one by one."""
    for counter in SubmissionCounter.objects.all():
        count = Submission.objects.filter(number__startswith=f"{counter.year}-").count()
        if count != counter.last:
            yield f"{counter.year} has {count} submissions and its last number is {counter.last}"


def versions_are_whole() -> Iterator[str]:
    """Yield each frozen version whose content has another hash than the one kept with it."""
    for version in SubmissionVersion.objects.select_related("submission").iterator(chunk_size=CHUNK):
        if sha256_of(version.content) != version.sha256:
            yield f"{version} is not what was sent"


def sent_has_a_version() -> Iterator[str]:
    """Yield each submission that was sent and has no frozen version."""
    frozen = SubmissionVersion.objects.filter(submission=OuterRef("pk"))
    for submission in Submission.objects.filter(submitted_at__isnull=False).exclude(Exists(frozen)):
        yield f"{submission.number} was sent, and nothing of it was kept"


def evidence_is_own() -> Iterator[str]:
    """Yield each paper that is evidence for another organisation's submission, or for another checklist's criterion."""
    strange = EvidenceLink.objects.exclude(paper__organisation=F("submission__organisation"))
    for link in strange.select_related("submission"):
        yield f"paper {link.paper_id} is evidence for {link.submission.number} and belongs to another organisation"
    for link in EvidenceLink.objects.exclude(criterion__checklist=F("submission__checklist")).select_related(
        "submission"
    ):
        yield f"{link.submission.number} has evidence for a criterion of another checklist"
    frozen = FrozenEvidence.objects.exclude(document__paper__organisation=F("version__submission__organisation"))
    for item in frozen:
        yield f"document {item.document_id} was sent with another organisation's submission"


def holds_end_by_two() -> Iterator[str]:
    """Yield each hold that was released by fewer than two people beside the one who placed it."""
    for hold in Hold.objects.filter(released_at__isnull=False).prefetch_related("releases"):
        if len({one.given_by_id for one in hold.releases.all()} - {hold.placed_by_id}) < RELEASES_NEEDED:
            yield f"hold {hold.pk} was released by fewer than two people"


def closed_places_are_listed() -> Iterator[str]:
    """Yield a sentence where the list of closed places is empty: then nothing goes on."""
    if not Embargo.objects.exists():
        yield "the list of places under sanctions is empty"


def translations_are_own() -> Iterator[str]:
    """Yield each translation of another organisation's paper, and each that translates a translation."""
    for paper in Paper.objects.filter(translates__isnull=False).exclude(
        translates__paper__organisation=F("organisation"), translates__paper__translates=None
    ):
        yield f"paper {paper.pk} translates what it cannot"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    checklists_are_whole,
    questions_fit_the_checklist,
    duties_are_apart,
    numbers_have_no_gap,
    versions_are_whole,
    sent_has_a_version,
    evidence_is_own,
    holds_end_by_two,
    closed_places_are_listed,
    translations_are_own,
]
