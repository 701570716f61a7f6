"""The transactions of programmes: make one, its questions, publish, change its dates."""

from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from partners.checklists.models import ChecklistVersion, Criterion
from partners.programmes.default import default_questionnaire
from partners.programmes.models import Programme, Question, Questionnaire, Section, condition_blockers
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

CHANGEABLE = frozenset(
    {
        "title",
        "summary",
        "focus",
        "focus_areas",
        "country_exceptions",
        "time_zone",
        "opens_on",
        "closes_on",
        "decides_on",
        "min_request_minor",
        "max_request_minor",
        "preferred_income_minor",
        "languages",
    }
)


def no_checklist() -> Blocker:
    """Say that calls need a published checklist, with the way to it."""
    return Blocker("No checklist is published yet.", hint="Publish one first.", url=reverse("partners:checklist"))


def call_blockers() -> list[Blocker]:
    """Say what must be adopted before a call can be made: the checklist, then the questions."""
    found = [] if ChecklistVersion.objects.current() else [no_checklist()]
    if not Questionnaire.objects.exists():
        url = reverse("partners:questions")
        found.append(Blocker("No questions are adopted yet.", hint="Read them and adopt them first.", url=url))
    return found


@action
def install_default_questionnaire(*, checklist: ChecklistVersion, by: User) -> Questionnaire:
    """Make the shipped questions for a checklist and publish them; where they are there already, return them.

    A question stays with its criterion whatever code that has now; one whose criterion was taken out stands by itself.
    """
    lock(checklist)
    shipped = default_questionnaire()
    there = Questionnaire.objects.for_family(checklist).filter(name=shipped["name"])
    if own := there.filter(checklist=checklist).first():
        return own
    if newest := there.first():
        return questionnaire_for(questionnaire=newest, checklist=checklist, by=by)
    codes = dict(checklist.criteria.values_list("lineage", "code"))
    sections = [
        {
            **page,
            "questions": [{**one, "criterion": codes.get(one.get("criterion", ""))} for one in page["questions"]],
        }
        for page in shipped["sections"]
    ]
    return create_questionnaire(name=shipped["name"], checklist=checklist, sections=sections, by=by)


@action
def adopt_shipped_questions(*, by: User) -> Questionnaire:
    """Adopt the questions that the portal ships with, for the checklist in use: calls can then be made.

    Raises PermissionDenied; Refused while no checklist is published, and where the funder has questions already.
    """
    ask(by, "partners.change_programme")
    checklist = ChecklistVersion.objects.current()
    if checklist is None:
        raise Refused([no_checklist()])
    lock(checklist)
    if Questionnaire.objects.exists():
        raise Refused([Blocker("You have adopted questions already.")], subject=checklist)
    return install_default_questionnaire(checklist=checklist, by=by)


@action
def create_questionnaire(
    *, name: str, checklist: ChecklistVersion, sections: list[dict[str, Any]], by: User
) -> Questionnaire:
    """Make the next version of the questions called ``name`` from data, and publish it: from then on it is frozen.

    Raises ValidationError where a key stands twice or a criterion is unknown.
    """
    ask(by, "partners.change_programme")
    number = Questionnaire.objects.filter(name=name).count() + 1
    made = Questionnaire.objects.create(
        name=name, number=number, checklist=checklist, created_at=timezone.now(), created_by=by
    )
    criteria = {criterion.code: criterion for criterion in checklist.criteria.all()}
    keys: set[str] = set()
    for position, section in enumerate(sections, start=1):
        fields = {key: value for key, value in section.items() if key != "questions"}
        page = Section.objects.create(questionnaire=made, position=position, **fields)
        for place, question in enumerate(section["questions"], start=1):
            if question["key"] in keys:
                raise ValidationError(f"The question {question['key']} stands there twice.")
            keys.add(question["key"])
            _add_question(page, place, question, criteria)
    made.published_at, made.published_by = timezone.now(), by
    made.save()
    record("published", made, by=by, facts={"number": number, "questions": len(keys)})
    return made


@action
def questionnaire_for(*, questionnaire: Questionnaire, checklist: ChecklistVersion, by: User) -> Questionnaire:
    """Return the same questions for another version of the checklist: a copy, made and published once, from the first.

    A question stays with the same criterion of the other version; one whose criterion is gone stands by itself.
    """
    ask(by, "partners.change_programme")
    lock(ChecklistVersion.objects.filter(name=checklist.name))
    questionnaire = questionnaire.copied_from or questionnaire
    if questionnaire.checklist_id == checklist.pk:
        return questionnaire
    there = Questionnaire.objects.filter(copied_from=questionnaire, checklist=checklist).first()
    if there is not None:
        return there
    made = Questionnaire.objects.create(
        name=questionnaire.name,
        number=Questionnaire.objects.filter(name=questionnaire.name).count() + 1,
        checklist=checklist,
        copied_from=questionnaire,
        created_at=timezone.now(),
        created_by=by,
    )
    count = _copy_questions(questionnaire, made)
    made.published_at, made.published_by = timezone.now(), by
    made.save()
    facts = {"number": made.number, "questions": count, "copied_from": questionnaire.pk}
    record("published", made, by=by, facts=facts)
    return made


