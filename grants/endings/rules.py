"""Who asks that a grant ends, who confirms it, and who settles what is left: two people where money is promised."""

from typing import Any

import rules

from grants.agreements.rules import is_of_partner, reads_grants
from grants.campaigns.rules import is_about_a_record
from reviews.panels import rules as panels
from reviews.screening.rules import is_outsider
from vetting_portal import rules as portal
from vetting_portal.models import User


@rules.predicate
def asked_for_it(user: User, ending: Any) -> bool:
    """Is the one who asked that the grant ends."""
    return ending is not None and ending.asked_by_id == user.pk


@rules.predicate
def did_not_ask(user: User, ending: Any) -> bool:
    """Is not the one who asked that the grant ends."""
    return ending is not None and ending.asked_by_id != user.pk


@rules.predicate
def is_sent_to_partner(_user: User, ending: Any) -> bool:
    """A director confirmed it, so that the partner may read its letter."""
    return ending is not None and ending.confirmed_at is not None


rules.add_perm("grants.ask_ending", panels.officer | panels.director)
rules.add_perm("grants.view_ending", reads_grants | (is_of_partner & is_sent_to_partner))
rules.add_perm("grants.sign_ending", panels.director & did_not_ask)
rules.add_perm("grants.decline_ending", panels.director & did_not_ask)
rules.add_perm("grants.withdraw_ending", asked_for_it)
rules.add_perm("grants.expire_ending", portal.is_system)
rules.add_perm("grants.carry_out_ending", (panels.director & did_not_ask) | portal.is_system)
rules.add_perm("grants.record_return", is_about_a_record & portal.is_finance_officer & is_outsider)
rules.add_perm("grants.write_off_return", panels.director)
