"""Stripe's messages: whose they are, what is kept of them, and the same end in whatever order they come."""

import json
import random
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from grants.campaigns import invariants as sums
from grants.campaigns.actions import erase_donor
from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign, CampaignEvent, Dispute, DonorDetails, Gift
from grants.campaigns.simulation.stage import Stage
from grants.intake import invariants
from grants.intake.actions import assign_charge, count_refusal, settle_event, stripe, take_event
from grants.intake.models import StripeEvent, StripeOutcome, StripePayer, WebhookRefusal
from tests.factories.campaigns import fresh, opened, planned
from tests.factories.intake import MADE_AT, SECRET, balance, charge, dispute, event, message, signed, told
from vetting_portal.models import AuditEntry, AuditWords, Funder, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
HOOK = "/hooks/stripe/"


def breaches() -> list[str]:
    return [sentence for room in (sums, invariants) for invariant in room.INVARIANTS for sentence in invariant()]


def left(one: StripeEvent) -> tuple[str, str]:
    outcome = StripeOutcome.objects.get(event=one)
    return outcome.outcome, outcome.reason


def post(payload: bytes, header: str) -> Any:
    return Client().post(HOOK, payload, content_type="application/json", headers={"Stripe-Signature": header})


@pytest.fixture
def secrets(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_old", SECRET]


def test_a_signed_charge_is_a_gift_at_once(stage: Stage, secrets: None) -> None:
    campaign = opened(stage)
    payload = message(event(charge("ch_1", campaign.slug, balance_transaction=balance(10_000, 320))))

    first = post(payload, signed(payload, timezone.now()))
    again = post(payload, signed(payload, timezone.now(), "whsec_old"))

    assert (first.status_code, again.status_code) == (200, 200)
    gift = Gift.objects.select_related("donor__details").get()
    assert (gift.key, gift.source, gift.gross_minor, gift.fee_minor) == ("ch_1", "stripe", 10_000, 320)
    assert (gift.matched_minor, gift.donor.details.email) == (10_000, "ana@example.org")
    assert StripeEvent.objects.count() == 1
    assert breaches() == []


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "missing"),
        ("t=x,v1=1", "missing"),
        ("t=1,v0=1", "missing"),
        ("t={now},v1={wrong}", "wrong"),
        ("t={now},v1=é", "wrong"),
        ("{old}", "too old"),
        ("{other}", "wrong"),
    ],
)
def test_what_is_not_stripes_is_refused_counted_and_does_nothing(
    stage: Stage, secrets: None, header: str, reason: str
) -> None:
    payload = message(event(charge("ch_1", opened(stage).slug)))
    now = timezone.now()
    made = header.format(
        now=int(now.timestamp()),
        wrong="0" * 64,
        old=signed(payload, now - timedelta(seconds=302)),
        other=signed(payload, now, "whsec_other"),
    )
    before = AuditEntry.objects.count()

    answers = [post(payload, made.encode().decode("latin-1")).status_code for _ in range(3)]

    assert answers == [400, 400, 400]
    refusal = WebhookRefusal.objects.get()
    assert (refusal.count, reason in refusal.reason) == (3, True)
    assert (Gift.objects.count(), StripeEvent.objects.count(), AuditEntry.objects.count()) == (0, 0, before)


def test_without_a_secret_nothing_is_taken(stage: Stage) -> None:
    payload = message(event(charge("ch_1", opened(stage).slug)))

    assert post(payload, signed(payload, timezone.now())).status_code == 400
    assert Client().get(HOOK).status_code == 405


@pytest.mark.parametrize(
    "payload", [b"no json", b"[]", b'{"id": "evt", "type": "x", "created": "soon", "data": {"object": {}}}', b"1"]
)
def test_what_is_signed_and_no_event_is_refused(stage: Stage, secrets: None, payload: bytes) -> None:
    assert post(payload, signed(payload, timezone.now())).status_code == 400
    assert WebhookRefusal.objects.get().reason == "This is no event."


def test_stripes_own_library_verifies_our_fixtures(stage: Stage, secrets: None) -> None:
    library = pytest.importorskip("stripe")
    payload, now = message(event(charge("ch_1", opened(stage).slug))), timezone.now()
    header = signed(payload, now)

    assert library.WebhookSignature.verify_header(payload.decode(), header, SECRET, 300)
    assert library.Webhook.construct_event(payload, header, SECRET).type == "charge.succeeded"
    assert post(payload, header).status_code == 200
    for wrong in (
        header[:-12] + "0" * 12,
        signed(payload, now, "whsec_other"),
        signed(payload, now - timedelta(hours=1)),
    ):
        with pytest.raises(library.SignatureVerificationError):
            library.WebhookSignature.verify_header(payload.decode(), wrong.replace(",v0=ignored", ""), SECRET, 300)
        assert post(payload, wrong.replace(",v0=ignored", "")).status_code == 400


