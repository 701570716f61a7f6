"""Reads a page as somebody at it does: links, forms with their fields, buttons, buttons that are blocked, and words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "section", "table", "dt", "dd", "ul", "ol", "legend", "form"}
SILENT = {"script", "style", "template", "svg"}


@dataclass
class Field:
    """One field of a form: what a browser knows about it."""

    name: str
    kind: str  # text, textarea, select, checkbox, radio, file, hidden, date, number, email …
    value: str = ""
    label: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    attrs: dict[str, str] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether the browser asks for it."""
        return "required" in self.attrs or self.attrs.get("aria-required") == "true"

    @property
    def current(self) -> list[str]:
        """What is sent where nobody touches it."""
        if self.kind in {"checkbox", "radio", "select"}:
            return list(self.chosen)
        return [] if self.kind == "file" else [self.value]


@dataclass
class Button:
    """A button that can be pressed, with what it adds to the form."""

    label: str
    name: str = ""
    value: str = ""
    action: str = ""


@dataclass
class Form:
    """A form: where it goes, its fields in order, its buttons."""

    action: str
    method: str = "get"
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    in_main: bool = True

    @property
    def to(self) -> str:
        """The path that it is sent to, with its query."""
        return path_of(self.action)


@dataclass
class Blocked:
    """A button that cannot be pressed yet, with the reasons that stand beside it."""

    label: str
    why: str = ""
    reasons: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass
class Link:
    """A link: its words, its path, and whether it stands in the page's own part."""

    text: str
    to: str
    in_main: bool


