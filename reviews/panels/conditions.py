"""Conditions from vetting as plain data: what is asked, of whom, by when, and what waits until it is met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import TextChoices

SHOWN_NUMBERS = 8  # payments and reports that a form offers; a grant rarely has more than four


class Blocks(TextChoices):
    """What waits for a condition."""

    DIRECTORS = "directors", "The directors sign"
    PARTNER = "partner", "The partner signs"
    PAYMENT = "payment", "A payment is released"
    REPORT = "report", "A report is accepted"


class AskedOf(TextChoices):
    """Who shows that a condition is met."""

    PARTNER = "partner", "The partner"
    FUNDER = "funder", "The funder"


NUMBERED = frozenset({Blocks.PAYMENT, Blocks.REPORT})


@dataclass(frozen=True)
class VettingCondition:
    """One condition. ``of`` is the number of the payment or report that waits, None where a signature waits.

    ``due_on`` is an ISO date, empty while nobody has said it. ``number`` is the condition's number in Schedule F, 0
    before there is a draft grant. Terms of schema 1 hold text alone: then ``blocks`` is empty and nothing waits.
    """

    text: str
    blocks: str = ""
    of: int | None = None
    asked_of: str = AskedOf.PARTNER
    due_on: str = ""
    number: int = 0

    @classmethod
    def read(cls, value: str | Mapping[str, Any]) -> Self:
        """Return a condition as JSON holds it: an object, or text alone."""
        if isinstance(value, str):
            return cls(value)
        return cls(
            text=str(value.get("text", "")),
            blocks=str(value.get("blocks", "")),
            of=value.get("of"),
            asked_of=str(value.get("asked_of") or AskedOf.PARTNER),
            due_on=str(value.get("due_on") or ""),
            number=int(value.get("number") or 0),
        )

    def kept(self) -> str | dict[str, Any]:
        """Return it as JSON holds it; the reverse of ``read``."""
        if not self.blocks:
            return self.text
        told: dict[str, Any] = {
            "text": self.text, "blocks": self.blocks, "of": self.of, "asked_of": self.asked_of, "due_on": self.due_on,
        }  # fmt: skip
        return {"number": self.number, **told} if self.number else told

    @property
    def before(self) -> str:
        """What waits, after the word “before”: ``payment 2 is released``. Empty where nothing waits."""
        return before_words(self.blocks, self.of)

    @property
    def waits(self) -> str:
        """What does not happen until it is met, as a sentence without its stop: ``payment 2 is not released``."""
        return waits_words(self.blocks, self.of)

    @property
    def who(self) -> str:
        """Who shows that it is met, as the subject of a sentence."""
        return "The funder" if self.asked_of == AskedOf.FUNDER else "The partner"

    @property
    def day(self) -> date | None:
        """The last day on which it is to be shown, or None."""
        return date.fromisoformat(self.due_on) if self.due_on else None

    @property
    def choice(self) -> str:
        """What waits as one value of a form: ``payment-2``, ``directors``."""
        return f"{self.blocks}-{self.of}" if self.of else self.blocks

    @property
    def details(self) -> str:
        """Who shows it by when, and what waits, in one or two sentences; empty where nothing is known but the text."""
        if not self.blocks:
            return ""
        day = f" by {self.day.day} {self.day:%B %Y}" if self.day else ""
        return f"{self.who} shows that it is met{day}, before {self.before}."


def before_words(blocks: str, of: int | None) -> str:
    """Return what waits for a condition, after the word “before”."""
    return {
        Blocks.DIRECTORS: "the directors sign",
        Blocks.PARTNER: "the partner signs",
        Blocks.PAYMENT: f"payment {of} is released",
        Blocks.REPORT: f"report {of} is accepted",
    }.get(blocks, "")  # type: ignore[call-overload]


def waits_words(blocks: str, of: int | None) -> str:
    """Return what does not happen until a condition is met, as a sentence without its stop."""
    return {
        Blocks.DIRECTORS: "the directors do not sign",
        Blocks.PARTNER: "the agreement is not countersigned",
        Blocks.PAYMENT: f"payment {of} is not released",
        Blocks.REPORT: f"report {of} is not accepted",
    }.get(blocks, "")  # type: ignore[call-overload]


def read_choice(value: str) -> tuple[str, int | None]:
    """Return what waits, and its number, of one value of a form. Raises ValueError for a value no form offers."""
    blocks, _, number = value.partition("-")
    if blocks not in Blocks.values or (blocks in NUMBERED) != number.isdecimal():
        raise ValueError(value)
    return blocks, int(number) if number else None


def choices(numbers: Iterable[int] = ()) -> list[tuple[str, Any]]:
    """Return what a form offers for “before”; ``numbers`` are further payments or reports that must be offered."""
    shown = sorted({*range(1, SHOWN_NUMBERS + 1), *numbers})
    return [
        ("Signature", [(one.value, one.label) for one in (Blocks.DIRECTORS, Blocks.PARTNER)]),
        ("Payment", [(f"payment-{number}", f"Payment {number} is released") for number in shown]),
        ("Report", [(f"report-{number}", f"Report {number} is accepted") for number in shown]),
    ]


def voted(value: str | Mapping[str, Any] | VettingCondition) -> VettingCondition:
    """Return a condition as it is recommended. Text alone stops the first payment: a condition never stops nothing."""
    one = value if isinstance(value, VettingCondition) else VettingCondition.read(value)
    text = " ".join(one.text.split())
    if one.blocks:
        return VettingCondition(text, one.blocks, one.of, one.asked_of, one.due_on)
    return VettingCondition(text, Blocks.PAYMENT, 1, one.asked_of, one.due_on)


def read_all(values: Sequence[Any]) -> list[VettingCondition]:
    """Return conditions as JSON holds them, in their order."""
    return [VettingCondition.read(value) for value in values]


def numbered(values: Sequence[Any], known: Iterable[int] = (), given: Iterable[int] = ()) -> list[Any]:
    """Return conditions as JSON holds them, each with a number that stays its own.

    A row keeps its number where it is one of ``known`` or ``given``, once; every other row gets the next one. Numbers
    that were ``given`` once, in terms that were frozen, are never given to another condition.
    """
    may_keep, used, rows = {*known, *given}, set[int](), []
    for one in read_all(values):
        number = one.number if one.number in may_keep and one.number not in used else 0
        used |= {number} - {0}
        rows.append((one, number))
    last, found = max({*used, *given}, default=0), []
    for one, kept in rows:
        number, last = (kept, last) if kept else (last + 1, last + 1)
        found.append(VettingCondition(one.text, one.blocks, one.of, one.asked_of, one.due_on, number).kept())
    return found
