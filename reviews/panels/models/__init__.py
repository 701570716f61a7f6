"""The records of panels, by noun."""

from reviews.panels.models.declaring import ConflictDeclaration, ConflictWarning
from reviews.panels.models.discussing import PanelMessage
from reviews.panels.models.recommending import Moderation, Recommendation
from reviews.panels.models.reviewing import (
    Citation,
    Review,
    Score,
    missing_in,
    score_record,
    scored_criteria,
    versions_after_seen,
)
from reviews.panels.models.versions import ReviewVersion

__all__ = [
    "Citation",
    "ConflictDeclaration",
    "ConflictWarning",
    "Moderation",
    "PanelMessage",
    "Recommendation",
    "Review",
    "ReviewVersion",
    "Score",
    "missing_in",
    "score_record",
    "scored_criteria",
    "versions_after_seen",
]
