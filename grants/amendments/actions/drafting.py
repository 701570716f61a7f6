"""From a grant in force to the draft of a change of its terms."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.actions import numbers_given
from grants.agreements.models import Grant
from grants.amendments.changes import changes_of
from grants.amendments.models import Amendment
from grants.amendments.readiness import draft_blockers
from reviews.panels.conditions import numbered, read_all
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, record


def _with_numbers(grant: Grant, changes: dict[str, Any], draft: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the changes with a number for each condition; those of the grant and of the draft so far keep theirs."""
    known = {one.number for one in read_all(draft["conditions"] if draft else ())}
    if all(isinstance(one, str) for one in changes["conditions"]):
        return changes  # text alone, as terms of schema 1 hold it
    return {**changes, "conditions": numbered(changes["conditions"], known, numbers_given(grant))}


@action
def draft_amendment(*, grant: Grant, reason: str, changes: dict[str, Any], by: User) -> Amendment:
    """Make the draft of the next amendment of a grant in force; ``changes`` are the terms that differ, as
    ``changes.changes_of`` names them, and ``reason`` says why.

    Raises Refused while the grant is not in force or another amendment is open, ValidationError without a reason.
    """
    grant = lock(grant)
    if not by.has_perm("grants.draft_amendment", grant):
        raise PermissionDenied("draft_amendment")
    base = grant.terms_in_force
    if (reasons := draft_blockers(grant)) or base is None:
        raise Refused(reasons, subject=grant)
    ordinal = grant.amendments.count() + 1
    amendment = Amendment(
        grant=grant,
        ordinal=ordinal,
        number=f"{grant.number}-A{ordinal}",
        reason=reason.strip(),
        changes=_with_numbers(grant, {**changes_of(base.content), **changes}),
        base=base,
        created_by=by,
        created_at=timezone.now(),
    )
    amendment.validate_constraints()
    amendment.save()
    facts = {"grant": grant.pk, "ordinal": ordinal, "amends_terms_sha256": base.sha256}
    record("drafted", amendment, by=by, to_state=amendment.state, facts=facts)
    return amendment


@action
def change_amendment(*, amendment: Amendment, reason: str, changes: dict[str, Any], by: User) -> Amendment:
    """Change the draft. Raises Refused when its terms are frozen, ValidationError without a reason."""
    amendment = lock(amendment)
    if not by.has_perm("grants.change_amendment", amendment):
        raise PermissionDenied("change_amendment")
    if amendment.state != Amendment.State.DRAFT:
        now, hint = amendment.get_state_display().lower(), "Send it back first: that voids every signature."
        raise Refused([Blocker(f"This amendment is {now}.", hint=hint)], subject=amendment)
    amendment.reason = reason.strip()
    amendment.changes = _with_numbers(amendment.grant, {**amendment.changes, **changes}, amendment.changes)
    amendment.validate_constraints()
    amendment.save(update_fields=["reason", "changes"])
    record("changed", amendment, by=by, facts={"goal_minor": amendment.goal_minor, "cap_minor": amendment.cap_minor})
    return amendment
