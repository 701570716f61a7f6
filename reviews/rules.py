"""The permissions of reviews, gathered from its rooms."""

from reviews.panels import rules as panels
from reviews.rounds import rules as rounds
from reviews.screening import rules as screening

__all__ = ["panels", "rounds", "screening"]
