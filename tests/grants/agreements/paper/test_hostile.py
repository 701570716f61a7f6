"""What people type stands in the file as text: nothing is fetched, nothing is attached, whatever the HTML asks for."""

import copy
import socketserver
import threading

import pikepdf
import pytest

from grants.agreements.documents import agreement_html
from grants.agreements.rendering import RenderBlocked, render
from grants.agreements.terms import terms_hash
from tests.grants.agreements.paper.sheets import content_of, text_of

HEAD = '<html lang="en"><head><meta name="dcterms.created" content="2026-01-01T00:00:00+00:00"></head><body>'
# HERE is a server of the test's own that counts who comes.
PAYLOADS = [
    '<img src="HERE/a.png">',
    '<img src="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<link rel="stylesheet" href="HERE/a.css">',
    "<style>@import url(HERE/b.css);</style>",
    '<p style="background: url(HERE/c.png)">x</p>',
    '<svg><image href="HERE/d.png" width="9" height="9"/></svg>',
    '<svg><use href="HERE/e.svg#x"/></svg>',
    (
        '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E'
        '%3Cimage href=%22HERE/f%22/%3E%3C/svg%3E">'
    ),
    '<object data="HERE/g.pdf"></object>',
    '<embed src="HERE/h.svg">',
    "<style>@font-face { font-family: x; src: url(HERE/i.ttf) } p { font-family: x }</style><p>x</p>",
    '<a rel="attachment" href="HERE/j.txt">x</a>',
    '<style>@page { @top-left { content: url("HERE/k.png") } }</style><p>x</p>',
]
HARMLESS_ALREADY = {7}  # WeasyPrint never asks for it


@pytest.fixture
def listener():
    """Return an address and the list of who came to it."""
    came = []

    class Note(socketserver.BaseRequestHandler):
        def handle(self):
            came.append(self.request.recv(200))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Note) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", came
        server.shutdown()
        thread.join()


def typed(content, text):
    """Return terms in which each text that somebody types is ``text``."""
    changed = copy.deepcopy(content)
    for part, fields in {
        "funder": ("name", "tax_number", "address", "city", "contact"),
        "partner": ("legal_name", "local_name", "registration_number", "address"),
        "project": ("title", "purpose", "submission", "programme"),
        "bank": ("name",),
        "directors": ("authority",),
        "contact": ("officer", "email"),
    }.items():
        for field in fields:
            assert field in changed[part]
            changed[part][field] = text
    changed["bank"]["last4"] = "1234"
    changed["partner"]["signatory"] = {"name": text, "title": text, "authority": text}
    changed["project"]["indicators"] = [{"text": text, "target": text}]
    changed["money"]["fund"] = {"name": text, "reservation": text}
    changed["budget"] = [{"line": text, "amount_minor": 1}]
    changed["tranches"] = [{**changed["tranches"][0], "condition": text}]
    changed["reports"] = [{**changed["reports"][0], "title": text}]
    changed["conditions"] = [text]
    return changed


@pytest.mark.django_db
def test_markup_in_each_field_stands_in_the_file_as_text(listener, tmp_path):
    address, came = listener
    content = content_of()
    for payload in PAYLOADS:
        html = agreement_html(typed(content, payload.replace("HERE", address)), "0" * 64)
        assert "HERE" not in html
        assert payload.replace("HERE", address) not in html
        assert html.count("&lt;") >= 25
    every = typed(content, " ".join(payload.replace("HERE", address) for payload in PAYLOADS))
    made = render(agreement_html(every, terms_hash(every))).content
    path = tmp_path / "made.pdf"
    path.write_bytes(made)
    with pikepdf.open(path) as pdf:
        assert list(pdf.attachments) == []
    assert "/etc/passwd" in "".join(text_of(made, tmp_path))
    assert came == []


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_a_document_that_asks_for_anything_is_not_made(listener, tmp_path, number):
    address, came = listener
    html = HEAD + PAYLOADS[number].replace("HERE", address)
    if number in HARMLESS_ALREADY:
        path = tmp_path / "made.pdf"
        path.write_bytes(render(html).content)
        with pikepdf.open(path) as pdf:
            assert list(pdf.attachments) == []
    else:
        with pytest.raises(RenderBlocked):
            render(html)
    assert came == []
