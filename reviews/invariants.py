"""What must always be true of reviews, over the whole database."""

from collections.abc import Callable, Iterator

from django.db.models import Count, Exists, F, OuterRef

from partners.models import Access, Duty, FrozenEvidence, Hold, Membership, Submission
from reviews.models import (
    Citation,
    ConflictDeclaration,
    Recommendation,
    ReferenceLink,
    ReferenceRequest,
    Review,
    ReviewVersion,
    SanctionsList,
    ScreeningHit,
    Visit,
)
from vetting_portal.canonical import sha256_of


def reviewers_stand_on_the_assessing_side() -> Iterator[str]:
    """Who was asked to review has the duty; so nobody of them signs."""
    duty = Duty.objects.filter(submission=OuterRef("submission"), user=OuterRef("reviewer"), side=Duty.Side.ASSESS)
    for review in Review.objects.exclude(Exists(duty)):
        yield f"review {review.pk}: its reviewer is not on the assessing side"
    for made in Recommendation.objects.exclude(
        Exists(
            Duty.objects.filter(
                submission=OuterRef("submission"), user=OuterRef("recommended_by"), side=Duty.Side.ASSESS
            )
        )
    ):
        yield f"recommendation {made.pk}: who recommended is not on the assessing side"


def reviewers_come_from_outside() -> Iterator[str]:
    """Nobody reviews for an organisation they belong to, belonged to, or declared an interest in."""
    active = Review.objects.active()
    member = Membership.objects.filter(organisation=OuterRef("submission__organisation"), user=OuterRef("reviewer"))
    for review in active.filter(Exists(member)):
        yield f"review {review.pk}: its reviewer acts or acted for the organisation"
    interest = ConflictDeclaration.objects.of_interest().filter(
        submission__organisation=OuterRef("submission__organisation"), user=OuterRef("reviewer")
    )
    for review in active.filter(Exists(interest)):
        yield f"review {review.pk}: its reviewer declared an interest"


def reading_follows_the_declaration() -> Iterator[str]:
    """A reviewer is given the application from the declaration to the end of the review, not before and not after.

    Somebody whose role has ended reads nothing (``Access.objects.current``), while the review and what was given stand.
    """
    reads = Access.objects.filter(
        submission=OuterRef("submission"), user=OuterRef("reviewer"), as_role="reviewer", until_at=None
    )
    open_states = [Review.State.IN_PROGRESS, Review.State.SUBMITTED]
    for review in Review.objects.filter(state__in=open_states).exclude(Exists(reads)):
        yield f"review {review.pk}: its reviewer cannot read the submission"
    for review in Review.objects.exclude(state__in=open_states).filter(Exists(reads)):
        yield f"review {review.pk}: its reviewer can read the submission"


def citations_are_of_what_was_sent() -> Iterator[str]:
    """A score rests on documents that were sent with its submission."""
    sent = FrozenEvidence.objects.filter(
        version__submission=OuterRef("score__review__submission"), document=OuterRef("document")
    )
    for citation in Citation.objects.exclude(Exists(sent)).select_related("score"):
        yield f"review {citation.score.review_id} cites document {citation.document_id}, which was not sent"


def submitted_versions_are_whole() -> Iterator[str]:
    """Each submit left one version, and its hash is the hash of its content."""
    for review in Review.objects.annotate(kept=Count("versions")).exclude(kept=F("version")):
        yield f"review {review.pk}: {review.version} submits and {review.versions.count()} versions"
    for version in ReviewVersion.objects.order_by("pk").iterator(chunk_size=500):
        if sha256_of(version.content) != version.sha256:
            yield f"version {version.number} of review {version.review_id} was changed"


def recommended_submissions_have_a_recommendation() -> Iterator[str]:
    """What is recommended or approved says why, and what went back does not."""
    current = Recommendation.objects.current().filter(submission=OuterRef("pk"))
    states = [Submission.State.RECOMMENDED, Submission.State.APPROVED]
    for submission in Submission.objects.filter(state__in=states).exclude(Exists(current)):
        yield f"submission {submission.number}: no recommendation is current"
    working = [Submission.State.SUBMITTED, Submission.State.IN_REVIEW, Submission.State.ASSESSED]
    for submission in Submission.objects.filter(Exists(current), state__in=working):
        yield f"submission {submission.number}: a recommendation is current before there is one"


