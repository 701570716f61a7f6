"""What the three panes of the bench show, and the boxes of the result's page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.previews.textlayer import Mark, marks_of
from partners.previews.viewing import Viewing, viewing_of
from partners.submissions.models import Submission, SubmissionVersion
from partners.submissions.switching import gate_reason, reason_not
from reviews.panels.actions import discussion_blockers
from reviews.panels.forms import (
    NOT_APPLICABLE,
    AssignForm,
    CiteForm,
    ModerateForm,
    PanelMessageForm,
    RecommendForm,
    RelatedPartyForm,
    ScoreForm,
)
from reviews.panels.gates import related_answers
from reviews.panels.models import Citation, Recommendation, Review, Score, missing_in, scored_criteria
from reviews.panels.proposing import listed, propose
from reviews.panels.queries import Evidence, answers_for, documents_of, evidence_of
from reviews.panels.records import records_for, records_pages
from reviews.panels.results import PanelResult
from reviews.panels.scoring import REVIEWS_NEEDED, Band
from reviews.screening.status import screening_status
from vetting_portal.models import User

SHOWN_GATES = 7
ANSWERS = "answers"
LONGEST_NUMBER = 18


def list_pane(review: Review, criterion: Criterion | None) -> dict[str, Any]:
    """Return the criteria with how far each is, and the way forward and back; None stands for the last step."""
    scores = review.scores_with_switched()
    criteria = scored_criteria(review.submission)
    place = criteria.index(criterion) if criterion else len(criteria)
    rows = [(other, scores.get(other.pk), missing_in(scores.get(other.pk))) for other in criteria]
    return {
        "rows": rows,
        "done": sum(not missing for _, _, missing in rows),
        "total": len(criteria),
        "previous": criteria[place - 1] if place else None,
        "next": criteria[place + 1] if place + 1 < len(criteria) else None,
        "status": screening_status(review.submission.organisation),
        "records_pages": records_pages(review.submission, criteria),
    }


def shown_place(posted: QueryDict, criterion: Criterion) -> str:
    """Return the query of the desk for the place that a form was sent from: criterion, paper, page, zoom."""
    kept = {"criterion": criterion.code, "paper": posted.get("document") or posted.get("paper")}
    kept |= {name: posted.get(name) for name in ("page", "zoom")}
    return urlencode({name: value for name, value in kept.items() if value})


def evidence_pane(
    request: HttpRequest,
    review: Review,
    criterion: Criterion,
    version: SubmissionVersion,
    cite_form: CiteForm | None = None,
) -> dict[str, Any]:
    """Return the papers and answers of the version that was sent last, and the paper in view at its page.

    In view is the paper that the address names, of whatever version it was sent with; else the first for the criterion.
    """
    evidence = evidence_of(version, criterion)
    asked, sections = answers_for(review.submission, version, criterion)
    chosen = _chosen(request, review.submission, evidence)
    viewing = viewing_of(chosen.document, request.GET) if chosen else None
    place = {"page": viewing.page} if viewing else {}
    return {
        "evidence": [one for one in evidence if one.is_for_this],
        "others": [one for one in evidence if not one.is_for_this],
        "records": records_for(review.submission, criterion),
        "records_page": next(iter(records_pages(review.submission, [criterion])), None),
        "chosen": chosen,
        "viewing": viewing,
        "answers": asked,
        "sections": sections,
        "cite_form": cite_form or CiteForm(record=review, criterion=criterion, initial=place),
    }


@dataclass(frozen=True)
class Cited:
    """A citation of the criterion that leads to the page in view: its number, and where its words stand."""

    number: int
    marks: list[Mark]
    is_whole_page: bool


def cited_as(viewing: Viewing | None, citations: list[Citation]) -> list[Cited]:
    """Return the citations that lead to the page in view."""
    if viewing is None:
        return []
    here, lines = (viewing.document.pk, viewing.page), viewing.image.lines if viewing.image else []
    return [
        Cited(number, marks_of(lines, one.passage) if one.is_quoted else [], is_whole_page=not one.passage)
        for number, one in enumerate(citations, 1)
        if (one.document_id, one.page) == here
    ]


def _chosen(request: HttpRequest, submission: Submission, evidence: list[Evidence]) -> Evidence | None:
    """Return the paper in view, or None for the answers. Raises Http404 for an address of one that was not sent."""
    paper = request.GET.get("paper", "")
    first = evidence[0] if evidence and evidence[0].is_for_this else None
    if not paper:
        return first
    if paper == ANSWERS:
        return None
    found = next((one for one in evidence if str(one.document.pk) == paper), None)
    if found is None and paper.isascii() and paper.isdigit():
        document = documents_of(submission).filter(pk=int(paper[:LONGEST_NUMBER])).first()
        newer = document and next((one for one in evidence if one.document.paper_id == document.paper_id), None)
        found = Evidence(document, (), is_for_this=False, newer=newer.document if newer else None) if document else None
    if found is None and request.method == "GET":
        raise Http404
    return found or first


def score_pane(
    review: Review, criterion: Criterion, form: ScoreForm | None, theirs: dict[str, str] | None
) -> dict[str, Any]:
    """Return the criterion with its gate, the form, the citations so far, and the text of another window."""
    facts = review.submission.facts()
    minimum = criterion.minimum(facts)
    score = next((one for one in review.scores.all() if one.criterion_id == criterion.pk), None)
    return {
        "criterion": criterion,
        "score": score,
        "anchor": _anchor(criterion, score),
        "form": form or ScoreForm(record=review, criterion=criterion, initial=initial_of(score)),
        "theirs": theirs,
        "citations": list(score.citations.all()) if score else [],
        "gate": minimum,
        "raised_because": gate_reason(criterion, facts),
        "applies": criterion.applies(facts),
        "why_not": reason_not(criterion, facts),
        "blockers": review.write_blockers(),
    }


def _anchor(criterion: Criterion, score: Score | None) -> str:
    """Return the written anchor of a score; empty for none, and for a criterion that has fewer of them."""
    if score is None or score.value is None:
        return ""
    return str(dict(enumerate(criterion.anchors)).get(score.value, ""))


def said_of(score: Score) -> dict[str, str]:
    """Return a score as another window shows it: the choice, the words for it, the text, when, and its edition."""
    chosen = str(initial_of(score)["score"])
    words = {"": "no score", NOT_APPLICABLE: "not applicable"}.get(chosen, f"score {chosen}")
    return {
        "score": chosen,
        "words": words,
        "justification": score.justification,
        "saved": f"{timezone.localtime(score.saved_at):%H:%M}",
        "edition": str(score.edition),
    }


def advice_of(review: Review) -> dict[str, str]:
    """Return the advice to the directors as another window shows it, in the form of ``said_of``."""
    return {"score": "", "justification": review.advice, "saved": "", "edition": str(review.advice_edition)}


def initial_of(score: Score | None) -> dict[str, Any]:
    """Return what the form shows of a score; a blank stays a blank."""
    if score is None:
        return {"score": "", "edition": 0}
    shown = NOT_APPLICABLE if score.not_applicable else "" if score.value is None else str(score.value)
    return {"score": shown, "justification": score.justification, "edition": score.edition}


def asking(submission: Submission, form: AssignForm) -> dict[str, Any]:
    """Return whom to ask: who is proposed and why, everybody else by how well they fit, and who cannot be asked."""
    needed = REVIEWS_NEEDED - submission.reviews.active().count()
    proposals = propose(form.known, max(1, needed))
    due_on = form.fields["due_on"].initial.isoformat()
    return {
        "languages": listed(form.languages),
        "proposals": [(one, {"reviewer": one.candidate.user.pk, "due_on": due_on}) for one in proposals],
        "by_hand": form.is_bound or not proposals,
        "barred": [one for one in form.known if one.bars],
    }


def result_boxes(result: PanelResult) -> dict[str, Any]:
    """Return score, gates and what the band allows."""
    order = {"fail": 0, "pending": 1, "pass": 2}
    gates = sorted(result.gates, key=lambda gate: order[gate.state])
    outcome = str(result.band) if result.band else str(Recommendation.Outcome.RECOMMEND)
    return {
        "result": result,
        "outcome": outcome,
        "gates": gates[:SHOWN_GATES],
        "more_gates": gates[SHOWN_GATES:],
        "band_value": result.composite_text if result.scores.composite is not None else None,
        "recommend_blockers": result.recommend_blockers(outcome),
    }


def result_forms(submission: Submission, result: PanelResult, bound: Any) -> dict[str, Any]:
    """Return the forms of the result's page; ``bound`` is the one that came back with errors, or None."""
    return {
        "moderations": [(need, _moderate_form(submission, need, bound)) for need in result.moderations],
        "recommend_form": bound if isinstance(bound, RecommendForm) else RecommendForm(record=submission),
        "related_form": bound if isinstance(bound, RelatedPartyForm) else RelatedPartyForm(record=submission),
        "related_answers": _related(submission, result),
    }


