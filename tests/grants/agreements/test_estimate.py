"""One payment estimate: the brief as page, PDF and data, Schedule C and the estimate of a draft show the same sums."""

import re
import subprocess
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.briefing.paper import brief_pdf
from grants.agreements.documents import agreement_html
from grants.agreements.estimate import estimate, fee_words, gap_words, gifts_words, illustration, worked_sums
from grants.agreements.models import Grant
from grants.agreements.outlook import answer
from grants.agreements.terms import money_terms, terms_hash
from grants.matching.outlook import fees
from tests.factories import grants
from tests.grants.agreements.paper.sheets import content_of
from tests.grants.payments.test_pages import signed_in
from vetting_portal.money import figures, format_amount

# Goal and cap, card fees added at most; gifts of 100.00 at 2.9% + 0.30. Reckoned by hand, gift by gift.
BY_HAND = [
    (2_250_000, 1_125_000, None, "22,139.85", "360.15 less", "112 gifts of 100.00 and one of 50.00"),
    (3_000_000, 1_500_000, None, "29,520.00", "480.00 less", "150 gifts of 100.00"),
    (3_000_000, 1_500_000, 30_000, "29,820.00", "180.00 less", "150 gifts of 100.00"),
]


@st.composite
def moneys(draw: Any) -> dict[str, Any]:
    """Terms of a match of any kind, with gifts of any sum."""
    goal = draw(st.integers(1, 5_000_000))
    cap = draw(st.integers(1, goal))
    top_up = draw(st.none() | st.integers(1, 100_000))
    return {
        "currency": "USD",
        "goal_minor": goal,
        "cap_minor": cap,
        "gifts_minor": goal - cap,
        "ratio": [draw(st.integers(1, 5)), draw(st.integers(1, 5))],
        "basis": draw(st.sampled_from(["gross", "net"])),
        "donor_cap_minor": draw(st.none() | st.integers(1, 20_000)),
        "gift_cap_minor": draw(st.none() | st.integers(1, 20_000)),
        "illustration": {
            "gift_minor": draw(st.integers(50, 50_000)),
            "fee_per_mille": draw(st.integers(0, 100)),
            "fee_fixed_minor": draw(st.integers(0, 50)),
        },
        **({"fee_top_up_minor": top_up} if top_up else {}),
    }


def one_by_one(money: dict[str, Any]) -> tuple[int, int, int]:
    """Return fees, match and payable of the gifts up to the goal, each gift reckoned for itself."""
    shown, (p, q) = money["illustration"], money["ratio"]
    left, kept, matched = money["gifts_minor"], 0, 0
    while left:
        gift = min(shown["gift_minor"], left)
        fee = (gift * shown["fee_per_mille"] + 500) // 1000 + shown["fee_fixed_minor"]
        earns = max(0, gift - (fee if money["basis"] == "net" else 0)) * p // q
        limits = [limit for name in ("donor_cap_minor", "gift_cap_minor") if (limit := money[name]) is not None]
        left, kept, matched = left - gift, kept + fee, matched + min([earns, *limits])
    matched = min(matched, money["cap_minor"])
    added = min(money.get("fee_top_up_minor", 0), kept)
    return kept, matched, money["gifts_minor"] - kept + matched + added


@given(moneys())
def test_schedule_c_has_the_sums_of_gifts_reckoned_one_by_one(money: dict[str, Any]) -> None:
    sums = estimate(money)
    fees_kept, matched, payable = one_by_one(money)
    assert (sums.fees, sums.matched, sums.payable, sums.gap) == (
        fees_kept, matched, payable, money["goal_minor"] - payable,
    )  # fmt: skip
    rows = worked_sums(money)
    assert len(rows) >= 2
    if money["gifts_minor"]:
        (row,) = [row for row in rows if row["gross"] == format_amount(money["gifts_minor"], "USD")]
        assert (row["fees"], row["matched"], row["paid"]) == tuple(
            figures(minor, "USD") for minor in (fees_kept, matched, payable)
        )
        assert row["gifts"] == gifts_words(money, money["gifts_minor"])


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "THB", "KES", "BHD"])
def test_the_illustration_is_what_leads_the_estimate_of_a_draft(currency: str) -> None:
    shown = illustration(currency)
    card = next(one.model for one in fees({"JPY": 1, "BHD": 1000}.get(currency, 100)) if one.key == "card")
    assert (shown["fee_per_mille"] * 10, shown["fee_fixed_minor"]) == (card.per_10000, card.fixed_minor)


