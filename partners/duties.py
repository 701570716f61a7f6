"""The kinds of duties of partners' rooms, from the bottom up."""

from partners.submissions import duties as submissions

DUTIES = (*submissions.DUTIES,)
