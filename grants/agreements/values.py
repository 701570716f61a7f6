"""What frozen terms give to the wording: typed values by placeholder, and which of the named texts they use."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from grants.wordings.catalogue import TEXTS
from grants.wordings.filling import (
    Leftover,
    Money,
    Ratio,
    Wording,
    WordingError,
    leftovers,
    say_date,
    share_text,
)
from grants.wordings.models import WordingVersion
from vetting_portal.money import format_amount

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")
ENGLISH = Locale("en")


def country_name(code: str) -> str:
    """Return the English name of an ISO country code."""
    return str(ENGLISH.territories.get(code, code))


def number_word(number: int) -> str:
    """Return small numbers as words."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def directors_words(needed: int) -> str:
    """Return ``two directors``: how many sign for the funder."""
    return f"{number_word(needed)} director{'s' if needed > 1 else ''}"


def funder_place(funder: dict[str, Any]) -> str:
    """Return ``Seattle, United States``: where the funder has its seat."""
    return ", ".join(part for part in (funder["city"], country_name(funder["country"])) if part)


def say_day(text: str) -> str:
    """Return a day of the terms as people say it."""
    return say_date(date.fromisoformat(text))


def zone_place(time_zone: str) -> str:
    """Return ``Los Angeles time`` for ``America/Los_Angeles``."""
    return f"{time_zone.rsplit('/', 1)[-1].replace('_', ' ')} time"


def window_of(money: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return when the match window opens and closes, in its own zone."""
    zone = ZoneInfo(money["window"]["time_zone"])
    return tuple(datetime.fromisoformat(money["window"][edge]).astimezone(zone) for edge in ("starts_at", "ends_at"))  # type: ignore[return-value]


def wording_of(content: dict[str, Any]) -> Wording:
    """Return the wording that terms name, by version and SHA-256; terms frozen before 2026-12 name the version only.

    Raises WordingError where there is none, or where it is not what the terms name.
    """
    if "wording" not in content:
        raise WordingError("They name no wording.")
    return WordingVersion.objects.wording(content["wording"], content.get("wording_sha256", ""))


def _chosen(content: dict[str, Any]) -> dict[str, str]:
    """Return which text makes each value that the terms choose."""
    money = content["money"]
    p, q = money["ratio"]
    return {
        "basis": f"basis_{money['basis']}",
        "counted": f"counted_{money['basis']}",
        "rate": "rate_even" if (p, q) == (1, 1) else "rate_other",
        "refund_rule": f"refunds_{money['refund_policy']}",
        "individuals": "individuals_allowed" if content["project"]["helps_individuals"] else "individuals_not_allowed",
    }


def texts_used(content: dict[str, Any]) -> set[str]:
    """Return the keys of the named texts that an agreement with these terms prints or signs."""
    money, chosen = content["money"], set(_chosen(content).values())
    left_out = {key for key, one in TEXTS.items() if one.makes_a_value} - chosen
    left_out |= {"a_none"} if content["project"]["indicators"] else set()
    left_out |= {"f_none"} if content["conditions"] else set()
    left_out.add("g_unnamed" if content["bank"]["last4"] else "g_named")
    left_out |= {f"c_{cap}_cap" for cap in ("donor", "gift") if money[f"{cap}_cap_minor"] is None}
    return set(TEXTS) - left_out


def _funds(money: dict[str, Any]) -> str:
    """Return the match fund, or several in their order: ``A fund up to USD 60.00, then B fund up to USD 40.00``."""
    currency, shares = money["currency"], money.get("funds", ())
    parts = [f"{one['name']} up to {format_amount(one['share_minor'], currency)}" for one in shares]
    return ", then ".join(parts) or str(money["fund"]["name"])


def _money_values(money: dict[str, Any]) -> dict[str, Any]:
    currency, shown = money["currency"], money["illustration"]
    start, end = window_of(money)

    def amount(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return {
        "goal": amount(money["goal_minor"]),
        "gifts": amount(money["gifts_minor"]),
        "cap": amount(money["cap_minor"]),
        "donor_cap": amount(money["donor_cap_minor"]),
        "gift_cap": amount(money["gift_cap_minor"]),
        "ratio": Ratio(*money["ratio"]),
        "ratio_p": money["ratio"][0],
        "ratio_q": money["ratio"][1],
        "window_start": start,
        "window_end": end,
        "window_first_day": start.date(),
        "window_last_day": (end - timedelta(microseconds=1)).date(),
        "window_opens": f"{say_date(start)}, {start:%H:%M}",
        "window_closes": f"{say_date(end)}, {end:%H:%M}",
        "window_zone": money["window"]["time_zone"],
        "window_place": zone_place(money["window"]["time_zone"]),
        "fund": _funds(money),
        "reservation": money["fund"]["reservation"],
        "fee_percent": f"{shown['fee_per_mille'] // 10}.{shown['fee_per_mille'] % 10}%",
        "fee_fixed": amount(shown["fee_fixed_minor"]),
    }


def given_values(content: dict[str, Any]) -> dict[str, Any]:
    """Return the typed values that the terms give by themselves; those made from texts are not among them."""
    funder, partner, term, contact = content["funder"], content["partner"], content["term"], content["contact"]
    tranches = content["tranches"]
    payments = number_word(len(tranches)), "s" if len(tranches) > 1 else ""
    call = f"{contact['officer']}, programme officer"
    return {
        **_money_values(content["money"]),
        "funder": funder["name"],
        "funder_tax_number": funder["tax_number"],
        "funder_seat": funder_place(funder),
        "funder_country": country_name(funder["country"]),
        "governing_law": funder.get("governing_law", ""),
        "courts": funder.get("courts", ""),
        "partner": partner["legal_name"],
        "partner_country": country_name(partner["country"]),
        "purpose": content["project"]["purpose"],
        "submission": content["project"]["submission"],
        "term_start": date.fromisoformat(term["starts_on"]),
        "term_end": date.fromisoformat(term["ends_on"]),
        "payments": "{} payment{}".format(*payments),
        "instalments": "{} instalment{}".format(*payments),
        "shares": ", ".join(share_text(tranche["share_bp"]) for tranche in tranches),
        "reports": "; ".join(f"{one['title']} on {say_day(one['due_on'])}" for one in content["reports"]),
        "directors": content["directors"]["needed"],
        "signing_directors": directors_words(content["directors"]["needed"]),
        "officer": contact["officer"],
        "contact": contact["email"] or funder["name"],
        "whom_to_call": f"{call}, {contact['email']}" if contact["email"] else call,
        "bank": content["bank"]["name"],
        "bank_last4": content["bank"]["last4"],
    }


def values_of(content: dict[str, Any], wording: Wording) -> dict[str, Any]:
    """Return the typed values of every placeholder. Raises WordingError where a text that makes one is not whole."""
    given = given_values(content)
    return given | {name: wording.text(key, given) for name, key in _chosen(content).items()}


def unresolved(content: dict[str, Any], wording: Wording) -> list[Leftover]:
    """Return everything that keeps the wording from being filled with these terms, all at once."""
    given, texts = given_values(content), wording.content["texts"]
    made: dict[str, Any] = {}
    for name, key in _chosen(content).items():
        text = texts.get(key, "")
        made[name] = text if leftovers(text, given, wording.declared) else wording.text(key, given)
    values: Mapping[str, Any] = given | made
    return wording.unresolved(values, texts_used(content))
