"""From a recommended submission to a draft of its grant."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.models import Grant, GrantSeries
from partners.submissions.models import Submission
from reviews.panels.conditions import numbered, read_all
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, record

DRAFTED = (
    "fund",
    "title",
    "purpose",
    "goal_minor",
    "cap_minor",
    "ratio_p",
    "ratio_q",
    "window_starts_at",
    "window_ends_at",
    "time_zone",
    "basis",
    "refund_policy",
    "donor_cap_minor",
    "gift_cap_minor",
    "fee_top_up_minor",
    "term_starts_on",
    "term_ends_on",
    "plan",
    "signatory_name",
    "signatory_title",
    "signatory_authority",
    "director_authority",
    "helps_individuals",
    "bank_name",
    "bank_last4",
)


def _next_number() -> str:
    """Return the next grant number of this year: ``2026-014``. The year's row stays locked until the end."""
    year = timezone.localdate().year
    GrantSeries.objects.get_or_create(year=year)
    series = GrantSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{year}-{series.last:03}"


def _with_numbers(fields: Mapping[str, Any], grant: Grant | None = None) -> dict[str, Any]:
    """Return the fields with a number for each condition that stays its own."""
    if "plan" not in fields:
        return dict(fields)
    plan = fields["plan"]
    known = {one.number for one in read_all(grant.plan["conditions"])} if grant else set()
    given = numbers_given(grant) if grant else set()
    return {**fields, "plan": {**plan, "conditions": numbered(plan["conditions"], known, given)}}


def numbers_given(grant: Grant) -> set[int]:
    """Return the numbers that conditions of a grant have or had since its terms were first frozen."""
    return set(grant.conditions.values_list("number", flat=True))


@action
def draft_grant(*, submission: Submission, fields: Mapping[str, Any], by: User) -> Grant:
    """Make the draft of a grant from a recommended submission; ``fields`` are the names of ``DRAFTED``.

    Raises Refused when the submission is not recommended or has a grant, ValidationError when a constraint does not
    hold.
    """
    submission = lock(submission)
    if not by.has_perm("grants.draft_grant", submission):
        raise PermissionDenied("draft_grant")
    existing = Grant.objects.standing_for(submission)
    if existing is not None:
        raise Refused(
            [
                Blocker(
                    f"Grant {existing.number} was drafted from this submission already.",
                    url=existing.get_absolute_url(),
                )
            ]
        )
    if submission.state != Submission.State.RECOMMENDED:
        raise Refused(
            [
                Blocker(
                    f"The submission is {submission.get_state_display().lower()}.",
                    hint="Only a recommended one becomes a grant.",
                )
            ]
        )
    if held := submission.hold_blockers():
        raise Refused(held, subject=submission)
    fields = _with_numbers(fields)
    grant = Grant(
        number=_next_number(),
        submission=submission,
        currency=submission.currency,
        created_by=by,
        created_at=timezone.now(),
        **{name: fields[name] for name in DRAFTED if name in fields},
    )
    grant.validate_constraints()
    grant.save()
    record("drafted", grant, by=by, to_state=grant.state, facts=_sums(grant))
    return grant


@action
def change_grant(*, grant: Grant, fields: Mapping[str, Any], by: User) -> Grant:
    """Change the draft. Raises Refused when its terms are frozen, ValidationError when a constraint does not hold."""
    grant = lock(grant)
    if not by.has_perm("grants.change_grant", grant):
        raise PermissionDenied("change_grant")
    if grant.state != Grant.State.DRAFT:
        raise Refused(
            [
                Blocker(
                    f"This grant is {grant.get_state_display().lower()}.",
                    hint="Send it back first: that voids every signature.",
                )
            ]
        )
    fields = _with_numbers(fields, grant)
    for name in DRAFTED:
        if name in fields:
            setattr(grant, name, fields[name])
    grant.frozen_at = grant.frozen_by = None  # a try to freeze it that broke off was about other terms
    grant.validate_constraints()
    grant.save(update_fields=[*(name for name in DRAFTED if name in fields), "frozen_at", "frozen_by"])
    record("changed", grant, by=by, facts=_sums(grant))
    return grant


def _sums(grant: Grant) -> dict[str, Any]:
    return {
        "submission": grant.submission_id,
        "fund": grant.fund_id,
        "goal_minor": grant.goal_minor,
        "cap_minor": grant.cap_minor,
        "currency": grant.currency,
    }
