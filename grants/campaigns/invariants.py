"""What must be true of campaigns at any moment: sums, gifts, the match told again and the ledger agree."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import batched
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from grants.agreements.models import Grant
from grants.campaigns import holding
from grants.campaigns.accounts import Sums
from grants.campaigns.models import Campaign, Donor, Gift, StatementBranch, StatementLine
from grants.campaigns.replay import differences
from grants.campaigns.tree import BRANCH, root_hash
from grants.funds.models import Account

SUMS = {"gross_minor": "gross_minor", "fees_minor": "fee_minor", "refunded_minor": "refunded_minor",
        "matched_minor": "matched_minor"}  # fmt: skip


def match_is_as_told_again() -> Iterator[str]:
    """Replaying all events in ledger sequence gives the stored result."""
    for campaign in Campaign.objects.filter(last_position__gt=0).with_grant().order_by("pk").iterator(chunk_size=200):
        for sentence in differences(campaign):
            yield f"campaign {campaign.slug}: {sentence}"


def sums_are_the_gifts() -> Iterator[str]:
    """The running sums of a campaign are the sums of its gifts."""
    found = Campaign.objects.annotate(
        **{f"gifts_{name}": Coalesce(Sum(f"gifts__{field}"), 0) for name, field in SUMS.items()},
        gifts_counted=Count("gifts"),
    )
    for campaign in found.order_by("pk").iterator(chunk_size=200):
        for name in SUMS:
            if getattr(campaign, name) != getattr(campaign, f"gifts_{name}"):
                yield f"campaign {campaign.slug}: {name} is not the sum of its gifts"
        if campaign.gift_count != campaign.gifts_counted:
            yield f"campaign {campaign.slug}: its number of gifts is not how many there are"


def gifts_are_their_entries() -> Iterator[str]:
    """A gift's figures are the sum of what ledger transactions did to it; it never earns more than its ceiling."""
    totals: dict[str, Any] = {
        f"entries_{name}": Coalesce(Sum(f"entries__{name}"), 0)
        for name in ("gross_minor", "fee_minor", "refunded_minor", "matched_minor")
    }
    wrong = Q()
    for name in totals:
        wrong |= ~Q(**{name.removeprefix("entries_"): F(name)})
    for gift in Gift.objects.annotate(**totals).filter(wrong).order_by("pk").iterator(chunk_size=200):
        yield f"gift {gift.key}: its figures are not the sum of its entries"
    for gift in Gift.objects.select_related("campaign__grant").order_by("pk").iterator(chunk_size=2000):
        ceiling = gift.campaign.rule.ceiling(
            gross=gift.gross_minor, fee=gift.fee_minor, refunded=gift.refunded_minor
        )  # fmt: skip
        if not 0 <= gift.matched_minor <= ceiling:
            yield f"gift {gift.key}: matched {gift.matched_minor} of at most {ceiling}"


def donors_are_their_gifts() -> Iterator[str]:
    """What a donor's gifts have earned is the sum over them."""
    found = Donor.objects.annotate(earned_minor=Coalesce(Sum("gifts__matched_minor"), 0))
    for donor in found.exclude(matched_minor=F("earned_minor")).order_by("pk").iterator(chunk_size=200):
        yield f"donor {donor.pk}: {donor.matched_minor} earned, its gifts say {donor.earned_minor}"


def sums_at_risk_are_the_gifts() -> Iterator[str]:
    """What a campaign counts as in dispute is the net, the match and the fees of its gifts with an open dispute."""
    for campaign in Campaign.objects.order_by("pk").iterator(chunk_size=200):
        told = campaign.gifts.at_risk().aggregate(
            net=Sum(F("gross_minor") - F("fee_minor") - F("refunded_minor"), default=0),
            match=Sum("matched_minor", default=0),
            fees=Sum("fee_minor", default=0),
        )
        for name, counted in campaign.at_risk().items():
            if counted != told[name]:
                yield f"campaign {campaign.slug}: the {name} in dispute is {counted}, its gifts say {told[name]}"


def _sums_of_gifts(campaign: Campaign) -> Sums:
    """Add up the gifts anew."""
    net = F("gross_minor") - F("fee_minor") - F("refunded_minor")
    sums = campaign.gifts.aggregate(
        raised=Sum(F("gross_minor") - F("refunded_minor"), default=0),
        fees=Sum("fee_minor", default=0),
        matched=Sum("matched_minor", default=0),
    )
    risk = campaign.gifts.at_risk().aggregate(
        risk_net=Sum(net, default=0), risk_match=Sum("matched_minor", default=0)
    )  # fmt: skip
    return Sums(**{name: int(value) for name, value in {**sums, **risk}.items()})


