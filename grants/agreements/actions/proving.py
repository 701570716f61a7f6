"""The challenge before a signature, and its answer: once, for one person and one file, by a passkey or a code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from grants.agreements import passkeys, proofs
from grants.agreements.actions.sides import side_of, standing
from grants.agreements.models import Agreement, SigningChallenge, SpentCode
from grants.agreements.models.signing import MOST_TRIES, Method
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, record

PASSKEY_OVER = "This step is over: a passkey answers once, within two minutes. Press the button again."
CODE_OVER = "This step is over. Begin again: a code is good for five minutes and works once."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody gives to prove who they are: a code, or what a passkey answered at an origin."""

    nonce: str
    code: str = ""
    credential: Mapping[str, Any] | None = None
    origin: str = ""


def _check_method(agreement: Agreement, method: str, by: User) -> None:
    """Raise ValidationError for a way that is not set up, or that the policy of the terms does not allow."""
    is_set_up = {Method.PASSKEY: passkeys.passkeys_of, Method.TOTP: proofs.has_authenticator}
    if method not in Method.values or (method in is_set_up and not is_set_up[Method(method)](by)):
        raise ValidationError({"method": "Choose a way that is set up for you."})
    if method == Method.PASSKEY and not passkeys.signing_passkeys(by, timezone.now()):
        raise ValidationError({"method": passkeys.TOO_NEW})
    if method == Method.EMAIL and not agreement.policy.allows_email:
        raise ValidationError(
            {"method": "Codes by e-mail do not sign here. Set up a passkey or an authenticator app first."}
        )


@action
def begin_signing(*, grant: Any, method: str, document_sha256: str, by: User) -> SigningChallenge:
    """Open a challenge for one signature, bound to the file; ``grant`` is what is signed: a grant, or an amendment of
    one. An e-mail code is sent, never shown.

    Raises Refused when the file changed, ``by`` cannot sign now, or asked too often; ValidationError for a way that is
    not set up or not allowed.
    """
    grant = lock(grant)
    side = side_of(grant, by)
    agreement = standing(grant, document_sha256)
    _check_method(agreement, method, by)
    now = timezone.now()
    recent = SigningChallenge.objects.filter(user=by, made_at__gt=now - timedelta(hours=1)).count()
    if recent >= proofs.MOST_CHALLENGES_AN_HOUR:
        raise Refused([Blocker("You asked for a code too often.", hint="Wait an hour, then try again.")], subject=grant)
    nonce, code = proofs.new_nonce(), proofs.new_code()
    bound: dict[str, Any] = {"user": by, "document_sha256": agreement.signed_sha256, "nonce": nonce}
    is_email, is_passkey = method == Method.EMAIL, method == Method.PASSKEY
    challenge = SigningChallenge.objects.create(
        agreement=agreement,
        method=method,
        made_at=now,
        expires_at=now + (passkeys.GOOD_FOR if is_passkey else proofs.GOOD_FOR),
        code_sha256=proofs.code_hash(code, agreement_id=agreement.pk, **bound) if is_email else "",
        approval=passkeys.approval_id(agreement, side, by) if is_passkey else "",
        **bound,
    )
    if is_email:
        notify(
            by,
            subject=f"Your code to sign grant {grant.number}",
            template="grants/agreements/mail/code.txt",
            context={"grant": grant, "code": code, "document_sha256": agreement.signed_sha256},
        )
    record("signing_begun", grant, by=by, facts={"document_sha256": document_sha256, "method": method})
    return challenge


@action
def count_try(*, answer: Answer, grant: Any, by: User) -> SigningChallenge:
    """Count one try against the challenge, whatever comes of it. Raises ValidationError when it is over."""
    found = SigningChallenge.objects.filter(
        nonce=answer.nonce, user=by, agreement__terms__grant=grant.agreement.terms.grant_id
    ).first()
    challenge = lock(found) if found else None
    over: dict[str, Any] = {"code": CODE_OVER} if answer.credential is None else {NON_FIELD_ERRORS: PASSKEY_OVER}
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= timezone.now():
        raise ValidationError(over)
    if challenge.method == Method.PASSKEY and challenge.tries:
        raise ValidationError(over)
    if challenge.tries >= MOST_TRIES:
        raise ValidationError({"code": "Five wrong codes: this step is over. Begin again."})
    challenge.tries += 1
    challenge.save(update_fields=["tries"])
    return challenge


@action
def prove(*, challenge: SigningChallenge, answer: Answer, now: datetime, by: User) -> dict[str, Any] | None:
    """Check the answer and use the challenge up; return the assertion of a passkey, to be kept with the signature.

    Raises ValidationError for a wrong or used answer.
    """
    if challenge.used_at is not None:
        raise ValidationError({"code": "This step is over. Begin again."})
    assertion = None
    if challenge.method == Method.PASSKEY:
        assertion = _by_passkey(challenge, answer, now, by)
    else:
        _by_code(challenge, answer.code, now, by)
    challenge.used_at = now
    challenge.save(update_fields=["used_at"])
    return assertion


def _by_passkey(challenge: SigningChallenge, answer: Answer, now: datetime, by: User) -> dict[str, Any]:
    """Return the assertion that proves it. Raises ValidationError for any other."""
    if answer.credential is None:
        raise ValidationError({NON_FIELD_ERRORS: "This step is for your passkey. For a code begin again."})
    try:
        passkey = lock(passkeys.find_passkey(by, answer.credential))
        return passkeys.check_assertion(challenge, passkey, answer.credential, origin=answer.origin, now=now)
    except passkeys.PasskeyError as error:
        raise ValidationError({NON_FIELD_ERRORS: str(error)}) from error


def _by_code(challenge: SigningChallenge, code: str, now: datetime, by: User) -> None:
    """Check a code of an authenticator app, or one by e-mail; each works once. Raises ValidationError."""
    left = MOST_TRIES - challenge.tries
    more = f"{left} more {'try' if left == 1 else 'tries'}." if left else "Begin again."
    wrong = ValidationError({"code": f"This is not the code. {more}"})
    if challenge.method == Method.EMAIL:
        if not proofs.email_code_is_right(challenge, code):
            raise wrong
        return
    step = proofs.totp_timestep(by, code, now)
    if step is None:
        raise wrong
    try:
        with transaction.atomic():
            SpentCode.objects.create(user=by, timestep=step, spent_at=now)
    except IntegrityError as taken:
        raise ValidationError({"code": "This code signed something already. Wait for the next one."}) from taken
