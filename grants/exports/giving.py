"""Awarded grants as 360Giving data: one package, written grant by grant, its amounts exact to the minor unit.

The standard: https://standard.threesixtygiving.org, version 1.4. Identifiers of grants and of organisations that stand
on no list of https://org-id.guide begin with the prefix that 360Giving gave the publisher.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Grant
from grants.agreements.models.grant import SHOWN_TO_PARTNER
from grants.campaigns.models import Campaign
from grants.funds.models import Account, LedgerLine
from grants.reports.models import Report
from partners.organisations.models import Organisation
from partners.places.countries import country_name
from partners.programmes.models import Programme
from vetting_portal.models import Funder
from vetting_portal.money import plain
from vetting_portal.workflow import Blocker

VERSION = "1.4"
TITLE_LIMIT = 140
CHUNK = 200  # grants that are fetched together
OUTSIDE_ISO = frozenset({"XK"})  # in use, and not among the codes that the standard takes
TAX_LISTS = {"US": "US-EIN"}  # the list of org-id.guide that a funder's tax number stands on, by country


def awarded() -> QuerySet[Grant]:
    """Return the grants that the directors have signed and nobody let lapse, oldest first, with all that is told."""
    paid = Account.objects.filter(kind=Account.Kind.PAID, reference=OuterRef("number")).order_by().values("reference")
    published = Report.objects.filter(state=Report.State.PUBLISHED).order_by("number")
    rows = Grant.objects.filter(state__in=SHOWN_TO_PARTNER).select_related(
        "submission__organisation", "submission__programme", "campaign", "amended_terms"
    )
    disbursed = Coalesce(Subquery(paid.annotate(sum=Sum("balance_minor")).values("sum")), 0)
    lines = LedgerLine.objects.filter(account__kind=Account.Kind.PAID, account__reference=OuterRef("number"))
    moved = Subquery(lines.order_by("-transaction__at").values("transaction__at")[:1])
    return rows.annotate(disbursed_minor=disbursed, disbursed_at=moved).prefetch_related(
        Prefetch("reports", queryset=published, to_attr="published_reports")
    ).order_by("approved_at", "pk")  # fmt: skip


def package_blockers(funder: Funder) -> list[Blocker]:
    """Return why there is no package yet: the standard asks for a grant, and for an identifier of who publishes."""
    reasons = []
    if not Grant.objects.filter(state__in=SHOWN_TO_PARTNER).exists():
        reasons.append(Blocker("No grant has been awarded yet.", hint="The standard wants one at least."))
    if not publisher_prefix(funder):
        reasons.append(
            Blocker("The funder has no identifier.", hint="Set GIVING_PREFIX to the prefix that 360Giving gave you.")
        )
    return reasons


def publisher_prefix(funder: Funder) -> str:
    """Return what our own identifiers begin with: the prefix given by 360Giving, else the funder's own identifier."""
    return settings.GIVING_PREFIX or _listed(funder)


def _listed(funder: Funder) -> str:
    """Return the funder's identifier on an official list, empty where we know of none."""
    known = TAX_LISTS.get(funder.country)
    return f"{known}-{_safe(funder.tax_number)}" if known and funder.tax_number else ""


def _safe(text: str) -> str:
    """Return a number as part of an identifier: what is not a letter, digit or hyphen becomes an underscore."""
    return "".join(letter if letter.isalnum() or letter == "-" else "_" for letter in text.strip())


