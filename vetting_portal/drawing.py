"""Draws the state machines and lists the permissions as they are in the code, for the documents."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django_fsm import FSMFieldMixin
from rules.permissions import permissions

from vetting_portal.registry import our_apps

MADE = "<!-- Made by `manage.py draw`; a test compares it with the code. -->\n"


def machines() -> Iterator[tuple[type[Model], Any]]:
    """Yield each model that has a state, with its field, in the order of apps and models."""
    for config in our_apps():
        for model in config.get_models():
            for field in model._meta.get_fields():
                if isinstance(field, FSMFieldMixin):
                    yield model, field


def _targets(transition: Any) -> list[str]:
    """Return the states that a transition may reach; one that goes back to where it came from has several."""
    target = transition.target
    if target is None:
        return [str(transition.source)]
    return [str(state) for state in getattr(target, "allowed_states", None) or [target]]


def diagram(model: type[Model], field: Any) -> str:
    """Return one machine as a Mermaid diagram, its moves in the order of the class."""
    order = [name for owner in reversed(model.__mro__) for name in vars(owner)]
    moves: dict[str, None] = {}
    for transition in sorted(field.get_all_transitions(model), key=lambda each: order.index(each.name)):
        for target in _targets(transition):
            moves[f"    {transition.source} --> {target}: {transition.name}"] = None
    first = f"    [*] --> {field.get_default()}"
    return "\n".join(["```mermaid", "stateDiagram-v2", first, *moves, "```"])


def states_page() -> str:
    """Return the page of all state machines."""
    parts = ["# State machines\n", MADE]
    parts.append("Every arrow runs through `vetting_portal.workflow.perform` and nothing else.\n")
    for model, field in machines():
        parts.append(f"## {model._meta.label}\n\n{diagram(model, field)}\n")
    return "\n".join(parts)


def permissions_page() -> str:
    """Return the page of all permissions, each with the facts that it is made of."""
    rows = [f"| `{name}` | {_sentence(permissions[name].name)} |" for name in sorted(permissions)]
    return "\n".join(["# Permissions\n", MADE, "| permission | held by whom |", "|---|---|", *rows, ""])


def _sentence(name: str) -> str:
    """Return a predicate's name as words, without the brackets that "a or b or c" can do without."""
    for sign in "|&":
        chain, before = re.compile(rf"\(([^()]+ \{sign} [^()]+)\) \{sign}"), ""
        other = "&" if sign == "|" else "|"
        while before != name:
            before = name
            name = chain.sub(lambda match: match[0] if other in match[1] else f"{match[1]} {sign}", name)  # noqa: B023
    if re.fullmatch(r"\([^()]*\)", name):
        name = name[1:-1]
    return name.replace(" | ", " or ").replace(" & ", " and ").replace("_", " ")
