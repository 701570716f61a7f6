"""Style sheets: written for people, all of them loaded, and few."""

import re
from pathlib import Path

from tests.laws.source import APPS
from tests.support.rig import ROOT
from vetting_portal.stylesheets import SHEETS, SOURCES

LONGEST = 120


def _sheets() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.css"))


def _lines() -> list[tuple[str, str]]:
    """Return each line of each sheet with where it stands; texts between quotes are taken out."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", re.sub(r'"[^"]*"', '""', line) if len(line) <= LONGEST else line)
        for path in _sheets()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
    ]


def test_no_line_of_style_is_long():
    assert [where for where, line in _lines() if len(line) > LONGEST] == []


def test_every_rule_has_lines_of_its_own():
    assert [where for where, line in _lines() if line.count("{") > 1 or re.search(r"\}.*\S", line)] == []


def test_every_sheet_of_the_pages_is_joined_once():
    """Besides these there are two sheets, of the PDFs: agreements, and the example's own papers."""
    assert sorted(SHEETS) == sorted(str(path.relative_to(SOURCES).with_suffix("")) for path in SOURCES.rglob("*.css"))
    assert len(_sheets()) == len(SHEETS) + 2


def test_own_style_is_small():
    assert 500 <= sum(path.read_text().count("\n") for path in SOURCES.rglob("*.css")) <= 900
