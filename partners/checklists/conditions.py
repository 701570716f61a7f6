"""When a criterion applies or a gate holds: an answer of the submission, named as data in the checklist version.

A condition stands on its criterion as ``{"question": key, "answers": [values], "words": text}``, or for an amount or a
number as ``{"question": key, "above": n, "currency": "USD", "words": text}`` (``n`` in minor units where a currency is
named). ``words`` is how people read it after "if".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_WORDS = 200


@dataclass(frozen=True)
class Given:
    """What a submission answers to one question: chosen values, or an amount or number where it asks for one."""

    label: str
    words: str = ""
    values: tuple[str, ...] = ()
    amount: int | None = None
    currency: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was answered."""
        return not self.values and self.amount is None


type Facts = Mapping[str, Given]  # by the key of the question


@dataclass(frozen=True)
class Condition:
    """One condition, read from its criterion."""

    question: str
    answers: tuple[str, ...] = ()
    above: int | None = None
    currency: str = ""
    words: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "Condition | None":
        """Return the condition that a criterion holds as data, or None where it holds none."""
        if not stored:
            return None
        return cls(
            question=str(stored.get("question", "")),
            answers=tuple(str(value) for value in stored.get("answers", ())),
            above=stored.get("above"),
            currency=str(stored.get("currency", "")),
            words=str(stored.get("words", "")),
        )

    def as_record(self) -> dict[str, Any]:
        """Return it as it is stored."""
        if self.above is None:
            return {"question": self.question, "answers": list(self.answers), "words": self.words}
        return {"question": self.question, "above": self.above, "currency": self.currency, "words": self.words}

    def holds(self, facts: Facts) -> bool | None:
        """Whether the answer makes it true; None where the question was not answered or not asked.

        An amount in another currency than the condition's counts as above: the stricter side.
        """
        given = facts.get(self.question)
        if given is None or given.is_blank:
            return None
        if self.above is None:
            return bool(set(self.answers) & set(given.values))
        amount = given.amount or 0
        return amount > self.above if given.currency == self.currency else amount > 0

    def because(self, facts: Facts) -> str:
        """Return the answer that decided, as a sentence."""
        given = facts.get(self.question)
        if given is None:
            return f"The question “{self.question}” is not asked here."
        if given.is_blank:
            return f"The partner has not answered “{given.label}” yet."
        return f"The partner answered “{given.words}” to “{given.label}”"


def shape_problem(stored: Any) -> str:
    """Return what is wrong with the form of a condition, in plain words, or an empty text. None is no condition."""
    if stored is None:
        return ""
    condition = Condition.read(stored) if isinstance(stored, dict) else None
    if condition is None or not condition.question:
        return "Choose the question that decides."
    if condition.above is None and not condition.answers:
        return "Choose at least one answer."
    if condition.above is not None and (not isinstance(condition.above, int) or condition.above < 0):
        return "Give the amount above which it holds, 0 or more."
    return _words_problem(condition.words)


def _words_problem(words: str) -> str:
    """Return what is wrong with a condition's words, or an empty text."""
    if not words.strip():
        return "Say in words when it holds, for example: stories or images are used."
    return f"At most {LONGEST_WORDS} characters. This has {len(words):,}." if len(words) > LONGEST_WORDS else ""
