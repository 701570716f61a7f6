"""Signatures: a declaration first, then a challenge, then a code that works once for one file."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from grants.agreements import proofs
from grants.agreements.actions.sealing import seal_agreement_task
from grants.agreements.documents import consent
from grants.agreements.models import Agreement, Grant, Signature, SigningChallenge, SpentCode
from grants.agreements.models.signing import MOST_TRIES, Method, Side
from grants.agreements.readiness import signing_blockers
from grants.funds.actions import reserve
from partners.organisations.actions import tell_partner
from partners.organisations.models import waiting_blockers
from partners.submissions.actions import approve_submission, take_duty
from partners.submissions.models import Duty
from reviews.panels.models import ConflictDeclaration
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record

CHANGED = "Changed since you viewed it."


@action
def declare_as_director(*, grant: Grant, has_interest: bool, by: User, note: str = "") -> ConflictDeclaration:
    """Record what a director declares before the brief opens. Who has an interest does not sign; another director does.

    Raises PermissionDenied, ValidationError when the same was declared already.
    """
    submission = lock(grant.submission)
    if not by.has_perm("grants.declare_grant", grant):
        raise PermissionDenied("declare_grant")
    declaration = ConflictDeclaration(
        submission=submission,
        user=by,
        as_role=ConflictDeclaration.AsRole.DIRECTOR,
        has_interest=has_interest,
        note=note.strip(),
        declared_at=timezone.now(),
    )
    declaration.full_clean()
    declaration.save()
    facts = {"submission": submission.pk, "grant": grant.pk, "as_role": "director", "has_interest": has_interest}
    record("declared", declaration, by=by, note=note.strip(), facts=facts)
    return declaration


def _standing(grant: Grant, document_sha256: str) -> Agreement:
    """Return the agreement that stands to be signed. Raises Refused when it is not the file that was seen."""
    agreement = grant.agreement
    if agreement is None or agreement.signed_sha256 != document_sha256:
        raise Refused(
            [
                Blocker(
                    CHANGED,
                    hint="Another file stands to be signed now, or none. Nothing was written.",
                    url=grant.get_absolute_url(),
                )
            ],
            title="Changed since you viewed it",
            subject=grant,
        )
    return agreement


def _side_of(grant: Grant, by: User) -> str:
    """Return for which side ``by`` signs ``grant`` now. Raises PermissionDenied, or Refused with the reasons."""
    if grant.state == Grant.State.APPROVED and by.has_perm("grants.countersign_grant", grant):
        if grant.agreement is not None and grant.agreement.signatures.of_partner().exists():
            raise Refused([Blocker("The agreement is countersigned already.")], subject=grant)
        if waiting := waiting_blockers(grant.submission.organisation_id):
            raise Refused(waiting, subject=grant)
        return Side.PARTNER
    if not by.has_perm("grants.sign_grant", grant):
        raise PermissionDenied("sign_grant")
    if grant.state != Grant.State.AWAITING_SIGNATURE:
        raise Refused(
            [
                Blocker(
                    f"This grant is {grant.get_state_display().lower()}.",
                    hint="It does not wait for a director's signature.",
                )
            ],
            subject=grant,
        )
    if reasons := signing_blockers(grant, by):
        raise Refused(reasons, subject=grant)
    return Side.DIRECTOR


@action
def begin_signing(*, grant: Grant, method: str, document_sha256: str, by: User) -> SigningChallenge:
    """Open a challenge for one signature: five minutes, five tries, bound to the file. An e-mail code is sent,
    never shown.

    Raises Refused when the file changed, ``by`` cannot sign now, or asked too often.
    """
    grant = lock(grant)
    _side_of(grant, by)
    agreement = _standing(grant, document_sha256)
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
def _count_try(*, nonce: str, grant: Grant, by: User) -> SigningChallenge:
    """Count one try against the challenge, whatever comes of it. Raises ValidationError when it is over."""
    found = SigningChallenge.objects.filter(nonce=nonce, user=by, agreement__terms__grant=grant).first()
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


def sign_agreement(*, grant: Grant, document_sha256: str, nonce: str, code: str, by: User) -> Signature:
    """Sign as director. The last one needed approves the grant and its submission and reserves the match, in
    one action.

    Raises Refused when the file changed since it was seen or ``by`` cannot sign, ValidationError for a wrong code.
    """
    return _attempt(grant, document_sha256, nonce, code, by, Side.DIRECTOR)


def countersign_agreement(*, grant: Grant, document_sha256: str, nonce: str, code: str, by: User) -> Signature:
    """Sign for the partner, after the directors; the seal follows as a task. Raises as ``sign_agreement`` does."""
    return _attempt(grant, document_sha256, nonce, code, by, Side.PARTNER)


def _attempt(grant: Grant, document_sha256: str, nonce: str, code: str, by: User, side: str) -> Signature:
    """Count the try first, in a transaction of its own: a wrong code must cost one."""
    fresh = Grant.objects.for_page().get(pk=grant.pk)
    if _side_of(fresh, by) != side:
        raise PermissionDenied(f"sign as {side}")
    _standing(fresh, document_sha256)
    challenge = _count_try(nonce=nonce, grant=fresh, by=by)
    return _sign(grant=fresh, document_sha256=document_sha256, challenge=challenge, code=code, by=by, side=side)


@action
def _sign(
    *, grant: Grant, document_sha256: str, challenge: SigningChallenge, code: str, by: User, side: str
) -> Signature:
    """Write one signature and what follows from it. Everything is looked at again under the locks."""
    lock(grant.submission)
    lock(grant.fund)
    grant = lock(grant)
    challenge = lock(challenge)
    if _side_of(grant, by) != side:
        raise PermissionDenied(f"sign as {side}")
    agreement = _standing(grant, document_sha256)
    if challenge.agreement_id != agreement.pk or challenge.document_sha256 != document_sha256:
        raise Refused(
            [Blocker(CHANGED, hint="The code was for another file.")],
            title="Changed since you viewed it",
            subject=grant,
        )
    now = timezone.now()
    _prove(challenge, code, by, now)
    signature = _write(grant, agreement, challenge, by, side, now)
    record(
        "signed",
        grant,
        by=by,
        facts={
            "document_sha256": document_sha256,
            "side": side,
            "signature": signature.pk,
            "method": challenge.method,
            "consent": signature.consent_version,
        },
    )
    if side == Side.DIRECTOR:
        _after_director(grant, agreement, by)
    else:
        seal_agreement_task.enqueue(agreement.pk)
    return signature


def _prove(challenge: SigningChallenge, code: str, by: User, now: datetime) -> None:
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


def _write(
    grant: Grant, agreement: Agreement, challenge: SigningChallenge, by: User, side: str, now: datetime
) -> Signature:
    """Write the signature's row, and for a director the duty that keeps assessment and signature apart."""
    content = agreement.terms.content
    version, text = consent(content, side)
    if side == Side.DIRECTOR:
        take_duty(submission=grant.submission, user=by, side=Duty.Side.SIGN, by=by)
    return Signature.objects.create(
        agreement=agreement,
        ordinal=agreement.signatures.count() + 1,
        user=by,
        side=side,
        name=by.name,
        method=challenge.method,
        document_sha256=agreement.signed_sha256,
        challenge=challenge,
        consent_version=version,
        consent_text=text,
        signed_at=now,
        **_capacity(content, by, side, grant),
    )


