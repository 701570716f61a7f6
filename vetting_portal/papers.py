"""Papers that staff attach to a record: checked at once like a partner's, then stored under their hash."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from vetting_portal.files import Blob, put, safe_filename
from vetting_portal.inspection import Verdict, check_upload


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """A paper that the checks accepted and that is in the storage: its bytes, its type, and the name it came with."""

    blob: Blob
    media_type: str
    name: str


class PaperField(forms.FileField):
    """A file that is checked while the form is; cleaned to a ``CheckedPaper``, or None where none was sent."""

    def clean(self, data: Any, initial: Any = None) -> CheckedPaper | None:
        """Check the file and store it. Slow: forms are cleaned in no transaction. Raises ValidationError."""
        uploaded = super().clean(data, initial)
        if not uploaded:
            return None
        finding = check_upload(uploaded, name=uploaded.name, scanner=settings.SCANNER)
        if finding.verdict == Verdict.REJECTED:
            raise ValidationError(finding.reason or "This file cannot be taken.")
        if finding.verdict == Verdict.QUARANTINED:
            raise ValidationError("This file could not be checked now. Try again in a minute.")
        return CheckedPaper(put(uploaded), finding.media_type, safe_filename(uploaded.name))
