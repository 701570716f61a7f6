"""The transactions of the vault."""

from partners.vault.actions.checking import (
    NotCheckedError,
    accept_document,
    check_document,
    look_into,
    recheck_document,
    reject_document,
    settle_check,
)
from partners.vault.actions.noting import note_seen, verify_document, withdraw_verification
from partners.vault.actions.renewing import remind_everybody, remind_of_renewals, remind_one
from partners.vault.actions.taking import add_paper, add_translation, add_version, describe_document
from partners.vault.actions.travelling import take_passport
from partners.vault.said import Dates

__all__ = [
    "Dates",
    "NotCheckedError",
    "accept_document",
    "add_paper",
    "add_translation",
    "add_version",
    "check_document",
    "describe_document",
    "look_into",
    "note_seen",
    "recheck_document",
    "reject_document",
    "remind_everybody",
    "remind_of_renewals",
    "remind_one",
    "settle_check",
    "take_passport",
    "verify_document",
    "withdraw_verification",
]
