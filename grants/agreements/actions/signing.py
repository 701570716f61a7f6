"""Signatures: a declaration first, then a challenge, then a code that works once for one file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.agreements.actions.proving import Answer, count_try, prove
from grants.agreements.actions.sealing import seal_agreement_task
from grants.agreements.actions.sides import CHANGED, side_of, standing
from grants.agreements.closings import consent_to
from grants.agreements.models import Agreement, Grant, Signature, SigningChallenge
from grants.agreements.models.signing import Side
from grants.conditions.actions import ask_for_evidence
from grants.conditions.models import Condition
from grants.funds.actions import reserve
from partners.organisations.actions import tell_owners
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


def sign_agreement(*, grant: Grant, document_sha256: str, by: User, **given: Any) -> Signature:
    """Sign as director, by an ``Answer``: ``nonce`` with ``code``, or with ``credential`` and ``origin``. The last one
    needed approves the grant and its submission and reserves the match, in one action.

    Raises Refused when the file changed since it was seen or ``by`` cannot sign, ValidationError for a wrong answer;
    then nothing is signed, and the trail says why.
    """
    return attempt(grant, document_sha256, Answer(**given), by, Side.DIRECTOR, then=_after_director)


def countersign_agreement(*, grant: Grant, document_sha256: str, by: User, **given: Any) -> Signature:
    """Sign for the partner, after the directors; the seal follows as a task. Raises as ``sign_agreement`` does."""
    return attempt(grant, document_sha256, Answer(**given), by, Side.PARTNER, then=_after_partner)


Then = Callable[[Any, Agreement, User], None]


def attempt(grant: Any, document_sha256: str, answer: Answer, by: User, side: str, *, then: Then) -> Signature:
    """Count the try first, in a transaction of its own: a wrong answer must cost one. A refusal is recorded.

    ``grant`` is what is signed, a grant or an amendment of one; ``then`` is what follows from the signature, in its
    transaction.
    """
    fresh = type(grant).objects.for_page().get(pk=grant.pk)
    try:
        _check_side(fresh, by, side)
        standing(fresh, document_sha256)
        challenge = count_try(answer=answer, grant=fresh, by=by)
        given: dict[str, Any] = {"document_sha256": document_sha256, "challenge": challenge, "answer": answer}
        return _sign(grant=fresh, **given, by=by, side=side, then=then)
    except (Refused, PermissionDenied, ValidationError) as refusal:
        note_refusal(grant=fresh, document_sha256=document_sha256, why=_why(refusal), by=by)
        raise


def _check_side(grant: Any, by: User, side: str) -> None:
    """Raise PermissionDenied for who does not sign on this side now, or Refused with the reasons."""
    if side_of(grant, by) != side:
        raise PermissionDenied(f"sign as {side}")


def _why(refusal: Refused | PermissionDenied | ValidationError) -> str:
    """Return a refusal in words for the trail."""
    if isinstance(refusal, Refused):
        return " ".join(str(reason) for reason in refusal.blockers)
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else "No longer allowed to sign."


@action
def note_refusal(*, grant: Any, document_sha256: str, why: str, by: User) -> None:
    """Record that somebody tried to sign and did not, and why."""
    record("signing_refused", grant, by=by, note=why, facts={"document_sha256": document_sha256})


def refuse_lost_right(*, subject: Any, by: User) -> None:
    """Record and refuse a signature of somebody who began it and lost the right since. ``subject`` is the grant or the
    amendment, or None.

    Raises PermissionDenied; does nothing for who may sign, or never began.
    """
    agreement = subject.agreement if subject else None
    last = SigningChallenge.objects.filter(user=by, agreement=agreement, used_at__isnull=True).order_by("pk").last()
    if agreement is None or last is None:
        return
    kind = subject._meta.model_name
    if by.has_perm(f"grants.sign_{kind}", subject) or by.has_perm(f"grants.countersign_{kind}", subject):
        return
    note_refusal(grant=subject, document_sha256=last.document_sha256, why="No longer allowed to sign.", by=by)
    raise PermissionDenied(f"sign_{kind}")


@action
def _sign(
    *,
    grant: Any,
    document_sha256: str,
    challenge: SigningChallenge,
    answer: Answer,
    by: User,
    side: str,
    then: Then,
) -> Signature:
    """Write one signature and what follows from it. Everything is looked at again under the locks."""
    lock(grant.submission)
    lock(grant.funds())
    grant = lock(grant)
    challenge = lock(challenge)
    _check_side(grant, by, side)
    agreement = standing(grant, document_sha256)
    if challenge.agreement_id != agreement.pk or challenge.document_sha256 != document_sha256:
        raise Refused(
            [Blocker(CHANGED, hint="What you gave was for another file.")],
            title="Changed since you viewed it",
            subject=grant,
        )
    now = timezone.now()
    assertion = prove(challenge=challenge, answer=answer, now=now, by=by)
    signature = _write(grant, agreement, challenge, by, side, now, assertion)
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
    grant: Any,
    agreement: Agreement,
    challenge: SigningChallenge,
    by: User,
    side: str,
    now: datetime,
    assertion: dict[str, Any] | None,
) -> Signature:
    """Write the signature's row, and for a director the duty that keeps assessment and signature apart."""
    content = agreement.terms.content
    version, text = consent_to(agreement, side)
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
        assertion=assertion,
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
    """After the last director needed: reserve the match, and what is added for card fees; approve grant and submission;
    ask the partner.
    """
    needed = int(agreement.terms.content["funder"]["directors_needed"])
    if agreement.signatures.of_directors().count() < needed:
        return
    (first, share), *further = grant.parts()
    grant.reserve_account = reserve(fund=first, reference=grant.number, amount_minor=share, further=further, by=by)
    grant.save(update_fields=["reserve_account"])
    if grant.fee_top_up_minor:
        reserve(fund=grant.fund, reference=grant.fee_reference, amount_minor=grant.fee_top_up_minor, by=by)
    perform(grant.approve, by=by, facts={"document_sha256": agreement.signed_sha256, "cap_minor": grant.cap_minor})
    approve_submission(submission=grant.submission, by=by)
    ask_for_evidence(grant=grant, blocks=Condition.Blocks.PARTNER, by=by)
    tell_owners(
        organisation=grant.submission.organisation,
        subject=f"Grant {grant.number}: please countersign",
        template="grants/agreements/mail/to_countersign.txt",
        context={"grant": grant},
        by=by,
    )
