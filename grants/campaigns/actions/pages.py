"""A campaign's own life: planned with its words, edited, paused, offered again; and donors who want to be forgotten."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.models import Grant
from grants.campaigns.actions.pots import Pots
from grants.campaigns.models import Campaign, Donor, DonorDetails
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, perform, record

WORDS = ("title", "lead", "steps", "privacy_note", "gift_examples", "gift_note", "choice_note")
PLANNABLE = (Grant.State.APPROVED, Grant.State.IN_FORCE)


@action
def plan_campaign(*, grant: Grant, slug: str, words: dict[str, Any], by: User) -> Campaign:
    """Plan the campaign of an approved grant: its address and its words. It opens once the grant is in force.

    Raises Refused when the grant is not approved or has a campaign, ValidationError for an address that is taken.
    """
    ask(by, "grants.plan_campaign", grant)
    grant = lock(grant)
    if grant.state not in PLANNABLE:
        raise Refused(["The directors have not signed the grant yet."], subject=grant)
    if Campaign.objects.filter(grant=grant).exists():
        raise Refused(["This grant has a campaign already."], subject=grant)
    campaign = Campaign(
        grant=grant,
        slug=slug,
        currency=grant.currency,
        cap_minor=grant.cap_minor,
        planned_at=timezone.now(),
        planned_by=by,
        **_known(words),
    )
    campaign.full_clean(exclude=["grant", "planned_by", "state"])
    campaign.save()
    Pots(campaign).make_all()
    record("planned", campaign, by=by, facts={"grant": grant.number, "slug": slug, "cap_minor": grant.cap_minor})
    return campaign


@action
def edit_campaign(*, campaign: Campaign, words: dict[str, Any], by: User) -> Campaign:
    """Change the words of the public page; sums and rules are not words."""
    ask(by, "grants.edit_campaign", campaign)
    campaign = lock(campaign)
    before = {name: getattr(campaign, name) for name in WORDS}
    for name, value in _known(words).items():
        setattr(campaign, name, value)
    changed = [name for name in WORDS if getattr(campaign, name) != before[name]]
    if changed:
        campaign.clean_fields(exclude={field.name for field in Campaign._meta.fields} - set(WORDS))
        campaign.save(update_fields=changed)
        record("words_changed", campaign, by=by, facts={"fields": changed})
    return campaign


def _known(words: dict[str, Any]) -> dict[str, Any]:
    """Return ``words``. Raises ValidationError for a field that is none of a page's words."""
    if unknown := set(words) - set(WORDS):
        raise ValidationError(f"No words of a campaign page: {', '.join(sorted(unknown))}.")
    return words


@action
def pause_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Stop offering the campaign; gifts that still arrive are recorded and matched."""
    paused: Campaign = perform(campaign.pause, by=by)
    return paused


@action
def resume_campaign(*, campaign: Campaign, by: User) -> Campaign:
    """Offer a paused campaign again."""
    resumed: Campaign = perform(campaign.resume, by=by)
    return resumed


@action
def erase_donor(*, donor: Donor, by: User) -> Donor:
    """Forget who a donor is: name and address go, gifts and sums stay. A second time changes nothing."""
    ask(by, "grants.erase_donor", donor)
    lock(donor.campaign)
    donor = lock(donor)
    if donor.erased_at is None:
        DonorDetails.objects.filter(donor=donor).delete()
        donor.erased_at = timezone.now()
        donor.save(update_fields=["erased_at"])
        record("donor_erased", donor, by=by)
    return donor
