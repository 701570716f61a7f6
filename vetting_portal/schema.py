"""Operations of migrations that are Django's own, done at once."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Operations after which the models are drawn once, not after each of them.

    Django renders every related model again after each operation: here some hundred, milliseconds each. Put in
    only what asks for no state in between: new tables, in the order in which they refer to each other, and columns
    that may be empty (a filled one makes SQLite write the table anew, without its neighbours here).
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, *operations: Operation) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, tuple[Operation, ...], dict[str, Any]]:
        """Return how it is written again."""
        return (self.__class__.__name__, self.operations, {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Take every change in; the models are rendered when somebody asks for them."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Do one after the other."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Undo them from the last to the first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Return what it does, in words."""
        return f"{len(self.operations)} operations at once"
