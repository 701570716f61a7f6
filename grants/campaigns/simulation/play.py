"""Plays the events of a simulation on the stage, one real action each, and answers in the form of the reference."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from grants.campaigns.actions import (
    close_campaign,
    correct_eligibility,
    raise_cap,
    record_dispute,
    record_gift,
    refund_gift,
    tell_fee,
)
from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign, CampaignEvent
from grants.campaigns.rows import GiftRow
from grants.campaigns.simulation.stage import EVER, Stage, grant_in_force, open_a_campaign
from grants.funds.models import MatchFund
from grants.matching.events import (
    MOST,
    CapEvent,
    CloseEvent,
    DisputeEvent,
    EligibilityEvent,
    Event,
    EventRefused,
    FeeEvent,
    GiftEvent,
    RefundEvent,
    read_event,
    read_time,
)
from vetting_portal.workflow import Refused


class NotPlayable(Exception):
    """The file is no simulation that can be played; the text says why."""


REQUIRED = ("cap", "ratio", "basis", "refund_policy")


def campaign_terms(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a grant for a simulated campaign. Raises NotPlayable where something is missing or wrong."""
    missing = [name for name in REQUIRED if name not in raw]
    if missing:
        message = f"A campaign has no {', '.join(missing)}."
        raise NotPlayable(message)
    ratio = raw["ratio"]
    if not (isinstance(ratio, list) and len(ratio) == 2 and all(_is_count(part) for part in ratio)):  # noqa: PLR2004 p:q
        message = f"A ratio is two whole numbers above zero, not {ratio!r}."
        raise NotPlayable(message)
    if raw["basis"] not in {"gross", "net"} or raw["refund_policy"] not in {"backfill", "forward"}:
        message = f"Unknown basis or refund policy: {raw['basis']!r}, {raw['refund_policy']!r}."
        raise NotPlayable(message)
    sums = {name: raw[name] for name in ("cap", "donor_cap", "gift_cap") if raw.get(name) is not None}
    for name, value in sums.items():
        if not _is_count(value):
            message = f"The {name} is a whole number of minor units above zero, at most {MOST}, not {value!r}."
            raise NotPlayable(message)
    try:
        start = read_time(raw["start"]) if raw.get("start") else EVER[0]
        end = read_time(raw["end"]) if raw.get("end") else EVER[1]
    except EventRefused as error:
        raise NotPlayable(str(error)) from None
    return {
        "cap_minor": sums["cap"],
        "ratio_p": ratio[0],
        "ratio_q": ratio[1],
        "basis": raw["basis"],
        "refund_policy": raw["refund_policy"],
        "donor_cap_minor": sums.get("donor_cap"),
        "gift_cap_minor": sums.get("gift_cap"),
        "window_starts_at": start,
        "window_ends_at": end,
    }


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST


def money_needed(vectors: list[Any]) -> int:
    """Return what a fund must hold so that every cap of the file, raised ones too, can be reserved."""
    total = 0
    for vector in vectors:
        caps = [vector["campaign"].get("cap", 0), *(e.get("cap", 0) for e in vector["events"] if isinstance(e, dict))]
        total += max(cap for cap in caps if _is_count(cap))
    return total


def play_vector(stage: Stage, number: int, vector: Mapping[str, Any]) -> dict[str, Any]:
    """Play one campaign from its first event to its last, and answer.

    Each event is an action of its own; one transaction around them saves the disk's time. Raises NotPlayable for terms
    that mean nothing, UnknownEvent for an event of no known kind.
    """
    with transaction.atomic():
        player = Player.begin(stage, number, vector["campaign"])
        for position, raw in enumerate(vector["events"]):
            player.play(position, raw)
        return player.answer(str(vector.get("id", number)))


def read_file(raw: Any) -> tuple[str, list[Any]]:
    """Return the currency and the vectors of a simulation. Raises NotPlayable where it has not the form."""
    vectors = raw.get("vectors") if isinstance(raw, dict) else None
    if not isinstance(vectors, list):
        message = "The file has no list of vectors."
        raise NotPlayable(message)
    for place, vector in enumerate(vectors, start=1):
        whole = isinstance(vector, dict) and isinstance(vector.get("campaign"), dict)
        if not (whole and isinstance(vector.get("events"), list)):
            message = f"Vector {place} has no campaign or no list of events."
            raise NotPlayable(message)
        campaign_terms(vector["campaign"])
    currency = raw.get("currency", "USD")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isupper()):  # noqa: PLR2004 ISO 4217
        message = f"The currency is three capital letters, not {currency!r}."
        raise NotPlayable(message)
    return currency, vectors