def lists_hold_what_they_say() -> Iterator[str]:
    """A list has as many entries and names as it says."""
    counted = SanctionsList.objects.annotate(
        entries_there=Count("entries", distinct=True), names_there=Count("entries__names", distinct=True)
    )
    for one in counted:
        if (one.entries_there, one.names_there) != (one.entry_count, one.name_count):
            there = f"{one.entries_there} entries and {one.names_there} names"
            yield f"list {one.pk}: {there} instead of {one.entry_count} and {one.name_count}"


def candidates_are_of_their_organisation() -> Iterator[str]:
    """The person of a candidate leads, or led, its organisation."""
    for hit in ScreeningHit.objects.filter(person__isnull=False).exclude(person__organisation=F("organisation")):
        yield f"candidate {hit.pk}: its person belongs to another organisation"


def confirmed_hits_hold() -> Iterator[str]:
    """Everything of an organisation stops while one of its candidates is confirmed."""
    held = Hold.objects.current().filter(organisation=OuterRef("organisation"), cause_id=OuterRef("pk"))
    for hit in ScreeningHit.objects.filter(state=ScreeningHit.State.CONFIRMED).exclude(Exists(held)):
        yield f"candidate {hit.pk} is confirmed, and its organisation is not held by it"


def holds_follow_from_confirmed_hits() -> Iterator[str]:
    """A hold that follows from a candidate names one there is; while its own organisation is held, it is confirmed."""
    for hold in Hold.objects.filter(kind=Hold.Kind.LISTED).order_by("pk"):
        hit = ScreeningHit.objects.filter(pk=hold.cause_id or 0).first()
        if hit is None:
            yield f"hold {hold.pk} names a candidate that there is not"
        elif hold.is_current and hit.organisation_id == hold.organisation_id and hit.state != "confirmed":
            yield f"hold {hold.pk} stands, and its candidate is {hit.state}"


def hits_about_a_bank_are_of_its_organisation() -> Iterator[str]:
    """The bank of a candidate was named by its organisation."""
    for hit in ScreeningHit.objects.filter(bank__isnull=False).exclude(bank__organisation=F("organisation")):
        yield f"candidate {hit.pk}: its bank belongs to another organisation"


def referees_belong_to_the_submission() -> Iterator[str]:
    """Who is asked for a reference was named in the same submission; an answer ended every link."""
    for request in ReferenceRequest.objects.exclude(referee__submission=F("submission")):
        yield f"request {request.pk}: its referee was named in another submission"
    still_open = ReferenceLink.objects.filter(request__reference__isnull=False, ended_at__isnull=True)
    for link in still_open:
        yield f"link {link.pk}: it is open though its request is answered"


def visits_are_of_the_submission() -> Iterator[str]:
    """A report is about the organisation of its submission, and a correction follows its own report."""
    for visit in Visit.objects.exclude(submission__organisation=F("organisation")):
        yield f"visit {visit.pk}: its submission belongs to another organisation"
    for visit in Visit.objects.filter(corrects__isnull=False).exclude(number=F("corrects__number") + 1):
        yield f"visit {visit.pk}: it is not the version after the one it corrects"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    reviewers_stand_on_the_assessing_side,
    reviewers_come_from_outside,
    reading_follows_the_declaration,
    citations_are_of_what_was_sent,
    submitted_versions_are_whole,
    recommended_submissions_have_a_recommendation,
    lists_hold_what_they_say,
    candidates_are_of_their_organisation,
    confirmed_hits_hold,
    holds_follow_from_confirmed_hits,
    hits_about_a_bank_are_of_its_organisation,
    referees_belong_to_the_submission,
    visits_are_of_the_submission,
]
