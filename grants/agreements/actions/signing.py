"""Signatures: a declaration first, then a challenge, then a code that works once for one file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.actions.proving import count_try, prove
from grants.agreements.actions.sealing import seal_agreement_task
from grants.agreements.actions.sides import CHANGED, side_of, standing
from grants.agreements.documents import consent
from grants.agreements.models import Agreement, Grant, Signature, SigningChallenge
from grants.agreements.models.signing import Side
from grants.funds.actions import reserve
from partners.organisations.actions import tell_partner
from partners.submissions.actions import approve_submission, take_duty
from partners.submissions.models import Duty
from reviews.panels.models import ConflictDeclaration
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record


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


def sign_agreement(*, grant: Grant, document_sha256: str, nonce: str, code: str, by: User) -> Signature:
    """Sign as director. The last one needed approves the grant and its submission and reserves the match, in
    one action.

    Raises Refused when the file changed since it was seen or ``by`` cannot sign, ValidationError for a wrong code.
    """
    given = {"document_sha256": document_sha256, "nonce": nonce, "code": code}
    return attempt(grant, given, by, Side.DIRECTOR, then=_after_director)


def countersign_agreement(*, grant: Grant, document_sha256: str, nonce: str, code: str, by: User) -> Signature:
    """Sign for the partner, after the directors; the seal follows as a task. Raises as ``sign_agreement`` does."""
    given = {"document_sha256": document_sha256, "nonce": nonce, "code": code}
    return attempt(grant, given, by, Side.PARTNER, then=_after_partner)


Then = Callable[[Any, Agreement, User], None]


def attempt(grant: Any, given: dict[str, str], by: User, side: str, *, then: Then) -> Signature:
    """Count the try first, in a transaction of its own: a wrong code must cost one.

    ``grant`` is what is signed, a grant or an amendment of one; ``given`` are the hash, the nonce and the code, and
    ``then`` is what follows from the signature, in its transaction.
    """
    fresh = type(grant).objects.for_page().get(pk=grant.pk)
    if side_of(fresh, by) != side:
        raise PermissionDenied(f"sign as {side}")
    document_sha256 = given["document_sha256"]
    standing(fresh, document_sha256)
    challenge = count_try(nonce=given["nonce"], grant=fresh, by=by)
    return _sign(
        grant=fresh,
        document_sha256=document_sha256,
        challenge=challenge,
        code=given["code"],
        by=by,
        side=side,
        then=then,
    )


@action
def _sign(
    *, grant: Any, document_sha256: str, challenge: SigningChallenge, code: str, by: User, side: str, then: Then
) -> Signature:
    """Write one signature and what follows from it. Everything is looked at again under the locks."""
    lock(grant.submission)
    lock(grant.fund)
    grant = lock(grant)
    challenge = lock(challenge)
    if side_of(grant, by) != side:
        raise PermissionDenied(f"sign as {side}")
    agreement = standing(grant, document_sha256)
    if challenge.agreement_id != agreement.pk or challenge.document_sha256 != document_sha256:
        raise Refused(
            [Blocker(CHANGED, hint="The code was for another file.")],
            title="Changed since you viewed it",
            subject=grant,
        )
    now = timezone.now()
    prove(challenge=challenge, code=code, now=now, by=by)
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
    then(grant, agreement, by)
    return signature


def _write(
    grant: Any, agreement: Agreement, challenge: SigningChallenge, by: User, side: str, now: datetime
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


def _capacity(content: dict[str, Any], by: User, side: str, grant: Any) -> dict[str, str]:
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


def _after_partner(_grant: Grant, agreement: Agreement, _by: User) -> None:
    """After the countersignature: the seal."""
    seal_agreement_task.enqueue(agreement.pk)


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
