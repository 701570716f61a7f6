"""What a director reads before signing: money, what could be wrong, who did what. Taken from records, nothing
is asked again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grants.agreements.models import Agreement, Grant
from partners.submissions.models import Submission
from reviews.panels.models import ConflictDeclaration, Recommendation, Review
from reviews.screening.models import ScreeningHit
from vetting_portal.models import User
from vetting_portal.money import figures

_AT_THE_LINE = re.compile(r"lowest (\d+), needs (\d+)")


@dataclass(frozen=True)
class Concern:
    """One thing a director should know; ``key`` names the shape, ``word`` says what kind it is."""

    key: str
    word: str
    title: str
    hint: str = ""
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Part:
    """Who did a step, and when that person declared."""

    step: str
    person: str
    declared: str


@dataclass(frozen=True)
class FundSums:
    """What the signature does to the match fund, in minor units."""

    holds: int
    others: int
    this: int

    @property
    def free_after(self) -> int:
        """What stays free."""
        return self.holds - self.others - self.this


def fund_sums(grant: Grant) -> FundSums:
    """Return the fund's money, what other grants reserved or earned of it, and this grant's cap."""
    fund: Any = type(grant.fund).objects.for_list().get(pk=grant.fund_id)
    own = grant.cap_minor if grant.reserve_account_id else 0
    return FundSums(fund.total_minor, fund.reserved_minor + fund.matched_minor - own, grant.cap_minor)


def fee_gap(content: dict[str, Any]) -> dict[str, str]:
    """Return the gap between what donors see and what is payable, as Schedule C's illustration reckons it."""
    money, shown = content["money"], content["money"]["illustration"]
    number = -(-money["gifts_minor"] // shown["gift_minor"])
    fee = shown["gift_minor"] * shown["fee_per_mille"] // 1000 + shown["fee_fixed_minor"]
    gap = number * fee
    return {
        "gap": figures(gap, money["currency"]),
        "number": str(number),
        "gift": figures(shown["gift_minor"], money["currency"]),
        "payable": figures(money["goal_minor"] - gap, money["currency"]),
        "goal": figures(money["goal_minor"], money["currency"]),
    }


def concerns(submission: Submission, recommendation: Recommendation | None) -> list[Concern]:
    """Return conditions, gates at the line, disagreements, cleared hits and the override, or that there is none."""
    if recommendation is None:
        return [Concern("triangle", "Missing", "No recommendation stands.")]
    return [
        *(
            Concern("moderate", "Condition", str(condition), "Set by the recommendation; it stands in Schedule F.")
            for condition in recommendation.conditions
        ),
        *_at_the_line(recommendation),
        *_disagreements(recommendation),
        *_hits(submission),
        _override(recommendation),
    ]


def _at_the_line(recommendation: Recommendation) -> Iterator[Concern]:
    for gate in recommendation.gates:
        found = _AT_THE_LINE.fullmatch(gate["text"])
        if found and found[1] == found[2]:
            yield Concern(
                "moderate",
                "At the line",
                f"{gate['title']} passes exactly at its gate ({gate['code']}: {found[1]}, needs {found[2]})",
            )
        elif gate["state"] == "fail":
            counts = "It counts at recommendation." if gate["counts"] else "It counts at payment."
            yield Concern("refused", "Failed", f"{gate['title']} fails ({gate['code']}: {gate['text']})", counts)


def _disagreements(recommendation: Recommendation) -> Iterator[Concern]:
    for one in recommendation.disagreements:
        scores = ", ".join(str(score) for score in one["scores"])
        yield Concern(
            "moderate",
            "Disagreed",
            f"Reviewers differed on {one['title'].lower()} ({one['code']}: {scores})",
            f"Moderated: {one['resolution']}",
        )


def _hits(submission: Submission) -> Iterator[Concern]:
    hits = ScreeningHit.objects.of_organisation(submission.organisation).filter(state=ScreeningHit.State.CLEARED)
    for hit in hits:
        day = f"{hit.decided_at.day} {hit.decided_at:%B %Y}" if hit.decided_at else ""
        yield Concern(
            "accepted",
            "Cleared",
            f"{hit.our_name} was close to a listed name (C6)",
            f"Cleared on {day} by {hit.decided_by}: {hit.reason}",
            hit.get_absolute_url(),
            "Compare them",
        )


def _override(recommendation: Recommendation) -> Concern:
    score = f"Score {recommendation.composite_text}, {recommendation.get_outcome_display().lower()}."
    if recommendation.is_override:
        return Concern(
            "refused",
            "Override",
            f"{recommendation.recommended_by} went against the panel’s result",
            f"{score} {recommendation.reason}",
        )
    return Concern("accepted", "None", "No override", f"{score} You are not asked to go against the rules.")


def declarations_of(grant: Grant) -> list[ConflictDeclaration]:
    """Return what everybody declared about the submission, and when."""
    return list(ConflictDeclaration.objects.filter(submission=grant.submission_id))


def parts(grant: Grant, agreement: Agreement | None, user: User, declarations: list[ConflictDeclaration]) -> list[Part]:
    """Return who did what, with the day on which each declared an interest or none."""
    submission = grant.submission
    said: dict[tuple[int, str], datetime] = {}
    for one in (one for one in declarations if not one.has_interest):
        said[one.user_id, one.as_role] = one.declared_at

    def declared(person: int, role: str) -> str:
        at = said.get((person, role))
        return f"None, {at.day} {at:%B}" if at else "–"

    rows = [
        Part("Reviewed", str(review.reviewer), declared(review.reviewer_id, ConflictDeclaration.AsRole.REVIEWER))
        for review in Review.objects.counting().filter(submission=submission).select_related("reviewer").order_by("pk")
    ]
    recommender = submission.recommended_by
    if recommender is not None:
        role = ConflictDeclaration.AsRole.DIRECTOR if submission.is_override else ConflictDeclaration.AsRole.OFFICER
        rows.append(Part("Recommended", recommender.name, declared(recommender.pk, role)))
    signatures = [one for one in agreement.signatures.all() if one.side == "director"] if agreement else []
    director = ConflictDeclaration.AsRole.DIRECTOR
    rows += [Part("Signed", signature.name, declared(signature.user_id, director)) for signature in signatures]
    if user.pk not in {signature.user_id for signature in signatures} and (user.pk, director) in said:
        rows.append(Part("Signs next", f"{user.name} (you)", declared(user.pk, director)))
    return rows


def timeline(agreement: Agreement | None) -> list[dict[str, Any]]:
    """Return the way to the seal: each signature, those that are missing, countersignature, seal."""
    if agreement is None:
        return []
    content = agreement.terms.content
    signatures = list(agreement.signatures.all())
    signed = [signature for signature in signatures if signature.side == "director"]
    events: list[dict[str, Any]] = [
        {
            "state": "signed",
            "title": f"{signature.name} signed",
            "text": signature.get_method_display(),
            "at": signature.signed_at,
        }
        for signature in signed
    ]
    missing = content["directors"]["needed"] - len(signed)
    events += [
        {"state": "now" if not place else "todo", "title": "A director signs", "text": "", "at": None}
        for place in range(missing)
    ]
    partner = next((signature for signature in signatures if signature.side == "partner"), None)
    name = content["partner"]["legal_name"]
    if partner:
        events.append(
            {
                "state": "signed",
                "title": f"{name} countersigned",
                "text": f"{partner.name}, {partner.get_method_display()}",
                "at": partner.signed_at,
            }
        )
    else:
        text = f"{content['partner']['signatory']['name']}, then the file is sealed"
        events.append(
            {"state": "todo" if missing else "now", "title": f"{name} countersigns", "text": text, "at": None}
        )
    if agreement.sealed_at:
        events.append({"state": "done", "title": "Sealed", "text": "In force from then on", "at": agreement.sealed_at})
    elif partner:
        events.append(
            {
                "state": "now",
                "title": "The seal is being made",
                "text": "This takes a minute. You can close this page.",
                "at": None,
            }
        )
    return events
