"""What the officer of the portfolio drafts, and a second person publishes: a checklist, the texts of the agreement."""

from grants.wordings.actions import change_passage, start_wording
from grants.wordings.models import WordingVersion
from partners.checklists.actions import change_criterion, start_checklist_version
from partners.checklists.models import ChecklistVersion
from vetting_portal.models import User

CRITERION, CLAUSE = "C9", "Reports"
EVIDENCE = " The minutes of the last two annual meetings are enough where they show who decided."
SENTENCE = " A report may be written in the language of the Partner; the Funder has it translated."


def draft_checklist(officer: User) -> None:
    """Start the next version of the checklist, with a sentence more on what counts as evidence for one criterion."""
    published = ChecklistVersion.objects.published()[0]
    draft = start_checklist_version(checklist=published, by=officer)
    criterion = draft.criteria.get(code=CRITERION)
    change_criterion(criterion=criterion, evidence=f"{criterion.evidence}{EVIDENCE}", by=officer)


def draft_texts(officer: User) -> None:
    """Start the next version of the agreement texts, with a sentence more in the clause on reports."""
    draft = start_wording(wording=WordingVersion.objects.current(), by=officer)
    clause = next(one for one in draft.rows() if one.title == CLAUSE and one.kind == "clause")
    change_passage(passage=clause, text=f"{clause.text}{SENTENCE}", by=officer)
