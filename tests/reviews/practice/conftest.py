"""A reviewer who practises on the checklist that the portal ships with."""

import pytest
from django.utils import timezone

from partners.models import ChecklistVersion, Criterion
from reviews.models import PracticeAttempt
from reviews.practice.actions import save_practice_score, start_practice
from tests.factories import reviews as made
from tests.factories.partners import default_checklist

WHY = "Read page 1; the rest follows from it."
THAI = "อ่านแล้วทั้งสองหน้า"


def scored(attempt: PracticeAttempt, **values: int) -> PracticeAttempt:
    """Give every criterion the reference score, or what ``values`` says by its code."""
    for criterion in attempt.fit.scored:
        value = values.get(criterion.code, attempt.application.references[criterion.lineage].score)
        save_practice_score(
            attempt=attempt,
            criterion=criterion,
            value=value,
            not_applicable=False,
            justification=WHY,
            edition=0,
            by=attempt.reviewer,
        )
    return PracticeAttempt.objects.get(pk=attempt.pk)


def of_the_funders_own() -> ChecklistVersion:
    """Publish a checklist of which no criterion comes from the one that ships."""
    officer, now = made.officer(), timezone.now()
    checklist = ChecklistVersion.objects.create(name="Our own", created_at=now, created_by=officer)
    Criterion.objects.create(
        checklist=checklist, code="C1", position=1, title="Our own", weight=100, anchors=["a", "b", "c", "d", "e"]
    )
    checklist.published_at, checklist.published_by = now, officer
    checklist.save()
    return checklist


@pytest.fixture
def checklist(db) -> ChecklistVersion:
    return default_checklist()


@pytest.fixture
def attempt(checklist) -> PracticeAttempt:
    return start_practice(by=made.reviewer(name="Mei-Ling Tan"))
