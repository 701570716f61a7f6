"""Reads XML parts as a stream: no document type, no entity, nothing fetched, nothing kept in memory."""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.packages import DAMAGED

ENTITIES = (
    "This file has definitions inside that could read other files. Save it again with Word, Excel or LibreOffice, "
    "and send the new file."
)
Element = Callable[[str, dict[str, str]], None]
Text = Callable[[str], None]


def _refuse_doctype(*_: object) -> None:
    raise Refusal(ENTITIES)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(" ")[2]


def watch(chunks: Iterable[bytes], element: Element | None = None, text: Text | None = None) -> None:
    """Parse ``chunks``; call ``element(local name, attributes by local name)`` and ``text``.

    Raises Refusal for a document type, and where the XML is not well-formed.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    if element is not None:
        parser.StartElementHandler = lambda name, attributes: element(
            local(name), {local(key): value for key, value in attributes.items()}
        )
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as broken:
        raise Refusal(DAMAGED) from broken
