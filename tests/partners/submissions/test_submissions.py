"""Submissions: started, answered, linked, refused with what is missing, sent, moved."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.models import (
    Access,
    Answer,
    Document,
    Duty,
    Embargo,
    EvidenceLink,
    FrozenEvidence,
    Person,
    Submission,
    SubmissionVersion,
)
from partners.organisations.actions import change_organisation
from partners.submissions import actions
from partners.submissions.actions import Opened
from tests.factories.partners import (
    DocumentFactory,
    LicenceFactory,
    MembershipFactory,
    OrganisationFactory,
    PaperFactory,
    ProgrammeFactory,
    SubmissionFactory,
    answers,
    submission_in,
)
from tests.factories.portal import UserFactory
from tests.support.databases import append_only
from vetting_portal.canonical import sha256_of
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused, perform

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def owner_of(submission: Submission) -> User:
    return submission.organisation.owners().get().user


def fresh(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def save(submission: Submission, key: str, value: Any, version: int = 0, **opened: Any) -> Any:
    by = opened.pop("by", None) or owner_of(submission)
    return actions.save_answers(
        submission=submission, values={key: value}, opened=Opened({key: version}, **opened), by=by
    )


def missing(submission: Submission) -> list[tuple[str, str]]:
    return [(blocker.code, str(blocker)) for blocker in fresh(submission).submit_blockers()]


def test_numbers_have_no_gap_even_after_a_refusal() -> None:
    organisation, programme = OrganisationFactory(), ProgrammeFactory()
    year = timezone.localdate().year
    owner = organisation.created_by
    first = actions.start_submission(organisation=organisation, programme=programme, answers=answers(), by=owner)
    with pytest.raises(Refused, match=f"under way: {year}-001"):
        actions.start_submission(organisation=organisation, programme=programme, answers=answers(), by=owner)
    second = actions.start_submission(
        organisation=organisation, programme=ProgrammeFactory(), answers=answers(), by=owner
    )
    assert [first.number, second.number] == [f"{year}-001", f"{year}-002"]
    assert first.prescreen == answers().as_record()


def test_start_is_refused_where_the_prescreen_or_the_call_says_no() -> None:
    organisation = OrganisationFactory()
    owner = organisation.created_by
    closed = ProgrammeFactory(closes_on=timezone.localdate() - timedelta(days=2))
    with pytest.raises(Refused) as refusal:
        actions.start_submission(
            organisation=organisation, programme=closed, answers=answers(is_registered=False), by=owner
        )
    assert [str(reason) for reason in refusal.value.blockers] == [
        "This call is closed.",
        "You need to be a registered non-profit.",
    ]
    for somebody in (UserFactory(), UserFactory(roles=["administrator"])):
        with pytest.raises(PermissionDenied):
            actions.start_submission(
                organisation=organisation, programme=ProgrammeFactory(), answers=answers(), by=somebody
            )
    assert not Submission.objects.exists()


def test_a_recorded_licence_opens_a_closed_place() -> None:
    organisation = OrganisationFactory(country="CU")
    programme = ProgrammeFactory(country_exceptions=[{"countries": ["CU"], "focus": ""}])
    start = {"organisation": organisation, "programme": programme, "answers": answers(country="CU")}
    with pytest.raises(Refused, match="Cuba"):
        actions.start_submission(by=organisation.created_by, **start)
    LicenceFactory(organisation=organisation, embargo=Embargo.objects.get(country="CU"))
    assert actions.start_submission(by=organisation.created_by, **start).state == "draft"


def test_answers_are_saved_complete_or_not_and_fill_columns() -> None:
    submission = SubmissionFactory()
    save(submission, "title", "Aftercare")
    save(submission, "amount", "30,000")
    save(submission, "people", "about 80")
    found = fresh(submission)
    assert (found.title, found.amount_requested_minor) == ("Aftercare", 3_000_000)
    assert Answer.objects.get(question__key="people").value == "about 80"
    save(found, "amount", "a lot", 1)
    assert fresh(submission).amount_requested_minor is None
    assert [entry.facts["keys"] for entry in AuditEntry.objects.about(submission)][:2] == [["title"], ["amount"]]


def test_saving_the_same_again_changes_nothing() -> None:
    submission = SubmissionFactory()
    save(submission, "title", "Aftercare")
    result = save(submission, "title", "Aftercare", 7)
    assert (result.saved, result.stale) == ([], {})
    assert Answer.objects.get().version == 1


def test_a_stale_tab_is_told_and_overwrites_nothing() -> None:
    submission = SubmissionFactory()
    editor = MembershipFactory(organisation=submission.organisation).user
    save(submission, "title", "First")
    save(submission, "title", "Second", 1, by=editor)
    result = save(submission, "title", "Third", 1)
    assert (result.saved, result.stale["title"].saved_by) == ([], editor)
    assert Answer.objects.get().value == "Second"
    save(submission, "title", "Third", 2)
    assert Answer.objects.get().value == "Third"


def test_going_on_from_the_page_that_saved_itself_is_no_conflict() -> None:
    submission = SubmissionFactory()
    save(submission, "title", "First", 0, page="p1", is_autosave=True)
    assert save(submission, "title", "First line", 0, page="p1").saved == ["title"]
    late = save(submission, "title", "Fir", 1, page="p1", is_autosave=True)
    assert (late.saved, list(late.stale)) == ([], ["title"])
    assert Answer.objects.get().value == "First line"


@pytest.mark.parametrize("value", ["x" * 50_001, "x" * 60_000])
def test_too_long_a_text_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="too long"):
        save(SubmissionFactory(), "title", value)


def test_unknown_question_is_refused() -> None:
    with pytest.raises(ValidationError, match="no question nothing"):
        save(SubmissionFactory(), "nothing", "x")


def test_only_members_write_and_only_before_sending() -> None:
    submission = SubmissionFactory()
    for somebody in (UserFactory(), UserFactory(roles=["programme_officer"])):
        with pytest.raises(PermissionDenied):
            save(submission, "title", "x", by=somebody)
    sent = submission_in("submitted")
    with pytest.raises(Refused, match="sent now"):
        save(sent, "title", "x")
    link = sent.links[0]
    with pytest.raises(Refused):
        actions.unlink_paper(link=link, by=owner_of(sent))
    with pytest.raises(Refused):
        actions.link_paper(submission=sent, criterion=link.criterion, paper=link.paper, by=owner_of(sent))


def test_facts_follow_from_answers_and_amounts() -> None:
    submission = SubmissionFactory(filled=True, filled__stories="no", filled__vulnerable="no")
    criteria = {criterion.code: criterion for criterion in submission.criteria}
    facts = submission.facts()
    assert (facts["stories"].values, facts["stories"].words, facts["amount"].amount) == (("no",), "No", 3_000_000)
    assert not criteria["C8"].applies(facts)
    assert criteria["C8"].why_not(facts) == (
        "The partner answered “No” to “Will you use stories or pictures of the people you serve?”"
    )
    assert (criteria["C7"].minimum(facts), criteria["C12"].minimum(facts)) == (2, 2)
    submission.amount_requested_minor = 1_000_000
    assert criteria["C12"].minimum(submission.facts()) is None
    submission.currency = "EUR"
    assert criteria["C12"].minimum(submission.facts()) == 2


def test_everything_missing_is_named_with_its_control() -> None:
    submission = SubmissionFactory(organisation__people=False, organisation__address="")
    found = submission.submit_blockers()
    codes = [blocker.code for blocker in found]
    assert codes[:8] == [str(position) for position in range(1, 9)]
    scored = ["C1", "C2", "C3", "C4", "C5", "C7", "C9", "C10", "C13", "C16"]
    assert codes[-11:] == ["C11", *scored]
    assert [str(b) for b in found if not b.code] == ["Your address", "Your board", "Who signs for you"]
    assert all(blocker.url for blocker in found)


def test_a_filled_submission_has_nothing_missing() -> None:
    assert SubmissionFactory(filled=True).submit_blockers() == []


@pytest.mark.parametrize(
    ("key", "value", "blocker"),
    [
        ("need", "only three words", ("3.2", "How you know the need")),
        ("people", "about 80", ("3.3", "Number of people")),
        ("amount", "4,999", ("1.3", "The amount you ask for")),
        ("amount", "30,000.01", ("1.3", "The amount you ask for")),
        ("title", "word " * 16, ("1.1", "Name of the project")),
        ("stories", "", ("4.4", "Stories or pictures")),
    ],
)
def test_one_wrong_answer_blocks(key: str, value: str, blocker: tuple[str, str]) -> None:
    submission = SubmissionFactory(filled=True)
    save(submission, key, value, 1)
    assert missing(submission) == [blocker]


def test_consent_is_asked_only_where_stories_are_used() -> None:
    submission = SubmissionFactory(filled=True, filled__stories="no")
    EvidenceLink.objects.filter(submission=submission, criterion__code="C8").delete()
    assert missing(submission) == []
    save(submission, "stories", "changed_names", 1)
    assert missing(submission) == [("C8", "Survivor privacy and informed consent")]


def test_one_referee_is_not_enough() -> None:
    submission = SubmissionFactory(filled=True)
    submission.referees.first().delete()
    blocker = submission.submit_blockers()[0]
    assert (blocker.code, blocker.hint[:18]) == ("C11", "1 named, 2 needed:")


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"issued_on": date(2019, 1, 1), "expires_on": date(2020, 1, 1)}, "The one you sent ended on"),
        ({"issued_on": date(2020, 1, 1)}, "The one you sent ended on"),
        ({"state": "quarantined"}, "It is still being checked."),
        ({"state": "rejected", "rejected_at": NOVEMBER, "rejection_reason": "Blurred."}, "Blurred."),
    ],
)
def test_a_paper_that_does_not_count_blocks(change: dict[str, Any], hint: str) -> None:
    submission = SubmissionFactory(filled=True)
    link = submission.links[0]
    if "rejected_at" in change:
        change = {**change, "rejected_by": owner_of(submission)}
    Document.objects.filter(paper=link.paper).update(**change)
    (blocker,) = fresh(submission).submit_blockers()
    assert (blocker.code, str(blocker)) == ("C1", link.paper.title)
    assert blocker.hint.startswith(hint)


def test_an_old_reference_blocks() -> None:
    submission = SubmissionFactory(filled=True)
    owner, criterion = owner_of(submission), next(one for one in submission.criteria if one.code == "C11")
    letter = DocumentFactory(paper__organisation=submission.organisation, accepted=True).paper
    link = actions.link_paper(submission=submission, criterion=criterion, paper=letter, by=owner)
    Document.objects.filter(paper=link.paper).update(issued_on=timezone.localdate() - timedelta(days=100))
    (blocker,) = fresh(submission).submit_blockers()
    assert blocker.hint.startswith("It is more than 3 months old")


@pytest.mark.parametrize("changes", [{"country": "CU"}, {"region": "donetsk"}])
def test_a_place_under_sanctions_blocks_sending(changes: dict[str, str]) -> None:
    submission = SubmissionFactory(filled=True)
    change_organisation(organisation=submission.organisation, by=owner_of(submission), **changes)
    place = "Cuba" if "country" in changes else "the so-called Donetsk People's Republic"
    assert [text for _, text in missing(submission)] == [f"We cannot work in {place} now."]


def test_a_closed_call_blocks_sending_but_not_sending_again() -> None:
    programme = ProgrammeFactory()
    draft = SubmissionFactory(filled=True, programme=programme)
    asked = submission_in("changes_requested", programme=programme)
    programme.closes_on = timezone.localdate() - timedelta(days=2)
    programme.save()
    assert [text for _, text in missing(draft)] == ["This call is closed."]
    assert fresh(asked).resubmit_blockers() == []


def test_papers_are_linked_once_and_only_own_ones() -> None:
    submission = SubmissionFactory()
    owner, criterion = owner_of(submission), submission.criteria[0]
    paper = PaperFactory(organisation=submission.organisation)
    first = actions.link_paper(submission=submission, criterion=criterion, paper=paper, by=owner)
    assert actions.link_paper(submission=submission, criterion=criterion, paper=paper, by=owner) == first
    with pytest.raises(ValidationError):
        actions.link_paper(submission=submission, criterion=criterion, paper=PaperFactory(), by=owner)
    actions.unlink_paper(link=first, by=owner)
    actions.unlink_paper(link=first, by=owner)
    assert not EvidenceLink.objects.exists()
    events = [entry.event for entry in AuditEntry.objects.about(submission)]
    assert events == ["paper_linked", "paper_unlinked"]


def test_sending_freezes_what_is_sent() -> None:
    draft = SubmissionFactory(filled=True)
    owner = owner_of(draft)
    sent = actions.submit_submission(submission=draft, by=owner)
    version = sent.versions.get()
    assert (sent.state, sent.submitted_by, version.number) == ("submitted", owner, 1)
    assert version.sha256 == sha256_of(version.content)
    stood = {(item["criterion"], item["switch"]): item["holds"] for item in version.content["conditions"]}
    assert stood == {
        ("C7", "gate_raised_when"): True,
        ("C8", "applies_when"): True,
        ("C12", "gate_when"): True,
        ("C16", "gate_answer"): True,
    }
    assert {item.document_id for item in version.evidence.all()} == {e["document"] for e in version.content["evidence"]}
    entry = AuditEntry.objects.about(sent).get(event="submit")
    assert (entry.from_state, entry.to_state, entry.facts["sha256"]) == ("draft", "submitted", version.sha256)
    drain()
    assert [message.to for message in mail.outbox] == [[owner.email]]
    for write in (
        lambda: SubmissionVersion.objects.update(sha256="0" * 64),
        lambda: SubmissionVersion.objects.all()._raw_delete("default"),
        lambda: FrozenEvidence.objects.all()._raw_delete("default"),
    ):
        with append_only():
            write()


def test_sending_is_refused_with_the_list_and_writes_nothing() -> None:
    draft = SubmissionFactory()
    with pytest.raises(Refused) as refusal:
        actions.submit_submission(submission=draft, by=owner_of(draft))
    assert refusal.value.blockers == draft.submit_blockers()
    assert not SubmissionVersion.objects.exists()
    editor = MembershipFactory(organisation=draft.organisation).user
    with pytest.raises(PermissionDenied):
        actions.submit_submission(submission=draft, by=editor)


@pytest.mark.parametrize("state", ["submitted", "in_review"])
def test_changes_come_back_to_the_state_they_left(state: str) -> None:
    submission = submission_in(state)
    officer = UserFactory(roles=["programme_officer"])
    with pytest.raises(ValidationError, match="List what"):
        actions.request_changes(submission=submission, reason="Why", items=[" "], by=officer)
    with pytest.raises(ValidationError, match="Say why"):
        actions.request_changes(submission=submission, reason=" ", items=["C5"], by=officer)
    asked = actions.request_changes(submission=submission, reason="Unclear.", items=["C5", " "], by=officer)
    assert (asked.state, asked.changes_from, asked.changes_items) == ("changes_requested", state, ["C5"])
    save(asked, "title", "A better name", 1)
    again = actions.resubmit_submission(submission=asked, by=owner_of(asked))
    assert again.state == state
    titles = list(again.versions.order_by("number").values_list("content__title", flat=True))
    assert (len(titles), titles[1]) == (2, "A better name")


@pytest.mark.parametrize("state", ["draft", "submitted", "changes_requested", "in_review", "assessed", "recommended"])
def test_partner_withdraws_until_it_is_decided(state: str) -> None:
    submission = submission_in(state)
    taken = actions.withdraw_submission(submission=submission, by=owner_of(submission), reason=" Not now ")
    assert (taken.state, taken.withdrawal_reason) == ("withdrawn", "Not now")


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
def test_nothing_moves_after_the_decision(state: str) -> None:
    submission = submission_in(state)
    with pytest.raises(Refused):
        actions.withdraw_submission(submission=submission, by=owner_of(submission))


@pytest.mark.parametrize("state", ["submitted", "in_review", "assessed", "recommended"])
def test_officer_declines_with_a_reason(state: str) -> None:
    submission = submission_in(state)
    officer = UserFactory(roles=["programme_officer"])
    with pytest.raises(ValidationError):
        actions.decline_submission(submission=submission, reason="", by=officer)
    declined = actions.decline_submission(submission=submission, reason="It does not fit.", by=officer)
    assert (declined.state, declined.decline_reason) == ("declined", "It does not fit.")
    drain()
    assert "It does not fit." in mail.outbox[-1].body


def test_director_overrides_and_returns_with_a_reason() -> None:
    director = UserFactory(roles=["director"])
    submission = submission_in("assessed")
    with pytest.raises(ValidationError):
        actions.override_submission(submission=submission, reason=" ", by=director)
    overridden = actions.override_submission(submission=submission, reason="We know them.", by=director)
    assert (overridden.state, overridden.is_override) == ("recommended", True)
    back = actions.return_submission(submission=overridden, reason="Look again.", by=director)
    assert (back.state, back.is_override) == ("in_review", False)


def test_an_officer_who_was_a_member_moves_nothing() -> None:
    submission = submission_in("submitted")
    officer = UserFactory(roles=["programme_officer"])
    MembershipFactory(organisation=submission.organisation, user=officer, ended=True)
    with pytest.raises(PermissionDenied):
        actions.start_review(submission=submission, by=officer)


def test_officer_is_set_and_takes_over_at_review() -> None:
    submission = submission_in("submitted")
    officer, other = UserFactory(roles=["programme_officer"]), UserFactory(roles=["programme_officer"])
    assert actions.take_officer(submission=submission, officer=officer, by=other).officer == officer
    assert actions.start_review(submission=submission, by=other).officer == officer
    with pytest.raises(Refused):
        actions.take_officer(submission=submission, officer=UserFactory(), by=other)
    with pytest.raises(PermissionDenied):
        actions.take_officer(submission=submission, officer=officer, by=UserFactory())


def test_access_is_given_once_and_ended() -> None:
    submission = submission_in("submitted")
    officer, reviewer = UserFactory(roles=["programme_officer"]), UserFactory(roles=["reviewer"])
    assert not Submission.objects.visible_to(reviewer).exists()
    give = {"submission": submission, "user": reviewer, "as_role": "reviewer", "by": officer}
    assert actions.give_access(**give) == actions.give_access(**give)
    assert Submission.objects.visible_to(reviewer).get() == submission
    with pytest.raises(PermissionDenied):
        actions.give_access(**{**give, "by": reviewer})
    actions.end_access(**{**give, "by": reviewer})
    actions.end_access(**give)
    assert not Submission.objects.visible_to(reviewer).exists()
    assert Access.objects.get().until_at is not None


def test_duty_is_one_side_for_each_person() -> None:
    submission = submission_in("submitted")
    officer, reviewer = UserFactory(roles=["programme_officer"]), UserFactory(roles=["reviewer", "director"])
    take = {"submission": submission, "user": reviewer, "by": officer}
    assert actions.take_duty(side="assess", **take) == actions.take_duty(side="assess", **take)
    with pytest.raises(Refused, match="has assessed"):
        actions.take_duty(side="sign", **take)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(submission=submission, user=reviewer, side="sign")


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "submitted"},
        {"state": "changes_requested"},
        {"state": "in_review"},
        {"state": "approved"},
        {"state": "declined"},
        {"state": "withdrawn"},
        {"state": "lost"},
        {"submitted_at": NOVEMBER},
        {"amount_requested_minor": -1},
        {"number": "31"},
        {"number": "2026-999"},
        {"organisation": -1},
    ],
)
def test_the_database_holds_states_to_their_stamps(broken: dict[str, Any]) -> None:
    submission = SubmissionFactory()
    if "organisation" in broken:
        broken = {"organisation": OrganisationFactory()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**broken)


@pytest.mark.parametrize("state", ["draft", "submitted", "declined", "withdrawn"])
def test_visible_to_and_view_agree(state: str) -> None:
    submission = submission_in(state)
    reviewer, gone = UserFactory(roles=["reviewer"]), UserFactory(roles=["reviewer"])
    now = timezone.now()
    for user, until in ((reviewer, None), (gone, now)):
        Access.objects.create(submission=submission, user=user, as_role="reviewer", since_at=now, until_at=until)
    roles = ["reviewer", "programme_officer", "director", "finance_officer", "auditor", "administrator"]
    people = [owner_of(submission), reviewer, gone, UserFactory(), *[UserFactory(roles=[role]) for role in roles]]
    people.append(MembershipFactory(organisation=submission.organisation, ended=True).user)
    for user in people:
        visible = Submission.objects.visible_to(user).filter(pk=submission.pk).exists()
        assert user.has_perm("partners.view_submission", submission) == visible, (user.role_keys, state)


@pytest.mark.parametrize("act", ["start", "save", "link", "submit", "withdraw", "duty", "access"])
def test_nothing_happens_without_its_audit_entry(act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = SubmissionFactory(filled=True)
    owner, officer = owner_of(submission), UserFactory(roles=["programme_officer"])
    paper = PaperFactory(organisation=submission.organisation)
    DocumentFactory(paper=paper, accepted=True)
    other = ProgrammeFactory()

    def fail(*_: object) -> None:
        raise OSError("no room")

    def state() -> tuple[Any, ...]:
        kept = [Answer, EvidenceLink, SubmissionVersion, Duty, Access, Submission, Person]
        return fresh(submission).state, fresh(submission).title, *[model.objects.count() for model in kept]

    before = state()
    monkeypatch.setattr("vetting_portal.audit.append", fail)
    start = {"organisation": submission.organisation, "programme": other, "answers": answers()}
    calls: dict[str, Any] = {
        "start": lambda: actions.start_submission(by=owner, **start),
        "save": lambda: save(submission, "title", "New", 1),
        "link": lambda: actions.link_paper(
            submission=submission, criterion=submission.criteria[0], paper=paper, by=owner
        ),
        "submit": lambda: actions.submit_submission(submission=submission, by=owner),
        "withdraw": lambda: actions.withdraw_submission(submission=submission, by=owner),
        "duty": lambda: actions.take_duty(submission=submission, user=officer, side="assess", by=officer),
        "access": lambda: actions.give_access(submission=submission, user=officer, as_role="reviewer", by=officer),
    }
    with pytest.raises(OSError, match="no room"):
        calls[act]()
    assert state() == before


def test_a_move_asks_permission_about_the_record() -> None:
    submission = submission_in("submitted")
    with pytest.raises(PermissionDenied):
        perform(submission.start_review, by=UserFactory(roles=["reviewer"]))
