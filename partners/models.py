"""The records of partners, gathered from its rooms."""

from partners.checklists.models import ChecklistVersion, Criterion
from partners.organisations.models import Invitation, Licence, Membership, Organisation, Person
from partners.programmes.models import Programme, Question, Questionnaire, Section
from partners.submissions.models import (
    Access,
    Answer,
    Duty,
    EvidenceLink,
    FrozenEvidence,
    Referee,
    Submission,
    SubmissionCounter,
    SubmissionVersion,
)
from partners.vault.models import Document, Paper

__all__ = [
    "Access",
    "Answer",
    "ChecklistVersion",
    "Criterion",
    "Document",
    "Duty",
    "EvidenceLink",
    "FrozenEvidence",
    "Invitation",
    "Licence",
    "Membership",
    "Organisation",
    "Paper",
    "Person",
    "Programme",
    "Question",
    "Questionnaire",
    "Referee",
    "Section",
    "Submission",
    "SubmissionCounter",
    "SubmissionVersion",
]