def test_nothing_of_a_donor_is_kept_with_the_event(stage: Stage) -> None:
    campaign = opened(stage)
    one = told(charge("ch_1", campaign.slug))
    two = told(dispute("dp_1", "ch_1", "needs_response"), "charge.dispute.created")

    kept = json.dumps([one.content, two.content])
    assert "ana" not in kept.lower()
    assert "4242" not in kept
    assert "Chiang" not in kept
    assert StripePayer.objects.count() == 0


def test_an_event_is_never_changed(stage: Stage) -> None:
    one = told(charge("ch_1", opened(stage).slug))

    for statement in ("UPDATE grants_stripeevent SET kind = 'x'", "DELETE FROM grants_stripeevent"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert StripeEvent.objects.get() == one


DAY = [
    ("charge.succeeded", lambda slug: charge("ch_1", slug)),
    ("charge.updated", lambda slug: charge("ch_1", slug, balance_transaction=balance(10_000, 320))),
    ("charge.succeeded", lambda slug: charge("ch_2", slug, 5_000, balance_transaction=balance(5_000, 175))),
    ("charge.refunded", lambda slug: charge("ch_1", slug, amount_refunded=3_000)),
    ("charge.refunded", lambda slug: charge("ch_1", slug, amount_refunded=4_000)),
    ("charge.dispute.created", lambda _: dispute("dp_1", "ch_2", "needs_response")),
    ("charge.dispute.closed", lambda _: dispute("dp_1", "ch_2", "lost")),
    ("charge.dispute.created", lambda _: dispute("dp_2", "ch_1", "warning_needs_response")),
    ("charge.dispute.closed", lambda _: dispute("dp_2", "ch_1", "warning_closed")),
    ("payout.paid", lambda _: {"id": "po_1", "object": "payout", "amount": 1}),
]


def play(stage: Stage, order: list[int]) -> Campaign:
    campaign = opened(stage)
    told_ = [event(make(campaign.slug), kind) for kind, make in DAY]
    for place in order:
        settle_event(take_event(content=told_[place], by=machine()), machine())
    drain()
    return fresh(campaign)


def machine() -> User:
    return User.objects.system("stripe")


def figures(campaign: Campaign) -> dict[str, Any]:
    statement = match_statement(campaign)
    gifts = sorted(({**gift, "seq": 0} for gift in statement.pop("gifts")), key=lambda gift: gift["key"])
    return {**statement, "gifts": gifts}


@pytest.mark.parametrize("seed", range(6))
def test_a_day_in_any_order_ends_in_the_same_state(stage: Stage, seed: int) -> None:
    order = list(range(len(DAY)))
    if seed:
        random.Random(seed).shuffle(order)  # noqa: S311 an order, no secret
    campaign = play(stage, order)

    found = figures(campaign)

    assert (found["gross"], found["fees"], found["matched"], found["at_risk_match"]) == (6_000, 495, 6_000, 0)
    assert [(gift["key"], gift["refunded"], gift["matched"]) for gift in found["gifts"]] == [
        ("ch_1", 4_000, 6_000), ("ch_2", 5_000, 0),
    ]  # fmt: skip
    assert StripeEvent.objects.to_look_at().count() == 0
    assert breaches() == []


def test_a_day_played_again_twice_in_shuffled_order_changes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = play(stage, list(range(len(DAY))))
    before = (figures(campaign), campaign.last_position, CampaignEvent.objects.count(), StripeOutcome.objects.count())
    day = MADE_AT.date().isoformat()

    for seed in ("3", "4"):
        call_command("replay_stripe", "--day", day, "--shuffle", seed, "--json")
        answer = json.loads(capsys.readouterr().out)
        assert (answer["events"], answer["applied"], answer["ignored"], answer["changed"]) == (10, 9, 1, [])
    call_command("replay_stripe", "--day", day)
    said = capsys.readouterr().out
    again = fresh(campaign)

    assert "Other sums than before: no campaign." in said
    assert (figures(again), again.last_position, CampaignEvent.objects.count(), StripeOutcome.objects.count()) == before
    with pytest.raises(CommandError, match="is no day"):
        call_command("replay_stripe", "--day", "yesterday")


def test_a_replay_applies_what_was_only_kept(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = opened(stage)
    take_event(content=event(charge("ch_1", campaign.slug)), by=machine())

    call_command("replay_stripe", "--day", MADE_AT.date().isoformat(), "--json")

    assert json.loads(capsys.readouterr().out)["changed"] == [campaign.slug]
    assert Gift.objects.count() == 1


def test_a_refund_before_its_gift_waits_and_counts_once(stage: Stage) -> None:
    campaign = opened(stage)
    first = told(charge("ch_1", campaign.slug, amount_refunded=2_500), "charge.refunded")
    waiting = (left(first), CampaignEvent.objects.waiting().count())

    told(charge("ch_1", campaign.slug))
    told(charge("ch_1", campaign.slug, amount_refunded=2_500), "charge.refunded")
    drain()

    assert waiting == (("applied", "Kept: it is applied when its gift comes."), 1)
    assert Gift.objects.get().refunded_minor == 2_500
    assert breaches() == []


def test_disputes_in_any_order_end_as_the_last_word_says(stage: Stage) -> None:
    words = [("charge.dispute.created", "needs_response"), ("charge.dispute.updated", "under_review")]
    for number, (closing, end) in enumerate([("won", "settled"), ("lost", "refunded"), ("warning_closed", "settled")]):
        for order in permutations([*words, ("charge.dispute.closed", closing)]):
            campaign, key = opened(stage), f"ch_{number}_{'_'.join(status for _, status in order)}"
            for kind, status in order[:2]:
                told(dispute(f"dp_{key}", key, status), kind)
            told(charge(key, campaign.slug))
            drain()
            waits = Dispute.objects.to_answer().filter(key=f"dp_{key}").exists()
            assert waits == (order[1][1] == "needs_response" and order[0][1] != closing), order
            told(dispute(f"dp_{key}", key, order[2][1]), order[2][0])
            assert Gift.objects.get(key=key).state == end, order
            assert not Dispute.objects.to_answer().filter(key=f"dp_{key}").exists(), order


def test_a_response_is_due_as_the_newest_message_says_in_whatever_order_they_come(stage: Stage) -> None:
    """An inquiry that became a formal dispute asks for a response again."""
    words = ["warning_needs_response", "warning_under_review", "needs_response", "under_review"]
    for many in range(1, len(words) + 1):
        for order in permutations(range(many)):
            campaign, key = opened(stage), f"ch_{''.join(map(str, order))}"
            told(charge(key, campaign.slug))
            for place in order:
                created = int(MADE_AT.timestamp()) + place
                told(dispute(f"dp_{key}", key, words[place]), "charge.dispute.updated", created=created)
            assert Dispute.objects.get(key=f"dp_{key}").needs_response == (many % 2 == 1), order
    assert breaches() == []


def test_a_charge_of_no_campaign_is_kept_and_finance_assigns_it(stage: Stage) -> None:
    campaign = opened(stage)
    unnamed, unknown = told(charge("ch_1")), told(charge("ch_2", "nowhere"))
    told(charge("ch_1", amount_refunded=1_000), "charge.refunded")
    before = (left(unnamed)[0], left(unknown))

    with pytest.raises(PermissionDenied):
        assign_charge(event=unnamed, campaign=campaign, by=stage.officer)
    assign_charge(event=unnamed, campaign=campaign, by=stage.finance)
    assign_charge(event=unknown, campaign=None, by=stage.finance)
    drain()
    with pytest.raises(Refused):
        assign_charge(event=unnamed, campaign=campaign, by=stage.finance)

    assert before == ("unassigned", ("unassigned", "There is no campaign nowhere."))
    assert Gift.objects.get().refunded_minor == 1_000
    assert (left(unnamed), left(unknown)) == (("applied", ""), ("ignored", "No gift of ours."))
    assert StripePayer.objects.count() == 0
    told(charge("ch_2", "nowhere"), "charge.updated")
    assert (Gift.objects.count(), StripePayer.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "kind", "expected"),
    [
        ({"status": "failed"}, "charge.succeeded", ("ignored", "The charge is not paid.")),
        ({"captured": False}, "charge.succeeded", ("ignored", "The charge is not paid.")),
        ({}, "charge.refunded", ("ignored", "Nothing was refunded.")),
        ({"amount": None}, "charge.succeeded", ("refused", "The charge has no amount, currency or time.")),
        ({"amount": -1}, "charge.succeeded", ("refused", "The charge has no amount, currency or time.")),
        ({"amount": 10**19}, "charge.succeeded", ("refused", "The charge has no amount, currency or time.")),
        ({"amount": 0}, "charge.succeeded", ("refused", "A gift is more than zero.")),
        ({"currency": "eur"}, "charge.succeeded", ("waiting", "What EUR it was settled at in USD is not told yet.")),
    ],
)
def test_what_is_no_gift_yet_says_why(
    stage: Stage, changes: dict[str, Any], kind: str, expected: tuple[str, str]
) -> None:
    assert left(told(charge("ch_1", opened(stage).slug, **changes), kind)) == expected
    assert Gift.objects.count() == 0


def test_other_contents_are_refused_and_show_both(stage: Stage) -> None:
    campaign = opened(stage)
    told(charge("ch_1", campaign.slug, balance_transaction=balance(10_000, 320)))

    other = told(charge("ch_1", campaign.slug, 9_000))
    fee = told(charge("ch_1", campaign.slug, balance_transaction=balance(10_000, 400)), "charge.updated")
    refund = told(charge("ch_1", campaign.slug, amount_refunded=10_001), "charge.refunded")
    odd = told(dispute("dp_1", "ch_1", "odd"), "charge.dispute.created")

    assert left(other) == (
        "refused", "The charge ch_1 was recorded with 10000 USD, now told with 9000 USD (smallest units)."
    )  # fmt: skip
    assert left(fee)[0] == left(refund)[0] == left(odd)[0] == "refused"
    assert "320, now 400" in left(fee)[1]
    assert fresh(campaign).raised_minor == 10_000


def test_a_charge_before_the_campaign_opens_waits(stage: Stage) -> None:
    assert left(told(charge("ch_1", planned(stage).slug))) == ("waiting", "The campaign is not open yet.")


def test_a_test_event_counts_in_an_example_only(stage: Stage) -> None:
    campaign = opened(stage)
    funder = Funder.objects.current()
    funder.is_example = False
    funder.save()

    assert left(told(charge("ch_1", campaign.slug)))[0] == "ignored"
    live = take_event(content=event(charge("ch_2", campaign.slug), livemode=True), by=machine())
    assert settle_event(live, machine()).outcome == "applied"


def test_a_gift_in_another_currency_is_settled_as_stripe_says(stage: Stage) -> None:
    campaign = opened(stage)
    euros = charge("ch_1", campaign.slug, 10_000, currency="eur")
    first = told(euros)
    told({**euros, "balance_transaction": balance(10_801, 345, rate=1.0801)}, "charge.updated")
    drain()
    told({**euros, "amount_refunded": 3_333}, "charge.refunded")
    gift = Gift.objects.get()
    partly = (gift.gross_minor, gift.original_minor, gift.rate, gift.refunded_minor, gift.original_refunded_minor)
    told({**euros, "amount_refunded": 10_000}, "charge.refunded")

    assert left(first) == ("applied", "")
    assert partly == (10_801, 10_000, "1.0801", 3_599, 3_333)
    assert Gift.objects.get().refunded_minor == 10_801
    assert breaches() == []


def test_an_erased_donor_stays_erased_whatever_stripe_tells_again(stage: Stage) -> None:
    campaign = opened(stage)
    told(charge("ch_1", campaign.slug))
    erase_donor(donor=Gift.objects.get().donor, by=stage.finance)

    told(charge("ch_1", campaign.slug, balance_transaction=balance(10_000, 320)), "charge.updated")
    call_command("replay_stripe", "--day", MADE_AT.date().isoformat(), "--json")

    assert (DonorDetails.objects.count(), StripePayer.objects.count()) == (0, 0)
    assert not AuditWords.objects.filter(note__icontains="ana").exists()
    assert breaches() == []


def test_only_the_payment_source_tells(stage: Stage) -> None:
    one = told(charge("ch_1"))
    for refused in (
        lambda: take_event(content=event(charge("ch_2")), by=stage.finance),
        lambda: stripe.apply_event(event=one, by=stage.finance),
        lambda: stripe.leave_event(event=one, outcome="waiting", reason="", by=stage.finance),
        lambda: count_refusal(reason="", by=stage.finance),
    ):
        with pytest.raises(PermissionDenied):
            refused()


def test_what_fails_at_once_is_applied_by_its_task(
    stage: Stage, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = opened(stage)
    payload = message(event(charge("ch_1", campaign.slug)))

    def fails(*_: Any, **__: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr("grants.intake.views.stripe.settle_event", fails)
        answer = post(payload, signed(payload, timezone.now()))
    before = Gift.objects.count()
    drain()

    assert (answer.status_code, before, Gift.objects.count()) == (200, 0, 1)


def test_a_signature_is_good_for_five_minutes(stage: Stage, secrets: None) -> None:
    payload, now = message(event(charge("ch_1", opened(stage).slug))), timezone.now()
    with time_machine.travel(now + timedelta(seconds=299), tick=False):
        assert post(payload, signed(payload, now)).status_code == 200
