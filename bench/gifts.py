"""Gifts recorded and matched one by one in one campaign on PostgreSQL, against the same rows written bare.

It runs in a process of its own: the other benchmarks stand on SQLite.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bench import DATABASE, ROOT
from bench.rows import Row, in_turn, least_against_floor
from grants.campaigns.actions import record_gift
from grants.campaigns.models import Campaign, Donor, DonorDetails, Gift, GiftEntry
from grants.campaigns.rows import GiftRow
from grants.campaigns.simulation.stage import Stage, grant_in_force, open_a_campaign, set_stage
from grants.funds.models import Account, LedgerLine, LedgerTransaction
from tests.support.postgres import start_postgres
from vetting_portal.models import AuditEntry, AuditWords

WARM, ROUNDS, AT_ONCE = 50, 20, 20
BOUND = 0.5
GROSS, FEE = 2_500, 103
AT = datetime(2026, 10, 1, tzinfo=UTC)
FAR = 1_000_000_000  # where the floor's entries stand in the trail, out of the way of those that are chained


def through_the_ledger(campaign: Campaign, stage: Stage, number: int) -> None:
    """Record a gift as the portal does: matched under the cap, posted, entered in the trail."""
    row = GiftRow(
        key=f"ch_{number}", gross_minor=GROSS, fee_minor=FEE, currency="USD", received_at=AT,
        donor_name=f"Donor {number}", donor_email=f"donor{number}@example.org",
    )  # fmt: skip
    record_gift(campaign=campaign, row=row, by=stage.machine)


@transaction.atomic
def bare(pk: int, accounts: list[Account], stage: Stage, number: int) -> None:
    """Lock one row, update it, and insert the rows of one gift; nothing is looked up, matched or checked."""
    now, key = timezone.now(), f"bare_{number}"
    row = Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    row.gross_minor, row.fees_minor, row.matched_minor = number * GROSS, number * FEE, number * GROSS
    row.gift_count = row.last_position = number
    row.save(update_fields=["gross_minor", "fees_minor", "matched_minor", "gift_count", "last_position"])
    donor = Donor(campaign=row, matched_minor=GROSS)
    Donor.objects.bulk_create([donor])
    details = DonorDetails(donor=donor, campaign=row, identity=key, name=key, email=f"{key}@example.org")
    DonorDetails.objects.bulk_create([details])
    gift = Gift(
        campaign=row, source="bare", key=key, seq=number, position=number, donor=donor, received_at=AT, currency="USD",
        gross_minor=GROSS, fee_minor=FEE, entitled_minor=GROSS, matched_minor=GROSS, recorded_at=now,
        recorded_by=stage.machine,
    )  # fmt: skip
    Gift.objects.bulk_create([gift])
    book = LedgerTransaction(key=key, kind="gift", fund=stage.fund, reference="bare", by=stage.machine, at=now)
    LedgerTransaction.objects.bulk_create([book])
    amounts = (-GROSS, FEE, GROSS - FEE, -GROSS, GROSS)
    LedgerLine.objects.bulk_create(
        [LedgerLine(transaction=book, account=each, amount_minor=minor)
         for each, minor in zip(accounts, amounts, strict=True)]
    )  # fmt: skip
    LedgerTransaction.objects.filter(pk=book.pk).update(is_sealed=True)  # the database takes no open one
    GiftEntry.objects.bulk_create(
        [GiftEntry(gift=gift, transaction=book, gross_minor=GROSS, fee_minor=FEE, matched_minor=GROSS)]
    )
    entry = AuditEntry(
        seq=FAR + number, prev_hash=f"{number:064}", hash=f"{number:064}", schema=1, at=now, event="gifts_recorded",
        subject_type="grants.Campaign", subject_id=str(pk), from_state="", to_state="", actor_id=stage.machine.pk,
        facts={"gross_minor": GROSS}, words_hash="0" * 64,
    )  # fmt: skip
    AuditEntry.objects.bulk_create([entry])
    AuditWords.objects.bulk_create([AuditWords(entry_id=entry.seq, salt="0" * 64, name="Portal", role="system")])


def measure() -> dict[str, float]:
    """Return the milliseconds of one gift, ours and bare, in an empty database."""
    call_command("migrate", verbosity=0)
    stage = set_stage("USD", 10**12)
    one, other = (
        open_a_campaign(stage, grant_in_force(stage, number, cap_minor=10**11), slug=f"bench-{number}")
        for number in (1, 2)
    )
    kinds = ("donors", "fees", "gifts", "reserved", "matched")
    accounts = [Account.objects.of(fund=stage.fund, kind=kind, reference="bare") for kind in kinds]
    for number in range(1, WARM + 1):
        through_the_ledger(one, stage, number)
        bare(other.pk, accounts, stage, number)
    blocks = [range(start, start + AT_ONCE) for start in range(WARM + 1, WARM + ROUNDS * AT_ONCE, AT_ONCE)]
    ours, least = in_turn(
        [lambda block=block: [through_the_ledger(one, stage, n) for n in block] for block in blocks],
        [lambda block=block: [bare(other.pk, accounts, stage, n) for n in block] for block in blocks],
    )
    return {"ours": ours / AT_ONCE, "bare": least / AT_ONCE}


def rows() -> Iterator[Row]:
    """Measure in a process that stands on a PostgreSQL of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.gifts"],
        cwd=ROOT,
        env={**os.environ, DATABASE: start_postgres()},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout.splitlines()[-1])
    yield least_against_floor(
        "gifts recorded and matched, one campaign, PostgreSQL",
        1000 / found["ours"],
        1000 / found["bare"],
        unit="a second",
        bound=BOUND,
    )


if __name__ == "__main__":
    print(json.dumps(measure()))
