"""Where an application stands: one row for each tab, and what has to happen before a recommendation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from grants.agreements.models import Grant
from grants.cases.tabs import grant_url
from partners.submissions.models import EvidenceLink, Submission
from partners.vault.models import Document, Paper
from reviews.panels.records import REFERENCES
from reviews.panels.results import GateLine, PanelResult
from reviews.panels.scoring import Gate
from vetting_portal.workflow import Blocker

SOON = timedelta(days=30)
RECOMMENDABLE = {Submission.State.SUBMITTED, Submission.State.IN_REVIEW, Submission.State.ASSESSED}


@dataclass(frozen=True)
class Row:
    """One line of "Where it stands": the tab, a sentence, and a state with its words."""

    label: str
    url: str
    text: str
    key: str
    state: str


@dataclass(frozen=True)
class CaseDocument:
    """One document of the application, with the criteria that it is evidence for."""

    paper: Paper
    criteria: tuple[str, ...]

    @property
    def leading(self) -> Document | None:
        """The version by which it stands: the one that was uploaded last, but for one that was taken again since."""
        return self.paper.leading

    @property
    def counts_with(self) -> Document | None:
        """The version that is evidence: another than the newest, where that was not accepted."""
        return self.paper.current


def documents_of(links: Sequence[EvidenceLink]) -> list[CaseDocument]:
    """Return each document once, in the order of the criteria."""
    codes: dict[int, list[str]] = {}
    papers: dict[int, Paper] = {}
    for link in links:
        papers.setdefault(link.paper_id, link.paper)
        codes.setdefault(link.paper_id, []).append(link.criterion.code)
    return [CaseDocument(paper, tuple(codes[pk])) for pk, paper in papers.items()]


def record_gates(result: PanelResult) -> tuple[GateLine, ...]:
    """Return the minimum requirements that follow from records alone: no score shows in them."""
    return result.gates[: len(result.scores.record_gates)]


def met(gates: Sequence[GateLine]) -> str:
    """Return how many minimum requirements are met: ``12 of 14``."""
    return f"{sum(gate.state == Gate.PASS for gate in gates)} of {len(gates)}"


def rows(
    submission: Submission, result: PanelResult, grant: Grant | None, *, sees_scores: bool, version: int
) -> list[Row]:
    """Return one row for each tab but the first, in their order. Without ``sees_scores`` nothing of a score shows."""
    return [
        Row(
            "Application",
            submission.get_absolute_url(),
            f"Version {version}.",
            str(submission.state),
            submission.get_state_display(),
        ),
        _documents(submission),
        _screening(submission, result),
        _diligence(submission, result, sees_scores=sees_scores),
        _reviews(submission, result, sees_scores=sees_scores),
        _grant(submission, grant),
    ]


def _documents(submission: Submission) -> Row:
    url = reverse("grants:case_documents", args=[submission.number])
    documents = documents_of(submission.links)
    states = [one.leading.state for one in documents if one.leading]
    accepted, refused = states.count(Document.State.ACCEPTED), states.count(Document.State.REJECTED)
    checking = states.count(Document.State.QUARANTINED)
    names = ", ".join(one.paper.title for one in documents if one.leading and one.leading.state == "rejected")
    text = f"{accepted} of {len(documents)} accepted." + (f" Rejected: {names}." if names else "")
    if refused:
        return Row("Documents", url, text, "rejected", f"{refused} rejected")
    if checking:
        return Row("Documents", url, text, "checking", f"{checking} being checked")
    if ending := _next_end([one.counts_with for one in documents]):
        document, days = ending
        when = f"Expires in {days} days" if days >= 0 else "Expired"
        return Row("Documents", url, f"{text} {document.paper.title} ends next.", "expires", when)
    return Row("Documents", url, text, "accepted" if documents else "todo", "All accepted" if documents else "None")


def _next_end(documents: Sequence[Document | None]) -> tuple[Document, int] | None:
    """Return the document that ends first, within the next 30 days or already, and in how many days."""
    today = timezone.localdate()
    ends: list[tuple[date, Document]] = [(one.expires_on, one) for one in documents if one and one.expires_on]
    first = min(ends, key=lambda end: end[0], default=None)
    return (first[1], (first[0] - today).days) if first and first[0] <= today + SOON else None


def _screening(submission: Submission, result: PanelResult) -> Row:
    status = result.screening
    still_open = sum(hit.is_open for hit in status.hits)
    key, words = ("judge", f"{still_open} to decide") if still_open else (status.state, "")
    words = words or {"pass": "Clear", "pending": "Not done", "fail": "Held"}[status.state]
    key = {"fail": "held", "pending": "todo"}.get(key, key)
    url = reverse("grants:case_screening", args=[submission.number])
    return Row("Screening", url, f"{status.summary[:1].upper()}{status.summary[1:]}.", key, words)


def _diligence(submission: Submission, result: PanelResult, *, sees_scores: bool) -> Row:
    url = reverse("grants:case_diligence", args=[submission.number])
    gates = result.gates if sees_scores else record_gates(result)
    waiting = [f"{gate.code} {gate.title}" for gate in gates if gate.state != Gate.PASS]
    named = ", ".join(waiting[:3]) + (f" and {len(waiting) - 3} more" if len(waiting) > 3 else "")  # noqa: PLR2004
    text = f"{met(gates)} minimum requirements are met." + (f" Open: {named}." if named else "")
    if any(gate.state == Gate.FAIL and gate.counts for gate in gates):
        return Row("Due diligence", url, text, "fail", "Not met")
    return Row(
        "Due diligence", url, text, "info" if waiting else "pass", f"{len(waiting)} open" if waiting else "All met"
    )


def _reviews(submission: Submission, result: PanelResult, *, sees_scores: bool) -> Row:
    url = reverse("reviews:work", args=[submission.pk])
    asked = len({review.pk for review in (*result.waiting, *result.behind, *(one.review for one in result.reviewed))})
    done = len(result.reviewed)
    if not asked:
        return Row("Reviews", url, "Nobody is assigned yet. Two reviews are needed.", "todo", "Not yet")
    text = f"{done} of {asked} submitted."
    if result.behind:
        text += f" {len(result.behind)} to confirm on the newest version."
    if sees_scores and done:
        text += f" Overall score {result.composite_text}."
    if sees_scores and result.open_moderations:
        codes = ", ".join(need.row.code for need in result.open_moderations)
        count = len(result.open_moderations)
        words = f"{count} disagreement{'s' if count > 1 else ''}"
        return Row("Reviews", url, f"{text} The reviewers differ on {codes}.", "judge", words)
    return Row("Reviews", url, text, "done" if done == asked else "info", "Complete" if done == asked else "Open")


def _grant(submission: Submission, grant: Grant | None) -> Row:
    if grant is None:
        text = "Not drafted. It needs a recommendation and a director’s decision."
        return Row("Grant", grant_url(submission), text, "todo", "Not yet")
    return Row("Grant", grant.get_absolute_url(), f"Grant {grant.number}.", grant.state, grant.get_state_display())


def before_recommendation(submission: Submission, result: PanelResult, *, sees_scores: bool) -> list[str]:
    """Return what is open before a recommendation, each with its place; nothing once there is one."""
    if submission.state not in RECOMMENDABLE:
        return []
    gates = result.gates if sees_scores else record_gates(result)
    found: list[str] = [
        Blocker(f"{gate.code} {gate.title}: {gate.text}", code=gate.code, hint="A requirement that fails is a decline.",
                url=reverse("grants:case_diligence", args=[submission.number]) + f"#requirement-{gate.code}")
        for gate in gates
        if gate.counts and gate.state == Gate.FAIL
    ]  # fmt: skip
    if sees_scores:
        found += result.open_points
    else:
        found += result.assess_blockers()
        found += [
            Blocker(f"{gate.code} {gate.title}: {gate.text}", code=gate.code, url=_where(submission, gate))
            for gate in gates
            if gate.counts and gate.state == Gate.PENDING
        ]
    return [*found, *result.references.blockers()]


def readable(reasons: Iterable[str], *, reads_references: bool) -> list[str]:
    """Return reasons with their links: to the pages of references only for who opens them."""
    return [
        Blocker(str(one), hint=one.hint, code=one.code)
        if isinstance(one, Blocker) and one.code == REFERENCES and not reads_references
        else one
        for one in reasons
    ]


def for_reader(gates: Iterable[GateLine], *, reads_references: bool) -> list[GateLine]:
    """Return gates with the links that their reader can follow."""
    return [replace(gate, reasons=tuple(readable(gate.reasons, reads_references=reads_references))) for gate in gates]


def _where(submission: Submission, gate: GateLine) -> str:
    place = reverse("grants:case_diligence", args=[submission.number]) + f"#requirement-{gate.code}"
    return next(filter(None, (getattr(reason, "url", "") for reason in gate.reasons)), place)
