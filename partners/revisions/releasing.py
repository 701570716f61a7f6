"""What keeps a draft from being published: its own faults, conditions that nobody asks about, and one pair of eyes."""

from django.urls import reverse

from partners.checklists.models import ChecklistVersion
from partners.checklists.problems import Problem, problems_of
from partners.programmes.switches import problems_with
from partners.revisions.asking import question_sets
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker

PUBLISHERS = (Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR)
CONTROL = {name: f"{name}_question" for name in ("applies_when", "gate_when", "gate_raised_when", "gate_answer")}


def draft_problems(checklist: ChecklistVersion) -> list[Problem]:
    """Return everything that is wrong with a draft: what the checklist itself knows, then what the questions say."""
    criteria = {criterion.code: criterion for criterion in checklist.criteria.order_by("position")}
    found = problems_of(list(criteria.values()))
    found += [
        Problem(
            f"{code} {criteria[code].title}: {why}",
            "Choose a question and answers that the calls ask for.",
            code,
            field,
            criteria[code].pk,
        )
        for code, field, why in problems_with(checklist, question_sets(checklist))
    ]
    return found


def other_publishers(checklist: ChecklistVersion) -> list[User]:
    """Return who could publish the draft besides the person who changed it last, by name."""
    users = {user.pk: user for role in PUBLISHERS for user in User.objects.with_role(role)}
    return sorted((user for user in users.values() if user.pk != checklist.last_editor.pk), key=lambda user: user.name)


def release_blockers(checklist: ChecklistVersion, by: User) -> list[Blocker]:
    """Say all that keeps ``by`` from publishing a draft now, each with the control where it is mended.

    The person who changed the draft last does not publish it, as long as the funder has somebody else who can.
    """
    if checklist.is_published:
        return [Blocker("This version is published already.", hint="Start a new version from it.")]
    found = [
        Blocker(problem.text, hint=problem.hint, code=problem.code, url=place_of(checklist, problem))
        for problem in draft_problems(checklist)
    ]
    others = other_publishers(checklist) if by.pk == checklist.last_editor.pk else []
    if others:
        names = ", ".join(user.name for user in others[:3])
        hint = f"A second person looks it over and publishes it: {names}."
        found.append(Blocker("You changed this draft last.", hint=hint))
    return found


def place_of(checklist: ChecklistVersion, problem: Problem) -> str:
    """Return the address of the control that a problem is about."""
    if problem.pk is None:
        return f"{checklist.get_draft_url()}#sum"
    page = reverse("partners:criterion", args=[checklist.pk, problem.pk])
    return f"{page}#id_{CONTROL.get(problem.field, problem.field)}"