def _capacity(content: dict[str, Any], by: User, side: str, grant: Grant) -> dict[str, str]:
    """Return in which capacity somebody signs: title, authority, for whom, and the zone their time is told in."""
    if side == Side.DIRECTOR:
        funder = content["funder"]
        return {
            "title": "Director",
            "authority": content["directors"]["authority"],
            "organisation_name": funder["name"],
            "time_zone": funder["time_zone"],
        }
    signatory = content["partner"]["signatory"]
    named = signatory["name"].casefold() == by.name.casefold()
    return {
        "title": signatory["title"] if named else f"Owner of the account, for {signatory['name']}",
        "authority": signatory["authority"],
        "organisation_name": content["partner"]["legal_name"],
        "time_zone": grant.submission.programme.time_zone,
    }


def _after_director(grant: Grant, agreement: Agreement, by: User) -> None:
    """After the last director needed: reserve the match, approve grant and submission, ask the partner."""
    needed = int(agreement.terms.content["funder"]["directors_needed"])
    if agreement.signatures.of_directors().count() < needed:
        return
    grant.reserve_account = reserve(fund=grant.fund, reference=grant.number, amount_minor=grant.cap_minor, by=by)
    grant.save(update_fields=["reserve_account"])
    perform(grant.approve, by=by, facts={"document_sha256": agreement.signed_sha256, "cap_minor": grant.cap_minor})
    approve_submission(submission=grant.submission, by=by)
    organisation = grant.submission.organisation
    for owner in organisation.owners().select_related("user"):
        tell_partner(
            organisation=organisation,
            to=owner.user,
            subject=f"Grant {grant.number}: please countersign",
            template="grants/agreements/mail/to_countersign.txt",
            context={"grant": grant},
            by=by,
        )
