"""What templates say of money, dates, states and icons."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from babel import Locale
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vetting_portal.clock import shown, shown_zone
from vetting_portal.languages import language_name
from vetting_portal.models import User
from vetting_portal.money import MINUS, figures, format_public, format_whole
from vetting_portal.navigation import NavItem, case_for, links_for, roles_that_may, tabs_for
from vetting_portal.templatetags.charts import ageing
from vetting_portal.trail import event_words

register = template.Library()

UNKNOWN = "–"
ENGLISH = Locale("en")
MEGABYTE = 1_000_000
NUMBER_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


class Look(NamedTuple):
    """How a state looks: its shape, its colour and the word that stands when no other is given."""

    icon: str
    tone: str
    word: str


STATES = {
    "ok": Look("check", "ok", "Done"),
    "pass": Look("check", "ok", "Pass"),
    "accepted": Look("check", "ok", "Accepted"),
    "approved": Look("check", "ok", "Approved"),
    "cleared": Look("check", "ok", "Cleared"),
    "settled": Look("check", "ok", "Settled"),
    "paid": Look("check", "ok", "Paid"),
    "completed": Look("check", "ok", "Completed"),
    "closed": Look("check", "ok", "Closed"),
    "sealed": Look("seal", "ok", "Sealed"),
    "published": Look("check", "ok", "Published"),
    "done": Look("check", "ok", "Done"),
    "signed": Look("pen", "act", "Signed"),
    "awaiting_signature": Look("pen", "info", "Waits for signatures"),
    "checking": Look("half", "info", "Being checked"),
    "pending": Look("half", "info", "Pending"),
    "info": Look("half", "info", "Open"),
    "quarantined": Look("half", "info", "Being checked"),
    "submitted": Look("half", "info", "Submitted"),
    "in_review": Look("half", "info", "In review"),
    "open": Look("half", "info", "Open"),
    "progress": Look("half", "act", "In progress"),
    "now": Look("half", "act", "Now"),
    "in_progress": Look("half", "act", "In progress"),
    "assessed": Look("half", "act", "Assessed"),
    "recommended": Look("half", "act", "Recommended"),
    "in_force": Look("half", "act", "In force"),
    "released": Look("half", "act", "Released"),
    "reopened": Look("half", "act", "Reopened"),
    "refused": Look("stop", "stop", "Refused"),
    "rejected": Look("stop", "stop", "Not accepted"),
    "declined": Look("stop", "stop", "Declined"),
    "fail": Look("stop", "stop", "Fail"),
    "failed": Look("stop", "stop", "Failed"),
    "stop": Look("stop", "stop", "Stopped"),
    "altered": Look("stop", "stop", "Altered"),
    "confirmed": Look("stop", "stop", "Confirmed"),
    "terminated": Look("stop", "stop", "Terminated"),
    "expires": Look("hourglass", "warn", "Expires soon"),
    "late": Look("hourglass", "warn", "Late"),
    "moderate": Look("triangle", "warn", "Moderate"),
    "condition": Look("triangle", "warn", "Condition"),
    "judge": Look("triangle", "warn", "Needs judgement"),
    "changes_requested": Look("triangle", "warn", "Changes asked"),
    "returned": Look("triangle", "warn", "Returned"),
    "disputed": Look("triangle", "warn", "Disputed"),
    "held": Look("bars", "warn", "Held"),
    "paused": Look("bars", "warn", "Paused"),
    "suspended": Look("bars", "warn", "Suspended"),
    "carried_out": Look("check", "ok", "Carried out"),
    "revoked": Look("seal-off", "warn", "Revoked"),
    "refunded": Look("back", "plain", "Refunded"),
    "recused": Look("bars", "plain", "Stepped aside"),
    "none": Look("ring", "plain", "None"),
    "todo": Look("ring", "plain", "Not yet"),
    "not_sent": Look("ring", "plain", "Not sent yet"),
    "planned": Look("ring", "plain", "Planned"),
    "scheduled": Look("ring", "plain", "Planned"),
    "draft": Look("ring", "plain", "Draft"),
    "invited": Look("ring", "plain", "Invited"),
    "superseded": Look("ring", "plain", "Replaced"),
    "withdrawn": Look("ring", "plain", "Withdrawn"),
    "expired": Look("hourglass", "plain", "Expired"),
    "lapsed": Look("ring", "plain", "Lapsed"),
    "cancelled": Look("ring", "plain", "Cancelled"),
    "unknown": Look("ring", "plain", "Unknown"),
}
_PLAIN = Look("ring", "plain", "")


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """Draw one shape of the sprite; it is decoration, so a word always stands beside it."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {kind}" if kind else "",
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def state(key: Any, text: Any = "", tag: Any = None) -> SafeString:
    """Draw a state as shape and word; ``tag`` makes it a pill."""
    look = STATES.get(str(key), _PLAIN)
    return format_html(
        '<span class="state {}{}">{}<span>{}</span></span>',
        f"t-{look.tone}",
        " tag" if tag else "",
        icon(look.icon),
        text or look.word or str(key).replace("_", " ").capitalize(),
    )


