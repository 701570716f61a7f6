"""The seal of an amendment, and what follows from it: new terms, a higher cap, other schedules; nothing backwards."""

from typing import Any

from django.utils import timezone

from grants.agreements.actions import add_rise, amend_grant, try_again
from grants.agreements.actions.sealing import LOOK_AGAIN, seal_or_set_back
from grants.agreements.models import Agreement, Grant, Setback
from grants.amendments.models import Amendment
from grants.amendments.readiness import seal_blockers
from grants.campaigns.actions import raise_cap
from grants.campaigns.models import Campaign
from grants.conditions.actions import follow_terms
from grants.funds.actions import post, release
from grants.funds.models import Account, LedgerTransaction
from grants.payments.actions import reschedule_payments
from partners.organisations.actions import tell_owners
from partners.submissions.officers import officers_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, lock, perform


def seal_amendment(*, amendment: Amendment, by: User) -> Amendment:
    """Seal the document as an agreement is sealed, then let its terms hold; run again it changes nothing. Where it
    cannot be sealed now, a setback is left and it is tried again.

    Raises Refused, and seals nothing, when its terms can no longer take the place of those in force.
    """
    amendment = Amendment.objects.for_page().get(pk=amendment.pk)
    if amendment.state == Amendment.State.IN_FORCE:
        return amendment
    document = amendment.agreement
    if document is None:
        raise Refused(["No document of this amendment stands."], subject=amendment)
    if reasons := seal_blockers(amendment):
        raise Refused(reasons, subject=amendment)
    document = seal_or_set_back(agreement=document, by=by, again=seal_document_task)
    return bring_into_force(amendment=amendment, by=by) if document.sealed_at else amendment


@action
def bring_into_force(*, amendment: Amendment, by: User) -> Amendment:
    """Let the sealed terms hold from now on: grant, match cap, payments and reports follow in one transaction.

    Raises Refused when it is not countersigned and sealed, or its terms can no longer take their place.
    """
    lock(amendment.funds())
    grant = lock(amendment.grant)
    amendment = lock(amendment)
    if amendment.state == Amendment.State.IN_FORCE:
        return amendment
    document = amendment.agreement
    facts = {"sealed_sha256": document.sealed_sha256 if document else "", "cap_minor": amendment.cap_minor}
    amendment = perform(amendment.enter_into_force, by=by, facts=facts)
    if amendment.terms is not None:
        grant = amend_grant(grant=grant, terms=amendment.terms, by=by)
    _raise_cap(amendment, by)
    reschedule_payments(grant=grant, by=by)
    if amendment.terms is not None:
        follow_terms(grant=grant, conditions=amendment.terms.content["conditions"], by=by)
    _tell(amendment, by)
    return amendment


def _raise_cap(amendment: Amendment, by: User) -> None:
    """Move what was set aside for the rise to the reserve of the grant, by its campaign where there is one."""
    account = amendment.reserve_account
    if account is None:
        return
    grant, fund = amendment.grant, amendment.fund
    more = account.balance_minor
    release(fund=fund, reference=account.reference, amount_minor=more, key="in_force", by=by)
    campaign = Campaign.objects.filter(grant=grant.pk).select_related("grant__fund").first()
    if campaign is not None:
        raise_cap(campaign=campaign, cap_minor=amendment.cap_minor, by=by)
        return
    free = Account.objects.of(fund=fund, kind=Account.Kind.FREE)
    reserved = Account.objects.of(fund=fund, kind=Account.Kind.RESERVED, reference=grant.number)
    post(
        key=f"reserve:{amendment.number}",
        kind=LedgerTransaction.Kind.RESERVE,
        fund=fund,
        lines=[(free, -more), (reserved, more)],
        by=by,
        reference=grant.number,
    )
    add_rise(grant=grant, amount_minor=more, by=by)


def _tell(amendment: Amendment, by: User) -> None:
    told: dict[str, Any] = {
        "subject": f"{amendment} is in force",
        "template": "grants/amendments/mail/in_force.txt",
        "context": {"amendment": amendment},
    }
    for officer in officers_of(amendment.submission, amendment.created_by):
        notify(officer, **told)
    tell_owners(organisation=amendment.submission.organisation, by=by, **told)


@background()
def seal_amendment_task(amendment_id: int) -> None:
    """Seal one amendment and bring it into force; while its partner is held, look again every hour. What was ended
    meanwhile, or can no longer hold, is left to the officer, who sees why on its page.
    """
    amendment = Amendment.objects.for_page().get(pk=amendment_id)
    if amendment.state != Amendment.State.APPROVED:
        return
    if amendment.hold_blockers():
        seal_amendment_task.using(run_after=timezone.now() + LOOK_AGAIN).enqueue(amendment_id)
        return
    if not seal_blockers(amendment):
        seal_amendment(amendment=amendment, by=User.objects.system("background"))


@background()
def seal_document_task(agreement_id: int) -> None:
    """Try the seal of an amendment's document again, and what follows from it."""
    terms = Agreement.objects.get(pk=agreement_id).terms_id
    for amendment in Amendment.objects.filter(terms=terms):
        seal_amendment_task.enqueue(amendment.pk)


@background()
def seal_left_amendments() -> None:
    """Once a day: bring into force what was countersigned and is not in force, unless a later try waits already."""
    for amendment in Amendment.objects.left_unsealed(timezone.now()):
        seal_amendment_task.enqueue(amendment.pk)


@action
def try_everything_again(*, grant: Grant, by: User) -> Grant:
    """Have every seal and timestamp of a grant that failed tried now, its amendments' too. Raises Refused."""
    grant = try_again(grant=grant, by=by)
    failed = Setback.objects.to_show(grant).filter(step=Setback.Step.SEAL).values("agreement__terms")
    for amendment in Amendment.objects.filter(terms__in=failed):
        seal_amendment_task.enqueue(amendment.pk)
    return grant
