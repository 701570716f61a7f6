"""What changed between two versions of an application: field by field, person by person, document by document."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from partners.organisations.models import Person
from partners.places.countries import country_name
from partners.programmes.models import Question
from partners.programmes.questions import QuestionKind, read
from partners.submissions.models import FrozenEvidence, SubmissionVersion
from partners.submissions.switching import changes_between
from partners.submissions.wording import ADDED, REMOVED, SAME, Piece, pieces
from partners.vault.models import Document
from vetting_portal.money import figures, format_amount

ADDED_DOCUMENT, REPLACED, REMOVED_DOCUMENT, UNCHANGED = "Added", "Replaced", "Removed", "The same"
MINUS = "\u2212"
ORGANISATION = {
    "legal_name": "Legal name",
    "local_name": "Name in its own script",
    "former_names": "Former names",
    "country": "Country",
    "region": "Region",
    "registration_number": "Registration number",
    "founded_on": "Founded on",
    "website": "Website",
    "address": "Address",
    "yearly_income_minor": "Yearly income",
}


@dataclass(frozen=True)
class Field:
    """One field in both versions, as words; ``difference`` is said of sums and numbers that changed.

    ``criteria`` are the codes of what it is asked for, where it is asked for one.
    """

    group: str
    label: str
    older: str
    newer: str
    key: str = ""
    difference: str = ""
    criteria: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the words differ."""
        return self.older != self.newer

    @cached_property
    def pieces(self) -> list[Piece]:
        """Both texts as one, a number as a whole."""
        if self.difference:
            return [Piece(kind, text) for kind, text in ((REMOVED, self.older), (ADDED, self.newer)) if text]
        return pieces(self.older, self.newer)

    @property
    def before(self) -> list[Piece]:
        """The older text, with what went marked."""
        return [piece for piece in self.pieces if piece.kind != ADDED]

    @property
    def after(self) -> list[Piece]:
        """The newer text, with what came marked."""
        return [piece for piece in self.pieces if piece.kind != REMOVED]


