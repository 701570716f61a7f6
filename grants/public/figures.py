"""What everybody may know of a campaign: its figures, how the partner was vetted in numbers, what was paid. No names.

Figures stand on the campaign's row, which is the lock under which gifts are recorded: no page counts gifts.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from grants.agreements.models import Agreement
from grants.campaigns.models import Campaign
from grants.payments.models import Tranche
from partners.checklists.models import Criterion
from partners.places.countries import country_name
from partners.submissions.models import EvidenceLink, Submission
from reviews.panels.models import Recommendation, Review
from reviews.panels.scoring import Gate
from reviews.screening.models import Screening

FORMAT = "vetting-portal-campaign/1"


def _number(rows: QuerySet[Any], by: str, counted: Count) -> Coalesce:
    """Return how many of ``rows``, grouped by ``by``, as a part of another query."""
    grouped = rows.order_by().values(by).annotate(number=counted).values("number")
    return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)


def vetting_facts(campaign: Campaign) -> dict[str, Any]:
    """Return how the partner was chosen in numbers, each counted from the records; nothing here is written by hand.

    ``screened_at`` and ``names`` are of the latest screening: the names are screened again and again.
    """
    here, this = OuterRef("pk"), OuterRef("organisation")
    criteria = Criterion.objects.filter(checklist=OuterRef("checklist"))
    screened = Screening.objects.filter(organisation=this).order_by("-screened_at", "-pk")
    recommended = Recommendation.objects.current().filter(submission=here)
    facts = (
        Submission.objects.filter(pk=campaign.grant.submission_id)
        .annotate(
            checks=_number(criteria, "checklist", Count("pk")),
            scored=_number(criteria.filter(kind=Criterion.Kind.SCORED), "checklist", Count("pk")),
            reviewers=_number(
                Review.objects.filter(submission=here, state=Review.State.SUBMITTED), "submission", Count("pk")
            ),
            papers=_number(EvidenceLink.objects.filter(submission=here), "submission", Count("paper", distinct=True)),
            gates=Subquery(recommended.values("gates")[:1]),
            names=Coalesce(Subquery(screened.values("name_count")[:1]), 0),
            screened_at=Subquery(screened.values("screened_at")[:1]),
        )
        .values("checks", "scored", "reviewers", "papers", "gates", "names", "screened_at")
        .get()
    )
    gates = [gate for gate in facts["gates"] or [] if gate.get("counts", True)]
    passed = sum(gate["state"] == Gate.PASS.value for gate in gates)
    return {**facts, "gates": len(gates), "gates_passed": passed, "records": facts["checks"] - facts["scored"]}


def documents_of(campaign: Campaign) -> dict[str, Any]:
    """Return the agreement and the statement of match that stand, and how many directors signed, in one query."""
    agreement, statement = Agreement.Kind.AGREEMENT, Agreement.Kind.STATEMENT
    grant = campaign.grant
    standing = Agreement.objects.standing().filter(
        Q(kind=agreement, terms=grant.terms_id) | Q(kind=statement, terms__grant=grant.pk)
    )
    rows = standing.annotate(directors=Count("signatures", filter=Q(signatures__side="director")))
    found = {one.kind: one for one in rows.order_by("-pk")}
    signed = found.get(agreement)
    return {
        "agreement": signed,
        "statement": found.get(statement),
        "directors": signed.directors if signed else 0,
    }


def payments_made(campaign: Campaign) -> QuerySet[Tranche]:
    """Return the payments of the grant that were made, the first first."""
    return campaign.grant.tranches.filter(state=Tranche.State.PAID).order_by("number")


def public_page(campaign: Campaign) -> dict[str, Any]:
    """Return everything the public page shows of a campaign; no donor, nobody who was helped."""
    organisation = campaign.grant.submission.organisation
    documents = documents_of(campaign)
    return {
        "campaign": campaign,
        "grant": campaign.grant,
        "partner": organisation,
        "country": country_name(organisation.country),
        "days_left": campaign.days_left(),
        "facts": {**vetting_facts(campaign), "directors": documents["directors"]},
        "reports": campaign.grant.reports.order_by("due_on", "number"),
        "payments": payments_made(campaign),
        "agreement": documents["agreement"],
        "statement": documents["statement"],
        "later_refunds_minor": later_refunds_minor(campaign),
        "site": settings.PUBLIC_URL,
    }


def later_refunds_minor(campaign: Campaign) -> int:
    """Return by how much refunds after the closing lowered the match that the statement froze; 0 before."""
    frozen = campaign.frozen_matched_minor
    return 0 if frozen is None else frozen - campaign.matched_minor


def campaign_json(campaign: Campaign, now: datetime | None = None) -> dict[str, Any]:
    """Return the campaign as data (``docs/campaign.schema.json``), amounts in minor units.

    ``earned`` is what gifts have brought so far; ``intended`` counts the whole match from the first day. The two are
    never added.
    """
    grant, organisation, now = campaign.grant, campaign.grant.submission.organisation, now or timezone.now()
    closed = campaign.state == Campaign.State.CLOSED
    return {
        "format": FORMAT,
        "as_of": now.astimezone(grant.zone).isoformat(timespec="seconds"),
        "slug": campaign.slug,
        "title": " ".join(campaign.title.split()),
        "url": f"{settings.PUBLIC_URL}{campaign.public_path}",
        "grant": grant.number,
        "partner": {"name": organisation.legal_name, "country": organisation.country},
        "state": campaign.public_state,
        "currency": campaign.currency,
        "goal_minor": grant.goal_minor,
        "gifts": campaign.gift_count,
        "earned": {
            "raised_minor": campaign.raised_minor,
            "matched_minor": campaign.matched_minor,
            "so_far_minor": campaign.so_far_minor,
            "available_minor": campaign.available_minor,
        },
        "intended": {
            "raised_minor": campaign.raised_minor,
            "match_minor": campaign.cap_minor,
            "shown_minor": campaign.as_intended_minor,
        },
        "match": {
            "cap_minor": campaign.cap_minor,
            "ratio": [grant.ratio_p, grant.ratio_q],
            "first_day": grant.window_first_on.isoformat(),
            "last_day": grant.window_last_on.isoformat(),
            "time_zone": grant.time_zone,
            "days_left": None if closed else campaign.days_left(now),
        },
        "statement": _statement(campaign) if closed else None,
    }


def _statement(campaign: Campaign) -> dict[str, Any]:
    """Return what a closed campaign's statement froze: the match, and the root of its lines where it has them."""
    content = campaign.statement_content or {}
    lines = content.get("lines")
    return {
        "closed_at": content.get("closed_at"),
        "matched_minor": campaign.frozen_matched_minor,
        "lines": {"count": lines["count"], "root": lines["root"]} if lines else None,
    }
