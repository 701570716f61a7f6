"""The records of reviews, gathered from its rooms."""

from reviews.holds.models import CounselStep
from reviews.panels.models import (
    Citation,
    ConflictDeclaration,
    Moderation,
    Recommendation,
    Review,
    ReviewVersion,
    Score,
)
from reviews.screening.models import ListEntry, ListName, Rescreening, SanctionsList, Screening, ScreeningHit

__all__ = [
    "Citation",
    "ConflictDeclaration",
    "CounselStep",
    "ListEntry",
    "ListName",
    "Moderation",
    "Recommendation",
    "Rescreening",
    "Review",
    "ReviewVersion",
    "SanctionsList",
    "Score",
    "Screening",
    "ScreeningHit",
]
