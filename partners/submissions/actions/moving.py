"""Moving a submission: each function is one move through the one door, with what follows from it."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.organisations.actions import tell_partner
from partners.previews.actions import draw_first_pages
from partners.submissions.freezing import evidence_now, frozen_content
from partners.submissions.models import FrozenEvidence, Submission, SubmissionVersion
from partners.submissions.officers import officers_of
from partners.submissions.switching import changes_between
from vetting_portal.canonical import sha256_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, perform


def _reason(reason: str) -> str:
    """Return the reason without spaces around it. Raises ValidationError without one."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in plain words."})
    return reason.strip()


def _freeze(submission: Submission, by: User) -> SubmissionVersion:
    """Keep what is sent now as the next version, with its evidence."""
    content = frozen_content(submission)
    version = SubmissionVersion.objects.create(
        submission=submission,
        number=submission.versions.count() + 1,
        content=content,
        sha256=sha256_of(content),
        submitted_at=timezone.now(),
        submitted_by=by,
    )
    FrozenEvidence.objects.bulk_create(
        FrozenEvidence(version=version, criterion=criterion, document=document)
        for criterion, document in evidence_now(submission)
    )
    return version


def _tell_members(submission: Submission, *, subject: str, template: str, by: User) -> None:
    organisation = submission.organisation
    for membership in organisation.memberships.current().select_related("user").order_by("pk"):
        tell_partner(
            organisation=organisation,
            to=membership.user,
            subject=subject,
            template=template,
            context={"submission": submission, "path": submission.get_absolute_url()},
            by=by,
        )


def _tell_readers(submission: Submission, version: SubmissionVersion, switched: list[str]) -> None:
    """Tell who waits for it that a new version is there, and what it switches: its reviewers, and its officer."""
    readers = [access.user for access in submission.accesses.current().select_related("user").order_by("pk")]
    context = {"submission": submission, "version": version, "switched": switched}
    for reader in readers:
        notify(
            reader,
            subject=f"Application {submission.number} was submitted again",
            template="partners/submissions/mail/sent_again.txt",
            context={**context, "reviews": True},
        )
    for officer in officers_of(submission):
        if officer in readers:
            continue
        notify(
            officer,
            subject=f"Application {submission.number} was submitted again",
            template="partners/submissions/mail/sent_again.txt",
            context=context,
        )


@action
def submit_submission(*, submission: Submission, by: User) -> Submission:
    """Send a draft: its content is frozen as version 1. Raises PermissionDenied; Refused with what is missing."""
    return _send(submission, by=by, again=False)


@action
def resubmit_submission(*, submission: Submission, by: User) -> Submission:
    """Send again after changes were asked for, as a new version; it goes back to the state it left.

    Raises PermissionDenied; Refused with what is missing.
    """
    return _send(submission, by=by, again=True)


def _send(submission: Submission, *, by: User, again: bool) -> Submission:
    lock(submission.organisation)
    fresh = lock(submission)
    content = frozen_content(fresh)
    before = fresh.latest_version
    facts = {"version": fresh.versions.count() + 1, "sha256": sha256_of(content)}
    sent = perform(fresh.resubmit if again else fresh.submit, by=by, facts=facts)
    version = _freeze(sent, by)
    if before is not None:
        _tell_readers(sent, version, changes_between(before.content, version.content))
    draw_first_pages.enqueue(list(version.evidence.values_list("document_id", flat=True).distinct()))
    _tell_members(
        sent, subject=f"We have your application {sent.number}", template="partners/submissions/mail/sent.txt", by=by
    )
    return sent


@action
def request_changes(*, submission: Submission, reason: str, items: Sequence[str], by: User) -> Submission:
    """Ask the partner for changes, with a reason and a list; its members are told.

    Raises PermissionDenied, ValidationError without a reason or a list; Refused where its state is another.
    """
    wanted = [item.strip() for item in items if item.strip()]
    if not wanted:
        raise ValidationError({"items": "List what is to be changed, one thing a line."})
    why = _reason(reason)
    asked = perform(submission.request_changes, by=by, note=why, reason=why, items=wanted)
    _tell_members(
        asked,
        subject=f"Changes asked: application {asked.number}",
        template="partners/submissions/mail/changes_requested.txt",
        by=by,
    )
    return asked


@action
def withdraw_submission(*, submission: Submission, by: User, reason: str = "") -> Submission:
    """Take a submission back, by its partner; who runs or reviews it is told. Raises PermissionDenied; Refused once it
    is decided.
    """
    withdrawn = perform(submission.withdraw, by=by, note=reason.strip(), reason=reason.strip())
    if withdrawn.submitted_at is not None:
        reading = [access.user for access in withdrawn.accesses.current().select_related("user")]
        for reader in sorted({*reading, *officers_of(withdrawn)}, key=lambda user: user.pk):
            notify(
                reader,
                subject=f"Application {withdrawn.number} was withdrawn",
                template="partners/submissions/mail/withdrawn.txt",
                context={"submission": withdrawn},
            )
    return withdrawn


@action
def restore_submission(*, submission: Submission, by: User) -> Submission:
    """Return an approved application to its recommendation, after the grant that it became lapsed. Nobody is written
    to: who ends the grant says so. Raises Refused where its state is another.
    """
    return perform(submission.restore, by=by)


@action
def decline_submission(*, submission: Submission, reason: str, by: User) -> Submission:
    """Say no, with a reason that the partner reads; its members are told.

    Raises PermissionDenied, ValidationError without a reason; Refused where its state is another.
    """
    why = _reason(reason)
    declined = perform(submission.decline, by=by, note=why, reason=why)
    _tell_members(
        declined,
        subject=f"Your application {declined.number}",
        template="partners/submissions/mail/declined.txt",
        by=by,
    )
    return declined


@action
def start_review(*, submission: Submission, by: User) -> Submission:
    """Hand a submission to reviewers; guards on screening and reviewers stand in the caller."""
    return perform(submission.start_review, by=by)


@action
def assess_submission(*, submission: Submission, by: User) -> Submission:
    """Close the reviews; guards on reviews and moderation stand in the caller."""
    return perform(submission.assess, by=by)


@action
def recommend_submission(*, submission: Submission, by: User) -> Submission:
    """Recommend a submission; guards on bands and gates stand in the caller."""
    return perform(submission.recommend, by=by)


@action
def override_submission(*, submission: Submission, reason: str, by: User) -> Submission:
    """Recommend against the panel's result, by a director, with a reason. Raises ValidationError without one."""
    return perform(submission.override, by=by, note=_reason(reason))


@action
def return_submission(*, submission: Submission, reason: str, by: User) -> Submission:
    """Give a recommended submission back to review, by a director, with a reason."""
    return perform(submission.return_to_review, by=by, note=_reason(reason))


@action
def approve_submission(*, submission: Submission, by: User) -> Submission:
    """Follow a grant that its directors have signed; the signatures are the caller's guard."""
    approved = perform(submission.approve, by=by)
    _tell_members(
        approved,
        subject=f"Approved: application {approved.number}",
        template="partners/submissions/mail/approved.txt",
        by=by,
    )
    return approved
