"""The good end of a grant: everything was paid and reported; then its file is closed."""

from grants.agreements.actions import close_grant, complete_grant
from grants.agreements.models import Grant
from grants.campaigns.actions import sweep_pots
from grants.campaigns.models import Campaign
from grants.endings.readiness import finish_blockers
from grants.funds.actions import release_all
from partners.organisations.actions import tell_partner
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock


@action
def finish_grant(*, grant: Grant, by: User) -> Grant:
    """Complete a grant: every payment is made or cancelled, every report accepted, its campaign closed. What a
    cancelled payment left goes back to the match funds, and gifts of it are kept for a similar purpose.

    The partner is notified.

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
    organisation = grant.submission.organisation
    for owner in organisation.owners().select_related("user"):
        tell_partner(
            organisation=organisation,
            to=owner.user,
            subject=f"Grant {grant.number} is complete",
            template="grants/endings/mail/completed.txt",
            context={"grant": grant},
            by=by,
        )
    return grant


@action
def close_file(*, grant: Grant, by: User) -> Grant:
    """Close the file of a completed grant. Raises PermissionDenied, Refused where it is not completed."""
    return close_grant(grant=grant, by=by)
