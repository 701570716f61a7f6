"""What grants want done once a day."""

from grants.agreements.actions import ask_for_missing_timestamps, seal_what_was_left
from grants.amendments.actions import remind_signers, seal_left_amendments
from grants.arrivals.actions import remind_partners_to_confirm
from grants.conditions.actions import remind_of_conditions_due
from grants.endings.actions import tend_completed, tend_endings
from grants.intake.actions.importing import forget_old_faults_task
from grants.reports.actions import end_lapsed_showings, remind_partners_of_reports
from grants.workspace.actions import remind_people_of_late_work

DAILY = [
    seal_what_was_left,
    seal_left_amendments,
    ask_for_missing_timestamps,
    remind_signers,
    tend_endings,
    tend_completed,
    remind_partners_of_reports,
    remind_of_conditions_due,
    remind_partners_to_confirm,
    end_lapsed_showings,
    forget_old_faults_task,
    remind_people_of_late_work,
]
