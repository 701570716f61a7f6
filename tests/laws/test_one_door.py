"""Every state change goes through ``workflow.perform``, and every transition is declared in full."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Model
from django_fsm import FSMFieldMixin

from tests.laws.source import APPS, Module, modules

DOOR = "vetting_portal/workflow.py"


def machines() -> Iterator[tuple[type[Model], FSMFieldMixin]]:
    """Yield each of our models that has a state, with its field."""
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            for field in model._meta.get_fields():
                if isinstance(field, FSMFieldMixin):
                    yield model, field


def declared() -> list[tuple[type[Model], object]]:
    """Return every declared transition with its model."""
    return [(model, transition) for model, field in machines() for transition in field.get_all_transitions(model)]


NAMES = {transition.name for _, transition in declared()}


def _imported(module: Module) -> set[str]:
    """Return the names that a module imports: ``actions.submit(by=…)`` is a call of an action, not of a transition."""
    names = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def transition_calls(module: Module) -> list[str]:
    """Return where a module calls something that only a transition is called like: ``record.submit(by=…)``."""
    imported = _imported(module)
    found = []
    for call in module.calls():
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in NAMES:
            continue
        if isinstance(call.func.value, ast.Name) and call.func.value.id in imported:
            continue
        if any(keyword.arg in {"by", None} for keyword in call.keywords):
            found.append(f"{module.at(call)} {call.func.attr}")
    return found


def state_writes(module: Module) -> list[str]:
    """Return where a module writes a state past the door."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = [keyword.arg for keyword in node.keywords]
            if node.func.attr in {"update", "setattr"} and "state" in named:
                found.append(f"{module.at(node)} .update(state=…)")
            if node.func.attr == "bulk_update" and '"state"' in ast.unparse(node).replace("'", '"'):
                found.append(f"{module.at(node)} bulk_update of state")
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [
                f"{module.at(node)} .state ="
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr == "state"
            ]
    return found


def test_nothing_but_the_door_calls_a_transition():
    assert [where for module in modules() if module.name != DOOR for where in transition_calls(module)] == []


def test_nothing_writes_a_state_past_the_door():
    assert [where for module in modules() for where in state_writes(module)] == []


@pytest.mark.parametrize(
    ("source", "finder"),
    [
        ("record.{name}(by=user)", transition_calls),
        ("record.{name}(**inputs)", transition_calls),
        ("Model.objects.update(state='approved')", state_writes),
        ("Model.objects.bulk_update(rows, ['state'])", state_writes),
        ("record.state = 'approved'", state_writes),
    ],
)
def test_the_search_finds_what_it_looks_for(tmp_path, monkeypatch, source, finder):
    sample = tmp_path / "sample.py"
    sample.write_text(source.format(name=min(NAMES)))
    monkeypatch.setattr("tests.laws.source.ROOT", tmp_path)

    assert len(finder(Module(sample))) == 1


def test_every_state_is_protected_and_has_choices():
    for model, field in machines():
        assert field.name == "state", model
        assert field.protected, model
        assert {value for value, _ in field.choices} == set(model.State.values), model


def test_every_transition_says_from_where_and_who():
    for model, transition in declared():
        where = f"{model.__name__}.{transition.name}"
        assert transition.source not in {"*", "+"}, where
        assert callable(transition.permission), f"{where} has no permission that asks about the record"


def test_every_condition_can_say_why():
    """A condition that only says no leaves the person at a closed door."""
    for model, transition in declared():
        if transition.conditions:
            assert hasattr(model, f"{transition.name}_blockers"), f"{model.__name__}.{transition.name}"


def test_transitions_only_stamp():
    """At most eight lines beside the docstring, and nothing saved, sent or created in them."""
    called = set()
    names = {transition.name for _, transition in declared()}
    for module in modules():
        for function in module.functions():
            decorated = any("transition(" in ast.unparse(decorator) for decorator in function.decorator_list)
            if not decorated or function.name not in names:
                continue
            body = [node for node in function.body if not isinstance(node, ast.Expr | ast.Pass)]
            lines = sum((node.end_lineno or 0) - node.lineno + 1 for node in body)
            if lines > 8:
                called.add(f"{module.at(function)} {function.name}: {lines} lines")
            called |= {
                f"{module.at(node)} {node.func.attr}"
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                if node.func.attr in {"save", "create", "enqueue", "delete", "update", "bulk_create"}
            }
    assert called == set()


# What guards these moves is known above a submission only: it stands in the upper action, which alone makes the move.
MOVED_FROM_ABOVE = {
    "start_review": "reviews/panels/actions/assignments.py",
    "assess_submission": "reviews/panels/actions/panel.py",
    "recommend_submission": "reviews/panels/actions/panel.py",
    "override_submission": "reviews/panels/actions/panel.py",
    "return_submission": "reviews/panels/actions/panel.py",
    "approve_submission": "grants/agreements/actions/signing.py",
}


def test_moves_whose_guards_lie_above_are_made_from_there_alone():
    callers: dict[str, set[str]] = {}
    for module in modules():
        for call in module.calls():
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name in MOVED_FROM_ABOVE and any(keyword.arg == "submission" for keyword in call.keywords):
                callers.setdefault(name, set()).add(module.name)
    assert callers == {name: {path} for name, path in MOVED_FROM_ABOVE.items()}
