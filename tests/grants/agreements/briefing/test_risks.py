"""The key risks of a grant: each sentence follows from its record, and goes with it."""

import pickle
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from grants.agreements.brief import FundSums
from grants.agreements.briefing import read_for_brief
from grants.agreements.briefing.content import brief_content
from grants.agreements.briefing.risks import MOST, all_risks
from grants.agreements.models import Grant
from reviews.screening.actions import clear_hit
from reviews.screening.models import ListSource, SanctionsList
from tests.factories import grants, reviews
from tests.support.databases import restore_template


def read(grant: Grant) -> Any:
    return read_for_brief(grants.fresh(grant))


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> bytes:
    """What was read of one grant, kept without its database."""
    with django_db_blocker.unblock():
        kept = pickle.dumps(read(grants.grant_in("awaiting_signature")))
        restore_template()
    return kept


@pytest.fixture
def found(once: bytes) -> Any:
    """What was read of one grant, to be changed by a test."""
    return pickle.loads(once)  # noqa: S301 our own


def texts(found: Any) -> str:
    return "\n".join(f"{risk['text']} {risk['hint']}" for risk in all_risks(found))


def recommend(found: Any, **changes: Any) -> Any:
    """Change the recommendation that was read."""
    made = found.recommendation
    for name, value in changes.items():
        setattr(made, name, value)
    return found


def test_every_sentence_names_its_source_and_the_heaviest_comes_first(found):
    risks = all_risks(found)
    assert risks
    assert all(risk["source"] and risk["url"].startswith("/") and risk["text"].endswith(".") for risk in risks)
    assert [risk["weight"] for risk in risks] == sorted((risk["weight"] for risk in risks), reverse=True)


def test_at_most_seven_are_shown_and_the_rest_is_counted(found):
    found.versions[0].content["sections"] = [
        {"answers": [{"key": key, "value": value} for key, value in BAD_ANSWERS.items()]}
    ]
    recommend(found, disagreements=[disagreement(code) for code in ("C2", "C4", "C9")])
    content = brief_content(found)
    assert len(content["risks"]) == MOST
    assert content["risks_left_out"] == len(all_risks(found)) - MOST > 0


BAD_ANSWERS = {
    "related": "yes",
    "related_who": "A cousin of the treasurer.",
    "accounts": "none",
    "two_signatures": "no",
    "budget_decision": "abroad",
    "reserves": "1",
}


def disagreement(code: str, scores: tuple[int, ...] = (4, 2)) -> dict[str, Any]:
    spread = max(scores) - min(scores)
    return {
        "code": code,
        "title": "Governance",
        "scores": list(scores),
        "spread": spread,
        "resolution": "Two are married.",
    }


def test_gates_at_the_line_come_from_the_recommendation(found):
    assert "C7: 3" in texts(found)
    gates = [{**gate, "text": gate["text"].replace("needs 3", "needs 2")} for gate in found.recommendation.gates]
    assert "C7: 3" not in texts(recommend(found, gates=gates))


def test_one_gate_at_the_line_is_named_in_the_sentence(found):
    gates = [gate for gate in found.recommendation.gates if gate["code"] == "C7"]
    assert "One minimum requirement is only just met" in texts(recommend(found, gates=gates))


def test_failed_gate_and_override_are_named_first(found):
    gates = [
        {"code": "C4", "title": "Financial controls", "state": "fail", "text": "lowest 1, needs 2", "counts": True}
    ]
    risks = all_risks(recommend(found, gates=gates, is_override=True, reason="The controls are being built."))
    assert [risk["word"] for risk in risks[:2]] == ["Override", "Failed"]
    assert "The controls are being built." in risks[0]["hint"]


def test_moderated_disagreement_is_told_with_its_resolution(found):
    assert "differed" not in texts(found)
    assert "Governance (C2: 4, 2). Moderated: Two are married." in texts(
        recommend(found, disagreements=[disagreement("C2")])
    )


def test_wider_disagreement_weighs_more(found):
    found = recommend(found, disagreements=[disagreement("C2"), disagreement("C4", (4, 0))])
    told = [risk["text"] for risk in all_risks(found) if risk["word"] == "Disagreed"]
    assert ["C4" in text for text in told] == [True, False]


def test_score_close_to_the_line_and_totals_far_apart(found):
    figures = {"reviews": [{"review": 1, "composite": "70.50"}, {"review": 2, "composite": "57.25"}], "criteria": []}
    found = recommend(found, composite_text="63.88", figures=figures)
    assert "The score is 63.88; below 60" in texts(found)
    assert "13.25 points apart" in texts(found)
    assert "below 60" not in texts(recommend(found, composite_text="65.00"))


def test_low_score_that_no_gate_holds(found):
    row = {"code": "C3", "title": "Locally led", "weight": 8, "scores": [4, 1]}
    found = recommend(found, figures={"reviews": [], "criteria": [row]})
    assert "A reviewer gave 1 of 4 for Locally led (C3)" in texts(found)
    gated = {**row, "code": "C2"}
    assert "of 4 for" not in texts(recommend(found, figures={"reviews": [], "criteria": [gated]}))


def test_condition_that_the_agreement_lost(found):
    assert "word for word" not in texts(found)
    assert "“Train the board.”" in texts(recommend(found, conditions=["Train the board."]))


def test_open_conditions_are_counted_from_their_records(found):
    assert "One condition is still to be met" in texts(found)
    (one,) = found.conditions
    assert "Two conditions are still to be met" in texts(replace(found, conditions=[one, one]))
    assert "still to be met" not in texts(replace(found, conditions=[]))


