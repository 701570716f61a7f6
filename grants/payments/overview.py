"""What the ledger page and the public page show of a campaign: figures that add up, and facts that can be counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from grants.campaigns.holding import holds_the_match
from grants.campaigns.models import Campaign, Gift
from grants.payments.models import Tranche
from grants.payments.tranches import amounts
from partners.checklists.models import Criterion
from partners.organisations.models import Organisation
from partners.places.countries import country_name
from reviews.panels.models import Review
from reviews.screening.subjects import subjects_of
from vetting_portal.workflow import transition_blockers


@dataclass(frozen=True)
class Payment:
    """A tranche with what it comes to today."""

    tranche: Tranche
    amount_minor: int


def payments_of(campaign: Campaign, payable: int) -> list[Payment]:
    """Return the tranches of the grant with the amount of each, as payable stands."""
    tranches = list(campaign.grant.tranches.order_by("number"))
    if not tranches:
        return []
    sums = amounts(payable, [tranche.share_bp for tranche in tranches])
    return [Payment(tranche, minor) for tranche, minor in zip(tranches, sums, strict=True)]


def made_up(campaign: Campaign) -> dict[str, Any]:
    """Return how payable is made up today, and the gap to what donors see, named."""
    risk = campaign.at_risk()
    in_dispute = risk["net"] + risk["match"]
    payable = campaign.payable_minor()
    return {
        "payable_minor": payable,
        "in_dispute_minor": in_dispute,
        "risk_match_minor": risk["match"],
        "seen_minor": campaign.so_far_minor,
        "gap_minor": campaign.so_far_minor - payable,
    }


def reserve_of(campaign: Campaign) -> dict[str, Any]:
    """Compare the campaign with its gifts and with the funds' accounts, counted anew."""
    recounted = campaign.gifts.aggregate(matched=Sum("matched_minor", default=0))["matched"]
    is_closed = campaign.state == Campaign.State.CLOSED
    reserved = 0 if is_closed else campaign.available_minor
    agrees = recounted == campaign.matched_minor and holds_the_match(campaign)
    return {"reserved_minor": reserved, "agrees": agrees, "is_closed": is_closed}


def rest_of_ledger(campaign: Campaign, shown: Sequence[Gift]) -> dict[str, Any]:
    """Return the sums of the gifts that a page of the ledger does not show, so that it adds up on the page."""
    sums = {
        "count": campaign.gift_count - len(shown),
        "gross": campaign.gross_minor - sum(gift.gross_minor for gift in shown),
        "fee": campaign.fees_minor - sum(gift.fee_minor for gift in shown),
        "refunded": campaign.refunded_minor - sum(gift.refunded_minor for gift in shown),
        "matched": campaign.matched_minor - sum(gift.matched_minor for gift in shown),
    }
    return {**sums, "net": sums["gross"] - sums["fee"] - sums["refunded"]}


def ledger_page(campaign: Campaign, gifts: Sequence[Gift]) -> dict[str, Any]:
    """Return what the ledger's page shows around its ``gifts``."""
    figures = made_up(campaign)
    planned = campaign.state == Campaign.State.PLANNED
    return {
        "campaign": campaign,
        "grant": campaign.grant,
        "partner": campaign.grant.submission.organisation,
        "gifts": gifts,
        "rest": rest_of_ledger(campaign, gifts),
        "figures": figures,
        "reserve": reserve_of(campaign),
        "bank_blockers": campaign.grant.bank_blockers(),
        "payments": payments_of(campaign, figures["payable_minor"]),
        "reports": campaign.grant.reports.order_by("number"),
        "days_left": campaign.days_left(),
        "gift_goal_minor": campaign.grant.goal_minor - campaign.grant.cap_minor,
        "open_blockers": transition_blockers(campaign, "open") if planned else [],
        "statement": campaign.grant.statement,
        "today": timezone.localdate(),
    }


def vetting_facts(campaign: Campaign) -> dict[str, Any]:
    """Return how the partner was chosen in numbers, each counted from the records; nothing here is written by hand."""
    submission = campaign.grant.submission
    criteria = list(submission.checklist.criteria.values_list("kind", flat=True))
    scored = criteria.count(Criterion.Kind.SCORED)
    agreement = campaign.grant.agreement
    organisation: Organisation = submission.organisation
    return {
        "checks": len(criteria),
        "scored": scored,
        "records": len(criteria) - scored,
        "reviewers": submission.reviews.filter(state=Review.State.SUBMITTED).count(),
        "names": sum(len(subject.names) for subject in subjects_of(organisation)),
        "papers": submission.evidence_links.values("paper").distinct().count(),
        "directors": agreement.signatures.of_directors().count() if agreement else 0,
    }


def public_page(campaign: Campaign) -> dict[str, Any]:
    """Return everything the public page shows of a campaign; no donor, nobody who was helped."""
    organisation = campaign.grant.submission.organisation
    return {
        "campaign": campaign,
        "grant": campaign.grant,
        "partner": organisation,
        "country": country_name(organisation.country),
        "days_left": campaign.days_left(),
        "facts": vetting_facts(campaign),
        "reports": campaign.grant.reports.order_by("due_on", "number"),
        "agreement": campaign.grant.agreement,
        "statement": campaign.grant.statement,
        "gift_goal_minor": campaign.grant.goal_minor - campaign.grant.cap_minor,
    }
