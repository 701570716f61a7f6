"""The sums, the people and the way to the seal of a grant, as its pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from grants.agreements.estimate import estimate, fee_words, gap_words, gifts_words
from grants.agreements.models import Agreement, Grant
from grants.agreements.terms import money_terms
from grants.funds.models import MatchFund
from reviews.panels.models import ConflictDeclaration, Recommendation, Review


@dataclass(frozen=True)
class Part:
    """Who did a step, and on which day that person declared to have no interest (ISO, or empty)."""

    step: str
    person: str
    declared: str


@dataclass(frozen=True)
class FundSums:
    """What the signature does to one match fund behind the grant, in minor units. ``share``: its part of the cap."""

    fund: MatchFund
    share: int
    holds: int
    others: int
    this: int

    @property
    def free_after(self) -> int:
        """What stays free."""
        return self.holds - self.others - self.this


def fund_sums(grant: Grant) -> list[FundSums]:
    """Return the money of each fund behind the grant, the first one first: what other grants reserved or earned of it,
    and what it sets aside for this grant: its part of the cap, and of the first what is added for card fees; once that
    is reserved, what is still reserved or earned and not paid out.
    """
    known: Any = grant if hasattr(grant, "fund_total_minor") else type(grant).objects.with_fund().get(pk=grant.pk)
    balances = {grant.fund_id: (known.fund_total_minor, known.fund_bound_minor)}
    if grant.further:
        rows: Any = MatchFund.objects.for_list().filter(pk__in=[share.fund_id for share in grant.further])
        balances |= {row.pk: (row.total_minor, row.total_minor - row.free_minor) for row in rows}
    shares, this = _by_fund(grant.parts()), _by_fund(grant.bound_parts())
    own = dict.fromkeys(this, 0)
    if grant.reserve_account_id:
        held = MatchFund.objects.bound_for(this, [grant.number, grant.fee_reference])
        this = own = {fund: held.get(fund.pk, 0) for fund in this}
    return [
        FundSums(fund, shares[fund], holds, bound - own[fund], this[fund])
        for fund in this
        for holds, bound in [balances[fund.pk]]
    ]


def _by_fund(parts: Iterable[tuple[MatchFund, int]]) -> dict[MatchFund, int]:
    """Return what each fund gives: a rise of the cap can come from one that gives already."""
    found: dict[MatchFund, int] = {}
    for fund, minor in parts:
        found[fund] = found.get(fund, 0) + minor
    return found


def fee_gap(grant: Grant) -> dict[str, Any]:
    """Return the payment estimate for gifts up to the goal, as Schedule C has it: sums in minor units, which gifts they
    are, the card fee and the gap to the goal in words.
    """
    terms = grant.terms_in_force
    money = terms.content["money"] if terms else money_terms(grant)
    sums = estimate(money)
    return {
        "gap_minor": sums.gap,
        "fees_minor": sums.fees,
        "payable_minor": sums.payable,
        "gifts": gifts_words(money, sums.gross),
        "fee": fee_words(money),
        "words": gap_words(sums.gap, money["currency"]),
    }


def declarations_of(grant: Grant) -> list[ConflictDeclaration]:
    """Return what everybody declared about the submission, and when."""
    return list(ConflictDeclaration.objects.filter(submission=grant.submission_id).select_related("user"))


def parts(
    agreement: Agreement | None,
    declarations: Sequence[ConflictDeclaration],
    reviews: Sequence[Review],
    recommendation: Recommendation | None,
) -> list[Part]:
    """Return who did what, with the day on which each declared to have no interest."""
    as_role = ConflictDeclaration.AsRole
    said = {(one.user_id, one.as_role): one.declared_at for one in declarations if not one.has_interest}

    def declared(person: int, role: str) -> str:
        at = said.get((person, role))
        return timezone.localdate(at).isoformat() if at else ""

    rows = [
        Part("Reviewed", review.reviewer.name, declared(review.reviewer_id, as_role.REVIEWER)) for review in reviews
    ]
    if recommendation is not None:
        role = as_role.DIRECTOR if recommendation.is_override else as_role.OFFICER
        by = recommendation.recommended_by
        rows.append(Part("Overrode" if recommendation.is_override else "Recommended", by.name, declared(by.pk, role)))
    signatures = [one for one in agreement.signatures.all() if one.side == "director"] if agreement else []
    return rows + [Part("Signed", one.name, declared(one.user_id, as_role.DIRECTOR)) for one in signatures]


def _sealed(agreement: Agreement) -> list[dict[str, Any]]:
    """Return the seal and its timestamps."""
    sealed = {"state": "done", "title": "Sealed", "text": "In force from then on", "at": agreement.sealed_at}
    stamped = [
        {"state": "done", "title": "Timestamped", "text": f"By the clock of {one.authority}", "at": one.stamped_at}
        for one in agreement.timestamps.all()
    ]
    return [sealed, *stamped]


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
        events += _sealed(agreement)
    elif partner:
        title, text = "The seal is being made", "This takes a minute. You can close this page."
        if agreement.terms.grant.state == Grant.State.SUSPENDED:
            title, text = "The seal follows", "The grant is suspended. The file is sealed once it goes on."
        events.append({"state": "now", "title": title, "text": text, "at": None})
    return events
