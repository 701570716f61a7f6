"""Frozen data to HTML: the agreement before and after its signatures, and the statement of match."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from grants.agreements.estimate import worked_sums
from grants.agreements.lettering import finished, set_apart
from grants.agreements.models import Agreement, Signature
from grants.agreements.models.signing import signature_prefix
from grants.agreements.values import (
    country_name,
    directors_words,
    funder_place,
    say_day,
    texts_used,
    values_of,
    wording_of,
    zone_place,
)
from grants.wordings.filling import Wording, say_date, share_text
from reviews.panels.conditions import read_all
from vetting_portal.money import figures, format_amount

DASH = "–"
MINUS = "−"


def grouped(sha256: str) -> str:
    """Return a hash as eight groups of eight."""
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))


def qr_code(address: str) -> SafeString:
    """Return an address as an inline SVG."""
    code = segno.make(address, error="m")
    return mark_safe(code.svg_inline(scale=4, border=0, dark="#1B2325", omitsize=True))  # noqa: S308 made here


def consent(content: dict[str, Any], side: str) -> tuple[str, str]:
    """Return version and text of the consent that somebody on ``side`` gives; of an amendment it says which."""
    wording = wording_of(content)
    version, text = wording.consent(side, values_of(content, wording))
    if amendment := content.get("amendment"):
        text = f"Amendment {amendment['number']} to the agreement {content['number']}: {text}"
    return version, text


def address_lines(address: str, country: str) -> tuple[str, str]:
    """Return an address on one line, as it was typed, and with its country: once, where it was typed too."""
    line = ", ".join(part.strip(" ,") for part in address.splitlines() if part.strip())
    *street_and_city, last = line.split(",")
    is_country = last.strip(" .0123456789").casefold() == country.casefold()  # a postcode may stand beside it
    has_country = is_country and len(street_and_city) > 1  # else it is a city of the same name
    return line, line if has_country else ", ".join(part for part in (line, country) if part)


def base(content: dict[str, Any], *, made_at: datetime, made_line: str, hash_label: str, digest: str) -> dict[str, Any]:
    """Return what every document of a grant says: its parties, when it was made, its hash, how it is verified."""
    funder, partner = dict(content["funder"]), dict(content["partner"])
    funder["country_name"], partner["country_name"] = country_name(funder["country"]), country_name(partner["country"])
    funder["place"] = funder_place(funder)
    for party in (funder, partner):
        party["address_line"], party["post_address"] = address_lines(party["address"], party["country_name"])
    address = content["verification"]["address"]
    return {
        "language": "en",
        "number": content["number"],
        "version": content["version"],
        "example": content["example"],
        "funder": funder,
        "partner": partner,
        "hash": digest,
        "hash_label": hash_label,
        "made_line": made_line,
        "made_at": made_at.astimezone(UTC).replace(microsecond=0).isoformat(),
        "qr": qr_code(f"{address}{digest}/" if " " not in digest else address),
        "verify_address": address,
    }


def match_rule(content: dict[str, Any], wording: Wording, values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return Schedule C's rule as label and text."""
    used = texts_used(content)
    rule = [
        ("Cap", wording.text("c_cap", values)),
        ("Ratio", " : ".join(str(part) for part in content["money"]["ratio"])),
        ("Window", wording.text("c_window", values)),
        ("Basis", values["basis"].capitalize()),
        ("Order", wording.text("c_order", values)),
        ("Not matched", wording.text("c_not_matched", values)),
    ]
    rule += [
        (label, wording.text(key, values))
        for label, key in (("Cap a donor", "c_donor_cap"), ("Cap a gift", "c_gift_cap"))
        if key in used
    ]
    rule += [("Card fees", top_up_text(content))] if "fee_top_up_minor" in content["money"] else []
    return [*rule, ("Refunds", values["refund_rule"]), ("Committed from", wording.text("c_reserved", values))]


