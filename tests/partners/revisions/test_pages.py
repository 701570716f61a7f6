"""The pages of a draft, as programme officers use them: without scripts, with bad input, with a page that is behind."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partners.checklists.actions import change_criterion, publish_checklist, start_checklist_version
from partners.models import ChecklistVersion, Criterion, Programme
from partners.revisions.forms import initial_of
from tests.factories.partners import ProgrammeFactory, SubmissionFactory, default_checklist, default_questionnaire
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


@pytest.fixture
def officer() -> User:
    FunderFactory()
    return UserFactory(roles=["programme_officer"], name="Ruth Okafor")


@pytest.fixture
def draft(officer: User) -> ChecklistVersion:
    default_questionnaire()
    return start_checklist_version(checklist=default_checklist(), by=officer)


def address(name: str, *args: Any) -> str:
    return reverse(f"partners:{name}", args=args)


def typed(criterion: Criterion, **changes: Any) -> dict[str, Any]:
    """Return what the criterion's page sends, changed."""
    shown = {name: "" if value is None else value for name, value in initial_of(criterion).items()}
    return {**shown, **changes}


def weights(draft: ChecklistVersion, **changes: Any) -> dict[str, Any]:
    """Return what the draft's page sends; ``C1=7`` changes a weight."""
    sent: dict[str, Any] = {}
    for one in draft.rows():
        sent |= {f"weight_{one.pk}": changes.get(one.code, one.weight), f"edition_{one.pk}": one.edition}
    return sent


def test_version_is_started_changed_looked_over_and_published_on_pages(officer: User) -> None:
    checklist, clara = default_checklist(), UserFactory(roles=["administrator"], name="Clara Novak")
    default_questionnaire()
    hers, his = signed_in(officer), signed_in(clara)
    started = hers.post(address("checklist_copy", checklist.pk))
    draft = ChecklistVersion.objects.drafts().get()
    assert started.url == draft.get_draft_url()
    c1 = draft.criteria.get(code="C1")
    page = address("criterion", draft.pk, c1.pk)
    assert hers.get(page).status_code == 200
    assert hers.post(page, typed(c1, title="Legal form")).url == draft.get_draft_url()
    assert "You changed this draft last." in hers.get(draft.get_draft_url()).text
    looked = his.get(address("checklist_publish", draft.pk)).text
    assert "Legal <del>registration and charitable status</del>" in looked
    assert "Legal <ins>form</ins>" in looked
    assert hers.post(address("checklist_publish", draft.pk)).status_code == 409
    assert his.post(address("checklist_publish", draft.pk)).url == draft.get_absolute_url()
    assert ChecklistVersion.objects.current() == draft
    assert hers.get(page).status_code == 409
    assert hers.get(draft.get_draft_url()).status_code == 409
    assert "version 2, published" in hers.get(address("checklist")).text.replace("<b>", "")


def test_weights_are_changed_together_and_their_sum_is_said(officer: User, draft: ChecklistVersion) -> None:
    client, page = signed_in(officer), draft.get_draft_url()
    assert "100 of 100: exactly 100" in client.get(page).text
    assert client.post(page, weights(draft, C1=5)).url == f"{page}#sum"
    shown = client.get(page).text
    assert "99 of 100: 1 missing" in shown
    assert "The weights do not add up to 100." in shown
    refused = client.post(page, weights(draft, C1="six", C2=0, C3=40))
    assert refused.status_code == 422
    assert 'value="six"' in refused.text
    assert "Give a whole number, for example 8." in refused.text
    refused = client.post(page, weights(draft, C2=0, C3=40))
    assert "A scored criterion has a weight from 1 to 100." in refused.text
    assert "123 of 100: 23 too many" in refused.text
    assert draft.criteria.get(code="C3").weight == 8


def test_sum_follows_the_typing(officer: User, draft: ChecklistVersion) -> None:
    client, page = signed_in(officer), address("checklist_sum", draft.pk)
    assert "104 of 100: 4 too many" in client.get(page, weights(draft, C1=10)).text
    assert "94 of 100: 6 missing" in client.get(page, weights(draft, C1="ten")).text
    c1 = draft.criteria.get(code="C1")
    assert "101 of 100: 1 too many" in client.get(page, {"weight": "7", "except": c1.pk}).text
    assert "105 of 100" in client.get(page, {"weight": "5", "except": "0"}).text
    assert "94 of 100" in client.get(page, {"weight": "9" * 30, "except": c1.pk}).text


