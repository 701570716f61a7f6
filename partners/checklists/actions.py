"""The transactions of checklists: install the default, copy, change a draft, publish."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms.models import model_to_dict
from django.utils import timezone

from partners.checklists.default import default_checklist
from partners.checklists.models import ChecklistVersion, Criterion
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, lock, record

CHANGEABLE = frozenset(
    {
        "title",
        "weight",
        "evidence",
        "evidence_minimum",
        "evidence_max_age_months",
        "anchors",
        "gate_minimum",
        "gate_raised_to",
        "gate_note",
        "validity_months",
        "validity_note",
    }
)


def _may_change(by: User, checklist: ChecklistVersion | None = None) -> None:
    if not by.has_perm("partners.change_checklist", checklist):
        raise PermissionDenied("partners.change_checklist")


@action
def install_default_checklist(*, by: User) -> ChecklistVersion:
    """Make the shipped checklist and publish it; where it is there already, return its newest published version."""
    shipped = default_checklist()
    there = ChecklistVersion.objects.published().filter(name=shipped["name"]).first()
    if there is not None:
        return there
    _may_change(by)
    checklist = ChecklistVersion.objects.create(
        name=shipped["name"], number=1, created_at=timezone.now(), created_by=by
    )
    for position, fields in enumerate(shipped["criteria"], start=1):
        Criterion.objects.create(checklist=checklist, position=position, **fields)
    record("created", checklist, by=by, facts={"criteria": len(shipped["criteria"])})
    return publish_checklist(checklist=checklist, by=by)


@action
def start_checklist_version(*, checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Start a new version as a copy. Raises Refused while another draft of the same checklist is open."""
    _may_change(by, checklist)
    source = lock(checklist)
    family = lock(ChecklistVersion.objects.filter(name=source.name))
    if any(not version.is_published for version in family):
        raise Refused(["A draft of this checklist is open already."], subject=source)
    copy = ChecklistVersion.objects.create(
        name=source.name,
        number=max(version.number for version in family) + 1,
        copied_from=source,
        created_at=timezone.now(),
        created_by=by,
    )
    for criterion in source.criteria.order_by("position"):
        criterion.pk, criterion.checklist = None, copy
        criterion._state.adding = True
        criterion.save()
    record("created", copy, by=by, facts={"copied_from": source.pk})
    return copy


@action
def change_criterion(*, criterion: Criterion, by: User, **fields: Any) -> Criterion:
    """Change a criterion of a draft. Raises Refused once its version is published, ValidationError for bad input."""
    checklist = lock(criterion.checklist)
    _may_change(by, checklist)
    if checklist.is_published:
        raise Refused(["This version is published and never changes. Start a new one."], subject=checklist)
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError(dict.fromkeys(sorted(unknown), "This cannot be changed."))
    fresh = lock(criterion)
    for name, value in fields.items():
        setattr(fresh, name, value)
    fresh.full_clean()
    fresh.save()
    record("criterion_changed", checklist, by=by, facts={"criterion": fresh.code, "fields": sorted(fields)})
    return fresh


@action
def publish_checklist(*, checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Publish a version: from now on it is the one in force, and frozen. Raises Refused with what is missing."""
    fresh = lock(checklist)
    _may_change(by, fresh)
    if reasons := fresh.publish_blockers():
        raise Refused(reasons, subject=fresh)
    fresh.published_at, fresh.published_by = timezone.now(), by
    fresh.save()
    weights = {criterion.code: criterion.weight for criterion in fresh.criteria.all()}
    record("published", fresh, by=by, facts={"number": fresh.number, "weights": weights})
    return fresh


def criterion_fields(criterion: Criterion) -> dict[str, Any]:
    """Return the changeable fields of a criterion, for its form."""
    return model_to_dict(criterion, fields=sorted(CHANGEABLE))
