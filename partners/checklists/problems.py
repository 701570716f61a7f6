"""What is wrong with a criterion, and with a whole checklist before it is published: pure, in plain words."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from partners.checklists.conditions import shape_problem
from partners.checklists.evidence import ValidityRule

WHOLE, TOP, SCALE_POINTS, RECORD_POINTS = 100, 4, 5, 3
CODE = re.compile(r"[A-Z][A-Z0-9-]{0,7}")
LONGEST_EVIDENCE, LONGEST_ANCHOR = 2_000, 1_000
LONGEST_VALIDITY = 120
CONDITIONS = ("applies_when", "gate_when", "gate_raised_when", "gate_answer")
# The portal knows three things from its records: who else reads a code knows these by theirs.
RECORDS = {"C6": "the sanctions screening", "C14": "the bank details", "C15": "the declarations of interest"}
COUNTED = frozenset({ValidityRule.FROM_ISSUE, ValidityRule.YEAR_END})
POINTS = ("Pass", "Pending", "Fail")


@dataclass(frozen=True)
class Problem:
    """One reason why a checklist cannot be published: at which criterion and which control."""

    text: str
    hint: str
    code: str = ""
    field: str = ""
    pk: int | None = None


def anchor_count(kind: str) -> int:
    """Return how many anchors a criterion has: five points of the scale, or pass, pending and fail."""
    return SCALE_POINTS if kind == "scored" else RECORD_POINTS


def anchor_name(kind: str, point: int) -> str:
    """Return how people call an anchor."""
    return f"What {point} looks like" if kind == "scored" else POINTS[point]


def too_long(text: str, limit: int) -> str:
    """Return what is wrong with a text above its limit, or an empty text."""
    return f"At most {limit:,} characters. This has {len(text):,}." if len(text) > limit else ""


def field_problems(criterion: Any) -> dict[str, list[str]]:
    """Return what no criterion may hold, draft or not, by field; what is only missing yet is no such thing."""
    found = [*_code_problems(criterion), *_text_problems(criterion), *_number_problems(criterion)]
    found += [(name, text) for name in CONDITIONS if (text := shape_problem(getattr(criterion, name)))]
    if criterion.kind == "record":
        found += [(name, "Only a scored criterion has a condition.") for name in CONDITIONS if getattr(criterion, name)]
    by_field: dict[str, list[str]] = {}
    for name, text in found:
        by_field.setdefault(name, []).append(text)
    return by_field


def _code_problems(criterion: Any) -> Iterator[tuple[str, str]]:
    code = criterion.code
    if code and not CODE.fullmatch(code):
        yield "code", "A code starts with a letter and has only letters, digits and hyphens: for example C17."
    elif criterion.kind == "record" and code not in RECORDS:
        known = ", ".join(f"{one} ({what})" for one, what in RECORDS.items())
        yield "kind", f"Our records decide only {known}. People score everything else."
    elif criterion.kind == "scored" and code in RECORDS:
        yield "code", f"{code} stands for {RECORDS[code]}, which our records decide. Choose another code."


def _text_problems(criterion: Any) -> Iterator[tuple[str, str]]:
    if wrong := too_long(criterion.evidence, LONGEST_EVIDENCE):
        yield "evidence", wrong
    for point, text in enumerate(criterion.anchors):
        if wrong := too_long(str(text), LONGEST_ANCHOR):
            yield f"anchor_{point}", wrong
    if len(criterion.anchors) > anchor_count(criterion.kind):
        yield "anchors", f"There are {anchor_count(criterion.kind)} points, not {len(criterion.anchors)}."


def _number_problems(criterion: Any) -> Iterator[tuple[str, str]]:
    if criterion.kind == "scored" and not 1 <= (criterion.weight or 0) <= WHOLE:
        yield "weight", "A scored criterion has a weight from 1 to 100."
    if criterion.kind == "record" and criterion.weight:
        yield "weight", "What follows from records has no weight: give 0."
    gate, raised = criterion.gate_minimum, criterion.gate_raised_to
    if gate is not None and criterion.kind == "record":
        yield "gate_minimum", "What follows from records passes or fails by itself: leave this empty."
    elif gate is not None and not 1 <= gate <= TOP:
        yield "gate_minimum", f"The scale ends at {TOP}: give 1 to {TOP}, or leave it empty for no gate."
    if raised is not None and not 1 <= raised <= TOP:
        yield "gate_raised_to", f"The scale ends at {TOP}: give a number up to {TOP}."
    elif raised is not None and (gate is None or raised <= gate):
        yield "gate_raised_to", "A raised gate is higher than the gate itself."
    months = criterion.validity_months
    if months is not None and not 1 <= months <= LONGEST_VALIDITY:
        yield "validity_months", f"Give 1 to {LONGEST_VALIDITY} months, or leave it empty."
    yield from _pair_problems(criterion, gate, raised)


def _pair_problems(criterion: Any, gate: int | None, raised: int | None) -> Iterator[tuple[str, str]]:
    """Yield what is wrong between a gate and its conditions."""
    if raised is not None and not criterion.gate_raised_when:
        yield "gate_raised_when", "Say when the gate is raised."
    if raised is None and criterion.gate_raised_when:
        yield "gate_raised_to", "Say to which score the gate is raised."
    if gate is None and criterion.gate_when:
        yield "gate_minimum", "A gate that holds only sometimes still needs its lowest score."


def problems_of(criteria: Sequence[Any]) -> list[Problem]:
    """Return everything that keeps a checklist from being published, in the order of its criteria, the sum first."""
    found: list[Problem] = []
    total = sum(criterion.weight or 0 for criterion in criteria)
    if total != WHOLE:
        way = f"{WHOLE - total} are missing" if total < WHOLE else f"{total - WHOLE} are too many"
        found.append(Problem("The weights do not add up to 100.", f"They add up to {total}: {way}."))
    count = Counter(criterion.code.strip().upper() for criterion in criteria)
    for criterion in criteria:
        found += _of_one(criterion, count[criterion.code.strip().upper()])
    there = {criterion.code for criterion in criteria if criterion.kind == "record"}
    found += [
        Problem(f"{code} is missing.", f"{what.capitalize()} can never be left out. Put it back.")
        for code, what in RECORDS.items()
        if code not in there
    ]
    return found


def _of_one(criterion: Any, same_code: int) -> Iterator[Problem]:
    code, pk = criterion.code.strip(), criterion.pk
    named = f"{code} {criterion.title}".strip() or "A criterion"
    if not code:
        yield Problem(f"{named}: the code is missing.", "Give a short code, for example C17.", "", "code", pk)
    elif same_code > 1:
        yield Problem(f"{named}: another criterion has this code.", "Each code stands once.", code, "code", pk)
    for name, what in (("title", "title"), ("evidence", "evidence")):
        if not getattr(criterion, name).strip():
            yield Problem(f"{named}: the {what} is missing.", f"Write the {what}.", code, name, pk)
    texts = [str(text).strip() for text in criterion.anchors]
    texts += [""] * (anchor_count(criterion.kind) - len(texts))
    for point, text in enumerate(texts[: anchor_count(criterion.kind)]):
        if not text:
            what = anchor_name(criterion.kind, point)
            yield Problem(f"{named}: an anchor is missing.", f"Write “{what}”.", code, f"anchor_{point}", pk)
    if criterion.validity_months is None and criterion.validity_rule in COUNTED:
        hint = "Give the months for which evidence is good."
        yield Problem(f"{named}: the months are missing.", hint, code, "validity_months", pk)
    for name, texts_of_field in field_problems(criterion).items():
        for text in texts_of_field:
            yield Problem(f"{named}: {text}", "", code, name, pk)