def granted_words(content: dict[str, Any]) -> str:
    """Return what makes up the sum that a letter calls granted."""
    if "fee_top_up_minor" in content["money"]:
        return "gifts after card fees and refunds, their match, and what is added for card fees"
    return "gifts after card fees and refunds, and their match"


def top_up_text(content: dict[str, Any]) -> str:
    """Return what the funder adds for card fees, in a sentence."""
    money = content["money"]
    most = format_amount(money["fee_top_up_minor"], money["currency"])
    return f"The Funder adds up to {most} for card fees, at most those paid."


def _schedules(content: dict[str, Any], wording: Wording, values: dict[str, Any]) -> dict[str, Any]:
    money = content["money"]
    currency = money["currency"]
    return {
        "project": {**content["project"], "place": country_name(content["project"]["country"])},
        "budget": [
            {"line": line["line"], "figure": figures(line["amount_minor"], currency)} for line in content["budget"]
        ],
        "money": {
            "currency": currency,
            "goal_figure": figures(money["goal_minor"], currency),
            "has_top_up": "fee_top_up_minor" in money,
            "window": {"place": zone_place(money["window"]["time_zone"])},
        },
        "match_rule": match_rule(content, wording, values),
        "worked": worked_sums(money),
        "tranches": [
            {**tranche, "share": share_text(tranche["share_bp"]), "due": say_day(tranche["due_on"])}
            for tranche in content["tranches"]
        ],
        "reports": [{**report, "due": say_day(report["due_on"])} for report in content["reports"]],
        "conditions": read_all(content["conditions"]),
        "has_binding": any(one.blocks for one in read_all(content["conditions"])),
    }


def to_the_second(at: datetime, time_zone: str) -> str:
    """Return an instant by a zone's clock, with its offset: ``1 May 2026, 14:02:11 −07:00``."""
    at = at.astimezone(ZoneInfo(time_zone))
    return f"{say_date(at)}, {at:%H:%M:%S} {at:%:z}".replace("-", MINUS)


def signed_at_text(signature: Signature) -> str:
    """Return when somebody signed, to the second, with the offset of their zone."""
    return to_the_second(signature.signed_at, signature.time_zone)


def _signer_boxes(content: dict[str, Any], signatures: Sequence[Signature]) -> list[list[dict[str, Any]]]:
    boxes: list[dict[str, Any]] = [
        {
            "kind": "signed",
            "name": set_apart(signature.name),
            "facts": [
                ("For", set_apart(signature.organisation_name)),
                ("As", ", ".join(set_apart(part) for part in (signature.title, signature.authority) if part)),
                ("When", signed_at_text(signature)),
                ("How", f"{signature.get_method_display()}, confirmed for this file"),
                ("Record", signature.number),
            ],
        }
        for signature in signatures
    ]
    if not boxes:
        numbered = signature_prefix(content)
        needed, authority = content["directors"]["needed"], content["directors"]["authority"]
        for place in range(1, needed + 1):
            role = ", ".join(part for part in ("Director", authority) if part)
            boxes.append(
                {
                    "kind": "open",
                    "name": f"Director {place} of {needed}",
                    "facts": [
                        ("For", content["funder"]["name"]),
                        ("As", role),
                        ("When", "–"),
                        ("How", "Passkey or code, confirmed for this file"),
                        ("Record", f"{numbered}{place}"),
                    ],
                }
            )
        signatory = content["partner"]["signatory"]
        role = ", ".join(part for part in (signatory["title"], signatory["authority"]) if part)
        boxes.append(
            {
                "kind": "open",
                "name": signatory["name"],
                "facts": [
                    ("For", content["partner"]["legal_name"]),
                    ("As", role),
                    ("When", "–"),
                    ("How", "Passkey or code, confirmed for this file"),
                    ("Record", f"{numbered}{needed + 1}"),
                ],
            }
        )
    boxes.append({"kind": "rules"})
    return [boxes[start : start + 2] for start in range(0, len(boxes), 2)]


