"""Sanctions lists as their publishers give them, read into entries; a broken file is refused whole."""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

PERSON, ORGANISATION, ANY, OTHER = "person", "organisation", "any", "other"
NULL = "-0-"
LONGEST_REMARK = 1000  # OFAC cuts a remark here and goes on in the comments file

csv.field_size_limit(10_000_000)


class BrokenListError(ValueError):
    """The file is not a whole list; says why, in words for the one who imports it."""


@dataclass(frozen=True)
class ListedName:
    """One name of an entry; a weak one is an alias that the publisher itself does not trust."""

    text: str
    is_weak: bool = False


@dataclass(frozen=True)
class ListedEntry:
    """One person or organisation on a list, the main name first."""

    number: str
    kind: str
    names: tuple[ListedName, ...]
    born: str = ""
    country: str = ""
    gender: str = ""
    programme: str = ""
    listed_on: str = ""
    remarks: str = ""


@dataclass
class Source:
    """A list as it lies on the disk: its entries, the date it carries itself (if any), and the hash of its bytes."""

    entries: Callable[[], Iterator[ListedEntry]]
    files: list[Path]
    published_on: Callable[[], date | None] = field(default=lambda: None)

    def sha256(self) -> str:
        """Return the SHA-256 of the file; of several files, of their hashes in the order of their names."""
        hashes = []
        for path in self.files:
            with path.open("rb") as file:
                hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def open_source(source: str, path: Path) -> Source:
    """Return the list of ``source`` at ``path``. Raises BrokenListError when its files are not there."""
    if source in OFAC_FILES:
        return _open_ofac(source, path)
    if not path.is_file():
        raise BrokenListError(f"{path} is not a file.")
    if source == "un":
        return Source(entries=lambda: read_un(path), files=[path], published_on=lambda: un_date(path))
    return Source(entries=lambda: read_opensanctions(path), files=[path])


@dataclass(frozen=True)
class CheckedList:
    """A list that was read from beginning to end, and is whole."""

    source: str
    opened: Source
    sha256: str
    published_on: date | None
    entry_count: int
    name_count: int


def check_list(source: str, path: Path) -> CheckedList:
    """Read a list from beginning to end without keeping it. Raises BrokenListError.

    Done before the transaction that imports it: a broken file is refused without a lock.
    """
    opened = open_source(source, path)
    sha256, entries, names = opened.sha256(), 0, 0
    for entry in opened.entries():
        entries += 1
        names += len(entry.names)
    return CheckedList(source, opened, sha256, opened.published_on(), entries, names)


# ------------------------------------------------------------------------------------------------ text


