"""The transactions of holds: placed, released by two people; and the messages that they keep back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.organisations.models import HeldMessage, Hold, HoldRelease, Organisation
from partners.organisations.models.holding import RELEASES_NEEDED, is_held
from vetting_portal.mail import rendered, send_mail_task
from vetting_portal.models import Role, User
from vetting_portal.workflow import Refused, action, ask, lock, record


def _reason(reason: str, question: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": question})
    return reason.strip()


@action
def place_hold(*, organisation: Organisation, kind: str, note: str, by: User, cause_id: int | None = None) -> Hold:
    """Stop everything of an organisation. For the same cause a second time it is the same hold.

    ``cause_id`` is the confirmed hit of a LISTED hold. Raises PermissionDenied, ValidationError without a note.
    """
    fresh = lock(organisation)
    ask(by, "partners.place_hold", fresh)
    why = _reason(note, "Say why everything of this organisation stops.")
    if cause_id is not None and (there := fresh.holds.current().filter(cause_id=cause_id).first()):
        return there
    hold = Hold(organisation=fresh, kind=kind, cause_id=cause_id, note=why, placed_at=timezone.now(), placed_by=by)
    hold.validate_constraints()
    hold.save()
    record("held", fresh, by=by, note=why, facts={"hold": hold.pk, "kind": str(kind), "cause": cause_id})
    return hold


def release_blockers(hold: Hold, user: User) -> list[str]:
    """Say why ``user`` cannot give the word to release a hold: it is over, placed by them, or they said it already."""
    if not hold.is_current:
        return ["This hold is released already."]
    if hold.placed_by_id == user.pk:
        return ["You placed this hold. Two other people release it."]
    given = list(hold.releases.select_related("given_by"))
    if any(one.given_by_id == user.pk for one in given):
        return ["You have given your word already. A second person is needed."]
    last = len(given) + 1 == RELEASES_NEEDED
    if last and not any(Role.DIRECTOR in person.role_keys for person in (user, *(one.given_by for one in given))):
        return ["One of the two who release a hold is a director."]
    return []


@action
def give_release(*, hold: Hold, reason: str, by: User) -> Hold:
    """Give one of the two words that release a hold, with the reason; the second one releases it.

    Raises PermissionDenied; Refused for who placed it, who said it already, or two who are no director; and
    ValidationError without a reason.
    """
    organisation = lock(hold.organisation)
    fresh = lock(hold)
    ask(by, "partners.release_hold", organisation)
    if reasons := release_blockers(fresh, by):
        raise Refused(reasons, title="You cannot release this hold", subject=organisation)
    why = _reason(reason, "Say why it may be released, and what it rests on.")
    HoldRelease.objects.create(hold=fresh, reason=why, given_at=timezone.now(), given_by=by)
    given = fresh.releases.count()
    record("release_given", organisation, by=by, note=why, facts={"hold": fresh.pk, "given": given})
    if given >= RELEASES_NEEDED:
        fresh.released_at, fresh.released_by = timezone.now(), by
        fresh.save(update_fields=["released_at", "released_by"])
        record("released", organisation, by=by, note=why, facts={"hold": fresh.pk, "cause": fresh.cause_id})
    return fresh


# ---------------------------------------------------------------------------------------------- messages


@action
def tell_partner(
    *,
    organisation: Organisation,
    to: User,
    subject: str,
    template: str,
    by: User,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Write to somebody who acts for a partner; while the organisation is held the message is kept, not sent.

    Every automatic message to a partner goes through here. What belongs to an account (sign-in codes, a new password,
    an invitation) does not.
    """
    body, line = rendered(to, template=template, context=context), " ".join(subject.split())
    if not is_held(organisation.pk):
        send_mail_task.enqueue(to.email, line, body)
        return
    kept = HeldMessage.objects.create(
        organisation=organisation, address=to.email, subject=line[:300], body=body, held_at=timezone.now()
    )
    record("message_held", organisation, by=by, facts={"message": kept.pk})


@action
def tell_owners(
    *, organisation: Organisation, subject: str, template: str, by: User, context: Mapping[str, Any] | None = None
) -> None:
    """Write to every owner of a partner, as ``tell_partner`` does to one."""
    for owner in organisation.owners().select_related("user"):
        tell_partner(
            organisation=organisation, to=owner.user, subject=subject, template=template, context=context, by=by
        )


def _waiting(organisation: Organisation, messages: Sequence[int], by: User) -> tuple[Organisation, list[HeldMessage]]:
    """Return the organisation and the chosen messages, locked. Raises PermissionDenied, Refused, ValidationError."""
    fresh = lock(organisation)
    ask(by, "partners.handle_held_messages", fresh)
    if reasons := fresh.hold_blockers():
        raise Refused(reasons, title="The messages wait with everything else", subject=fresh)
    found = lock(fresh.held_messages.waiting().filter(pk__in=messages))
    if not found or len(found) != len(set(messages)):
        raise ValidationError({"messages": "Choose messages that still wait."})
    return fresh, found


@action
def send_messages(*, organisation: Organisation, messages: Sequence[int], by: User) -> int:
    """Send messages that a hold kept back, as they were written then; returns how many.

    Raises PermissionDenied, Refused while the organisation is held, ValidationError for one that does not wait.
    """
    fresh, found = _waiting(organisation, messages, by)
    for message in found:
        message.sent_at, message.sent_by = timezone.now(), by
        message.save(update_fields=["sent_at", "sent_by"])
        send_mail_task.enqueue(message.address, message.subject, message.body)
    record("held_messages_sent", fresh, by=by, facts={"messages": [message.pk for message in found]})
    return len(found)


@action
def discard_messages(*, organisation: Organisation, messages: Sequence[int], by: User) -> int:
    """Let messages that a hold kept back never go; they stay on record. Returns how many. Raises as sending does."""
    fresh, found = _waiting(organisation, messages, by)
    for message in found:
        message.discarded_at, message.discarded_by = timezone.now(), by
        message.save(update_fields=["discarded_at", "discarded_by"])
    record("held_messages_discarded", fresh, by=by, facts={"messages": [message.pk for message in found]})
    return len(found)
