"""What a passport says: facts of papers, checks and verifications; no scores, no opinions, nothing of others."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from partners.checklists.models import Criterion
from partners.organisations.models import Organisation
from partners.vault.models import Document, Paper
from partners.vault.passport.names import place_in_zip
from partners.vault.renewal import end_of
from vetting_portal.canonical import sha256_hex
from vetting_portal.models import Funder, Role

SCHEMA = "vetting-passport"
SCHEMA_VERSION = 1
PAGE, MANIFEST, SUMS = "READ ME FIRST.html", "manifest.json", "SHA256SUMS"


@dataclass(frozen=True)
class Item:
    """One file of the passport: the version, where it stands in the ZIP, and what it translates."""

    document: Document
    place: str
    criterion: Criterion | None
    translates: str = ""

    @property
    def ends_on(self) -> date | None:
        """Return the last day on which it is good, by the rules of the checklist in force."""
        return None if self.translates else end_of(self.document, self.criterion)


@dataclass(frozen=True)
class Passport:
    """Everything that goes into the ZIP: the small files as bytes, the papers to be read from the storage."""

    small: tuple[tuple[str, bytes], ...]
    items: tuple[Item, ...]
    made_at: datetime

    @property
    def size(self) -> int:
        """Return how many bytes of papers it holds."""
        return sum(item.document.size for item in self.items)


def items_of(organisation: Organisation, criteria: dict[str, Criterion]) -> tuple[Item, ...]:
    """Return the accepted version of each paper, by criterion and title, each followed by its translation.

    A photograph of a story is none of them.
    """
    documents = Document.objects.accepted().papers_of(organisation)
    documents = documents.select_related("paper__translates__paper", "file").prefetch_related(
        "verifications__verified_by"
    )
    originals = [document for document in documents if document.paper.translates_id is None]
    translations = {document.paper.translates_id or 0: document for document in documents}
    return tuple(_placed(sorted(originals, key=_order), translations, criteria))


def _order(document: Document) -> tuple[int, str, int]:
    code = document.paper.kind_info.code
    return int(code.removeprefix("C") or 99), document.paper.title, document.pk


def _placed(
    originals: Iterable[Document], translations: dict[int, Document], criteria: dict[str, Criterion]
) -> Iterator[Item]:
    position = 0
    for original in originals:
        criterion = criteria.get(original.paper.kind_info.code)
        of_it = ""
        for document in (original, translations.get(original.pk)):
            if document is None:
                continue
            position += 1
            paper: Paper = document.paper
            code = criterion.code if criterion else ""
            place = place_in_zip(position, code, paper.title, document.number, document.file.media_type)
            yield Item(document, place, criterion, of_it)
            of_it = place


def passport_of(organisation: Organisation, funder: Funder, criteria: dict[str, Criterion]) -> Passport:
    """Return an organisation's passport as it stands now."""
    made_at = timezone.now()
    items = items_of(organisation, criteria)
    manifest = manifest_of(organisation, funder, items, made_at)
    page = render_to_string(
        "partners/vault/passport/page.html",
        {"organisation": organisation, "funder": funder, "items": items, "made_at": made_at},
    ).encode()
    written = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
    sums = [(sha256_hex(page), PAGE), (sha256_hex(written), MANIFEST)]
    sums += [(item.document.file.sha256, item.place) for item in items]
    listed = "".join(f"{digest}  {place}\n" for digest, place in sums).encode()
    return Passport(((PAGE, page), (MANIFEST, written), (SUMS, listed)), items, made_at)


def manifest_of(
    organisation: Organisation, funder: Funder, items: tuple[Item, ...], made_at: datetime
) -> dict[str, Any]:
    """Return the passport as data. A reader that knows another ``schema_version`` asks before it relies on it."""
    known = organisation.as_record()
    names = ("legal_name", "local_name", "former_names", "country", "registration_number", "founded_on", "website")
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "example": funder.is_example,
        "made_at": made_at.isoformat(timespec="seconds"),
        "funder": {"name": funder.name, "country": funder.country, "tax_number": funder.tax_number},
        "organisation": {name: known[name] for name in names},
        "papers": [_entry(item, funder) for item in items],
    }


def _entry(item: Item, funder: Funder) -> dict[str, Any]:
    document = item.document
    return {
        "file": item.place,
        "sha256": document.file.sha256,
        "size": document.size,
        "media_type": document.file.media_type,
        "title": document.paper.title,
        "kind": document.paper.kind,
        "criterion": {"code": item.criterion.code, "title": item.criterion.title} if item.criterion else None,
        "translation_of": item.translates or None,
        "version": document.number,
        "issuer": document.issuer or None,
        "issued_on": _day(document.issued_on),
        "expires_on": _day(document.expires_on),
        "good_until": _day(item.ends_on),
        "languages": [code for code in document.language.split(",") if code],
        "received_at": document.uploaded_at.isoformat(timespec="seconds"),
        "checks": {
            "checked_at": document.checked_at.isoformat(timespec="seconds") if document.checked_at else None,
            "type_and_structure": "passed",
            "malware_scan": "nothing found" if document.scanned else "not scanned",
        },
        "verifications": [
            {
                "verified_at": fact.verified_at.isoformat(timespec="seconds"),
                "funder": funder.name,
                "role": Role(fact.role).label if fact.role in Role.values else fact.role,
                "how": fact.how,
                "how_in_words": fact.get_how_display(),
                "source": fact.source,
            }
            for fact in document.verified
        ],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
