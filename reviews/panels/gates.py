"""The gates that follow from records, not from opinion: sanctions, conflicts, bank details, foreign funds."""

from collections.abc import Sequence

from django.urls import reverse

from partners.checklists.conditions import Condition, Facts
from partners.submissions.missing import place_blockers
from partners.submissions.models import Submission
from reviews.panels.models import ConflictDeclaration, Moderation, Review
from reviews.panels.scoring import Gate, RecordGate
from reviews.screening.bank_gate import bank_standing
from reviews.screening.status import ScreeningStatus
from vetting_portal.canonical import sha256_of
from vetting_portal.workflow import Blocker

SANCTIONS, CONFLICTS = "C6", "C15"


def record_gates(
    submission: Submission,
    facts: Facts,
    *,
    screening: ScreeningStatus,
    related: Moderation | None,
    active: Sequence[Review],
    declarations: Sequence[ConflictDeclaration],
    with_payment: bool = True,
) -> list[RecordGate]:
    """Return the gates that follow from records.

    Sanctions, conflicts, bank details (payment only, and only ``with_payment``), and the yes or no that a scored
    criterion asks besides.
    """
    gates = []
    for criterion in submission.criteria:
        code, title = criterion.code, criterion.title
        if answer := Condition.read(criterion.gate_answer):
            gates.append(answer_gate(code, answer, facts))
        if criterion.is_scored:
            continue
        if criterion.gates_payment_only and not with_payment:
            continue
        if criterion.gates_payment_only:
            bank = bank_standing(submission.organisation)
            gates.append(RecordGate(code, title, Gate(bank.state), bank.reasons, counts=False, summary=bank.summary))
        elif code == SANCTIONS:
            gates.append(sanctions_gate(submission, title, screening))
        elif code == CONFLICTS:
            gates.append(conflict_gate(submission, title, related, active, declarations))
    return gates


def sanctions_gate(submission: Submission, title: str, screening: ScreeningStatus) -> RecordGate:
    """Return C6: no name is a listed one, and no place is closed without a licence. Names are not all."""
    if closed := place_blockers(submission):
        reasons = (*closed, *screening.reasons)
        return RecordGate(SANCTIONS, title, Gate.FAIL, reasons, summary="a place under sanctions, and no licence")
    return RecordGate(SANCTIONS, title, Gate(screening.state), screening.reasons, summary=screening.summary)


def answer_gate(code: str, condition: Condition, facts: Facts) -> RecordGate:
    """Return the gate that an answer decides by itself, for example that the partner may receive foreign funds."""
    holds = condition.holds(facts)
    title = condition.words[:1].upper() + condition.words[1:]
    if holds is None:
        return RecordGate(code, title, Gate.PENDING, summary="not answered")
    return RecordGate(code, title, Gate.PASS if holds else Gate.FAIL, summary="yes" if holds else "no")


def related_answers(submission: Submission) -> list[tuple[str, str, object]]:
    """Return the partner's answers about related parties: kind, label and value of each question under C15."""
    codes = {criterion.pk: criterion.code for criterion in submission.criteria}
    return [
        (question.kind, question.label, submission.value_of(question))
        for question in submission.questions
        if question.criterion_id and codes.get(question.criterion_id) == CONFLICTS
    ]


def related_party_mark(submission: Submission) -> str:
    """Return the mark that a resolution of the partner's related parties is recorded under: it is about these
    answers.
    """
    return f"related-party:{sha256_of([[label, value] for _, label, value in related_answers(submission)])}"


def conflict_gate(
    submission: Submission,
    title: str,
    related: Moderation | None,
    active: Sequence[Review],
    declarations: Sequence[ConflictDeclaration],
) -> RecordGate:
    """Return C15: the partner's form, the officer's and the reviewers' declarations. Nothing may be unresolved.

    A reviewer with an interest has stepped aside, which resolves it. An officer with one hands over. What the
    partner tells of related parties needs a recorded resolution.
    """
    interests = {one.user_id for one in declarations if one.has_interest}
    declared = {(one.user_id, one.as_role) for one in declarations}
    url = reverse("reviews:work", args=[submission.pk])  # every reader opens it; it leads the officer to the form
    pending: list[Blocker] = []
    failed: list[Blocker] = []
    officer = submission.officer
    if officer is None:
        pending.append(Blocker("No programme officer is in charge.", code=CONFLICTS, url=url))
    elif officer.pk in interests:
        failed.append(
            Blocker(
                f"{officer}, the programme officer, has an interest. Another officer takes over.",
                code=CONFLICTS,
                url=url,
            )
        )
    elif (officer.pk, ConflictDeclaration.AsRole.OFFICER) not in declared:
        pending.append(Blocker(f"{officer} has not declared yet.", code=CONFLICTS, url=url))
    pending += [
        Blocker(f"{review.reviewer} has not declared yet.", code=CONFLICTS)
        for review in active
        if (review.reviewer_id, ConflictDeclaration.AsRole.REVIEWER) not in declared
    ]
    pending += _related_party_blockers(submission, related)
    state = Gate.FAIL if failed else Gate.PENDING if pending else Gate.PASS
    reasons = (*failed, *pending)
    answered = sum(len(one.answers) for one in declarations)
    none = "none unresolved" + (f", {answered} answered that the records show" if answered else "")
    return RecordGate(CONFLICTS, title, state, reasons, summary=str(reasons[0]).rstrip(".") if reasons else none)


def _related_party_blockers(submission: Submission, related: Moderation | None) -> list[Blocker]:
    """Say what the partner's own form leaves open."""
    told = [value for kind, _, value in related_answers(submission) if kind == "yes_no"]
    if not told or any(value not in {"yes", "no"} for value in told):
        return [Blocker("The partner has not answered about related parties.", code=CONFLICTS)]
    if "yes" in told and related is None:
        address = reverse("reviews:panel", args=[submission.pk]) + "#related-party"
        return [Blocker("The partner names a related party; no resolution is recorded.", code=CONFLICTS, url=address)]
    return []
