"""Proof of who signs, at the moment of signing: codes of an authenticator app and codes by e-mail."""

import hmac
import re
import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.utils.crypto import salted_hmac

from grants.agreements.models import SigningChallenge
from vetting_portal.models import User

GOOD_FOR = timedelta(minutes=5)
PERIOD_SECONDS = 30
TOLERANCE = 1
EMAIL_DIGITS = 8
MOST_CHALLENGES_AN_HOUR = 10
_SPACES = re.compile(r"[\s\-–]")


def clean_code(text: str) -> str:
    """Return a code without the spaces and dashes that people type."""
    return _SPACES.sub("", text)


def new_nonce() -> str:
    """Return a fresh nonce of 256 bits."""
    return secrets.token_hex(32)


def new_code() -> str:
    """Return eight random digits."""
    return f"{secrets.randbelow(10**EMAIL_DIGITS):0{EMAIL_DIGITS}}"


def code_hash(code: str, *, user: User, agreement_id: int, document_sha256: str, nonce: str) -> str:
    """Return what is kept of an e-mail code: keyed, and bound to user, agreement, file and challenge."""
    bound = "|".join([clean_code(code), str(user.pk), str(agreement_id), document_sha256])
    return salted_hmac(f"signing:{nonce}", bound, algorithm="sha256").hexdigest()


def email_code_is_right(challenge: SigningChallenge, code: str) -> bool:
    """Whether ``code`` is the one that was sent for this very challenge."""
    expected = code_hash(
        code,
        user=challenge.user,
        agreement_id=challenge.agreement_id,
        document_sha256=challenge.document_sha256,
        nonce=challenge.nonce,
    )
    return hmac.compare_digest(expected, challenge.code_sha256)


def has_authenticator(user: User) -> bool:
    """Whether ``user`` set up an authenticator app."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def totp_timestep(user: User, code: str, now: datetime) -> int | None:
    """Return the time step whose code ``user``'s authenticator shows as ``code``, one step early or late
    allowed; else None.
    """
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None
    secret = decrypt(authenticator.data["secret"])
    current = int(now.timestamp()) // PERIOD_SECONDS
    typed = clean_code(code)
    right = None
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, step)).encode(), typed.encode()):
            right = step
    return right