def path_of(address: str) -> str:
    """Return the path and query of an address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _squeezed(text: str) -> str:
    return " ".join(text.split())


class Page(HTMLParser):
    """A page that was read."""

    def __init__(self, address: str, html: str, status: int = 200) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.html, self.status = address, html, status
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self.blocked: list[Blocked] = []
        self._texts: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._later: list[tuple[str, Field | Button]] = []
        self._form: Form | None = None
        self._main = 0
        self._silent = 0
        self._labels: dict[str, str] = {}
        self._label: list | None = None
        self._legend = ""
        self._catch: list[tuple[str, object, list[str]]] = []
        self._select: Field | None = None
        self._reasons: dict[str, Blocked] = {}
        self._reason: tuple[Blocked, int] | None = None
        self._depth = 0
        self._hidden: int | None = None  # the depth of the outermost element that is not shown
        self.feed(html)
        self.close()
        self._settle()

    @property
    def path(self) -> str:
        """Its path, with the query."""
        return path_of(self.address)

    @property
    def text(self) -> str:
        """All its words, a block a line."""
        return "\n".join(filter(None, map(_squeezed, "".join(self._texts).split("\n"))))

    # --- reading ----------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what begins."""
        given = {name: value or "" for name, value in attrs}
        self._depth += tag not in VOID
        if "hidden" in given and tag not in VOID and self._hidden is None:
            self._hidden = self._depth
        self._silent += tag in SILENT
        self._main += tag == "main"
        if tag in BLOCKS or tag == "br":
            self._texts.append("\n")
        if given.get("id", "") in self._reasons:
            self._reason = (self._reasons[given["id"]], self._depth)
        if tag in {"input", "select", "textarea"}:
            self._field(tag, given)
        elif tag in {"a", "button", "legend"} and (tag != "a" or "href" in given):
            self._catch.append((tag, given, []))
        elif tag == "label":
            self._label = [given.get("for", ""), [], None]
        elif tag == "form":
            self._begin_form(given)
        elif tag == "option":
            self._begin_option(given)

    def _begin_form(self, given: dict[str, str]) -> None:
        action = urljoin(self.address, given.get("action", ""))
        self._form = Form(action, given.get("method", "get").lower(), in_main=bool(self._main))
        self.forms.append(self._form)
        if "id" in given:
            self._by_id[given["id"]] = self._form

    def _begin_option(self, given: dict[str, str]) -> None:
        if self._select is None:
            return
        self._select.options.append((given.get("value", ""), ""))
        self._catch.append(("option", given, []))
        if "selected" in given:
            self._select.chosen = [given.get("value", "")]

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if "name" not in given or "disabled" in given:
            if tag == "input" and given.get("type") in {"submit", "image"}:
                self._place(Button(given.get("value", "")), given)
            return
        kind = given.get("type", "text") if tag == "input" else tag
        if kind in {"submit", "image", "button", "reset"}:
            if kind == "submit":
                self._place(Button(given.get("value", ""), given["name"], given.get("value", "")), given)
            return
        one = Field(given["name"], kind, given.get("value", ""), self._legend, attrs=given)
        if kind in {"checkbox", "radio"}:
            one.value = given.get("value", "on")
            one.options = [(one.value, "")]
            one.chosen = [one.value] if "checked" in given else []
        if tag == "textarea":
            self._catch.append(("textarea", one, []))
        if tag == "select":
            self._select = one
        if self._label is not None:
            self._label[2] = one
        self._place(one, given)

    def _place(self, what: Field | Button, given: dict[str, str]) -> None:
        if "form" in given and given["form"] not in self._by_id:
            self._later.append((given["form"], what))
            return
        form = self._by_id[given["form"]] if "form" in given else self._form
        if form is not None:
            self._add(form, what)

    @staticmethod
    def _add(form: Form, what: Field | Button) -> None:
        if isinstance(what, Button):
            form.buttons.append(what)
        elif what.name in form.fields and what.kind in {"checkbox", "radio"}:
            held = form.fields[what.name]
            held.options += what.options
            held.chosen += what.chosen
            what.attrs["joined"] = what.name
            held.attrs.setdefault("ids", "")
        else:
            form.fields.setdefault(what.name, what)

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        self._silent -= tag in SILENT and self._silent > 0
        self._main -= tag == "main"
        if tag in BLOCKS:
            self._texts.append("\n")
        ends = {"form": self._close_form, "select": self._close_select, "label": self._close_label,
                "fieldset": self._close_group}  # fmt: skip
        if tag in ends:
            ends[tag]()
        if self._catch and self._catch[-1][0] == tag:
            _, what, texts = self._catch.pop()
            self._close(tag, what, "".join(texts))
        if self._reason and self._depth == self._reason[1]:
            self._reason = None
        if self._hidden == self._depth and tag not in VOID:
            self._hidden = None
        self._depth -= tag not in VOID

    def _close_form(self) -> None:
        self._form = None

    def _close_group(self) -> None:
        self._legend = ""

    def _close_select(self) -> None:
        if self._select and not self._select.chosen and "multiple" not in self._select.attrs and self._select.options:
            self._select.chosen = [self._select.options[0][0]]
        self._select = None

    def _close_label(self) -> None:
        if self._label is None:
            return
        target, texts, inner = self._label
        self._label = None
        words = _squeezed("".join(texts))
        if target:
            self._labels[target] = words
        elif inner is not None:
            self._labels[f"@{id(inner)}"] = words
            inner.label = inner.label or words

    def _close(self, tag: str, what, words: str) -> None:
        if tag == "a":
            address = urljoin(self.address, what["href"])
            is_ours = urlsplit(address).netloc in {"localhost", "localhost:8000"}
            if is_ours and not what["href"].startswith("#"):
                self.links.append(Link(_squeezed(words), path_of(address), bool(self._main)))
                if self._reason:
                    self._reason[0].links.append(path_of(address))
        elif tag == "legend":
            self._legend = _squeezed(words)
        elif tag == "textarea":
            what.value = words.removeprefix("\n").removeprefix("\r\n")
        elif tag == "option" and self._select is not None:
            self._select.options[-1] = (what.get("value", _squeezed(words)), _squeezed(words))
        elif tag == "button":
            self._close_button(what, _squeezed(words))

    def _close_button(self, given: dict[str, str], label: str) -> None:
        if self._hidden is not None:
            return
        if given.get("aria-disabled") == "true" or "disabled" in given:
            blocked = Blocked(label, given.get("aria-describedby", ""))
            self.blocked.append(blocked)
            if blocked.why:
                self._reasons[blocked.why] = blocked
        elif given.get("type", "submit") == "submit":
            action = path_of(urljoin(self.address, given["formaction"])) if "formaction" in given else ""
            self._place(Button(label, given.get("name", ""), given.get("value", ""), action), given)

    def handle_data(self, data: str) -> None:
        """Read words."""
        if not self._silent:
            self._texts.append(data)
        for _, _, texts in self._catch:
            texts.append(data)
        if self._label is not None:
            self._label[1].append(data)
        if self._reason and data.strip():
            self._reason[0].reasons.append(_squeezed(data))

    def _settle(self) -> None:
        for name, what in self._later:
            if name in self._by_id:
                self._add(self._by_id[name], what)
        for form in self.forms:
            for one in form.fields.values():
                one.label = self._labels.get(one.attrs.get("id", ""), "") or one.label

    # --- asking -----------------------------------------------------------------------------------

    @property
    def offers(self) -> list[Form]:
        """The forms that change something and have a button that can be pressed."""
        return [one for one in self.forms if one.method == "post" and one.buttons]

    def form(self, to: str, button: str = "") -> Form | None:
        """Return the form that is sent ``to`` a path, preferring the one with the ``button``."""
        fitting = [one for one in self.offers if one.to == to]
        named = [one for one in fitting if any(other.label == button for other in one.buttons)]
        return next(iter(named or fitting), None)

    def own_links(self) -> Iterator[str]:
        """Yield where the links of the page lead, each once."""
        yield from dict.fromkeys(link.to for link in self.links)


def words_of(html: str) -> str:
    """Return the words of some HTML, a block a line."""
    return Page("http://localhost/", re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)).text
