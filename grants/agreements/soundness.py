"""Terms that do not add up: every reason at once, in plain words, each with the place where it is mended."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from django.urls import reverse
from django.utils import timezone

from grants.agreements.covering import Problem, free_problems, fund_problems
from grants.agreements.terms import terms_content
from grants.agreements.values import unresolved, wording_of
from grants.wordings.filling import WordingError, say_date
from reviews.panels.conditions import Blocks, VettingCondition, read_all
from vetting_portal.models import Funder
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker

WHOLE_BP = 10_000
YEAR = timedelta(days=366)
FUNDER_HINT = "The agreement names it. An administrator completes the funder’s record."
FUNDER_LAW = {"governing_law": "governing law is", "courts": "courts are"}
FUNDER_PARTY = {"name": "name", "tax_number": "tax number", "address": "address", "country": "country"}
FUNDER_NEEDS = {**FUNDER_PARTY, "governing_law": "governing law", "courts": "courts"}

# Which values are missing when something is: they are not told twice.
EXPLAINED: dict[str, tuple[str, ...]] = {
    "The purpose is missing.": ("purpose",),
    "The bank account is named by half (Schedule G).": ("bank", "bank_last4"),
    "The partner’s country is missing.": ("partner_country",),
    "The funder’s name is missing.": ("funder", "contact", "officer"),
    "The funder’s tax number is missing.": ("funder_tax_number",),
    "The funder’s country is missing.": ("funder_seat",),
}


def terms_blockers(grant: Any, funder: Funder) -> list[Blocker]:
    """Return every reason why a draft's terms do not add up, or why the wording cannot be filled with them."""
    found = [*terms_problems(grant), *_party_problems(grant, funder)]
    if not shape_blockers(grant):
        told = {name for _, text, _ in found for name in EXPLAINED.get(text, ())}
        found += _wording_problems(grant, funder, told)
    form = reverse("grants:change", args=[grant.number])
    return [
        Blocker(text, hint=hint, url=place if place.startswith("/") else f"{form}#{place}")
        for place, text, hint in found
    ]


def missing_of_funder(funder: Funder) -> list[str]:
    """Return what the funder's record leaves blank, in words; while anything is, no terms are finalised."""
    return _left_blank(funder, FUNDER_NEEDS)


def _left_blank(funder: Funder, names: dict[str, str]) -> list[str]:
    return [text for name, text in names.items() if not getattr(funder, name).strip()]


def terms_problems(grant: Any, *, held_minor: int = 0, is_new: bool = True) -> Iterator[Problem]:
    """Yield what does not add up in the terms themselves. ``held_minor`` of the cap is reserved already; the fund needs
    the rest. Terms that are not new have reports that were due, and payments that may get 0%: those are cancelled.
    """
    yield from _money_problems(grant, held_minor)
    yield from _budget_problems(grant)
    yield from _payment_problems(grant.plan["tranches"], is_new=is_new)
    yield from _report_problems(grant.plan["reports"])
    yield from condition_problems(grant, is_new=is_new)
    yield from _word_problems(grant)
    yield from _date_problems(grant, is_new=is_new)


def shape_blockers(grant: Any) -> list[Blocker]:
    """Return why a draft's terms cannot even be written down yet: payments and reports without dates, no time zone."""
    found = [*_payment_problems(grant.plan["tranches"]), *_report_problems(grant.plan["reports"])]
    if grant.time_zone not in available_timezones():
        found += _date_problems(grant, is_new=True)
    form = reverse("grants:change", args=[grant.number])
    return [Blocker(text, hint=hint, url=f"{form}#{place}") for place, text, hint in found]


def _rows(places: Iterable[int], word: str) -> str:
    """Return ``Payment 2 and 3``: which rows are meant."""
    numbers = [str(place) for place in places]
    return f"{word} {' and '.join(filter(None, [', '.join(numbers[:-1]), numbers[-1]]))}"


def _where(rows: Sequence[dict[str, Any]], wrong: Callable[[dict[str, Any]], bool]) -> list[int]:
    """Return the numbers, from 1, of the rows that are ``wrong``."""
    return [place for place, row in enumerate(rows, start=1) if wrong(row)]


def _blank(row: dict[str, Any], name: str) -> bool:
    return not str(row.get(name) or "").strip()


