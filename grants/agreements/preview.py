"""A wording on the real terms of a grant, before anybody signs it: marked as a preview, never stored."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from grants.agreements.documents import agreement_html
from grants.agreements.models import Grant
from grants.agreements.rendering import Rendered, render
from grants.agreements.soundness import shape_blockers
from grants.agreements.terms import terms_content
from grants.agreements.values import unresolved
from grants.wordings.filling import Wording
from grants.wordings.models import WordingVersion
from vetting_portal.models import Funder
from vetting_portal.workflow import Blocker

NO_HASH = "preview, nothing is frozen"


@dataclass(frozen=True)
class Preview:
    """What a preview is made from, or why there is none yet."""

    content: dict[str, Any]
    wording: Wording
    reasons: list[Blocker]


def preview_of(wording: WordingVersion, grant: Grant) -> Preview:
    """Return the terms of ``grant``, frozen or as drafted, under ``wording``, and all that keeps them apart."""
    words = Wording(wording.content or wording.made_content())
    if grant.terms is not None:
        content = {**deepcopy(grant.terms.content), "wording": wording.name, "wording_sha256": wording.sha256}
    elif reasons := shape_blockers(grant):
        return Preview({}, words, reasons)
    else:
        version, now = grant.all_terms.count() + 1, timezone.now()
        content = terms_content(grant, Funder.objects.current(), version=version, frozen_at=now, wording=wording)
    reasons = [Blocker(f"{one.place}: {one.text}") for one in unresolved(content, words)]
    return Preview(content, words, reasons)


def preview_pdf(preview: Preview) -> Rendered:
    """Return the preview as a PDF. Raises WordingError where it cannot be filled."""
    return render(agreement_html(preview.content, NO_HASH, preview=preview.wording))
