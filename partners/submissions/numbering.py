"""Numbers of submissions: by year and without gaps."""

from partners.submissions.models import SubmissionCounter
from vetting_portal.workflow import lock


def take_number(year: int) -> str:
    """Return the next number of a year, as ``2026-031``; its counter stays locked until the action ends."""
    SubmissionCounter.objects.get_or_create(year=year)
    counter = lock(SubmissionCounter.objects.filter(year=year))[0]
    counter.last += 1
    counter.save()
    return f"{year}-{counter.last:03d}"
