"""The forms of reports: what the partner writes, what the officer answers, consents and stories."""

from grants.reports.forms.answer import AcceptForm, PublishForm, SendBackForm
from grants.reports.forms.consent import ConsentForm, WithdrawForm
from grants.reports.forms.parts import PaperForm, StoryForm
from grants.reports.forms.report import ReportForm

__all__ = [
    "AcceptForm",
    "ConsentForm",
    "PaperForm",
    "PublishForm",
    "ReportForm",
    "SendBackForm",
    "StoryForm",
    "WithdrawForm",
]
