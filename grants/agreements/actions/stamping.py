"""Timestamps: asked for in no transaction once a file is sealed, checked, then recorded beside the seal."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.actions.trying import set_back, words_of
from grants.agreements.models import Agreement, Setback, Timestamp
from grants.agreements.models.sealing import without_timestamp
from grants.sealing.timestamps import Token, ask
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, record

logger = logging.getLogger(__name__)

STEP = Setback.Step.TIMESTAMP
AT_MOST = 500  # timestamps asked for by one round
LEFT_BEHIND = timedelta(hours=1)


def stamp_agreement(*, agreement: Agreement, by: User) -> Timestamp | None:
    """Have a sealed file stamped, keep the timestamp; None without a server, or a seal. Run again it changes nothing.

    Raises CouldNotTimestamp.
    """
    if not settings.TSA_URL or agreement.sealed_at is None:
        return None
    there = agreement.timestamps.filter(server=settings.TSA_URL).first()
    return there or _record_timestamp(agreement=agreement, token=ask(agreement.sealed_sha256), by=by)


@action
def _record_timestamp(*, agreement: Agreement, token: Token, by: User) -> Timestamp:
    """Add a checked timestamp to the record. Two workers that race leave one."""
    if not by.has_perm("grants.seal_grant", agreement.terms.grant):
        raise PermissionDenied("seal_grant")
    agreement, server = lock(agreement), settings.TSA_URL
    if there := agreement.timestamps.filter(server=server).first():
        return there
    made = Timestamp.objects.create(
        agreement=agreement,
        sha256=agreement.sealed_sha256,
        token=token.content,
        stamped_at=token.stamped_at,
        authority=token.authority[:400],
        server=server,
        pem=token.pem,
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    facts = {"stamped_at": token.stamped_at.isoformat(), "authority": made.authority, "sha256": made.sha256}
    record("timestamped", agreement, by=by, facts=facts)
    return made


@background()
def stamp_agreement_task(agreement_id: int) -> None:
    """Have one sealed file stamped; a server that is down, slow or lies leaves a setback and a later try."""
    agreement = Agreement.objects.select_related("terms__grant").get(pk=agreement_id)
    by = User.objects.system("background")
    try:
        stamp_agreement(agreement=agreement, by=by)
    except Exception as error:
        logger.exception("No timestamp for %s", agreement)
        set_back(agreement=agreement, step=STEP, reason=words_of(error), again=stamp_agreement_task, by=by)


@background()
def ask_for_missing_timestamps() -> None:
    """Once a day: have stamped what is sealed, has no timestamp, and waits for no later try."""
    if not settings.TSA_URL:
        return
    now = timezone.now()
    for agreement in without_timestamp(now - LEFT_BEHIND)[:AT_MOST]:
        stamp_agreement_task.enqueue(agreement.pk)