def _day(row: dict[str, Any]) -> date | None:
    """Return the day of a row, or None where there is none that can be read."""
    try:
        return date.fromisoformat(row.get("due_on") or "")
    except ValueError:
        return None


def _money_problems(grant: Any, held_minor: int) -> Iterator[Problem]:
    currency = grant.currency

    def say(minor: int) -> str:
        return format_amount(minor, currency)

    cap = grant.cap_minor
    yield from free_problems(grant, held_minor)
    yield from _top_up_problems(grant, say)
    if cap > grant.goal_minor:
        yield "id_cap", "The match cap is more than the granting goal.", f"{say(cap)} of {say(grant.goal_minor)}."
    yield from fund_problems(grant)
    yield from _ratio_problems(grant, say)
    donor, gift = grant.donor_cap_minor, grant.gift_cap_minor
    for name, word, limit in (("donor_cap", "donor", donor), ("gift_cap", "gift", gift)):
        if limit is not None and limit > cap:
            hint = f"{say(limit)} of {say(cap)}. Leave it empty where there is none."
            yield f"id_{name}", f"The cap a {word} is more than the match cap.", hint
    if donor is not None and gift is not None and gift > donor:
        yield "id_gift_cap", "The cap a gift is more than the cap a donor.", f"{say(gift)} of {say(donor)}."


def _top_up_problems(grant: Any, say: Any) -> Iterator[Problem]:
    top_up = grant.fee_top_up_minor or 0
    if top_up > max(0, grant.gifts_minor):
        hint = f"{say(top_up)} of {say(grant.gifts_minor)}. It is at most the fees that are really paid."
        yield "id_fee_top_up", "What is added for card fees is more than the gifts hoped for.", hint


def _ratio_problems(grant: Any, say: Any) -> Iterator[Problem]:
    p, q = grant.ratio_p, grant.ratio_q
    if p < 1 or q < 1:
        yield "id_ratio_p", "A number of the match ratio is 0.", "With it nothing is matched. Give 1 or more."
        return
    earned = grant.gifts_minor * p // q
    if 0 <= earned < grant.cap_minor:
        hint = f"At {p} : {q}, gifts of {say(grant.gifts_minor)} earn {say(earned)}, not the cap."
        yield "id_ratio_p", "The gifts hoped for do not earn the whole match.", hint


def _budget_problems(grant: Any) -> Iterator[Problem]:
    lines, currency = grant.plan["budget"], grant.currency
    if not lines:
        yield "id_budget-0-line", "There is no budget line (Schedule B).", "The lines come to the granting goal."
        return
    total = sum(line.get("amount_minor") or 0 for line in lines)
    if total != grant.goal_minor:
        hint = f"The lines come to {format_amount(total, currency)}; the goal is "
        hint += f"{format_amount(grant.goal_minor, currency)}."
        yield "id_budget-0-line", "The budget (Schedule B) does not add up to the granting goal.", hint
    if nameless := _where(lines, lambda line: _blank(line, "line")):
        place = f"id_budget-{nameless[0] - 1}-line"
        yield place, "A budget line has no name (Schedule B).", f"{_rows(nameless, 'Line')}: say what it pays for."
    if empty := _where(lines, lambda line: (line.get("amount_minor") or 0) <= 0):
        place = f"id_budget-{empty[0] - 1}-amount"
        yield place, "A budget line has no amount (Schedule B).", f"{_rows(empty, 'Line')}: give more than zero."


PAYMENT_NEEDS: tuple[tuple[str, str, str, Callable[[dict[str, Any]], bool]], ...] = (
    (
        "share",
        "A payment has no share (Schedule D).",
        "give more than 0%.",
        lambda row: (row.get("share_bp") or 0) <= 0,
    ),
    (
        "condition",
        "A payment has no condition (Schedule D).",
        "say what must hold before it is paid.",
        lambda row: _blank(row, "condition"),
    ),
    (
        "due_on",
        "A payment has no date (Schedule D).",
        "say from which day it can be paid.",
        lambda row: _day(row) is None,
    ),
)


