"""The content of the brief as plain data: what the page and the PDF show, and what is kept when terms are frozen."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from grants.agreements import brief
from grants.agreements.briefing.changes import last_grant, since_reviewed
from grants.agreements.briefing.reading import Read
from grants.agreements.briefing.risks import MOST, all_risks, hundredths, panel_url, score_and_gate, screening_url
from partners.places.countries import country_name
from reviews.panels.gates import SANCTIONS
from reviews.panels.scoring import Gate
from reviews.screening.bank_gate import BANK
from reviews.screening.models import ListSource, ScreeningHit

SCHEMA = 1
SECTIONS = {
    "money": "the amounts",
    "risks": "the key risks",
    "score": "the score",
    "gates": "the minimum requirements",
    "conditions": "the conditions",
    "screening": "the screening",
    "conflicts": "the declarations",
    "last": "the last grant",
}


def brief_content(read: Read) -> dict[str, Any]:
    """Return the brief of a grant: the same records on the same day give the same content. Amounts are minor units."""
    grant, risks, changed = read.grant, all_risks(read), since_reviewed(read)
    submission, partner = grant.submission, grant.submission.organisation
    return {
        "schema": SCHEMA,
        "kind": "brief",
        "as_of": read.today.isoformat(),
        "number": grant.number,
        "version": grant.terms.version if grant.terms else 0,
        "terms_sha256": grant.terms.sha256 if grant.terms else "",
        "title": grant.title,
        "purpose": grant.purpose,
        "partner": {
            "name": partner.legal_name,
            "local_name": partner.local_name,
            "country": country_name(partner.country),
            "url": partner.get_absolute_url(),
        },
        "submission": {"number": submission.number, "url": submission.get_absolute_url()},
        "money": _money(read),
        "risks": risks[:MOST],
        "risks_left_out": max(0, len(risks) - MOST),
        "score": _score(read),
        "gates": _gates(read),
        "conditions": [" ".join(filter(None, [one.text, one.details])) for one in read.open_conditions],
        "screening": _screening(read),
        "conflicts": _conflicts(read),
        "last": last_grant(read),
        **({"versions": changed} if changed else {}),
    }


def moved_since(kept: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return the names of the sections that say something else now than when the terms were frozen."""
    return [name for key, name in SECTIONS.items() if _settled(kept, key) != _settled(now, key)]


def _settled(content: dict[str, Any], key: str) -> Any:
    """Return a section without what a signature of the brief's own grant changes."""
    section = content[key]
    if key == "conflicts":
        return {**section, "steps": [one for one in section["steps"] if one["step"] != "Signed"]}
    return section


def _money(read: Read) -> dict[str, Any]:
    grant = read.grant
    first, *further = [_fund(one, is_one_of_several=len(read.sums) > 1) for one in read.sums]
    return {
        "currency": grant.currency,
        "goal_minor": grant.goal_minor,
        "gifts_minor": grant.gifts_minor,
        "cap_minor": grant.cap_minor,
        **({"fee_top_up_minor": grant.fee_top_up_minor} if grant.fee_top_up_minor else {}),
        "ratio": grant.ratio_words,
        "basis": grant.get_basis_display().lower(),
        "from_on": grant.window_first_on.isoformat(),
        "to_on": grant.window_last_on.isoformat(),
        "place": grant.window_place,
        "fund": first,
        **({"further_funds": further} if further else {}),
        "gap": brief.fee_gap(grant),
    }


def _fund(sums: brief.FundSums, *, is_one_of_several: bool) -> dict[str, Any]:
    return {
        "name": sums.fund.name,
        "url": reverse("grants:fund", args=[sums.fund.pk]),
        **({"share_minor": sums.share} if is_one_of_several else {}),
        "holds_minor": sums.holds,
        "others_minor": sums.others,
        "this_minor": sums.this,
        "free_minor": sums.free_after,
    }


def _score(read: Read) -> dict[str, Any] | None:
    made = read.recommendation
    if made is None:
        return None
    reviews = made.figures.get("reviews", [])
    names = {review.pk: review.reviewer.name for review in read.reviews}
    totals = sorted((one["composite"] for one in reviews), key=hundredths)
    return {
        "composite": made.composite_text,
        "low": totals[0] if totals else "",
        "high": totals[-1] if totals else "",
        "reviews": [{"name": names.get(one["review"], "–"), "composite": one["composite"]} for one in reviews],
        "outcome": made.get_outcome_display(),
        "reason": made.reason,
        "is_override": made.is_override,
        "recommended_on": timezone.localdate(made.recommended_at).isoformat(),
        "recommended_by": made.recommended_by.name,
        "url": panel_url(read),
    }


def _gates(read: Read) -> list[dict[str, Any]]:
    """Return each gate as the recommendation found it; those of the screening and of the bank as they stand today."""
    gates = [dict(gate) for gate in (read.recommendation.gates if read.recommendation else [])]
    for gate in gates:
        gate["url"] = panel_url(read)
        if gate["code"] == SANCTIONS:
            gate |= {"state": read.screening.state, "text": read.screening.summary, "url": screening_url(read)}
        if gate["code"] == BANK:
            page = reverse("grants:bank", args=[read.grant.submission.organisation_id])
            gate |= {"state": read.bank.state, "text": read.bank.summary, "url": page}
        scored = score_and_gate(gate["text"])
        gate["is_close"] = gate["state"] != Gate.PASS or bool(scored and scored[0] == scored[1])
    return gates


def _screening(read: Read) -> dict[str, Any]:
    status, run = read.screening, read.screening.screening
    names = dict(ListSource.choices)
    return {
        "state": status.state,
        "summary": status.summary,
        "reasons": [str(reason) for reason in status.reasons],
        "screened_on": timezone.localdate(run.screened_at).isoformat() if run else "",
        "lists": [
            {**used, "name": str(names.get(used["source"], used["source"]))} for used in (run.lists if run else [])
        ],
        "cleared": sum(hit.state == ScreeningHit.State.CLEARED for hit in status.hits),
        "url": screening_url(read),
    }


def _conflicts(read: Read) -> dict[str, Any]:
    """Return who did what with what each declared, and who stands aside."""
    return {
        "steps": [
            {"step": part.step, "name": part.person, "declared": part.declared}
            for part in brief.parts(read.agreement, read.declarations, read.reviews, read.recommendation)
        ],
        "aside": [
            {"name": one.user.name, "role": one.get_as_role_display(), "on": _day(one.declared_at)}
            for one in read.declarations
            if one.has_interest
        ],
        "url": panel_url(read),
    }


def _day(at: Any) -> str:
    found: date = timezone.localdate(at)
    return found.isoformat()
