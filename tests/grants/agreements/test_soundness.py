"""Terms that do not add up: every reason at once, in the page, in the action, each with its place."""

from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.models import Grant, Terms
from grants.agreements.soundness import terms_blockers, terms_problems
from tests.factories import grants, wordings
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.models import Funder
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def day(days: int) -> str:
    """Return a day from today, as a plan keeps it."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def at(days: int) -> datetime:
    """Return an instant from now."""
    return timezone.now() + timedelta(days=days)


def on(days: int) -> Any:
    """Return a day from today."""
    return timezone.localdate() + timedelta(days=days)


def tranche(share_bp: int = 10_000, condition: str = "In force", due: str = "") -> dict[str, Any]:
    """Return a payment; without a day one that is right."""
    return {"share_bp": share_bp, "condition": condition, "due_on": due or day(100)}


def report(title: str = "Final report", due: str = "") -> dict[str, Any]:
    """Return a report; without a day one that is right."""
    return {"title": title, "due_on": due or day(350)}


def line(name: str = "All", amount_minor: int = 3_000_000) -> dict[str, Any]:
    """Return a budget line."""
    return {"line": name, "amount_minor": amount_minor}


NO_SUM = "The budget (Schedule B) does not add up to the granting goal."
NOT_WHOLE = "The payments (Schedule D) do not come to 100%."
# What is changed in terms that add up, and every sentence that it brings.
TABLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a cap above what the fund has free": (
        {"cap_minor": 1_500_000, "fund_free": 1_499_999},
        ["The match cap is more than the match fund has free."],
    ),
    "a cap above the goal": (
        {"cap_minor": 3_000_001},
        ["The match cap is more than the granting goal."],
    ),
    "card fees that the fund does not cover": (
        {"fee_top_up_minor": 48_000, "fund_free": 1_547_999},
        ["The match fund does not cover what is added for card fees."],
    ),
    "card fees above the gifts": (
        {"fee_top_up_minor": 1_500_001},
        ["What is added for card fees is more than the gifts hoped for."],
    ),
    "gifts that do not earn the match": ({"ratio_q": 2}, ["The gifts hoped for do not earn the whole match."]),
    "a ratio of 0": ({"ratio_p": 0}, ["A number of the match ratio is 0."]),
    "a ratio to 0": ({"ratio_q": 0}, ["A number of the match ratio is 0."]),
    "caps out of order": (
        {"donor_cap_minor": 2_000_000, "gift_cap_minor": 2_500_000},
        [
            "The cap a donor is more than the match cap.",
            "The cap a gift is more than the match cap.",
            "The cap a gift is more than the cap a donor.",
        ],
    ),
    "no budget": ({"budget": []}, ["There is no budget line (Schedule B)."]),
    "a budget one cent short": ({"budget": [line(amount_minor=2_999_999)]}, [NO_SUM]),
    "a budget one cent over": ({"budget": [line(amount_minor=3_000_001)]}, [NO_SUM]),
    "a budget line below zero": (
        {"budget": [line(amount_minor=3_000_100), line("Less", -100)]},
        ["A budget line has no amount (Schedule B)."],
    ),
    "budget lines without name and amount": (
        {"budget": [line(), line(" ", 0)]},
        ["A budget line has no name (Schedule B).", "A budget line has no amount (Schedule B)."],
    ),
    "payments over 100%": ({"tranches": [tranche(6_000), tranche(6_000)]}, [NOT_WHOLE]),
    "payments under 100%": ({"tranches": [tranche(9_999)]}, [NOT_WHOLE]),
    "no payment": ({"tranches": []}, ["There is no payment (Schedule D)."]),
    "a payment of nothing": (
        {"tranches": [tranche(), tranche(0)]},
        ["A payment has no share (Schedule D)."],
    ),
    "a condition without a date": (
        {"tranches": [tranche(5_000), {"share_bp": 5_000, "condition": "Report accepted", "due_on": ""}]},
        ["A payment has no date (Schedule D)."],
    ),
    "a date that is none": (
        {"tranches": [tranche(due="2027-02-30")]},
        ["A payment has no date (Schedule D)."],
    ),
    "a date without a condition": (
        {"tranches": [tranche(condition="  ")]},
        ["A payment has no condition (Schedule D)."],
    ),
    "payments out of order": (
        {"tranches": [tranche(5_000, due=day(200)), tranche(5_000, due=day(150))]},
        ["The dates of the payments are not in order."],
    ),
    "a payment before the term": (
        {"tranches": [tranche(due=day(-1))]},
        ["The payments begin before the term."],
    ),
    "a payment before the window": (
        {"tranches": [tranche(due=day(0))]},
        ["A payment is dated before the match window opens."],
    ),
    "a payment long after the term": (
        {"tranches": [tranche(due=day(740))]},
        ["The payments go on for more than a year after the term."],
    ),
    "no report": ({"reports": []}, ["There is no report (Schedule E)."]),
    "a report without title and date": (
        {"reports": [report(), {"title": "", "due_on": None}]},
        ["A report has no title (Schedule E).", "A report has no date (Schedule E)."],
    ),
    "reports out of order": (
        {"reports": [report(due=day(300)), report(due=day(60))]},
        ["The dates of the reports are not in order."],
    ),
    "a report before the term": (
        {"reports": [report(due=day(-2)), report()]},
        ["The reports begin before the term."],
    ),
    "a report that is due already": (
        {"term_starts_on": on(-20), "reports": [report(due=day(-2)), report()]},
        ["A report is due before the agreement is signed."],
    ),
    "a report long after the term": (
        {"reports": [report(), report(due=day(740))]},
        ["The reports go on for more than a year after the term."],
    ),
    "years without a report": (
        {"term_ends_on": on(800)},
        ["More than a year passes without a report."],
    ),
    "a window before the term": (
        {"term_starts_on": on(2), "tranches": [tranche()]},
        ["The match window starts before the term."],
    ),
    "a window after the term": (
        {"term_ends_on": on(89)},
        ["The match window ends after the term."],
    ),
    "a window that is over": (
        {"window_starts_at": at(-20), "window_ends_at": at(-10), "term_starts_on": on(-30)},
        ["The match window is over already."],
    ),
    "a window the wrong way round": (
        {"window_starts_at": at(20), "window_ends_at": at(10)},
        ["The match window ends before it starts."],
    ),
    "a term the wrong way round": (
        {"term_starts_on": on(1), "term_ends_on": on(0)},
        ["The term ends before it starts.", "The match window ends after the term."],
    ),
    "a term that is over": (
        {
            "term_starts_on": on(-60), "term_ends_on": on(-1), "window_starts_at": at(-50), "window_ends_at": at(-40),
            "tranches": [tranche(due=day(-30))], "reports": [report(due=day(5))],
        },
        ["The term is over already.", "The match window is over already."],
    ),
    "a time zone that is none": ({"time_zone": "Mars/Olympus"}, ["The time zone of the window is not known."]),
    "nobody to sign": (
        {"signatory_name": " ", "signatory_title": ""},
        ["Who signs for the partner is missing.", "The title of who signs for the partner is missing."],
    ),
    "no words": ({"title": " ", "purpose": ""}, ["The title is missing.", "The purpose is missing."]),
    "an account by half": ({"bank_last4": "0000"}, ["The bank account is named by half (Schedule G)."]),
    "an indicator without text": (
        {"indicators": [{"text": "", "target": "76"}]},
        ["An indicator has no text (Schedule A)."],
    ),
    "no registration": (
        {"registration_number": "", "country": " "},
        [
            "The partner’s registration number is missing.", "The partner’s country is missing.",
            "We cannot read the country where you are registered.", "A name was added or changed after the screening.",
        ],
    ),
    "a condition without text and day": (
        {"conditions": [grants.condition(" ", of=1, due_on="")]},
        ["Condition 1 has no text (Schedule F).", "Condition 1 has no day (Schedule F)."],
    ),
    "a condition that is due already": (
        {"conditions": [grants.condition("Accounts.", of=1, due_on="2020-01-01")]},
        ["Condition 1 is due before the agreement is signed."],
    ),
    "a condition for a payment that is not there": (
        {"conditions": [grants.condition("Accounts.", of=4, due_on=day(30))]},
        ["Condition 1 is to stop payment 4, which is not on its schedule."],
    ),
    "a condition for a report that is not there": (
        {"conditions": [grants.condition("Accounts.", "report", 3, due_on=day(30))]},
        ["Condition 1 is to stop report 3, which is not on its schedule."],
    ),
    "a funder by half": (
        {"funder_tax_number": "", "funder_address": " "},
        ["The funder’s tax number is missing.", "The funder’s address is missing."],
    ),
}  # fmt: skip
PLANNED = ("budget", "tranches", "reports", "indicators", "conditions")


def spoilt(grant: Grant, changes: dict[str, Any]) -> Grant:
    """Return a copy of the draft, as the database has it, with the changes in memory."""
    fresh = grants.fresh(grant)
    fresh.plan = {**deepcopy(fresh.plan), "conditions": []}
    for name, value in changes.items():
        if name in PLANNED:
            fresh.plan[name] = value
        elif name == "fund_free":
            fresh.fund.free_now = partial(int, value)
        elif name in {"registration_number", "country"}:
            setattr(fresh.submission.organisation, name, value)
        elif not name.startswith("funder_"):
            setattr(fresh, name, value)
    return fresh


def test_every_reason_is_told_at_once(monkeypatch, draft):
    funder = Funder.objects.current()
    assert grants.fresh(draft).freeze_blockers() == []
    came, unplaced = {}, []
    for name, (changes, _) in TABLE.items():
        told = deepcopy(funder)
        for field, value in changes.items():
            if field.startswith("funder_"):
                setattr(told, field.removeprefix("funder_"), value)
        monkeypatch.setattr(type(Funder.objects), "current", lambda _manager, told=told: told)
        came[name] = [str(reason) for reason in spoilt(draft, changes).freeze_blockers()]
        reasons = terms_blockers(spoilt(draft, changes), told)
        unplaced += [str(reason) for reason in reasons if not (reason.hint and reason.url)]
    assert came == {name: sentences for name, (_, sentences) in TABLE.items()}
    assert unplaced == []
    # Terms of a draft in force that change: what is reserved is not asked of the fund again, and reports were due.
    monkeypatch.undo()
    running = spoilt(draft, {"fund_free": 0, "term_starts_on": on(-20), "reports": [report(due=day(-2)), report()]})
    assert list(terms_problems(running, held_minor=running.cap_minor, is_new=False)) == []
    assert len(list(terms_problems(running))) == 2


def test_the_action_and_the_page_tell_the_same_reasons(draft):
    officer = grants.officer_of(draft)
    plan = {
        **draft.plan,
        "budget": [line(amount_minor=1)],
        "tranches": [tranche(12_000, condition=""), {"share_bp": 0, "condition": "Later", "due_on": ""}],
    }
    actions.change_grant(grant=draft, fields={"plan": plan}, by=officer)
    expected = [
        NO_SUM,
        NOT_WHOLE,
        "A payment has no share (Schedule D).",
        "A payment has no condition (Schedule D).",
        "A payment has no date (Schedule D).",
    ]
    with pytest.raises(Refused) as refusal:
        actions.freeze_terms(grant=draft, by=officer)
    assert [str(reason) for reason in refusal.value.blockers] == expected
    assert not Terms.objects.exists()

    client = client_of(Scene({}, {"officer": officer}), "officer")
    page = client.get(f"/grants/{draft.number}/").content.decode()
    refused = client.post(f"/grants/{draft.number}/freeze/")
    assert refused.status_code == 409
    for sentence in expected:
        assert sentence in page
        assert sentence in refused.content.decode()
    assert f"/grants/{draft.number}/change/#id_tranches-1-due_on" in page


def test_a_draft_with_gaps_is_kept_and_a_wrong_amount_stands_at_its_row(draft):
    client = client_of(Scene({}, {"officer": grants.officer_of(draft)}), "officer")
    address = f"/grants/{draft.number}/change/"
    typed = _typed(client, address)
    kept = client.post(address, {**typed, "tranches-0-due_on": "", "reports-0-due_on": "", "reports-1-title": ""})
    assert kept.status_code == 302
    assert client.get(f"/grants/{draft.number}/").status_code == 200
    assert grants.fresh(draft).freeze_blockers() == [
        "A payment has no date (Schedule D).",
        "A report has no title (Schedule E).",
        "A report has no date (Schedule E).",
    ]
    wrong = client.post(address, {**typed, "budget-1-amount": "ten", "ratio_q": "0"})
    assert wrong.status_code == 422
    assert wrong.context["form"].rows["budget"][1].errors == {"amount": ["Give an amount in USD, for example 25.50."]}
    assert wrong.context["form"].errors == {"ratio_q": ["Give 1 or more: with 0 nothing is matched."]}


def _typed(client: Client, address: str) -> dict[str, Any]:
    """Return what the form shows, as a browser would send it back."""
    form = client.get(address).context["form"]
    typed: dict[str, Any] = {}
    for one in (form, *(row for rows in form.rows.values() for row in (rows.management_form, *rows))):
        for field in one:
            value = field.value()
            value = getattr(value, "pk", value)
            if value not in (None, False):
                typed[field.html_name] = str(value)
    return typed


@pytest.mark.parametrize("changes", [{"ratio_p": 0}, {"ratio_q": 0}, {"goal_minor": 0, "cap_minor": 0}])
def test_what_the_database_refuses_is_told_in_words(changes, draft):
    with pytest.raises(ValidationError) as refusal:
        actions.change_grant(grant=draft, fields=changes, by=grants.officer_of(draft))
    assert refusal.value.messages == [
        "Both numbers of the ratio are 1 or more: with 0 nothing is matched."
        if "goal_minor" not in changes
        else "The granting goal is more than zero."
    ]


def test_a_wording_that_the_terms_cannot_fill_is_refused_with_every_place(draft):
    """The donor's cap is named in a clause; this grant has none. The rest of the agreement is fine."""
    wordings.published(c_intro="For one donor {donor_cap} at most.", d_note="From {bank} {bank_last4}.")
    spoilt_too = spoilt(draft, {"budget": [line(amount_minor=1)], "purpose": " ", "bank_name": "Bank"})
    assert spoilt_too.freeze_blockers() == [
        NO_SUM,
        "The purpose is missing.",
        "The bank account is named by half (Schedule G).",
        "Schedule C, opening: There is no value for {donor_cap}.",
    ]
    with pytest.raises(Refused) as refusal:
        actions.freeze_terms(grant=draft, by=grants.officer_of(draft))
    assert [str(reason) for reason in refusal.value.blockers] == [
        "Schedule C, opening: There is no value for {donor_cap}.",
        "Schedule D, note: There is no value for {bank}.",
        "Schedule D, note: There is no value for {bank_last4}.",
    ]
    assert {reason.url for reason in refusal.value.blockers} == {f"/wordings/{wordings.current().name}/"}
    assert not Terms.objects.exists()
    whole = {"donor_cap_minor": 100_000, "bank_name": "Bank", "bank_last4": "0000"}
    actions.change_grant(grant=draft, fields=whole, by=grants.officer_of(draft))
    assert actions.freeze_terms(grant=draft, by=grants.officer_of(draft)).terms.content["wording"] != "2026-1"
