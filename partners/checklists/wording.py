"""Gates and validity in words, made from the data of a criterion: nobody types them twice."""

from typing import Any

from partners.checklists.conditions import Condition
from partners.checklists.evidence import ValidityRule


def gate_words(criterion: Any) -> str:
    """Return the gate of a criterion: ``≥ 2; ≥ 3 if children are served``, ``–`` where there is none."""
    parts: list[str] = []
    if criterion.gate_minimum is not None:
        when = Condition.read(criterion.gate_when)
        least = f"≥ {criterion.gate_minimum}"
        if when:
            least += f" if {when.words}"
        elif criterion.applies_when:
            least += " when it applies"
        parts.append(least)
        raised = Condition.read(criterion.gate_raised_when)
        if raised:
            parts.append(f"≥ {criterion.gate_raised_to} if {raised.words}")
    if answer := Condition.read(criterion.gate_answer):
        parts.append(f"a separate yes / no: {answer.words}")
    if criterion.gates_payment_only:
        parts.append("payment only")
    if criterion.gate_extra:
        parts.append(criterion.gate_extra)
    return "; ".join(parts) or "–"


def validity_words(criterion: Any) -> str:
    """Return how long evidence counts: ``24 months``, ``this submission``, with what staff added."""
    months = criterion.validity_months
    length = f"{months} month{'' if months == 1 else 's'}" if months else ""
    words = {
        ValidityRule.OWN_DATE: f"the paper's own date, else {length}" if length else "the paper's own date",
        ValidityRule.FROM_ISSUE: length,
        ValidityRule.YEAR_END: f"{length} after year end" if length else "",
        ValidityRule.SUBMISSION: "this submission",
        ValidityRule.RECORDS: "" if criterion.validity_extra else "as the records say",
    }[ValidityRule(criterion.validity_rule)]
    return "; ".join(part for part in (words, criterion.validity_extra) if part) or "no end"
