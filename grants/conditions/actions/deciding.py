"""Evidence for a condition and what is found of it: given, returned, accepted, or waived by a director."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.conditions.models import Condition, ConditionAnswer
from partners.organisations.actions import tell_owners
from partners.submissions.officers import officers_of
from partners.vault.actions import add_paper
from partners.vault.kinds import OTHER
from partners.vault.models import Document
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import Blob
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, perform, record, transition_blockers

Upload = tuple[Blob, str, str]
"""Stored content, the name of its file, and what the document is."""


def _locked(condition: Condition) -> Condition:
    """Return the condition locked, its organisation and grant before it."""
    lock(condition.grant.submission.organisation)
    lock(condition.grant)
    locked: Condition = lock(condition)
    return locked


def _why(reason: str, question: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": question})
    return reason.strip()


@action
def show_condition(
    *, condition: Condition, by: User, text: str = "", document: Document | None = None, upload: Upload | None = None
) -> Condition:
    """Give evidence that a condition is met: words, a document of the partner's vault, or a new document. The same
    evidence sent twice is given once. The officer is notified.

    Raises PermissionDenied; Refused where it does not wait for evidence; ValidationError without words or a document,
    and for a document that is not the partner's or was rejected.
    """
    ask(by, "grants.show_condition", condition)
    condition = _locked(condition)
    said = text.strip()
    if condition.state == Condition.State.SHOWN and _is_same(condition, said, document, upload, by):
        return condition
    if reasons := transition_blockers(condition, "show"):
        raise Refused(reasons, subject=condition)
    document = _document(condition, document, upload, by)
    if not said and document is None:
        raise ValidationError({"text": "Say how the condition is met, or choose a document that shows it."})
    answer = ConditionAnswer.objects.create(
        condition=condition, text=said, document=document, given_at=timezone.now(), given_by=by
    )
    facts = {
        "answer": answer.pk,
        "text_sha256": sha256_hex(said.encode()),
        "document_sha256": document.file.sha256 if document else "",
    }
    shown: Condition = perform(condition.show, by=by, facts=facts)
    _notify_staff(
        shown, "Evidence for a condition", "grants/conditions/mail/shown.txt", _officers(shown), except_for=by
    )
    return shown


def _is_same(
    condition: Condition, said: str, document: Document | None, upload: Upload | None, by: User
) -> bool:  # fmt: skip
    """Whether this is what the same person gave last, sent again."""
    last = condition.last_answer
    if last is None or (last.given_by_id, last.text) != (by.pk, said):
        return False
    sent = last.document.file.sha256 if last.document else ""
    return sent == (upload[0].sha256 if upload else document.file.sha256 if document else "")


def _document(
    condition: Condition, document: Document | None, upload: Upload | None, by: User
) -> Document | None:  # fmt: skip
    """Return the document of the evidence; a new one goes into the partner's vault first."""
    organisation = condition.grant.submission.organisation
    if upload is not None:
        blob, name, title = upload
        return add_paper(organisation=organisation, blob=blob, original_name=name, kind=OTHER, title=title, by=by)
    if document is not None:
        good = Document.objects.filter(paper__organisation=organisation).exclude(state=Document.State.REJECTED)
        if not good.filter(pk=document.pk).exists():
            raise ValidationError({"document": "Choose a document of the partner that was not rejected."})
    return document


@action
def return_evidence(*, condition: Condition, reason: str, by: User) -> Condition:
    """Say that the evidence does not show it yet, with what is missing; who gave it is notified.

    Raises PermissionDenied, Refused, ValidationError without a reason.
    """
    ask(by, "grants.check_condition", condition)
    why = _why(reason, "Say what is missing, so that the next evidence shows it.")
    condition = _locked(condition)
    gave, subject = condition.shown_by, "We need more for a condition"
    returned: Condition = perform(condition.return_evidence, by=by, note=why, reason=why)
    if returned.asked_of == Condition.AskedOf.PARTNER:
        _tell_partner(returned, subject, by)
    else:
        people = [gave] if gave is not None and gave in _officers(returned) else _officers(returned)
        _notify_staff(returned, subject, "grants/conditions/mail/returned.txt", people, except_for=by)
    return returned


