"""What an inspection finds: a verdict, and the reason in words that say what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Accepted and rejected are final; quarantined means that the file could not be checked (yet)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one file. ``reason`` is None when accepted; ``scanned`` says whether a malware scanner saw it."""

    verdict: Verdict
    reason: str | None
    media_type: str
    scanned: bool = False

    @property
    def is_accepted(self) -> bool:
        """The file may enter the vault."""
        return self.verdict is Verdict.ACCEPTED


class Refusal(Exception):
    """A file is not taken; the text is for its sender. ``media_type`` where the check learnt a more exact one."""

    def __init__(self, reason: str, media_type: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.media_type = media_type
