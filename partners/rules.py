"""The permissions of partners, gathered from its rooms."""

from partners.checklists import rules as checklists
from partners.organisations import rules as organisations
from partners.places import rules as places
from partners.programmes import rules as programmes
from partners.submissions import rules as submissions
from partners.vault import rules as vault

__all__ = ["checklists", "organisations", "places", "programmes", "submissions", "vault"]
