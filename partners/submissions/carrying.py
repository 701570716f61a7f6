"""Which papers a new submission starts with: what is still good, for the criteria that it was evidence for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from partners.checklists.evidence import ValidityRule
from partners.checklists.models import Criterion
from partners.submissions.missing import document_problem
from partners.submissions.models import EvidenceLink, Submission
from partners.vault.models import Paper

# What is about one submission only, or follows from records, is asked anew each time.
ASKED_ANEW = {ValidityRule.SUBMISSION, ValidityRule.RECORDS}


@dataclass(frozen=True)
class Carried:
    """A paper that is evidence from the start; ``source`` is the submission that it was evidence in, if one was."""

    criterion: Criterion
    paper: Paper
    source: Submission | None


def carried_over(submission: Submission, today: date) -> Iterator[Carried]:
    """Yield what a fresh submission starts with, each paper once for a criterion.

    A paper that was evidence before is so again for the same criteria, whatever the version of the checklist, named
    with the latest submission; one that never was is evidence for the criterion of its kind. Only what counts today
    is carried over.
    """
    by_lineage = {criterion.lineage: criterion for criterion in submission.criteria}
    papers = {
        paper.pk: paper
        for paper in submission.organisation.papers.originals().prefetch_related("documents").order_by("title", "pk")
    }
    earlier = EvidenceLink.objects.filter(paper__in=papers, submission__organisation=submission.organisation)
    earlier = earlier.exclude(submission=submission).select_related("criterion", "submission")
    wanted: dict[tuple[int, str], Submission | None] = {
        (link.paper_id, link.criterion.lineage): link.submission for link in earlier.order_by("linked_at", "pk")
    }
    used = {paper_id for paper_id, _ in wanted}
    for paper in papers.values():
        if paper.pk not in used:
            wanted[paper.pk, paper.kind_info.code] = None
    for (paper_id, lineage), source in wanted.items():
        criterion, paper = by_lineage.get(lineage), papers[paper_id]
        if criterion is None or criterion.validity_rule in ASKED_ANEW or document_problem(paper, criterion, today):
            continue
        yield Carried(criterion, paper, source)
