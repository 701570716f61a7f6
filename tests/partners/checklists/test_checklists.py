"""The checklist: shipped as in its reference, copied, published, frozen, and its gates."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.checklists.actions import (
    StaleError,
    add_criterion,
    change_criterion,
    change_weights,
    discard_draft,
    install_default_checklist,
    move_criterion,
    publish_checklist,
    put_back_criterion,
    remove_criterion,
    start_checklist_version,
)
from partners.checklists.conditions import Given
from partners.checklists.evidence import ValidityRule, add_months, good_until
from partners.models import ChecklistVersion, Criterion
from tests.factories.partners import default_checklist, loader
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

WEIGHTS = {
    "C1": 6, "C2": 8, "C3": 8, "C4": 10, "C5": 8, "C6": 0, "C7": 12, "C8": 6, "C9": 12, "C10": 8, "C11": 6, "C12": 4,
    "C13": 8, "C14": 0, "C15": 0, "C16": 4,
}  # fmt: skip
GATES = {"C1": 2, "C2": 1, "C4": 2, "C5": 1, "C7": 2, "C8": 3, "C9": 2, "C10": 1, "C11": 2, "C13": 2}


@pytest.mark.django_db
def test_default_checklist_is_the_references_one() -> None:
    checklist = default_checklist()
    criteria = {criterion.code: criterion for criterion in checklist.criteria.all()}
    assert {code: criterion.weight for code, criterion in criteria.items()} == WEIGHTS
    assert sum(WEIGHTS.values()) == 100
    assert all(len(c.anchors) == (5 if c.is_scored else 3) for c in criteria.values())
    assert {code: c.minimum({}) for code, c in criteria.items() if c.minimum({}) is not None} == GATES
    assert criteria["C7"].minimum({"vulnerable": Given("?", "Yes", ("yes",))}) == 3
    assert criteria["C12"].minimum({"amount": Given("?", "10,001", amount=1_000_001, currency="USD")}) == 2
    assert criteria["C12"].minimum({"amount": Given("?", "10,000", amount=1_000_000, currency="USD")}) is None
    assert [code for code, c in criteria.items() if not c.applies({})] == ["C8"]
    assert criteria["C8"].applies({"stories": Given("?", "Yes, also pictures", ("pictures",))})
    assert [code for code, c in criteria.items() if c.gates_payment_only] == ["C14"]
    assert [code for code, c in criteria.items() if c.is_never_overridden] == ["C1", "C6", "C7", "C8", "C15"]
    assert criteria["C16"].gate_answer["question"] == "foreign_funds"
    assert criteria["C11"].evidence == "two references (not family, staff or board), at most three months old"


@pytest.mark.django_db
def test_install_twice_gives_the_same() -> None:
    assert default_checklist() == install_default_checklist(by=UserFactory())


@pytest.mark.django_db
def test_only_officers_make_versions() -> None:
    checklist = default_checklist()
    with pytest.raises(PermissionDenied):
        start_checklist_version(checklist=checklist, by=UserFactory(roles=["reviewer"]))


@pytest.mark.both
@pytest.mark.django_db
def test_published_version_is_frozen_by_the_database() -> None:
    checklist = default_checklist()
    criterion = checklist.criteria.first()
    for write in (
        lambda: ChecklistVersion.objects.filter(pk=checklist.pk).update(name="Other"),
        lambda: checklist.criteria.filter(pk=criterion.pk).update(weight=7),
        lambda: checklist.criteria.filter(pk=criterion.pk).delete(),
        lambda: checklist.criteria.create(code="C99", position=99, title="New", weight=1, evidence="x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    with pytest.raises(Refused):
        change_criterion(criterion=criterion, weight=7, by=loader())


@pytest.mark.django_db
def test_new_version_starts_as_a_copy_and_is_published_when_whole() -> None:
    officer = UserFactory(roles=["programme_officer"])
    old = default_checklist()
    draft = start_checklist_version(checklist=old, by=officer)
    assert (draft.number, draft.copied_from, draft.criteria.count()) == (2, old, 16)
    with pytest.raises(Refused, match="open already"):
        start_checklist_version(checklist=old, by=officer)
    change_criterion(criterion=draft.criteria.get(code="C1"), weight=5, by=officer)
    with pytest.raises(Refused) as refusal:
        publish_checklist(checklist=draft, by=officer)
    assert [(str(b), b.hint) for b in refusal.value.blockers] == [
        ("The weights do not add up to 100.", "They add up to 99: 1 are missing.")
    ]
    change_criterion(criterion=draft.criteria.get(code="C2"), weight=9, by=officer)
    assert ChecklistVersion.objects.current() == old
    publish_checklist(checklist=draft, by=officer)
    assert ChecklistVersion.objects.current() == draft
    with pytest.raises(Refused, match="published already"):
        publish_checklist(checklist=draft, by=officer)


def draft_of_default() -> tuple[ChecklistVersion, User]:
    officer = UserFactory(roles=["programme_officer"])
    return start_checklist_version(checklist=default_checklist(), by=officer), officer


def codes(draft: ChecklistVersion) -> list[str]:
    return [criterion.code for criterion in draft.rows()]


NEW = {"title": "Learning", "kind": "scored", "weight": 5, "evidence": "notes", "anchors": [""] * 5}


@pytest.mark.django_db
def test_criterion_is_added_moved_taken_out_and_put_back() -> None:
    draft, officer = draft_of_default()
    made = add_criterion(checklist=draft, code=" c17 ", by=officer, **NEW)
    assert (made.code, made.position, len(made.lineage)) == ("C17", 17, 32)
    move_criterion(criterion=made, up=True, by=officer)
    move_criterion(criterion=draft.criteria.get(code="C1"), up=True, by=officer)
    move_criterion(criterion=draft.criteria.get(code="C1"), up=False, by=officer)
    assert codes(draft)[:3] == ["C2", "C1", "C3"]
    assert codes(draft)[-2:] == ["C17", "C16"]
    third = draft.criteria.get(code="C3")
    remove_criterion(criterion=third, by=officer)
    remove_criterion(criterion=third, by=officer)
    move_criterion(criterion=third, up=True, by=officer)
    assert "C3" not in codes(draft)
    put_back_criterion(checklist=draft, lineage="C3", by=officer)
    put_back_criterion(checklist=draft, lineage="C3", by=officer)
    assert codes(draft)[-1] == "C3"
    assert ChecklistVersion.objects.get(pk=draft.pk).last_editor == officer
    assert AuditEntry.objects.about(draft).filter(event__startswith="criterion_").count() == 5
    with pytest.raises(ValidationError, match="no such criterion"):
        put_back_criterion(checklist=draft, lineage="C99", by=officer)
    remove_criterion(criterion=draft.criteria.get(code="C3"), by=officer)
    add_criterion(checklist=draft, code="C3", by=officer, **NEW)
    with pytest.raises(ValidationError, match="has the code C3 now"):
        put_back_criterion(checklist=draft, lineage="C3", by=officer)


@pytest.mark.django_db
def test_copy_keeps_the_lineage_so_that_evidence_still_counts() -> None:
    draft, officer = draft_of_default()
    mine = change_criterion(criterion=draft.criteria.get(code="C1"), code="C1A", title="Registration", by=officer)
    same = Criterion.objects.same_as(mine).order_by("checklist__number")
    assert [(one.checklist.number, one.code) for one in same] == [(1, "C1"), (2, "C1A")]
    added = add_criterion(checklist=draft, code="C1", by=officer, **NEW)
    assert list(Criterion.objects.same_as(added)) == [added]


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["C2", "c2", " C2 "])
def test_code_stands_once(code: str) -> None:
    draft, officer = draft_of_default()
    with pytest.raises(ValidationError) as wrong:
        change_criterion(criterion=draft.criteria.get(code="C1"), code=code, by=officer)
    assert wrong.value.message_dict == {"code": ["C2 is the code of “Governance” already. Choose another."]}
    with pytest.raises(ValidationError):
        add_criterion(checklist=draft, code=code, by=officer, **NEW)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.criteria.filter(code="C1").update(code="")


@pytest.mark.django_db
def test_older_page_overwrites_nothing() -> None:
    draft, officer = draft_of_default()
    other = UserFactory(roles=["administrator"], name="Clara Novak")
    criterion = draft.criteria.get(code="C1")
    newer = change_criterion(criterion=criterion, title="Legal form", edition=criterion.edition, by=other)
    with pytest.raises(StaleError, match="Clara Novak saved C1") as stale:
        change_criterion(criterion=criterion, title="Registration", edition=criterion.edition, by=officer)
    assert stale.value.newer == newer
    weights = {criterion.pk: (7, criterion.edition)}
    with pytest.raises(ValidationError) as refused:
        change_weights(checklist=draft, weights=weights, by=officer)
    assert list(refused.value.message_dict) == [f"weight_{criterion.pk}"]
    assert draft.criteria.get(code="C1").weight == 6
    change_weights(checklist=draft, weights={criterion.pk: (7, newer.edition)}, by=officer)
    kept = draft.criteria.get(code="C1")
    assert (kept.title, kept.weight, kept.edition, kept.changed_by) == ("Legal form", 7, newer.edition + 1, officer)


@pytest.mark.django_db
def test_weights_are_saved_all_or_none() -> None:
    draft, officer = draft_of_default()
    one, two, records = (draft.criteria.get(code=code) for code in ("C1", "C2", "C6"))
    with pytest.raises(ValidationError) as refused:
        change_weights(checklist=draft, weights={one.pk: (5, 1), two.pk: (0, 1), records.pk: (3, 1)}, by=officer)
    assert refused.value.message_dict == {
        f"weight_{two.pk}": ["A scored criterion has a weight from 1 to 100."],
        f"weight_{records.pk}": ["What follows from records has no weight: give 0."],
    }
    assert draft.criteria.get(code="C1").weight == 6
    before = ChecklistVersion.objects.get(pk=draft.pk).changed_at
    change_weights(checklist=draft, weights={one.pk: (6, 1)}, by=officer)
    assert ChecklistVersion.objects.get(pk=draft.pk).changed_at == before


@pytest.mark.django_db
def test_draft_is_thrown_away_and_what_is_published_is_not() -> None:
    draft, officer = draft_of_default()
    with pytest.raises(PermissionDenied):
        discard_draft(checklist=draft, by=UserFactory(roles=["director"]))
    discard_draft(checklist=draft, by=officer)
    assert [version.number for version in ChecklistVersion.objects.all()] == [1]
    with pytest.raises(Refused, match="published and never changes"):
        discard_draft(checklist=default_checklist(), by=officer)
    first = ChecklistVersion.objects.create(name="Other", created_at=timezone.now(), created_by=officer)
    with pytest.raises(Refused, match="first version"):
        discard_draft(checklist=first, by=officer)


@pytest.mark.django_db
def test_published_version_is_changed_by_no_action() -> None:
    checklist, officer = default_checklist(), UserFactory(roles=["programme_officer"])
    criterion = checklist.criteria.get(code="C1")
    for write in (
        lambda: add_criterion(checklist=checklist, code="C17", by=officer, **NEW),
        lambda: remove_criterion(criterion=criterion, by=officer),
        lambda: move_criterion(criterion=criterion, up=False, by=officer),
        lambda: put_back_criterion(checklist=checklist, lineage="C1", by=officer),
        lambda: change_weights(checklist=checklist, weights={criterion.pk: (7, 1)}, by=officer),
    ):
        with pytest.raises(Refused, match="never changes"):
            write()


@pytest.mark.django_db
def test_missing_anchor_blocks_publishing() -> None:
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    change_criterion(criterion=draft.criteria.get(code="C3"), anchors=["a", "b", "", "d", "e"], by=loader())
    assert [blocker.code for blocker in draft.publish_blockers()] == ["C3"]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"checklist": 1}, {"weight": -1}, {"weight": 0}, {"gate_minimum": 5}])
def test_bad_criterion_is_refused(fields: dict[str, object]) -> None:
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    with pytest.raises(ValidationError):
        change_criterion(criterion=draft.criteria.get(code="C1"), by=loader(), **fields)


@pytest.mark.django_db
def test_public_page_shows_every_criterion_and_drafts_are_hidden(client: Client) -> None:
    FunderFactory()
    assert "No checklist is published yet" in client.get(reverse("partners:checklist")).content.decode()
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    page = client.get(reverse("partners:checklist")).content.decode()
    assert all(f'id="{code}"' in page for code in WEIGHTS)
    assert client.get(reverse("partners:checklist_version", args=[draft.pk])).status_code == 404
    beside = client.get(reverse("partners:checklist_compare"), {"older": draft.copied_from_id, "newer": draft.pk})
    assert "Choose two versions." in beside.content.decode()


@pytest.mark.django_db
def test_older_version_stays_at_its_address_and_names_the_one_in_use(client: Client) -> None:
    FunderFactory()
    draft, officer = draft_of_default()
    change_criterion(criterion=draft.criteria.get(code="C1"), title="<script>alert(1)</script>", by=officer)
    publish_checklist(checklist=draft, by=officer)
    assert "alert(1)&lt;/script&gt;" in client.get(reverse("partners:checklist")).content.decode()
    older = client.get(draft.copied_from.get_absolute_url()).content.decode()
    assert "This is an older version." in older
    assert "Version 2 is in use now" in older
    beside = client.get(reverse("partners:checklist_compare"), {"older": draft.copied_from_id, "newer": draft.pk})
    assert "<del>Legal registration and charitable status</del>" in beside.content.decode()
    assert "<script>alert" not in beside.content.decode()
    assert client.get(reverse("partners:checklist_compare"), {"older": "x", "newer": "9" * 30}).status_code == 200


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
        (date(9999, 1, 31), 11, date(9999, 12, 31)),
        (date(9999, 12, 31), 36, date(9999, 12, 31)),
    ],
)
def test_add_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("own_end", "rule", "months", "expected"),
    [
        (date(2030, 1, 1), ValidityRule.OWN_DATE, 24, date(2030, 1, 1)),
        (None, ValidityRule.OWN_DATE, 24, date(2028, 1, 1)),
        (date(2030, 1, 1), ValidityRule.FROM_ISSUE, 24, date(2028, 1, 1)),
        (date(2027, 1, 1), ValidityRule.FROM_ISSUE, 24, date(2027, 1, 1)),
        (None, ValidityRule.YEAR_END, 18, date(2027, 7, 1)),
        (None, ValidityRule.SUBMISSION, None, None),
        (date(2027, 1, 1), ValidityRule.SUBMISSION, None, date(2027, 1, 1)),
        (None, ValidityRule.FROM_ISSUE, None, None),
    ],
)
def test_good_until(own_end: date | None, rule: str, months: int | None, expected: date | None) -> None:
    assert good_until(own_end=own_end, dated=date(2026, 1, 1), rule=rule, months=months) == expected
