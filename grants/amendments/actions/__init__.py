"""Every write to amendments."""

from grants.amendments.actions.drafting import change_amendment as change_amendment
from grants.amendments.actions.drafting import draft_amendment as draft_amendment
from grants.amendments.actions.ending import decline_amendment as decline_amendment
from grants.amendments.actions.ending import lapse_amendment as lapse_amendment
from grants.amendments.actions.ending import send_back_amendment as send_back_amendment
from grants.amendments.actions.ending import withdraw_amendment as withdraw_amendment
from grants.amendments.actions.entering import bring_into_force as bring_into_force
from grants.amendments.actions.entering import seal_amendment as seal_amendment
from grants.amendments.actions.entering import seal_amendment_task as seal_amendment_task
from grants.amendments.actions.entering import seal_left_amendments as seal_left_amendments
from grants.amendments.actions.entering import try_everything_again as try_everything_again
from grants.amendments.actions.freezing import freeze_amendment as freeze_amendment
from grants.amendments.actions.reminding import remind_signer as remind_signer
from grants.amendments.actions.reminding import remind_signers as remind_signers
from grants.amendments.actions.signing import countersign_amendment as countersign_amendment
from grants.amendments.actions.signing import sign_amendment as sign_amendment
