"""What partners want done once a day."""

from partners.vault.actions import remind_everybody

DAILY = [remind_everybody]
