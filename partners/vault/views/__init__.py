"""The pages of the vault."""

from partners.vault.views.judging import AcceptView, RecheckView, RejectView, VerifyView, WithdrawVerificationView
from partners.vault.views.papers import DescribeView, DownloadView, PaperView, TranslateView
from partners.vault.views.shelves import PassportView, VaultView

__all__ = [
    "AcceptView",
    "DescribeView",
    "DownloadView",
    "PaperView",
    "PassportView",
    "RecheckView",
    "RejectView",
    "TranslateView",
    "VaultView",
    "VerifyView",
    "WithdrawVerificationView",
]
