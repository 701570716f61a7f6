"""The key risks of a grant: sentences that records yield, each with its source and weight; nobody types them.

The weights say what a director should read first, from 100 (against the rules) down; equal ones stand by their text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from grants.agreements.briefing.reading import Read
from grants.agreements.models import Grant
from grants.agreements.readiness import REGISTRATION, registration_blockers
from grants.agreements.values import number_word
from partners.checklists.evidence import MONTHS_IN_YEAR, add_months
from partners.submissions.missing import evidence_end
from reviews.panels.conditions import read_all
from reviews.panels.models import Recommendation
from reviews.panels.scoring import CONDITIONS_FROM, RECOMMEND_FROM
from reviews.screening.models import ScreeningHit
from vetting_portal.money import format_amount

MOST = 7
LOW_SCORE = 1
NARROW_HUNDREDTHS = 500  # points above the line of the band, times 100
WIDE_HUNDREDTHS = 1000  # points between two reviewers' totals, times 100
THIN_SHARE = 10  # a fund is short when less than a tenth of it stays free
LONG_ENOUGH_MONTHS = 3  # reserves that the checklist calls strong (C5)
EMBARGO_REMEMBERED_YEARS = 5
_SCORED_GATE = re.compile(r"lowest (\d+), needs (\d+)")


@dataclass(frozen=True)
class Risk:
    """One sentence: ``key`` names the shape, ``word`` the kind, ``source`` where it comes from."""

    weight: int
    key: str
    word: str
    text: str
    hint: str
    source: str
    url: str


def all_risks(read: Read) -> list[dict[str, Any]]:
    """Return every sentence that the records yield, the heaviest first."""
    found = [risk for finder in FINDERS for risk in finder(read)]
    return [asdict(risk) for risk in sorted(found, key=lambda risk: (-risk.weight, risk.text))]


def say(day: date) -> str:
    """Return ``27 March 2026``; of an instant the day that it was for the funder."""
    if isinstance(day, datetime):
        day = timezone.localdate(day)
    return f"{day.day} {day:%B %Y}"


def _number(number: int) -> str:
    return number_word(number).capitalize()


def panel_url(read: Read) -> str:
    """Return the address of the panel result."""
    return reverse("reviews:panel", args=[read.grant.submission_id])


def screening_url(read: Read) -> str:
    """Return the address of the partner's screening."""
    return reverse("reviews:organisation_screening", args=[read.grant.submission.organisation_id])


def score_and_gate(text: str) -> tuple[int, int] | None:
    """Return the lowest score and the least that passes, of a scored gate's words; None of any other gate."""
    found = _SCORED_GATE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _panel(read: Read, weight: int, key: str, word: str, text: str, hint: str = "") -> Risk:
    return Risk(weight, key, word, text, hint, "Panel result", panel_url(read))


def _recommendation(read: Read) -> Iterator[Risk]:
    made = read.recommendation
    if made is None:
        yield _panel(read, 100, "refused", "Missing", "No recommendation stands.")
    elif made.is_override:
        who, short = made.recommended_by, f"Score {made.composite_text}."
        yield _panel(
            read, 100, "refused", "Override", f"{who} went against the panel’s result.", f"{short} {made.reason}"
        )


def _screening(read: Read) -> Iterator[Risk]:
    if read.screening.is_pass:
        return
    weight = 99 if read.screening.is_held else 96
    first, *others = read.screening.reasons
    hint = " ".join(str(reason) for reason in others) or first.hint
    yield Risk(weight, "refused", "Screening", str(first), hint, "Screening", screening_url(read))


def _registration(read: Read) -> Iterator[Risk]:
    for reason in registration_blockers(read.links, read.today):
        yield Risk(94, "refused", "Document", f"{reason} (C1)", reason.hint, "Application", _application(read))


def _application(read: Read) -> str:
    return read.grant.submission.get_absolute_url()


