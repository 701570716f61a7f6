"""The transactions of checklists: install the default, copy, change a draft, publish."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.forms.models import model_to_dict
from django.utils import timezone

from partners.checklists.default import default_checklist
from partners.checklists.models import ChecklistVersion, Criterion
from partners.checklists.problems import field_problems
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

CHANGEABLE = frozenset(
    {
        "code",
        "title",
        "kind",
        "weight",
        "evidence",
        "evidence_minimum",
        "evidence_max_age_months",
        "anchors",
        "gate_minimum",
        "gate_raised_to",
        "gate_raised_when",
        "gate_when",
        "gate_answer",
        "gate_extra",
        "applies_when",
        "validity_rule",
        "validity_months",
        "validity_extra",
    }
)


@action
def install_default_checklist(*, by: User) -> ChecklistVersion:
    """Make the shipped checklist and publish it; where it is there already, return its newest published version."""
    shipped = default_checklist()
    there = ChecklistVersion.objects.published().filter(name=shipped["name"]).first()
    if there is not None:
        return there
    return publish_checklist(checklist=adopt_shipped_checklist(by=by), by=by)


@action
def adopt_shipped_checklist(*, by: User) -> ChecklistVersion:
    """Start the first version as a draft with the criteria that the portal ships with; nothing is published yet.

    Raises PermissionDenied; Refused where there is a checklist, draft or published, with the way to it.
    """
    ask(by, "partners.change_checklist")
    lock(Funder.objects.order_by("pk"))  # two people who adopt at the same time come one after the other
    if first := ChecklistVersion.objects.order_by("pk").first():
        url = first.get_absolute_url() if first.is_published else first.get_draft_url()
        raise Refused([Blocker("There is a checklist already.", hint=str(first), url=url)], subject=first)
    shipped = default_checklist()
    draft = ChecklistVersion.objects.create(name=shipped["name"], number=1, created_at=timezone.now(), created_by=by)
    for position, fields in enumerate(shipped["criteria"], start=1):
        Criterion.objects.create(checklist=draft, position=position, **fields)
    record("created", draft, by=by, facts={"criteria": len(shipped["criteria"])})
    return draft


@action
def start_checklist_version(*, checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Start a new version as a copy. Raises Refused while another draft of the same checklist is open."""
    ask(by, "partners.change_checklist", checklist)
    source = lock(checklist)
    family = lock(ChecklistVersion.objects.filter(name=source.name))
    if open_draft := next((version for version in family if not version.is_published), None):
        url = open_draft.get_draft_url()
        raise Refused([Blocker("A draft of this checklist is open already.", url=url)], subject=source)
    copy = ChecklistVersion.objects.create(
        name=source.name,
        number=max(version.number for version in family) + 1,
        copied_from=source,
        created_at=timezone.now(),
        created_by=by,
    )
    for criterion in source.criteria.order_by("position"):
        _copy(criterion, copy, criterion.position)
    record("created", copy, by=by, facts={"copied_from": source.pk})
    return copy


def _copy(criterion: Criterion, into: ChecklistVersion, position: int) -> Criterion:
    """Copy a criterion into a draft; it keeps its lineage, so that evidence for it still counts."""
    criterion.pk, criterion.checklist, criterion.position = None, into, position
    criterion.edition, criterion.changed_at, criterion.changed_by = 1, None, None
    criterion._state.adding = True
    criterion.save()
    return criterion


