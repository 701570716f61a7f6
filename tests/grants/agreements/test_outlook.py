"""The page that says what a draft would pay: its own terms, tried ones, and figures that cannot be read."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from grants.agreements.models import Grant
from tests.factories import grants
from tests.grants.payments.test_pages import signed_in
from vetting_portal.models import AuditEntry

pytestmark = pytest.mark.django_db


def page(client: Client, grant: Grant, **tried: Any) -> Any:
    return client.get(reverse("grants:outlook", args=[grant.number]), tried)


def given(**changes: Any) -> dict[str, Any]:
    terms = {
        "goal": "30,000", "cap": "15,000", "gifts": "", "top_up": "", "ratio_p": 1, "ratio_q": 1, "basis": "gross",
        "fee": "card", "fee_percent": "", "fee_fixed": "",
    }  # fmt: skip
    return {**terms, **changes}


def test_the_draft_leads_to_its_outlook_with_the_gap_in_words(draft: Grant) -> None:
    client = signed_in(grants.officer_of(draft))

    assert reverse("grants:outlook", args=[draft.number]) in client.get(draft.get_absolute_url()).content.decode()
    text = page(client, draft).content.decode()

    for words in (
        "The gap:",
        "29,520.00",
        "With typical gifts USD 29,520.00 would be payable, USD 480.00 less than the goal.",
        "With gift 150, at USD 15,000.00",
        "With gift 600, at USD 15,000.00",
        "1 May 2026",
    ):
        assert words in text
    assert "<script>" not in text


def test_other_figures_are_tried_and_nothing_is_saved(draft: Grant) -> None:
    client, before = signed_in(grants.officer_of(draft)), AuditEntry.objects.count()

    answer = page(client, draft, **given(goal="20,000", cap="10,000", basis="net", top_up="100")).context["answer"]
    text = page(client, draft, **given(fee="own", fee_percent="10", fee_fixed="1.00")).content.decode()
    assert '<details class="more" open>' in text
    own = page(client, draft, **given(fee="own", fee_percent="10", fee_fixed="1.00")).context["answer"]
    more = page(client, draft, **given(gifts="18,000", fee="none")).context["answer"]

    net = answer.typical.sums
    assert (answer.goal, net.gross, net.fees, net.matched, net.top_up) == (
        2_000_000,
        1_000_000,
        32_000,
        968_000,
        10_000,
    )
    assert answer.told[1]["reached"] == "not reached: USD 320.00 is left"
    assert own.typical.sums.fees == 150 * 1_100
    assert more.told[1]["gap"] == "USD 3,000.00 more than the goal"
    draft.refresh_from_db(fields=["goal_minor"])
    assert (draft.goal_minor, AuditEntry.objects.count()) == (3_000_000, before)


def test_the_goal_to_the_cent_says_so(draft: Grant) -> None:
    text = page(signed_in(grants.officer_of(draft)), draft, **given(top_up="480")).content.decode()

    assert "The goal to the cent" in text
    assert "Added for card fees" in text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"goal": "a lot"}, "Give an amount in USD, for example 25.50."),
        ({"goal": ""}, "This is needed."),
        ({"goal": "0"}, "The granting goal is more than zero."),
        ({"cap": "40,000"}, "The match cap is not more than the granting goal."),
        ({"gifts": "-5"}, "An amount cannot be negative."),
        ({"top_up": "1.001"}, "USD has 2 decimals, not 3"),
        ({"ratio_q": "0"}, "greater than or equal to 1"),
        ({"fee": "cash"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(draft: Grant, wrong: dict[str, str], words: str) -> None:
    response = page(signed_in(grants.officer_of(draft)), draft, **given(**wrong))
    text = response.content.decode()

    assert words in text
    assert "No answer yet" in text
    assert all(f'value="{value}"' in text for name, value in wrong.items() if value and name != "fee")
