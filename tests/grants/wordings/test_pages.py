"""The pages of the wording: read, change, compare, publish; what is wrong stands next to its field."""

import pytest

from grants.wordings.actions import change_passage, remove_passage
from grants.wordings.models import WordingVersion
from tests.factories import wordings
from tests.factories.portal import FunderFactory, UserFactory
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.duties import duties

pytestmark = pytest.mark.django_db


def visitor(user):
    """Return a client of ``user``, second factor and all."""
    return client_of(Scene({}, {"user": user}), "user")


@pytest.fixture
def officer():
    """A programme officer."""
    return wordings.officer()


def test_a_version_is_started_changed_and_published_by_two_people(officer):
    client = visitor(officer)
    assert "Start a new version" in client.get("/wordings/").content.decode()
    started = client.post("/wordings/2026-1/copy/")
    draft = WordingVersion.objects.drafts().get()
    assert started["Location"] == f"/wordings/{draft.name}/draft/"
    passage = wordings.passage(draft)
    form = client.get(f"/wordings/{draft.name}/draft/{passage.pk}/").context["form"]
    assert form["text"].value() == passage.text
    saved = client.post(
        f"/wordings/{draft.name}/draft/{passage.pk}/",
        {"title": "Purpose", "text": "{funder} pays {cap}.", "edition": "1"},
    )
    assert saved["Location"] == f"/wordings/{draft.name}/draft/#row-{passage.pk}"
    page = client.get(f"/wordings/{draft.name}/draft/publish/").content.decode()
    assert "You changed this draft." in page
    assert client.post(f"/wordings/{draft.name}/draft/publish/").status_code == 409

    director = visitor(wordings.publisher())
    assert "<ins>pays" in director.get(f"/wordings/{draft.name}/draft/publish/").content.decode()
    assert director.get(f"/wordings/{draft.name}/draft/").status_code == 403
    assert "Look and publish" in director.get(f"/wordings/{draft.name}/").content.decode()
    assert director.post(f"/wordings/{draft.name}/draft/publish/")["Location"] == f"/wordings/{draft.name}/"
    page = director.get(f"/wordings/{draft.name}/").content.decode()
    assert "In use" in page
    assert WordingVersion.objects.current().sha256[:8] in page
    assert "Superseded" in director.get("/wordings/2026-1/").content.decode()
    assert client.get(f"/wordings/{draft.name}/draft/").status_code == 409


@pytest.mark.parametrize("role", ["director", "programme_officer", "administrator"])
def test_who_is_asked_to_publish_a_text_is_led_to_the_page_where_they_can(officer, role):
    FunderFactory()
    draft = wordings.draft(officer)
    change_passage(passage=wordings.passage(draft), text="{funder} pays {cap}.", by=officer)
    person = UserFactory(roles=[role], totp=True)

    (duty,) = [one for one in duties(person) if one.key == "grants.publish_text"]
    page = visitor(person).get(duty.url)

    assert (duty.url, duty.button) == (f"/wordings/{draft.name}/draft/publish/", "Read and publish")
    assert page.status_code == 200
    assert "<ins>pays" in page.text
    assert visitor(person).post(duty.url)["Location"] == f"/wordings/{draft.name}/"
    assert [one.key for one in duties(officer) if one.key == "grants.publish_text"] == []


def test_what_cannot_be_filled_stands_next_to_its_text_and_what_was_typed_stays(officer):
    draft = wordings.draft(officer)
    passage = wordings.passage(draft)
    refused = visitor(officer).post(
        f"/wordings/{draft.name}/draft/{passage.pk}/", {"title": "Purpose", "text": "To {partnr}", "edition": "1"}
    )
    assert refused.status_code == 422
    assert refused.context["form"].errors == {"text": ["{partnr} is not declared. Did you mean {partner}?"]}
    assert "To {partnr}" in refused.content.decode()


def test_two_windows_show_both_texts(officer):
    draft = wordings.draft(officer)
    passage, client = wordings.passage(draft), visitor(officer)
    change_passage(passage=passage, text="Somebody's text.", by=wordings.officer())
    address = f"/wordings/{draft.name}/draft/{passage.pk}/"
    mine = {"title": "Purpose", "text": "My text.", "edition": "1"}
    refused = client.post(address, mine)
    assert refused.status_code == 422
    assert refused.context["form"].errors["text"] == ["Saved now: “Somebody's text.”"]
    again = client.post(address, {**mine, "edition": refused.context["form"]["edition"].value()})
    assert again.status_code == 302
    assert wordings.passage(draft).text == "My text."


