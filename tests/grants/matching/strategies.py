"""Campaigns and events as hypothesis draws them: small sums, few donors, keys that come again, other orders."""

from typing import Any

from hypothesis import strategies as st

KEYS = [f"g{number}" for number in range(6)]
IDS = ["r1", "r2", "r3"]
CLOSE = "2026-12-31T23:59:59+00:00"

START, LAST = "2026-09-01T00:00:00+00:00", "2026-12-31T23:59:59+00:00"
WINDOW = {"start": START, "end": "2027-01-01T00:00:00+00:00"}
# When the gifts of some keys came: at both edges of the window, and outside of it by a second and by a zone.
TIMES = {"g0": START, "g1": "2026-09-01T00:00:00+07:00", "g2": WINDOW["end"], "g3": LAST}

small = st.integers(min_value=1, max_value=60)

campaigns: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "cap": st.integers(min_value=1, max_value=150),
        "ratio": st.sampled_from([[1, 1], [1, 2], [2, 1], [3, 7]]),
        "basis": st.sampled_from(["gross", "net"]),
        "refund_policy": st.sampled_from(["backfill", "forward"]),
    },
    optional={"donor_cap": small, "gift_cap": small},
)
timed_campaigns = st.tuples(campaigns, st.booleans()).map(lambda drawn: {**drawn[0], **(WINDOW if drawn[1] else {})})
gifts = st.fixed_dictionaries(
    {"gift": st.sampled_from(KEYS), "gross": st.integers(min_value=-1, max_value=100)},
    optional={
        "donor": st.sampled_from(["d", "e"]),
        "fee": st.integers(min_value=0, max_value=12),
        "ineligible": st.just("a pledge"),
    },
)
timed_gifts = gifts.map(lambda gift: {**gift, "at": TIMES[gift["gift"]]} if gift["gift"] in TIMES else gift)
refunds = st.one_of(
    st.fixed_dictionaries({"refund": st.sampled_from(KEYS)}, optional={"id": st.sampled_from(IDS)}),
    st.fixed_dictionaries(
        {"refund": st.sampled_from(KEYS), "amount": st.integers(-1, 60)}, optional={"id": st.sampled_from(IDS)}
    ),
    st.fixed_dictionaries(
        {"refund": st.sampled_from(KEYS), "total": st.integers(-1, 120)}, optional={"id": st.sampled_from(IDS)}
    ),
)
disputes = st.fixed_dictionaries(
    {
        "dispute": st.sampled_from(KEYS),
        "id": st.sampled_from(["p1", "p2"]),
        "status": st.sampled_from(["open", "won", "lost"]),
    }
)
corrections = st.fixed_dictionaries({"eligibility": st.sampled_from(KEYS)}, optional={"ineligible": st.just("goods")})
fees = st.fixed_dictionaries({"fee_of": st.sampled_from(KEYS), "fee": st.integers(1, 12)})
caps = st.fixed_dictionaries({"cap": st.integers(min_value=1, max_value=250)})
closes = st.just({"close": CLOSE})
event_lists = st.lists(st.one_of(gifts, gifts, gifts, refunds, disputes, corrections, fees, caps, closes), max_size=25)
