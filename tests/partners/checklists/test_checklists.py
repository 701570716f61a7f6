"""The checklist: shipped as in its reference, copied, published, frozen, and its gates."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from partners.checklists.actions import (
    change_criterion,
    install_default_checklist,
    publish_checklist,
    start_checklist_version,
)
from partners.checklists.evidence import ValidityRule, add_months, good_until
from partners.models import ChecklistVersion
from tests.factories.partners import default_checklist, loader
from tests.factories.portal import FunderFactory, UserFactory
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
    assert criteria["C7"].minimum({"serves_vulnerable": True}) == 3
    assert criteria["C12"].minimum({"above_10000": True}) == 2
    assert [code for code, c in criteria.items() if not c.applies({})] == ["C8"]
    assert criteria["C8"].applies({"uses_stories": True})
    assert [code for code, c in criteria.items() if c.gates_payment_only] == ["C14"]
    assert [code for code, c in criteria.items() if c.is_never_overridden] == ["C1", "C6", "C7", "C8", "C15"]
    assert criteria["C16"].gate_fact == "may_receive_foreign_funds"
    assert criteria["C11"].evidence == "two references (not family, staff or board), at most three months old"


@pytest.mark.django_db
def test_install_twice_gives_the_same() -> None:
    assert default_checklist() == install_default_checklist(by=UserFactory())


@pytest.mark.django_db
def test_only_officers_make_versions() -> None:
    checklist = default_checklist()
    with pytest.raises(PermissionDenied):
        start_checklist_version(checklist=checklist, by=UserFactory(roles=["reviewer"]))


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
        ("The weights do not add up to 100.", "They add up to 99.")
    ]
    change_criterion(criterion=draft.criteria.get(code="C2"), weight=9, by=officer)
    assert ChecklistVersion.objects.current() == old
    publish_checklist(checklist=draft, by=officer)
    assert ChecklistVersion.objects.current() == draft
    with pytest.raises(Refused, match="published already"):
        publish_checklist(checklist=draft, by=officer)


@pytest.mark.django_db
def test_missing_anchor_blocks_publishing() -> None:
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    change_criterion(criterion=draft.criteria.get(code="C3"), anchors=["a", "b", "", "d", "e"], by=loader())
    assert [blocker.code for blocker in draft.publish_blockers()] == ["C3"]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"code": "X"}, {"weight": -1}, {"weight": 0}, {"gate_minimum": 5}])
def test_bad_criterion_is_refused(fields: dict[str, object]) -> None:
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    with pytest.raises(ValidationError):
        change_criterion(criterion=draft.criteria.get(code="C1"), by=loader(), **fields)


@pytest.mark.django_db
def test_officer_edits_a_draft_on_pages(client: Client) -> None:
    FunderFactory()
    checklist = default_checklist()
    client.force_login(UserFactory(roles=["programme_officer"], totp=True))
    assert client.post(reverse("partners:checklist_copy", args=[checklist.pk])).status_code == 302
    draft = ChecklistVersion.objects.get(number=2)
    address = reverse("partners:criterion", args=[draft.pk, "C1"])
    assert client.get(address).status_code == 200
    fields = {
        "title": "Legal form",
        "weight": "6",
        "evidence": "certificate",
        "gate_minimum": "2",
        "validity_months": "24",
    }
    anchors = {f"anchor_{point}": f"Point {point}" for point in range(5)}
    assert client.post(address, {**fields, **anchors}).status_code == 302
    assert client.post(address, {**fields, "weight": "six"}).status_code == 422
    assert client.post(reverse("partners:checklist_publish", args=[draft.pk])).status_code == 302
    assert ChecklistVersion.objects.current() == draft
    assert client.post(reverse("partners:checklist_publish", args=[draft.pk])).status_code == 409


@pytest.mark.django_db
def test_public_page_shows_every_criterion_and_drafts_are_hidden(client: Client) -> None:
    FunderFactory()
    assert "No checklist is published yet" in client.get(reverse("partners:checklist")).content.decode()
    draft = start_checklist_version(checklist=default_checklist(), by=loader())
    page = client.get(reverse("partners:checklist")).content.decode()
    assert all(f'id="{code}"' in page for code in WEIGHTS)
    assert client.get(reverse("partners:checklist_version", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
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
