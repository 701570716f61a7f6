"""Every write to grants, terms, signatures and agreements."""

from grants.agreements.actions.amending import amend_grant as amend_grant
from grants.agreements.actions.drafting import change_grant as change_grant
from grants.agreements.actions.drafting import draft_grant as draft_grant
from grants.agreements.actions.ending import close_grant as close_grant
from grants.agreements.actions.ending import complete_grant as complete_grant
from grants.agreements.actions.ending import decline_grant as decline_grant
from grants.agreements.actions.ending import lapse_grant as lapse_grant
from grants.agreements.actions.ending import revoke_agreement as revoke_agreement
from grants.agreements.actions.ending import revoke_document as revoke_document
from grants.agreements.actions.ending import terminate_grant as terminate_grant
from grants.agreements.actions.freezing import freeze_terms as freeze_terms
from grants.agreements.actions.freezing import send_back_grant as send_back_grant
from grants.agreements.actions.proving import begin_signing as begin_signing
from grants.agreements.actions.sealing import seal_agreement as seal_agreement
from grants.agreements.actions.sealing import seal_agreement_task as seal_agreement_task
from grants.agreements.actions.sealing import seal_statement as seal_statement
from grants.agreements.actions.signing import countersign_agreement as countersign_agreement
from grants.agreements.actions.signing import declare_as_director as declare_as_director
from grants.agreements.actions.signing import sign_agreement as sign_agreement