def ledger_agrees() -> Iterator[str]:
    """The accounts of a grant, in every fund behind it, hold what its gifts say: gifts, fees, what is in dispute, match
    earned and at risk, and the match still reserved.
    """
    for campaign in Campaign.objects.with_grant().order_by("pk").iterator(chunk_size=200):
        for kind, there, should in holding.differences(campaign, _sums_of_gifts(campaign)):
            yield f"campaign {campaign.slug}: the account {kind} holds {there}, not {should}"


def reserves_cover_what_is_promised() -> Iterator[str]:
    """An approved grant without a campaign has its whole cap reserved, each fund its own share."""
    waiting = Grant.objects.filter(state__in=[Grant.State.APPROVED, Grant.State.IN_FORCE], campaign__isnull=True)
    for grant in waiting.select_related("fund").order_by("pk"):
        rows = Account.objects.filter(kind=Account.Kind.RESERVED, reference=grant.number)
        held = dict(rows.values_list("fund", "balance_minor"))
        shares: dict[int, int] = defaultdict(int)
        for fund, minor in grant.shares_of(grant.cap_minor):
            shares[fund] += minor
        for fund, minor in shares.items():
            if held.get(fund, 0) != minor:
                yield f"grant {grant.number} has {held.get(fund, 0)} reserved in fund {fund}, not {minor}"


def payments_come_out_of_the_pots() -> Iterator[str]:
    """What the accounts hold for the partner is what its gifts, their match and what was added for card fees come to,
    less what was paid, what the funder bears, and what was taken off when the grant ended.
    """
    kind = Account.Kind
    for campaign in Campaign.objects.with_grant().order_by("pk").iterator(chunk_size=200):
        rows = Account.objects.filter(reference=campaign.grant.number).values_list("kind")
        held = dict(rows.annotate(Sum("balance_minor")))
        pots = sum(held.get(name, 0) for name in (kind.GIFTS, kind.MATCHED, kind.DISPUTED, kind.AT_RISK))
        due = campaign.net_minor + campaign.matched_minor - held.get(kind.PAID, 0) - held.get(kind.BORNE, 0)
        due -= holding.swept(campaign.grant)
        due += holding.fees_paid(campaign.grant) if campaign.grant.fee_top_up_minor else 0
        if pots != due:
            yield f"campaign {campaign.slug}: gifts and match hold {pots} for the partner, not {due}"


def card_fees_stay_set_aside() -> Iterator[str]:
    """What is added for card fees stands on a reserve of its own, until it is paid; after the closing at most the fees
    until then.
    """
    for campaign in Campaign.objects.exclude(grant__fee_top_up_minor=None).with_grant().order_by("pk"):
        most, reference = campaign.grant.fee_top_up_minor or 0, campaign.grant.fee_reference
        rows = Account.objects.filter(kind=Account.Kind.RESERVED, reference=reference)
        held = rows.aggregate(sum=Coalesce(Sum("balance_minor"), 0))["sum"] + holding.fees_paid(campaign.grant)
        if campaign.statement_content is None and held != most:
            yield f"campaign {campaign.slug}: {held} is set aside for card fees, not {most}"
        elif campaign.statement_content and held > min(most, campaign.statement_content["figures"]["fees_minor"]):
            yield f"campaign {campaign.slug}: {held} is set aside for card fees, more than was paid of them"


def statements_rest_on_their_lines() -> Iterator[str]:
    """The lines of a statement lead to the root that it names, and add up to its figures."""
    for campaign in Campaign.objects.filter(state=Campaign.State.CLOSED).order_by("pk").iterator(chunk_size=200):
        content = campaign.statement_content or {}
        if "lines" not in content:  # closed before statements had lines
            continue
        sums, branches = dict.fromkeys(("gross_minor", "refunded_minor", "matched_minor"), 0), []
        lines = StatementLine.objects.filter(campaign=campaign).order_by("seq").iterator(chunk_size=8 * BRANCH)
        count = 0
        for batch in batched(lines, BRANCH):
            branches.append(root_hash([line.leaf for line in batch]))
            count += len(batch)
            for name in sums:
                sums[name] += sum(getattr(line, name) for line in batch)
        kept = StatementBranch.objects.filter(campaign=campaign).order_by("number").values_list("sha256", flat=True)
        said = content["lines"]
        if (root_hash(branches).hex(), count) != (said["root"], said["count"]):
            yield f"campaign {campaign.slug}: its lines do not lead to the root that its statement names"
        if [branch.hex() for branch in branches] != list(kept):
            yield f"campaign {campaign.slug}: a branch is not the hash over its lines"
        if any(sums[name] != content["figures"][name] for name in sums):
            yield f"campaign {campaign.slug}: its lines do not add up to the figures of its statement"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    match_is_as_told_again,
    sums_are_the_gifts,
    gifts_are_their_entries,
    donors_are_their_gifts,
    sums_at_risk_are_the_gifts,
    ledger_agrees,
    reserves_cover_what_is_promised,
    payments_come_out_of_the_pots,
    card_fees_stay_set_aside,
    statements_rest_on_their_lines,
]