@register.simple_tag
def age(days: int, aim: int = 7) -> SafeString:
    """Draw how long a thing waits: the words, and a bar of 14 days with a tick at the aim."""
    bar = ageing(days, aim)
    return format_html(
        '<span class="age{}"><span>{}{}</span><svg aria-hidden="true"><rect width="{}" height="100%"/>'
        '<rect class="tick" x="{}" width="2" height="100%"/></svg></span>',
        " late" if bar["late"] else "",
        icon("hourglass") if bar["late"] else "",
        bar["text"],
        bar["length"],
        bar["aim"],
    )


@register.simple_tag
def who_may(permission: str, user: Any) -> dict[str, Any]:
    """Return the roles that a refused permission is for, as words in the plural, and whether ``user`` holds one."""
    roles = roles_that_may(str(permission))
    *first, last = [f"{role.label.lower()}s" for role in roles] or [""]
    words = f"{', '.join(first)} and {last}" if first else last
    return {"words": words, "held": any(role in getattr(user, "role_keys", ()) for role in roles)}


@register.simple_tag
def links_of(record: Any, user: Any) -> list[NavItem]:
    """Return what the apps lead to from a record's page, for who looks."""
    return links_for(user, record) if user.is_authenticated else []


@register.simple_tag
def tabs_of(record: Any, user: Any, met: str | None = None, number: str = "") -> list[Any]:
    """Return the tabs of the page that a record belongs to, for ``c-case-tabs``; none for who does not read that page.

    ``number`` says from which of several such pages the reader comes.
    """
    return tabs_for(user, record, met, number) if isinstance(user, User) and record else []


@register.simple_tag
def case_of(record: Any, user: Any, number: str = "") -> NavItem | None:
    """Return the page that a record belongs to, for ``c-case``; None for who does not read that page."""
    return case_for(user, record, number) if isinstance(user, User) and record else None


@register.filter
def state_icon(key: Any) -> str:
    return STATES.get(str(key), _PLAIN).icon


# --- money ----------------------------------------------------------------------------------------


@register.filter
def amount(minor: int | str | None, currency: str = "USD") -> str:
    """Return figures without a currency, a dash when unknown: ``15,000.00``."""
    return UNKNOWN if minor is None or minor == "" else figures(int(minor), currency)


@register.filter
def money(minor: int | str | None, currency: str = "USD") -> SafeString:
    """Return code and figures, which never part at the end of a line."""
    return format_html('<span class="money"><small>{}</small> {}</span>', currency, amount(minor, currency))


@register.filter
def public_money(minor: int | str | None, currency: str = "USD") -> str:
    """Return ``$15,000``, as donors read it."""
    return UNKNOWN if minor is None or minor == "" else format_public(int(minor), currency)


@register.filter
def whole_money(minor: int | None, currency: str = "USD") -> str:
    """Return ``$15,000`` without cents, for a public table in which every figure is written alike."""
    return UNKNOWN if minor is None else format_whole(minor, currency)


@register.filter
def minus(text: str) -> str:
    """Set a minus before figures that are taken away: ``− 376.59``."""
    return f"{MINUS} {str(text).lstrip(MINUS)}" if re.search("[1-9]", str(text)) else text


# --- dates ----------------------------------------------------------------------------------------


def _local(moment: dt.datetime) -> dt.datetime:
    return shown(moment) if timezone.is_aware(moment) else moment


def _date(moment: dt.date | dt.datetime | str) -> dt.date:
    """Return the calendar day: of an instant the one in the zone that is shown, of a text its ISO date."""
    if isinstance(moment, str):
        return dt.date.fromisoformat(moment[:10])
    return _local(moment).date() if isinstance(moment, dt.datetime) else moment


def _place() -> str:
    """Return the city of the zone that times are shown in: ``Los Angeles``."""
    return str(shown_zone()).rsplit("/", 1)[-1].replace("_", " ")


