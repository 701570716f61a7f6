"""Reads the project's own source for the tests of laws: its modules as trees, its functions, its apps and rooms."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.support.rig import ROOT

APPS = ("vetting_portal", "partners", "reviews", "grants")  # lowest first
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path.relative_to(ROOT).with_suffix("").parts

    def is_layer(self, layer: str) -> bool:
        """Whether this is the module ``layer``, or inside the package ``layer``."""
        return layer in self.parts

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def top_functions(self) -> Iterator[Function]:
        for node in self.tree.body:
            if isinstance(node, Function):
                yield node

    def calls(self) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node

    def at(self, node: ast.AST) -> str:
        """Return where ``node`` stands, as ``file:line``."""
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


@cache
def modules(*tops: str, migrations: bool = False) -> tuple[Module, ...]:
    """Return the modules under the given folders, the apps when none is given."""
    paths = (path for top in tops or APPS for path in sorted((ROOT / top).rglob("*.py")))
    return tuple(Module(path) for path in paths if migrations or "migrations" not in path.parts)


def rooms(app: str) -> list[str]:
    """Return the rooms of an app: its packages that hold at least one layer."""
    layers = {"rules", "models", "actions", "forms", "views", "urls"}
    found = []
    for folder in sorted((ROOT / app).iterdir()):
        names = {path.stem for path in folder.iterdir()} if folder.is_dir() else set()
        if "__init__" in names and names & layers and folder.name not in layers:
            found.append(folder.name)
    return found


def decorators(function: Function) -> set[str]:
    """Return the names of a function's decorators: ``action``, ``background``, ``transition`` …"""
    names = set()
    for decorator in function.decorator_list:
        bare = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(bare.attr if isinstance(bare, ast.Attribute) else getattr(bare, "id", ""))
    return names
