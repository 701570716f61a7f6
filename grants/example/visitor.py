"""Somebody at the pages, without a browser: opens addresses, fills the forms that stand there, follows links."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

REDIRECTS = 10
FORBIDDEN = 400


class PageError(Exception):
    """A page did not answer as somebody at it would need; says which and how."""


@dataclass
class Form:
    """A form as it stands on a page: where it goes and what its fields hold."""

    action: str
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What a reader of the page can use: its forms and links."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.addresses: list[str] = []
        self.options: dict[str, list[tuple[str, str]]] = {}
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: str | None = None
        self._radio: str | None = None
        self._textarea: str | None = None
        self._written_in: Form | None = None
        self._link: tuple[str, list[str]] | None = None
        self._button: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form, a field or a link."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(urljoin(self.address, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._form)
            self._by_id[given.get("id", "")] = self._form
        elif tag == "a" and "href" in given:
            self._link = (urljoin(self.address, given["href"]), [])
        elif tag == "button":
            self._button = []
        form = self._by_id.get(given.get("form", ""), self._form) if "form" in given else self._form
        if form and given.get("name") and tag in {"input", "select", "textarea"} and "disabled" not in given:
            self._note_field(form, tag, given)
        elif form and given.get("name") and tag == "button":
            form.names.add(given["name"])
        elif tag == "option" and self._form and self._select:
            self.options.setdefault(self._select, []).append(("", given.get("value", "")))
            if "selected" in given:
                self._form.values[self._select] = [given.get("value", "")]

    def _note_field(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        form.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea, self._written_in = name, form
            form.values[name] = [""]
        elif kind in {"checkbox", "radio"}:
            if kind == "radio":
                self._radio = name
                self.options.setdefault(name, []).append(("", given.get("value", "")))
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        elif kind != "file":
            form.values[name] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        """Read the text of a link, a button or a text area."""
        if self._textarea and self._written_in:
            self._written_in.values[self._textarea][0] += data
        if (chosen := self._select or self._radio) and self.options.get(chosen):
            label, value = self.options[chosen][-1]
            self.options[chosen][-1] = (label + data.strip(), value)
        if self._link:
            self._link[1].append(data)
        if self._button is not None:
            self._button.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "label":
            self._radio = None
        elif tag == "textarea" and self._textarea and self._written_in:
            held = self._written_in.values[self._textarea]
            held[0] = held[0].removeprefix("\n")  # a line break right after the tag is not part of the text
            self._textarea = None
        elif tag == "a" and self._link:
            self.links.setdefault(" ".join("".join(self._link[1]).split()), self._link[0])
            self.addresses.append(self._link[0])
            self._link = None
        elif tag == "button" and self._button is not None:
            if self._form:
                self._form.buttons.append(" ".join("".join(self._button).split()))
            self._button = None


class Visitor:
    """One person at the pages. Every form is fetched before it is sent, and sent with the token that stood in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
        self.page: Page | None = None

    @property
    def path(self) -> str:
        """The path of the page at hand, with its query."""
        return _path(self._at().address)

    def names(self, *, to: str = "", button: str = "") -> set[str]:
        """Return the names of the fields of a form of the page at hand."""
        return self._form(to, button, set()).names

    def open(self, address: str) -> str:
        """Open an address, follow where it leads, and return the HTML. Raises PageError where it refuses."""
        return self._arrive(self.client.get(address), address)

    def follow(self, text: str) -> str:
        """Follow the link with this text on the page at hand."""
        links = self._at().links
        found = links.get(text) or next((url for label, url in links.items() if text in label), None)
        if found is None:
            message = f"{self.name} finds no link “{text}” at {self._at().address}: {', '.join(links)}"
            raise PageError(message)
        return self.open(_path(found))

    def link(self, pattern: str) -> str:
        """Return the path of the first link of the page at hand that leads to an address like ``pattern``."""
        if found := self.links(pattern):
            return found[0]
        message = (
            f"{self.name} finds no link to {pattern} at {self.path}: {sorted(map(_path, self._at().links.values()))}"
        )
        raise PageError(message)

    def links(self, pattern: str) -> list[str]:
        """Return the part that fits ``pattern`` of each link of the page at hand, each once."""
        found = (re.search(pattern, _path(address)) for address in self._at().addresses)
        return list(dict.fromkeys(match.group(0) for match in found if match))

    def has_form(self, to: str) -> bool:
        """Whether the page at hand has a form that goes ``to`` an address."""
        return any(form.method == "post" and _path(form.action) == to for form in self._at().forms)

    def form_like(self, pattern: str) -> str:
        """Return where the first form of the page at hand goes that goes to an address like ``pattern``."""
        for form in self._at().forms:
            if re.fullmatch(pattern, _path(form.action)):
                return _path(form.action)
        message = f"{self.name} finds no form to {pattern} at {self.path}"
        raise PageError(message)

    def option(self, name: str, text: str) -> str:
        """Return the value of the choice of the field ``name`` that reads like ``text``."""
        for label, value in self._at().options.get(name, []):
            if text in label:
                return value
        message = f"{self.name} finds no choice “{text}” for {name} at {self.path}: {self._at().options.get(name)}"
        raise PageError(message)

    def fetch(self, address: str) -> bytes:
        """Return the bytes of a file. Raises PageError where it is refused."""
        response = self.client.get(address)
        if response.status_code >= FORBIDDEN:
            message = f"{self.name} got {response.status_code} for {address}"
            raise PageError(message)
        content = getattr(response, "streaming_content", None)
        return b"".join(content) if content is not None else response.content

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a message as another service does: no form, no session. Raises PageError where it is refused."""
        response = self.client.post(address, body, content_type="application/json", headers=dict(headers))
        if response.status_code >= FORBIDDEN:
            message = f"{self.name} got {response.status_code} at {address}: {response.content.decode()}"
            raise PageError(message)

    def send(
        self, *, to: str = "", button: str = "", files: Mapping[str, tuple[str, bytes]] | None = None, **fields: Any
    ) -> str:
        """Fill and send a form of the page at hand: the one that goes ``to`` an address, or has the ``button``.

        A field that does not stand in the form is an error: nobody could fill it.
        """
        form = self._form(to, button, set(fields) | set(files or {}))
        values: dict[str, Any] = {name: list(held) for name, held in form.values.items()}
        for name, value in fields.items():
            values[name] = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        for name, (file_name, content) in (files or {}).items():
            values[name] = [SimpleUploadedFile(file_name, content)]
        flat = {name: held[0] if len(held) == 1 else held for name, held in values.items() if held}
        response = self.client.post(_path(form.action), flat, headers={"referer": self._at().address})
        return self._arrive(response, form.action)

    def _form(self, to: str, button: str, names: set[str]) -> Form:
        page = self._at()
        fitting = [
            form
            for form in page.forms
            if form.method == "post"
            and names <= form.names
            and (not to or _path(form.action) == to)
            and (not button or any(button in label for label in form.buttons))
        ]
        if not fitting:
            there = "; ".join(f"{form.action} {sorted(form.names)} {form.buttons}" for form in page.forms)
            message = (
                f"{self.name} finds no form {to}{button} with {sorted(names)} at {page.address}. There are: {there}"
            )
            raise PageError(message)
        return fitting[0]

    def _at(self) -> Page:
        if self.page is None:
            message = f"{self.name} is at no page yet"
            raise PageError(message)
        return self.page

    def _arrive(self, response: Any, address: str) -> str:
        for _ in range(REDIRECTS):
            if "Location" not in response.headers:
                break
            address = urljoin(address, response.headers["Location"])
            response = self.client.get(_path(address))
        html = response.content.decode(errors="replace") if not response.streaming else ""
        self.page = Page(address, html)
        if response.status_code >= FORBIDDEN:
            message = f"{self.name} got {response.status_code} at {address}: {_visible_errors(html)}"
            raise PageError(message)
        return html


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _visible_errors(html: str) -> str:
    """Return the words of a page, shortened: enough to see why it refused."""

    class Words(HTMLParser):
        found: list[str] = []

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    words = Words()
    words.found = []
    words.feed(html[html.find("<main") :])
    return " ".join(" ".join(words.found).split())[:600]
