"""The records of reviews, gathered from its rooms."""

from reviews.holds.models import CounselStep
from reviews.panels.models import (
    Citation,
    ConflictDeclaration,
    ConflictWarning,
    Moderation,
    PanelMessage,
    Recommendation,
    Review,
    ReviewVersion,
    Score,
)
from reviews.practice.models import PracticeAttempt, PracticeScore
from reviews.references.models import Reference, ReferenceCheck, ReferenceLink, ReferenceRequest
from reviews.screening.banks import Bank
from reviews.screening.models import ListEntry, ListName, Rescreening, SanctionsList, Screening, ScreeningHit
from reviews.visits.models import Visit

__all__ = [
    "Bank",
    "Citation",
    "ConflictDeclaration",
    "ConflictWarning",
    "CounselStep",
    "ListEntry",
    "ListName",
    "Moderation",
    "PanelMessage",
    "PracticeAttempt",
    "PracticeScore",
    "Recommendation",
    "Reference",
    "ReferenceCheck",
    "ReferenceLink",
    "ReferenceRequest",
    "Rescreening",
    "Review",
    "ReviewVersion",
    "SanctionsList",
    "Score",
    "Screening",
    "ScreeningHit",
    "Visit",
]
