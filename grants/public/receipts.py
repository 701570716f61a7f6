"""What a donor's receipt says: the gift, its match and why; and once a statement is sealed, the proof. No name."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from grants.agreements.models import Agreement
from grants.campaigns.models import Campaign, Dispute, Gift, StatementLine
from grants.campaigns.tree import TREE, steps_of
from grants.public.reasons import outcome_words, rule_words
from vetting_portal.canonical import canonical_json

FORMAT = "vetting-portal-receipt/1"


@dataclass(frozen=True)
class Step:
    """One step from the line to the root: the two hashes and theirs, and which of the two the step brings."""

    number: int
    left: str
    right: str
    result: str
    brings_left: bool


@dataclass(frozen=True)
class Proof:
    """A line with its salt, the path to the root, and what the statement says of root and number of lines."""

    line: StatementLine
    path: tuple[str, ...]
    count: int
    root: str

    @property
    def leaf(self) -> str:
        """The hash of the line."""
        return self.line.leaf.hex()

    @cached_property
    def steps(self) -> list[Step]:
        """Every step as it is done by hand. Raises NoProof where the path does not fit."""
        path = [bytes.fromhex(sha256) for sha256 in self.path]
        found = steps_of(self.line.leaf, index=self.line.seq - 1, count=self.count, path=path)
        return [
            Step(number, left.hex(), right.hex(), result.hex(), brings_left=left == brought)
            for number, ((left, right, result), brought) in enumerate(zip(found, path, strict=True), start=1)
        ]

    @property
    def holds(self) -> bool:
        """Whether the last step comes to the root that the statement names."""
        return (self.steps[-1].result if self.steps else self.leaf) == self.root

    def as_json(self) -> dict[str, Any]:
        """Return what ``tools/verify_receipt.py`` reads."""
        said = {"tree": TREE, "line": self.line.said, "salt": self.line.salt, "path": list(self.path)}
        return {**said, "count": self.count, "root": self.root}


def proof_of(gift: Gift) -> Proof | None:
    """Return the proof of a gift; None before its campaign is closed, and for one recorded later."""
    content = gift.campaign.statement_content or {}
    line = getattr(gift, "statement_line", None)
    if line is None or "lines" not in content:
        return None
    path = tuple(sha256.hex() for sha256 in line.path())
    return Proof(line, path, content["lines"]["count"], content["lines"]["root"])


@dataclass(frozen=True)
class Receipt:
    """One gift as its donor reads it."""

    gift: Gift
    rule: str
    outcome: tuple[str, ...]
    proof: Proof | None
    statement: Agreement | None

    @property
    def campaign(self) -> Campaign:
        """The campaign it was given to."""
        return self.gift.campaign

    @property
    def changed_since(self) -> bool:
        """Whether the gift stands otherwise today than in the sealed statement: money went back later."""
        line = self.proof.line if self.proof else None
        now = (self.gift.refunded_minor, self.gift.matched_minor)
        return line is not None and now != (line.refunded_minor, line.matched_minor)

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as data, amounts in minor units."""
        gift, campaign, statement = self.gift, self.campaign, self.statement
        sealed = statement if statement and statement.sealed_at else None
        return {
            "format": FORMAT,
            "grant": campaign.grant.number,
            "campaign": f"{settings.PUBLIC_URL}{campaign.public_path}",
            "currency": gift.currency,
            "received_on": gift.received_at.astimezone(campaign.grant.zone).date().isoformat(),
            "today": {
                "seq": gift.seq,
                "gross": gift.gross_minor,
                "refunded": gift.refunded_minor,
                "matched": gift.matched_minor,
            },
            "rule": self.rule,
            "why": list(self.outcome),
            "proof": self.proof.as_json() if self.proof else None,
            "statement": {
                "sealed_sha256": sealed.sealed_sha256,
                "content_sha256": sealed.content_sha256,
                "record": f"{settings.PUBLIC_URL}{sealed.verify_path}",
            }
            if sealed
            else None,
            "is_no_tax_acknowledgement": True,
        }


def receipt_of(gift: Gift) -> Receipt:
    """Return the receipt of a gift as it stands now."""
    campaign = gift.campaign
    is_disputed = Dispute.objects.open_about(gift).exists()
    return Receipt(
        gift=gift,
        rule=rule_words(campaign),
        outcome=tuple(outcome_words(gift, campaign, is_disputed=is_disputed)),
        proof=proof_of(gift),
        statement=campaign.grant.statement if campaign.state == Campaign.State.CLOSED else None,
    )


def statement_json(campaign: Campaign) -> bytes | None:
    """Return the data of the sealed statement, byte for byte as the PDF carries it; None before it is sealed."""
    statement = campaign.grant.statement
    if statement is None or statement.sealed_at is None:
        return None
    return canonical_json(statement.content)
