"""Who reads the page of an application, and the notes of staff about it."""

from typing import Any

import rules

from reviews.panels.rules import is_no_longer_blind
from reviews.references.rules import declared_no_interest, is_sent, stands_outside
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_named(user: User, mention: Any) -> bool:
    """The note names them."""
    return mention is not None and mention.user_id == user.pk


# An auditor reads and writes nothing; who reviews the application reads no notes before the own review is submitted.
reads_notes = portal.reads_everything & is_sent & stands_outside & declared_no_interest & is_no_longer_blind
writes = portal.is_programme_officer | portal.is_director | portal.is_finance_officer | portal.is_administrator

rules.add_perm("grants.view_case", portal.reads_everything & is_sent)
rules.add_perm("grants.search_cases", portal.reads_everything)
rules.add_perm("grants.read_notes", reads_notes)
rules.add_perm("grants.write_note", reads_notes & writes)
rules.add_perm("grants.read_mention", is_named)
