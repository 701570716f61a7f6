"""Eight processes post to one campaign near its cap, some of them killed: the result is that of one after the other."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from grants.campaigns import invariants
from grants.campaigns.models import Campaign, CampaignEvent, Gift
from grants.campaigns.simulation.stage import Stage
from grants.funds import invariants as of_funds
from tests.factories.campaigns import fresh, opened
from tests.grants.matching.naive import Naive
from tests.support.rig import ROOT
from vetting_portal import audit

pytestmark = [pytest.mark.postgres, pytest.mark.long, pytest.mark.django_db(transaction=True)]

# A worker that posts its events in order and notes each; started again, it goes on after the last it noted.
CHILD = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from django.core.exceptions import ValidationError
from grants.campaigns.actions import record_gift, refund_gift
from grants.campaigns.models import Campaign
from grants.campaigns.rows import GiftRow
from vetting_portal.models import User
campaign, by = Campaign.objects.get(pk=int(sys.argv[1])), User.objects.system("simulation")
events, notes = json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
done = len(notes.read_text().splitlines()) if notes.exists() else 0
at = datetime(2026, 10, 1, tzinfo=UTC)
for event in events[done:]:
    if "gift" in event:
        row = GiftRow(key=event["gift"], gross_minor=event["gross"], fee_minor=event["fee"], currency="USD",
                      received_at=at, donor_identity=event["donor"])
        record_gift(campaign=campaign, row=row, by=by)
    else:
        try:
            refund_gift(campaign=campaign, gift_key=event["refund"], amount_minor=event.get("amount"),
                        refund_key=event["id"], by=by)
        except ValidationError:
            pass
    with notes.open("a") as file:
        file.write("done\\n")
"""
HANDS, EVENTS, CAP = 8, 2_000, 2_000_000
TERMS = {"cap": CAP, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill", "gift_cap": 4_000}
PATIENCE = 300.0
# A worker is killed each time so many more events are noted: by progress, so that a slow machine kills no more often.
PACE = 80


def drawn() -> list[list[dict[str, Any]]]:
    """Draw each worker's events: gifts of half as much again as the cap, refunds of any of them, some posted twice."""
    chance = random.Random(5)  # noqa: S311 a seed, no secret
    gifts = [
        {"gift": f"g{n}", "gross": chance.randint(100, 5_000), "fee": chance.randint(0, 90), "donor": f"d{n % 70}"}
        for n in range(EVENTS * 6 // 10)
    ]
    refunds = [
        {"refund": f"g{chance.randrange(len(gifts))}", "id": f"r{n}", "amount": chance.randint(1, 2_500)}
        for n in range(EVENTS * 15 // 100)
    ] + [
        {"refund": f"g{chance.randrange(len(gifts))}", "id": f"w{n}"}
        for n in range(EVENTS * 8 // 100)
    ]  # fmt: skip
    events = [*gifts, *refunds]
    events += chance.choices(events, k=EVENTS - len(events))
    chance.shuffle(events)
    return [events[hand::HANDS] for hand in range(HANDS)]


class Hands:
    """The workers, each a process of its own."""

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        database = connection.settings_dict
        connection.close()
        who = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
        kept = {name: os.environ[name] for name in ("PATH", "DATA_DIR") if name in os.environ}
        self.env = {
            **kept,
            "DATABASE_URL": f"postgres://{who}/{database['NAME']}",
            "DJANGO_SETTINGS_MODULE": "vetting_portal.settings",
        }
        self.campaign, self.folder, self.kills = campaign, folder, 0
        self.work = drawn()
        for hand, events in enumerate(self.work):
            (folder / f"{hand}.json").write_text(json.dumps(events))
        self.begun: dict[int, int] = {}
        self.running = {hand: self.start(hand) for hand in range(HANDS)}

    def start(self, hand: int) -> subprocess.Popen[bytes]:
        paths = [str(self.folder / f"{hand}.{end}") for end in ("json", "done")]
        self.begun[hand] = self.noted(hand)
        words = [sys.executable, "-c", CHILD, str(self.campaign.pk), *paths]
        with (self.folder / f"{hand}.log").open("ab") as log:
            return subprocess.Popen(words, cwd=ROOT, env=self.env, stderr=log)

    def noted(self, hand: int) -> int:
        notes = self.folder / f"{hand}.done"
        return len(notes.read_text().splitlines()) if notes.exists() else 0

    def kill_one(self) -> None:
        """Kill a worker that is in the middle of its work, and start it again; one that did nothing yet goes on."""
        busy = [
            hand for hand, process in self.running.items()
            if process.poll() is None and self.begun[hand] < self.noted(hand) < len(self.work[hand])
        ]  # fmt: skip
        if not busy:
            return
        hand = busy[self.kills % len(busy)]
        self.running[hand].kill()
        self.running[hand].wait()
        self.kills += 1
        self.running[hand] = self.start(hand)

    def stop(self) -> None:
        """End those that still run."""
        for process in self.running.values():
            process.kill()
            process.wait()

    def finish(self, *, killing: bool) -> None:
        deadline = time.monotonic() + PATIENCE
        while any(process.poll() is None for process in self.running.values()):
            assert time.monotonic() < deadline, "the workers did not come to an end"
            time.sleep(0.2)
            if killing and sum(map(self.noted, range(HANDS))) >= PACE * (self.kills + 1):
                self.kill_one()
        for hand, process in self.running.items():
            assert process.returncode in {0, -signal.SIGKILL}, (self.folder / f"{hand}.log").read_text()
            assert self.noted(hand) == len(self.work[hand]), (self.folder / f"{hand}.log").read_text()


def in_sequence(campaign: Campaign) -> list[dict[str, Any]]:
    """Return what was recorded, in the order of recording, as events."""
    told: dict[int, dict[str, Any]] = {}
    for gift in Gift.objects.filter(campaign=campaign).select_related("donor__details"):
        donor = gift.donor.details.identity
        told[gift.position] = {"gift": gift.key, "gross": gift.gross_minor, "fee": gift.fee_minor, "donor": donor}
    for event in CampaignEvent.objects.filter(campaign=campaign):
        amount = {} if event.amount_minor is None else {"amount": event.amount_minor}
        told[event.position] = {"refund": event.gift_key, "id": event.key, **amount}
    return [told[position] for position in sorted(told)]


@pytest.mark.parametrize("how", ["undisturbed", "killed"])
def test_many_hands_give_what_one_after_the_other_gives(stage: Stage, tmp_path: Path, how: str) -> None:
    campaign = opened(stage, cap_minor=CAP, gift_cap_minor=4_000)
    hands = Hands(campaign, tmp_path)

    try:
        hands.finish(killing=how == "killed")
    finally:
        hands.stop()

    events, now = in_sequence(campaign), fresh(campaign)
    serial = Naive(TERMS)
    for number, event in enumerate(events):
        serial.play(number, event)
    told = serial.answer()
    stored = Gift.objects.filter(campaign=campaign).order_by("seq").values("key", "refunded_minor", "matched_minor")
    assert [(g["key"], g["refunded_minor"], g["matched_minor"]) for g in stored] == [
        (g["key"], g["refunded"], g["matched"]) for g in told["gifts"]
    ]
    assert (now.raised_minor, now.fees_minor, now.matched_minor, now.payable_minor()) == (
        told["gross"], told["fees"], told["matched"], told["payable"],
    )  # fmt: skip
    posted = {event["gift"] for work in hands.work for event in work if "gift" in event}
    assert {event["gift"] for event in events if "gift" in event} == posted
    assert CAP * 0.9 <= now.matched_minor <= CAP
    assert [s for check in (*invariants.INVARIANTS, *of_funds.INVARIANTS) for s in check()] == []
    assert list(audit.breaks()) == []
    assert hands.kills >= EVENTS // PACE // 2 if how == "killed" else not hands.kills