def _copy_questions(source: Questionnaire, made: Questionnaire) -> int:
    """Copy the questions, each with the same criterion of the other version; return how many."""
    same = {criterion.lineage: criterion for criterion in made.checklist.criteria.all()}
    asked = source.asked()
    pages: dict[int, Section] = {}
    for question in asked:
        page = pages.get(question.section_id)
        if page is None:
            page = pages[question.section_id] = question.section
            page.pk, page.questionnaire, page._state.adding = None, made, True
            page.save()
        question.criterion = same.get(question.criterion.lineage) if question.criterion else None
        question.pk, question.section, question._state.adding = None, page, True
        question.save()
    return len(asked)


def _add_question(page: Section, place: int, fields: dict[str, Any], criteria: dict[str, Criterion]) -> None:
    code = fields.get("criterion")
    if code is not None and code not in criteria:
        raise ValidationError(f"There is no criterion {code} on this checklist.")
    rest = {key: value for key, value in fields.items() if key != "criterion"}
    Question.objects.create(section=page, position=place, criterion=criteria[code] if code else None, **rest)


@action
def create_programme(*, by: User, **fields: Any) -> Programme:
    """Make a call, not yet published; its days are those of the funder's zone where ``fields`` name no ``time_zone``.

    Raises PermissionDenied; ValidationError for bad fields, a zone that nobody knows included.
    """
    ask(by, "partners.change_programme")
    fields.setdefault("time_zone", timezone.get_current_timezone_name())
    programme = Programme(created_at=timezone.now(), created_by=by, **fields)
    _check_programme(programme)
    programme.save()
    record("created", programme, by=by, facts={"checklist": programme.checklist_id})
    return programme


def _check_programme(programme: Programme) -> None:
    programme.full_clean()
    if programme.time_zone not in available_timezones():
        raise ValidationError({"time_zone": "Choose a time zone from the list."})


@action
def change_programme(*, programme: Programme, by: User, **fields: Any) -> Programme:
    """Change texts, dates or amounts of a call; what was sent already keeps what it answered to.

    Raises PermissionDenied; ValidationError for bad fields.
    """
    fresh = lock(programme)
    ask(by, "partners.change_programme", fresh)
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError(dict.fromkeys(sorted(unknown), "This cannot be changed."))
    for name, value in fields.items():
        setattr(fresh, name, value)
    _check_programme(fresh)
    fresh.save()
    record("changed", fresh, by=by, facts={"fields": sorted(fields)})
    return fresh


@action
def move_programme(*, programme: Programme, checklist: ChecklistVersion, by: User) -> Programme:
    """Let a call's future submissions be judged by another version; those that were started keep theirs for good.

    Raises PermissionDenied; ValidationError for a version that is a draft or of another checklist, Refused where
    the call's questions cannot decide a condition of it.
    """
    fresh = lock(programme)
    ask(by, "partners.change_programme", fresh)
    before = fresh.checklist
    if not checklist.is_published or checklist.name != before.name:
        raise ValidationError({"checklist": "Choose a published version of the same checklist."})
    if checklist.pk == before.pk:
        return fresh
    questionnaire = questionnaire_for(questionnaire=fresh.questionnaire, checklist=checklist, by=by)
    if reasons := condition_blockers(checklist, questionnaire):
        raise Refused(reasons, title=f"{fresh} stays with {before}", subject=fresh)
    fresh.checklist, fresh.questionnaire = checklist, questionnaire
    fresh.save(update_fields=["checklist", "questionnaire"])
    facts = {"from": before.number, "to": checklist.number, "questionnaire": questionnaire.pk}
    record("checklist_moved", fresh, by=by, facts=facts)
    return fresh


@action
def publish_programme(*, programme: Programme, by: User) -> Programme:
    """Publish a call: the public can read it and partners can apply. Raises Refused with what is missing."""
    fresh = lock(programme)
    ask(by, "partners.change_programme", fresh)
    if reasons := fresh.publish_blockers():
        raise Refused(reasons, subject=fresh)
    fresh.published_at, fresh.published_by = timezone.now(), by
    fresh.save()
    record("published", fresh, by=by, facts={"slug": fresh.slug})
    return fresh
