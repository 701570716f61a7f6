"""The kinds of duties of the rooms of reviews, from the bottom up."""

from reviews.holds import duties as holds
from reviews.panels import duties as panels
from reviews.references import duties as references
from reviews.screening import duties as screening
from reviews.visits import duties as visits

DUTIES = (*holds.DUTIES, *screening.DUTIES, *references.DUTIES, *visits.DUTIES, *panels.DUTIES)
