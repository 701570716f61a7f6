"""What the three panes of the practice scoring page show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone

from partners.checklists.models import ChecklistVersion, Criterion
from reviews.practice.content import PracticeApplication, PracticeDocument
from reviews.practice.forms import PracticeScoreForm
from reviews.practice.keys import KEYS
from reviews.practice.models import NOT_APPLICABLE, PracticeAttempt, PracticeScore, missing_in

ANSWERS = "answers"


@dataclass(frozen=True)
class Shown:
    """The document in view at one of its pages."""

    document: PracticeDocument
    page: int

    @property
    def blocks(self) -> tuple[dict[str, Any], ...]:
        """What stands on the page."""
        return self.document.pages[self.page - 1]

    @property
    def previous(self) -> int | None:
        """The page before, or None on the first."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, or None on the last."""
        return self.page + 1 if self.page < len(self.document.pages) else None


def list_pane(attempt: PracticeAttempt, criterion: Criterion | None) -> dict[str, Any]:
    """Return the criteria with how far each is, and the way forward and back; None stands for the last step."""
    given, criteria = attempt.given(), list(attempt.fit.scored)
    place = criteria.index(criterion) if criterion else len(criteria)
    rows = [(other, given.get(other.pk), missing_in(given.get(other.pk))) for other in criteria]
    current = ChecklistVersion.objects.current()
    return {
        "attempt": attempt,
        "application": attempt.application,
        "draft": f"practice-{attempt.pk}",  # what is typed is kept on the device under this name
        "keys": KEYS,
        "rows": rows,
        "done": sum(not missing for _, _, missing in rows),
        "total": len(criteria),
        "previous": criteria[place - 1] if place else None,
        "next": criteria[place + 1] if place + 1 < len(criteria) else None,
        "is_older": current is not None and current.pk != attempt.checklist_id,
    }


def evidence_pane(application: PracticeApplication, criterion: Criterion, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the answers and documents, those for the criterion first, and the page that the address asks for.

    Raises Http404 for a document that there is not; a page that there is not is the nearest one.
    """
    code = criterion.lineage
    documents = sorted(application.documents, key=lambda one: code not in one.codes)
    wanted = asked.get("document", "")
    shown = None
    if wanted and wanted != ANSWERS:
        document = next((one for one in documents if one.key == wanted), None)
        if document is None:
            raise Http404
        shown = Shown(document, _page(asked.get("page", ""), len(document.pages)))
    elif not wanted and code in documents[0].codes:
        shown = Shown(documents[0], 1)
    return {
        "documents": [one for one in documents if code in one.codes],
        "others": [one for one in documents if code not in one.codes],
        "shown": shown,
        "answers": [one for one in application.answers if code in one.codes],
    }


def _page(asked: str, last: int) -> int:
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len("1000") else 1
    return min(max(page, 1), last)


def score_pane(
    attempt: PracticeAttempt,
    criterion: Criterion,
    form: PracticeScoreForm | None = None,
    theirs: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the criterion with its minimum, the form, and the text of another window."""
    score = attempt.given().get(criterion.pk)
    return {
        "criterion": criterion,
        "score": score,
        "gate": criterion.minimum(attempt.application.facts),
        "form": form or PracticeScoreForm(record=attempt, criterion=criterion, initial=initial_of(score)),
        "theirs": theirs,
    }


def shown_place(posted: Mapping[str, str], criterion: Criterion) -> str:
    """Return the query of the page for the place that a form was sent from: criterion, document, page."""
    kept = {"criterion": criterion.code, **{name: posted.get(name, "") for name in ("document", "page")}}
    return urlencode({name: value for name, value in kept.items() if value})


def initial_of(score: PracticeScore | None) -> dict[str, Any]:
    """Return what the form shows of a score; a blank stays a blank."""
    if score is None:
        return {"score": "", "edition": 0}
    return {"score": score.chosen, "justification": score.justification, "edition": score.edition}


def said_of(score: PracticeScore) -> dict[str, str]:
    """Return a score as another window shows it: the choice, the words for it, the text, when, and its edition."""
    words = {"": "no score", NOT_APPLICABLE: "not applicable"}.get(score.chosen, f"score {score.chosen}")
    return {
        "score": score.chosen,
        "words": words,
        "justification": score.justification,
        "saved": f"{timezone.localtime(score.saved_at):%H:%M}",
        "edition": str(score.edition),
    }
