"""What the code imports is what pyproject.toml declares: a machine with only the locked packages can run it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.support.rig import ROOT

OWN = {"vetting_portal", "partners", "reviews", "grants", "tests", "bench"}
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements):
    return {normal(re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0]) for line in requirements}


def imported(*folders):
    found = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.split(".")[0])
    return found - OWN - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("folders", "groups"),
    [
        (("vetting_portal", "partners", "reviews", "grants"), ()),
        (("tests", "bench"), ("test",)),
    ],
)
def test_every_import_is_declared(folders, groups):
    declared = names(DECLARED["project"]["dependencies"])
    for group in groups:
        declared |= names(DECLARED["dependency-groups"][group])
    distributions = packages_distributions()
    missing = {
        module
        for module in imported(*folders)
        if not {normal(name) for name in distributions.get(module, [module])} & declared
    }
    assert missing == set()


def test_every_declared_package_is_locked():
    for file, wanted in (
        ("requirements.txt", DECLARED["project"]["dependencies"]),
        ("requirements-test.txt", DECLARED["dependency-groups"]["test"]),
    ):
        locked = names(re.findall(r"^[A-Za-z0-9_.-]+(?===)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
        assert names(wanted) - locked == set()
