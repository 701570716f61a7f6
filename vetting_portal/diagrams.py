"""The state machines as diagrams, drawn from the code; ``docs/states.md`` is compared with them in a test."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django_fsm import FSMFieldMixin

APPS = ("partners", "reviews", "grants")
HEAD = """# State machines

Drawn from the code by `manage.py draw_states > docs/states.md`; a test compares. Every arrow runs through
`vetting_portal.workflow.perform` and nothing else.
"""


def machines() -> Iterator[tuple[type[models.Model], FSMFieldMixin]]:
    """Yield each model that has a state, with its field, app by app."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if isinstance(field, FSMFieldMixin):
                    yield model, field


def diagram(model: type[models.Model], field: FSMFieldMixin) -> str:
    """Return one machine as a Mermaid state diagram: the first state, then every transition by its name."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {field.default}"]
    lines += [
        f"    {transition.source} --> {transition.target}: {transition.name}"
        for transition in field.get_all_transitions(model)
    ]
    return "\n".join([*lines, "```"])


def all_diagrams() -> str:
    """Return the whole page."""
    parts = [f"## {model._meta.label}\n\n{diagram(model, field)}" for model, field in machines()]
    return HEAD + "\n" + "\n\n".join(parts) + "\n"
