"""The permissions of reviews, gathered from its rooms."""

from reviews.holds import rules as holds
from reviews.panels import rules as panels
from reviews.screening import rules as screening

__all__ = ["holds", "panels", "screening"]