def test_a_clause_is_added_moved_and_taken_out(officer):
    draft, client = wordings.draft(officer), visitor(officer)
    after = wordings.passage(draft).pk
    page = f"/wordings/{draft.name}/draft/"
    assert client.post(f"{page}add/clause/", {"title": "New", "text": "", "after": after}).status_code == 422
    assert client.post(f"{page}add/clause/", {"title": "New", "text": "New.", "after": after}).status_code == 302
    assert client.get(f"{page}add/named/").status_code == 404
    made = wordings.passage(draft, "New")
    client.post(page, {"do": f"up:{made.pk}"})
    clauses = [title for title, _ in draft.made_content()["sections"][0]["clauses"]]
    assert clauses[:3] == ["New", "Purpose", "Term"]
    client.post(page, {"do": f"remove:{made.pk}"})
    assert not draft.passages.filter(title="New").exists()
    gone = client.post(page, {"do": f"remove:{made.pk}"}, follow=True)
    assert "not in the draft any more" in gone.content.decode()
    assert client.get(f"{page}{made.pk}/").status_code == 404
    named = wordings.passage(draft, key="a_title")
    assert "never left out" in client.post(page, {"do": f"remove:{named.pk}"}, follow=True).content.decode()


def test_what_was_taken_out_is_put_back(officer):
    draft, client = wordings.draft(officer), visitor(officer)
    term = wordings.passage(draft, "Term")
    remove_passage(passage=term, by=officer)
    assert "Clause 1.2 Term" in client.get(f"/wordings/{draft.name}/draft/").content.decode()
    client.post(f"/wordings/{draft.name}/draft/put-back/", {"lineage": term.lineage})
    assert draft.passages.filter(title="Term").exists()
    told = client.post(f"/wordings/{draft.name}/draft/put-back/", {"lineage": "?"}, follow=True)
    assert "no such text" in told.content.decode()


def test_placeholders_are_declared_row_by_row(officer):
    draft, client = wordings.draft(officer), visitor(officer)
    address = f"/wordings/{draft.name}/draft/placeholders/"
    form = client.get(address).context["form"]
    typed = {"edition": form["edition"].value()}
    for one in (form.rows.management_form, *form.rows):
        typed |= {field.html_name: field.value() or "" for field in one}
    names = {typed[f"row-{number}-name"]: number for number in range(len(draft.placeholders))}
    spare = len(draft.placeholders)
    wrong = {
        **typed,
        f"row-{names['cap']}-type": "text",
        f"row-{spare}-name": "goall",
        f"row-{spare}-type": "money",
        f"row-{spare + 1}-name": "goal",
        f"row-{spare + 1}-type": "money",
    }
    refused = client.post(address, wrong)
    assert refused.status_code == 422
    assert refused.context["form"].rows[spare + 1].errors == {"name": ["This name stands above already."]}
    del wrong[f"row-{spare + 1}-name"], wrong[f"row-{spare + 1}-type"]
    refused = client.post(address, wrong)
    rows = refused.context["form"].rows
    assert rows[names["cap"]].errors == {"name": ["The terms give cap as an amount of money, not as a text."]}
    assert rows[spare].errors == {"name": ["The terms give no value called goall. Did you mean goal?"]}
    assert refused.context["form"].non_field_errors() == ["Nothing is saved yet. See the marked rows."]
    used = {**typed, f"row-{names['cap']}-name": "", f"row-{names['contact']}-name": ""}
    assert client.post(address, used).context["form"].non_field_errors() == [
        "The highlight “How much” names {cap}. Change that text first."
    ]
    assert client.post(address, {**typed, f"row-{names['contact']}-name": ""}).status_code == 302
    draft.refresh_from_db()
    assert "contact" not in draft.placeholders
    assert client.post(address, typed).status_code == 422  # another window is behind


def test_two_versions_stand_side_by_side(officer):
    draft = wordings.draft(officer)
    change_passage(passage=wordings.passage(draft), title="Aim", text="{funder} pays.", by=officer)
    remove_passage(passage=wordings.passage(draft, "Term"), by=officer)
    page = visitor(UserFactory(roles=["auditor"])).get("/wordings/compare/")
    assert [(row.state, row.place) for row in page.context["found"].rows] == [
        ("changed", "Clause 1.1 Aim"),
        ("removed", "Clause 1.2 Term"),
    ]
    assert "<del>Purpose</del>" in page.content.decode()
    same = visitor(officer).get("/wordings/compare/", {"older": "2026-1", "newer": "2026-1"})
    assert same.context["found"].is_same


def test_a_draft_is_thrown_away_after_a_page_that_says_what_is_lost(officer):
    draft, client = wordings.draft(officer), visitor(officer)
    change_passage(passage=wordings.passage(draft), text="{funder} pays.", by=officer)
    assert "Clause 1.1 Purpose: changed" in client.get(f"/wordings/{draft.name}/draft/discard/").content.decode()
    assert client.post(f"/wordings/{draft.name}/draft/discard/")["Location"] == "/wordings/"
    assert client.get(f"/wordings/{draft.name}/").status_code == 404


def test_the_pages_ask_as_much_for_one_version_as_for_many(officer, django_assert_num_queries):
    client = visitor(officer)
    client.get("/wordings/")
    with django_assert_num_queries(QUERIES):
        client.get("/wordings/")
    for number in range(3):
        wordings.published(c_intro=f"Opening {number}.")
    with django_assert_num_queries(QUERIES):
        client.get("/wordings/")


QUERIES = 8
