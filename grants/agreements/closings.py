"""The closing letter of a grant that ends before its time: what the partner keeps, sends and returns, and by when."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from grants.agreements.documents import base, consent, granted_words, grouped, seal_line, signed_at_text
from grants.agreements.lettering import finished, set_apart
from grants.agreements.models import Agreement, Signature
from grants.wordings.filling import say_date
from vetting_portal.money import format_amount

CONSENT_VERSION = "closing-1"


def consent_to(agreement: Agreement, side: str) -> tuple[str, str]:
    """Return version and text of what somebody agrees to who signs this document on ``side``: the consent of its
    agreement text, or for a closing letter the sentence that confirms the end.
    """
    if agreement.kind != Agreement.Kind.CLOSING:
        return consent(agreement.terms.content, side)
    funder, number = agreement.terms.content["funder"]["name"], agreement.number
    text = (
        f"I have read the closing letter and what happens then. For {funder} I confirm that grant {number} ends. "
        "My passkey or code, given here, is my signature under the file with this SHA-256."
    )
    return CONSENT_VERSION, text


def _long_day(text: str) -> str:
    """Return a day with its name: ``Sunday 31 January 2027``."""
    day = date.fromisoformat(text)
    return f"{day:%A} {say_date(day)}"


def _amounts(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the letter's sums as label and text, which add up to what was granted so far."""
    money, currency = said["money"], said["currency"]
    labels = [
        ("earned_minor", "You keep: spent, with evidence"),
        ("at_risk_minor", "Spent, evidence not accepted yet"),
        ("to_return_minor", "Paid, not shown as spent"),
        ("unpaid_minor", "Not paid"),
    ]
    return [(label, format_amount(money[name], currency)) for name, label in labels]


def _signed(signature: Signature | None) -> list[tuple[str, str]]:
    if signature is None:
        return []
    return [
        ("Confirmed by", set_apart(signature.name)),
        ("As", ", ".join(set_apart(part) for part in (signature.title, signature.organisation_name) if part)),
        ("When", signed_at_text(signature)),
        ("How", f"{signature.get_method_display()}, confirmed for this file"),
        ("Record", signature.number),
    ]


def letter_html(
    said: Mapping[str, Any],
    terms: Mapping[str, Any],
    digest: str,
    *,
    signature: Signature | None = None,
    signed_sha256: str = "",
    sealed_at: datetime | None = None,
) -> str:
    """Return the HTML of a closing letter that says ``said``, under ``terms``: with an open place for the director who
    confirms it, or filled with ``signature`` once it is sealed.
    """
    content, told = set_apart(dict(terms)), set_apart(dict(said))
    asked = datetime.fromisoformat(said["asked_at"])
    money, currency = said["money"], said["currency"]
    context = {
        **base(
            content,
            made_at=sealed_at or asked,
            made_line=f"Written {say_date(asked.astimezone(ZoneInfo(content['funder']['time_zone'])))}",
            hash_label="letter",
            digest=digest,
        ),
        "title": "Closing letter",
        "short_title": "Closing letter",
        "said": told,
        "ends_on": _long_day(said["ends_on"]),
        "return_by": _long_day(said["return_by"]) if said["return_by"] else "",
        "amounts": _amounts(said),
        "granted": format_amount(money["granted_minor"], currency),
        "granted_words": granted_words(content),
        "keeps": format_amount(money["earned_minor"], currency) if money["earned_minor"] else "",
        "at_risk": format_amount(money["at_risk_minor"], currency) if money["at_risk_minor"] else "",
        "to_return": format_amount(money["to_return_minor"], currency) if money["to_return_minor"] else "",
        "unpaid": format_amount(money["unpaid_minor"], currency),
        "overpaid": format_amount(-money["unpaid_minor"], currency) if money["unpaid_minor"] < 0 else "",
        "paid": format_amount(money["paid_minor"], currency) if money["paid_minor"] else "",
        "ends": told["ends"],
        "agreement_hash": grouped(said["agreement_sealed_sha256"]) if said["agreement_sealed_sha256"] else "",
        "signed": _signed(signature),
        "signed_hash": grouped(signed_sha256) if signature else "",
        "seal_line": seal_line(content, sealed_at),
    }
    return finished(render_to_string("grants/agreements/pdf/closing.html", context))


def closing_html(letter: Agreement, *, sealed_at: datetime) -> str:
    """Return the HTML of a sealed closing letter, from what it said when a director confirmed it."""
    return letter_html(
        letter.content or {},
        letter.terms.content,
        letter.content_sha256,
        signature=letter.signatures.of_directors().order_by("ordinal").first(),
        signed_sha256=letter.signed_sha256,
        sealed_at=sealed_at,
    )
