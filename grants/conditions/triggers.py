"""Triggers of conditions: none goes, evidence and reminders are only added."""

from vetting_portal.guards import Guard, append_only, kept

TRIGGERS: list[Guard] = [
    kept("grants_condition", ["id", "grant_id", "number", "made_at", "made_by_id"], "a condition stays on record"),
    append_only("grants_conditionanswer", "id"),
    append_only("grants_conditionnotice", "id"),
]
