"""What an application waits for, as one sentence with a way there: the first of its duties."""

from dataclasses import dataclass

from django.urls import reverse

from partners.submissions.models import Submission
from vetting_portal.duties import duties_about
from vetting_portal.models import User
from vetting_portal.navigation import links_for

CLOSE = "reviews.close_reviews"
OVER = {
    Submission.State.APPROVED: "This application is approved.",
    Submission.State.DECLINED: "This application is declined.",
    Submission.State.WITHDRAWN: "The partner withdrew this application.",
}


@dataclass(frozen=True)
class Step:
    """One thing to do: the sentence, the verb on the button, where it leads; ``posts`` when the button does it."""

    text: str
    label: str = ""
    url: str = ""
    note: str = ""
    posts: bool = False


def next_step(submission: Submission, user: User) -> Step:
    """Return what ``user`` does next about an application, else what it waits for and whom."""
    first = next(iter(duties_about(user, submission)), None)
    if first is None:
        became = links_for(user, submission)
        label, url = (became[0].label, became[0].url) if became else ("", "")
        return Step(OVER.get(submission.state, "Nothing is waiting here."), label, url)
    if not first.is_mine:
        return Step(f"Waiting for {first.who}", note=f"{first.verb}. {first.why}")
    if first.key == CLOSE:
        url = reverse("reviews:close_panel", args=[submission.pk])
        return Step(f"{first.verb}.", first.button, url, first.why, posts=True)
    return Step(f"{first.verb}.", first.button, first.url, first.why)
