"""What must be true of every amendment, and of the grant whose terms it changed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from grants.agreements.models import Agreement, Grant
from grants.amendments.models import Amendment


def grants_say_what_their_terms_say() -> Iterator[str]:
    """The columns of a grant that was frozen are those of the terms in force."""
    frozen = Grant.objects.exclude(terms=None).select_related("terms", "amended_terms")
    for grant in frozen.iterator():
        content = grant.terms_in_force.content if grant.terms_in_force else {}
        money = content["money"]
        told = (
            money["goal_minor"],
            money["cap_minor"],
            money.get("fee_top_up_minor"),
            datetime.fromisoformat(money["window"]["ends_at"]),
            date.fromisoformat(content["term"]["ends_on"]),
            [row["due_on"] for row in content["tranches"]],
            [row["due_on"] for row in content["reports"]],
        )
        stored = (
            grant.goal_minor,
            grant.cap_minor,
            grant.fee_top_up_minor,
            grant.window_ends_at,
            grant.term_ends_on,
            [row["due_on"] for row in grant.plan["tranches"]],
            [row["due_on"] for row in grant.plan["reports"]],
        )
        if told != stored:
            yield f"grant {grant.number} does not say what its terms in force say"


def amendments_stand_on_one_another() -> Iterator[str]:
    """Each amendment in force is sealed, amends what was in force before it, and the last one holds."""
    newest: dict[int, Amendment] = {}
    rows = Amendment.objects.filter(state=Amendment.State.IN_FORCE).select_related("grant__terms", "terms", "base")
    for one in rows.order_by("grant", "ordinal"):
        before = newest.get(one.grant_id)
        base = before.terms_id if before else one.grant.terms_id
        if one.base_id != base:
            yield f"{one} does not amend the terms that were in force before it"
        if not Agreement.objects.filter(terms=one.terms_id, kind="amendment", sealed_at__isnull=False).exists():
            yield f"{one} is in force without a seal"
        newest[one.grant_id] = one
    for one in newest.values():
        if one.grant.amended_terms_id != one.terms_id:
            yield f"grant {one.grant.number} does not hold the terms of its last amendment"


def open_amendments_hold_their_rise() -> Iterator[str]:
    """What an approved amendment adds to the cap is reserved for it; an ended or finished one holds nothing."""
    for one in Amendment.objects.exclude(reserve_account=None).select_related("base", "reserve_account", "grant"):
        held = one.reserve_account.balance_minor if one.reserve_account else 0
        expected = one.more_minor if one.state == Amendment.State.APPROVED else 0
        if held != expected:
            yield f"{one} holds {held} in the fund, not {expected}"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    grants_say_what_their_terms_say,
    amendments_stand_on_one_another,
    open_amendments_hold_their_rise,
]
