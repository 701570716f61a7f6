"""What reviews keep of people who are forgotten, and what has to end before."""

from collections.abc import Iterator

from django.db.models import Model
from django.urls import reverse

from partners.organisations.models import Person
from partners.submissions.models import Referee
from reviews.practice.models import PracticeAttempt
from reviews.references.models import ReferenceRequest
from reviews.screening.models import ScreeningHit
from vetting_portal.erasing import Said
from vetting_portal.models import User

TEN_YEARS = "Sanctions screening keeps the name that was compared, for 10 years (31 CFR 501.601)."


def about_erasure(record: Model) -> Iterator[Said]:
    """Say what reviews, references and screenings keep, and which of them are open."""
    if isinstance(record, User):
        yield from _about_reviewer(record)
    if isinstance(record, Referee):
        yield from _about_referee(record)
    if isinstance(record, Person):
        hits = list(ScreeningHit.objects.filter(person=record).order_by("pk"))
        for hit in hits:
            if hit.state == ScreeningHit.State.OPEN:
                yield Said("blocks", "A potential match with this person is not decided.", hit.get_absolute_url())
        yield Said("stays", TEN_YEARS)


def _about_reviewer(user: User) -> Iterator[Said]:
    reviews = user.reviews.select_related("submission").order_by("pk")
    for review in reviews:
        if review.is_open:
            url = f"{reverse('reviews:work', args=[review.submission_id])}#review-{review.pk}"
            yield Said("blocks", f"The review of application {review.submission.number} is open. End it first.", url)
    if reviews:
        yield Said("stays", "Scores, reasons and declarations of reviews, without the name.")
    if PracticeAttempt.objects.filter(reviewer=user).exists():
        yield Said("stays", "Scores and reasons of practice reviews, without the name. Nobody opens them.")


def _about_referee(referee: Referee) -> Iterator[Said]:
    request = ReferenceRequest.objects.select_related("reference").filter(referee=referee).first()
    if request is None:
        return
    if request.is_open:
        yield Said(
            "blocks",
            "This referee is asked and has not answered. Withdraw the request first.",
            request.get_absolute_url(),
        )
    if request.answer is not None:
        yield Said("stays", "What the referee answered, without name and address: the score of C11 rests on it.")


def forget_draft(referee: Referee) -> None:
    """Remove what a referee had begun to write and never sent."""
    ReferenceRequest.objects.filter(referee=referee).update(draft={}, draft_saved_at=None)
