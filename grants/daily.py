"""What grants want done once a day."""

from grants.agreements.actions import ask_for_missing_timestamps, seal_what_was_left
from grants.amendments.actions import remind_signers

DAILY = [seal_what_was_left, ask_for_missing_timestamps, remind_signers]
