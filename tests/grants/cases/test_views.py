"""The page of an application: who reads which tab in which state, what leads on, and what stays hidden."""

import re
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grants.cases.actions import add_note
from grants.cases.mentions import kept, shown
from grants.cases.models import CaseMention, CaseNote
from partners.models import EvidenceLink, Submission
from partners.vault.actions import reject_document
from tests.factories import reviews as made
from tests.factories.grants import grant_in, officer_of
from tests.factories.partners import DocumentFactory, MembershipFactory, PaperFactory, submission_in
from tests.factories.portal import FunderFactory, UserFactory
from tests.reviews.conftest import begun, sent
from tests.reviews.panels.test_views import signed_in
from vetting_portal.audit import erase_person
from vetting_portal.duties import duties, duties_about
from vetting_portal.models import AuditEntry, AuditWords, User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
TABS = ["case", "case_documents", "case_screening", "case_diligence", "case_grant"]
STATES = ["submitted", "changes_requested", "in_review", "assessed", "recommended", "declined"]
WORLDS = (sent, begun)  # of reviews, told here
STAFF = ["programme_officer", "director", "auditor", "finance_officer", "administrator"]


def get(user: User, name: str, *args, query: str = ""):
    return signed_in(user).get(reverse(f"grants:{name}", args=args) + query)


def role(key: str) -> User:
    return UserFactory(roles=[key])


@pytest.mark.parametrize("state", STATES)
def test_every_tab_opens_for_staff_in_every_state_and_for_nobody_else(state):
    FunderFactory()
    submission = submission_in(state)
    people = {key: (role(key), 200) for key in STAFF}
    people["reviewer"] = (role("reviewer"), 404)
    people["owner"] = (submission.organisation.owners().first().user, 403)
    people["stranger"] = (UserFactory(), 404)
    for name, (user, expected) in people.items():
        client = signed_in(user)
        found = {tab: client.get(reverse(f"grants:{tab}", args=[submission.number])).status_code for tab in TABS}
        assert found == dict.fromkeys(TABS, expected), (name, state)


