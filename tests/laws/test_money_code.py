"""No float comes near money."""

import ast

from tests.laws.source import modules

# Names are compared by likeness from 0 to 100, and agreement is estimated: neither is money.
LIKENESS = ("reviews/screening/", "reviews/management/commands/screen.py", "reviews/rounds/")


def test_no_float_in_what_is_asked_judged_and_promised():
    found = []
    for module in modules("partners", "reviews", "grants"):
        if module.name.startswith(LIKENESS):
            continue
        for node in ast.walk(module.tree):
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if is_literal or is_call:
                found.append(module.at(node))
    assert found == []


def test_money_module_has_no_float():
    (module,) = [module for module in modules("vetting_portal") if module.name == "vetting_portal/money.py"]
    assert "float" not in {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    assert not any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(module.tree))
