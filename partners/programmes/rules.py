"""Who may read and write programmes."""

from typing import Any

import rules

from vetting_portal.models import User
from vetting_portal.rules import is_administrator, is_programme_officer, is_system, reads_everything


@rules.predicate
def is_published(user: User | None, programme: Any) -> bool:  # noqa: ARG001 a predicate's first argument
    """The call is published: anybody may read it."""
    return programme is not None and programme.published_at is not None


rules.add_perm("partners.view_programme", is_published | reads_everything)
rules.add_perm("partners.view_questions", reads_everything)
rules.add_perm("partners.change_programme", is_programme_officer | is_administrator | is_system)
