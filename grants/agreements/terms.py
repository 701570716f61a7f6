"""What is frozen: a grant's terms as plain data, from which the PDF, its hash and everything after it follow."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from grants.agreements.estimate import illustration
from grants.wordings.models import WordingVersion
from vetting_portal.canonical import sha256_of
from vetting_portal.models import Funder

if TYPE_CHECKING:  # a grant asks here whether the wording can be filled
    from grants.agreements.models import Grant

SCHEMA = 2  # 1: conditions as text alone
LAW = ("governing_law", "courts")


def _instant(at: datetime) -> str:
    """Return an instant in UTC, to the second."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _funder(funder: Funder, directors: int) -> dict[str, Any]:
    return {
        "name": funder.name,
        "tax_number": funder.tax_number,
        "address": funder.address,
        "city": funder.city,
        "country": funder.country,
        "version": funder.version,
        "time_zone": funder.time_zone,
        "contact": funder.contact_email,
        "directors_needed": directors,
        # Absent where the record does not say: terms that were frozen before it could keep their hash.
        **{name: text for name in LAW if (text := getattr(funder, name))},
    }


def _partner(grant: "Grant") -> dict[str, Any]:
    organisation = grant.submission.organisation
    owner = organisation.owners().select_related("user").order_by("pk").first()
    return {
        "legal_name": organisation.legal_name,
        "local_name": organisation.local_name,
        "country": organisation.country,
        "registration_number": organisation.registration_number,
        "address": organisation.address,
        **({"contact": owner.user.email} if owner else {}),
        "signatory": {
            "name": grant.signatory_name,
            "title": grant.signatory_title,
            "authority": grant.signatory_authority,
        },
    }


def money_terms(grant: "Grant") -> dict[str, Any]:
    """Return the sums and the rule of the match as the terms of ``grant`` have them, in minor units."""
    zone = grant.zone
    return {
        "currency": grant.currency,
        "goal_minor": grant.goal_minor,
        "gifts_minor": grant.gifts_minor,
        "cap_minor": grant.cap_minor,
        "ratio": [grant.ratio_p, grant.ratio_q],
        "basis": grant.basis,
        "refund_policy": grant.refund_policy,
        "donor_cap_minor": grant.donor_cap_minor,
        "gift_cap_minor": grant.gift_cap_minor,
        "window": {
            "starts_at": grant.window_starts_at.astimezone(zone).isoformat(),
            "ends_at": grant.window_ends_at.astimezone(zone).isoformat(),
            "time_zone": grant.time_zone,
        },
        "fund": {"name": grant.fund.name, "reservation": f"R-{grant.number}"},
        **_shares(grant),
        "illustration": illustration(grant.currency),
        # Absent where there is none: terms that were frozen before it could be voted keep their hash.
        **({"fee_top_up_minor": grant.fee_top_up_minor} if grant.fee_top_up_minor else {}),
    }


def _shares(grant: "Grant") -> dict[str, Any]:
    """Return the funds in the order in which they give, where there is more than one."""
    parts = grant.parts()
    if len(parts) == 1:
        return {}
    return {"funds": [{"name": fund.name, "share_minor": minor} for fund, minor in parts]}


def terms_content(
    grant: "Grant", funder: Funder, *, version: int, frozen_at: datetime, wording: WordingVersion | None = None
) -> dict[str, Any]:
    """Return the terms of ``grant`` as they are frozen at ``frozen_at``: the same draft, wording and time give the same
    content. Without ``wording`` they name the one that is in use.
    """
    wording = wording or WordingVersion.objects.current()
    submission, plan = grant.submission, grant.plan
    directors = funder.directors_needed(grant.goal_minor, grant.currency)
    officer = submission.officer
    return {
        "schema": SCHEMA,
        "kind": "agreement",
        "number": grant.number,
        "version": version,
        "example": funder.is_example,
        "wording": wording.name,
        "wording_sha256": wording.sha256,
        "frozen_at": _instant(frozen_at),
        "funder": _funder(funder, directors),
        "partner": _partner(grant),
        "project": {
            "title": grant.title,
            "purpose": grant.purpose,
            "country": submission.organisation.country,
            "submission": submission.number,
            "programme": submission.programme.title,
            "indicators": plan["indicators"],
            "helps_individuals": grant.helps_individuals,
        },
        "money": money_terms(grant),
        "term": {"starts_on": grant.term_starts_on.isoformat(), "ends_on": grant.term_ends_on.isoformat()},
        "budget": plan["budget"],
        "tranches": [{"number": place, **tranche} for place, tranche in enumerate(plan["tranches"], start=1)],
        "reports": plan["reports"],
        "conditions": plan["conditions"],
        "bank": {"name": grant.bank_name, "last4": grant.bank_last4},
        "directors": {"needed": directors, "authority": grant.director_authority},
        "signing": funder.policy.kept(),
        "contact": {"officer": officer.name if officer else funder.name, "email": funder.contact_email},
        "verification": {"address": f"{settings.PUBLIC_URL}{reverse('grants:verify')}"},
    }


def terms_hash(content: dict[str, Any]) -> str:
    """Return the terms hash: SHA-256 of the canonical JSON of ``content``."""
    return sha256_of(content)
