"""The records of partners, gathered from its rooms."""

from partners.checklists.models import ChecklistVersion, Criterion
from partners.organisations.models import (
    HeldMessage,
    Hold,
    HoldRelease,
    Invitation,
    Membership,
    Organisation,
    Person,
)
from partners.places.models import Embargo
from partners.previews.models import PageImage, Preview
from partners.programmes.models import Programme, Question, Questionnaire, Section
from partners.submissions.models import (
    Access,
    Answer,
    Duty,
    EvidenceLink,
    FrozenEvidence,
    Licence,
    Referee,
    Submission,
    SubmissionCounter,
    SubmissionVersion,
    VersionReading,
)
from partners.vault.models import Document, Paper, RenewalNotice, Verification, Viewing

__all__ = [
    "Access",
    "Answer",
    "ChecklistVersion",
    "Criterion",
    "Document",
    "Duty",
    "Embargo",
    "EvidenceLink",
    "FrozenEvidence",
    "HeldMessage",
    "Hold",
    "HoldRelease",
    "Invitation",
    "Licence",
    "Membership",
    "Organisation",
    "PageImage",
    "Paper",
    "Person",
    "Preview",
    "Programme",
    "Question",
    "Questionnaire",
    "Referee",
    "RenewalNotice",
    "Section",
    "Submission",
    "SubmissionCounter",
    "SubmissionVersion",
    "Verification",
    "VersionReading",
    "Viewing",
]