def _draft(checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Return the draft locked. Raises PermissionDenied; Refused once it is published."""
    fresh: ChecklistVersion = lock(checklist)
    ask(by, "partners.change_checklist", fresh)
    if fresh.is_published:
        raise Refused(["This version is published and never changes. Start a new one."], subject=fresh)
    return fresh


def _changed(draft: ChecklistVersion, by: User, event: str, **facts: Any) -> None:
    """Note who changed the draft last, and what."""
    draft.changed_at, draft.changed_by = timezone.now(), by
    draft.save(update_fields=["changed_at", "changed_by"])
    record(event, draft, by=by, facts=facts)


def _saved(criterion: Criterion, fields: dict[str, Any], by: User) -> Criterion:
    """Check and save a criterion of a locked draft. Raises ValidationError by field."""
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError(dict.fromkeys(sorted(unknown), "This cannot be changed."))
    for name, value in fields.items():
        setattr(criterion, name, value)
    criterion.code = criterion.code.strip().upper()
    criterion.changed_at, criterion.changed_by = timezone.now(), by
    others = Criterion.objects.filter(checklist=criterion.checklist_id).exclude(pk=criterion.pk)
    if criterion.code and (same := others.filter(code=criterion.code).first()):
        raise ValidationError({"code": f"{criterion.code} is the code of “{same.title}” already. Choose another."})
    criterion.full_clean()
    criterion.save()
    return criterion


class StaleError(ValidationError):
    """Somebody else saved the record after the page was opened; ``newer`` is what is saved now."""

    def __init__(self, newer: Criterion) -> None:
        self.newer = newer
        when = f" at {timezone.localtime(newer.changed_at):%H:%M}" if newer.changed_at else ""
        who = newer.changed_by.name if newer.changed_by else "Somebody"
        super().__init__(f"{who} saved {newer.code}{when}, after you opened this page. Nothing of yours is saved yet.")


@action
def change_criterion(*, criterion: Criterion, by: User, edition: int | None = None, **fields: Any) -> Criterion:
    """Change a criterion of a draft. ``edition`` is the one that the page showed; without it nothing is compared.

    Raises PermissionDenied, Refused once its version is published, StaleError for a page that is behind,
    ValidationError by field for bad input.
    """
    draft = _draft(criterion.checklist, by)
    fresh = lock(criterion)
    if edition is not None and edition != fresh.edition:
        raise StaleError(fresh)
    fresh.edition += 1
    _saved(fresh, fields, by)
    _changed(draft, by, "criterion_changed", criterion=fresh.code, fields=sorted(fields))
    return fresh


@action
def add_criterion(*, checklist: ChecklistVersion, by: User, **fields: Any) -> Criterion:
    """Add a criterion to the end of a draft; it is a new one, of a lineage of its own. Raises as change_criterion."""
    draft = _draft(checklist, by)
    last = draft.criteria.aggregate(last=Max("position"))["last"] or 0
    made = _saved(Criterion(checklist=draft, position=last + 1), fields, by)
    _changed(draft, by, "criterion_added", criterion=made.code)
    return made


@action
def remove_criterion(*, criterion: Criterion, by: User) -> ChecklistVersion:
    """Take a criterion out of a draft; one that was copied can be put back. Twice is the same as once."""
    draft = _draft(criterion.checklist, by)
    removed, _ = Criterion.objects.filter(pk=criterion.pk, checklist=draft).delete()
    if removed:
        _changed(draft, by, "criterion_removed", criterion=criterion.code, lineage=criterion.lineage)
    return draft


@action
def put_back_criterion(*, checklist: ChecklistVersion, lineage: str, by: User) -> ChecklistVersion:
    """Put a criterion of the version it was copied from back, at the end of the draft.

    Raises PermissionDenied; Refused once published, ValidationError where there is none or its code is taken.
    """
    draft = _draft(checklist, by)
    source = Criterion.objects.filter(checklist=draft.copied_from_id, lineage=lineage).first()
    if source is None:
        raise ValidationError("There is no such criterion in the version this one was copied from.")
    if draft.criteria.filter(lineage=lineage).exists():
        return draft
    if draft.criteria.filter(code=source.code).exists():
        raise ValidationError(f"Another criterion has the code {source.code} now. Give that one another code first.")
    last = draft.criteria.aggregate(last=Max("position"))["last"] or 0
    _copy(source, draft, last + 1)
    _changed(draft, by, "criterion_put_back", criterion=source.code, lineage=lineage)
    return draft


@action
def move_criterion(*, criterion: Criterion, up: bool, by: User) -> ChecklistVersion:
    """Move a criterion of a draft one place up or down; at the end of the list nothing changes."""
    draft = _draft(criterion.checklist, by)
    rows = list(draft.criteria.order_by("position"))
    place = next((index for index, row in enumerate(rows) if row.pk == criterion.pk), None)
    other = None if place is None else place - 1 if up else place + 1
    if place is None or other is None or not 0 <= other < len(rows):
        return draft
    one, two = rows[place], rows[other]
    free = rows[-1].position + 1
    for row, position in ((one, free), (two, one.position), (one, two.position)):
        Criterion.objects.filter(pk=row.pk).update(position=position)
    _changed(draft, by, "criterion_moved", criterion=one.code, position=other + 1)
    return draft


@action
def change_weights(
    *, checklist: ChecklistVersion, weights: Mapping[int, tuple[int, int]], by: User
) -> ChecklistVersion:
    """Change several weights of a draft at once: by criterion, the weight and the edition that the page showed.

    Raises PermissionDenied, Refused once published; ValidationError by criterion (``weight_<pk>``); then none is saved.
    """
    draft = _draft(checklist, by)
    wrong: dict[str, str] = {}
    changed = []
    for criterion in lock(draft.criteria.all()):
        weight, edition = weights.get(criterion.pk, (criterion.weight, criterion.edition))
        if weight == criterion.weight:
            continue
        criterion.weight = weight
        if edition != criterion.edition:
            wrong[f"weight_{criterion.pk}"] = str(StaleError(criterion).message)
        elif texts := field_problems(criterion).get("weight"):
            wrong[f"weight_{criterion.pk}"] = texts[0]
        changed.append(criterion)
    if wrong:
        raise ValidationError(wrong)
    for criterion in changed:
        criterion.edition += 1
        criterion.changed_at, criterion.changed_by = timezone.now(), by
        criterion.save(update_fields=["weight", "edition", "changed_at", "changed_by"])
    if changed:
        _changed(draft, by, "weights_changed", weights={one.code: one.weight for one in changed})
    return draft


@action
def discard_draft(*, checklist: ChecklistVersion, by: User) -> None:
    """Throw a draft away with its criteria; the published versions stay. Raises PermissionDenied, Refused."""
    draft = _draft(checklist, by)
    if not ChecklistVersion.objects.published().filter(name=draft.name).exists():
        raise Refused(["The first version cannot be thrown away."], subject=draft)
    record("draft_discarded", draft, by=by, facts={"number": draft.number, "criteria": draft.criteria.count()})
    draft.delete()


@action
def publish_checklist(*, checklist: ChecklistVersion, by: User) -> ChecklistVersion:
    """Publish a version: from now on it is the one in force, and frozen. Raises Refused with what is missing.

    Whether a second person publishes, and whether its conditions are asked, are guards of the caller.
    """
    fresh = lock(checklist)
    ask(by, "partners.change_checklist", fresh)
    if reasons := fresh.publish_blockers():
        raise Refused(reasons, title=f"{fresh} is not published", subject=fresh)
    fresh.published_at, fresh.published_by = timezone.now(), by
    fresh.save()
    weights = {criterion.code: criterion.weight for criterion in fresh.criteria.all()}
    record("published", fresh, by=by, facts={"number": fresh.number, "weights": weights})
    return fresh


def criterion_fields(criterion: Criterion) -> dict[str, Any]:
    """Return the changeable fields of a criterion, for its form."""
    return model_to_dict(criterion, fields=sorted(CHANGEABLE))
