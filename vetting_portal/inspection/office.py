"""Word and Excel files (OOXML): no macros, no objects, nothing that reaches out of the file."""

import io
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from vetting_portal.inspection.embedded import check_foreign, check_picture_head
from vetting_portal.inspection.findings import Refusal
from vetting_portal.inspection.markup import watch
from vetting_portal.inspection.packages import DAMAGED, HIDES, TOO_LARGE_INSIDE, Package
from vetting_portal.inspection.policy import DOCX, MAX_BYTES, MAX_NESTING, XLSX
from vetting_portal.inspection.sniffing import ZIP

CONTENT_TYPES = "[Content_Types].xml"
WORD, SHEET = "wordprocessingml", "spreadsheetml"
MAIN = {
    f"application/vnd.openxmlformats-officedocument.{WORD}.document.main+xml": DOCX.media_type,
    f"application/vnd.openxmlformats-officedocument.{SHEET}.sheet.main+xml": XLSX.media_type,
}
OTHER_MAIN = {
    "application/vnd.ms-word.document.macroEnabled.main+xml": "application/vnd.ms-word.document.macroEnabled.12",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml": (
        "application/vnd.ms-word.template.macroEnabled.12"
    ),
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel.template.macroEnabled.main+xml": "application/vnd.ms-excel.template.macroEnabled.12",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.main": (
        "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
    ),
    f"application/vnd.openxmlformats-officedocument.{WORD}.template.main+xml": (
        f"application/vnd.openxmlformats-officedocument.{WORD}.template"
    ),
    f"application/vnd.openxmlformats-officedocument.{SHEET}.template.main+xml": (
        f"application/vnd.openxmlformats-officedocument.{SHEET}.template"
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ),
}

MACROS = "This file has macros. Save it as an ordinary {what} without macros and send it again."
TEMPLATE = "This file is a template. Save it as an ordinary document ({taken}) and send it again."
OBJECTS = "This file has another file or a program inside. Take it out, and send that other file on its own."
LINKS = (
    "This file fetches content from outside when it is opened. Break its links (in Word or Excel: File, Info, "
    "Edit Links to Files), or save it as PDF, and send it again."
)

