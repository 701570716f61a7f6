"""Every write to payments: their schedule, their release and payment, the bank's file, the bank's word."""

from grants.payments.actions.filing import make_payment_file as make_payment_file
from grants.payments.actions.filing import read_payment_file as read_payment_file
from grants.payments.actions.paying import cancel_payment as cancel_payment
from grants.payments.actions.paying import hold_payment as hold_payment
from grants.payments.actions.paying import record_payment as record_payment
from grants.payments.actions.paying import release_payment as release_payment
from grants.payments.actions.paying import resume_payment as resume_payment
from grants.payments.actions.paying import settle_schedule as settle_schedule
from grants.payments.actions.reconciling import match_line as match_line
from grants.payments.actions.reconciling import upload_statement as upload_statement
from grants.payments.actions.returning import bounce_payment as bounce_payment
from grants.payments.actions.schedules import open_campaign as open_campaign
from grants.payments.actions.schedules import reschedule_payments as reschedule_payments
from grants.payments.actions.schedules import schedule_payments as schedule_payments
