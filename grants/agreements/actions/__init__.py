"""Every write to grants, terms, signatures and agreements."""

from grants.agreements.actions.asking import end_absence as end_absence
from grants.agreements.actions.asking import note_absence as note_absence
from grants.agreements.actions.asking import remind_signer as remind_signer
from grants.agreements.actions.asking import remind_signers as remind_signers
from grants.agreements.actions.asking import remind_to_sign as remind_to_sign
from grants.agreements.actions.drafting import change_grant as change_grant
from grants.agreements.actions.drafting import draft_grant as draft_grant
from grants.agreements.actions.ending import close_grant as close_grant
from grants.agreements.actions.ending import complete_grant as complete_grant
from grants.agreements.actions.ending import decline_grant as decline_grant
from grants.agreements.actions.ending import lapse_grant as lapse_grant
from grants.agreements.actions.ending import terminate_grant as terminate_grant
from grants.agreements.actions.freezing import freeze_terms as freeze_terms
from grants.agreements.actions.freezing import send_back_grant as send_back_grant
from grants.agreements.actions.policing import set_signing_policy as set_signing_policy
from grants.agreements.actions.proving import begin_signing as begin_signing
from grants.agreements.actions.sealing import seal_agreement as seal_agreement
from grants.agreements.actions.sealing import seal_agreement_task as seal_agreement_task
from grants.agreements.actions.sealing import seal_statement as seal_statement
from grants.agreements.actions.signing import countersign_agreement as countersign_agreement
from grants.agreements.actions.signing import declare_as_director as declare_as_director
from grants.agreements.actions.signing import note_refusal as note_refusal
from grants.agreements.actions.signing import refuse_lost_right as refuse_lost_right
from grants.agreements.actions.signing import sign_agreement as sign_agreement
