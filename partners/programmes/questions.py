"""What counts as an answer: the kinds of questions, words counted, what is wrong with an answer in plain words."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models

from vetting_portal.money import format_amount, parse_amount

LETTERS_PER_WORD = 5
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
LONGEST_TEXT = 50_000


class QuestionKind(models.TextChoices):
    """How a question is answered."""

    TEXT = "text", "One line"
    LONG_TEXT = "long_text", "Some sentences"
    NUMBER = "number", "A whole number"
    MONEY = "money", "An amount"
    YES_NO = "yes_no", "Yes or no"
    CHOICE = "choice", "One of several"
    CHOICES = "choices", "Some of several"
    DATE = "date", "A day"
    URL = "url", "A web address"


class Asked(Protocol):
    """What these functions need to know of a question."""

    kind: str
    required: bool
    min_words: int | None
    max_words: int | None
    options: Sequence[Mapping[str, Any]]


def count_words(text: str) -> int:
    """Return the number of words.

    Thai, Lao, Burmese, Khmer, Chinese and Japanese put no spaces between words: there every five letters count as one.
    """
    total = 0
    for token in text.split():
        unspaced = sum(
            1 for run in UNSPACED.findall(token) for letter in run if not unicodedata.category(letter).startswith("M")
        )
        if unspaced:
            total += math.ceil(unspaced / LETTERS_PER_WORD) + (1 if UNSPACED.sub("", token).strip() else 0)
        else:
            total += 1
    return total


def is_blank(value: Any) -> bool:
    """Whether nothing was answered."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def problem(asked: Asked, value: Any, currency: str) -> str:
    """Return what is wrong with ``value`` as a sentence, or an empty text where it is a full answer."""
    if is_blank(value):
        return "This answer is missing." if asked.required else ""
    if asked.kind in {QuestionKind.TEXT, QuestionKind.LONG_TEXT}:
        return _text_problem(asked, str(value))
    if asked.kind in {QuestionKind.YES_NO, QuestionKind.CHOICE, QuestionKind.CHOICES}:
        return _choice_problem(asked, value)
    try:
        _read(asked.kind, str(value), currency)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _text_problem(asked: Asked, text: str) -> str:
    words = count_words(text)
    if asked.min_words is not None and words < asked.min_words:
        return f"Write at least {asked.min_words} words. You have {words}."
    if asked.max_words is not None and words > asked.max_words:
        return f"Write at most {asked.max_words} words. You have {words}."
    return ""


def _choice_problem(asked: Asked, value: Any) -> str:
    chosen = value if isinstance(value, list) else [value]
    return "" if all(item in values_of(asked) for item in chosen) else "Choose one of the answers on the list."


def values_of(asked: Asked) -> list[str]:
    """Return the values that may be chosen."""
    if asked.kind == QuestionKind.YES_NO:
        return ["yes", "no"]
    return [str(option["value"]) for option in asked.options]


def label_of(asked: Asked, value: str) -> str:
    """Return the words for a chosen value."""
    if asked.kind == QuestionKind.YES_NO:
        return {"yes": "Yes", "no": "No"}.get(value, value)
    return next((str(option["label"]) for option in asked.options if option["value"] == value), value)


def _read(kind: str, text: str, currency: str) -> Any:
    """Return the value that ``text`` stands for. Raises ValidationError in plain words."""
    if kind == QuestionKind.NUMBER:
        cleaned = text.strip().replace(",", "")
        if not cleaned.isascii() or not cleaned.isdigit():
            raise ValidationError("Give a whole number, for example 80.")
        return int(cleaned)
    if kind == QuestionKind.MONEY:
        return parse_amount(text, currency)
    if kind == QuestionKind.DATE:
        try:
            return date.fromisoformat(text.strip())
        except ValueError as error:
            raise ValidationError("Give a day as year-month-day, for example 2026-03-27.") from error
    if kind == QuestionKind.URL:
        try:
            URLValidator(schemes=["http", "https"])(text.strip())
        except ValidationError as error:
            raise ValidationError("Give a full web address, for example https://example.org.") from error
        return text.strip()
    return text


def read(kind: str, value: Any, currency: str) -> Any | None:
    """Return the value that an answer stands for (minor units for an amount), or None where it is none."""
    if is_blank(value):
        return None
    try:
        return _read(kind, str(value), currency)
    except ValidationError:
        return None


def words_for(asked: Asked, value: Any, currency: str = "") -> str:
    """Return an answer as people read it: an amount as ``USD 30,000.00`` where its currency is told."""
    if is_blank(value):
        return ""
    if asked.kind in {QuestionKind.YES_NO, QuestionKind.CHOICE, QuestionKind.CHOICES}:
        return ", ".join(label_of(asked, item) for item in (value if isinstance(value, list) else [value]))
    if asked.kind == QuestionKind.MONEY and currency:
        amount = read(asked.kind, value, currency)
        return str(value) if amount is None else format_amount(amount, currency)
    return str(value)
