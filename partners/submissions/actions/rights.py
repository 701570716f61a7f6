"""Rights and duties: who may read a submission, and on which side somebody acted. Called by upper rooms' actions."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.submissions.models import Access, Duty, Submission, SubmissionVersion, VersionReading
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def give_access(*, submission: Submission, user: User, as_role: str, by: User) -> Access:
    """Let somebody read a submission, in a role; given twice it is the same. Raises PermissionDenied."""
    fresh = lock(submission)
    ask(by, "partners.give_access_submission", fresh)
    access, made = Access.objects.get_or_create(
        submission=fresh, user=user, as_role=as_role, until_at=None, defaults={"since_at": timezone.now()}
    )
    if made:
        record("access_given", fresh, by=by, facts={"user": user.pk, "role": as_role})
    return access


@action
def end_access(*, submission: Submission, user: User, as_role: str, by: User) -> None:
    """Take the right to read back: by who gives it, or by the person (who steps aside). Raises PermissionDenied."""
    fresh = lock(submission)
    if by.pk != user.pk:
        ask(by, "partners.give_access_submission", fresh)
    for access in lock(Access.objects.filter(until_at__isnull=True, submission=fresh, user=user, as_role=as_role)):
        access.until_at = timezone.now()
        access.save(update_fields=["until_at"])
        record("access_ended", fresh, by=by, facts={"user": user.pk, "role": as_role})


@action
def take_duty(*, submission: Submission, user: User, side: str, by: User) -> Duty:
    """Write down on which side somebody acts, in the transaction of the act. On the same side twice it is the same.

    Raises Refused where the person has acted on the other side, or acts or acted for the organisation.
    """
    fresh = lock(submission)
    held = fresh.duties.filter(user=user).first()
    if held is not None and held.side == side:
        return held
    if held is not None:
        other = "assessed" if held.side == Duty.Side.ASSESS else "signed for"
        raise Refused([f"{user.name} has {other} this application. Another person must do this."], subject=fresh)
    try:
        with transaction.atomic():
            duty = Duty.objects.create(submission=fresh, user=user, side=side)
    except IntegrityError as error:
        raise Refused([f"{user.name} acts or acted for the organisation that applies."], subject=fresh) from error
    record("duty_taken", fresh, by=by, facts={"user": user.pk, "side": side})
    return duty


@action
def take_officer(*, submission: Submission, officer: User, by: User) -> Submission:
    """Say which programme officer looks after a submission. Raises PermissionDenied; Refused for somebody else."""
    fresh = lock(submission)
    ask(by, "partners.start_review_submission", fresh)
    if not officer.has_perm("partners.start_review_submission", fresh):
        raise Refused([f"{officer.name} cannot look after this application."], subject=fresh)
    fresh.officer = officer
    fresh.save()
    record("officer_set", fresh, by=by, facts={"officer": officer.pk})
    return fresh


@action
def note_version_read(*, version: SubmissionVersion, by: User) -> None:
    """Write down that ``by`` has opened a version, once; of the partner's own people nothing is noted.

    Raises PermissionDenied for who may not read the application.
    """
    if version.readings.filter(user=by).exists():
        return
    submission = version.submission
    ask(by, "partners.view_submission", submission)
    if submission.organisation.memberships.filter(user=by).exists():
        return
    try:
        with transaction.atomic():
            VersionReading.objects.create(version=version, user=by, read_at=timezone.now())
    except IntegrityError:  # another request of the same person was quicker
        return
    record("version_read", submission, by=by, facts={"version": version.number})
