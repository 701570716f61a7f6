"""The reviewers' discussion of one application: only after every one of them has submitted a first time."""

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from partners.submissions.models import Submission
from reviews.panels.models import PanelMessage, Review
from reviews.panels.models.discussing import LONGEST_MESSAGE
from reviews.panels.models.reviewing import WRITABLE_WHILE
from reviews.panels.scoring import REVIEWS_NEEDED
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record


def discussion_blockers(submission: Submission, *, blind: int, counting: int) -> list[Blocker]:
    """Say why nobody can write now: it is decided, somebody is still blind, or fewer than two reviews count."""
    if submission.state not in WRITABLE_WHILE:
        return [Blocker(f"This application is {submission.get_state_display().lower()} now. The discussion has ended.")]
    if blind:
        return [
            Blocker(
                "The discussion opens when every reviewer has submitted.",
                hint=f"{blind} review{'s are' if blind > 1 else ' is'} not submitted yet.",
            )
        ]
    if counting < REVIEWS_NEEDED:
        return [Blocker("The discussion opens when two reviews are submitted.")]
    return []


@action
def write_panel_message(*, submission: Submission, text: str, by: User) -> PanelMessage:
    """Write to the other reviewers; they are notified by e-mail, and no score changes.

    Raises PermissionDenied, ValidationError for an empty or too long text, Refused while somebody is still blind.
    """
    submission = lock(submission)
    lock(Review.objects.filter(submission=submission))
    ask(by, "reviews.write_panel_message", submission)
    words = text.strip()
    if not words:
        raise ValidationError({"text": "Write your message."})
    if len(words) > LONGEST_MESSAGE:
        raise ValidationError({"text": f"At most {LONGEST_MESSAGE:,} characters. This has {len(words):,}."})
    reviews = list(submission.reviews.active())
    blind = sum(review.is_open and not review.version for review in reviews)
    counting = sum(review.counts for review in reviews)
    if blockers := discussion_blockers(submission, blind=blind, counting=counting):
        raise Refused(blockers, subject=submission)
    message = PanelMessage.objects.create(submission=submission, author=by, text=words, written_at=timezone.now())
    # The words stay in the discussion: a reviewer who is asked later must not find them in the trail.
    record("panel_message_written", message, by=by, facts={"submission": submission.pk})
    others = submission.reviews.active().exclude(reviewer=by).select_related("reviewer")
    for review in others:
        notify(
            review.reviewer,
            subject=f"Application {submission.number}: a message from a reviewer",
            template="reviews/mail/panel_message.txt",
            context={"submission": submission, "path": reverse("reviews:panel", args=[submission.pk])},
        )
    return message
