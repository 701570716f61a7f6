"""The transactions of references: asking, reminding, answering by a link, verifying; the tasks that write mail."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partners.submissions.models import Referee, Submission
from partners.submissions.officers import officers_of
from reviews.references.models import (
    LASTS,
    REMIND_AFTER,
    Reference,
    ReferenceCheck,
    ReferenceLink,
    ReferenceRequest,
    token_hash,
)
from vetting_portal.canonical import sha256_of
from vetting_portal.erasing import ERASED_DOMAIN
from vetting_portal.mail import notify
from vetting_portal.models import Funder, Role, User
from vetting_portal.tasks import background
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

TOKEN_BYTES = 32
ASKED_WHILE = frozenset({"submitted", "changes_requested", "in_review", "assessed"})
USED = "This link does not open the form any more."


def _running(submission: Submission) -> None:
    """Raise Refused where it is decided, not sent, or held: then nobody outside is written to about it."""
    if reasons := submission.organisation.hold_blockers():
        raise Refused(reasons, title="Nobody is asked while everything is held", subject=submission)
    if submission.state not in ASKED_WHILE:
        state = submission.get_state_display().lower()
        raise Refused([Blocker(f"This submission is {state} now.", hint="Nobody is asked any more.")])


def _locked(request: ReferenceRequest) -> ReferenceRequest:
    """Return the request locked, after its submission, with its referee."""
    lock(request.submission)
    lock(request)
    return ReferenceRequest.objects.for_page().get(pk=request.pk)


@action
def ask_referee(*, referee: Referee, by: User) -> ReferenceRequest:
    """Ask a referee: a link that serves once is mailed, and two reminders are planned.

    Raises PermissionDenied; Refused where they were asked already, or the submission is decided.
    """
    ask(by, "reviews.ask_referee", referee.submission)
    submission = lock(referee.submission)
    _running(submission)
    if referee.email.endswith(f"@{ERASED_DOMAIN}"):
        raise Refused(["This referee is erased. Ask the partner to name another one."], subject=submission)
    if ReferenceRequest.objects.filter(referee=referee).exists():
        raise Refused(["This referee is asked already. Send the request again instead."], subject=submission)
    now = timezone.now()
    request = ReferenceRequest.objects.create(
        submission=submission, referee=referee, sent_at=now, sent_by=by, expires_at=now + LASTS
    )
    record("referee_asked", request, by=by, facts={"submission": submission.pk, "referee": referee.pk})
    _write_and_plan(request, "asked", now)
    return request


def _write_and_plan(request: ReferenceRequest, kind: str, now: datetime) -> None:
    write_to_referee_task.enqueue(request.pk, kind)
    for number, pause in enumerate(REMIND_AFTER, start=1):
        remind_referee_task.using(run_after=now + pause).enqueue(request.pk, number, now.isoformat())


@action
def resend_request(*, request: ReferenceRequest, by: User) -> ReferenceRequest:
    """Send a request again: a new link for 21 days; those before open nothing. What was written so far stays.

    Raises PermissionDenied; Refused once it is answered or withdrawn, or the submission is decided.
    """
    ask(by, "reviews.ask_referee", request.submission)
    fresh = _locked(request)
    _running(fresh.submission)
    if fresh.closed_reason in {"answered", "withdrawn"}:
        raise Refused([f"This request is {fresh.closed_reason}."], subject=fresh)
    now = timezone.now()
    fresh.sent_at, fresh.sent_by, fresh.expires_at, fresh.reminders = now, by, now + LASTS, 0
    fresh.save(update_fields=["sent_at", "sent_by", "expires_at", "reminders"])
    _end_links(fresh, now)
    record("referee_asked_again", fresh, by=by)
    _write_and_plan(fresh, "again", now)
    return fresh


def _end_links(request: ReferenceRequest, now: datetime) -> None:
    for link in lock(request.links.filter(ended_at__isnull=True)):
        link.ended_at = now
        link.save(update_fields=["ended_at"])


@action
def withdraw_request(*, request: ReferenceRequest, by: User) -> ReferenceRequest:
    """Ask no longer: the link opens nothing, and what was written so far is removed. Raises as ``resend_request``."""
    ask(by, "reviews.ask_referee", request.submission)
    fresh = _locked(request)
    if fresh.closed_reason in {"answered", "withdrawn"}:
        raise Refused([f"This request is {fresh.closed_reason}."], subject=fresh)
    fresh.withdrawn_at, fresh.withdrawn_by, fresh.draft = timezone.now(), by, {}
    fresh.save(update_fields=["withdrawn_at", "withdrawn_by", "draft"])
    record("request_withdrawn", fresh, by=by)
    return fresh


@action
def make_link(*, request: ReferenceRequest, by: User) -> str:
    """Make a link and return its token, which is kept nowhere. Raises Refused where the request is closed."""
    ask(by, "reviews.remind_referee", request)
    fresh = _locked(request)
    if fresh.closed_reason:
        raise Refused([f"This request is {fresh.closed_reason}."], subject=fresh)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ReferenceLink.objects.create(request=fresh, token_sha256=token_hash(token), made_at=timezone.now())
    record("reference_link_made", fresh, by=by, facts={"link": link.pk})
    return token


@action
def remind_referee(*, request: ReferenceRequest, number: int, sent_at: datetime, by: User) -> bool:
    """Remind a referee for the ``number``-th time; once each, and not after they answered. Returns whether it did.

    ``sent_at`` is the sending that the reminder was planned for: one that was sent again has reminders of its own.
    """
    ask(by, "reviews.remind_referee", request)
    fresh = _locked(request)
    if fresh.closed_reason or fresh.reminders >= number or fresh.sent_at != sent_at:
        return False
    # After a pause of the background worker the last reminder that is due stands for those before.
    next_is_due = any(timezone.now() >= sent_at + pause for pause in REMIND_AFTER[number:])
    if next_is_due or fresh.submission.state not in ASKED_WHILE or fresh.submission.organisation.is_held:
        return False
    fresh.reminders = number
    fresh.save(update_fields=["reminders"])
    record("referee_reminded", fresh, by=by, facts={"number": number})
    write_to_referee_task.enqueue(fresh.pk, "reminder")
    return True


# ------------------------------------------------------------------------------------------- by the link


def find_link(token: str) -> ReferenceLink | None:
    """Return the link of a token, whether or not it still opens something."""
    rows = ReferenceLink.objects.select_related(
        "request__referee", "request__submission__organisation", "request__submission__officer", "request__reference"
    )
    return rows.filter(token_sha256=token_hash(token)).first()


def closed_reason(link: ReferenceLink) -> str:
    """Return why a link opens nothing: answered, withdrawn, expired or replaced; empty while it opens the form."""
    return link.request.closed_reason or ("replaced" if link.ended_at else "")


def _by_link(token: str, by: User) -> ReferenceRequest:
    """Return the request that a link opens, locked. Raises Refused where it opens nothing any more."""
    ask(by, "reviews.answer_request", token)
    link = find_link(token)
    if link is None:
        raise Refused([USED])
    request = _locked(link.request)
    link.refresh_from_db()
    if request.closed_reason or link.ended_at:
        raise Refused([USED], subject=request)
    return request


@action
def save_draft(*, token: str, words: dict[str, Any], by: User) -> ReferenceRequest:
    """Keep what a referee has written so far on their link. Raises Refused where the link opens nothing any more."""
    request = _by_link(token, by)
    request.draft, request.draft_saved_at = words, timezone.now()
    request.save(update_fields=["draft", "draft_saved_at"])
    record("reference_begun", request, by=by)
    return request


@action
def answer_request(*, token: str, by: User, **said: Any) -> Reference:
    """Send a reference: the link is used up with it. A safeguarding concern is told to the officers at once.

    Raises Refused where the link opens nothing any more, ValidationError for bad fields.
    """
    request = _by_link(token, by)
    reference = Reference(request=request, answered_at=timezone.now(), **said)
    if reference.has_concern and not reference.concern.strip():
        raise ValidationError({"concern": "Say in a few words what the concern is."})
    reference.full_clean(exclude=["request"])
    reference.save()
    request.draft = {}
    request.save(update_fields=["draft"])
    _end_links(request, reference.answered_at)
    facts = {"content_sha256": sha256_of(reference.content()), "has_concern": reference.has_concern}
    record("reference_answered", request, by=by, facts=facts)
    _tell_officers(request, reference)
    return reference


def _tell_officers(request: ReferenceRequest, reference: Reference) -> None:
    """Write to who is in charge; a concern goes to every officer from outside the organisation. Neither says what."""
    submission = request.submission
    told = set(officers_of(submission))
    subject = f"A reference has come: {submission.number}"
    if reference.has_concern:
        subject = f"Safeguarding concern in a reference: {submission.number}"
        officers = User.objects.with_role(Role.PROGRAMME_OFFICER)
        told |= set(officers.exclude(memberships__organisation_id=submission.organisation_id))
    for officer in sorted(told, key=lambda one: one.pk):
        notify(
            officer,
            subject=subject,
            template="reviews/references/mail/answered.txt",
            context={"request": request, "has_concern": reference.has_concern, "path": request.get_absolute_url()},
        )


# ------------------------------------------------------------------------------------------- verification


@action
def verify_reference(*, reference: Reference, how: str, note: str, by: User) -> ReferenceCheck:
    """Record how an officer made sure of a reference, and what was found.

    Raises PermissionDenied, ValidationError without words or for a way that is not known.
    """
    ask(by, "reviews.verify_reference", reference.request.submission)
    request = _locked(reference.request)
    if not note.strip():
        raise ValidationError({"note": "Say what you found, in a sentence."})
    check = ReferenceCheck(reference=reference, how=how, note=note.strip(), checked_at=timezone.now(), checked_by=by)
    check.full_clean()
    check.save()
    record("reference_verified", request, by=by, facts={"how": how})
    return check


# ------------------------------------------------------------------------------------------- background


@background()
def write_to_referee_task(request_id: int, kind: str) -> None:
    """Write to a referee with a link made now: the token stands in the mail and nowhere else.

    A retry makes another link. What was closed in the meantime is not written to.
    """
    request = ReferenceRequest.objects.for_page().get(pk=request_id)
    if request.closed_reason:
        return
    by = User.objects.system("background")
    token = make_link(request=request, by=by)
    funder = Funder.objects.current_or_none()
    context = {
        "request": request,
        "kind": kind,
        "funder": funder.name if funder else "The funder",
        "public_url": settings.PUBLIC_URL,
        "path": reverse("reviews:answer_reference", args=[token]),
    }
    subject = f"A reference for {request.submission.organisation.legal_name}"
    subject = f"Reminder: {subject}" if kind == "reminder" else subject
    body = render_to_string("reviews/references/mail/request.txt", context)
    EmailMessage(subject=" ".join(subject.split()), body=body, to=[request.referee.email]).send()


@background()
def remind_referee_task(request_id: int, number: int, sent_at: str) -> None:
    """Remind a referee, if it is still due."""
    request = ReferenceRequest.objects.get(pk=request_id)
    by = User.objects.system("background")
    remind_referee(request=request, number=number, sent_at=datetime.fromisoformat(sent_at), by=by)
