"""The records of organisations: themselves and their people, and what holds them."""

from partners.organisations.models.holding import READERS_OF_ALL as READERS_OF_ALL
from partners.organisations.models.holding import HeldMessage as HeldMessage
from partners.organisations.models.holding import Hold as Hold
from partners.organisations.models.holding import HoldRelease as HoldRelease
from partners.organisations.models.holding import hold_blockers as hold_blockers
from partners.organisations.models.holding import waiting_blockers as waiting_blockers
from partners.organisations.models.organisation import ERASED as ERASED
from partners.organisations.models.organisation import Invitation as Invitation
from partners.organisations.models.organisation import Membership as Membership
from partners.organisations.models.organisation import Organisation as Organisation
from partners.organisations.models.organisation import Person as Person
