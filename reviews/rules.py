"""The permissions of reviews, gathered from its rooms."""

from reviews.holds import rules as holds
from reviews.panels import rules as panels
from reviews.practice import rules as practice
from reviews.references import rules as references
from reviews.rounds import rules as rounds
from reviews.screening import rules as screening
from reviews.visits import rules as visits

__all__ = ["holds", "panels", "practice", "references", "rounds", "screening", "visits"]
