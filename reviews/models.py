"""The records of reviews, gathered from its rooms."""

from reviews.panels.models import (
    Citation,
    ConflictDeclaration,
    ConflictWarning,
    Moderation,
    Recommendation,
    Review,
    ReviewVersion,
    Score,
)
from reviews.screening.models import ListEntry, ListName, SanctionsList, Screening, ScreeningHit

__all__ = [
    "Citation",
    "ConflictDeclaration",
    "ConflictWarning",
    "ListEntry",
    "ListName",
    "Moderation",
    "Recommendation",
    "Review",
    "ReviewVersion",
    "SanctionsList",
    "Score",
    "Screening",
    "ScreeningHit",
]