@action
def accept_evidence(*, condition: Condition, reason: str, by: User) -> Condition:
    """Find that the evidence shows it: what waited for the condition can go on.

    Raises PermissionDenied; Refused for who gave the evidence, and while its document is not accepted; ValidationError
    without a reason.
    """
    ask(by, "grants.check_condition", condition)
    why = _why(reason, "Say what shows that the condition is met.")
    condition = _locked(condition)
    if reasons := [*transition_blockers(condition, "accept"), *condition.checker_blockers(by)]:
        raise Refused(reasons, subject=condition)
    met: Condition = perform(condition.accept, by=by, note=why, reason=why)
    _tell_partner(met, "A condition is met", by)
    return met


@action
def ask_waiver(*, condition: Condition, reason: str, by: User) -> Condition:
    """Ask the directors to waive a condition. Asked again it is asked once, with the new reason.

    Raises PermissionDenied; Refused where it is no longer open; ValidationError without a reason.
    """
    ask(by, "grants.ask_waiver", condition)
    why = _why(reason, "Say why the condition should be waived.")
    condition = _locked(condition)
    if reasons := transition_blockers(condition, "waive"):
        raise Refused(reasons, subject=condition)
    condition.waiver_asked_by, condition.waiver_asked_at, condition.waiver_reason = by, timezone.now(), why
    condition.save(update_fields=["waiver_asked_by", "waiver_asked_at", "waiver_reason"])
    record("waiver_asked", condition, by=by, note=why)
    directors = [one for one in User.objects.with_role("director") if one.has_perm("grants.waive_condition", condition)]
    _notify_staff(condition, "Waive a condition?", "grants/conditions/mail/waiver.txt", directors, except_for=by)
    return condition


@action
def refuse_waiver(*, condition: Condition, reason: str, by: User) -> Condition:
    """Say that a condition is not waived: it stays as it is. Who asked is notified.

    Raises PermissionDenied; Refused where nobody asks; ValidationError without a reason.
    """
    ask(by, "grants.waive_condition", condition)
    why = _why(reason, "Say why the condition stays.")
    condition = _locked(condition)
    asked_by = condition.waiver_asked_by
    if asked_by is None or not condition.is_unmet:
        raise Refused([Blocker("Nobody asks for a waiver of this condition now.")], subject=condition)
    condition.waiver_asked_by = condition.waiver_asked_at = None
    condition.save(update_fields=["waiver_asked_by", "waiver_asked_at"])
    record("waiver_refused", condition, by=by, note=why)
    _notify_staff(
        condition,
        "A condition is not waived",
        "grants/conditions/mail/not_waived.txt",
        [asked_by],
        except_for=by,
        reason=why,
    )
    return condition


@action
def waive_condition(*, condition: Condition, reason: str, by: User) -> Condition:
    """Let a condition go unmet, by a director's word: what waited for it can go on.

    Raises PermissionDenied; Refused where it is no longer open, or the partner is held; ValidationError without a
    reason.
    """
    ask(by, "grants.waive_condition", condition)
    why = _why(reason, "Say why the condition is waived.")
    condition = _locked(condition)
    waived: Condition = perform(condition.waive, by=by, note=why, reason=why)
    _notify_staff(
        waived, "A condition is waived", "grants/conditions/mail/waived.txt", _officers(waived), except_for=by
    )
    _tell_partner(waived, "A condition is waived", by)
    return waived


def _officers(condition: Condition) -> list[User]:
    """Return who is written to about it: who runs the application, or drafted the grant."""
    return officers_of(condition.grant.submission, condition.grant.created_by)


def _notify_staff(
    condition: Condition, subject: str, template: str, people: Sequence[User], *, except_for: User, **more: Any
) -> None:
    grant = condition.grant
    for person in people:
        if person.pk != except_for.pk:
            notify(
                person,
                subject=f"{subject}: grant {grant.number}, condition {condition.number}",
                template=template,
                context={"condition": condition, "grant": grant, **more},
            )


def _tell_partner(condition: Condition, subject: str, by: User) -> None:
    """Tell the partner's owners what was found, where they may read the condition."""
    if not condition.is_shown_to_partner:
        return
    tell_owners(
        organisation=condition.grant.submission.organisation,
        subject=f"{subject}: grant {condition.grant.number}, condition {condition.number}",
        template="grants/conditions/mail/partner.txt",
        context={"condition": condition, "grant": condition.grant},
        by=by,
    )
