"""The pages of submissions."""

from partners.submissions.views.answering import (
    AutosaveView,
    LinkView,
    PaperAddView,
    PapersView,
    SectionView,
    UnlinkView,
)
from partners.submissions.views.home import HomeView, StartView
from partners.submissions.views.licensing import LicenceAddView, LicencePaperView, LicenceWithdrawView
from partners.submissions.views.moving import DeclineView, RequestChangesView, SendView, WithdrawView
from partners.submissions.views.reading import SubmissionListView, SubmissionView, VersionView
from partners.submissions.views.referees import RefereeRemoveView, RefereesView

__all__ = [
    "AutosaveView",
    "DeclineView",
    "HomeView",
    "LicenceAddView",
    "LicencePaperView",
    "LicenceWithdrawView",
    "LinkView",
    "PaperAddView",
    "PapersView",
    "RefereeRemoveView",
    "RefereesView",
    "RequestChangesView",
    "SectionView",
    "SendView",
    "StartView",
    "SubmissionListView",
    "SubmissionView",
    "UnlinkView",
    "VersionView",
    "WithdrawView",
]
