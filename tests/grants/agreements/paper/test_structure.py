"""The file as others read it: tagged, named, with bookmarks, page numbers, every font, and the terms as data."""

import copy
import io
import json

import jsonschema
import pikepdf
import pytest

from grants.agreements.actions import freezing
from tests.factories import amendments, grants
from tests.grants.agreements.paper.sheets import content_of, fonts_of, text_of
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import read_stored

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(freezing.SCHEMA_FILE.read_bytes())
# Terms that were frozen before these existed do without.
WITHOUT = {((), "wording_sha256"), ((), "signing"), (("funder",), "governing_law"), (("funder",), "courts"),
           (("partner",), "contact")}  # fmt: skip
CHECKER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def titles(items):
    return [title for item in items for title in (str(item.title), *titles(item.children))]


def elements(node):
    """Yield the kind of each element of the structure tree."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node["/S"])
        yield from elements(node.get("/K", pikepdf.Array()))


def check_structure(pdf):
    root = pdf.Root
    assert (root.MarkInfo.Marked, str(root.Lang)) == (True, "en")
    kinds = set(elements(root.StructTreeRoot.K))
    assert {"/Document", "/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/L", "/LI"} <= kinds
    with pdf.open_metadata() as meta:
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert meta["dc:title"].startswith("Grant agreement ")
    assert [str(intent.S) for intent in root.OutputIntents] == ["/GTS_PDFA1"]
    assert len(root.OutputIntents[0].DestOutputProfile.read_bytes()) > 1000
    with pdf.open_outline() as outline:
        marks = titles(outline.root)
    assert [mark for mark in marks if mark.startswith("Schedule")] == [
        "Schedule A: Project and indicators", "Schedule B: Budget", "Schedule C: Matched amounts",
        "Schedule D: Instalments", "Schedule E: Reports", "Schedule F: Conditions from vetting",
        "Schedule G: Bank account", "Schedule H: Certifications",
    ]  # fmt: skip
    assert {"Highlights, in plain words", "Parties", "1. The grant"} <= set(marks)
    assert not pdf.is_encrypted
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root.keys())


def test_the_file_to_sign_has_all_that_pdf_a_asks_for(tmp_path):
    grant = freezing.freeze_terms(grant=grants.drafted(), by=grants.reviews.officer())
    content = read_stored(grant.agreement.signed_file)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        check_structure(pdf)
        carried = {name: pdf.attachments[name] for name in pdf.attachments}
        assert {name: str(one.relationship) for name, one in carried.items()} == {
            "terms.json": "/Data",
            "terms.schema.json": "/Supplement",
        }
        assert len(pdf.Root.AF) == 2
        terms, schema = (carried[name].get_file().read_bytes() for name in ("terms.json", "terms.schema.json"))
    assert sha256_hex(terms) == grant.terms.sha256
    jsonschema.validate(json.loads(terms), json.loads(schema))
    pages = text_of(content, tmp_path)
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, start=1)] == [True] * len(
        pages
    )
    assert set(fonts_of(content, tmp_path).values()) == {("yes", "yes")}


def test_the_schema_takes_terms_with_everything_and_with_least():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    content = content_of(donor_cap_minor=5_000, gift_cap_minor=None, bank_name="A bank", bank_last4="1234")
    assert list(CHECKER.iter_errors(content)) == []
    bare = {**content, "conditions": [], "project": {**content["project"], "indicators": []}}
    assert list(CHECKER.iter_errors(bare)) == []


def test_the_schema_refuses_terms_that_lack_a_field_or_have_one_more():
    content = content_of()
    places = [(), *((key,) for key, value in content.items() if isinstance(value, dict)), ("money", "window")]
    for place in places:
        for name in [*_at(content, place), "unheard_of"]:
            changed = copy.deepcopy(content)
            part = _at(changed, place)
            part.pop(name) if name in part else part.update({name: 1})
            assert CHECKER.is_valid(changed) == ((place, name) in WITHOUT), (place, name)
    for place, name, value in (
        (("money",), "goal_minor", 1.5), (("money",), "basis", "other"), (("term",), "ends_on", "31.12.2026"),
        ((), "frozen_at", "yesterday"), ((), "schema", 3), (("partner",), "legal_name", ""),
    ):  # fmt: skip
        changed = copy.deepcopy(content)
        _at(changed, place)[name] = value
        assert not CHECKER.is_valid(changed), (place, name)


def _at(content, place):
    for key in place:
        content = content[key]
    return content


def test_the_schema_holds_for_an_amendment_and_asks_what_it_amends():
    content = amendments.amendment_in("awaiting_signature").terms.content
    assert list(CHECKER.iter_errors(content)) == []
    assert not CHECKER.is_valid({name: part for name, part in content.items() if name != "amendment"})
    assert not CHECKER.is_valid({**content, "kind": "agreement"})
