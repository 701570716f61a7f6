"""Grants that end: asked for by their officer, confirmed by a director, carried out; reached by the real actions."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from grants.agreements.actions import begin_signing
from grants.agreements.models import Grant
from grants.endings.actions import ask_for_ending, confirm_ending
from grants.endings.letters import Asked
from grants.endings.models import Ending
from tests.factories import grants
from vetting_portal.models import User

WORDS = "The clinic boat was lost in the September flood, and we agreed to end the grant."
PUBLIC = "The project ended after a flood."


def fresh(ending: Ending) -> Ending:
    """Return the ending as it stands in the database."""
    return Ending.objects.for_page().get(pk=ending.pk)


def wanted(grant: Grant, **changes: Any) -> Asked:
    """Return what somebody asks for: the end today, by agreement, confirmed by the first director."""
    told = {
        "reason": "agreed",
        "words": WORDS,
        "public_reason": PUBLIC,
        "ends_on": timezone.localdate(),
        "second": grants.directors_of(grant)[0],
    }
    return Asked(**{**told, **changes})


def asked(grant: Grant, *, by: User | None = None, **changes: Any) -> Ending:
    """Let the officer ask that a grant ends."""
    return ask_for_ending(grant=grant, asked=wanted(grant, **changes), by=by or grants.officer_of(grant))


def confirmed(ending: Ending, *, by: User | None = None, code: str | None = None) -> Ending:
    """Let the director who was asked confirm it, with the code of an authenticator app."""
    by, ending = by or ending.second, fresh(ending)
    sha256 = ending.letter.signed_sha256
    challenge = begin_signing(grant=ending, method="totp", document_sha256=sha256, by=by)
    confirm_ending(ending=ending, document_sha256=sha256, nonce=challenge.nonce, code=code or grants.totp_code(), by=by)
    return fresh(ending)


def ended(grant: Grant, **changes: Any) -> Ending:
    """End a grant today."""
    return confirmed(asked(grant, **changes))


def later(days: int) -> Any:
    """Return a day to come, on the funder's calendar."""
    return timezone.localdate() + timedelta(days=days)
