"""Frozen data to HTML: the agreement before and after its signatures, and the statement of match."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from babel import Locale
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from grants.agreements import wording
from grants.agreements.models import Agreement, Signature
from grants.agreements.wording import Money, Ratio, say_date, say_moment, share_text
from vetting_portal.money import figures, format_amount

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")
ENGLISH = Locale("en")
DASH = "–"


def country_name(code: str) -> str:
    """Return the English name of an ISO country code."""
    return str(ENGLISH.territories.get(code, code))


def number_word(number: int) -> str:
    """Return small numbers as words."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def grouped(sha256: str) -> str:
    """Return a hash as eight groups of eight."""
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))


def funder_place(funder: dict[str, Any]) -> str:
    """Return ``Seattle, United States``: where the funder has its seat."""
    return ", ".join(part for part in (funder["city"], country_name(funder["country"])) if part)


def _day(text: str) -> str:
    return say_date(date.fromisoformat(text))


def zone_place(time_zone: str) -> str:
    """Return ``Los Angeles time`` for ``America/Los_Angeles``."""
    return f"{time_zone.rsplit('/', 1)[-1].replace('_', ' ')} time"


def _window(money: dict[str, Any]) -> tuple[datetime, datetime]:
    zone = ZoneInfo(money["window"]["time_zone"])
    return tuple(datetime.fromisoformat(money["window"][edge]).astimezone(zone) for edge in ("starts_at", "ends_at"))  # type: ignore[return-value]


def qr_code(address: str) -> SafeString:
    """Return an address as an inline SVG."""
    code = segno.make(address, error="m")
    return mark_safe(code.svg_inline(scale=4, border=0, dark="#1B2325", omitsize=True))  # noqa: S308 made here


def _values(content: dict[str, Any]) -> dict[str, Any]:
    """Return the typed values of the wording's placeholders."""
    funder, partner, money, term = content["funder"], content["partner"], content["money"], content["term"]
    words = wording.load(content["wording"])
    start, end = _window(money)
    helps = "allowed" if content["project"]["helps_individuals"] else "not_allowed"
    return {
        "funder": funder["name"],
        "funder_tax_number": funder["tax_number"],
        "funder_seat": funder_place(funder),
        "partner": partner["legal_name"],
        "partner_country": country_name(partner["country"]),
        "goal": Money(money["goal_minor"], money["currency"]),
        "gifts": Money(money["gifts_minor"], money["currency"]),
        "cap": Money(money["cap_minor"], money["currency"]),
        "ratio": Ratio(*money["ratio"]),
        "window_start": start,
        "window_end": end,
        "basis": words["bases"][money["basis"]],
        "refund_rule": words["refund_rules"][money["refund_policy"]],
        "term_start": date.fromisoformat(term["starts_on"]),
        "term_end": date.fromisoformat(term["ends_on"]),
        "directors": content["directors"]["needed"],
        "officer": content["contact"]["officer"],
        "contact": content["contact"]["email"] or funder["name"],
        "individuals": words["individuals"][helps],
    }


def consent(content: dict[str, Any], side: str) -> tuple[str, str]:
    """Return version and text of the consent that somebody on ``side`` gives; of an amendment it says which."""
    version, text = wording.consent(content["wording"], side, _values(content))
    if amendment := content.get("amendment"):
        text = f"Amendment {amendment['number']} to the agreement {content['number']}: {text}"
    return version, text


def _base(
    content: dict[str, Any], *, made_at: datetime, made_line: str, hash_label: str, digest: str
) -> dict[str, Any]:
    funder, partner = dict(content["funder"]), dict(content["partner"])
    funder["country_name"], partner["country_name"] = country_name(funder["country"]), country_name(partner["country"])
    funder["place"] = funder_place(funder)
    for party in (funder, partner):
        party["address_line"] = ", ".join(line.strip(" ,") for line in party["address"].splitlines() if line.strip())
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
        "qr": qr_code(f"{address}{digest}/"),
        "verify_address": address,
    }


