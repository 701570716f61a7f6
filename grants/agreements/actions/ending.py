"""The ends of a grant, good and bad."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.agreements.actions.asking import tell_of_void
from grants.agreements.actions.freezing import void_terms
from grants.agreements.models import Agreement, Grant, Signature
from grants.agreements.models.signing import Side
from grants.conditions.actions import end_conditions
from grants.funds.actions import release_all
from partners.organisations.actions import tell_owners
from partners.submissions.actions import decline_submission
from partners.submissions.models import Submission
from partners.submissions.officers import officers_of
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record, transition_blockers

ENDED = "The funder ended what it promises."
TWO_PEOPLE = Blocker(
    "The directors have signed this grant.",
    hint="Two people end it: one asks, and a director who did not ask confirms.",
)


def with_reason(reason: str) -> str:
    """Return the reason that was given. Raises ValidationError without one."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason stays on record."})
    return reason.strip()


@action
def decline_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Say no as a director: the grant and its application are declined, the frozen terms are void; an application that
    was declined or withdrawn before stays so. Raises Refused when too late.
    """
    reason = with_reason(reason)
    submission = lock(grant.submission)
    grant = lock(grant)
    terms, agreement = grant.terms, grant.agreement
    grant = perform(grant.decline, by=by, note=reason, reason=reason)
    if terms is not None and agreement is not None:
        void_terms(terms=terms, agreement=agreement, reason=reason, by=by)
        tell_of_void(grant=grant, agreement=agreement, what=f"{by.name} declined the grant.", reason=reason, by=by)
    end_conditions(grant=grant, reason="The grant was declined.", by=by)
    is_declined = submission.state == Submission.State.RECOMMENDED
    if is_declined:
        decline_submission(submission=submission, reason=reason, by=by)
    _tell_officers(grant, submission, by, is_declined=is_declined)
    return grant


def _tell_officers(grant: Grant, submission: Submission, by: User, *, is_declined: bool) -> None:
    """Tell who drafted the grant and who runs its application that a director said no, and what became of both."""
    for officer in officers_of(grant.submission, grant.created_by):
        notify(
            officer,
            subject=f"Grant {grant.number} is declined",
            template="grants/agreements/mail/declined.txt",
            context={"grant": grant, "director": by.name, "submission": submission, "is_declined": is_declined},
        )


@action
def discard_draft(*, grant: Grant, reason: str, by: User, then: str = "draft") -> Grant:
    """Give up a draft grant. ``then`` is what becomes of its application: ``draft`` leaves its recommendation free for
    another grant, ``decline`` declines it, and the partner reads the reason. One that was declined or withdrawn before
    stays so.

    Raises PermissionDenied, ValidationError without a reason or for another word, Refused where it is no draft.
    """
    if then not in {"draft", "decline"}:
        raise ValidationError({"then": "Choose what becomes of the application."})
    submission = lock(grant.submission)
    if grant.state != Grant.State.DRAFT:
        raise Refused(transition_blockers(grant, "lapse") or [TWO_PEOPLE], subject=grant)
    grant = lapse_grant(grant=grant, reason=reason, by=by)
    if then == "decline" and submission.state == Submission.State.RECOMMENDED:
        decline_submission(submission=submission, reason=with_reason(reason), by=by)
    return grant


@action
def lapse_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Give up a draft, or a grant that the partner does not countersign; its reserve goes back to the fund.

    One that the directors signed is ended by two people: only what they confirmed comes here. Raises Refused.
    """
    reason = with_reason(reason)
    lock(grant.funds())
    grant = lock(grant)
    if grant.state == Grant.State.APPROVED and not by.is_system:
        raise Refused([TWO_PEOPLE], subject=grant)
    agreement, terms = grant.agreement, grant.terms
    grant = perform(grant.lapse, by=by, note=reason, reason=reason)
    if grant.reserve_account_id is not None:
        for reference in (grant.number, grant.fee_reference):
            release_all(fund=grant.fund, reference=reference, key="lapsed", by=by)
    end_conditions(grant=grant, reason="The grant lapsed.", by=by)
    if terms is not None and agreement is not None:
        void_terms(terms=terms, agreement=agreement, reason=reason, by=by)
        tell_of_void(grant=grant, agreement=agreement, what="The grant lapsed.", reason=reason, by=by)
    return grant


