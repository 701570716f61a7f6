"""Who drafts, signs, countersigns and ends amendments. They are signed as the agreement is."""

from typing import Any

import rules

from grants.agreements.rules import is_of_partner, is_owner_of_partner, reads_grants
from reviews.panels import rules as panels
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def is_shown_to_partner(_user: User, amendment: Any) -> bool:
    """The directors have signed it, so that the partner may read it."""
    return amendment is not None and amendment.is_shown_to_partner


rules.add_perm("grants.draft_amendment", panels.officer)
rules.add_perm("grants.view_amendment", reads_grants | (is_of_partner & is_shown_to_partner))
rules.add_perm("grants.view_own_amendment", is_of_partner & is_shown_to_partner)
rules.add_perm("grants.change_amendment", panels.officer)
rules.add_perm("grants.freeze_amendment", panels.officer)
rules.add_perm("grants.sign_amendment", panels.director)
rules.add_perm("grants.send_back_amendment", panels.director | panels.officer)
rules.add_perm("grants.decline_amendment", panels.director)
rules.add_perm("grants.withdraw_amendment", panels.officer | portal.is_system)
rules.add_perm("grants.lapse_amendment", panels.officer | portal.is_system)
rules.add_perm("grants.countersign_amendment", is_owner_of_partner & is_shown_to_partner)
rules.add_perm("grants.seal_amendment", portal.is_system)