def test_order_and_taking_out_without_scripts(officer: User, draft: ChecklistVersion) -> None:
    client, page = signed_in(officer), draft.get_draft_url()
    c3, c10 = draft.criteria.get(code="C3"), draft.criteria.get(code="C10")
    client.post(page, {**weights(draft, C1=7), "do": f"up:{c3.pk}"})
    assert [one.code for one in draft.rows()][:3] == ["C1", "C3", "C2"]
    assert draft.criteria.get(code="C1").weight == 7
    client.post(page, {**weights(draft), "do": f"remove:{c10.pk}"})
    shown = client.get(page).text
    assert "Taken out" in shown
    assert "C10 is out of this draft." in shown
    gone = client.post(address("criterion", draft.pk, c10.pk), typed(c10, title="Other"))
    assert gone.status_code == 409
    assert "This criterion is not in the draft any more." in gone.text
    assert (
        "took this criterion out already"
        in client.post(page, {**weights(draft), "do": f"down:{c10.pk}"}, follow=True).text
    )
    client.post(address("criterion_put_back", draft.pk), {"lineage": "C10"})
    assert draft.rows()[-1].code == "C10"
    assert (
        "no such criterion"
        in client.post(address("criterion_put_back", draft.pk), {"lineage": "C99"}, follow=True).text
    )


def test_criterion_is_added_with_a_condition(officer: User, draft: ChecklistVersion) -> None:
    client, page = signed_in(officer), address("criterion_add", draft.pk)
    sent = {
        "code": "c17", "title": "Pictures", "kind": "scored", "weight": "5", "evidence": "policy",
        "evidence_minimum": "1", "validity_rule": "from_issue", "validity_months": "12",
        "applies_when_question": "stories", "gate_minimum": "2",
        "gate_when_question": "amount", "gate_when_above": "20,000", "gate_when_words": "much is asked for",
    }  # fmt: skip
    drawn = client.post(page, {**sent, "show": "1"})
    assert drawn.status_code == 200
    assert "Yes, also pictures" in drawn.text
    assert 'value="20,000"' in drawn.text
    assert "If the answer is above, in USD" in drawn.text
    assert not draft.criteria.filter(code="C17").exists()
    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "Choose at least one answer." in refused.text
    assert "Say in words when it holds." in refused.text
    whole = {**sent, "applies_when_answers": ["pictures"], "applies_when_words": "pictures are used"}
    assert "Choose answers of this question." in client.post(page, {**whole, "applies_when_answers": ["x"]}).text
    for above in ("", "much", "-3", "9" * 30):
        assert "Give an amount in USD" in client.post(page, {**whole, "gate_when_above": above}).text
    assert client.post(page, whole).status_code == 302
    made = draft.criteria.get(code="C17")
    assert made.applies_when == {"question": "stories", "answers": ["pictures"], "words": "pictures are used"}
    assert made.gate_when["above"] == 2_000_000
    people = {**typed(made), "gate_when_question": "people", "gate_when_words": "many are served"}
    assert (
        "Give a whole number"
        in client.post(address("criterion", draft.pk, made.pk), {**people, "gate_when_above": "x"}).text
    )
    client.post(address("criterion", draft.pk, made.pk), {**people, "gate_when_above": "80"})
    assert draft.criteria.get(code="C17").gate_when == {
        "question": "people", "above": 80, "currency": "", "words": "many are served",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"gate_minimum": "5"}, "The scale ends at 4: give 1 to 4, or leave it empty for no gate."),
        ({"gate_minimum": "-1"}, "The scale ends at 4"),
        ({"gate_minimum": "two"}, "Give a whole number, for example 8."),
        ({"weight": "99999"}, "This number is too large."),
        ({"code": "C2"}, "C2 is the code of “Governance” already. Choose another."),
        ({"code": ""}, "Give it a code, for example C17."),
        ({"code": "<b>x</b>"}, "A code starts with a letter"),
        ({"code": "C6"}, "C6 is the code of “Sanctions and anti-terrorism” already."),
        ({"kind": "record", "weight": "0"}, "Our records decide only C6"),
        ({"evidence": "x" * 10_000}, "At most 2,000 characters. This has 10,000."),
        ({"anchor_2": "x" * 10_000}, "At most 1,000 characters. This has 10,000."),
        ({"title": "x" * 10_000}, "At most 200 characters. This has 10000."),
        ({"gate_extra": "x" * 10_000}, "At most 300 characters. This has 10000."),
        ({"validity_months": "0"}, "Give 1 to 120 months, or leave it empty."),
        ({"gate_raised_to": "3"}, "Say when the gate is raised."),
    ],
)
def test_bad_input_stands_next_to_its_field(
    officer: User, draft: ChecklistVersion, changes: dict[str, str], expected: str
) -> None:
    c1 = draft.criteria.get(code="C1")
    answer = signed_in(officer).post(address("criterion", draft.pk, c1.pk), typed(c1, **changes))
    assert answer.status_code == 422
    form = answer.context["form"]
    (name,) = [field for field in form.errors if any(expected in text for text in form.errors[field])]
    assert name in {*changes, "code", "kind", "gate_raised_when_question"}
    assert expected in answer.text
    assert draft.criteria.get(code="C1").edition == 1