def discussion(submission: Submission, result: PanelResult, user: User, bound: Any) -> dict[str, Any]:
    """Return the messages between the reviewers, and the form or why nobody can write now."""
    form = bound if isinstance(bound, PanelMessageForm) else PanelMessageForm(record=submission)
    return {
        "messages_between": list(submission.panel_messages.select_related("author")),
        "may_discuss": user.has_perm("reviews.write_panel_message", submission),
        "discussion_form": form,
        "discussion_blockers": discussion_blockers(
            submission, blind=sum(not review.version for review in result.waiting), counting=len(result.reviewed)
        ),
    }


def _moderate_form(submission: Submission, need: Any, bound: Any) -> ModerateForm:
    """Return the form of one disagreement: the one that came back, or a fresh one."""
    criterion = next(one for one in submission.criteria if one.pk == need.criterion_id)
    if isinstance(bound, ModerateForm) and bound.criterion.pk == criterion.pk:
        return bound
    initial, auto_id = {"concerns": need.concerns}, f"id_{criterion.code}_%s"
    if need.earlier:
        initial["resolution"] = need.earlier.resolution
    return ModerateForm(record=submission, criterion=criterion, initial=initial, auto_id=auto_id)


def _related(submission: Submission, result: PanelResult) -> list[tuple[str, object]]:
    """Return what the partner tells of related parties, where that needs a resolution or has one."""
    answers = related_answers(submission)
    told = any(kind == "yes_no" and value == "yes" for kind, _, value in answers)
    return [(label, value) for _, label, value in answers if value] if told or result.related_party else []


def result_rights(submission: Submission, result: PanelResult, user: User) -> dict[str, bool]:
    """Return what ``user`` may do on the result's page."""
    is_recommended = submission.state == Submission.State.RECOMMENDED
    return {
        "may_moderate": user.has_perm("reviews.moderate_panel", submission),
        "may_recommend": user.has_perm("reviews.recommend_submission", submission),
        "may_override": user.has_perm("reviews.override_panel", submission) and result.band == Band.DECLINE,
        "may_return": user.has_perm("reviews.return_submission", submission) and is_recommended,
        "may_work": user.has_perm("reviews.view_work", submission),
        "is_assessed": submission.state == Submission.State.ASSESSED,
    }
