"""The good end of a grant: everything was paid and reported, and a letter says so; then its file is closed."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from grants.agreements.actions import close_grant, complete_grant
from grants.agreements.actions.sealing import seal_agreement_task
from grants.agreements.models import Agreement, Grant
from grants.campaigns.actions import sweep_pots
from grants.campaigns.models import Campaign
from grants.endings.actions.telling import readers
from grants.endings.letters import completion_content
from grants.endings.readiness import finish_blockers
from grants.funds.actions import release_all
from grants.funds.models import Account
from partners.organisations.actions import tell_partner
from vetting_portal.canonical import sha256_of
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def finish_grant(*, grant: Grant, by: User) -> Grant:
    """Complete a grant: every payment is made or cancelled, every report accepted, its campaign closed. What a
    cancelled payment left goes back to the match funds, and gifts of it are kept for a similar purpose.

    The completion letter is written, and sealed in the background; the partner and everybody who signed are notified.

    Raises PermissionDenied, Refused with everything that is still open.
    """
    ask(by, "grants.complete_grant", grant)
    lock(grant.funds())
    grant = lock(grant)
    if grant.state == Grant.State.IN_FORCE and (reasons := finish_blockers(grant)):
        raise Refused(reasons, title="This grant is not complete yet", subject=grant)
    grant = complete_grant(grant=grant, by=by)
    for reference in (grant.number, grant.fee_reference):
        release_all(fund=grant.fund, reference=reference, key="completed", by=by)
    campaign = Campaign.objects.with_grant().get(grant=grant)
    sweep_pots(campaign=lock(campaign), by=by)
    _write_letter(grant, by)
    _tell(grant, by)
    return grant


def _write_letter(grant: Grant, by: User) -> None:
    """Write the completion letter, as data; it is set, sealed and stored in the background."""
    terms = grant.terms_in_force
    if terms is None:
        raise ValueError(f"{grant} has no terms.")
    at = timezone.now().replace(microsecond=0)
    said = completion_content(grant, at=at, by=by)
    letter = Agreement.objects.create(
        terms=terms, kind=Agreement.Kind.COMPLETION, content=said, content_sha256=sha256_of(said), created_at=at
    )
    facts = {"content_sha256": letter.content_sha256, "money": said["money"]}
    record("completion_written", letter, by=by, facts=facts)
    seal_agreement_task.enqueue(letter.pk)


def _tell(grant: Grant, by: User) -> None:
    """Write to the partner's owners, to everybody who signed, and to the officer."""
    found, subject = readers(grant, asker=by, is_paid=False), f"Grant {grant.number} is complete"
    for member in found["partner"]:
        tell_partner(
            organisation=grant.submission.organisation,
            to=member,
            subject=subject,
            template="grants/endings/mail/completed.txt",
            context={"grant": grant},
            by=by,
        )
    for reader in found["staff"]:
        if reader != by:
            notify(
                reader, subject=subject, template="grants/endings/mail/completed_staff.txt", context={"grant": grant}
            )


@background()
def tend_completed() -> None:
    """Once a day: move what came to completed grants since they were complete: after a dispute, or a hold."""
    kind = Account.Kind
    left = Account.objects.filter(kind__in=[kind.GIFTS, kind.MATCHED], reference=OuterRef("grant__number"))
    over = (Grant.State.COMPLETED, Grant.State.CLOSED)
    here = Campaign.objects.filter(Exists(left.exclude(balance_minor=0)), grant__state__in=over)
    for pk in here.order_by("pk").values_list("pk", flat=True):
        tend_completed_one.enqueue(pk)


@background()
def tend_completed_one(campaign_id: int) -> None:
    """Do so for one, so that what is wrong with one stops no other."""
    campaign = Campaign.objects.with_grant().get(pk=campaign_id)
    settle_completed(campaign=campaign, by=User.objects.system("background"))


@action
def settle_completed(*, campaign: Campaign, by: User) -> int:
    """Move what came to a completed grant since, as its completion did; run again it changes nothing. Returns what was
    moved, in minor units.
    """
    ask(by, "grants.carry_out_ending", campaign)
    lock(campaign.grant.funds())
    return sweep_pots(campaign=lock(campaign), by=by)


@action
def close_file(*, grant: Grant, by: User) -> Grant:
    """Close the file of a completed grant. Raises PermissionDenied, Refused where it is not completed."""
    return close_grant(grant=grant, by=by)
