"""The completion letter of a grant: what was paid, that every report was accepted, and what the partner still keeps."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from grants.agreements.documents import base, granted_words, grouped, seal_line
from grants.agreements.lettering import finished, set_apart
from grants.agreements.models import Agreement
from grants.wordings.filling import say_date
from vetting_portal.money import figures, format_amount


def completion_html(letter: Agreement, *, sealed_at: datetime) -> str:
    """Return the HTML of a completion letter, from what it said when somebody completed the grant."""
    said: dict[str, Any] = letter.content or {}
    terms, money, currency = set_apart(letter.terms.content), said["money"], said["currency"]
    completed = datetime.fromisoformat(said["completed_at"]).astimezone(ZoneInfo(terms["funder"]["time_zone"]))
    statement = said["statement_sealed_sha256"]
    context = {
        **base(
            terms,
            made_at=sealed_at,
            made_line=f"Completed {say_date(completed)}",
            hash_label="letter",
            digest=letter.content_sha256,
        ),
        "title": "Completion letter",
        "short_title": "Completion letter",
        "said": set_apart(said),
        "completed_on": say_date(completed),
        "amounts": {name.removesuffix("_minor"): format_amount(value, currency) for name, value in money.items()},
        "granted_words": granted_words(terms),
        "paid": figures(money["paid_minor"], currency),
        "is_all_paid": money["unpaid_minor"] <= 0,
        "payments": [
            (one["number"], say_date(date.fromisoformat(one["paid_on"])), figures(one["amount_minor"], currency))
            for one in said["payments"]
        ],
        "reports": [
            (title["title"], say_date(date.fromisoformat(one["accepted_on"])))
            for title, one in zip(set_apart(said)["reports"], said["reports"], strict=True)
        ],
        "agreement_hash": grouped(said["agreement_sealed_sha256"]),
        "statement_hash": grouped(statement) if statement else "",
        "seal_line": seal_line(terms, sealed_at),
    }
    return finished(render_to_string("grants/agreements/pdf/completion.html", context))
