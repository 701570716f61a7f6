"""The transactions of organisations."""

from partners.organisations.actions.holding import discard_messages as discard_messages
from partners.organisations.actions.holding import give_release as give_release
from partners.organisations.actions.holding import place_hold as place_hold
from partners.organisations.actions.holding import send_messages as send_messages
from partners.organisations.actions.holding import tell_owners as tell_owners
from partners.organisations.actions.holding import tell_partner as tell_partner
from partners.organisations.actions.organisations import accept_invitation as accept_invitation
from partners.organisations.actions.organisations import add_person as add_person
from partners.organisations.actions.organisations import change_organisation as change_organisation
from partners.organisations.actions.organisations import change_person as change_person
from partners.organisations.actions.organisations import change_role as change_role
from partners.organisations.actions.organisations import create_organisation as create_organisation
from partners.organisations.actions.organisations import end_membership as end_membership
from partners.organisations.actions.organisations import end_person as end_person
from partners.organisations.actions.organisations import erase_leader as erase_leader
from partners.organisations.actions.organisations import find_invitation as find_invitation
from partners.organisations.actions.organisations import invite_member as invite_member
from partners.organisations.actions.organisations import revoke_invitation as revoke_invitation
from partners.organisations.actions.organisations import token_hash as token_hash
