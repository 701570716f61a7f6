"""The kinds of papers a funder asks for, each with the criterion it usually is evidence for."""

from dataclasses import dataclass

OTHER = "other"
TRANSLATION = "translation"
PHOTOGRAPH = "photograph"
"""A picture of a story: shown on one public page by a consent, so no paper of the vault and in no passport."""


@dataclass(frozen=True)
class PaperKind:
    """A kind of paper: ``code`` is the lineage of its criterion, ``hint`` what makes it good."""

    key: str
    label: str
    code: str
    hint: str = ""


KINDS: tuple[PaperKind, ...] = (
    PaperKind("registration_certificate", "Registration certificate", "C1", "The one that is valid now"),
    PaperKind("founding_document", "Founding document", "C1", "With the clause on what happens if you close"),
    PaperKind(TRANSLATION, "Translation", "C1", "An unofficial one is fine"),
    PaperKind("board_list", "Board list", "C2", "Names, roles, since when"),
    PaperKind("minutes", "Board minutes", "C2", "Of the last twelve months"),
    PaperKind("conflict_policy", "Conflict-of-interest policy", "C2"),
    PaperKind("leadership", "Who leads and who decides", "C3", "Where your leaders come from and live"),
    PaperKind("finance_policy", "Finance manual", "C4", "With two signatures for payments"),
    PaperKind("bank_reconciliation", "Bank reconciliations", "C4", "Of the last three months"),
    PaperKind("accounts", "Accounts of last year", "C5", "Audited, or reviewed by an accountant"),
    PaperKind("certification", "Sanctions and anti-terrorism certification", "C6", "Signed"),
    PaperKind("safeguarding_policy", "Safeguarding and protection policy", "C7", "With how people can report"),
    PaperKind("training_log", "Safeguarding training log", "C7"),
    PaperKind("consent_form", "Consent form", "C8", "Your form for stories and pictures, in the language people read"),
    PaperKind("proposal", "Proposal and plan", "C9", "With what the community said"),
    PaperKind("monitoring_plan", "Monitoring plan", "C10", "Indicators, first figures, a sample report"),
    PaperKind("reference", "Reference", "C11", "Not family, staff or board; at most three months old"),
    PaperKind("visit_report", "Report of a visit", "C12", "With its date"),
    PaperKind("budget", "Budget", "C13", "With unit costs; the sums must be right"),
    PaperKind("bank_letter", "Letter from your bank", "C14", "In your legal name"),
    PaperKind("related_parties", "Related-party form", "C15"),
    PaperKind("risk_register", "Risk register", "C16", "With the permit to receive foreign funds, if you need one"),
    PaperKind(OTHER, "Another paper", ""),
)
BY_KEY = {kind.key: kind for kind in (*KINDS, PaperKind(PHOTOGRAPH, "Photograph of a story", ""))}
CHOICES = [(kind.key, f"{kind.code} · {kind.label}" if kind.code else kind.label) for kind in KINDS]


def kind_of(key: str) -> PaperKind:
    """Return the kind, "another paper" for a key that is no longer used."""
    return BY_KEY.get(key, BY_KEY[OTHER])
