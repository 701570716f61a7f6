"""The challenge before a signature, and its answer: a code that works once for one person and one file."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from grants.agreements import proofs
from grants.agreements.actions.sides import side_of, standing
from grants.agreements.models import SigningChallenge, SpentCode
from grants.agreements.models.signing import MOST_TRIES, Method
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, record


@action
def begin_signing(*, grant: Any, method: str, document_sha256: str, by: User) -> SigningChallenge:
    """Open a challenge for one signature: five minutes, five tries, bound to the file. An e-mail code is sent,
    never shown. ``grant`` is what is signed: a grant, or an amendment of one.

    Raises Refused when the file changed, ``by`` cannot sign now, or asked too often.
    """
    grant = lock(grant)
    side_of(grant, by)
    agreement = standing(grant, document_sha256)
    if method not in Method.values or (method == Method.TOTP and not proofs.has_authenticator(by)):
        raise ValidationError({"method": "Choose a way that is set up for you."})
    now = timezone.now()
    recent = SigningChallenge.objects.filter(user=by, made_at__gt=now - timedelta(hours=1)).count()
    if recent >= proofs.MOST_CHALLENGES_AN_HOUR:
        raise Refused([Blocker("You asked for a code too often.", hint="Wait an hour, then try again.")], subject=grant)
    nonce, code = proofs.new_nonce(), proofs.new_code()
    bound: dict[str, Any] = {"user": by, "document_sha256": agreement.signed_sha256, "nonce": nonce}
    is_email = method == Method.EMAIL
    challenge = SigningChallenge.objects.create(
        agreement=agreement,
        method=method,
        made_at=now,
        expires_at=now + proofs.GOOD_FOR,
        code_sha256=proofs.code_hash(code, agreement_id=agreement.pk, **bound) if is_email else "",
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
def count_try(*, nonce: str, grant: Any, by: User) -> SigningChallenge:
    """Count one try against the challenge, whatever comes of it. Raises ValidationError when it is over."""
    found = SigningChallenge.objects.filter(
        nonce=nonce, user=by, agreement__terms__grant=grant.agreement.terms.grant_id
    ).first()
    challenge = lock(found) if found else None
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= timezone.now():
        raise ValidationError(
            {"code": "This step is over. Begin again: a code is good for five minutes and works once."}
        )
    if challenge.tries >= MOST_TRIES:
        raise ValidationError({"code": "Five wrong codes: this step is over. Begin again."})
    challenge.tries += 1
    challenge.save(update_fields=["tries"])
    return challenge


@action
def prove(*, challenge: SigningChallenge, code: str, now: datetime, by: User) -> None:
    """Check the code and use it up. Raises ValidationError for a wrong or a used one."""
    if challenge.used_at is not None:
        raise ValidationError({"code": "This step is over. Begin again."})
    left = MOST_TRIES - challenge.tries
    wrong = ValidationError(
        {
            "code": f"This is not the code. {left} more {'try' if left == 1 else 'tries'}."
            if left
            else "This is not the code. Begin again."
        }
    )
    if challenge.method == Method.EMAIL:
        if not proofs.email_code_is_right(challenge, code):
            raise wrong
    else:
        step = proofs.totp_timestep(by, code, now)
        if step is None:
            raise wrong
        try:
            with transaction.atomic():
                SpentCode.objects.create(user=by, timestep=step, spent_at=now)
        except IntegrityError as taken:
            raise ValidationError({"code": "This code signed something already. Wait for the next one."}) from taken
    challenge.used_at = now
    challenge.save(update_fields=["used_at"])
