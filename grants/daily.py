"""What grants wants done once a day."""

from grants.agreements.actions import remind_signers

DAILY = [remind_signers]
