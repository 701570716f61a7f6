"""The records of screening."""

from reviews.screening.models.lists import (
    FRESH_FOR,
    ListEntry,
    ListName,
    ListSource,
    SanctionsList,
    entry_record,
    index_key,
)
from reviews.screening.models.rescreening import Rescreening
from reviews.screening.models.screenings import DECISION_WORDS, Screening, ScreeningHit

__all__ = [
    "DECISION_WORDS",
    "FRESH_FOR",
    "ListEntry",
    "ListName",
    "ListSource",
    "Rescreening",
    "SanctionsList",
    "Screening",
    "ScreeningHit",
    "entry_record",
    "index_key",
]
