"""The transactions of panels, by whose part they are."""

from reviews.panels.actions.assignments import ASSIGNABLE_WHILE as ASSIGNABLE_WHILE
from reviews.panels.actions.assignments import assign_blockers as assign_blockers
from reviews.panels.actions.assignments import assign_reviewer as assign_reviewer
from reviews.panels.actions.assignments import declare as declare
from reviews.panels.actions.assignments import declare_as_officer as declare_as_officer
from reviews.panels.actions.assignments import end_review as end_review
from reviews.panels.actions.assignments import recuse_review as recuse_review
from reviews.panels.actions.assignments import remind_reviewer as remind_reviewer
from reviews.panels.actions.assignments import take_over as take_over
from reviews.panels.actions.discussing import discussion_blockers as discussion_blockers
from reviews.panels.actions.discussing import write_panel_message as write_panel_message
from reviews.panels.actions.panel import close_panel as close_panel
from reviews.panels.actions.panel import moderate as moderate
from reviews.panels.actions.panel import override as override
from reviews.panels.actions.panel import recommend as recommend
from reviews.panels.actions.panel import resolve_related_party as resolve_related_party
from reviews.panels.actions.panel import return_to_review as return_to_review
from reviews.panels.actions.reviewing import AdviceSavedElsewhere as AdviceSavedElsewhere
from reviews.panels.actions.reviewing import SavedElsewhere as SavedElsewhere
from reviews.panels.actions.reviewing import add_citation as add_citation
from reviews.panels.actions.reviewing import remove_citation as remove_citation
from reviews.panels.actions.reviewing import reopen_review as reopen_review
from reviews.panels.actions.reviewing import save_advice as save_advice
from reviews.panels.actions.reviewing import save_score as save_score
from reviews.panels.actions.reviewing import submit_review as submit_review
