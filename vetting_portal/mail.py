"""Mail: written in the transaction that causes it, sent by a task, never lost by a crash in between."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from vetting_portal.models import User
from vetting_portal.tasks import background


@background()
def send_mail_task(to: str | list[str], subject: str, body: str) -> None:
    """Send one plain message. Run twice after a crash it is sent twice: mail is at least once."""
    EmailMessage(subject=subject, body=body, to=[to] if isinstance(to, str) else to).send()


def rendered(to: User | str | Sequence[str], *, template: str, context: Mapping[str, Any] | None = None) -> str:
    """Return the text of a message made from ``template`` (a ``.txt``)."""
    return render_to_string(template, {"public_url": settings.PUBLIC_URL, "recipient": to, **(context or {})})


def notify(
    to: User | str | Sequence[str], *, subject: str, template: str, context: Mapping[str, Any] | None = None
) -> None:
    """Enqueue a message made from ``template``; call it inside the action that causes it.

    Several addresses get one message, and see each other: colleagues of one organisation.

    For staff and accounts. What is written to a partner goes through ``tell_partner``, which a hold stops.
    """
    address = to.email if isinstance(to, User) else to if isinstance(to, str) else list(to)
    send_mail_task.enqueue(address, " ".join(subject.split()), rendered(to, template=template, context=context))