class Player:
    """One campaign being played; remembers which events were refused."""

    def __init__(self, stage: Stage, campaign: Campaign) -> None:
        self.stage, self.campaign = stage, campaign
        self.errors: set[int] = set()
        self.waiting: dict[int, int] = {}

    @classmethod
    def begin(
        cls, stage: Stage, number: int, raw: Mapping[str, Any], further: Sequence[tuple[MatchFund, int]] = ()
    ) -> "Player":
        """Open a campaign by the terms ``raw``; of ``further`` funds each gives its minor units of the cap. Raises
        NotPlayable for terms that mean nothing.
        """
        grant = grant_in_force(stage, number, further=further, **campaign_terms(raw))
        return cls(stage, open_a_campaign(stage, grant, slug=f"simulated-{number}"))

    def play(self, position: int, raw: Any) -> None:
        """Run the action that an event stands for; a refusal is noted and has changed nothing."""
        before = self._last()
        try:
            self._act(read_event(raw))
        except (EventRefused, Refused, ValidationError):
            self.errors.add(position)
        if self._last() > before and "gift" not in raw:
            self.waiting[self._last()] = position

    def _last(self) -> int:
        return int(Campaign.objects.values_list("last_position", flat=True).get(pk=self.campaign.pk))

    def _act(self, event: Event) -> None:
        machine, campaign = self.stage.machine, self.campaign
        match event:
            case GiftEvent():
                record_gift(campaign=campaign, row=self._row(event), by=machine)
            case RefundEvent():
                refund_gift(
                    campaign=campaign,
                    gift_key=event.gift,
                    by=machine,
                    amount_minor=event.amount,
                    total_minor=event.total,
                    refund_key=event.id or "",
                )
            case DisputeEvent():
                record_dispute(
                    campaign=campaign, gift_key=event.gift, dispute_key=event.id, status=event.status, by=machine
                )
            case EligibilityEvent():
                correct_eligibility(
                    campaign=campaign,
                    gift_key=event.gift,
                    ineligible=event.ineligible,
                    by=self.stage.finance,
                    reason="Played.",
                )
            case FeeEvent():
                tell_fee(campaign=campaign, gift_key=event.gift, fee_minor=event.fee, by=machine)
            case CapEvent():
                raise_cap(campaign=campaign, cap_minor=event.cap, by=machine)
            case CloseEvent():
                close_campaign(campaign=campaign, by=self.stage.finance, closed_at=event.at)

    def _row(self, event: GiftEvent) -> GiftRow:
        return GiftRow(
            key=event.key,
            gross_minor=event.gross,
            currency=self.campaign.currency,
            received_at=event.at or self.campaign.grant.window_starts_at,
            fee_minor=event.fee,
            ineligible=event.ineligible,
            donor_identity=event.donor,
        )

    def answer(self, name: str) -> dict[str, Any]:
        """Return the figures in the form of the reference."""
        campaign = Campaign.objects.with_grant().get(pk=self.campaign.pk)
        refused = campaign.events.filter(outcome=CampaignEvent.Outcome.REFUSED).values_list("position", flat=True)
        figures = match_statement(campaign)
        answer: dict[str, Any] = {"id": name}
        for key in ("gross", "fees", "net", "matched", "available", "payable", "at_risk_match"):
            answer[key] = figures[key]
        answer["gifts"] = [{key: value for key, value in gift.items() if key != "seq"} for gift in figures["gifts"]]
        if campaign.state == Campaign.State.CLOSED:
            answer["statement"] = {"matched": campaign.frozen_matched_minor}
        return {**answer, "errors": sorted(self.errors | {self.waiting[position] for position in refused})}


def differences(answer: Mapping[str, Any], expect: Mapping[str, Any]) -> list[str]:
    """Return the keys of ``expect`` that the answer does not agree with."""
    return [key for key, value in expect.items() if answer.get(key) != value]
