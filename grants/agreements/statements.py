"""The statement of match as a document: Schedule C with its final figures, what it rests on, the rule."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from grants.agreements.documents import DASH, base, grouped, match_rule, seal_line
from grants.agreements.lettering import finished, set_apart
from grants.agreements.models import Agreement
from grants.agreements.values import country_name, funder_place, values_of, window_of, wording_of, zone_place
from grants.wordings.filling import say_date
from vetting_portal.money import figures, format_amount


def _closing_figures(sums: dict[str, int], currency: str) -> list[tuple[str, str]]:
    """Return Schedule C's figures at closing as label and text; nothing of card fees where nobody voted it."""
    numbers = f"{sums['first_seq']} to {sums['last_seq']}" if sums["gifts"] else DASH
    labels = {
        "gross_minor": "Gross",
        "fees_minor": "Fees",
        "refunded_minor": "Refunds",
        "net_minor": "Net, gross less fees and refunds",
        "matched_minor": "Matched",
        "unmatched_minor": "Unmatched, of the cap",
        "fee_top_up_minor": "Added for card fees",
    }
    told = [(label, format_amount(sums[name], currency)) for name, label in labels.items() if name in sums]
    return [("Ledger, first to last number", numbers), ("Number of gifts", str(sums["gifts"])), *told]


def _borne(sums: dict[str, int], money: dict[str, Any]) -> str:
    """Say who bears what is below zero: card fees of gifts that were refunded. Nothing is payable then (R11)."""
    if sums["payable_minor"] >= 0:
        return ""
    lost = format_amount(-sums["payable_minor"], money["currency"])
    return f" Card fees of {lost} were not returned with the gifts that were refunded: the Funder bears them."


def _clock(at: datetime) -> str:
    """Return ``1 September 2026, 00:00`` by the instant's own zone."""
    return f"{say_date(at)}, {at:%H:%M}"


def _statement_highlights(terms: dict[str, Any], sums: dict[str, int], closed: datetime) -> list[tuple[str, str]]:
    """Return what a statement says in plain words, each with its label."""
    money, (opens, closes) = terms["money"], window_of(terms["money"])
    cap, matched, payable = (
        format_amount(minor, money["currency"])
        for minor in (money["cap_minor"], sums["matched_minor"], max(0, sums["payable_minor"]))
    )
    added = ", and what the funder adds for card fees" if "fee_top_up_minor" in sums else ""
    place = zone_place(money["window"]["time_zone"])
    until = f"{_clock(closed)} ({place})"
    return [
        ("Grant", f"{terms['number']}, {terms['project']['title']}"),
        ("From", f"{terms['funder']['name']} (the Funder), {funder_place(terms['funder'])}"),
        ("To", f"{terms['partner']['legal_name']} (the Partner), {country_name(terms['partner']['country'])}"),
        ("Match window", f"From {_clock(opens)}, up to but not including {_clock(closes)} ({place})."),
        ("Counted", f"All gifts that the ledger of the campaign recorded until it closed on {until}."),
        ("Matched", f"{matched} of at most {cap}."),
        ("Payable", f"{payable}: gifts less refunds and card fees, and the match{added}.{_borne(sums, money)}"),
    ]


def _lines_of(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return the number and the root of a statement's lines; None for one from before statements had lines."""
    lines = content.get("lines")
    return {**lines, "hash": grouped(lines["root"])} if lines else None


def _budget_at_closing(content: dict[str, Any], currency: str) -> dict[str, Any]:
    """Return Schedule B as the statement tells it; older statements tell nothing of it."""
    rows = content.get("budget", ())
    return {
        "budget": [
            (row["line"], figures(row["agreed_minor"], currency), figures(row["scaled_minor"], currency))
            for row in rows
        ],
        "budget_total": [
            figures(sum(row[name] for row in rows), currency) for name in ("agreed_minor", "scaled_minor")
        ],
        "excess": format_amount(content["excess_minor"], currency) if content.get("excess_minor") else "",
    }


def statement_html(statement: Agreement, *, sealed_at: datetime) -> str:
    """Return the HTML of a statement of match from its frozen figures."""
    content: dict[str, Any] = statement.content or {}
    terms = set_apart(statement.terms.content)
    sums, currency, wording = content["figures"], terms["money"]["currency"], wording_of(statement.terms.content)
    closed = datetime.fromisoformat(content["closed_at"]).astimezone(ZoneInfo(terms["money"]["window"]["time_zone"]))

    context = {
        **base(
            terms,
            made_at=sealed_at,
            made_line=f"Campaign closed {say_date(closed)}",
            hash_label="figures",
            digest=statement.content_sha256,
        ),
        "title": "Statement of match",
        "short_title": "Statement",
        "highlights": _statement_highlights(terms, sums, closed),
        "figures": _closing_figures(sums, currency),
        "payable": format_amount(max(0, sums["payable_minor"]), currency),
        **_budget_at_closing(content, currency),
        "lines": _lines_of(content),
        "match_rule": match_rule(terms, wording, values_of(terms, wording)),
        "agreement_hash": grouped(content["agreement_sealed_sha256"]),
        "amendments": [{**one, "hash": grouped(one["sealed_sha256"])} for one in content.get("amendments", ())],
        "terms_hash": grouped(statement.terms.sha256),
        "seal_line": seal_line(terms, sealed_at),
    }
    return finished(render_to_string("grants/agreements/pdf/statement.html", context))