def _text(path: Path) -> str:
    """Return the text of a CSV file: UTF-8, a byte order mark and OFAC's end sign (0x1A) taken off. Whole or not at
    all.
    """
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BrokenListError(f"{path.name} is UTF-16. Save it as UTF-8 and import it again.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenListError(
            f"{path.name} is not UTF-8 (byte {error.start}). Save it as UTF-8 and import it again."
        ) from error
    if text.rstrip("\r\n ").endswith("\x1a"):
        text = text.rstrip("\r\n ")[:-1]
    if "\x00" in text or "\x1a" in text:
        raise BrokenListError(f"{path.name} holds bytes that no list has. It is damaged.")
    if not text.strip():
        raise BrokenListError(f"{path.name} is empty.")
    if not text.endswith("\n"):
        raise BrokenListError(f"{path.name} breaks off in the middle of a line.")
    return text


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    """Yield the rows of a CSV file without a header, each with exactly ``columns`` cells; OFAC's null becomes ''."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        for row in reader:
            if not row:
                continue
            if len(row) != columns:
                raise BrokenListError(f"{path.name}, line {reader.line_num}: {len(row)} columns instead of {columns}.")
            cells = ["" if cell.strip() == NULL else cell.strip() for cell in row]
            if not cells[0].isdigit():
                raise BrokenListError(f"{path.name}, line {reader.line_num}: {cells[0]!r} is not an entry number.")
            yield cells
    except csv.Error as error:
        raise BrokenListError(f"{path.name}, line {reader.line_num}: {error}.") from error


# ------------------------------------------------------------------------------------------------ OFAC

OFAC_FILES = {
    "ofac-sdn": ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"),
    "ofac-consolidated": ("cons_prim.csv", "cons_alt.csv", "cons_add.csv", "cons_comments.csv"),
}
OFAC_KINDS = {"individual": PERSON, "": ORGANISATION, "entity": ORGANISATION, "vessel": OTHER, "aircraft": OTHER}
_WEAK_ALIAS = re.compile(r"\b[afn]\.k\.a\. '(.+?)'(?=\s*(?:;|\.|,|$|\())")
_BORN = re.compile(r"\bDOB ([^;.]+)")
_NATIONALITY = re.compile(r"\b(?:nationality|citizen) ([^;.]+)")
_GENDER = re.compile(r"\bGender (Male|Female)")


def _open_ofac(source: str, folder: Path) -> Source:
    if not folder.is_dir():
        raise BrokenListError(f"{folder} is not a folder. Give the folder of OFAC's CSV files.")
    there = {path.name.lower(): path for path in folder.iterdir() if path.is_file()}
    names = OFAC_FILES[source]
    missing = [name for name in names[:3] if name not in there]
    if missing:
        raise BrokenListError(f"{folder.name} lacks {', '.join(missing)}.")
    main, aliases, addresses = (there[name] for name in names[:3])
    comments = there.get(names[3])
    files = [main, aliases, addresses, *([comments] if comments else [])]
    return Source(entries=lambda: read_ofac(main, aliases, addresses, comments), files=files)


def read_ofac(main: Path, aliases: Path, addresses: Path, comments: Path | None) -> Iterator[ListedEntry]:
    """Yield the entries of OFAC's four files, joined on the entry number. Raises BrokenListError at the first fault."""
    _check_end_signs(main, aliases, addresses)
    other_names: dict[str, list[str]] = defaultdict(list)
    for number, _, _, name, _ in _rows(aliases, 5):
        if name:
            other_names[number].append(name)
    countries: dict[str, list[str]] = defaultdict(list)
    for number, _, _, _, country, _ in _rows(addresses, 6):
        if country and country not in countries[number]:
            countries[number].append(country)
    more = dict(_rows(comments, 2)) if comments else {}
    seen: set[str] = set()
    for row in _rows(main, 12):
        if row[0] in seen:
            raise BrokenListError(f"{main.name}: entry {row[0]} stands there twice.")
        seen.add(row[0])
        yield _ofac_entry(row, other_names.get(row[0], []), countries.get(row[0], []), more, main.name)
    if not seen:
        raise BrokenListError(f"{main.name} holds no entry.")
    for path, numbers in ((aliases, other_names), (addresses, countries), (comments, more)):
        lost = sorted(numbers.keys() - seen, key=int)
        if lost and path:
            raise BrokenListError(
                f"{path.name} speaks of entry {lost[0]}, which {main.name} does not hold. A file is cut short."
            )


def _check_end_signs(main: Path, *others: Path) -> None:
    """Refuse a file without the end sign (0x1A) that the main one has: cut between two lines, it would look whole."""
    if not _ends_with_sign(main):
        return
    for path in others:
        if not _ends_with_sign(path):
            raise BrokenListError(f"{path.name} lacks the end sign that {main.name} has. It is cut short.")


def _ends_with_sign(path: Path) -> bool:
    return path.read_bytes().rstrip(b"\r\n ").endswith(b"\x1a")


