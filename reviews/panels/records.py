"""What records say for a criterion besides papers and answers: references, visits. One list for the desk."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.submissions.models import Submission
from reviews.references.models import REFERENCES
from reviews.references.standing import references_of
from reviews.visits.models import VISITS, Visit


@dataclass(frozen=True)
class RecordLine:
    """One record as evidence: what it is, what it says in a line, a state with its word, and its page."""

    label: str
    text: str
    state: str
    word: str
    url: str


@dataclass(frozen=True)
class RecordsPage:
    """Where all records of one kind are read: the criterion that they are evidence for, their name, the address."""

    code: str
    label: str
    url: str


PAGES = {REFERENCES: ("References", "reviews:references"), VISITS: ("Visits", "reviews:visits")}


def records_pages(submission: Submission, criteria: list[Criterion]) -> list[RecordsPage]:
    """Return where a reader finds the records that are evidence for ``criteria``, in their order."""
    asked = [criterion.code for criterion in criteria if criterion.code in PAGES]
    return [RecordsPage(code, PAGES[code][0], reverse(PAGES[code][1], args=[submission.pk])) for code in asked]


def records_for(submission: Submission, criterion: Criterion) -> list[RecordLine]:
    """Return the records that are evidence for ``criterion``; empty for most."""
    if criterion.code == REFERENCES:
        return _references(submission)
    return _visits(submission) if criterion.code == VISITS else []


def _references(submission: Submission) -> list[RecordLine]:
    standing = references_of(submission)
    lines = []
    for answer in standing.answers:
        state, word = ("done", "Verified") if answer.is_verified else ("submitted", "Not verified")
        if not answer.counts(standing.on):
            state, word = "none", "Does not count"
        if answer.has_concern:
            state, word = "judge", "Safeguarding concern"
        referee = answer.request.referee
        day = f"{timezone.localdate(answer.answered_at):%-d %B %Y}"
        label = f"Reference: {referee.name}, {referee.organisation}"
        lines.append(RecordLine(label, day, state, word, answer.request.get_absolute_url()))
    if submission.asks_referees and not lines:
        url = reverse("reviews:references", args=[submission.pk])
        lines.append(RecordLine("References", "No referee has answered yet.", "pending", "Waiting", url))
    return lines


def _visits(submission: Submission) -> list[RecordLine]:
    return [
        RecordLine(
            visit.get_kind_display(), f"{visit.visited_on:%-d %B %Y}, by {visit.visitors}", "done", "Report",
            visit.get_absolute_url(),
        )
        for visit in Visit.objects.evidence_for(submission, timezone.localdate())
    ]  # fmt: skip
