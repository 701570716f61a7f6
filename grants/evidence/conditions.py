"""The conditions of a grant as its evidence tells them: what was asked, the evidence given, how each came out."""

from datetime import datetime
from typing import Any

from grants.agreements.models import Grant
from grants.conditions.models import Condition, ConditionAnswer
from vetting_portal.audit import moment
from vetting_portal.models import User


def conditions_of(grant: Grant) -> list[dict[str, Any]]:
    """Return every condition that the grant has or had, by number, each with its evidence and how it came out."""
    rows = Condition.objects.filter(grant=grant).prefetch_related("answers__document__file", "answers__document__paper")
    return [_told(condition) for condition in rows.order_by("number")]


def _told(condition: Condition) -> dict[str, Any]:
    met = condition.state == Condition.State.MET
    waived, ended = condition.state == Condition.State.WAIVED, condition.state == Condition.State.ENDED
    return {
        **condition.terms.kept(),  # type: ignore[dict-item]  # a record always says what waits
        "id": condition.pk,
        "state": condition.state,
        "answers": [_answer(one) for one in condition.answers.all()],
        "met": _found(condition.met_at, condition.met_by, condition.met_reason) if met else None,
        "waived": _found(condition.waived_at, condition.waived_by, condition.waived_reason) if waived else None,
        "ended": _found(condition.ended_at, condition.ended_by, condition.end_reason) if ended else None,
    }


def _answer(answer: ConditionAnswer) -> dict[str, Any]:
    document = answer.document
    return {
        "id": answer.pk,
        "at": moment(answer.given_at),
        "actor_id": answer.given_by_id,
        "text": answer.text,
        "document": {
            "title": document.paper.title, "version": document.number, "sha256": document.file.sha256,
        } if document else None,
    }  # fmt: skip


def _found(at: datetime | None, by: User | None, reason: str) -> dict[str, Any] | None:
    return {"at": moment(at), "actor_id": by.pk, "reason": reason} if at and by else None
