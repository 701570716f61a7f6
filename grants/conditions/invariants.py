"""What must be true of conditions at any moment: they are those of the terms, and nothing went past one."""

from collections.abc import Callable, Iterator

from django.db.models import Exists, F, OuterRef, Q

from grants.conditions.models import Condition, ConditionAnswer


def two_people_find_a_condition_met() -> Iterator[str]:
    """Who found that the evidence is enough is not who gave it."""
    for condition in Condition.objects.filter(state=Condition.State.MET, met_by=F("shown_by")).for_list():
        yield f"grant {condition.grant.number}, condition {condition.number}: one person gave and checked the evidence"


def what_was_met_rests_on_evidence() -> Iterator[str]:
    """A condition that is shown or met has evidence."""
    answers = ConditionAnswer.objects.filter(condition=OuterRef("pk"))
    rows = Condition.objects.filter(state__in=[Condition.State.SHOWN, Condition.State.MET])
    for condition in rows.filter(~Exists(answers)).for_list():
        yield f"grant {condition.grant.number}, condition {condition.number}: no evidence is on record"


def nothing_went_past_a_condition() -> Iterator[str]:
    """No grant is past a signature that an unmet condition of it stops."""
    signed = Q(blocks="directors", grant__state__in=["approved", "in_force", "completed", "closed"])
    signed |= Q(blocks="partner", grant__state__in=["in_force", "completed", "closed"])
    for condition in Condition.objects.unmet().filter(signed).for_list():
        yield f"grant {condition.grant.number}, condition {condition.number}: signed before it was met"


def unmet_conditions_stand_in_the_terms() -> Iterator[str]:
    """An unmet condition of a grant that was frozen says what its terms in force say."""
    rows = Condition.objects.live().for_list().select_related("grant__terms", "grant__amended_terms")
    for condition in rows:
        terms = condition.grant.terms_in_force
        if terms is None or condition.terms.kept() not in terms.content["conditions"]:
            yield f"grant {condition.grant.number}, condition {condition.number}: the terms say something else"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    two_people_find_a_condition_met,
    what_was_met_rests_on_evidence,
    nothing_went_past_a_condition,
    unmet_conditions_stand_in_the_terms,
]
