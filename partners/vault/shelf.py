"""How a paper stands on its page: who must act, what its state is in words, until when it is good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from partners.checklists.evidence import good_until
from partners.checklists.models import Criterion
from partners.vault.models import Document, Paper

SOON_DAYS = 60
OVER = "Out of date"
NEEDS_YOU, CHECKING, ACCEPTED = "need", "checking", "accepted"


@dataclass(frozen=True)
class Row:
    """One paper as its list shows it."""

    paper: Paper
    document: Document | None
    code: str
    criterion: str
    state: str
    state_text: str
    date_text: str
    group: str
    good_until: date | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether its newest version was not accepted."""
        return self.document is not None and self.document.state == Document.State.REJECTED

    @property
    def is_over(self) -> bool:
        """Whether its accepted version is out of date."""
        return self.state_text == OVER


def shelf(papers: Iterable[Paper], criteria: Iterable[Criterion], today: date) -> list[Row]:
    """Return the rows of a vault: those that need the partner first, then those on their way, then the accepted."""
    by_code = {criterion.lineage: criterion for criterion in criteria}
    order = {NEEDS_YOU: 0, CHECKING: 1, ACCEPTED: 2}
    rows = [row_of(paper, by_code.get(paper.kind_info.code), today) for paper in papers]
    return sorted(rows, key=lambda row: order[row.group])


def _date(day: date) -> str:
    return f"{day:%-d %B %Y}"


def row_of(paper: Paper, criterion: Criterion | None, today: date) -> Row:
    """Return how one paper stands: a newer version that was rejected or is being checked leads, else the accepted."""
    newest, current = paper.newest, paper.current
    code = criterion.code if criterion else ""
    title = criterion.title if criterion else paper.kind_info.label
    if newest is None:
        return Row(paper, None, code, title, "not_sent", "Not sent yet", "", NEEDS_YOU)
    sent = f"Sent {_date(timezone.localdate(newest.uploaded_at))}"
    if newest.state == Document.State.REJECTED:
        return Row(paper, newest, code, title, "rejected", "Not accepted", sent, NEEDS_YOU)
    if newest.state == Document.State.QUARANTINED or current is None:
        return Row(paper, newest, code, title, "quarantined", "Being checked", sent, CHECKING)
    state, text, dated, group, end = _standing(current, criterion, today)
    return Row(paper, current, code, title, state, text, dated or sent, group, end)


def _standing(document: Document, criterion: Criterion | None, today: date) -> tuple[str, str, str, str, date | None]:
    """Return state, words, date, group and last good day of an accepted version."""
    end = good_until(
        own_end=document.expires_on,
        dated=document.counts_from,
        rule=criterion.validity_rule if criterion else "own_date",
        months=criterion.validity_months if criterion else None,
    )
    if end is None:
        return "accepted", "Accepted", "", ACCEPTED, None
    left = (end - today).days
    if left < 0:
        return "expires", OVER, f"Ended {_date(end)}", NEEDS_YOU, end
    if left <= SOON_DAYS:
        text = f"Expires in {left} days" if left else "Expires today"
        return "expires", text, f"Valid to {_date(end)}", NEEDS_YOU, end
    return "accepted", "Accepted", f"Good to {_date(end)}", ACCEPTED, end
