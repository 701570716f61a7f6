"""How a paper stands on its page: who must act, what its state is in words, until when it is good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from partners.checklists.models import Criterion
from partners.vault.models import Document, Paper
from partners.vault.renewal import end_of
from vetting_portal.clock import shown

SOON_DAYS = 60
OVER = "Out of date"
NEEDS_YOU, CHECKING, ACCEPTED = "need", "checking", "accepted"


@dataclass(frozen=True)
class Row:
    """One paper as its list shows it; ``decision_on`` is the day it must last to, where it ends before."""

    paper: Paper
    document: Document | None
    code: str
    criterion: str
    state: str
    state_text: str
    date_text: str
    group: str
    good_until: date | None = None
    decision_on: date | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether its newest version was not accepted."""
        return self.document is not None and self.document.state == Document.State.REJECTED

    @property
    def is_over(self) -> bool:
        """Whether its accepted version is out of date."""
        return self.state_text == OVER

    @property
    def ends_early(self) -> bool:
        """Whether it is good now and ends before a decision that it is evidence for."""
        return self.decision_on is not None and not self.is_over


def shelf(papers: Iterable[Paper], criteria: Iterable[Criterion], today: date) -> list[Row]:
    """Return the rows of a vault: those that need the partner first, then those on their way, then the accepted.

    A translation stands with its paper; it has a row of its own only where it needs the partner.
    """
    by_code = {criterion.lineage: criterion for criterion in criteria}
    order = {NEEDS_YOU: 0, CHECKING: 1, ACCEPTED: 2}
    rows = [row_of(paper, by_code.get(paper.kind_info.code), today) for paper in papers]
    shown = [row for row in rows if row.paper.translates_id is None or _is_wanted(row)]
    return sorted(shown, key=lambda row: (order[row.group], _urgency(row)))


def _is_wanted(row: Row) -> bool:
    """Whether a translation must be sent again: of a version that still counts."""
    return row.is_rejected and not row.paper.send_blockers()


def _urgency(row: Row) -> tuple[int, date]:
    """Return how rows that need the partner are sorted: refused, then out of date, then by the nearest end."""
    if row.is_rejected:
        return 0, date.min
    return (1 if row.is_over else 2), row.good_until if row.group == NEEDS_YOU and row.good_until else date.max


def _date(day: date) -> str:
    return f"{day:%-d %B %Y}"


def row_of(paper: Paper, criterion: Criterion | None, today: date) -> Row:
    """Return how one paper stands: a newer version that was rejected or is being checked leads, else the accepted."""
    newest, current = paper.leading, paper.current
    code = criterion.code if criterion else ""
    title = criterion.title if criterion else paper.kind_info.label
    if newest is None:
        return Row(paper, None, code, title, "not_sent", "Not sent yet", "", NEEDS_YOU)
    sent = f"Sent {_date(shown(newest.uploaded_at).date())}"
    if newest.state == Document.State.REJECTED:
        return Row(paper, newest, code, title, "rejected", "Not accepted", sent, NEEDS_YOU)
    if newest.state == Document.State.QUARANTINED or current is None:
        return Row(paper, newest, code, title, "quarantined", "Being checked", sent, CHECKING)
    end = end_of(current, criterion)
    if end is None:
        return Row(paper, current, code, title, "accepted", "Accepted", sent, ACCEPTED)
    decision = paper.decision_on(today)
    early = decision if decision is not None and end < decision else None
    state, text, dated, group = _standing(end, today, is_early=early is not None)
    return Row(paper, current, code, title, state, text, dated, group, end, early)


def _standing(end: date, today: date, *, is_early: bool) -> tuple[str, str, str, str]:
    """Return state, words, date and group of an accepted version that runs out."""
    left = (end - today).days
    if left < 0:
        return "expires", OVER, f"Ended {_date(end)}", NEEDS_YOU
    if left <= SOON_DAYS:
        text = f"Expires in {left} day{'' if left == 1 else 's'}" if left else "Expires today"
        return "expires", text, f"Valid to {_date(end)}", NEEDS_YOU
    if is_early:
        return "expires", "Ends before we decide", f"Valid to {_date(end)}", NEEDS_YOU
    return "accepted", "Accepted", f"Good to {_date(end)}", ACCEPTED