def _gates(read: Read) -> Iterator[Risk]:
    made = read.recommendation
    if made is None:
        return
    for gate in made.gates:
        if gate["state"] == "fail" and gate["counts"]:
            yield _panel(read, 92, "refused", "Failed", f"{gate['title']} fails ({gate['code']}: {gate['text']}).")
    yield from _at_the_line(read, made)


def _at_the_line(read: Read, made: Recommendation) -> Iterator[Risk]:
    """Yield one sentence for all minimum requirements that are only just met, the heaviest criterion first."""
    weights = {row["code"]: row["weight"] for row in made.figures.get("criteria", [])}
    found = [
        (-weights.get(gate["code"], 0), gate["title"], f"{gate['code']}: {scored[0]}")
        for gate in made.gates
        if (scored := score_and_gate(gate["text"])) and scored[0] == scored[1]
    ]
    if not found:
        return
    names = ", ".join(f"{title} ({short})" for _, title, short in sorted(found))
    one = len(found) == 1
    text = (
        f"One minimum requirement is only just met: {names}."
        if one
        else f"{_number(len(found))} minimum requirements are only just met."
    )
    hint = "" if one else f"{names}."
    yield _panel(read, 60 - min(found)[0], "moderate", "Just met", text, hint)


def _disagreements(read: Read) -> Iterator[Risk]:
    made = read.recommendation
    for one in made.disagreements if made else []:
        scores = ", ".join(str(score) for score in one["scores"])
        text = f"Reviewers differed on {one['title']} ({one['code']}: {scores})."
        yield _panel(read, 50 + 5 * one["spread"], "moderate", "Disagreed", text, f"Moderated: {one['resolution']}")


def hundredths(text: str) -> int:
    """Return a score for show, ``73.50``, times 100."""
    return int(text.replace(".", ""))


