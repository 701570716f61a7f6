"""How a submission stands with its references, for the panel and the reviewer's desk."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from partners.submissions.models import Submission
from reviews.references.models import REFERENCES, Reference, ReferenceRequest
from vetting_portal.workflow import Blocker

NEEDED = 2


@dataclass(frozen=True)
class ReferencesStanding:
    """The requests of a submission, each with its answer, and what they come to on one day."""

    submission: Submission
    requests: tuple[ReferenceRequest, ...]
    on: date

    @property
    def answers(self) -> list[Reference]:
        """Every answer."""
        return [one.answer for one in self.requests if one.answer is not None]

    @property
    def counting(self) -> list[Reference]:
        """The answers that count: from outside, at most three months old."""
        return [answer for answer in self.answers if answer.counts(self.on)]

    @property
    def verified(self) -> list[Reference]:
        """Those that count and that an officer verified."""
        return [answer for answer in self.counting if answer.is_verified]

    @property
    def concerns(self) -> list[Reference]:
        """The answers that raise a safeguarding concern."""
        return [answer for answer in self.answers if answer.has_concern]

    @property
    def url(self) -> str:
        """The address of the page."""
        return reverse("reviews:references", args=[self.submission.pk])

    @property
    def summary(self) -> str:
        """One line for a page."""
        return f"{len(self.counting)} of {NEEDED} answered, {len(self.verified)} verified"

    def blockers(self) -> list[Blocker]:
        """Say what keeps the submission from being recommended: too few, too old, or a concern nobody looked into."""
        if not self.submission.asks_referees:
            return []
        found = [
            Blocker(
                "A referee raises a safeguarding concern",
                hint="Speak to this referee, and record what you found.",
                code=REFERENCES,
                url=answer.request.get_absolute_url(),
            )
            for answer in self.concerns
            if not answer.is_verified
        ]
        if len(self.counting) < NEEDED:
            old = len(self.answers) - len(self.counting)
            hint = f"{len(self.counting)} of {NEEDED} so far, at most three months old and from outside."
            hint += f" {old} more do not count any more." if old else ""
            found.append(Blocker("Two references", hint=hint, code=REFERENCES, url=self.url))
        return found


def references_of(submission: Submission, on: date | None = None) -> ReferencesStanding:
    """Return how ``submission`` stands with its references on a day, today unless told."""
    rows = ReferenceRequest.objects.filter(submission=submission).for_standing().order_by("pk")
    return ReferencesStanding(submission, tuple(rows), on or timezone.localdate())
