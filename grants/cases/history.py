"""What happened to an application, newest first: its changes of state, its versions, reviews and potential matches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse

from partners.submissions.models import Submission
from reviews.panels.models import ReviewVersion
from reviews.screening.models import ScreeningHit
from vetting_portal.models import AuditEntry
from vetting_portal.trail import event_words

SHOWN = 12
SENT = {"submit", "resubmit"}


@dataclass(frozen=True)
class Event:
    """One point of the timeline."""

    at: datetime
    title: str
    by: str = ""
    state: str = "done"
    url: str = ""
    label: str = ""


def timeline(submission: Submission, *, most: int | None = SHOWN) -> list[Event]:
    """Return what happened, newest first; reasons stay with the audit trail. Three statements."""
    moves = AuditEntry.objects.about(submission).exclude(to_state="").exclude(to_state=F("from_state"))
    found = [_moved(submission, entry) for entry in moves]
    reviews = ReviewVersion.objects.filter(review__submission=submission).order_by("submitted_at")
    for number, name, at in reviews.values_list("number", "review__reviewer__name", "submitted_at"):
        found.append(Event(at, "Review submitted" if number == 1 else "Review submitted again", name))
    hits = ScreeningHit.objects.filter(organisation=submission.organisation_id, found_at__gte=submission.created_at)
    found += [Event(hit.found_at, f"Potential match found: {hit.our_name}", state="judge") for hit in hits]
    return sorted(found, key=lambda event: event.at, reverse=True)[:most]


def _moved(submission: Submission, entry: Any) -> Event:
    name = entry.words.name if hasattr(entry, "words") else ""
    if entry.event not in SENT:
        return Event(entry.at, event_words(entry.event), name)
    version = entry.facts.get("version", 1)
    url = f"{reverse('reviews:compare', args=[submission.number])}?from={version - 1}&to={version}"
    is_again = version > 1
    return Event(
        entry.at,
        f"Version {version} submitted",
        name,
        "done",
        url if is_again else "",
        "What changed" if is_again else "",
    )