def seal_line(content: dict[str, Any], sealed_at: datetime | None) -> str:
    """Return who sealed a document and when; before it is sealed, that it will be."""
    if sealed_at is None:
        return "The file is sealed after the last signature. Any change to the sealed file breaks the seal."
    when = to_the_second(sealed_at, content["funder"]["time_zone"])
    return f"Sealed by {content['funder']['name']} on {when}. Any change to the file breaks the seal."


def agreement_html(
    content: dict[str, Any],
    digest: str,
    *,
    signatures: Sequence[Signature] = (),
    signed_sha256: str = "",
    sealed_at: datetime | None = None,
    preview: Wording | None = None,
) -> str:
    """Return the agreement's HTML: with an open signature page, or filled with ``signatures`` when it is sealed.

    ``preview`` is a wording to look at in place of the one that the terms name; then every page is marked.

    Raises WordingError when a placeholder of the wording has no value.
    """
    content = set_apart(content)
    frozen_at = datetime.fromisoformat(content["frozen_at"])
    local = frozen_at.astimezone(ZoneInfo(content["funder"]["time_zone"]))
    wording = preview or wording_of(content)
    values = values_of(content, wording)
    context = {
        **base(
            content,
            made_at=sealed_at or frozen_at,
            made_line="Preview, not an agreement" if preview else f"Terms finalised {say_date(local)}",
            hash_label="terms",
            digest=digest,
        ),
        "title": "Grant agreement",
        "short_title": "Preview, no agreement" if preview else "Agreement",
        "highlights": wording.highlights(values),
        "directors_words": directors_words(content["directors"]["needed"]),
        "sections": wording.sections(values),
        "certifications": wording.certifications(values),
        "texts": {key: wording.text(key, values) for key in texts_used(content)},
        **_schedules(content, wording, values),
        "preview": preview is not None,
        "sealed": sealed_at is not None,
        "signed_hash": grouped(signed_sha256),
        "signers": _signer_boxes(content, signatures),
        "seal_line": seal_line(content, sealed_at),
    }
    return finished(render_to_string("grants/agreements/pdf/agreement.html", context))


def amendment_html(
    content: dict[str, Any],
    digest: str,
    *,
    signatures: Sequence[Signature] = (),
    signed_sha256: str = "",
    sealed_at: datetime | None = None,
) -> str:
    """Return the HTML of an amendment: which agreement it amends, what changes from what to what, and that all else
    stands; its signature page is open, or filled with ``signatures`` when it is sealed.
    """
    content = set_apart(content)
    frozen_at = datetime.fromisoformat(content["frozen_at"])
    local = frozen_at.astimezone(ZoneInfo(content["funder"]["time_zone"]))
    amendment = content["amendment"]
    bound = [("The agreement", amendment["amends"])]
    if before := amendment["previous"]:
        bound.append((f"Amendment {before['number']}", before))
    context = {
        **base(
            content,
            made_at=sealed_at or frozen_at,
            made_line=f"Terms finalised {say_date(local)}",
            hash_label="terms",
            digest=digest,
        ),
        "title": f"Amendment {amendment['number']}",
        "short_title": f"Amendment {amendment['number']}",
        "amendment": amendment,
        "in_force_on": say_day(amendment["amends"]["in_force_on"]),
        "bound": [(name, grouped(one["sealed_sha256"]), grouped(one["terms_sha256"])) for name, one in bound],
        "directors_words": directors_words(content["directors"]["needed"]),
        "sealed": sealed_at is not None,
        "signed_hash": grouped(signed_sha256),
        "signers": _signer_boxes(content, signatures),
        "seal_line": seal_line(content, sealed_at),
    }
    return finished(render_to_string("grants/agreements/pdf/amendment.html", context))


def signed_html(kind: str, content: dict[str, Any], digest: str, **filled: Any) -> str:
    """Return the HTML of what people sign: an agreement or an amendment, its signature page as ``filled`` says."""
    make = amendment_html if kind == Agreement.Kind.AMENDMENT else agreement_html
    return make(content, digest, **filled)
