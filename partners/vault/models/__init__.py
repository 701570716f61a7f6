"""The records of the vault."""

from partners.vault.models.facts import RenewalNotice, Verification, Viewing
from partners.vault.models.paper import Document, Paper

__all__ = ["Document", "Paper", "RenewalNotice", "Verification", "Viewing"]