def _ofac_entry(
    row: list[str], aliases: list[str], countries: list[str], more: dict[str, str], file: str
) -> ListedEntry:
    number, name, kind, programme = row[:4]
    if not name:
        raise BrokenListError(f"{file}: entry {number} has no name.")
    if kind.lower() not in OFAC_KINDS:
        raise BrokenListError(f"{file}: entry {number} is of an unknown type, {kind!r}.")
    remarks = row[11] + more.get(number, "")
    if len(row[11]) >= LONGEST_REMARK and number not in more:
        raise BrokenListError(f"{file}: the remarks of entry {number} go on in the comments file, which is not there.")
    born = _BORN.search(remarks)
    gender = _GENDER.search(remarks)
    nationalities = [found.strip() for found in _NATIONALITY.findall(remarks)]
    weak = [found for found in _WEAK_ALIAS.findall(remarks) if found not in aliases]
    return ListedEntry(
        number=number,
        kind=OFAC_KINDS[kind.lower()],
        names=_names([name, *aliases], weak),
        born=born.group(1).strip() if born else "",
        gender=gender.group(1).lower() if gender else "",
        country="; ".join(dict.fromkeys([*nationalities, *countries])),
        programme=programme,
        remarks=remarks,
    )


def _names(strong: list[str], weak: list[str]) -> tuple[ListedName, ...]:
    """Return names once each, in order, a strong one before a weak one."""
    found: dict[str, ListedName] = {}
    for text, is_weak in [*((name, False) for name in strong), *((name, True) for name in weak)]:
        clean = " ".join(text.split())
        if clean and clean not in found:
            found[clean] = ListedName(clean, is_weak)
    return tuple(found.values())


# -------------------------------------------------------------------------------------------------- UN

_UN_KINDS = {"INDIVIDUAL": PERSON, "ENTITY": ORGANISATION}
_UN_WEAK = {"low", "weak"}


def un_date(path: Path) -> date | None:
    """Return the date that the UN's file carries itself. Raises BrokenListError when it is no such file."""
    try:
        for _, element in iterparse(path, events=("start",), forbid_dtd=True):
            if element.tag != "CONSOLIDATED_LIST":
                break
            generated = element.get("dateGenerated", "")[:10]
            return date.fromisoformat(generated) if generated else None
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BrokenListError(f"{path.name} is not the UN's consolidated list: {error}.") from error
    raise BrokenListError(f"{path.name} is not the UN's consolidated list.")


def read_un(path: Path) -> Iterator[ListedEntry]:
    """Yield the entries of the UN's XML, one element in memory at a time. Raises BrokenListError at the first fault."""
    seen: set[str] = set()
    kinds: set[str] = set()
    un_date(path)
    try:
        for _, element in iterparse(path, events=("end",), forbid_dtd=True):
            if element.tag not in _UN_KINDS:
                continue
            entry = _un_entry(element, path.name)
            if entry.number in seen:
                raise BrokenListError(f"{path.name}: entry {entry.number} stands there twice.")
            seen.add(entry.number)
            kinds.add(entry.kind)
            yield entry
            element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise BrokenListError(f"{path.name} is not whole: {error}.") from error
    if not seen:
        raise BrokenListError(f"{path.name} holds no entry.")
    if len(kinds) < len(_UN_KINDS):
        raise BrokenListError(f"{path.name} holds only one of people and organisations. The UN lists both: it is cut.")


