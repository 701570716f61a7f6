"""What must be true of reports at any moment: nothing of a person stands on a public page without a consent."""

from collections.abc import Callable, Iterator

from django.db.models import F, Q

from grants.reports.models import Report, Showing


def what_is_shown_rests_on_a_consent() -> Iterator[str]:
    """A story on a public page has a consent of the same grant that nobody withdrew, and covers what is shown."""
    standing = Showing.objects.filter(until_at__isnull=True)
    withdrawn = Q(story__consent__withdrawn_at__isnull=False)
    elsewhere = ~Q(story__consent__grant=F("story__report__grant"))
    photo = Q(story__photo__isnull=False) & (Q(story__consent__covers_photo=False) | Q(story__consent__role="survivor"))
    for showing in standing.filter(withdrawn | elsewhere | photo).select_related("story"):
        yield f"story {showing.story_id} stands on {showing.page} without a consent"


def only_published_reports_show_stories() -> Iterator[str]:
    """A story stands on the page of a published report only."""
    standing = Showing.objects.filter(until_at__isnull=True).exclude(story__report__state=Report.State.PUBLISHED)
    for showing in standing:
        yield f"story {showing.story_id} stands on {showing.page}, and its report is not published"


INVARIANTS: list[Callable[[], Iterator[str]]] = [what_is_shown_rests_on_a_consent, only_published_reports_show_stories]
