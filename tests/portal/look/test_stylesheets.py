"""The joined sheet holds every rule of its sources in their order, and static files know it under one name."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find, get_finder

from vetting_portal import stylesheets
from vetting_portal.stylesheets import JOINED, SHEETS, SOURCES, joined


def squeezed(text: str) -> str:
    return "".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split())


def test_joined_sheet_holds_every_rule_in_order():
    assert squeezed(joined()) == "".join(squeezed((SOURCES / f"{name}.css").read_text()) for name in SHEETS)


def test_joined_sheet_has_neither_comments_nor_indentation():
    assert re.findall(r"/\*|^\s", joined(), flags=re.MULTILINE) == []


def test_joined_sheet_is_found_beside_the_files_of_the_apps():
    assert Path(find(JOINED)).read_text() == joined()
    assert find(JOINED, find_all=True) == [find(JOINED)]
    assert find("portal/icons.svg").endswith("vetting_portal/static/portal/icons.svg")


def test_joined_sheet_is_collected_once_and_can_be_left_out():
    finder = get_finder("vetting_portal.stylesheets.JoinedSheetFinder")
    collected = dict(finder.list(None))

    assert [path for path in collected if path.endswith(".css")] == [JOINED]
    with collected[JOINED].open(JOINED) as file:
        assert file.read().decode() == joined()
    assert JOINED not in dict(finder.list(["*.css"]))


def test_joined_sheet_is_written_again_only_when_a_sheet_has_changed(monkeypatch: pytest.MonkeyPatch):
    before = Path(find(JOINED)).stat().st_ino

    assert Path(find(JOINED)).stat().st_ino == before
    monkeypatch.setattr(stylesheets, "joined", lambda: "a {}\n")
    assert Path(find(JOINED)).read_text() == "a {}\n"
    monkeypatch.undo()
    assert Path(find(JOINED)).read_text() == joined()
