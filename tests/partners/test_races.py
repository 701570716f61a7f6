"""Two people at once, on PostgreSQL: one effect each time; these fail when the lock is taken out of ``lock``."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from partners.checklists.actions import change_criterion, start_checklist_version
from partners.models import (
    ChecklistVersion,
    Document,
    Duty,
    Membership,
    Paper,
    RenewalNotice,
    Submission,
    SubmissionCounter,
)
from partners.organisations.actions import end_membership
from partners.revisions.actions import publish_version
from partners.submissions import actions
from partners.submissions.actions import Opened
from partners.submissions.numbering import take_number
from partners.vault.actions import Dates, add_paper, add_version, describe_document, reject_document, remind_of_renewals
from tests.factories.partners import (
    DocumentFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    ProgrammeFactory,
    SubmissionFactory,
    answers,
    default_checklist,
    default_questionnaire,
    submission_in,
)
from tests.factories.portal import UserFactory
from tests.support.races import Outcome, paused_before, run_together, without_locks
from vetting_portal.daily import open_round
from vetting_portal.files import put
from vetting_portal.models import AuditEntry, DailyRound, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_submission_is_sent_once() -> None:
    draft = SubmissionFactory(filled=True)
    owner = draft.organisation.owners().get().user

    def send() -> Submission:
        return actions.submit_submission(submission=Submission.objects.get(pk=draft.pk), by=owner)

    with paused_before(Submission, "save"):
        outcomes = run_together(send, send)
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert draft.versions.count() == 1
    assert AuditEntry.objects.about(draft).filter(event="submit").count() == 1


def withdraw_and_decline(submission: Submission) -> list[Outcome]:
    owner, officer = submission.organisation.owners().get().user, UserFactory(roles=["programme_officer"])
    with paused_before(Submission, "save"):
        return run_together(
            lambda: actions.withdraw_submission(submission=submission, by=owner),
            lambda: actions.decline_submission(submission=submission, reason="No.", by=officer),
        )


def test_submission_is_declined_and_withdrawn_without_the_lock() -> None:
    submission = submission_in("submitted")
    with without_locks():
        outcomes = withdraw_and_decline(submission)
    assert [outcome.went_through for outcome in outcomes] == [True, True]


def test_submission_is_declined_or_withdrawn_not_both() -> None:
    submission = submission_in("submitted")
    outcomes = withdraw_and_decline(submission)
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    moves = AuditEntry.objects.about(submission).filter(event__in=["withdraw", "decline"])
    assert moves.count() == 1
    assert Submission.objects.get(pk=submission.pk).state == moves.get().to_state


def two_reject(document: Document) -> list[Outcome]:
    officers = [UserFactory(roles=["programme_officer"]) for _ in range(2)]

    def reject(number: int) -> Document:
        found = Document.objects.get(pk=document.pk)
        return reject_document(document=found, reason=f"Reason {number}", by=officers[number])

    with paused_before(Document, "save"):
        return run_together(lambda: reject(0), lambda: reject(1))


def test_document_is_rejected_twice_without_the_lock() -> None:
    submission = submission_in("submitted")
    document = DocumentFactory(paper=PaperFactory(organisation=submission.organisation), accepted=True)
    with without_locks():
        outcomes = two_reject(document)
    assert [outcome.went_through for outcome in outcomes] == [True, True]


def test_document_is_rejected_once() -> None:
    submission = submission_in("submitted")
    document = DocumentFactory(paper=PaperFactory(organisation=submission.organisation), accepted=True)
    outcomes = two_reject(document)
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert AuditEntry.objects.about(document).filter(event="reject").count() == 1


def test_numbers_are_taken_one_by_one() -> None:
    programmes = [ProgrammeFactory(), ProgrammeFactory()]
    organisations = [OrganisationFactory(), OrganisationFactory()]

    def start(number: int) -> Submission:
        organisation = organisations[number]
        return actions.start_submission(
            organisation=organisation, programme=programmes[number], answers=answers(), by=organisation.created_by
        )

    with paused_before(SubmissionCounter, "save"):
        outcomes = run_together(lambda: start(0), lambda: start(1))
    assert [outcome.error for outcome in outcomes] == [None, None]
    year = timezone.localdate().year
    assert sorted(outcome.result.number for outcome in outcomes) == [f"{year}-001", f"{year}-002"]
    assert SubmissionCounter.objects.get().last == 2
    assert take_number.__doc__


def test_the_same_bytes_sent_twice_at_once_are_one_paper() -> None:
    organisation = OrganisationFactory()
    blob = put(b"the same bytes")

    def send() -> Document:
        return add_paper(
            organisation=organisation, blob=blob, original_name="a.pdf", kind="minutes", by=organisation.created_by
        )

    with paused_before(Document, "save"):
        outcomes = run_together(send, send)
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert Document.objects.count() == 1


def test_two_tabs_save_one_answer() -> None:
    submission = SubmissionFactory()
    owner = submission.organisation.owners().get().user

    def save(text: str) -> Any:
        return actions.save_answers(submission=submission, values={"plan": text}, opened=Opened({"plan": 0}), by=owner)

    outcomes = run_together(lambda: save("One."), lambda: save("Two."))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert sorted(outcome.result.saved for outcome in outcomes) == [[], ["plan"]]


def test_membership_and_duty_never_both() -> None:
    submission = submission_in("submitted")
    reviewer = UserFactory(roles=["reviewer"])
    officer = UserFactory(roles=["programme_officer"])
    outcomes = run_together(
        lambda: MembershipFactory(organisation=submission.organisation, user=reviewer),
        lambda: actions.take_duty(submission=submission, user=reviewer, side="assess", by=officer),
    )
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert Membership.objects.filter(user=reviewer).count() + Duty.objects.filter(user=reviewer).count() == 1


def test_two_owners_do_not_both_leave() -> None:
    organisation = OrganisationFactory()
    first = organisation.owners().get()
    second = MembershipFactory(organisation=organisation, role="owner")
    with paused_before(Membership, "save"):
        outcomes = run_together(
            lambda: end_membership(membership=first, by=first.user),
            lambda: end_membership(membership=second, by=second.user),
        )
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert organisation.owners().count() == 1


def test_an_action_of_two_moves_and_one_of_one_do_not_lock_each_other_out() -> None:
    default_questionnaire()
    draft = SubmissionFactory(filled=True)
    owner = draft.organisation.owners().get().user
    document = draft.links[0].paper.current
    officer = UserFactory(roles=["programme_officer"])
    other = submission_in("submitted", organisation=draft.organisation)
    outcomes = run_together(
        lambda: actions.submit_submission(submission=draft, by=owner),
        lambda: reject_document(document=document, reason="It ended.", by=officer),
        lambda: actions.start_review(submission=other, by=officer),
    )
    assert outcomes[1].error is None
    assert outcomes[2].error is None


def two_tabs_replace(paper: Paper) -> list[Outcome]:
    owner = paper.organisation.created_by
    blobs = [put(b"one tab"), put(b"another tab")]

    def replace(number: int) -> Document:
        return add_version(paper=paper, blob=blobs[number], original_name="a.pdf", by=owner, seen=1)

    with paused_before(Document, "save"):
        return run_together(lambda: replace(0), lambda: replace(1))


def test_two_tabs_that_replace_a_paper_meet_without_the_lock() -> None:
    paper = DocumentFactory(accepted=True).paper
    with without_locks():
        outcomes = two_tabs_replace(paper)
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [IntegrityError]


def test_two_tabs_that_replace_a_paper_do_not_pass_each_other_over() -> None:
    paper = DocumentFactory(accepted=True).paper
    outcomes = two_tabs_replace(paper)
    (late,) = [outcome.error for outcome in outcomes if outcome.error]
    assert "sent version 2" in str(late)
    assert sorted(paper.documents.values_list("number", flat=True)) == [1, 2]


def test_a_correction_and_a_sending_do_not_cross() -> None:
    """What is frozen is what stands: either the correction came first, or it is refused."""
    draft = SubmissionFactory(filled=True)
    owner = draft.organisation.owners().get().user
    document = draft.links[0].paper.current
    outcomes = run_together(
        lambda: actions.submit_submission(submission=Submission.objects.get(pk=draft.pk), by=owner),
        lambda: describe_document(document=document, dates=Dates(issuer="Ministry"), by=owner),
    )
    assert outcomes[0].error is None
    frozen = next(one for one in draft.latest_version.content["evidence"] if one["document"] == document.pk)
    assert frozen["issuer"] == Document.objects.get(pk=document.pk).issuer


def test_reminders_of_two_workers_are_one() -> None:
    today = timezone.localdate()
    document = DocumentFactory(accepted=True, expires_on=today + timedelta(days=20))
    organisation, system = document.paper.organisation, User.objects.system("background")

    def remind() -> list[RenewalNotice]:
        return remind_of_renewals(organisation=organisation, today=today, by=system)

    outcomes = run_together(remind, remind)
    assert sorted(len(outcome.result) for outcome in outcomes) == [0, 1]
    assert RenewalNotice.objects.count() == 1


def test_a_day_is_opened_by_one_of_two_workers() -> None:
    day, system = timezone.localdate(), User.objects.system("background")
    with paused_before(DailyRound, "save"):
        outcomes = run_together(lambda: open_round(day=day, by=system), lambda: open_round(day=day, by=system))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert sorted(outcome.result is None for outcome in outcomes) == [False, True]


def test_draft_is_published_once() -> None:
    default_questionnaire()
    officers = [UserFactory(roles=["programme_officer"]) for _ in range(3)]
    draft = start_checklist_version(checklist=default_checklist(), by=officers[0])

    def publish_by(user: User) -> Callable[[], ChecklistVersion]:
        return lambda: publish_version(checklist=ChecklistVersion.objects.get(pk=draft.pk), by=user)

    with paused_before(ChecklistVersion, "save"):
        outcomes = run_together(publish_by(officers[1]), publish_by(officers[2]))
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert AuditEntry.objects.about(draft).filter(event="published").count() == 1


def test_new_version_is_started_once() -> None:
    checklist = default_checklist()
    officers = [UserFactory(roles=["programme_officer"]) for _ in range(2)]
    outcomes = run_together(
        *(lambda by=by: start_checklist_version(checklist=checklist, by=by) for by in officers),  # type: ignore[misc]
    )
    assert sorted(outcome.went_through for outcome in outcomes) == [False, True]
    assert ChecklistVersion.objects.drafts().get().criteria.count() == 16


def test_criterion_is_not_changed_while_its_version_is_published() -> None:
    default_questionnaire()
    officers = [UserFactory(roles=["programme_officer"]) for _ in range(3)]
    draft = start_checklist_version(checklist=default_checklist(), by=officers[0])
    criterion = draft.criteria.get(code="C1")
    publishing, changing = run_together(
        lambda: publish_version(checklist=draft, by=officers[1]),
        lambda: change_criterion(criterion=criterion, title="Other", by=officers[2]),
    )
    assert publishing.went_through
    kept = draft.criteria.get(code="C1").title
    assert kept == ("Other" if changing.went_through else "Legal registration and charitable status")