@action
def suspend_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Stop the payments and offers of a grant in force: no payment is released, its campaign is shown as paused.
    Reports stay due. The partner, who signed for the funder, its officers and finance are notified of the reason.

    Raises ValidationError without a reason, Refused when not in force.
    """
    reason = with_reason(reason)
    grant = perform(lock(grant).suspend, by=by, note=reason, reason=reason)
    _tell_owners(grant, f"Grant {grant.number} is suspended", "grants/agreements/mail/suspended.txt", by)
    _tell_staff(grant, f"Grant {grant.number} is suspended", by)
    return grant


@action
def resume_grant(*, grant: Grant, by: User) -> Grant:
    """Let a suspended grant go on, as a director: payments and offers with it. The partner, who signed for the funder,
    its officers and finance are notified. Raises Refused where it is not suspended, or its partner is held.
    """
    grant = perform(lock(grant).resume, by=by)
    _tell_owners(grant, f"Grant {grant.number} goes on", "grants/agreements/mail/resumed.txt", by)
    _tell_staff(grant, f"Grant {grant.number} goes on", by)
    return grant


def staff_told(grant: Grant, by: User) -> dict[str, list[User]]:
    """Return who of the staff is notified when ``by`` suspends a grant or lets it go on, each once, by primary key:
    ``staff`` (directors who signed and are directors still, the officers), ``finance`` (the others who pay).
    """
    signed = Signature.objects.filter(agreement=grant.agreement, side=Side.DIRECTOR) if grant.agreement else ()
    directors = User.objects.with_role(Role.DIRECTOR).filter(pk__in=[one.user_id for one in signed])
    staff = {*directors, *officers_of(grant.submission, grant.created_by)} - {by}
    finance = {*User.objects.with_role(Role.FINANCE_OFFICER)} - staff - {by}
    return {"staff": sorted(staff, key=lambda one: one.pk), "finance": sorted(finance, key=lambda one: one.pk)}


def _tell_staff(grant: Grant, subject: str, by: User) -> None:
    for group in staff_told(grant, by).values():
        for reader in group:
            notify(
                reader,
                subject=subject,
                template="grants/agreements/mail/to_staff_suspended.txt",
                context={"grant": grant, "who": by.name},
            )


def _tell_owners(grant: Grant, subject: str, template: str, by: User) -> None:
    tell_owners(
        organisation=grant.submission.organisation,
        subject=subject,
        template=template,
        context={"grant": grant},
        by=by,
    )


@action
def terminate_grant(*, grant: Grant, reason: str, by: User, public_reason: str = "") -> Grant:
    """End a grant in force before its time: its agreement and its amendments verify as revoked from now on. The reserve
    stays until the campaign is closed, so that gifts already promised a match keep it.

    Two people decide it: the room of endings asks them first, and no page comes here without.
    """
    reason = with_reason(reason)
    grant = lock(grant)
    grant = perform(grant.terminate, by=by, note=reason, reason=reason)
    end_conditions(grant=grant, reason="The grant was ended.", by=by)
    _revoke_all(grant, reason, public_reason, by)
    return grant


@action
def revoke_agreement(*, grant: Grant, reason: str, by: User, public_reason: str = "") -> Grant:
    """Revoke the agreement of a grant that is completed or closed, with its amendments: they verify as revoked from now
    on. Raises Refused while the grant is in force (it is ended then), or where nothing is left to revoke.
    """
    reason = with_reason(reason)
    grant = lock(grant)
    if not by.has_perm("grants.revoke_grant", grant):
        raise PermissionDenied("revoke_grant")
    if reasons := grant.revoke_blockers():
        raise Refused(reasons, subject=grant)
    _revoke_all(grant, reason, public_reason, by)
    return grant


def _revoke_all(grant: Grant, reason: str, public_reason: str, by: User) -> None:
    """Revoke every sealed document that people signed; who verifies one reads ``public_reason``."""
    for agreement in lock(Agreement.objects.revocable(grant)):
        revoke_document(agreement=agreement, reason=reason, public_reason=public_reason, by=by)


@action
def revoke_document(*, agreement: Agreement, reason: str, by: User, public_reason: str = "") -> None:
    """Mark one sealed document as revoked, with the reason for the file and the one that anybody may read."""
    agreement.revoked_at, agreement.revoked_by, agreement.revoked_reason = timezone.now(), by, reason
    agreement.revoked_public = public_reason.strip() or ENDED
    agreement.save(update_fields=["revoked_at", "revoked_by", "revoked_reason", "revoked_public"])
    facts = {"sealed_sha256": agreement.sealed_sha256, "public_reason": agreement.revoked_public}
    record("revoked", agreement, by=by, note=reason, facts=facts)


@action
def complete_grant(*, grant: Grant, by: User) -> Grant:
    """Mark a grant as paid and reported; the room that knows payments and reports asks its own questions first."""
    completed: Grant = perform(lock(grant).complete, by=by)
    end_conditions(grant=completed, reason="The grant is completed.", by=by)
    return completed


@action
def close_grant(*, grant: Grant, by: User) -> Grant:
    """Close the file of a completed grant."""
    return perform(grant.close, by=by)
