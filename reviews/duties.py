"""The kinds of duties of the rooms of reviews, from the bottom up."""

from reviews.panels import duties as panels

DUTIES = (*panels.DUTIES,)
