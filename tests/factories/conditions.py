"""Conditions of grants in each state, reached by their real actions."""

from typing import Any

from grants.agreements.actions import change_grant, freeze_terms
from grants.agreements.models import Grant
from grants.conditions import actions
from grants.conditions.models import Condition
from tests.factories import grants
from tests.factories.grants import directors_of, officer_of, owner_of
from vetting_portal.models import User

SAID = "The accounts of 2026 were reviewed by an accountant in May."


def condition_of(grant: Grant, number: int = 1) -> Condition:
    """Return a condition as it stands in the database."""
    return Condition.objects.for_page().get(grant=grant.pk, number=number)


def shown(condition: Condition, *, by: User | None = None, text: str = SAID, **given: Any) -> Condition:
    """Let the partner give evidence."""
    grant = condition.grant
    return actions.show_condition(condition=condition, text=text, by=by or owner_of(grant), **given)


def met(condition: Condition) -> Condition:
    """Let the partner give evidence, and an officer accept it."""
    condition = shown(condition)
    return actions.accept_evidence(condition=condition, reason="The letter says so.", by=officer_of(condition.grant))


def waived(condition: Condition) -> Condition:
    """Let a director waive a condition."""
    by = directors_of(condition.grant)[0]
    return actions.waive_condition(condition=condition, reason="The audit shows it already.", by=by)


def bound(draft: Grant, state: str = "in_force", **told: Any) -> Grant:
    """Take a draft to ``state``, from its freezing on, with one condition; ``told`` says what it stops, and who shows
    it.
    """
    plan, by = {**draft.plan, "conditions": [grants.condition("A letter of the board.", **told)]}, officer_of(draft)
    grant = freeze_terms(grant=change_grant(grant=draft, fields={"plan": plan}, by=by), by=by)
    return grants.fresh(grant) if state == "awaiting_signature" else grants.signed_in(state, grants.fresh(grant))