def _payment_problems(rows: Sequence[dict[str, Any]], *, is_new: bool = True) -> Iterator[Problem]:
    if not rows:
        yield "id_tranches-0-share", "There is no payment (Schedule D).", "At least one."
        return
    total = sum(row.get("share_bp") or 0 for row in rows)
    if total != WHOLE_BP:
        hint = f"They come to {total // 100}.{total % 100:02}%."
        yield "id_tranches-0-share", "The payments (Schedule D) do not come to 100%.", hint
    for field, text, hint, wrong in PAYMENT_NEEDS[0 if is_new else 1 :]:
        if found := _where(rows, wrong):
            yield f"id_tranches-{found[0] - 1}-{field}", text, f"{_rows(found, 'Payment')}: {hint}"


def _report_problems(rows: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    if not rows:
        yield "id_reports-0-title", "There is no report (Schedule E).", "At least a final one."
        return
    if found := _where(rows, lambda row: _blank(row, "title")):
        hint = f"{_rows(found, 'Report')}: for example Final report."
        yield f"id_reports-{found[0] - 1}-title", "A report has no title (Schedule E).", hint
    if found := _where(rows, lambda row: _day(row) is None):
        hint = f"{_rows(found, 'Report')}: say when it is due."
        yield f"id_reports-{found[0] - 1}-due_on", "A report has no date (Schedule E).", hint


def condition_problems(grant: Any, *, is_new: bool) -> Iterator[Problem]:
    """Yield what keeps a condition from binding: no text, no day, or a payment or report that is not on its schedule.

    Text alone, as terms of schema 1 hold it, is left as it was signed.
    """
    rows = read_all(grant.plan["conditions"])
    today = timezone.localdate()
    for place, one in enumerate(rows):
        name = f"Condition {one.number or place + 1}"
        if not one.text.strip():
            yield f"id_conditions-{place}-text", f"{name} has no text (Schedule F).", "Write what is to be shown."
        if not one.blocks:
            continue
        if one.day is None:
            yield f"id_conditions-{place}-due_on", f"{name} has no day (Schedule F).", "Say by when it is shown."
        elif is_new and one.day < today:
            hint = f"It is dated {say_date(one.day)}. Give a day to come."
            yield f"id_conditions-{place}-due_on", f"{name} is due before the agreement is signed.", hint
        if one.of and (wrong := _not_on_schedule(grant, one, is_new=is_new)):
            yield f"id_conditions-{place}-before", f"{name} {wrong}", "Choose another payment or report."


def _not_on_schedule(grant: Any, one: VettingCondition, *, is_new: bool) -> str:
    """Say why nothing waits for a condition that names a payment or report; empty where something does."""
    word, rows = ("payment", "tranches") if one.blocks == Blocks.PAYMENT else ("report", "reports")
    if one.of is None or one.of > len(grant.plan[rows]):
        return f"is to stop {word} {one.of}, which is not on its schedule."
    if not is_new and word == "payment" and not grant.plan[rows][one.of - 1].get("share_bp"):
        return f"is to stop {word} {one.of}, which has a share of 0%."
    return ""


def _word_problems(grant: Any) -> Iterator[Problem]:
    if found := _where(grant.plan["indicators"], lambda row: _blank(row, "text")):
        hint = f"{_rows(found, 'Indicator')}: say what is counted."
        yield f"id_indicators-{found[0] - 1}-text", "An indicator has no text (Schedule A).", hint
    for name, text, hint in (
        ("title", "The title is missing.", "What people call the project."),
        ("purpose", "The purpose is missing.", "One or two sentences that open the agreement."),
        ("signatory_name", "Who signs for the partner is missing.", "Name, title and authority."),
        ("signatory_title", "The title of who signs for the partner is missing.", "For example: Executive director."),
    ):
        if not getattr(grant, name).strip():
            yield f"id_{name}", text, hint
    if bool(grant.bank_name.strip()) != bool(grant.bank_last4.strip()):
        hint = "Give the bank and the last four characters, or neither."
        yield "id_bank_name", "The bank account is named by half (Schedule G).", hint


def _party_problems(grant: Any, funder: Funder) -> Iterator[Problem]:
    organisation = grant.submission.organisation
    page = organisation.get_absolute_url()
    for name, text in (("registration_number", "registration number"), ("country", "country")):
        if not getattr(organisation, name).strip():
            hint = "The agreement names it. The partner writes it under its organisation."
            yield page, f"The partner’s {text} is missing.", hint
    for text in _left_blank(funder, FUNDER_PARTY):
        yield reverse("portal:funder"), f"The funder’s {text} is missing.", FUNDER_HINT


def _date_problems(grant: Any, *, is_new: bool) -> Iterator[Problem]:
    if grant.time_zone not in available_timezones():
        yield "id_time_zone", "The time zone of the window is not known.", "Choose one from the list."
        return
    today, term = timezone.localdate(), (grant.term_starts_on, grant.term_ends_on)
    if term[1] <= term[0]:
        yield "id_term_ends_on", "The term ends before it starts.", f"It starts on {say_date(term[0])}."
    elif term[1] < today:
        yield "id_term_ends_on", "The term is over already.", f"It ended on {say_date(term[1])}."
    yield from _window_problems(grant, term)
    payments, reports = ([day for row in grant.plan[name] if (day := _day(row))] for name in ("tranches", "reports"))
    yield from _order_problems("tranches", "payments", payments, term)
    if payments and term[0] <= min(payments) < grant.window_first_on:
        hint = f"It opens on {say_date(grant.window_first_on)}: before it there is nothing to pay out."
        yield "id_tranches-0-due_on", "A payment is dated before the match window opens.", hint
    yield from _order_problems("reports", "reports", reports, term)
    yield from _report_gaps(reports, term, today if is_new else None)


def _window_problems(grant: Any, term: tuple[date, date]) -> Iterator[Problem]:
    if grant.window_ends_at <= grant.window_starts_at:
        hint = f"It starts on {say_date(grant.window_first_on)}."
        yield "id_window_ends_on", "The match window ends before it starts.", hint
    elif grant.window_ends_at <= timezone.now():
        hint = f"It ended on {say_date(grant.window_last_on)}."
        yield "id_window_ends_on", "The match window is over already.", hint
    if grant.window_first_on < term[0]:
        hint = f"The term starts on {say_date(term[0])}."
        yield "id_term_starts_on", "The match window starts before the term.", hint
    if grant.window_last_on > term[1]:
        yield "id_term_ends_on", "The match window ends after the term.", f"The term ends on {say_date(term[1])}."


def _order_problems(name: str, word: str, days: Sequence[date], term: tuple[date, date]) -> Iterator[Problem]:
    place = f"id_{name}-0-due_on"
    if not days:
        return
    if list(days) != sorted(days):
        yield place, f"The dates of the {word} are not in order.", "The earliest comes first."
    if min(days) < term[0]:
        yield place, f"The {word} begin before the term.", f"The term starts on {say_date(term[0])}."
    if max(days) > term[1] + YEAR:
        hint = f"The term ends on {say_date(term[1])}, the last of them is dated {say_date(max(days))}."
        yield place, f"The {word} go on for more than a year after the term.", hint


def _report_gaps(days: Sequence[date], term: tuple[date, date], today: date | None) -> Iterator[Problem]:
    if not days:
        return
    if today and term[0] <= min(days) < today:
        hint = f"One is dated {say_date(min(days))}. Give a day to come."
        yield "id_reports-0-due_on", "A report is due before the agreement is signed.", hint
    steps = [term[0], *sorted(day for day in days if term[0] <= day <= term[1]), term[1]]
    late = [day for before, day in pairwise(steps) if day - before > YEAR]
    if late:
        hint = (
            f"None is due in the year before {say_date(late[0])}. The agreement asks for one a year, and a final one."
        )
        yield "id_reports-0-due_on", "More than a year passes without a report.", hint


def _wording_problems(grant: Any, funder: Funder, told: set[str]) -> Iterator[Problem]:
    """Yield what keeps the wording in use from being filled; of the values ``told`` about the reason stands already."""
    try:
        content = terms_content(grant, funder, version=1, frozen_at=timezone.now())
        found = [one for one in unresolved(content, wording_of(content)) if one.name not in told]
    except WordingError as error:
        yield reverse("grants:wordings"), "The agreement's wording cannot be read.", str(error)
        return
    if not found:
        return
    for name in {one.name: one for one in found if one.name in FUNDER_LAW}:
        yield reverse("portal:funder"), f"The funder’s {FUNDER_LAW[name]} missing.", FUNDER_HINT
    page = reverse("grants:wording", args=[content["wording"]])
    for one in (one for one in found if one.name not in FUNDER_LAW):
        hint = f"Wording {content['wording']}. Give the terms what it names, or publish another wording."
        yield page, f"{one.place}: {one.text}", hint