_MACRO_NAME = re.compile(
    r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|macrosheets/|dialogsheets/|intlmacrosheets/)", re.IGNORECASE
)
_OBJECT_NAME = re.compile(r"(^|/)(activex/|oleobject[^/]*\.bin$)", re.IGNORECASE)
_MACRO_RELATIONS = frozenset(
    {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "attachedtoolbars", "dialogsheet"}
)
_OBJECT_RELATIONS = frozenset(
    {"oleobject", "control", "activexcontrolbinary", "afchunk", "subdocument", "frame", "externallinkole"}
)
_LOCAL_TARGETS = frozenset({"attachedtemplate", "externallinkpath", "xlpathmissing", "xlexternallinkpath"})
_XML_ENDINGS = (".xml", ".rels")
_DDE = re.compile(r"\s*DDE(AUTO)?\b", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


class Types:
    """The content types that a package declares: by part, else by ending."""

    def __init__(self, package: Package) -> None:
        """Read [Content_Types].xml. Raises Refusal."""
        self.parts: dict[str, str] = {}
        self.endings: dict[str, str] = {}
        watch(package.chunks(CONTENT_TYPES), self._declare)

    def _declare(self, name: str, attributes: dict[str, str]) -> None:
        content_type = attributes.get("ContentType", "")
        if name == "Override":
            self.parts[attributes.get("PartName", "").lstrip("/").casefold()] = content_type
        elif name == "Default":
            self.endings[attributes.get("Extension", "").casefold()] = content_type

    def of(self, member: str) -> str:
        """Return the content type of a member; "" where none is declared."""
        folded = member.casefold()
        return self.parts.get(folded) or self.endings.get(PurePosixPath(folded).suffix.lstrip("."), "")


def main_part(package: Package) -> str:
    """Return the member that is the document itself. Raises Refusal where there is none."""
    found: list[str] = []

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", ""))

    relations = package.find("_rels/.rels")
    if relations is not None:
        watch(package.chunks(relations), relation)
    member = package.find(found[0].lstrip("/")) if len(found) == 1 else None
    if member is None:
        raise Refusal(DAMAGED)
    return member


def media_type(package: Package, types: Types) -> str:
    """Return the MIME type of an OOXML package: the one its main part is declared as."""
    declared = types.of(main_part(package))
    return MAIN.get(declared) or OTHER_MAIN.get(declared) or ZIP


def _is_local(target: str) -> bool:
    """The target lies on the author's own disk or beside the file: nothing is fetched over a network."""
    plain = target.replace("\\", "/")
    if plain.lower().startswith("file:///"):
        return not plain[len("file:///") :].startswith("/")
    return re.match(r"[A-Za-z]:/", plain) is not None or not (plain.startswith("//") or _SCHEME.match(plain))


def _check_relation(name: str, attributes: dict[str, str]) -> None:
    """Raise Refusal for a relation that brings a macro, an object or something from outside."""
    if name != "Relationship":
        return
    kind = attributes.get("Type", "").rpartition("/")[2].casefold()
    if kind in _MACRO_RELATIONS:
        raise Refusal(MACROS.format(what="document"))
    if kind in _OBJECT_RELATIONS:
        raise Refusal(OBJECTS)
    outside = attributes.get("TargetMode", "").casefold() == "external"
    if not outside or kind == "hyperlink":
        return
    if kind in _LOCAL_TARGETS and _is_local(attributes.get("Target", "")):
        return
    raise Refusal(LINKS)


class _Fields:
    """Looks for fields that start a program (DDE), also where the word is cut into several runs."""

    def __init__(self) -> None:
        self.inside = False
        self.words: list[str] = []

    def element(self, name: str, attributes: dict[str, str]) -> None:
        self.inside = name in {"instrText", "delInstrText"}
        if name == "fldChar" and attributes.get("fldCharType") == "begin":
            self.words = []
        if name == "fldSimple" and _DDE.match(attributes.get("instr", "")):
            raise Refusal(LINKS)
        if name in {"ddeLink", "oleLink"}:
            raise Refusal(LINKS)

    def text(self, words: str) -> None:
        if self.inside and len(self.words) < MAX_NESTING * 100:
            self.words.append(words)
            if _DDE.match("".join(self.words)):
                raise Refusal(LINKS)


def _check_nested(package: Package, member: str, inspect_package: Callable[[Package], str]) -> None:
    """A workbook or document inside (the data of a chart) is checked as the file around it is."""
    if package.depth >= MAX_NESTING:
        raise Refusal(TOO_LARGE_INSIDE)
    inner = Package(io.BytesIO(package.read(member, MAX_BYTES)), package.budget, package.depth + 1)
    if inspect_package(inner) not in MAIN.values():
        raise Refusal(OBJECTS)


def _check_xml(package: Package, member: str) -> None:
    """Raise Refusal for XML that is broken or does something when the file is opened."""
    folded = member.casefold()
    if folded.endswith(".rels"):
        watch(package.chunks(member), _check_relation)
    elif folded.startswith("word/") or "externallinks/" in folded:
        fields = _Fields()
        watch(package.chunks(member), fields.element, fields.text)
    else:
        watch(package.chunks(member))


def check_office(package: Package, types: Types, inspect_package: Callable[[Package], str]) -> None:
    """Check every member of a Word or Excel file. Raises Refusal."""
    what = "Word document (DOCX)" if types.of(main_part(package)).find(WORD) > 0 else "workbook (XLSX)"
    for member in package.members:
        declared = types.of(member).casefold()
        if _MACRO_NAME.search(member) or "macroenabled" in declared or "vbaproject" in declared:
            raise Refusal(MACROS.format(what=what))
        if _OBJECT_NAME.search(member) or "activex" in declared or declared.endswith(".oleobject"):
            raise Refusal(OBJECTS)
        if member.casefold().endswith(_XML_ENDINGS) or declared.endswith(("+xml", "/xml")):
            if declared.endswith("vmldrawing"):
                check_foreign(package, member)
            else:
                _check_xml(package, member)
        elif member.casefold().endswith((".xlsx", ".docx")) and "/embeddings/" in member.casefold():
            _check_nested(package, member, inspect_package)
        else:
            check_foreign(package, member)
            check_picture_head(package, member)
    if package.find(CONTENT_TYPES) is None:
        raise Refusal(HIDES)
