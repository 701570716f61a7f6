"""What must always hold is told when it does not."""

import pytest

from partners.invariants import INVARIANTS
from partners.models import EvidenceLink, Submission, SubmissionCounter, SubmissionVersion
from tests.factories.partners import DocumentFactory, PaperFactory, SubmissionFactory, submission_in
from tests.support.databases import drop_guards

pytestmark = pytest.mark.django_db


def breaches() -> list[str]:
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def test_nothing_is_broken_after_real_work() -> None:
    submission_in("approved")
    submission_in("changes_requested")
    SubmissionFactory()
    assert breaches() == []


def test_a_gap_and_a_foreign_paper_are_told() -> None:
    submission = SubmissionFactory(filled=True)
    SubmissionCounter.objects.update(last=7)
    EvidenceLink.objects.filter(submission=submission).first().delete()
    EvidenceLink.objects.filter(submission=submission).update(linked_by=submission.created_by)
    link = EvidenceLink.objects.filter(submission=submission).first()
    EvidenceLink.objects.filter(pk=link.pk).update(paper=PaperFactory())
    year = submission.number[:4]
    assert len(breaches()) == 2
    assert f"{year} has 1 submissions and its last number is 7" in breaches()


def test_a_translation_of_a_strangers_paper_is_told() -> None:
    original = DocumentFactory(accepted=True)
    PaperFactory(organisation=original.paper.organisation, kind="translation", translates=original)
    assert breaches() == []
    other = DocumentFactory(accepted=True)
    strange = PaperFactory(kind="translation", translates=other)
    assert breaches() == [f"paper {strange.pk} translates what it cannot"]


def test_a_changed_version_is_told() -> None:
    submission = submission_in("submitted")
    drop_guards("partners_submissionversion")
    SubmissionVersion.objects.update(sha256="x")
    assert breaches() == [f"{Submission.objects.get(pk=submission.pk).number}, version 1 is not what was sent"]
