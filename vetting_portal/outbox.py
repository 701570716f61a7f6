"""The mail that an embedded installation writes to files, read back for the page that shows it."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

SHOWN = 50
SEPARATOR = "-" * 79


@dataclass(frozen=True)
class WrittenMessage:
    """One message from a file: to whom, about what, the text, when it was written."""

    to: str
    subject: str
    body: str
    date: str
    path: Path


def messages_written(to: str = "") -> list[WrittenMessage]:
    """Return the newest messages in the mail folder, at most 50; ``to`` cuts to one address."""
    folder: Path | None = settings.MAIL_FOLDER
    found: list[WrittenMessage] = []
    if folder is None or not folder.is_dir():
        return found
    for path in sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
        for part in reversed(path.read_text(errors="replace").split(f"{SEPARATOR}\n")):
            message = email.message_from_string(part, policy=email.policy.default)
            if message["To"] and to.lower() in message["To"].lower():
                body = message.get_body(("plain",))
                text = body.get_content() if body else ""
                found.append(WrittenMessage(message["To"], message["Subject"] or "", text, message["Date"] or "", path))
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]
