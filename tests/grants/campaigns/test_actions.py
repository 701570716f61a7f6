"""Gifts, refunds and closing through the database: the same sums as the pure rule, and nothing half done."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings

from grants.campaigns import invariants
from grants.campaigns.actions import (
    close_campaign,
    edit_campaign,
    erase_donor,
    pause_campaign,
    plan_campaign,
    raise_cap,
    record_dispute,
    record_gift,
    record_gifts,
    refund_gift,
    resume_campaign,
)
from grants.campaigns.models import Campaign, CampaignEvent, Donor, DonorDetails, Gift, GiftEntry
from grants.campaigns.rows import RowsRefused
from grants.campaigns.simulation.play import differences, play_vector
from grants.campaigns.simulation.stage import WORDS, Stage, grant_in_force
from grants.funds.models import Account, LedgerTransaction
from tests.factories.campaigns import RECEIVED, fresh, give, matched, opened, planned, row
from tests.grants.matching.naive import Naive
from tests.grants.matching.strategies import campaigns, event_lists
from tests.support.rig import ROOT
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
VECTORS = json.loads((Path(__file__).parents[2] / "data" / "match-vectors.json").read_text())["vectors"]


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_worked_example_comes_out_through_the_real_actions(stage: Stage, vector: dict[str, Any]) -> None:
    answer = play_vector(stage, 900, vector)

    assert differences(answer, vector["expect"]) == []
    assert breaches() == []


@given(campaign=campaigns, events=event_lists)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_agrees_with_the_second_telling(
    stage: Stage, campaign: dict[str, Any], events: list[dict[str, Any]]
) -> None:
    naive = Naive(campaign)
    for number, event in enumerate(events):
        naive.play(number, event)
    with transaction.atomic():
        answer = play_vector(stage, 901, {"id": "drawn", "campaign": campaign, "events": events})
        broken = breaches()
        transaction.set_rollback(True)

    assert {key: value for key, value in answer.items() if key != "id"} == naive.answer()
    assert broken == []


def test_the_example_of_the_docs_plays_as_it_says(stage: Stage) -> None:
    written = re.search(r"```json\n(.*?)```", (ROOT / "docs/match-events.md").read_text(), re.DOTALL)
    assert written
    (vector,) = json.loads(written[1])["vectors"]
    assert differences(play_vector(stage, 903, vector), vector["expect"]) == []


def test_an_amount_beyond_all_money_is_refused_where_it_stands(stage: Stage) -> None:
    much = 10**19
    terms = {"cap": 100, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill"}
    events = [
        {"gift": "a", "gross": much},
        {"gift": "b", "gross": 10, "fee": much},
        {"gift": "c", "gross": 50},
        {"refund": "c", "id": "r", "amount": much},
        {"refund": "later", "id": "s", "total": much},
        {"cap": much},
    ]

    answer = play_vector(stage, 902, {"id": "much", "campaign": terms, "events": events})

    assert answer["errors"] == [0, 1, 3, 4, 5]
    assert (answer["gross"], answer["matched"], answer["available"]) == (50, 50, 50)


def test_a_gift_is_one_balanced_transaction(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=8_000)

    gift = give(campaign, "a", 10_000, by=stage.finance, fee_minor=320)

    posted = gift.entries.get().transaction
    lines = {line.account.kind: line.amount_minor for line in posted.lines.select_related("account")}
    assert lines == {"donors": -10_000, "fees": 320, "gifts": 9_680, "reserved": -8_000, "matched": 8_000}
    assert (gift.seq, gift.matched_minor, gift.entitled_minor) == (1, 8_000, 10_000)
    assert fresh(campaign).payable_minor() == 17_680


def test_the_same_key_again_is_a_no_op_and_with_other_contents_an_error(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance, donor_email="ana@example.org")

    _, is_new = record_gift(campaign=campaign, row=row("a", 10_000, donor_email="ANA@example.org"), by=stage.finance)
    with pytest.raises(RowsRefused, match="other contents"):
        record_gift(campaign=campaign, row=row("a", 10_001, donor_email="ana@example.org"), by=stage.finance)

    assert not is_new
    assert fresh(campaign).gift_count == 1


def test_a_key_of_another_campaign_is_an_error_within_the_source(stage: Stage) -> None:
    first, second = opened(stage), opened(stage)
    record_gift(campaign=first, row=row("a", 100), by=stage.finance, source="cards")

    with pytest.raises(RowsRefused, match="another campaign"):
        record_gift(campaign=second, row=row("a", 100), by=stage.finance, source="cards")
    record_gift(campaign=second, row=row("a", 100), by=stage.finance)

    assert fresh(second).gift_count == 1


def test_gifts_outside_the_rule_are_recorded_and_not_matched(stage: Stage) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    campaign = opened(stage, window_starts_at=start, window_ends_at=start + timedelta(days=90))
    stage.organisation.memberships.create(
        user=User.objects.create_user("own@example.org"), role="owner", since_at=start
    )

    give(campaign, "late", 100, by=stage.finance, received_at=start + timedelta(days=90))
    give(campaign, "own", 100, by=stage.finance, donor_email="Own@example.org")
    give(campaign, "staff", 100, by=stage.finance, donor_email=stage.officer.email)
    give(campaign, "partner", 100, by=stage.finance, donor_name="Simulated partner")
    give(campaign, "pledge", 100, by=stage.finance, ineligible="A pledge, not money.")
    give(campaign, "right", 100, by=stage.finance)

    assert matched(campaign) == [0, 0, 0, 0, 0, 100]
    assert fresh(campaign).gross_minor == 600
    assert breaches() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "EUR"}, "takes USD"),
        ({"gross": 0}, "more than zero"),
        ({"fee_minor": -1}, "negative"),
        ({"key": ""}, "missing"),
        ({"key": "k" * 201}, "longer than 200"),
    ],
)
def test_a_wrong_row_is_refused(stage: Stage, changes: dict[str, Any], reason: str) -> None:
    values = {"key": "a", "gross": 100, **changes}

    with pytest.raises(RowsRefused, match=reason):
        record_gift(campaign=opened(stage), row=row(**values), by=stage.finance)


def test_one_bad_row_of_many_records_nothing(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 100, by=stage.finance)
    before = AuditEntry.objects.count()

    rows = [row(f"n{number}", 100, line=number) for number in range(2, 1500)]
    with pytest.raises(RowsRefused) as refusal:
        record_gifts(campaign=campaign, rows=[*rows, row("a", 7, line=1500), row("b", 0, line=1501)], by=stage.finance)

    assert [(error.line, error.reason) for error in refusal.value.errors] == [
        (1500, "The key a was recorded with other contents: gross 1.00 before, 0.07 now."),
        (1501, "A gift is more than zero."),
    ]
    assert (fresh(campaign).gift_count, Gift.objects.count(), AuditEntry.objects.count()) == (1, 1, before)


def test_a_batch_gives_the_same_as_one_by_one(stage: Stage) -> None:
    one, many = (opened(stage, cap_minor=200_000, donor_cap_minor=9_000) for _ in range(2))
    rows = [row(f"g{n}", 100 + n * 7 % 311, donor_name=f"Donor {n % 40}") for n in range(1200)]

    for each in rows[:60]:
        record_gift(campaign=one, row=each, by=stage.finance, source="one")
    record_gifts(campaign=one, rows=rows[60:], by=stage.finance, source="one")
    outcome = record_gifts(campaign=many, rows=iter(rows), by=stage.finance)

    assert (outcome.recorded, outcome.repeated) == (1200, 0)
    assert matched(one) == matched(many)
    assert record_gifts(campaign=many, rows=rows, by=stage.finance).repeated == 1200
    assert breaches() == []


def test_a_gift_takes_the_same_queries_however_many_there_are(stage: Stage) -> None:
    few, many = opened(stage, donor_cap_minor=500), opened(stage, donor_cap_minor=500)
    record_gifts(campaign=few, rows=[row("first", 100)], by=stage.finance)
    record_gifts(campaign=many, rows=[row(f"g{n}", 100) for n in range(500)], by=stage.finance)
    counts = []
    for campaign in (few, many):
        with CaptureQueriesContext(connection) as queries:
            give(campaign, "next", 100, by=stage.finance)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 40


def test_a_refund_key_counts_once_and_with_other_contents_is_an_error(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance)

    first = refund_gift(campaign=campaign, gift_key="a", amount_minor=3_000, refund_key="r", by=stage.finance)
    again = refund_gift(campaign=campaign, gift_key="a", amount_minor=3_000, refund_key="r", by=stage.finance)
    with pytest.raises(ValidationError, match="another refund"):
        refund_gift(campaign=campaign, gift_key="a", amount_minor=3_001, refund_key="r", by=stage.finance)

    assert (first.delta_minor, first.is_new, again.is_new) == (3_000, True, False)
    assert (first.gift.state, first.gift.matched_minor) == ("settled", 7_000)
    assert breaches() == []


@pytest.mark.parametrize("amount", [0, -5, 10_001])
def test_a_refund_of_nothing_or_too_much_is_refused(stage: Stage, amount: int) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance)

    with pytest.raises(ValidationError):
        refund_gift(campaign=campaign, gift_key="a", amount_minor=amount, by=stage.finance)

    assert CampaignEvent.objects.count() == 0


def test_backfill_is_recorded_gift_by_gift_in_the_ledger(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    for key, gross in (("a", 14_800), ("b", 500), ("c", 50)):
        give(campaign, key, gross, by=stage.finance)

    refund_gift(campaign=campaign, gift_key="a", amount_minor=320, by=stage.finance)

    moved = GiftEntry.objects.filter(transaction__kind="refund").order_by("gift__seq")
    assert list(moved.values_list("gift__key", "refunded_minor", "matched_minor")) == [
        ("a", 320, -320),
        ("b", 0, 300),
        ("c", 0, 20),
    ]
    assert matched(campaign) == [14_480, 500, 20]
    assert breaches() == []


def test_a_full_refund_moves_the_gift_and_says_so(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance, fee_minor=320)

    gift = refund_gift(campaign=campaign, gift_key="a", reason="Card stolen", by=stage.finance).gift
    again = refund_gift(campaign=campaign, gift_key="a", by=stage.finance)

    assert (gift.state, gift.refunded_by, gift.net_minor) == ("refunded", stage.finance, -320)
    assert (again.delta_minor, again.is_new) == (0, False)
    assert AuditEntry.objects.about(gift).last().event == "refund"
    assert fresh(campaign).payable_minor() == -320


def test_a_refund_before_its_gift_waits_and_one_too_large_is_refused_then(stage: Stage) -> None:
    campaign = opened(stage)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=40, refund_key="r1", by=stage.finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=70, refund_key="r2", by=stage.finance)

    gift = give(campaign, "a", 100, by=stage.finance)

    assert (gift.refunded_minor, gift.matched_minor) == (40, 60)
    assert list(CampaignEvent.objects.order_by("position").values_list("outcome", flat=True)) == ["applied", "refused"]
    assert breaches() == []


def test_a_dispute_moves_the_gift_and_a_lost_one_refunds_it(stage: Stage) -> None:
    campaign = opened(stage)
    for key in ("a", "b"):
        give(campaign, key, 100, by=stage.finance)
        record_dispute(campaign=campaign, gift_key=key, dispute_key=f"p{key}", status="open", by=stage.machine)
    states = list(Gift.objects.order_by("seq").values_list("state", flat=True))
    risk = fresh(campaign).at_risk()

    record_dispute(campaign=campaign, gift_key="a", dispute_key="pa", status="won", by=stage.machine)
    record_dispute(campaign=campaign, gift_key="b", dispute_key="pb", status="lost", by=stage.machine)
    record_dispute(campaign=campaign, gift_key="b", dispute_key="pb", status="open", by=stage.machine)

    assert (states, risk) == (["disputed", "disputed"], {"match": 200, "net": 200, "fees": 0})
    assert list(Gift.objects.order_by("seq").values_list("state", flat=True)) == ["settled", "refunded"]
    assert matched(campaign) == [100, 0]
    with pytest.raises(ValidationError, match="another gift"):
        record_dispute(campaign=campaign, gift_key="a", dispute_key="pb", status="won", by=stage.machine)
    with pytest.raises(PermissionDenied):
        record_dispute(campaign=campaign, gift_key="a", dispute_key="px", status="open", by=stage.finance)


def test_closing_freezes_the_match_and_gives_the_rest_back(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=10_000)
    give(campaign, "a", 4_000, by=stage.finance)
    free = stage.fund.free_now()

    closed = close_campaign(campaign=campaign, by=stage.finance)
    again = close_campaign(campaign=campaign, by=stage.finance, closed_at=closed.closed_at)

    assert again.closed_at == closed.closed_at
    assert closed.statement_content["figures"]["matched_minor"] == closed.frozen_matched_minor == 4_000
    assert stage.fund.free_now() == free + 6_000
    with pytest.raises(Refused):
        close_campaign(campaign=campaign, by=stage.finance)
    assert breaches() == []


def test_after_closing_gifts_are_not_matched_and_refunds_move_no_other(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=10_000)
    give(campaign, "a", 8_000, by=stage.finance)
    give(campaign, "b", 5_000, by=stage.finance)
    close_campaign(campaign=campaign, by=stage.finance)
    free = stage.fund.free_now()

    give(campaign, "c", 1_000, by=stage.finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=3_000, by=stage.finance)

    assert matched(campaign) == [5_000, 2_000, 0]
    assert fresh(campaign).frozen_matched_minor == 10_000
    assert stage.fund.free_now() == free + 3_000
    assert breaches() == []


def test_the_statement_is_sealed_by_a_task(stage: Stage) -> None:
    campaign = opened(stage)

    close_campaign(campaign=campaign, by=stage.finance)

    assert [
        task.args_kwargs["args"] for task in DBTaskResult.objects.filter(task_path__endswith="seal_statement_task")
    ] == [[campaign.pk]]


def test_a_raised_cap_needs_free_money_and_serves_no_earlier_gift(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 1_500, by=stage.finance)

    raise_cap(campaign=campaign, cap_minor=2_000, by=stage.machine)
    give(campaign, "b", 700, by=stage.finance)

    assert matched(campaign) == [1_000, 700]
    with pytest.raises(Refused, match="only raised"):
        raise_cap(campaign=campaign, cap_minor=1_999, by=stage.machine)
    with pytest.raises(Refused, match="not enough"):
        raise_cap(campaign=campaign, cap_minor=10**12, by=stage.machine)
    with pytest.raises(PermissionDenied):
        raise_cap(campaign=campaign, cap_minor=3_000, by=stage.finance)
    assert fresh(campaign).cap_minor == 2_000
    assert breaches() == []


def test_planning_pausing_and_words(stage: Stage) -> None:
    campaign = planned(stage)
    with pytest.raises(Refused, match="not open"):
        give(campaign, "a", 100, by=stage.finance)
    with pytest.raises(Refused, match="has a campaign"):
        plan_campaign(grant=campaign.grant, slug="other", words={"title": "t", "lead": "l"}, by=stage.officer)
    with pytest.raises(ValidationError, match="No words"):
        edit_campaign(campaign=campaign, words={"cap_minor": 5}, by=stage.officer)
    with pytest.raises(ValidationError):
        plan_campaign(grant=grant_in_force(stage, 800, cap_minor=5), slug="Not A Slug", words=WORDS, by=stage.officer)

    campaign = opened(stage)
    edit_campaign(campaign=campaign, words={"title": "Another"}, by=stage.officer)
    pause_campaign(campaign=campaign, by=stage.officer)
    give(campaign, "a", 100, by=stage.finance)
    resume_campaign(campaign=campaign, by=stage.officer)

    assert (fresh(campaign).title, fresh(campaign).state, matched(campaign)) == ("Another", "open", [100])


def test_an_erased_donor_leaves_the_sums_and_the_key(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "a", 100, by=stage.finance, donor_email="ana@example.org")

    erase_donor(donor=gift.donor, by=stage.finance)
    erase_donor(donor=gift.donor, by=stage.finance)
    again = record_gift(campaign=campaign, row=row("a", 100, donor_name="Whoever"), by=stage.finance)

    assert DonorDetails.objects.count() == 0
    assert (again[1], Gift.objects.get().donor_name) == (False, "Erased")
    assert Donor.objects.get().matched_minor == 100


@pytest.mark.parametrize("who", ["officer", "partner"])
def test_only_finance_and_machines_touch_money(stage: Stage, who: str) -> None:
    campaign = opened(stage)
    give(campaign, "a", 100, by=stage.machine)
    person = getattr(stage, who)

    for act in (
        lambda: give(campaign, "b", 100, by=person),
        lambda: refund_gift(campaign=campaign, gift_key="a", by=person),
        lambda: erase_donor(donor=Donor.objects.get(), by=person),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_nothing_is_written_when_the_trail_cannot_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = opened(stage, cap_minor=1_000)
    give(campaign, "a", 900, by=stage.finance)
    give(campaign, "b", 900, by=stage.finance)

    def fail(_drafts: Any) -> None:
        raise RuntimeError("the trail is full")

    def state() -> tuple[Any, ...]:
        accounts = Account.objects.order_by("pk").values_list("balance_minor", flat=True)
        return (
            matched(campaign),
            list(accounts),
            CampaignEvent.objects.count(),
            LedgerTransaction.objects.count(),
            list(Campaign.objects.values_list("state", "matched_minor", "title", "cap_minor", "last_position")),
        )

    before = state()
    monkeypatch.setattr("vetting_portal.audit.append", fail)
    acts = [
        lambda: give(campaign, "c", 100, by=stage.finance),
        lambda: refund_gift(campaign=campaign, gift_key="a", by=stage.finance),
        lambda: record_dispute(campaign=campaign, gift_key="a", dispute_key="p", status="lost", by=stage.machine),
        lambda: close_campaign(campaign=campaign, by=stage.finance),
        lambda: raise_cap(campaign=campaign, cap_minor=2_000, by=stage.machine),
        lambda: pause_campaign(campaign=campaign, by=stage.officer),
        lambda: edit_campaign(campaign=campaign, words={"title": "x"}, by=stage.officer),
        lambda: erase_donor(donor=Donor.objects.order_by("pk")[0], by=stage.finance),
    ]
    for act in acts:
        with pytest.raises(RuntimeError, match="trail is full"):
            act()

    assert state() == before


def test_received_is_kept_with_its_instant(stage: Stage) -> None:
    assert give(opened(stage), "a", 100, by=stage.finance).received_at == RECEIVED


def test_nobody_rewrites_what_moved_a_gift(stage: Stage) -> None:
    gift = give(opened(stage), "a", 100, by=stage.finance)
    entry = gift.entries.get()

    entry.matched_minor = 7
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()


def test_the_database_holds_the_bounds_of_a_match(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=500)
    gift = give(campaign, "a", 100, by=stage.finance)

    for rows, change in (
        (Gift.objects.filter(pk=gift.pk), {"matched_minor": 101}),
        (Gift.objects.filter(pk=gift.pk), {"refunded_minor": 101}),
        (Gift.objects.filter(pk=gift.pk), {"ineligible_reason": "A pledge."}),
        (Campaign.objects.filter(pk=campaign.pk), {"matched_minor": 501}),
        (Campaign.objects.filter(pk=campaign.pk), {"closed_at": RECEIVED}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.parametrize("field", ["matched_minor", "gross_minor", "fees_minor"])
def test_the_invariants_see_a_changed_sum(stage: Stage, field: str) -> None:
    campaign = opened(stage)
    give(campaign, "a", 100, by=stage.finance, fee_minor=3)
    before = breaches()

    Campaign.objects.filter(pk=campaign.pk).update(**{field: 99})

    assert before == []
    assert any("not the sum of its gifts" in sentence for sentence in breaches())


def test_the_invariants_see_a_changed_gift_donor_and_account(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 100, by=stage.finance)
    Gift.objects.update(matched_minor=60)
    Donor.objects.update(matched_minor=70)
    Account.objects.filter(kind="gifts").update(balance_minor=1)
    Campaign.objects.update(gift_count=2)

    found = "\n".join(breaches())

    for words in ("told again", "sum of its entries", "its gifts say", "the account gifts holds", "number of gifts"):
        assert words in found
