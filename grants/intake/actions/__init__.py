"""Every write of intake: files, Stripe's events, gifts by hand."""

from grants.intake.actions.hand import confirm_gift as confirm_gift
from grants.intake.actions.hand import enter_gift as enter_gift
from grants.intake.actions.hand import refuse_gift as refuse_gift
from grants.intake.actions.hand import set_hand_limit as set_hand_limit
from grants.intake.actions.importing import begin_import as begin_import
from grants.intake.actions.importing import discard_import as discard_import
from grants.intake.actions.importing import forget_old_faults as forget_old_faults
from grants.intake.actions.importing import set_columns as set_columns
from grants.intake.actions.importing import start_import as start_import
from grants.intake.actions.stripe import assign_charge as assign_charge
from grants.intake.actions.stripe import count_refusal as count_refusal
from grants.intake.actions.stripe import settle_event as settle_event
from grants.intake.actions.stripe import take_event as take_event
