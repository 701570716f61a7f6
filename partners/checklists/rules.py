"""Who may read and write checklists."""

from typing import Any

import rules

from vetting_portal.models import User
from vetting_portal.rules import is_administrator, is_auditor, is_director, is_programme_officer, is_system


@rules.predicate
def is_published(user: User | None, checklist: Any) -> bool:  # noqa: ARG001 a predicate's first argument
    """The version is in force, or was: anybody may read it."""
    return checklist is not None and checklist.published_at is not None


rules.add_perm(
    "partners.view_checklist", is_published | is_programme_officer | is_auditor | is_administrator | is_director
)
rules.add_perm("partners.change_checklist", is_programme_officer | is_administrator | is_system)