@pytest.mark.parametrize(
    ("sums", "says"),
    [
        ([(5_000_000, 0, 1_500_000)], ""),
        ([(1_600_000, 0, 1_500_000)], "USD 1,000.00 stays free of USD 16,000.00"),
        ([(1_600_000, 200_000, 1_500_000)], "does not cover the match"),
        ([(5_000_000, 0, 1_000_000), (600_000, 200_000, 500_000)], "does not cover its part of the match"),
    ],
)
def test_match_fund_that_runs_short(found, sums, says):
    told = texts(replace(found, sums=[FundSums(found.grant.fund, one[2], *one) for one in sums]))
    assert says in told if says else "match fund" not in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "is_fresh"), [(timedelta(days=29), True), (timedelta(days=31), False), (timedelta(days=400), False)]
)
def test_stale_screening_is_told(day, is_fresh, time_machine):
    grant = grants.grant_in("awaiting_signature")
    time_machine.move_to(timezone.now() + day)
    words = {risk["word"] for risk in all_risks(read(grant))}
    assert ("Screening" in words) == (not is_fresh)


@pytest.mark.django_db
def test_renewed_list_makes_the_screening_stale(waiting):
    SanctionsList.objects.create(
        source=ListSource.UN, published_on=timezone.localdate(), sha256="a" * 64, entry_count=1, name_count=1,
        is_current=True, imported_at=timezone.now(), imported_by=reviews.commands(),
    )  # fmt: skip
    assert "A list was renewed after the screening." in texts(read(waiting))


@pytest.mark.django_db
def test_cleared_candidate_is_told_with_who_and_why(waiting):
    hit = reviews.hit_of(waiting.submission.organisation)
    assert "was close to a listed name" not in texts(read(waiting))
    by = reviews.officer()
    reviews.decide(hit, clear_hit, by)
    told = texts(read(waiting))
    assert f"{reviews.NEAR_NAME} was close to a listed name (C6)." in told
    assert f"by {by}: {reviews.REASON}" in told


@pytest.mark.parametrize(("key", "value"), [item for item in BAD_ANSWERS.items() if item[0] != "related_who"])
def test_partners_own_answers_speak_against_it(found, key, value):
    answers = [{"answers": [{"key": key, "value": value}]}]
    found.versions[0].content["sections"] = []
    assert "They say" not in {risk["word"] for risk in all_risks(found)}
    found = replace(found)
    found.versions[0].content["sections"] = answers
    assert "They say" in {risk["word"] for risk in all_risks(found)}


def test_papers_that_run_out_are_listed_and_the_registration_weighs_more(found):
    in_a_year = found.grant.term_ends_on
    for link in found.links:
        for document in link.paper.documents.all():
            document.expires_on = in_a_year + timedelta(days=900)
            document.issued_on = found.today
    found.grant.term_ends_on = found.today + timedelta(days=1)
    assert "Expires" not in {risk["word"] for risk in all_risks(found)}
    found.grant.term_ends_on = in_a_year
    for link in found.links:
        if link.criterion.code == "C1":
            for document in link.paper.documents.all():
                document.expires_on = found.today + timedelta(days=90)
    told = {risk["text"]: risk["weight"] for risk in all_risks(found) if risk["word"] == "Expires"}
    assert any("The registration is proved until" in text and weight == 57 for text, weight in told.items())


def test_registration_that_is_not_proved_today(found):
    assert "not proved" not in texts(found)
    assert "The registration is not proved today. (C1)" in texts(replace(found, links=[]))


def test_papers_that_have_run_out(found):
    link = next(link for link in found.links if link.criterion.code == "C2")
    for document in link.paper.documents.all():
        document.expires_on = found.today - timedelta(days=1)
    assert "One document has expired." in texts(found)


def test_goal_that_is_large_beside_the_partners_year(found):
    partner = found.grant.submission.organisation
    partner.yearly_income_minor = 6_000_000
    assert "of what the partner takes in a year" not in texts(found)
    partner.yearly_income_minor = 4_000_000
    assert "The goal is 75% of what the partner takes in a year (USD 40,000.00)." in texts(found)
    partner.income_currency = "THB"
    assert "of what the partner takes in a year" not in texts(found)


@pytest.mark.parametrize(
    ("country", "region", "says"),
    [
        ("TH", "", ""),
        ("CU", "", "in force in Cuba; the work rests on a licence"),
        ("UA", "crimea", "in force in Crimea"),
        ("UA", "", ""),
        ("SY", "", "on Syria ended on 30 June 2025"),
    ],
)
def test_country_note(found, country, region, says):
    found = replace(found, today=date(2026, 11, 25))
    partner = found.grant.submission.organisation
    partner.country, partner.region = country, region
    told = [risk["text"] for risk in all_risks(found) if risk["word"] == "Country"]
    assert (says in told[0]) if says else told == []


def test_old_embargo_is_forgotten_after_five_years(found):
    found = replace(found, today=date(2030, 7, 1))
    found.grant.submission.organisation.country = "SY"
    assert "Syria" not in texts(found)


def test_agreement_without_an_account(found):
    assert "names no account" in texts(found)
    found.grant.bank_last4 = "1234"
    assert "names no account" not in texts(found)


def test_no_recommendation_is_the_heaviest(found):
    found = replace(found, recommendations={})
    assert all_risks(found)[0]["text"] == "No recommendation stands."
    assert (brief_content(found)["score"], brief_content(found)["gates"]) == (None, [])
