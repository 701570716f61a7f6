"""A grant at each of its first stages, taken there once for the tests that ask for it."""

from grants.agreements import actions
from tests.factories import grants
from tests.support.worlds import world

draft = world(grants.drafted, read=grants.fresh)
waiting = world(
    lambda grant: actions.freeze_terms(grant=grant, by=grants.officer_of(grant)), on=draft, read=grants.fresh
)
approved = world(lambda grant: grants.signed_in("approved", grant), on=waiting, read=grants.fresh)
in_force = world(grants.in_force_of, on=approved, read=grants.fresh)
