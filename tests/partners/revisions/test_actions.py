"""Publishing by a second person, conditions that calls must ask for, and calls that take a new version."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from partners.checklists.actions import (
    add_criterion,
    change_criterion,
    publish_checklist,
    remove_criterion,
    start_checklist_version,
)
from partners.models import ChecklistVersion, Criterion, Programme, Questionnaire, Submission
from partners.programmes.actions import (
    install_default_questionnaire,
    move_programme,
    publish_programme,
    questionnaire_for,
)
from partners.programmes.models import condition_blockers
from partners.revisions.actions import publish_version
from partners.revisions.releasing import release_blockers
from partners.submissions.actions import start_submission
from tests.factories.partners import (
    ProgrammeFactory,
    SubmissionFactory,
    answers,
    default_checklist,
    default_questionnaire,
)
from tests.factories.portal import UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def officer(**fields: Any) -> User:
    return UserFactory(roles=["programme_officer"], **fields)


def draft(by: User) -> ChecklistVersion:
    """Return a draft of the default checklist, whose questions are there."""
    default_questionnaire()
    return start_checklist_version(checklist=default_checklist(), by=by)


def published(by: User, **changes: dict[str, Any]) -> ChecklistVersion:
    """Return version 2, published; ``C1={…}`` changes a criterion."""
    made = draft(by)
    for code, fields in changes.items():
        change_criterion(criterion=made.criteria.get(code=code), by=by, **fields)
    return publish_checklist(checklist=made, by=by)


def test_last_editor_does_not_publish_while_somebody_else_can() -> None:
    ruth, clara = officer(), UserFactory(roles=["administrator"], name="Clara Novak")
    made = draft(ruth)
    with pytest.raises(Refused) as refused:
        publish_version(checklist=made, by=ruth)
    assert [(str(one), one.hint) for one in refused.value.blockers] == [
        ("You changed this draft last.", "A second person looks it over and publishes it: Clara Novak.")
    ]
    change_criterion(criterion=made.criteria.get(code="C1"), title="Legal form", by=clara)
    assert release_blockers(ChecklistVersion.objects.get(pk=made.pk), ruth) == []
    assert publish_version(checklist=made, by=ruth).published_by == ruth
    assert AuditEntry.objects.about(made).filter(event="published").get().facts["weights"]["C1"] == 6


def test_only_person_publishes_alone() -> None:
    ruth = officer()
    assert publish_version(checklist=draft(ruth), by=ruth).is_published
    with pytest.raises(PermissionDenied):
        publish_version(checklist=start_checklist_version(checklist=default_checklist(), by=ruth), by=UserFactory())


def test_published_twice_is_refused() -> None:
    ruth = officer()
    made = publish_version(checklist=draft(ruth), by=ruth)
    with pytest.raises(Refused, match="published already"):
        publish_version(checklist=made, by=ruth)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"question": "pictures", "answers": ["yes"]}, "There is no question “pictures”."),
        ({"question": "stories", "answers": ["no", "maybe"]}, "has no answer “maybe”."),
        ({"question": "others", "answers": ["yes"]}, "may be left unanswered, so it cannot decide."),
        ({"question": "plan", "answers": ["yes"]}, "has no answers to choose from."),
        ({"question": "stories", "above": 3}, "does not ask for an amount or a number."),
    ],
)
def test_condition_names_a_question_and_an_answer_that_exist(condition: dict[str, Any], why: str) -> None:
    ruth = officer()
    made = draft(ruth)
    c8 = made.criteria.get(code="C8")
    change_criterion(criterion=c8, applies_when={**condition, "words": "stories are used"}, by=ruth)
    with pytest.raises(Refused) as refused:
        publish_version(checklist=made, by=ruth)
    (blocker,) = refused.value.blockers
    assert blocker.startswith("C8 Survivor privacy")
    assert blocker.endswith(why)
    assert blocker.url.endswith(f"/draft/{c8.pk}/#id_applies_when_question")


def test_everything_is_said_at_once_with_its_place() -> None:
    ruth = officer()
    made = draft(ruth)
    UserFactory(roles=["administrator"])
    c3 = made.criteria.get(code="C3")
    change_criterion(criterion=c3, anchors=["a", "", "c", "", "e"], weight=9, by=ruth)
    remove_criterion(criterion=made.criteria.get(code="C6"), by=ruth)
    found = release_blockers(ChecklistVersion.objects.get(pk=made.pk), ruth)
    assert [(str(one), one.url.rsplit("/", 1)[-1]) for one in found] == [
        ("The weights do not add up to 100.", "#sum"),
        ("C3 Locally led: an anchor is missing.", "#id_anchor_1"),
        ("C3 Locally led: an anchor is missing.", "#id_anchor_3"),
        ("C6 is missing.", "#sum"),
        ("You changed this draft last.", ""),
    ]
    with pytest.raises(Refused):
        publish_version(checklist=made, by=ruth)


def test_call_moves_and_only_what_starts_later_takes_the_new_version() -> None:
    ruth = officer()
    before = SubmissionFactory()
    programme = before.programme
    version = published(ruth, C1={"code": "C1A"})
    moved = move_programme(programme=programme, checklist=version, by=ruth)
    assert (moved.checklist, moved.questionnaire.checklist) == (version, version)
    organisation = SubmissionFactory().organisation
    owner = organisation.owners().get().user
    after = start_submission(organisation=organisation, programme=moved, answers=answers(), by=owner)
    assert (after.checklist, after.questionnaire.checklist) == (version, version)
    assert Submission.objects.get(pk=before.pk).checklist == before.checklist
    entry = AuditEntry.objects.about(programme).get(event="checklist_moved")
    assert (entry.facts["from"], entry.facts["to"]) == (1, 2)
    assert move_programme(programme=moved, checklist=version, by=ruth) == moved


def test_questions_follow_their_criteria_by_lineage() -> None:
    ruth = officer()
    first, made = default_questionnaire(), draft(ruth)
    change_criterion(criterion=made.criteria.get(code="C9"), code="N1", by=ruth)
    gone = made.criteria.get(code="C3")
    add_criterion(checklist=made, code="C3B", title="New", kind="scored", weight=8, evidence="x", by=ruth,
                  anchors=list("abcde"), validity_months=12)  # fmt: skip
    remove_criterion(criterion=gone, by=ruth)
    version = publish_checklist(checklist=made, by=ruth)
    copy = questionnaire_for(questionnaire=first, checklist=version, by=ruth)
    assert (copy.number, copy.copied_from, copy.is_published) == (2, first, True)
    asked = {question.key: question for question in copy.asked()}
    assert [question.label for question in first.asked()] == [question.label for question in copy.asked()]
    assert asked["plan"].criterion == version.criteria.get(code="N1")
    assert asked["leaders"].criterion is None
    assert questionnaire_for(questionnaire=first, checklist=version, by=ruth) == copy
    assert questionnaire_for(questionnaire=copy, checklist=first.checklist, by=ruth) == first
    assert install_default_questionnaire(checklist=version, by=ruth) == copy
    assert Questionnaire.objects.count() == 2


def test_call_stays_where_its_questions_cannot_decide() -> None:
    ruth = officer()
    programme = ProgrammeFactory()
    when = {"question": "pictures", "answers": ["yes"], "words": "pictures are used"}
    version = published(ruth, C8={"applies_when": when})
    with pytest.raises(Refused, match="There is no question “pictures”"):
        move_programme(programme=programme, checklist=version, by=ruth)
    assert Programme.objects.get(pk=programme.pk).checklist != version
    assert Questionnaire.objects.count() == 1
    other = Programme(checklist=version, questionnaire=questionnaire_for(
        questionnaire=programme.questionnaire, checklist=version, by=ruth))  # fmt: skip
    assert [str(one) for one in condition_blockers(version, other.questionnaire)] == [
        "C8: There is no question “pictures”."
    ]
    assert "C8: There is no question “pictures”." in [str(one) for one in other.publish_blockers()]


def test_call_moves_to_a_published_version_of_its_own_checklist_only() -> None:
    ruth = officer()
    programme = ProgrammeFactory()
    with pytest.raises(ValidationError, match="published version"):
        move_programme(programme=programme, checklist=draft(ruth), by=ruth)
    with pytest.raises(PermissionDenied):
        move_programme(programme=programme, checklist=default_checklist(), by=UserFactory(roles=["director"]))
    assert publish_programme(programme=ProgrammeFactory(published_at=None), by=ruth).is_published


@pytest.mark.both
def test_submission_keeps_its_version_for_good() -> None:
    ruth = officer()
    submission = SubmissionFactory()
    version = published(ruth)
    other = questionnaire_for(questionnaire=submission.questionnaire, checklist=version, by=ruth)
    for fields in ({"checklist": version}, {"questionnaire": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Submission.objects.filter(pk=submission.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.filter(checklist=version).update(title="Other")
