"""What grants want done once a day."""

from grants.agreements.actions import ask_for_missing_timestamps, seal_what_was_left
from grants.amendments.actions import remind_signers, seal_left_amendments
from grants.intake.actions.importing import forget_old_faults_task

DAILY = [
    seal_what_was_left, seal_left_amendments, ask_for_missing_timestamps, remind_signers, forget_old_faults_task,
]  # fmt: skip
