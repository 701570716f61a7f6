"""How the evidence of a submission stands, criterion by criterion: what is missing, on its way, ending early, ready."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.text import capfirst

from partners.checklists.models import Criterion
from partners.submissions.missing import document_problem, evidence_end
from partners.submissions.models import EvidenceLink, Submission
from partners.vault.models import Document, Paper

MISSING, CHECKING, READY, OPTIONAL = "missing", "checking", "ready", "optional"


@dataclass(frozen=True)
class Linked:
    """One paper that is linked to a criterion: what it counts with, why it does not, and when it ends."""

    link: EvidenceLink
    document: Document | None
    problem: str
    is_checking: bool
    ends_on: date | None

    @property
    def paper(self) -> Paper:
        """Return the paper."""
        return self.link.paper


@dataclass(frozen=True)
class CriterionRow:
    """One criterion with its papers; ``needed`` is how many it asks for at least."""

    criterion: Criterion
    linked: list[Linked] = field(default_factory=list)

    @property
    def needed(self) -> int:
        """How many papers it asks the partner for."""
        return self.criterion.evidence_minimum if self.criterion.is_scored else 0

    @property
    def bad(self) -> list[Linked]:
        """Return the papers that do not count, and will not by waiting."""
        return [one for one in self.linked if one.problem and not one.is_checking]

    @property
    def lacks(self) -> int:
        """How many papers are still to be added."""
        return max(0, self.needed - len(self.linked))

    @property
    def state(self) -> str:
        """Return in which group it stands."""
        if self.bad or self.lacks:
            return MISSING
        if any(one.is_checking for one in self.linked):
            return CHECKING
        return READY if self.linked else OPTIONAL

    @property
    def asks(self) -> str:
        """Return what is asked for, in words."""
        evidence = capfirst(self.criterion.evidence)
        if self.needed > 1:
            return f"{len(self.linked)} of {self.needed}: {self.criterion.evidence}"
        return evidence


@dataclass(frozen=True)
class Evidence:
    """The evidence of a submission as its page shows it."""

    rows: list[CriterionRow]
    decision_on: date
    submission: Submission

    def _in(self, state: str) -> list[CriterionRow]:
        return [row for row in self.rows if row.state == state]

    @property
    def to_do(self) -> list[dict[str, str]]:
        """Return what the partner has to do, in order: a newer paper, or one that is missing."""
        add = reverse("partners:submission_paper_add", args=[self.submission.number])
        found = []
        for row in self._in(MISSING):
            code = row.criterion.code
            for one in row.bad:
                url = f"{one.paper.get_absolute_url()}#send"
                found.append(
                    {"label": one.paper.title, "hint": one.problem, "code": code, "url": url, "action": "Send"}
                )
            if row.lacks:
                url = f"{add}?criterion={code}"
                found.append(
                    {"label": row.criterion.title, "hint": row.asks, "code": code, "url": url, "action": "Add"}
                )
        return found

    @property
    def is_checking(self) -> bool:
        """Whether a check is still running."""
        return bool(self._in(CHECKING))

    @property
    def folds(self) -> list[tuple[str, list[CriterionRow]]]:
        """Return the groups that are folded, each with the words over it."""
        groups = [
            ("with something missing", MISSING),
            ("being checked", CHECKING),
            ("ready", READY),
            ("not needed from you now", OPTIONAL),
        ]
        return [(words, rows) for words, state in groups if (rows := [row for row in self._in(state) if _shown(row)])]

    @property
    def ending(self) -> list[Linked]:
        """Return the papers that are good today and end before the decision, each once, the first to end first."""
        found: dict[int, Linked] = {}
        for row in self.rows:
            for one in row.linked:
                if not one.problem and one.ends_on is not None and one.ends_on < self.decision_on:
                    kept = found.get(one.paper.pk)
                    found[one.paper.pk] = one if kept is None or (kept.ends_on or one.ends_on) > one.ends_on else kept
        return sorted(found.values(), key=lambda one: (one.ends_on or self.decision_on, one.paper.title))

    @property
    def carried(self) -> list[Linked]:
        """Return the links that the start of the submission made."""
        return [one for row in self.rows for one in row.linked if one.link.is_carried_over]


def _shown(row: CriterionRow) -> bool:
    """Whether a row has something that the list of things to do does not show."""
    return bool(row.linked) or row.state != MISSING


def evidence_of_submission(submission: Submission, today: date) -> Evidence:
    """Return how the evidence of a submission stands today."""
    linked: dict[int, list[Linked]] = defaultdict(list)
    for link in submission.links:
        document, newest = link.paper.current, link.paper.newest
        linked[link.criterion_id].append(
            Linked(
                link,
                document or newest,
                document_problem(link.paper, link.criterion, today),
                newest is not None and newest.state == Document.State.QUARANTINED,
                evidence_end(document, link.criterion) if document is not None else None,
            )
        )
    rows = [CriterionRow(criterion, linked[criterion.pk]) for criterion in submission.applying_criteria()]
    return Evidence(rows, submission.decision_on(today), submission)