@pytest.mark.parametrize("key", STAFF)
@pytest.mark.parametrize("state", ["submitted", "in_review", "assessed"])
def test_every_link_of_these_pages_opens_for_its_reader(key, state):
    FunderFactory()
    submission, client = submission_in(state), signed_in(role(key))
    mains = {
        name: client.get(reverse(f"grants:{name}", args=[submission.number])).text.partition("<main")[2]
        for name in TABS[:4]
    }
    links = {link for main in mains.values() for link in re.findall(r'<a [^>]*href="(/[^"#]*)', main)}

    assert "Two references" in mains["case"]
    assert {link: client.get(link, follow=True).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_draft_has_no_page_for_staff():
    FunderFactory()
    draft = submission_in("draft")
    assert get(made.officer(), "case", draft.number).status_code == 404


@pytest.mark.parametrize("key", ["programme_officer", "director", "auditor"])
def test_the_tabs_stand_on_every_page_of_the_application_and_mark_where_one_is(in_force, key):
    submission, user = in_force.submission, role(key)
    labels = ["Overview", "Application", "Documents", "Screening", "Due diligence", "Reviews", "Grant"]
    pages = {
        "Overview": reverse("grants:case", args=[submission.number]),
        "Application": submission.get_absolute_url(),
        "Documents": reverse("grants:case_documents", args=[submission.number]),
        "Screening": reverse("grants:case_screening", args=[submission.number]),
        "Due diligence": reverse("grants:case_diligence", args=[submission.number]),
        "Reviews": reverse("reviews:work", args=[submission.pk]),
        "Grant": reverse("grants:case_grant", args=[submission.number]),
    }
    client = signed_in(user)
    for label, url in pages.items():
        text = client.get(url, follow=True).text
        strip = text.partition('aria-label="Parts of the application">')[2].partition("</nav>")[0]
        assert [one for one in labels if f">{one}" in strip] == labels
        current = strip.partition('aria-current="page">')[2]
        assert current.startswith(label), label
        assert all(f'href="{other}"' in strip for other in pages.values())
    assert client.get(reverse("grants:case_grant", args=[submission.number])).url == in_force.get_absolute_url()


@pytest.mark.parametrize("state", ["approved", "in_force"])
def test_evidence_is_offered_once_the_agreement_is_sealed(state):
    grant = grant_in(state)
    reader = role("auditor")
    shown = get(reader, "case", grant.submission.number).text
    taken = signed_in(reader).post(reverse("grants:evidence", args=[grant.number]))
    assert ("Download evidence package" in shown, taken.status_code) == (
        (True, 200) if state == "in_force" else (False, 409)
    )


def test_partners_and_reviewers_see_no_tabs(begun):
    FunderFactory()
    for user in (begun.reviewer, begun.submission.organisation.owners().first().user):
        text = signed_in(user).get(begun.submission.get_absolute_url()).text
        assert "Parts of the application" not in text


def test_a_refused_document_is_named_on_every_page_that_tells_of_documents(sent):
    FunderFactory()
    officer = made.officer()
    paper = EvidenceLink.objects.filter(submission=sent, criterion__code="C7").first().paper
    newer = DocumentFactory(paper=paper, number=2)
    reject_document(document=newer, reason="The last page is missing.", by=officer)
    for name, args in (("grants:case", sent.number), ("grants:case_documents", sent.number), ("reviews:work", sent.pk)):
        text = signed_in(officer).get(reverse(name, args=[args])).text
        assert paper.title in text, name
        assert "rejected" in text.lower() or "not accepted" in text.lower(), name
    assert "The last page is missing." in get(officer, "case_documents", sent.number).text


@pytest.mark.parametrize("key", STAFF)
def test_staff_read_documents_and_members_of_who_applied_and_change_nothing(sent, key):
    FunderFactory()
    client = signed_in(role(key))
    organisation = sent.organisation_id
    vault, members = (reverse(f"partners:{name}", args=[organisation]) for name in ("vault", "members"))
    paper = sent.links[0].paper
    assert paper.title in client.get(vault).text
    assert 'type="file"' not in client.get(vault).text
    assert sent.organisation.owners().first().user.email in client.get(members).text
    assert "<form" not in client.get(members).text.partition("<main")[2]
    for address in (vault, members):
        assert client.post(address, {}).status_code == 403


def test_documents_of_who_never_applied_stay_closed():
    FunderFactory()
    draft = submission_in("draft")
    officer = signed_in(made.officer())
    for name in ("vault", "members"):
        assert officer.get(reverse(f"partners:{name}", args=[draft.organisation_id])).status_code == 403


# ---- next, and what is open


def test_what_is_next_is_the_readers_own_duty_or_says_whose_it_is(sent):
    FunderFactory()
    officer, director = made.officer(), made.director()
    for user in (officer, director):
        duty = next(iter(duties_about(user, sent)), None)
        text = get(user, "case", sent.number).text.partition('id="next"')[2].partition('id="standing"')[0]
        assert ("Next, for you" in text) == bool(duty and duty.is_mine)
        assert ("b-go" in text) == bool(duty and duty.is_mine)
        assert not duty or duty.verb in text


def test_staff_who_review_it_themselves_see_no_score_before_they_submit():
    FunderFactory()
    first = made.submitted(scores={"C2": 1, "C7": 4})
    submission = first.submission
    for key in ("director", "programme_officer", "auditor"):
        who = made.reviewer()
        who.role_assignments.create(role=key, assigned_by=made.commands())
        made.begun(Submission.objects.get(pk=submission.pk), who=User.objects.get(pk=who.pk))
        blind = User.objects.get(pk=who.pk)
        for tab in ("case", "case_diligence"):
            text = get(blind, tab, submission.number).text
            assert "Overall score" not in text, (key, tab)
            assert "lowest" not in text.lower(), (key, tab)
            assert "Internal notes" not in text, (key, tab)
    assert "Overall score" in get(made.director(), "case", submission.number).text
    assert "Lowest " in get(made.director(), "case_diligence", submission.number).text


def test_pages_cost_the_same_whatever_there_is(sent):
    FunderFactory()
    officer = made.officer()
    counts: dict[str, list[int]] = {}
    for busy in (False, True):
        if busy:
            for number in range(3):
                made.begun(Submission.objects.get(pk=sent.pk))
                paper = PaperFactory(organisation=sent.organisation, title=f"One more {number}")
                DocumentFactory(paper=paper, accepted=True)
                EvidenceLink.objects.create(
                    submission=sent, criterion=sent.criteria[0], paper=paper, linked_at=sent.created_at,
                    linked_by=sent.created_by,
                )  # fmt: skip
                add_note(submission=sent, key=uuid4(), text=f"Note {number}", by=officer)
        for tab in ("case", "case_documents", "case_screening", "case_diligence"):
            client, url = signed_in(officer), reverse(f"grants:{tab}", args=[sent.number])
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.setdefault(tab, []).append(len(queries))
    assert all(after <= before + 2 for before, after in counts.values()), counts  # what runs where there is something


# ---- notes


def test_a_note_names_a_colleague_who_has_it_to_do_until_it_is_read(sent):
    FunderFactory()
    officer, director = made.officer(), made.director(name="Helen Park")
    client = signed_in(officer)
    url = reverse("grants:case_note", args=[sent.number])
    data = {"key": str(uuid4()), "text": "@helen park and @Nobody Known: see page 3."}
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    note = CaseNote.objects.get()
    assert note.text == f"@[{director.pk}] and @Nobody Known: see page 3."
    (duty,) = [one for one in duties(director) if one.key == "grants.read_mention"]
    assert duty.url.endswith(f"#note-{note.pk}")
    text = get(director, "case", sent.number).text
    assert f'id="note-{note.pk}"' in text
    assert '<span class="mention">@Helen Park</span>' in text
    mention = CaseMention.objects.get()
    assert signed_in(officer).post(reverse("grants:mention_read", args=[mention.pk])).status_code == 404
    for _ in range(2):
        assert signed_in(director).post(reverse("grants:mention_read", args=[mention.pk])).status_code == 302
    assert not [one for one in duties(director) if one.key == "grants.read_mention"]
    assert [entry.event for entry in AuditEntry.objects.about(note)] == ["case_note_added", "case_mention_read"]


def test_an_answer_reads_what_was_asked(sent):
    FunderFactory()
    officer, director = made.officer(name="Ruth Okafor"), made.director(name="Helen Park")
    add_note(submission=sent, key=uuid4(), text="@Helen Park?", by=officer)
    add_note(submission=sent, key=uuid4(), text="@Ruth Okafor yes.", by=director)
    assert [one.user for one in CaseMention.objects.unread()] == [officer]


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write a note."), ("   ", "Write a note."), ("x" * 4001, "at most 4,000")]
)
def test_a_note_that_is_wrong_comes_back_with_what_was_typed(sent, text, said):
    FunderFactory()
    answer = signed_in(made.officer()).post(reverse("grants:case_note", args=[sent.number]), {"key": "x", "text": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert not CaseNote.objects.exists()
    assert text.strip()[:100] in answer.text


def test_notes_are_for_staff_from_outside_only(sent):
    FunderFactory()
    add_note(submission=sent, key=uuid4(), text="Between us.", by=made.officer())
    member = role("programme_officer")
    MembershipFactory(organisation=sent.organisation, user=member, ended=True)
    assert "Between us." not in get(member, "case", sent.number).text
    assert "Between us." in get(role("auditor"), "case", sent.number).text
    assert 'name="text"' not in get(role("auditor"), "case", sent.number).text
    review = made.begun(sent)
    owner = sent.organisation.owners().first().user
    for user in (review.reviewer, owner):
        for path in (sent.get_absolute_url(), reverse("reviews:compare", args=[sent.number])):
            assert "Between us." not in signed_in(user).get(path).text


def test_a_note_holds_no_name_and_its_entry_no_text(sent):
    FunderFactory()
    officer, director = made.officer(), made.director(name="Helen Park")
    note = add_note(submission=sent, key=uuid4(), text="@Helen Park look.", by=officer)
    assert "Helen" not in note.text
    words = AuditWords.objects.get(entry=AuditEntry.objects.about(note).get())
    assert words.note == ""
    erase_person(director)
    User.objects.filter(pk=director.pk).update(name="")
    assert "@former colleague" in get(officer, "case", sent.number).text


def test_mentions_are_found_by_the_longest_name_and_cannot_be_forged():
    short, long = User(pk=1, name="Ann"), User(pk=2, name="Ann Lee")
    text, named = kept("@Ann Lee and @ann, not @Anna or @[2].", [short, long])
    assert text == "@[2] and @[1], not @Anna or @ [2]."
    assert {one.pk for one in named} == {1, 2}
    twins = [User(pk=3, name="Ana"), User(pk=4, name="ana")]
    assert kept("@Ana?", twins)[0] == "@[3] @[4]?"
    parts = [part.text for part in shown(text, {1: "Ann", 2: "Ann Lee"}) if part.is_mention]
    assert parts == ["@Ann Lee", "@Ann"]


# ---- the officer, and the search


def test_another_officer_is_put_in_charge_and_told(sent):
    FunderFactory()
    first, second = made.officer(), made.officer(name="Second Officer")
    url = reverse("grants:case_officer", args=[sent.number])
    for _ in range(2):
        assert signed_in(first).post(url, {"officer": second.pk}).status_code == 302
    assert Submission.objects.get(pk=sent.pk).officer == second
    drain()
    assert [one.to for one in mail.outbox if "is assigned to you" in one.subject] == [[second.email]]


def test_who_cannot_look_after_it_is_refused_beside_the_field(sent):
    FunderFactory()
    tied = made.officer()
    MembershipFactory(organisation=sent.organisation, user=tied, ended=True)
    url = reverse("grants:case_officer", args=[sent.number])
    for chosen in (tied.pk, made.director().pk, "", "x"):
        answer = signed_in(made.officer()).post(url, {"officer": chosen})
        assert answer.status_code == 422, chosen
    assert Submission.objects.get(pk=sent.pk).officer is None


def test_an_application_is_found_by_number_organisation_person_officer_and_grant(in_force):
    submission = in_force.submission
    organisation = submission.organisation
    words = [
        submission.number,
        organisation.legal_name.upper(),
        organisation.people.first().name[:6],
        organisation.owners().first().user.name,
        submission.officer.name,
        in_force.number,
    ]
    client = signed_in(officer_of(in_force))
    for word in words:
        found = client.get(reverse("grants:search"), {"q": word}).text
        assert reverse("grants:case", args=[submission.number]) in found, word
    for word in ("", "x", "no such thing at all", "%", "\x00", "_" * 400):
        answer = client.get(reverse("grants:search"), {"q": word})
        assert answer.status_code == 200
        assert reverse("grants:case", args=[submission.number]) not in answer.text, word


def test_the_timeline_names_versions_and_what_changed():
    FunderFactory()
    review = made.submitted()
    submission = review.submission
    text = get(made.director(), "case", submission.number).text
    assert "Version 1 submitted" in text
    assert "Review submitted" in text