def _score(read: Read) -> Iterator[Risk]:
    made = read.recommendation
    if made is None or made.is_override:
        return
    line = RECOMMEND_FROM if made.outcome == Recommendation.Outcome.RECOMMEND else CONDITIONS_FROM
    spare = hundredths(made.composite_text) - line * 100
    if spare < NARROW_HUNDREDTHS:
        text = f"The score is {made.composite_text}; below {line} it could not be recommended so."
        yield _panel(read, 45, "moderate", "Narrow", text)
    totals = sorted(hundredths(one["composite"]) for one in made.figures.get("reviews", []))
    if totals and totals[-1] - totals[0] >= WIDE_HUNDREDTHS:
        apart = totals[-1] - totals[0]
        text = f"The reviewers’ totals lie {apart // 100}.{apart % 100:02d} points apart."
        yield _panel(read, 44, "moderate", "Apart", text)
    gated = {gate["code"] for gate in made.gates if score_and_gate(gate["text"])}
    for row in made.figures.get("criteria", []):
        if row["code"] not in gated and row["scores"] and min(row["scores"]) <= LOW_SCORE:
            given = f"A reviewer gave {min(row['scores'])} of 4 for {row['title']} ({row['code']})"
            text = f"{given}, which has no minimum requirement."
            yield _panel(read, 40 + row["weight"] // 2, "moderate", "Low", text)


def _conditions(read: Read) -> Iterator[Risk]:
    """Yield the conditions of the recommendation that the terms leave out or that stop something else there; those
    that are late or were waived; and how many are still to be met.
    """
    agreed = {one.text: one for one in read_all(read.grant.plan["conditions"])}
    page = read.grant.get_absolute_url()
    for one in read.recommendation.condition_list if read.recommendation else []:
        if one.text not in agreed:
            text = "A condition of the recommendation is not in the agreement word for word."
            yield Risk(
                90, "refused", "Condition", text, f"Schedule F does not hold it: “{one.text}”", "Agreement", page
            )
        elif one.blocks and one.choice != agreed[one.text].choice:
            text = f"A condition was voted to be met before {one.before}."
            hint = f"In the agreement it is to be met before {agreed[one.text].before}: “{one.text}”"
            yield Risk(80, "refused", "Condition", text, hint, "Agreement", page)
    for row in read.conditions:
        if row.state == row.State.WAIVED and row.waived_by:
            text = f"{row} was waived by {row.waived_by.name}."
            yield Risk(
                60, "moderate", "Waived", text, f"“{row.text}” {row.waived_reason}", "Condition", row.get_absolute_url()
            )
        elif row.is_unmet and row.due_on < read.today:
            text = f"{row} is late since {say(row.due_on)}."
            hint = f"“{row.text}” Until it is met, {row.waits}."
            yield Risk(55, "moderate", "Late", text, hint, "Condition", row.get_absolute_url())
    if count := len(read.open_conditions):
        text = f"{_number(count)} condition{'s are' if count > 1 else ' is'} still to be met."
        yield Risk(38, "moderate", "Condition", text, "", "Agreement", page)


def _fund(read: Read) -> Iterator[Risk]:
    currency = read.grant.currency
    part = "the match" if len(read.sums) == 1 else "its part of the match"
    for sums in read.sums:
        name, url = str(sums.fund), reverse("grants:fund", args=[sums.fund.pk])
        free = format_amount(sums.free_after, currency)
        if sums.free_after < 0:
            text = f"The match fund does not cover {part}: {free} would be left."
            yield Risk(89, "refused", "Fund", text, name, "Match fund", url)
        elif sums.free_after * THIN_SHARE < sums.holds:
            text = f"The match fund is nearly used up: {free} stays free of {format_amount(sums.holds, currency)}."
            yield Risk(43, "moderate", "Fund", text, name, "Match fund", url)


def _last_grant(read: Read) -> Iterator[Risk]:
    last = read.last_grant
    if last is None:
        yield Risk(20, "none", "First", "It is the first grant to this partner.", "", "Grants", reverse("grants:list"))
        return
    url, reason = last.get_absolute_url(), last.ended_reason
    if last.state == Grant.State.TERMINATED:
        yield Risk(
            88, "refused", "Last grant", f"Grant {last.number} to this partner was ended.", reason, "Last grant", url
        )
    elif last.state == Grant.State.LAPSED:
        yield Risk(
            46, "moderate", "Last grant", f"Grant {last.number} to this partner lapsed.", reason, "Last grant", url
        )


def _country(read: Read) -> Iterator[Risk]:
    """Yield what comprehensive sanctions say of the partner's country: in force (a licence was recorded), or ended
    within five years.
    """
    partner = read.grant.submission.organisation
    for embargo in read.embargoes:
        if embargo.since_on > read.today or not embargo.closes(partner.country, partner.region):
            continue
        if embargo.holds(read.today):
            text = f"Comprehensive US sanctions are in force in {embargo.name}; the work rests on a licence."
            yield Risk(87, "refused", "Country", text, embargo.source, "Organisation", partner.get_absolute_url())
        elif embargo.until_on and add_months(embargo.until_on, EMBARGO_REMEMBERED_YEARS * MONTHS_IN_YEAR) >= read.today:
            text = f"Comprehensive US sanctions on {embargo.name} ended on {say(embargo.until_on)}."
            yield Risk(42, "moderate", "Country", text, embargo.source, "Organisation", partner.get_absolute_url())


def _papers(read: Read) -> Iterator[Risk]:
    """Yield which documents have expired, or expire before the term ends; until when the registration is proved at all,
    for it gates every payment.
    """
    ends: dict[tuple[int, str], date | None] = {}
    titles: dict[tuple[int, str], str] = {}
    for link in read.links:
        if current := link.paper.current:
            key = (link.paper_id, link.criterion.code)
            ends[key], titles[key] = evidence_end(current, link.criterion), link.paper.title
    term, url = read.grant.term_ends_on, _application(read)
    proofs = [
        until for (_, code), until in ends.items() if code == REGISTRATION and (until is None or until >= read.today)
    ]
    last = max((until for until in proofs if until), default=None)
    if last and None not in proofs and last < term:
        text = f"The registration is proved until {say(last)} only, and the term ends on {say(term)} (C1)."
        hint = "No payment after that day without a new document."
        yield Risk(57, "expires", "Expires", text, hint, "Application", url)
    ending = sorted((until, key[1], titles[key]) for key, until in ends.items() if until and until < term)
    past = [one for one in ending if one[0] < read.today]
    soon = [one for one in ending if one[0] >= read.today]
    for papers, weight, one, many in (
        (past, 56, "One document has expired.", "documents have expired."),
        (soon, 41, "One document expires before the term ends.", "documents expire before the term ends."),
    ):
        if papers:
            text = one if len(papers) == 1 else f"{_number(len(papers))} {many}"
            hint = ", ".join(f"{title} ({code}, {say(until)})" for until, code, title in papers)
            yield Risk(weight, "expires", "Expires", text, f"{hint}.", "Application", url)


# The partner's own answers that speak against it: key of the question, the answer, weight, sentence. They are keys of
# the default questions; other questions that keep a key keep its sentence.
ANSWERS: tuple[tuple[str, Callable[[Any], bool], int, str], ...] = (
    ("related", lambda value: value == "yes", 58, "The partner says that somebody of theirs is related to us."),
    ("accounts", lambda value: value == "none", 55, "The partner has no yearly accounts yet."),
    ("two_signatures", lambda value: value == "no", 54, "The partner’s payments need one signature only."),
    (
        "budget_decision",
        lambda value: value == "abroad",
        48,
        "An office in another country decides the partner’s budget.",
    ),
    ("accounts", lambda value: value == "own", 47, "Nobody outside looked at the partner’s yearly accounts."),
)


def _answers(read: Read) -> Iterator[Risk]:
    answers, url = read.answers, _application(read)
    for key, speaks_against, weight, text in ANSWERS:
        if speaks_against(answers.get(key)):
            hint = str(answers.get("related_who") or "") if key == "related" else ""
            yield Risk(weight, "moderate", "They say", text, hint, "Application", url)
    months = str(answers.get("reserves") or "").replace(",", "")
    if months.isascii() and months.isdigit() and int(months) < LONG_ENOUGH_MONTHS:
        word = "month" if int(months) == 1 else "months"
        text = f"The partner’s reserves last {int(months)} {word}."
        yield Risk(46, "moderate", "They say", text, "", "Application", url)


def _size(read: Read) -> Iterator[Risk]:
    grant, partner = read.grant, read.grant.submission.organisation
    income = partner.yearly_income_minor
    if income and partner.income_currency == grant.currency and grant.goal_minor * 2 > income:
        share = grant.goal_minor * 100 // income
        text = f"The goal is {share}% of what the partner takes in a year ({format_amount(income, grant.currency)})."
        yield Risk(49, "moderate", "Large", text, "", "Organisation", partner.get_absolute_url())


def _cleared(read: Read) -> Iterator[Risk]:
    for hit in read.screening.hits:
        if hit.state == ScreeningHit.State.CLEARED and not hit.is_open and hit.decided_at:
            text = f"{hit.our_name} was close to a listed name (C6)."
            hint = f"Cleared on {say(hit.decided_at)} by {hit.decided_by}: {hit.reason}"
            yield Risk(36, "cleared", "Cleared", text, hint, "Screening", hit.get_absolute_url())


def _bank(read: Read) -> Iterator[Risk]:
    if not read.grant.bank_last4:
        text = "The agreement names no account: the first payment waits for a letter from the bank (C14)."
        yield Risk(30, "moderate", "Bank", text, "", "Agreement", read.grant.get_absolute_url())


FINDERS: tuple[Callable[[Read], Iterator[Risk]], ...] = (
    _recommendation,
    _screening,
    _registration,
    _gates,
    _disagreements,
    _score,
    _conditions,
    _fund,
    _last_grant,
    _country,
    _papers,
    _answers,
    _size,
    _cleared,
    _bank,
)
