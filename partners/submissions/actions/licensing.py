"""The transactions of licences: one recorded, one withdrawn."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.organisations.models import Organisation
from partners.submissions.models import Licence
from vetting_portal.models import StoredFile, User
from vetting_portal.papers import CheckedPaper
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def record_licence(
    *, organisation: Organisation, by: User, paper: CheckedPaper | None = None, **fields: Any
) -> Licence:
    """Record a licence for one closed place. ``fields`` are those of ``Licence``; ``paper`` is in the storage already.

    Raises PermissionDenied, ValidationError for bad fields or another organisation's submission.
    """
    fresh = lock(organisation)
    ask(by, "partners.record_licence", fresh)
    licence = Licence(organisation=fresh, recorded_at=timezone.now(), recorded_by=by, **fields)
    if licence.submission is not None and licence.submission.organisation_id != fresh.pk:
        raise ValidationError({"submission": "Choose a submission of this organisation."})
    if paper is not None:
        licence.paper = StoredFile.objects.record(paper.blob, media_type=paper.media_type)
        licence.paper_name = paper.name
    licence.full_clean()
    licence.save()
    facts = {
        "licence": licence.pk,
        "number": licence.number,
        "place": licence.embargo_id,
        "submission": licence.submission_id,
        "until": licence.valid_until_on.isoformat() if licence.valid_until_on else None,
        "paper": paper.blob.sha256 if paper else None,
    }
    record("licence_recorded", fresh, by=by, note=licence.scope, facts=facts)
    return licence


@action
def withdraw_licence(*, licence: Licence, reason: str, by: User) -> Licence:
    """Say that a licence no longer counts, from now on. Raises PermissionDenied, Refused, ValidationError."""
    organisation = lock(licence.organisation)
    ask(by, "partners.record_licence", organisation)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it no longer counts."})
    fresh = lock(licence)
    if fresh.withdrawn_at is not None:
        raise Refused(["This licence was withdrawn already."], subject=organisation)
    fresh.withdrawn_at, fresh.withdrawn_by, fresh.withdrawal_reason = timezone.now(), by, reason.strip()
    fresh.save()
    record("licence_withdrawn", organisation, by=by, note=reason.strip(), facts={"licence": fresh.pk})
    return fresh