def package(funder: Funder, *, now: datetime | None = None) -> Iterator[str]:
    """Yield the package as JSON text, a grant a piece. Raises nothing for an empty one: ask ``package_blockers``."""
    issued = (now or timezone.now()).astimezone(UTC).replace(microsecond=0)
    head = {
        "version": VERSION,
        "title": f"{'Example data, invented: ' if funder.is_example else ''}Grants awarded by {funder.name}",
        "issued": issued.date().isoformat(),
        "modified": issued.isoformat(),
        "publisher": {
            "name": funder.name,
            "identifier": _listed(funder) or publisher_prefix(funder),
            "website": settings.PUBLIC_URL,
        },
    }
    yield f'{_json(head)[:-1]}, "grants": ['
    for place, grant in enumerate(awarded().iterator(chunk_size=CHUNK)):
        yield f"{',' if place else ''}\n{_grant(grant, funder)}"
    yield "\n]}\n"


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _grant(grant: Any, funder: Funder) -> str:
    """Return one grant as JSON; its amounts are written as figures, since no float holds them exactly."""
    minor = {
        "amountAppliedFor": grant.submission.amount_requested_minor,
        "amountAwarded": grant.goal_minor,
        "amountDisbursed": max(0, grant.disbursed_minor),
    }
    sums = ", ".join(f'"{name}": {plain(sum_, grant.currency)}' for name, sum_ in minor.items() if sum_ is not None)
    return f"{{{sums}, {_json(_told(grant, funder))[1:]}"


def _told(grant: Any, funder: Funder) -> dict[str, Any]:
    """Return what is told of a grant besides its amounts; what is not known is left out."""
    prefix = publisher_prefix(funder)
    campaign = getattr(grant, "campaign", None)
    opened = campaign if campaign and campaign.opened_at else None
    title = grant.title if len(grant.title) <= TITLE_LIMIT else f"{grant.title[: TITLE_LIMIT - 1]}…"
    told: dict[str, Any] = {
        "id": f"{prefix}-{_safe(grant.number)}",
        "title": title,
        "description": grant.purpose,
        "currency": grant.currency,
        "awardDate": timezone.localdate(grant.approved_at).isoformat(),
        "plannedDates": [
            {
                "title": "Term of the grant",
                "startDate": grant.term_starts_on.isoformat(),
                "endDate": grant.term_ends_on.isoformat(),
            }
        ],
        "recipientOrganization": [_recipient(grant.submission.organisation, prefix)],
        "fundingOrganization": [{"id": _listed(funder) or prefix, "name": funder.name}],
        "beneficiaryLocation": [_location(grant.submission.organisation.country)],
        "grantProgramme": [_programme(grant.submission.programme)],
        "dateModified": _modified(grant).isoformat(),
        "dataSource": settings.PUBLIC_URL,
    }
    if opened:
        told["url"] = f"{settings.PUBLIC_URL}{opened.public_path}"
        if grant.published_reports:
            told["relatedDocument"] = [_document(report, told["id"], opened) for report in grant.published_reports]
    return told


def _programme(programme: Programme) -> dict[str, str]:
    """Return the call it was awarded under, with its public page where there is one."""
    told = {"code": programme.slug, "title": programme.title}
    return told | ({"url": f"{settings.PUBLIC_URL}{programme.get_absolute_url()}"} if programme.is_published else {})


def _recipient(organisation: Organisation, prefix: str) -> dict[str, Any]:
    """Return the partner, under an identifier of ours: which list its number stands on is not on record."""
    known = {
        "alternateName": organisation.local_name,
        "charityNumber": organisation.registration_number,
        "url": organisation.website,
        "addressCountry": country_name(organisation.country),
    }
    told = {name: text for name, text in known.items() if text}
    return {"id": f"{prefix}-ORG-{organisation.pk}", "name": organisation.legal_name, **told}


def _location(country: str) -> dict[str, str]:
    """Return where those live whom the grant serves: the partner's own country."""
    return {"name": country_name(country)} | ({} if country in OUTSIDE_ISO else {"countryCode": country})


def _document(report: Report, grant: str, campaign: Campaign) -> dict[str, Any]:
    """Return a published report, by its public page."""
    return {
        "id": f"{grant}-REPORT-{report.number}",
        "title": report.title,
        "url": settings.PUBLIC_URL + reverse("grants:public_report", args=[campaign.slug, report.number]),
        "documentType": "Project Report",
    }


def _modified(grant: Any) -> datetime:
    """Return when something that is told of the grant last changed."""
    amended = grant.amended_terms.frozen_at if grant.amended_terms else None
    stamps = [grant.approved_at, grant.in_force_at, grant.completed_at, grant.closed_at, grant.ended_at, amended]
    stamps += [grant.disbursed_at, *(report.published_at for report in grant.published_reports)]
    return max(at for at in stamps if at is not None).astimezone(UTC).replace(microsecond=0)
