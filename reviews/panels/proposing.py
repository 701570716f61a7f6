"""Whom to ask for a review: who may be, who is least busy, who reads the languages. Plain records in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reviews.panels.conflicts import Finding
from vetting_portal.languages import language_name
from vetting_portal.models import User


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reviewer as the officer weighs them up for one submission.

    ``missing`` are the languages of the submission that they do not read (codes); ``bars`` says why they cannot be
    asked at all. ``is_new``: has never submitted a review.
    """

    user: User
    open_reviews: int
    late: int
    next_due: date | None
    reads: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    bars: tuple[str, ...] = ()
    is_new: bool = False
    has_practised: bool = False

    @property
    def warnings(self) -> list[Finding]:
        """What the records show short of a conflict."""
        return [finding for finding in self.findings if not finding.is_hard]

    @property
    def load_text(self) -> str:
        """The workload in words."""
        if not self.open_reviews:
            return "no open review"
        text = f"{self.open_reviews} open review{'s' if self.open_reviews > 1 else ''}"
        due = f", next due {self.next_due:%-d %B}" if self.next_due else ""
        return f"{text}{due}" + (f", {self.late} late" if self.late else "")

    @property
    def experience_text(self) -> str:
        """Whether a new reviewer has practised, in words; empty for who has submitted a review before."""
        if not self.is_new:
            return ""
        return "first review, has practised" if self.has_practised else "first review, has not practised yet"

    @property
    def language_text(self) -> str:
        """The languages besides English in words, and what is missing."""
        reads = f"reads {listed(self.reads)}" if self.reads else "reads English"
        return f"{reads}, not {listed(self.missing)}" if self.missing else reads

    @property
    def summary(self) -> str:
        """Languages, workload and what the records show, in one line."""
        shown = "; ".join(finding.text for finding in self.warnings) or "nothing in the records speaks against it"
        return " · ".join(filter(None, [self.language_text, self.load_text, self.experience_text, shown]))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One reviewer who is proposed, and why, in words."""

    candidate: Candidate
    why: str


def listed(codes: Sequence[str]) -> str:
    """Return languages in words: ``Thai and Lao``."""
    names = [language_name(code) for code in codes]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return who may be asked, best first.

    First who has nothing in the records against them, then who reads most of the languages, then who has fewest open
    reviews, fewest of them late, and the latest next date; then by name, so that the same records give the same order.
    """
    return sorted(
        (one for one in candidates if not one.bars),
        key=lambda one: (
            bool(one.warnings),
            len(one.missing),
            one.open_reviews,
            one.late,
            -(one.next_due.toordinal() if one.next_due else date.max.toordinal()),
            one.user.name,
            one.user.pk,
        ),
    )


def propose(candidates: Sequence[Candidate], number: int) -> list[Proposal]:
    """Return up to ``number`` reviewers to ask, each with the reasons; never one against whom the records speak."""
    free = [one for one in ranked(candidates) if not one.warnings]
    return [Proposal(one, _why(one, free)) for one in free[:number]]


def _why(chosen: Candidate, free: Sequence[Candidate]) -> str:
    """Say why this one: the records, the languages, the load beside the others who could be asked."""
    alike = [one for one in free if len(one.missing) == len(chosen.missing)]
    least = min(one.open_reviews for one in alike)
    others = len(alike) - 1
    beside = "" if not others else f" of the {len(alike)} who could" if least == chosen.open_reviews else ""
    load = chosen.load_text + (f", the fewest{beside}" if beside else "")
    if chosen.missing:
        language = f"nobody free reads more of the languages than {chosen.language_text.removeprefix('reads ')}"
    else:
        language = chosen.language_text
    experience = f"; {chosen.experience_text}" if chosen.is_new else ""
    return f"Nothing in the records speaks against it; {language}; {load}{experience}."
