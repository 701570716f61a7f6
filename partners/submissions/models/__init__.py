"""The records of submissions."""

from partners.submissions.models.answers import Answer, EvidenceLink, FrozenEvidence, SubmissionVersion
from partners.submissions.models.licences import Licence
from partners.submissions.models.referees import Referee
from partners.submissions.models.rights import Access, Duty, VersionReading
from partners.submissions.models.submission import Submission, SubmissionCounter

__all__ = [
    "Access",
    "Answer",
    "Duty",
    "EvidenceLink",
    "FrozenEvidence",
    "Licence",
    "Referee",
    "Submission",
    "SubmissionCounter",
    "SubmissionVersion",
    "VersionReading",
]
