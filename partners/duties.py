"""The kinds of duties of partners' rooms, from the bottom up."""

from partners.organisations import duties as organisations
from partners.revisions import duties as revisions
from partners.submissions import duties as submissions
from partners.vault import duties as vault

DUTIES = (*submissions.DUTIES, *vault.DUTIES, *organisations.DUTIES, *revisions.DUTIES)
