"""Every write to conditions: following the terms, evidence and what is found of it, reminders."""

from grants.conditions.actions.deciding import accept_evidence as accept_evidence
from grants.conditions.actions.deciding import ask_waiver as ask_waiver
from grants.conditions.actions.deciding import refuse_waiver as refuse_waiver
from grants.conditions.actions.deciding import return_evidence as return_evidence
from grants.conditions.actions.deciding import show_condition as show_condition
from grants.conditions.actions.deciding import waive_condition as waive_condition
from grants.conditions.actions.following import ask_for_evidence as ask_for_evidence
from grants.conditions.actions.following import end_conditions as end_conditions
from grants.conditions.actions.following import follow_terms as follow_terms
from grants.conditions.actions.reminding import remind_of_conditions as remind_of_conditions
from grants.conditions.actions.reminding import remind_of_conditions_due as remind_of_conditions_due
