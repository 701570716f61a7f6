"""What the answers switch: which criteria apply and which gates hold, and what a new version changed of it."""

from typing import TYPE_CHECKING, Any

from partners.checklists.conditions import Condition, Facts

if TYPE_CHECKING:
    from partners.checklists.models import Criterion
    from partners.submissions.models import Submission

GATES = frozenset({"gate_when", "gate_raised_when"})


def switched(submission: "Submission", facts: Facts) -> list[dict[str, Any]]:
    """Return each condition of the checklist with how it stands and the answer that decides; a version keeps this."""
    return [
        {
            "criterion": criterion.code,
            "title": criterion.title,
            "switch": name,
            "holds": condition.holds(facts),
            "because": condition.because(facts),
            "minimum": criterion.minimum(facts),
        }
        for criterion in submission.criteria
        for name, condition in criterion.conditions().items()
    ]


def changes_between(older: dict[str, Any], newer: dict[str, Any]) -> list[str]:
    """Return what the answers of a newer version switched, a sentence each; both are frozen records."""
    before = {(item["criterion"], item["switch"]): item for item in older.get("conditions", [])}
    found = []
    for item in newer.get("conditions", []):
        was = before.get((item["criterion"], item["switch"]))
        if was is not None and bool(was["holds"]) != bool(item["holds"]):
            found.append(f"{item['criterion']} {item['title']} {_turned(item)}. {item['because']}.")
    return found


def _turned(item: dict[str, Any]) -> str:
    """Return what became of one condition."""
    if item["switch"] == "applies_when":
        return "applies now" if item["holds"] else "does not apply any more"
    if item["switch"] in GATES:
        return f"has the gate {item['minimum']} now" if item["minimum"] is not None else "has no gate any more"
    return "passes its yes or no now" if item["holds"] else "fails its yes or no now"


def reason_not(criterion: "Criterion", facts: Facts) -> str:
    """Return why a criterion is not applicable, from the partner's answer; an empty text where it applies."""
    return f"Not applicable. {criterion.why_not(facts)}." if not criterion.applies(facts) else ""


def gate_reason(criterion: "Criterion", facts: Facts) -> str:
    """Return why the gate is the raised one, in the words of its condition; an empty text where it is not."""
    raised = Condition.read(criterion.gate_raised_when)
    is_raised = raised is not None and criterion.minimum(facts) == criterion.gate_raised_to
    return raised.words if raised and is_raised else ""