def test_missing_anchor_is_kept_and_said_at_its_field(officer: User, draft: ChecklistVersion) -> None:
    client, c3 = signed_in(officer), draft.criteria.get(code="C3")
    page = address("criterion", draft.pk, c3.pk)
    assert client.post(page, typed(c3, anchor_2=" ")).status_code == 302
    assert draft.criteria.get(code="C3").anchors[2] == ""
    assert "Before it can be published: Write “What 2 looks like”." in client.get(page).text
    assert f'href="{page}#id_anchor_2"' in client.get(draft.get_draft_url()).text


def test_page_that_is_behind_says_so_and_keeps_what_was_typed(officer: User, draft: ChecklistVersion) -> None:
    clara = UserFactory(roles=["administrator"], name="Clara Novak")
    c1 = draft.criteria.get(code="C1")
    mine = typed(c1, title="My title", evidence="my evidence")
    change_criterion(criterion=c1, by=clara, title="Her title", weight=7)
    client, page = signed_in(officer), address("criterion", draft.pk, c1.pk)
    behind = client.post(page, mine)
    assert behind.status_code == 422
    assert "Clara Novak saved C1" in behind.text
    assert "Nothing of yours is saved yet." in behind.text
    assert 'value="My title"' in behind.text
    assert "Saved now: “Her title”" in behind.text
    assert "Saved now: “7”" in behind.text
    assert draft.criteria.get(code="C1").title == "Her title"
    form = behind.context["form"]
    client.post(page, {**mine, "edition": form["edition"].value()})
    assert draft.criteria.get(code="C1").title == "My title"
    old = weights(draft, C1=9) | {f"edition_{c1.pk}": 1}
    assert "after you opened this page" in client.post(draft.get_draft_url(), old).text


def test_texts_are_shown_as_typed(officer: User, draft: ChecklistVersion) -> None:
    client, c2 = signed_in(officer), draft.criteria.get(code="C2")
    nasty = "<script>alert(1)</script>"
    client.post(address("criterion", draft.pk, c2.pk), typed(c2, title=nasty, anchor_0=nasty, evidence=nasty))
    pages = [draft.get_draft_url(), draft.get_absolute_url(), address("criterion", draft.pk, c2.pk)]
    for page in [*pages, address("checklist_publish", draft.pk), address("checklist_compare")]:
        text = client.get(page).text
        assert "&lt;script&gt;alert(1)" in text
        assert nasty not in text


def test_draft_is_thrown_away_after_a_page_of_its_own(officer: User, draft: ChecklistVersion) -> None:
    client, c2 = signed_in(officer), draft.criteria.get(code="C2")
    change_criterion(criterion=c2, title="Other", by=officer)
    assert "C2 Other: changed" in client.get(address("checklist_discard", draft.pk)).text
    assert client.post(address("checklist_discard", draft.pk)).url == address("checklist")
    assert not ChecklistVersion.objects.drafts().exists()


def test_call_is_moved_on_its_own_page(officer: User) -> None:
    submission = SubmissionFactory()
    programme, client = submission.programme, signed_in(officer)
    page = address("programme_checklist", programme.slug)
    assert "There is no other version" in client.get(page).text
    draft = start_checklist_version(checklist=programme.checklist, by=officer)
    assert "There is no other version" in client.get(page).text
    version = publish_checklist(checklist=draft, by=officer)
    assert "1 application" in client.get(page).text or "One application" in client.get(page).text
    assert client.post(page, {"checklist": "x"}).status_code == 422
    assert client.post(page, {"checklist": version.pk}).url == programme.get_absolute_url()
    assert Programme.objects.get(pk=programme.pk).checklist == version
    assert "version 2" in client.get(programme.get_absolute_url()).text


@pytest.mark.parametrize("role", ["director", "auditor", "reviewer", "finance_officer"])
def test_others_change_nothing(officer: User, draft: ChecklistVersion, role: str) -> None:
    client = signed_in(UserFactory(roles=[role]))
    refused = 403 if role in {"director", "auditor"} else 404
    c1 = draft.criteria.get(code="C1")
    for page in (
        draft.get_draft_url(),
        address("criterion", draft.pk, c1.pk),
        *(address(f"checklist_{name}", draft.pk) for name in ("publish", "discard", "sum")),
        address("criterion_add", draft.pk),
    ):
        assert client.get(page).status_code == refused
        assert client.post(page).status_code in {refused, 405}
    assert client.get(address("programme_checklist", ProgrammeFactory().slug)).status_code == 403


def test_draft_page_asks_the_database_the_same_whatever_its_length(
    officer: User, draft: ChecklistVersion, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(officer)
    client.get(draft.get_draft_url())
    with django_assert_max_num_queries(20) as long:
        client.get(draft.get_draft_url())
    for one in draft.rows()[1:4]:
        one.delete()
    with django_assert_max_num_queries(20) as short:
        client.get(draft.get_draft_url())
    assert len(long) == len(short)
