"""Conditions follow the terms: made when terms are frozen, changed by an amendment, ended with what waits for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from grants.conditions.models import Condition
from partners.organisations.actions import tell_owners
from reviews.panels.conditions import VettingCondition, read_all
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, perform, record

NOT_IN_TERMS = "The terms no longer ask for it."


@action
def follow_terms(*, grant: Any, conditions: Sequence[str | Mapping[str, Any]], by: User) -> None:
    """Let the conditions of a locked grant be those of its terms: new ones open, changed ones follow, and what the
    terms no longer hold ends. One that was met or waived opens again where the terms ask for something else.
    """
    standing = {one.number: one for one in lock(Condition.objects.filter(grant=grant.pk))}
    for told in read_all(conditions):
        if not told.blocks:
            continue  # text alone, as terms of schema 1 hold it: nothing waits for it
        known = standing.pop(told.number, None)
        if known is None:
            _make(grant, told, by)
        elif known.terms != told:
            _change(known, told, by)
    for left in standing.values():
        if left.is_unmet:
            perform(left.drop, by=by, note=NOT_IN_TERMS, reason=NOT_IN_TERMS)


def _make(grant: Any, told: VettingCondition, by: User) -> None:
    made = Condition(grant_id=grant.pk, number=told.number, made_at=timezone.now(), made_by=by, **_fields(told))
    made.validate_constraints()
    made.save()
    record("condition_made", made, by=by, facts=_facts(grant, told))


def _fields(told: VettingCondition) -> dict[str, Any]:
    return {
        "text": told.text, "blocks": told.blocks, "of": told.of, "asked_of": told.asked_of, "due_on": told.day,
    }  # fmt: skip


def _facts(grant: Any, told: VettingCondition) -> dict[str, Any]:
    return {
        "grant": grant.pk, "number": told.number, "blocks": told.blocks, "of": told.of, "asked_of": told.asked_of,
        "due_on": told.due_on,
    }  # fmt: skip


def _change(known: Condition, told: VettingCondition, by: User) -> None:
    """Write what the terms say now. Another text, or something else that waits, asks for new evidence."""
    asks_anew = (known.text, known.asked_of) != (told.text, told.asked_of)
    waits_anew = known.state == Condition.State.ENDED and (known.blocks, known.of) != (told.blocks, told.of)
    for name, value in _fields(told).items():
        setattr(known, name, value)
    known.validate_constraints()
    known.save(update_fields=list(_fields(told)))
    record("condition_changed", known, by=by, facts=_facts(known.grant, told))
    if (asks_anew or waits_anew) and known.state != Condition.State.OPEN:
        perform(known.reopen, by=by)


@action
def ask_for_evidence(*, grant: Any, blocks: str, by: User) -> None:
    """Write to the partner's owners which conditions a signature waits for, where the partner shows them."""
    waiting = Condition.objects.unmet().filter(grant=grant.pk, blocks=blocks, asked_of=Condition.AskedOf.PARTNER)
    conditions = list(waiting.order_by("number"))
    if not conditions:
        return
    tell_owners(
        organisation=grant.submission.organisation,
        subject=f"Grant {grant.number}: we need something from you",
        template="grants/conditions/mail/asked.txt",
        context={"conditions": conditions, "grant": grant},
        by=by,
    )


@action
def end_conditions(*, grant: Any, reason: str, by: User, blocks: str = "", of: int | None = None) -> None:
    """End the unmet conditions of a grant that has ended, or those that one signature, payment or report waits for."""
    rows = Condition.objects.unmet().filter(grant=grant.pk)
    if blocks:
        rows = rows.filter(blocks=blocks, of=of)
    for condition in lock(rows):
        perform(condition.drop, by=by, note=reason, reason=reason)
