"""Who may put a key of the seal on record, change it, or say that it was stolen: whoever runs the commands."""

import rules

from vetting_portal import rules as portal

rules.add_perm("grants.take_up_seal_key", portal.is_system)
rules.add_perm("grants.rotate_seal_key", portal.is_system)
rules.add_perm("grants.denounce_seal_key", portal.is_system)
