"""The permissions of grants, gathered from its rooms: importing a room's rules registers them."""

from grants.agreements import rules as agreements
from grants.funds import rules as funds

ROOMS = (funds, agreements)
