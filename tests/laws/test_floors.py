"""Laws and registries that find their subjects by the names of apps find at least as many as there were: a law that
looks at an app by a name that it no longer has would pass because it sees nothing.

Each floor is a little under what stood when it was written; it is lowered only when something is removed on purpose.
"""

from collections.abc import Callable, Sized

import pytest

from tests.laws import test_one_door, test_records
from tests.laws.addresses import patterns
from tests.laws.source import APPS, modules, rooms
from tests.support.trail import every_action
from vetting_portal import daily, drawing, duties, guards, navigation, registry, trail

# The name that an app gives to what the apps below it ask for, the module it stands in, and how many apps have one.
HOOKS = {
    ("nav_items", "nav"): 4,
    ("links", "nav"): 2,
    ("KNOWN", "nav"): 4,
    ("ERASABLE", "forgetting"): 3,
    ("about_erasure", "forgetting"): 4,
    ("forget_address", "forgetting"): 1,
    ("forget_draft", "forgetting"): 1,
    ("PAYMENT_STOPS", "stopping"): 1,
}


def _invariants() -> list[object]:
    return [one for listed in registry.from_apps("INVARIANTS", module="invariants") for one in listed]


def _relations() -> list[object]:
    """Return the relations that the law of relations judges."""
    fields = [field for model in test_records.ours() for field in model._meta.get_fields()]
    return [field for field in fields if field.is_relation and not field.auto_created and field.related_model]


FLOORS: dict[str, tuple[Callable[[], Sized], int]] = {
    "models": (lambda: list(test_records.ours()), 120),
    "relations": (_relations, 330),
    "state machines": (lambda: list(test_one_door.machines()), 12),
    "state machines drawn": (lambda: list(drawing.machines()), 12),
    "transitions": (test_one_door.declared, 100),
    "actions": (every_action, 290),
    "triggers": (lambda: list(guards.all_guards()), 90),
    "invariants": (_invariants, 65),
    "daily tasks": (lambda: list(daily.daily_tasks()), 14),
    "kinds of duties": (duties.duty_kinds, 78),
    "kinds of records that the trail names": (navigation.known_kinds, 26),
    "events with a label": (lambda: trail.WORDS, 230),
    "addresses": (lambda: dict(patterns()), 330),
    "modules": (modules, 730),
    "packages with layers": (lambda: [room for app in APPS for room in rooms(app)], 30),
}


@pytest.mark.parametrize("what", FLOORS)
def test_what_is_looked_for_by_the_names_of_apps_is_found(what):
    seen, floor = FLOORS[what]

    assert len(seen()) >= floor


@pytest.mark.parametrize(("name", "module"), HOOKS)
def test_every_app_that_answers_a_lower_one_is_asked(name, module):
    assert len(list(registry.from_apps(name, module=module))) >= HOOKS[name, module]
