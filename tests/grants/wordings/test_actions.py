"""Drafts of the wording: changed and checked, published by a second person, never changed after; and the database."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from grants.wordings import actions
from grants.wordings.catalogue import TEXTS
from grants.wordings.filling import WordingError
from grants.wordings.invariants import INVARIANTS
from grants.wordings.models import Passage, WordingEditor, WordingVersion
from tests.factories import wordings
from tests.factories.portal import UserFactory
from vetting_portal.canonical import sha256_of
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def test_a_draft_starts_as_a_copy_and_one_at_a_time():
    officer = wordings.officer()
    draft, source = wordings.draft(officer), wordings.current()
    year = timezone.localdate().year
    assert draft.name == f"{year}-{4 if year == 2026 else 1}"
    assert {**draft.made_content(), "version": "x"} == {**source.content, "version": "x"}
    assert (draft.copied_from, draft.is_published, draft.editor_ids()) == (source, False, {officer.pk})
    with pytest.raises(Refused, match="A draft is open already"):
        actions.start_wording(wording=source, by=officer)
    with pytest.raises(Refused, match="Only a published wording"):
        actions.start_wording(wording=draft, by=officer)


@pytest.mark.parametrize("role", ["director", "finance_officer", "auditor", "reviewer"])
def test_only_officers_and_administrators_change_it(role):
    draft, somebody = wordings.draft(), UserFactory(roles=[role])
    for change in (
        lambda: actions.start_wording(wording=wordings.current(), by=somebody),
        lambda: actions.change_passage(passage=wordings.passage(draft), text="x", by=somebody),
        lambda: actions.declare_placeholders(wording=draft, declared={}, by=somebody),
        lambda: actions.discard_wording(wording=draft, by=somebody),
    ):
        with pytest.raises(PermissionDenied):
            change()


def test_a_text_is_changed_and_who_did_is_an_editor():
    draft, second = wordings.draft(), UserFactory(roles=["administrator"])
    changed = actions.change_passage(passage=wordings.passage(draft), text="  {funder} pays {cap}. ", by=second)
    assert (changed.text, changed.edition, changed.changed_by) == ("{funder} pays {cap}.", 2, second)
    draft.refresh_from_db()
    assert second.pk in draft.editor_ids()
    assert draft.changed_by == second
    assert AuditEntry.objects.order_by("-seq").first().event == "passage_changed"


@pytest.mark.parametrize(("text", "sentences"), [
    (" ", ["Write the text: an agreement has no empty place."]),
    ("{partnr}", ["{partnr} is not declared. Did you mean {partner}?"]),
    ("{window_start_zone_x} {y}", [
        "{window_start_zone_x} is not declared. Did you mean {window_start}?",
        "{y} is not declared. The terms give no such value. Choose one under Placeholders.",
    ]),
    ("{cap", ["There is a brace without a name. Write {name} with both braces, or take the brace away."]),
    ("{Cap}", ["There is a brace without a name. Write {name} with both braces, or take the brace away."]),
    ("{}", ["There is a brace without a name. Write {name} with both braces, or take the brace away."]),
    ("a" * 4_001, ["At most 4,000 characters. This has 4,001."]),
], ids=["empty", "misspelt", "unknown", "half", "capital", "nameless", "long"])  # fmt: skip
def test_a_text_that_could_not_be_filled_is_not_saved(text, sentences):
    draft = wordings.draft()
    before = wordings.passage(draft)
    with pytest.raises(ValidationError) as refusal:
        actions.change_passage(passage=before, text=text, by=wordings.officer())
    assert refusal.value.message_dict == {"text": sentences}
    assert wordings.passage(draft).text == before.text


def test_a_text_that_makes_a_value_names_no_such_value():
    draft = wordings.draft()
    with pytest.raises(ValidationError, match="Write its words out here"):
        actions.change_passage(passage=wordings.passage(draft, key="rate_even"), text="{basis}", by=wordings.officer())


def test_a_title_is_asked_and_holds_no_placeholder():
    draft = wordings.draft()
    for title, sentence in (
        ("", "Give it a title."),
        ("To {partner}", "A title holds no placeholder."),
        ("x" * 121, "At most 120 characters. This has 121."),
    ):
        with pytest.raises(ValidationError) as refusal:
            actions.change_passage(passage=wordings.passage(draft), title=title, by=wordings.officer())
        assert refusal.value.message_dict == {"title": [sentence]}


def test_a_page_that_is_behind_saves_nothing():
    draft, officer = wordings.draft(), wordings.officer()
    seen = wordings.passage(draft)
    actions.change_passage(passage=seen, text="First.", edition=seen.edition, by=officer)
    with pytest.raises(actions.StaleError, match=f"{officer.name} saved this at"):
        actions.change_passage(passage=seen, text="Second.", edition=seen.edition, by=wordings.officer())
    assert wordings.passage(draft).text == "First."


def test_passages_are_added_moved_taken_out_and_put_back():
    draft, officer = wordings.draft(), wordings.officer()
    term = wordings.passage(draft, "Term")
    actions.add_passage(
        wording=draft, kind="clause", title="Before the term", text="Nothing.", after=wordings.passage(draft).pk,
        by=officer,
    )  # fmt: skip
    added = wordings.passage(draft, "Before the term")
    assert draft.made_content()["sections"][0]["clauses"][:3] == [
        ["Purpose", wordings.passage(draft).text], ["Before the term", "Nothing."], ["Term", term.text],
    ]  # fmt: skip
    actions.move_passage(passage=added, up=False, by=officer)
    assert [title for title, _ in draft.made_content()["sections"][0]["clauses"][:3]] == [
        "Purpose", "Term", "Before the term",
    ]  # fmt: skip
    actions.move_passage(passage=wordings.passage(draft, "The grant"), up=True, by=officer)
    actions.remove_passage(passage=term, by=officer)
    actions.remove_passage(passage=term, by=officer)
    assert not draft.passages.filter(title="Term").exists()
    for _ in range(2):
        actions.put_back_passage(wording=draft, lineage=term.lineage, by=officer)
    assert draft.made_content()["sections"][-1]["clauses"][-1][0] == "Term"
    with pytest.raises(ValidationError, match="no such text"):
        actions.put_back_passage(wording=draft, lineage="?", by=officer)
    with pytest.raises(ValidationError, match="never left out"):
        actions.remove_passage(passage=wordings.passage(draft, key="a_title"), by=officer)
    with pytest.raises(ValidationError, match="always there"):
        actions.add_passage(wording=draft, kind="named", text="x", by=officer)


def test_placeholders_are_declared_with_the_type_that_the_terms_give():
    draft, officer = wordings.draft(), wordings.officer()
    declared = {name: kind for name, kind in draft.placeholders.items() if name not in {"contact", "cap"}}
    with pytest.raises(ValidationError) as refusal:
        actions.declare_placeholders(
            wording=draft, declared={**declared, "goal": "text", "goall": "money", "contact": ""}, by=officer
        )
    assert refusal.value.message_dict == {
        "goal": ["The terms give goal as an amount of money, not as a text."],
        "goall": ["The terms give no value called goall. Did you mean goal?"],
        "contact": ["Choose a type."],
        "cap": ["The highlight “How much” names {cap}. Change that text first."],
    }
    actions.declare_placeholders(wording=draft, declared={**declared, "cap": "money"}, by=officer, edition=1)
    draft.refresh_from_db()
    assert ("contact" in draft.placeholders, draft.edition) == (False, 2)
    with pytest.raises(ValidationError, match="Declare it under Placeholders first"):
        actions.change_passage(passage=wordings.passage(draft), text="{contact}", by=officer)
    with pytest.raises(actions.StaleError):
        actions.declare_placeholders(wording=draft, declared={}, by=officer, edition=1)


def test_publishing_tells_everything_at_once_each_with_its_place():
    draft, officer = wordings.draft(), wordings.officer()
    for title in ("Term", "Changes to the budget", "Reports", "Visits and audit", "Records"):
        actions.remove_passage(passage=wordings.passage(draft, title), by=officer)
    for one in draft.passages.filter(kind="highlight"):
        actions.remove_passage(passage=one, by=officer)
    # Past the actions: what another release of the portal may have left behind.
    draft.passages.filter(key="a_note").update(text="{gone}")
    draft.passages.filter(key="h_intro").delete()
    WordingVersion.objects.filter(pk=draft.pk).update(placeholders={**draft.placeholders, "cap": "text"})
    draft.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        actions.publish_wording(wording=draft, by=officer)
    assert [str(reason) for reason in refusal.value.blockers] == [
        "Placeholder cap: The terms give cap as an amount of money, not as a text.",
        "Clause 5.3 Effects of ending: there is no clause 1.9.",
        "Schedule A, note: {gone} is not declared. The terms give no such value. Choose one under Placeholders.",
        "There is no highlight.",
        "Part “Oversight” has no clause.",
        "Schedule H, opening is missing.",
        "You changed this draft.",
    ]
    assert all(reason.url for reason in refusal.value.blockers[:-1])
    assert not WordingVersion.objects.get(pk=draft.pk).is_published


def test_a_clause_that_is_named_and_gone_is_told():
    draft, officer = wordings.draft(), wordings.officer()
    text = wordings.passage(draft, key="b_note").text
    assert "clause 1.7" in text
    actions.change_passage(passage=wordings.passage(draft, key="b_note"), text=text.replace("1.7", "1.17"), by=officer)
    assert [problem.text for problem in draft.problems()] == ["Schedule B, note: there is no clause 1.17."]


def test_nobody_publishes_what_they_changed():
    first, second, third = wordings.officer(), wordings.officer(), wordings.publisher()
    draft = wordings.draft(first)
    actions.change_passage(passage=wordings.passage(draft), text="{funder} pays.", by=second)
    for editor in (first, second):
        with pytest.raises(Refused, match="You changed this draft"):
            actions.publish_wording(wording=draft, by=editor)
    assert third.name in draft.release_blockers(first)[-1].hint
    with pytest.raises(PermissionDenied):
        actions.publish_wording(wording=draft, by=UserFactory(roles=["auditor"]))
    published = actions.publish_wording(wording=draft, by=third)
    assert published.sha256 == sha256_of(published.content)
    assert WordingVersion.objects.current() == published
    assert wordings.current().content["sections"][0]["clauses"][0] == ["Purpose", "{funder} pays."]
    assert broken() == []


def test_a_blocker_says_when_nobody_is_left_to_publish():
    draft = wordings.draft()
    (reason,) = draft.release_blockers(draft.created_by)
    assert reason.hint == "Nobody else can publish it: invite another officer, director or administrator."


def test_a_new_consent_has_a_new_version_and_an_old_one_keeps_its():
    assert wordings.published(c_intro="Another opening.").content["consent_version"] == "2026-2"
    again = wordings.published(consent_partner="I agree for {partner}.")
    assert again.content["consent_version"] == again.name


def test_what_is_published_or_thrown_away_is_not_changed():
    published = wordings.published(c_intro="Another opening.")
    draft, officer = wordings.draft(), wordings.officer()
    actions.discard_wording(wording=draft, by=officer)
    for version, sentence in ((published, "is published already"), (draft, "was thrown away")):
        for change in (
            lambda version=version: actions.change_passage(passage=wordings.passage(version), text="x", by=officer),
            lambda version=version: actions.add_passage(wording=version, kind="part", title="x", by=officer),
            lambda version=version: actions.discard_wording(wording=version, by=officer),
            lambda version=version: actions.publish_wording(wording=version, by=wordings.publisher()),
        ):
            with pytest.raises(Refused, match=sentence):
                change()
    assert wordings.draft().name != draft.name
    assert list(WordingVersion.objects.visible_to(officer).values_list("discarded_at", flat=True)) == [None] * 5


def test_terms_find_their_wording_by_name_and_hash():
    old, new = wordings.current(), wordings.published(c_intro="Another opening.")
    versions = WordingVersion.objects
    assert versions.wording(new.name, new.sha256).content["texts"]["c_intro"] == "Another opening."
    assert versions.wording("2026-3").content == versions.wording("2026-3", old.sha256).content == old.content
    for name, sha256 in ((new.name, old.sha256), (new.name, "0" * 64), ("2020-9", ""), ("", "")):
        with pytest.raises(WordingError):
            versions.wording(name, sha256)
    with pytest.raises(WordingError):
        versions.wording(wordings.draft().name)


def _published_by(by):
    """Publish the open draft past the actions."""
    return lambda: WordingVersion.objects.drafts().update(
        published_at=timezone.now(), published_by=by, content={"version": "x"}, sha256="a" * 64
    )


def test_the_database_holds_the_second_person():
    officer, second = wordings.officer(), wordings.officer()
    draft = wordings.draft(officer)
    actions.change_passage(passage=wordings.passage(draft), text="x", by=second)
    for wrong in (officer, second, None):
        with pytest.raises(DatabaseError), transaction.atomic():
            _published_by(wrong)()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        WordingEditor.objects.filter(user=second)._raw_delete("default")
    with pytest.raises(DatabaseError, match="among the editors"), transaction.atomic():
        draft.passages.filter(title="Term").update(changed_at=timezone.now(), changed_by=wordings.publisher())
    with pytest.raises(DatabaseError, match="second person"), transaction.atomic():
        WordingVersion.objects.create(
            name="2031-1", created_at=timezone.now(), created_by=officer, published_at=timezone.now(),
            published_by=second, content={}, sha256="b" * 64,
        )  # fmt: skip
    _published_by(wordings.publisher())()


CHANGES = {
    "name": lambda version: WordingVersion.objects.filter(pk=version.pk).update(name="2030-1"),
    "content": lambda version: WordingVersion.objects.filter(pk=version.pk).update(content={}),
    "unpublished": lambda version: WordingVersion.objects.filter(pk=version.pk).update(
        published_at=None, published_by=None, content=None, sha256=""
    ),
    "removed": lambda version: WordingVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    "a text": lambda version: version.passages.filter(title="Term").update(text="Another."),
    "a text away": lambda version: version.passages.filter(title="Term")._raw_delete("default"),
    "a text more": lambda version: Passage.objects.create(wording=version, kind="part", title="More"),
    "a text from elsewhere": lambda version: Passage.objects.filter(
        wording=WordingVersion.objects.drafts().get(), title="Term"
    ).update(wording=version),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_database_keeps_what_is_published(change):
    published = wordings.published(c_intro="Another opening.")
    wordings.draft()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        change(published)
    assert broken() == []


def test_replacing_a_published_row_is_refused_too():
    """INSERT OR REPLACE removes the old row without a DELETE trigger."""
    if connection.vendor != "sqlite":
        return
    columns = ", ".join(field.column for field in WordingVersion._meta.concrete_fields)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO grants_wordingversion ({columns}) SELECT {columns} FROM "  # noqa: S608
                       "grants_wordingversion WHERE name = '2026-1'")  # fmt: skip


def test_the_name_counts_on_within_a_year(time_machine):
    now = timezone.now()
    names = [wordings.published(c_intro=f"Opening {number}.").name for number in (1, 2)]
    assert int(names[1].partition("-")[2]) == int(names[0].partition("-")[2]) + 1
    time_machine.move_to(now + timedelta(days=400))
    assert wordings.draft().name == f"{(now + timedelta(days=400)).year}-1"


def test_every_named_text_is_used_by_a_page_or_a_value():
    assert set(wordings.current().content["texts"]) == set(TEXTS)
