"""Templates: all of them are used, and none of them holds script or style of its own."""

import re

import pytest
from django.template.loader import get_template

from tests.laws.source import APPS
from tests.support.rig import ROOT

TEMPLATES = ROOT / "templates"
# Named by Django and by libraries, not by us.
NAMED_BY_OTHERS = ("account/", "mfa/", "allauth/", "usersessions/", "django/", "400.html", "403.html", "404.html",
                   "403_csrf.html", "409.html", "500.html")  # fmt: skip
CALLED_OTHERWISE = re.compile(r"<c-([\w.-]+)")
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", flags=re.IGNORECASE)
# A PDF has no browser, and a passport no connection: their style stands in them.
PRINTED = ("grants/agreements/paper/", "grants/campaigns/paper/", "partners/vault/passport/")


def _templates() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())


def _pages() -> list[str]:
    return [name for name in _templates() if name.endswith(".html") and not name.startswith("cotton/")]


def _everything() -> str:
    code = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")]
    return "\n".join([*code, *[(TEMPLATES / name).read_text() for name in _templates()]])


def test_every_template_is_used():
    text = _everything()
    components = {name.replace(".", "/").replace("-", "_") for name in CALLED_OTHERWISE.findall(text)}
    unused = []
    for name in _templates():
        if name.startswith("cotton/"):
            stem = name.removeprefix("cotton/").removesuffix(".html").removesuffix("/index")
            if stem.replace("-", "_") not in components:
                unused.append(name)
        elif not name.startswith(NAMED_BY_OTHERS) and f'"{name}' not in text and f"'{name}" not in text:
            unused.append(name)
    assert unused == []


@pytest.mark.parametrize("name", _pages())
def test_template_compiles(name):
    assert get_template(name)


def test_no_page_holds_script_or_style():
    found = []
    for name in _templates():
        if not name.endswith(".html") or name.startswith(PRINTED):
            continue
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", (TEMPLATES / name).read_text(), flags=re.DOTALL)
        found += [f"{name}: {match.group().strip()}" for match in INLINE.finditer(text)]
    assert found == []


def test_every_component_names_its_inputs():
    """The first thing in a component is a comment that says what it takes."""
    assert [
        path.name
        for path in sorted((TEMPLATES / "cotton").rglob("*.html"))
        if not path.read_text().lstrip().startswith(("{#", "{% comment %}"))
    ] == []
