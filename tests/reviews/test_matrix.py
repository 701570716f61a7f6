"""Role by state by transition, from one literal table; a transition that is added without a row fails."""

from collections.abc import Callable

import pytest
from django_fsm import can_proceed

from reviews.models import Review, ScreeningHit
from reviews.panels import actions
from reviews.screening.actions import clear_hit, confirm_hit
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory
from tests.factories.portal import UserFactory
from vetting_portal import workflow
from vetting_portal.models import Role, User

pytestmark = pytest.mark.django_db

OWN, OFFICER, SYSTEM = "the reviewer", "programme_officer", "system"
# transition: (the states it runs from, who may run it)
MATRIX: dict[tuple[type, str], tuple[set[str], set[str]]] = {
    (Review, "begin"): ({"invited"}, {OWN}),
    (Review, "submit"): ({"in_progress"}, {OWN}),
    (Review, "reopen"): ({"submitted"}, {OWN}),
    (Review, "recuse"): ({"invited", "in_progress", "submitted"}, {OWN}),
    (Review, "end"): ({"invited", "in_progress", "submitted"}, {OFFICER}),
    (ScreeningHit, "clear"): ({"open"}, {OFFICER}),
    (ScreeningHit, "confirm"): ({"open"}, {OFFICER}),
    (ScreeningHit, "release"): ({"confirmed"}, {OFFICER, "director"}),
    (ScreeningHit, "reopen"): ({"cleared", "confirmed"}, {OFFICER, SYSTEM}),
}


def recused() -> Review:
    review = made.begun()
    return actions.recuse_review(review=review, by=review.reviewer)


STATES: dict[type, dict[str, Callable[[], Review | ScreeningHit]]] = {
    Review: {
        "invited": made.invited,
        "in_progress": made.begun,
        "submitted": made.submitted,
        "recused": recused,
        "ended": lambda: actions.end_review(review=made.begun(), by=made.officer()),
    },
    ScreeningHit: {
        "open": made.hit_of,
        "cleared": lambda: made.decide(made.hit_of(), clear_hit),
        "confirmed": lambda: made.decide(made.hit_of(), confirm_hit),
    },
}


def people(record) -> dict[str, User]:
    """Return one person of each kind, as they stand to ``record``."""
    organisation = record.submission.organisation if isinstance(record, Review) else record.organisation
    partner = organisation.owners().first().user
    insider = UserFactory(roles=Role.values)
    MembershipFactory(organisation=organisation, user=insider, ended=True)
    found = {role: UserFactory(roles=[role]) for role in Role.values}
    found |= {
        "partner": partner,
        "former member with every role": insider,
        SYSTEM: made.commands(),
        "nobody": UserFactory(),
    }
    return found | ({OWN: record.reviewer} if isinstance(record, Review) else {})


def declared(model) -> set[str]:
    return {transition.name for transition in model._meta.get_field("state").get_all_transitions(model)}


def test_every_transition_has_its_row():
    assert {(model, name) for model in STATES for name in declared(model)} == set(MATRIX)


def test_every_state_is_reached():
    assert all(set(STATES[model]) == set(model.State.values) for model in STATES)


@pytest.mark.parametrize(("model", "state"), [(model, state) for model in STATES for state in STATES[model]])
def test_who_may_do_what_in_which_state(model, state):
    record = model._base_manager.get(pk=STATES[model][state]().pk)
    names = {name for of, name in MATRIX if of is model}

    runs = {name for name in names if can_proceed(getattr(record, name), check_conditions=False)}
    may = {
        name: {who for who, user in people(record).items() if workflow._may(getattr(record, name), user)}
        for name in runs
    }

    assert record.state == state
    assert runs == {name for name in names if state in MATRIX[model, name][0]}
    # Submitting and reopening ask besides that the declaration was made, which these states imply.
    assert may == {name: MATRIX[model, name][1] for name in runs}