@register.filter
def day(moment: dt.date | dt.datetime | str | None) -> str:
    """Return ``27 March 2026``; frozen terms hold dates as text."""
    return date_format(_date(moment), "j F Y") if moment else UNKNOWN


@register.filter
def weekday(moment: dt.date | dt.datetime | str | None) -> str:
    """Return ``Friday 27 March 2026``, as deadlines are written."""
    return date_format(_date(moment), "l j F Y") if moment else UNKNOWN


@register.filter
def when(moment: dt.datetime | None) -> str:
    """Return ``20 April 2026, 16:42 (Los Angeles)``."""
    return f"{date_format(_local(moment), 'j F Y, H:i')} ({_place()})" if moment else UNKNOWN


@register.filter
def clock(moment: dt.datetime | None) -> str:
    """Return ``16:42`` by the reader's clock, of what was done just now."""
    return f"{_local(moment):%H:%M}" if moment else ""


@register.filter
def stamp(moment: dt.datetime | None) -> str:
    """Return ``20 April 2026, 16:42:07 −07:00``, as signatures and the audit trail are dated."""
    if not moment:
        return UNKNOWN
    local = _local(moment)
    offset = local.strftime("%z")
    return f"{date_format(local, 'j F Y, H:i:s')} {offset[:3].replace('-', MINUS)}:{offset[3:5]}"


@register.filter
def days_from_now(moment: dt.date | dt.datetime | None) -> int | None:
    """Return whole days from today to ``moment``, negative when it has passed."""
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        moment = timezone.localdate(moment)
    return (_date(moment) - timezone.localdate()).days if moment else None


# --- words ----------------------------------------------------------------------------------------


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = str(name).replace("-", " ").split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


@register.filter
def country(code: str) -> str:
    """Return the English name of a country by its two letters: ``TH`` is Thailand."""
    return ENGLISH.territories.get(code, code)


@register.filter
def hash_groups(hexadecimal: str) -> list[str]:
    """Return a hash in groups of eight digits, to be compared by eye."""
    return [hexadecimal[at : at + 8] for at in range(0, len(hexadecimal or ""), 8)]


@register.filter
def hash_short(hexadecimal: str) -> str:
    """Return the first and last group only: never where somebody signs."""
    return f"{hexadecimal[:8]} … {hexadecimal[-8:]}" if hexadecimal else UNKNOWN


@register.filter
def megabytes(size: int | None) -> str:
    """Return a file's size in the units people buy data in: ``8.4 MB``, ``640 KB``."""
    if size is None:
        return UNKNOWN
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / MEGABYTE:.1f} MB"


@register.filter
def word_count(text: str) -> int:
    return len(str(text or "").split())


@register.filter
def number_word(number: int) -> str:
    """Return small numbers as a word: ``four``."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else str(number)


@register.filter
def counted(number: int, forms: str) -> str:
    """Return a number with its noun: ``2|counted:"thing,things"`` is ``two things``."""
    one, many = forms.split(",")
    return f"{number_word(number)} {one if number == 1 else many}"


@register.filter
def languages(codes: list[str]) -> str:
    """Return languages besides English as words: ``Thai, Lao``."""
    return ", ".join(map(language_name, codes)) or "English"


@register.filter
def spaced(key: Any) -> str:
    """Return a key as words: ``programme officer``."""
    return str(key).replace("_", " ")


register.filter("event_words", event_words)


@register.filter
def first_line(text: Any) -> str:
    return str(text).partition("\n")[0]


@register.filter
def other_lines(text: Any) -> str:
    return str(text).partition("\n")[2].strip()


@register.filter
def attribute(thing: Any, name: str) -> Any:
    """Return ``thing.name`` or ``thing[name]``, "" when it has none."""
    if isinstance(thing, dict):
        return thing.get(name, "")
    found = getattr(thing, name, "")
    return "" if callable(found) else found  # a Blocker is a str, and str has methods


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with ``changes``; a value of None takes the key out."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value not in {None, ""}:
            params[key] = value
    return f"?{params.urlencode()}"


@register.filter
def as_steps(steps: Any) -> Iterator[dict[str, Any]]:
    """Yield steps or blockers as what a row shows; a plain sentence is a step with a label only."""
    for step in steps or []:
        keys = ("hint", "url", "state", "code", "action")
        yield {"label": attribute(step, "label") or str(step), **{key: attribute(step, key) for key in keys}}


@register.filter
def link_list(text: str) -> list[tuple[str, str]]:
    """Return ``"/a/|A,/b/|B"`` as pairs of address and label."""
    return [(href, label) for href, _, label in (part.partition("|") for part in text.split(","))]