def test_words_of_gifts_fees_and_gaps() -> None:
    money = {"currency": "USD", "illustration": {"gift_minor": 10_000, "fee_per_mille": 29, "fee_fixed_minor": 30}}
    told = [gifts_words(money, gifts) for gifts in (0, 5_000, 10_000, 15_000, 20_000)]
    assert told == [
        "0 gifts of 100.00", "1 gift of 50.00", "1 gift of 100.00", "1 gift of 100.00 and one of 50.00",
        "2 gifts of 100.00",
    ]  # fmt: skip
    assert fee_words(money) == "2.9% + 0.30"
    assert [gap_words(gap, "USD") for gap in (1, 0, -1)] == [
        "USD 0.01 less than the goal", "the goal to the cent", "USD 0.01 more than the goal",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("goal", "cap", "top_up", "payable", "gap", "which"), BY_HAND)
def test_every_page_and_document_shows_the_same_estimate(tmp_path, goal, cap, top_up, payable, gap, which) -> None:
    given_terms = {"goal_minor": goal, "cap_minor": cap, "fee_top_up_minor": top_up}
    content = content_of(**given_terms)
    grant = Grant.objects.get(number=content["number"])
    assert content["money"] == money_terms(grant)

    shown = agreement_html(content, terms_hash(content))
    row = re.search(rf"<tr><td>USD [0-9,.]+ \({which}\)</td>(.*?)</tr>", shown)
    assert row is not None
    assert row.group(1).endswith(f">{payable}</td>")

    brief = brief_content(read_for_brief(grants.fresh(grant)))
    told = brief["money"]["gap"]
    assert (figures(told["payable_minor"], "USD"), told["words"], told["gifts"]) == (
        payable, f"USD {gap} than the goal", which,
    )  # fmt: skip
    path = tmp_path / "brief.pdf"
    path.write_bytes(brief_pdf(brief, funder="One Fund", example=False).content)
    printed = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    words = " ".join(printed.split())
    assert f"Payment estimate: USD {payable}, USD {gap} than the goal." in words

    client = signed_in(grants.officer_of(grant))
    outlook = client.get(reverse("grants:outlook", args=[grant.number]))
    assert f"With typical gifts USD {payable} would be payable, USD {gap} than the goal." in outlook.content.decode()
    figure = outlook.context["answer"].typical.sums
    assert (figure.payable, figure.gap, figure.fees) == (told["payable_minor"], told["gap_minor"], told["fees_minor"])


@pytest.mark.django_db
@given(st.integers(1, 400), st.integers(1, 99), st.integers(1, 4), st.integers(1, 4), st.sampled_from(["gross", "net"]))
def test_the_estimate_of_a_draft_and_its_schedule_never_differ(hundreds, share, p, q, basis) -> None:
    """Pure after the draft is made in memory: nothing is saved."""
    grant = Grant(currency="USD", donor_cap_minor=None, gift_cap_minor=None)
    goal = hundreds * 7_531
    cap = max(1, goal * share // 100)
    tried = {
        "goal": goal, "cap": cap, "gifts": goal - cap, "top_up": 0, "ratio_p": p, "ratio_q": q, "basis": basis,
        "fee": "card", "fee_percent": 0, "fee_fixed": 0,
    }  # fmt: skip
    money = {
        "currency": "USD", "goal_minor": goal, "cap_minor": cap, "gifts_minor": goal - cap, "ratio": [p, q],
        "basis": basis, "donor_cap_minor": None, "gift_cap_minor": None, "illustration": illustration("USD"),
    }  # fmt: skip
    assert answer(grant, tried).typical.sums == estimate(money)