def match_rule(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return Schedule C's rule as label and text."""
    money, words = content["money"], wording.load(content["wording"])
    currency = money["currency"]
    start, end = _window(money)
    rule = [
        (
            "Cap",
            (
                f"{format_amount(money['cap_minor'], currency)}. It may be raised, never lowered, and never for gifts "
                "already matched."
            ),
        ),
        ("Ratio", " : ".join(str(part) for part in money["ratio"])),
        (
            "Window",
            (
                f"From {say_date(start)}, {start:%H:%M}, up to but not including {say_date(end)}, {end:%H:%M}, "
                f"{money['window']['time_zone']}"
            ),
        ),
        ("Basis", words["bases"][money["basis"]].capitalize()),
        ("Order", "In the order in which the ledger records them. A gift at the cap is matched in part."),
        ("Not matched", "Gifts of the Funder, its staff, or the Partner; pledges; goods"),
    ]
    rule += [
        (label, f"At most {format_amount(money[key], currency)} of match {each}")
        for label, key, each in (
            ("Cap a donor", "donor_cap_minor", "for one donor"),
            ("Cap a gift", "gift_cap_minor", "for one gift"),
        )
        if money[key] is not None
    ]
    fund = money["fund"]
    return [
        *rule,
        ("Refunds", words["refund_rules"][money["refund_policy"]]),
        (
            "Reserved in",
            f"{fund['name']}, reservation {fund['reservation']} of {format_amount(money['cap_minor'], currency)}",
        ),
    ]


def worked_sums(money: dict[str, Any]) -> list[dict[str, str]]:
    """Return Schedule C's examples: a third of the gifts hoped for, all of them, and a fifth more, in equal gifts."""
    shown, currency = money["illustration"], money["currency"]
    gift = shown["gift_minor"]
    fee = gift * shown["fee_per_mille"] // 1000 + shown["fee_fixed_minor"]
    basis = gift if money["basis"] == "gross" else gift - fee
    p, q = money["ratio"]
    each = min(basis * p // q, money["gift_cap_minor"] or basis * p // q)
    hoped = max(3, -(-money["gifts_minor"] // gift))
    rows = []
    for number in (hoped // 3, hoped, hoped * 6 // 5):
        gross, fees = number * gift, number * fee
        matched = min(number * each, money["cap_minor"])
        rows.append(
            {
                "gross": format_amount(gross, currency),
                "gifts": f"{number} gifts of {figures(gift, currency)}",
                "matched": figures(matched, currency),
                "seen": figures(gross + matched, currency),
                "fees": figures(fees, currency),
                "paid": figures(gross - fees + matched, currency),
            }
        )
    return rows


def _highlights(content: dict[str, Any]) -> list[tuple[str, str]]:
    money, currency = content["money"], content["money"]["currency"]
    start, end = _window(money)
    last = end - timedelta(microseconds=1)
    p, q = money["ratio"]
    rate = "One for one: each gift is doubled" if (p, q) == (1, 1) else f"{p} for every {q} given"
    before = "before card fees" if money["basis"] == "gross" else "after card fees"
    shares = ", ".join(share_text(tranche["share_bp"]) for tranche in content["tranches"])
    payments = number_word(len(content["tranches"]))
    reports = "; ".join(f"{report['title']} on {_day(report['due_on'])}" for report in content["reports"])
    contact = f"{content['contact']['officer']}, programme officer"
    if content["contact"]["email"]:
        contact += f", {content['contact']['email']}"
    who = f"{content['partner']['legal_name']}, {country_name(content['partner']['country'])}, receives."
    goal, gifts, cap = (format_amount(money[name], currency) for name in ("goal_minor", "gifts_minor", "cap_minor"))
    plural = "s" if len(content["tranches"]) > 1 else ""
    days = f"from {say_date(start)} to {say_date(last)} ({zone_place(money['window']['time_zone'])})"
    return [
        ("Who", f"{content['funder']['name']} gives. {who}"),
        ("What for", content["project"]["purpose"]),
        ("How much", f"Up to {goal}: gifts from the public, hoped to reach {gifts}, and a match of at most {cap}."),
        ("How it is matched", f"{rate}, {before}, {days}. The gifts decide; the match is not a fixed sum."),
        ("When it is paid", f"In {payments} payment{plural}: {shares}, each when its condition holds (Schedule D)."),
        ("What to report", f"{reports} (Schedule E)."),
        ("Never", "No lobbying, no elections, no passing the money on. No pictures that show who a survivor is."),
        ("Whom to call", f"{contact}. For harm or a concern: within 72 hours."),
    ]


def _schedules(content: dict[str, Any]) -> dict[str, Any]:
    money, bank, words = content["money"], content["bank"], wording.load(content["wording"])
    currency, shown = money["currency"], money["illustration"]
    helps = "allowed" if content["project"]["helps_individuals"] else "not_allowed"
    percent = f"{shown['fee_per_mille'] // 10}.{shown['fee_per_mille'] % 10}%"
    bank_sentence = (
        f"Payments go to the account at {bank['name']} that ends in {bank['last4']}, held in the Partner’s legal name."
        if bank["last4"]
        else "The Partner names its account before the first payment, by a letter of its bank in its legal name."
    )
    return {
        "project": {**content["project"], "place": country_name(content["project"]["country"])},
        "individuals_rule": words["individuals"][helps],
        "budget": [
            {"line": line["line"], "figure": figures(line["amount_minor"], currency)} for line in content["budget"]
        ],
        "money": {
            "currency": currency,
            "goal_figure": figures(money["goal_minor"], currency),
            "window": {"place": zone_place(money["window"]["time_zone"])},
        },
        "match_rule": match_rule(content),
        "worked": worked_sums(money),
        "fee_note": f"At {percent} + {format_amount(shown['fee_fixed_minor'], currency)} a gift, as an illustration.",
        "tranches": [
            {**tranche, "share": share_text(tranche["share_bp"]), "due": _day(tranche["due_on"])}
            for tranche in content["tranches"]
        ],
        "reports": [{**report, "due": _day(report["due_on"])} for report in content["reports"]],
        "conditions": content["conditions"],
        "bank_sentence": bank_sentence,
    }


def signed_at_text(signature: Signature) -> str:
    """Return when somebody signed, to the second, with the offset of their zone."""
    at = signature.signed_at.astimezone(ZoneInfo(signature.time_zone))
    return f"{say_date(at)}, {at:%H:%M:%S} {at:%:z}"


def _signer_boxes(content: dict[str, Any], signatures: Sequence[Signature]) -> list[list[dict[str, Any]]]:
    boxes: list[dict[str, Any]] = [
        {
            "kind": "signed",
            "name": signature.name,
            "facts": [
                ("For", signature.organisation_name),
                ("As", ", ".join(part for part in (signature.title, signature.authority) if part)),
                ("When", signed_at_text(signature)),
                ("How", f"{signature.get_method_display()}, confirmed for this file"),
                ("Record", signature.number),
            ],
        }
        for signature in signatures
    ]
    if not boxes:
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
                        ("How", "Code, confirmed for this file"),
                        ("Record", f"S-{content['number']}-{place}"),
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
                    ("How", "Code, confirmed for this file"),
                    ("Record", f"S-{content['number']}-{needed + 1}"),
                ],
            }
        )
    boxes.append({"kind": "rules"})
    return [boxes[start : start + 2] for start in range(0, len(boxes), 2)]


def _seal_line(content: dict[str, Any], sealed_at: datetime | None) -> str:
    if sealed_at is None:
        return "The file is sealed after the last signature. Any change to the sealed file breaks the seal."
    at = sealed_at.astimezone(ZoneInfo(content["funder"]["time_zone"]))
    when = f"{say_date(at)}, {at:%H:%M:%S} {at:%:z}"
    return f"Sealed by {content['funder']['name']} on {when}. Any change to the file breaks the seal."


def _directors_words(needed: int) -> str:
    return f"{number_word(needed)} director{'s' if needed > 1 else ''}"


def agreement_html(
    content: dict[str, Any],
    digest: str,
    *,
    signatures: Sequence[Signature] = (),
    signed_sha256: str = "",
    sealed_at: datetime | None = None,
) -> str:
    """Return the agreement's HTML: with an open signature page, or filled with ``signatures`` when it is sealed.

    Raises WordingError when a placeholder of the wording has no value.
    """
    frozen_at = datetime.fromisoformat(content["frozen_at"])
    local = frozen_at.astimezone(ZoneInfo(content["funder"]["time_zone"]))
    values = _values(content)
    context = {
        **_base(
            content,
            made_at=sealed_at or frozen_at,
            made_line=f"Terms frozen {say_date(local)}",
            hash_label="terms",
            digest=digest,
        ),
        "title": "Grant agreement",
        "short_title": "Agreement",
        "highlights": _highlights(content),
        "directors_words": _directors_words(content["directors"]["needed"]),
        "sections": wording.sections(content["wording"], values),
        "certifications": wording.certifications(content["wording"], values),
        **_schedules(content),
        "sealed": sealed_at is not None,
        "signed_hash": grouped(signed_sha256),
        "signers": _signer_boxes(content, signatures),
        "seal_line": _seal_line(content, sealed_at),
    }
    return render_to_string("grants/agreements/pdf/agreement.html", context)


def statement_html(statement: Agreement, *, sealed_at: datetime) -> str:
    """Return the HTML of a statement of match from its frozen figures."""
    content: dict[str, Any] = statement.content or {}
    terms = statement.terms.content
    sums, currency = content["figures"], terms["money"]["currency"]
    closed = datetime.fromisoformat(content["closed_at"]).astimezone(ZoneInfo(terms["money"]["window"]["time_zone"]))
    numbers = f"{sums['first_seq']} to {sums['last_seq']}" if sums["gifts"] else DASH

    def money(name: str) -> str:
        return format_amount(sums[name], currency)

    context = {
        **_base(
            terms,
            made_at=sealed_at,
            made_line=f"Campaign closed {say_date(closed)}",
            hash_label="figures",
            digest=statement.content_sha256,
        ),
        "title": "Statement of match",
        "short_title": "Statement",
        "highlights": [
            (
                "What",
                (
                    f"The gifts to the campaign of grant {terms['number']} and what they earned, "
                    f"as counted when it closed on {say_moment(closed)}."
                ),
            ),
            ("Matched", f"{money('matched_minor')} of at most {format_amount(terms['money']['cap_minor'], currency)}."),
            ("Payable", f"{money('payable_minor')}: gifts less refunds and card fees, and the match."),
        ],
        "figures": [
            ("Ledger, first to last number", numbers),
            ("Number of gifts", str(sums["gifts"])),
            ("Gross", money("gross_minor")),
            ("Fees", money("fees_minor")),
            ("Refunds", money("refunded_minor")),
            ("Net, gross less fees and refunds", money("net_minor")),
            ("Matched", money("matched_minor")),
            ("Unmatched, of the cap", money("unmatched_minor")),
        ],
        "payable": money("payable_minor"),
        "match_rule": match_rule(terms),
        "agreement_hash": grouped(content["agreement_sealed_sha256"]),
        "amendments": [{**one, "hash": grouped(one["sealed_sha256"])} for one in content.get("amendments", ())],
        "terms_hash": grouped(statement.terms.sha256),
        "seal_line": _seal_line(terms, sealed_at),
    }
    return render_to_string("grants/agreements/pdf/statement.html", context)


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
    frozen_at = datetime.fromisoformat(content["frozen_at"])
    local = frozen_at.astimezone(ZoneInfo(content["funder"]["time_zone"]))
    amendment = content["amendment"]
    bound = [("The agreement", amendment["amends"])]
    if before := amendment["previous"]:
        bound.append((f"Amendment {before['number']}", before))
    context = {
        **_base(
            content,
            made_at=sealed_at or frozen_at,
            made_line=f"Terms frozen {say_date(local)}",
            hash_label="terms",
            digest=digest,
        ),
        "title": f"Amendment {amendment['number']}",
        "short_title": f"Amendment {amendment['number']}",
        "amendment": amendment,
        "in_force_on": _day(amendment["amends"]["in_force_on"]),
        "bound": [(name, grouped(one["sealed_sha256"]), grouped(one["terms_sha256"])) for name, one in bound],
        "directors_words": _directors_words(content["directors"]["needed"]),
        "sealed": sealed_at is not None,
        "signed_hash": grouped(signed_sha256),
        "signers": _signer_boxes(content, signatures),
        "seal_line": _seal_line(content, sealed_at),
    }
    return render_to_string("grants/agreements/pdf/amendment.html", context)


def signed_html(kind: str, content: dict[str, Any], digest: str, **filled: Any) -> str:
    """Return the HTML of what people sign: an agreement or an amendment, its signature page as ``filled`` says."""
    make = amendment_html if kind == Agreement.Kind.AMENDMENT else agreement_html
    return make(content, digest, **filled)
