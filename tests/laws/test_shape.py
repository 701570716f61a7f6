"""The shape of the code: sizes, names, imports, and what an action looks like."""

import ast
import configparser
import re

from tests.laws.source import APPS, Function, Module, decorators, modules, rooms
from tests.support.rig import ROOT

FILE_CAP, TEST_FILE_CAP, FUNCTION_CAP, VIEW_CAP, SETTINGS_CAP = 500, 800, 50, 40, 250
VAGUE = {"utils", "helpers", "common", "misc", "tools"}


def _lines(module: Module) -> int:
    return module.text.count("\n")


def _length(node: ast.AST) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_no_file_is_longer_than_its_cap():
    caps = dict.fromkeys(modules(*APPS, "bench"), FILE_CAP) | dict.fromkeys(modules("tests"), TEST_FILE_CAP)
    assert [f"{module.name}: {_lines(module)} lines" for module, cap in caps.items() if _lines(module) > cap] == []


def test_settings_are_one_short_file():
    assert (ROOT / "vetting_portal/settings.py").read_text().count("\n") <= SETTINGS_CAP
    assert [module.name for module in modules() if module.path.stem == "settings"] == ["vetting_portal/settings.py"]


def test_no_function_is_longer_than_its_cap():
    assert [
        f"{module.at(function)} {function.name}: {_length(function)} lines"
        for module in modules(*APPS, "bench", "tests")
        for function in module.functions()
        if _length(function) > FUNCTION_CAP
    ] == []


def test_no_view_is_longer_than_its_cap():
    found = []
    for module in modules():
        if not module.is_layer("views"):
            continue
        found += [
            f"{module.at(node)} {node.name}: {_length(node)} lines"
            for node in module.tree.body
            if isinstance(node, Function | ast.ClassDef) and _length(node) > VIEW_CAP
        ]
    assert found == []


def test_every_date_is_asked_for_through_the_one_field():
    asking = [module for module in modules(*APPS) if re.search(r"[= ]DayField\(", module.text)]
    assert len(asking) > 12, "this law sees no forms any more"
    assert [module.name for module in modules(*APPS) if "forms.DateField(" in module.text] == []


def test_no_form_lets_an_empty_beginning_hide_what_is_known():
    """A view hands ``initial={}`` in: a form that lets it win opens empty, and saving it erases the record."""
    assert [
        module.at(node)
        for module in modules(*APPS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Dict) and "'initial'" in (names := [key and ast.unparse(key) for key in node.keys])
        if None in names[names.index("'initial'") :]
    ] == []


def test_no_import_stands_inside_a_function():
    assert [
        module.at(node)
        for module in modules(*APPS, "tests", "bench")
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ] == []


def test_no_module_has_a_vague_name():
    assert [module.name for module in modules(*APPS, "tests") if VAGUE & set(module.parts)] == []


def test_every_module_opens_with_a_docstring():
    assert [module.name for module in modules() if module.text.strip() and not ast.get_docstring(module.tree)] == []


def test_nothing_listens_for_signals():
    banned = {"receiver", "post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed", "on_commit"}
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name in banned:
                found.append(f"{module.at(node)} {name}")
    assert found == []


def test_every_room_is_named_in_the_import_laws():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    named = {line.strip() for section in contracts.values() for line in section.get("containers", "").splitlines()}
    ordered = {
        f"{section['containers'].strip()}.{line.strip()}"
        for name, section in contracts.items()
        if ":rooms-of-" in name
        for line in section["layers"].splitlines()
        if line.strip()
    }
    every = {f"{app}.{room}" for app in APPS[1:] for room in rooms(app)}

    assert every - named == set()
    assert every - ordered == set()


WRITES = {
    "save", "create", "get_or_create", "update_or_create", "update", "delete", "bulk_create", "bulk_update",
    "perform", "record", "lock", "enqueue",
}  # fmt: skip


def _writes(function: Function) -> bool:
    """Whether a function changes something: by the ORM, by the door, or by leaving a task or an entry behind."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in WRITES and not ast.unparse(call.func).startswith(("hashlib.", "digest.")):
                return True
    return False


def _actions() -> list[tuple[Module, Function]]:
    """Return the public functions of the layer of actions that write; those that only read may be called by anybody."""
    return [
        (module, function)
        for module in modules()
        if module.is_layer("actions")
        for function in module.top_functions()
        if not function.name.startswith("_") and "background" not in decorators(function)
        if "action" in decorators(function) or _writes(function)
    ]


def test_there_are_actions():
    assert len(_actions()) > 50


def test_every_action_is_one():
    """A transaction of its own, keyword-only, done by somebody, and described."""
    found = []
    for module, function in _actions():
        arguments, where = function.args, f"{module.at(function)} {function.name}"
        if "action" not in decorators(function):
            found.append(f"{where} writes and is no @action")
        if arguments.posonlyargs or arguments.args:
            found.append(f"{where} takes arguments by position")
        if "by" not in {argument.arg for argument in arguments.kwonlyargs}:
            found.append(f"{where} is done by nobody")
        if not ast.get_docstring(function):
            found.append(f"{where} has no docstring")
    assert found == []


def test_every_predicate_is_described():
    assert [
        f"{module.at(function)} {function.name}"
        for module in modules()
        for function in module.functions()
        if "predicate" in decorators(function) and not ast.get_docstring(function)
    ] == []


def test_rules_name_no_model_by_import():
    """Rules reach a record through their argument; the ground floor's roles are what they are made of."""
    found = []
    for module in modules(*APPS[1:]):
        if not module.is_layer("rules"):
            continue
        found += [
            f"{module.at(node)} {node.module}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom) and node.module and ".models" in node.module
            if not node.module.startswith("vetting_portal.")
        ]
    assert found == []