@dataclass(frozen=True)
class DocumentChange:
    """One document that either version was sent with, and the criteria that it is evidence for."""

    change: str
    title: str
    criteria: tuple[str, ...]
    older: Document | None
    newer: Document | None

    @property
    def is_changed(self) -> bool:
        """Whether it was added, replaced or removed."""
        return self.change != UNCHANGED

    @property
    def document(self) -> Document:
        """The version that was sent last."""
        return self.newer or self.older  # type: ignore[return-value]


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side. ``switched`` are sentences: criteria and gates that the answers turned on or off."""

    older: SubmissionVersion
    newer: SubmissionVersion
    fields: tuple[Field, ...]
    amount: Field
    documents: tuple[DocumentChange, ...]
    switched: tuple[str, ...]

    @cached_property
    def changed(self) -> list[Field]:
        """The fields whose words differ; the amount asked for stands apart."""
        return [field for field in self.fields if field.is_changed]

    @property
    def field_count(self) -> int:
        """How many fields there are, the amount included."""
        return len(self.fields) + 1

    @property
    def changed_count(self) -> int:
        """How many fields changed, the amount included."""
        return len(self.changed) + self.amount.is_changed

    @property
    def same_count(self) -> int:
        """How many fields say the same in both."""
        return self.field_count - self.changed_count

    @cached_property
    def changed_documents(self) -> list[DocumentChange]:
        """The documents that were added, replaced or removed."""
        return [document for document in self.documents if document.is_changed]

    @property
    def document_counts(self) -> dict[str, int]:
        """How many documents were added, replaced, removed and left."""
        return {
            name: sum(one.change == name for one in self.documents)
            for name in (ADDED_DOCUMENT, REPLACED, REMOVED_DOCUMENT, UNCHANGED)
        }

    @property
    def is_changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed_count or self.changed_documents)

    @cached_property
    def criteria(self) -> set[str]:
        """The codes of the criteria whose own answers or documents changed."""
        parts: list[Field | DocumentChange] = [*self.changed, *self.changed_documents]
        return {code for part in parts for code in part.criteria}


def compared(
    older: SubmissionVersion,
    newer: SubmissionVersion,
    *,
    questions: Sequence[Question],
    codes: Mapping[int, str],
    evidence: Iterable[FrozenEvidence],
) -> Comparison:
    """Return what differs between two versions of one application.

    ``questions`` are those of its questionnaire, ``codes`` the codes of its criteria by their ids, ``evidence`` the
    documents of both versions with criterion and document.
    """
    was, now = older.content, newer.content
    asked = {question.key: question for question in questions}
    return Comparison(
        older=older,
        newer=newer,
        fields=(*_summary(was, now), *_answers(was, now, asked, codes), *_organisation(was, now), *_people(was, now)),
        amount=_amount(was, now),
        documents=tuple(_documents(older, newer, evidence)),
        switched=tuple(changes_between(was, now)),
    )


def _summary(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Field]:
    for key, label in (("title", "Title"), ("summary", "Summary")):
        yield Field("Application", label, str(was.get(key) or ""), str(now.get(key) or ""), key)


def _answers(
    was: Mapping[str, Any], now: Mapping[str, Any], asked: Mapping[str, Question], codes: Mapping[int, str]
) -> Iterator[Field]:
    before, after = _by_key(was), _by_key(now)
    for key in [*after, *(key for key in before if key not in after)]:
        group, answer = after.get(key) or before[key]
        older, newer = (side[key][1] if key in side else {} for side in (before, after))
        question = asked.get(key)
        yield Field(
            group,
            str(answer["label"]),
            str(older.get("words") or ""),
            str(newer.get("words") or ""),
            key,
            _difference(question, older.get("value"), newer.get("value"), str(now["currency"])),
            tuple(code for pk, code in codes.items() if question and question.criterion_id == pk),
        )


def _by_key(content: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        str(answer["key"]): (str(section["title"]), answer)
        for section in content["sections"]
        for answer in section["answers"]
    }


def _difference(question: Question | None, older: Any, newer: Any, currency: str) -> str:
    """Return by how much a sum or a number changed; an empty text for anything else."""
    kind = question.kind if question else ""
    if kind not in {QuestionKind.MONEY, QuestionKind.NUMBER}:
        return ""
    before, after = read(kind, older, currency), read(kind, newer, currency)
    if before is None or after is None or before == after:
        return ""
    return _signed(after - before, currency if kind == QuestionKind.MONEY else "")


def _signed(change: int, currency: str) -> str:
    size = figures(abs(change), currency) if currency else f"{abs(change):,}"
    return f"{'+' if change > 0 else MINUS} {size}"


def _amount(was: Mapping[str, Any], now: Mapping[str, Any]) -> Field:
    older, newer = was["amount_requested_minor"], now["amount_requested_minor"]
    is_one_currency = was["currency"] == now["currency"]
    return Field(
        "",
        "Amount asked for",
        _money(older, was["currency"]),
        _money(newer, now["currency"]),
        "amount",
        _signed(newer - older, now["currency"])
        if is_one_currency and None not in {older, newer} and older != newer
        else "",
    )


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else format_amount(minor, currency)


def _organisation(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Field]:
    for key, label in ORGANISATION.items():
        older, newer = (_fact(key, content["organisation"]) for content in (was, now))
        if older or newer:
            yield Field("Organisation", label, older, newer, f"organisation-{key}")


def _fact(key: str, organisation: Mapping[str, Any]) -> str:
    value = organisation.get(key)
    if key == "yearly_income_minor":
        return _money(value, str(organisation.get("income_currency") or "USD"))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return country_name(value) if key == "country" and value else str(value or "")


def _people(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Field]:
    """Yield one field for each role, the names in the order of the older version, then who is new."""
    for role, label in Person.Role.choices:
        before, after = (
            {one["id"]: _named(one) for one in side["people"] if one["role"] == role} for side in (was, now)
        )
        if before or after:
            order = [*before, *(key for key in after if key not in before)]
            older, newer = (", ".join(side[key] for key in order if key in side) for side in (before, after))
            yield Field("Governance", f"{label}s" if role != "senior_staff" else label, older, newer, f"people-{role}")


def _named(person: Mapping[str, Any]) -> str:
    return f"{person['name']} ({person['title']})" if person.get("title") else str(person["name"])


def _documents(
    older: SubmissionVersion, newer: SubmissionVersion, evidence: Iterable[FrozenEvidence]
) -> Iterator[DocumentChange]:
    """Yield each document once, by criterion; it is replaced where another version of the same document was sent."""
    sides: dict[int, dict[int, Document]] = {older.pk: {}, newer.pk: {}}
    codes: dict[int, dict[str, int]] = defaultdict(dict)
    for row in evidence:
        sides[row.version_id][row.document.paper_id] = row.document
        codes[row.document.paper_id][row.criterion.code] = row.criterion.position
    before, after = sides[older.pk], sides[newer.pk]
    for paper in sorted({**before, **after}, key=lambda paper: (min(codes[paper].values()), paper)):
        was, now = before.get(paper), after.get(paper)
        if was and now:
            change = UNCHANGED if was.pk == now.pk else REPLACED
        else:
            change = ADDED_DOCUMENT if now else REMOVED_DOCUMENT
        shown = (now or was).paper.title  # type: ignore[union-attr]
        yield DocumentChange(change, shown, tuple(sorted(codes[paper], key=codes[paper].__getitem__)), was, now)


def short(comparison: Comparison, most: int = 5) -> list[str]:
    """Return the changes as a few lines for a brief: the fields by name with sums in figures, then the documents."""
    fields = [*([comparison.amount] if comparison.amount.is_changed else []), *comparison.changed]
    lines = [
        f"{field.label}: {field.older} → {field.newer} ({field.difference})" if field.difference else field.label
        for field in fields[:most]
    ]
    if len(fields) > most:
        lines.append(f"{len(fields) - most} more fields")
    for name, count in comparison.document_counts.items():
        if count and name != UNCHANGED:
            titles = ", ".join(one.title for one in comparison.documents if one.change == name)
            lines.append(f"{name}: {titles}")
    return lines


__all__ = ["ADDED", "REMOVED", "SAME", "Comparison", "DocumentChange", "Field", "Piece", "compared", "short"]
