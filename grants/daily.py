"""What grants want done once a day."""

from grants.agreements.actions import ask_for_missing_timestamps, remind_signers, seal_what_was_left

DAILY = [seal_what_was_left, ask_for_missing_timestamps, remind_signers]