def _un_entry(element: Element, file: str) -> ListedEntry:
    def value(tag: str) -> str:
        return " ".join((element.findtext(tag) or "").split())

    number = value("REFERENCE_NUMBER")
    if not number:
        raise BrokenListError(f"{file}: an entry has no reference number.")
    main = " ".join(filter(None, (value(part) for part in ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"))))
    strong: list[str] = [main]
    weak: list[str] = []
    if script := value("NAME_ORIGINAL_SCRIPT"):
        strong += script.split(";")
    for alias in element.iter(f"{element.tag}_ALIAS"):
        quality = (alias.findtext("QUALITY") or "").strip().lower()
        told = (alias.findtext("ALIAS_NAME") or "").split(";")
        (weak if quality in _UN_WEAK else strong).extend(told)
    names = _names(strong, weak)
    if not names:
        raise BrokenListError(f"{file}: entry {number} has no name.")
    born = element.find(f"{element.tag}_DATE_OF_BIRTH")
    date_of_birth = "" if born is None else born.findtext("DATE") or born.findtext("YEAR") or ""
    countries = [found.text for found in element.iter("COUNTRY") if found.text]
    nationality = [found.text for group in element.iter("NATIONALITY") for found in group.iter("VALUE") if found.text]
    return ListedEntry(
        number=number,
        kind=_UN_KINDS[element.tag],
        names=names,
        born=date_of_birth.strip(),
        country="; ".join(dict.fromkeys(" ".join(name.split()) for name in [*nationality, *countries])),
        gender=value("GENDER").lower(),
        programme=value("UN_LIST_TYPE"),
        listed_on=value("LISTED_ON"),
        remarks=value("COMMENTS1"),
    )


# --------------------------------------------------------------------------------------- OpenSanctions

_OPENSANCTIONS_COLUMNS = ("id", "schema", "name", "aliases", "birth_date", "countries", "sanctions", "dataset")
_SCHEMAS = {
    "Person": PERSON,
    "Organization": ORGANISATION,
    "Company": ORGANISATION,
    "PublicBody": ORGANISATION,
    "LegalEntity": ANY,
}


def read_opensanctions(path: Path) -> Iterator[ListedEntry]:
    """Yield the entries of ``targets.simple.csv``, line by line. Raises BrokenListError at the first fault."""
    seen: set[str] = set()
    _check_tail(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            missing = [name for name in _OPENSANCTIONS_COLUMNS if name not in header]
            if missing:
                raise BrokenListError(
                    f"{path.name} lacks the columns {', '.join(missing)}: it is not targets.simple.csv."
                )
            for row in reader:
                if len(row) != len(header):
                    raise BrokenListError(
                        f"{path.name}, line {reader.line_num}: {len(row)} columns instead of {len(header)}."
                    )
                entry = _opensanctions_entry(dict(zip(header, row, strict=True)), path.name)
                if entry.number in seen:
                    raise BrokenListError(f"{path.name}: entry {entry.number} stands there twice.")
                seen.add(entry.number)
                yield entry
    except UnicodeDecodeError as error:
        raise BrokenListError(f"{path.name} is not UTF-8. Save it as UTF-8 and import it again.") from error
    except csv.Error as error:
        raise BrokenListError(f"{path.name} is not whole: {error}.") from error
    if not seen:
        raise BrokenListError(f"{path.name} holds no entry.")


def _check_tail(path: Path) -> None:
    """Refuse a file that does not end with a whole line. Raises BrokenListError."""
    with path.open("rb") as file:
        if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            raise BrokenListError(f"{path.name} is not UTF-8. Save it as UTF-8 and import it again.")
        file.seek(0, io.SEEK_END)
        if not file.tell():
            raise BrokenListError(f"{path.name} is empty.")
        file.seek(-1, io.SEEK_END)
        if file.read(1) != b"\n":
            raise BrokenListError(f"{path.name} breaks off in the middle of a line.")


def _opensanctions_entry(cells: dict[str, str], file: str) -> ListedEntry:
    if not cells["id"] or not cells["name"].strip():
        raise BrokenListError(f"{file}: an entry has no id or no name.")
    weak = cells.get("weak_aliases", "").split(";")
    return ListedEntry(
        number=cells["id"],
        kind=_SCHEMAS.get(cells["schema"], OTHER),
        names=_names([cells["name"], *cells["aliases"].split(";")], weak),
        born=cells["birth_date"].replace(";", "; "),
        country=cells["countries"].upper().replace(";", "; "),
        gender=cells.get("gender", "").lower(),
        programme=cells["sanctions"][:500],
        listed_on=cells.get("first_seen", "")[:10],
        remarks=f"Dataset: {cells['dataset']}",
    )
