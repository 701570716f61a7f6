"""The look keeps to its weight, and to what the content security policy allows."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find

from vetting_portal.stylesheets import JOINED, joined

STATIC = Path(settings.BASE_DIR) / "vetting_portal" / "static" / "portal"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
# A PDF carries its own style, and so does a passport, which is read without a connection.
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if not {"pdf", "passport"} & set(path.parts)]
COMPONENTS = sorted((TEMPLATES / "cotton").glob("*.html"))


def squeezed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_style_sheet_stays_small():
    assert len(joined().splitlines()) <= 900
    assert squeezed(Path(find(JOINED))) <= 10_000


def test_sprite_stays_small():
    assert squeezed(STATIC / "icons.svg") <= 2_000


def test_desk_script_stays_small():
    assert squeezed(Path(settings.BASE_DIR) / "reviews/static/reviews/desk.js") <= 10_000


def test_style_sheet_names_physical_sides_nowhere():
    found = re.findall(r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?<![-\w])(?:left|right):", joined())

    assert found == []


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_opens_with_a_comment_of_its_inputs(path: Path):
    assert path.read_text().startswith("{# c-" + path.stem.replace("_", "-") + ": ")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_page_has_no_inline_style_or_script(path: Path):
    text = path.read_text()

    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_page_draws_only_shapes_and_parts_that_exist(path: Path):
    shapes = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    parts = {component.stem.replace("_", "-") for component in COMPONENTS} | {"slot", "vars"}
    text = path.read_text()

    assert set(re.findall(r'{% icon "([\w-]+)"', text)) <= shapes
    assert set(re.findall(r'<c-[\w-]+[^>]*\sicon="([\w-]+)"', text)) <= shapes
    assert set(re.findall(r"<c-([\w-]+)", text)) <= parts
