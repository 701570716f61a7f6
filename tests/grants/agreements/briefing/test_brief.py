"""The brief as page, PDF and kept record: who may open it, what it is made of, what changed since the last grant."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.briefing import brief_content, moved_since, read_for_brief
from grants.agreements.briefing.paper import MOST_PAGES, brief_html, brief_pdf
from grants.agreements.invariants import INVARIANTS
from grants.agreements.models import Brief, Grant
from grants.funds.actions import top_up
from tests.factories import grants, reviews
from tests.factories.portal import UserFactory
from vetting_portal.canonical import sha256_of
from vetting_portal.models import AuditEntry, Funder

pytestmark = pytest.mark.django_db
PAGES = ("brief", "brief_file")


def content_of(grant: Grant) -> dict[str, Any]:
    return brief_content(read_for_brief(grants.fresh(grant)))


def signed_in(client, user):
    client.force_login(user)
    return client


def officer():
    return UserFactory(roles=["programme_officer"], totp=True)


def statuses(client, user, grant: Grant) -> list[int]:
    signed_in(client, user)
    return [client.get(reverse(f"grants:{name}", args=[grant.number])).status_code for name in PAGES]


def pdf(content: dict[str, Any], *, example: bool = False) -> Any:
    return brief_pdf(content, funder="One Day’s Wages", example=example)


def text_of(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "brief.pdf"
    path.write_bytes(content)
    program = shutil.which("pdftotext")
    assert program
    made = subprocess.run([program, "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", made.stdout)


# --- who may open it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        ("reviewer", 404),
        ("programme_officer", 200),
        ("director", 302),
        ("finance_officer", 403),
        ("auditor", 200),
        ("administrator", 404),
    ],
)
def test_brief_opens_for_its_roles(client, role, answer, waiting):
    assert statuses(client, UserFactory(roles=[role], totp=True), waiting) == [answer, answer]


def test_director_reads_it_after_the_declaration_only(client, waiting):
    director = grants.directors_of(waiting)[0]
    signed_in(client, director)
    for name in PAGES:
        answer = client.get(reverse(f"grants:{name}", args=[waiting.number]))
        assert answer.url == reverse("grants:declare", args=[waiting.number])
    grants.declare(waiting, director)
    assert statuses(client, director, waiting) == [200, 200]


def test_who_has_an_interest_gets_no_content(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director, has_interest=True)
    both = UserFactory(roles=["programme_officer", "auditor"], totp=True)
    reviews.actions.declare_as_officer(submission=waiting.submission, has_interest=True, by=both)
    for user in (director, both):
        answer = signed_in(client, user).get(reverse("grants:brief", args=[waiting.number]))
        assert (answer.status_code, "73.50" in answer.content.decode()) == (403, False)
        assert client.get(reverse("grants:brief_file", args=[waiting.number])).status_code == 403


def test_partner_never_sees_it(client, approved):
    assert statuses(client, grants.owner_of(approved), approved) == [403, 403]


def test_only_a_director_who_may_sign_finds_the_way_to_sign(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    page = reverse("grants:brief", args=[waiting.number])
    begin = reverse("grants:sign_begin", args=[waiting.number])
    assert begin in signed_in(client, director).get(page).content.decode()
    officers = signed_in(client, officer()).get(page).content.decode()
    assert begin not in officers
    assert reverse("grants:fund", args=[waiting.fund_id]) not in officers  # funds are not the officer's to read


@pytest.mark.parametrize("role", ["director", "programme_officer", "auditor"])
def test_page_takes_few_queries(client, django_assert_max_num_queries, role, waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, second)
    reviews.hit_of(waiting.submission.organisation)
    user = first if role == "director" else UserFactory(roles=[role], totp=True)
    if role == "director":
        grants.declare(waiting, first)
    signed_in(client, user)
    for name in PAGES:
        client.get(reverse(f"grants:{name}", args=[waiting.number]))
        with django_assert_max_num_queries(20):
            client.get(reverse(f"grants:{name}", args=[waiting.number]))


# --- what it is made of ---------------------------------------------------------------------------


WORDS = (
    "Amounts",
    "Key risks",
    "73.50",
    "No override",
    "Open conditions",
    "Accounts are reviewed",
    "Sanctions screening",
    "Who did what",
    "First grant to this partner",
)


def test_page_shows_each_part_with_the_way_to_its_record(client, waiting):
    page = signed_in(client, officer()).get(reverse("grants:brief", args=[waiting.number]))
    told, content = page.content.decode(), page.context["brief"]
    for words in WORDS:
        assert words in told, words
    for url in (content["score"]["url"], content["screening"]["url"], *(risk["url"] for risk in content["risks"])):
        assert f'href="{url}"' in told, url
    assert all(gate["title"] in told for gate in content["gates"])


def test_money_follows_the_fund(waiting):
    before = content_of(waiting)["money"]
    assert before["fund"]["free_minor"] == before["fund"]["holds_minor"] - waiting.cap_minor
    top_up(fund=waiting.fund, amount_minor=70_000, key="more", by=grants.finance())
    assert content_of(waiting)["money"]["fund"]["free_minor"] == before["fund"]["free_minor"] + 70_000


def test_score_and_spread_follow_the_reviews(waiting):
    score = content_of(waiting)["score"]
    assert (score["composite"], score["low"], score["high"]) == ("73.50", "73.50", "73.50")
    names = {review.reviewer.name for review in waiting.submission.reviews.all()}
    assert {one["name"] for one in score["reviews"]} == names
    by = reviews.officer()
    other = reviews.assessed({}, {"C2": 4, "C9": 4}, by=by)
    reason = waiting.submission.recommendations.get().reason
    reviews.actions.recommend(submission=other, outcome="conditions", conditions=["One."], reason=reason, by=by)
    kept = other.recommendations.get().figures
    assert [one["composite"] for one in kept["reviews"]] == ["73.50", "78.50"]
    assert {"code": "C2", "title": "Governance", "weight": 8, "scores": [3, 4]} in kept["criteria"]


def test_screening_gate_is_the_one_of_today_the_others_as_recommended(time_machine, waiting):
    time_machine.move_to(timezone.now() + timedelta(days=40))
    content = content_of(waiting)
    states = {gate["code"]: gate["state"] for gate in content["gates"]}
    assert (states["C6"], states["C7"], content["screening"]["state"]) == ("pending", "pass", "pending")
    assert any("more than 30 days ago" in reason for reason in content["screening"]["reasons"])


def test_screening_names_its_lists_with_date_and_hash(waiting):
    used = waiting.submission.organisation.screenings.latest("pk").lists[0]
    shown = content_of(waiting)["screening"]["lists"][0]
    assert (shown["published_on"], shown["sha256"]) == (used["published_on"], used["sha256"])


def test_declarations_stand_by_role_with_who_stands_aside(waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first)
    grants.declare(waiting, second, has_interest=True)
    conflicts = content_of(waiting)["conflicts"]
    today = timezone.localdate().isoformat()
    steps = [(one["step"], one["declared"]) for one in conflicts["steps"]]
    assert steps == [("Reviewed", today), ("Reviewed", today), ("Recommended", today), ("Signed", today)]
    assert conflicts["aside"] == [{"name": second.name, "role": "Director", "on": today}]


def test_override_is_told_with_its_reason(client, waiting):
    made = waiting.submission.recommendations.get()
    made.is_override, made.reason = True, "The controls are being built with our help."
    made.save()
    content = content_of(waiting)
    assert (content["score"]["is_override"], content["risks"][0]["word"]) == (True, "Override")
    page = signed_in(client, officer()).get(reverse("grants:brief", args=[waiting.number]))
    assert f"Override by {made.recommended_by.name}." in page.content.decode()


def test_draft_has_a_brief_too(client, draft):
    assert statuses(client, officer(), draft) == [200, 200]
    content = content_of(draft)
    assert (content["version"], content["terms_sha256"], content["money"]["goal_minor"]) == (0, "", 3_000_000)


# --- the last grant -------------------------------------------------------------------------------


def again(first: Grant, scores: dict[str, int], **changes: Any) -> Grant:
    """Return a second grant to the same partner, frozen."""
    by = reviews.officer()
    submission = reviews.assessed(scores, scores, by=by, organisation=first.submission.organisation)
    reviews.actions.recommend(
        submission=submission, outcome="conditions", conditions=["Train the board."],
        reason="They did what they said they would, and tell plainly what did not work.", by=by,
    )  # fmt: skip
    fund = grants.fund_with(submission=submission)
    fields = grants.draft_fields(fund, **changes)
    grant = actions.draft_grant(submission=reviews.Submission.objects.get(pk=submission.pk), fields=fields, by=by)
    return grants.fresh(actions.freeze_terms(grant=grant, by=by))


def test_what_changed_since_the_last_grant(approved):
    person = approved.submission.organisation.people_now().first()
    person.until_on = timezone.localdate()
    person.save()
    reviews.PersonFactory(organisation=approved.submission.organisation, name="Naw Eh", role=person.role)
    plan = grants.draft_fields(approved.fund)["plan"] | {"budget": [{"line": "Workers", "amount_minor": 2_000_000}]}
    second = again(approved, {"C2": 2}, goal_minor=2_000_000, cap_minor=1_000_000, plan=plan)
    content = content_of(second)
    rows = {row["what"]: row for row in content["last"]["rows"]}
    assert content["last"]["number"] == approved.number
    assert rows["Amount"]["then"] == "USD 30,000.00, match at most USD 15,000.00"
    assert rows["Amount"]["now"] == "USD 20,000.00, match at most USD 10,000.00"
    assert rows["Score"]["then"].startswith("73.50, ")
    assert rows["Score"]["now"].startswith("71.50, ")
    assert (rows["Gates"]["then"], rows["Gates"]["now"]) == ("C2 lowest 3, needs 1", "C2 lowest 2, needs 1")
    assert "new: Naw Eh" in rows["People"]["now"]
    assert f"gone: {person.name}" in rows["People"]["now"]
    assert "more" in rows["Papers"]["now"]
    assert "It is the first grant to this partner." not in {risk["text"] for risk in content["risks"]}
    assert content_of(approved)["last"] is None  # a later grant is nobody's last


def test_grant_that_was_ended_weighs():
    first = grants.grant_in("terminated")
    told = {risk["text"]: risk["hint"] for risk in content_of(again(first, {}))["risks"]}
    assert told[f"Grant {first.number} to this partner was ended."] == grants.MISUSED


def test_grant_that_was_never_approved_is_no_last_grant():
    first = grants.grant_in("declined")
    assert content_of(again(first, {}))["last"] is None


# --- kept -----------------------------------------------------------------------------------------


def test_freezing_keeps_the_brief_with_its_hash_in_the_trail(waiting):
    kept = waiting.terms.brief
    assert kept.content == content_of(waiting)
    assert sha256_of(kept.content) == kept.sha256
    entry = AuditEntry.objects.get(event="briefed")
    assert (entry.subject_id, entry.facts["brief_sha256"]) == (str(kept.pk), kept.sha256)
    assert [sentence for invariant in INVARIANTS for sentence in invariant()] == []


def test_kept_brief_never_changes(waiting):
    kept = waiting.terms.brief
    for change in (lambda: Brief.objects.update(sha256="0" * 64), kept.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_terms_frozen_again_keep_a_brief_of_their_own(waiting):
    actions.send_back_grant(grant=waiting, reason="The window is short.", by=grants.officer_of(waiting))
    actions.freeze_terms(grant=grants.fresh(waiting), by=grants.officer_of(waiting))
    assert [brief.content["version"] for brief in Brief.objects.order_by("pk")] == [1, 2]


def test_page_says_what_moved_since_the_terms_were_frozen(client, waiting):
    page = reverse("grants:brief", args=[waiting.number])
    signed_in(client, officer())
    assert "Changed since the terms were finalised" not in client.get(page).content.decode()
    grants.sign(waiting, grants.directors_of(waiting)[0])
    assert client.get(page).context["moved"] == []
    top_up(fund=waiting.fund, amount_minor=70_000, key="more", by=grants.finance())
    reviews.hit_of(waiting.submission.organisation)
    answer = client.get(page)
    assert answer.context["moved"] == [
        "the amounts", "the key risks", "the minimum requirements", "the screening"
    ]  # fmt: skip
    assert "Changed since the terms were finalised" in answer.content.decode()
    assert moved_since(waiting.terms.brief.content, waiting.terms.brief.content) == []


def test_kept_brief_can_be_read_as_it_was(client, tmp_path, waiting):
    grant = waiting
    top_up(fund=grant.fund, amount_minor=70_000, key="more", by=grants.finance())
    address = reverse("grants:brief_file", args=[grant.number])
    signed_in(client, officer())
    now, kept = (client.get(address + tail).content for tail in ("", "?kept"))
    assert ("35,700.00" in text_of(now, tmp_path), "35,700.00" in text_of(kept, tmp_path)) == (True, False)
    draft = grants.grant_in("draft", funder=False)
    assert client.get(reverse("grants:brief_file", args=[draft.number]) + "?kept").status_code == 404


# --- the PDF --------------------------------------------------------------------------------------


def test_pdf_tells_the_same_on_one_page_with_its_hash(tmp_path, waiting):
    content = content_of(waiting)
    made = pdf(content)
    told = text_of(made.content, tmp_path)
    assert made.pages == 1
    wanted = [content["partner"]["name"], "73.50", "Free in the fund afterwards", sha256_of(content),
              content["screening"]["lists"][0]["sha256"][:16], *content["conditions"], "First grant."]  # fmt: skip
    wanted += [risk["text"] for risk in content["risks"]] + [gate["text"] for gate in content["gates"]]
    assert [words for words in wanted if words.split(" the ")[0][:24] not in told] == []
    carried = subprocess.run(
        ["pdfdetach", "-list", str(tmp_path / "brief.pdf")], capture_output=True, text=True, check=True
    )
    assert "brief.json" in carried.stdout


def test_pdf_has_the_same_bytes_and_its_fonts_inside(tmp_path, waiting):
    content = content_of(waiting)
    made = [pdf(content).content for _ in range(3)]
    assert made[0] == made[1] == made[2]
    path = tmp_path / "brief.pdf"
    path.write_bytes(made[0])
    program = shutil.which("pdffonts")
    assert program
    rows = subprocess.run([program, str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert rows
    assert all(row.split()[-5] == "yes" for row in rows)


LONG_TEXTS = {
    "words": "Aftercare for forty people " * 30,
    "Thai": "มูลนิธิเพื่อผู้หญิง " + "ช่วยเหลือผู้หญิงและเด็ก" * 40,
    "one word": "ก" * 700,
    "blanks": " " * 700,
    "a short word and a long one": "x " + "y" * 700,
}


@pytest.mark.parametrize("purpose", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_pdf_cuts_a_long_text_after_a_word_and_a_script_without_spaces_where_it_must(waiting, purpose):
    content = {**content_of(waiting), "purpose": purpose}
    html = brief_html(content, funder="F", example=False, density="roomy", longest=600)
    lead = purpose[:600].rstrip()
    kept = lead[: max(0, len(lead) - 40)]
    assert f"{kept}" in html
    assert purpose[:601] not in html


def test_pdf_carries_the_mark_of_an_example_in_an_example_only(tmp_path, waiting):
    content = content_of(waiting)
    marked = [">EXAMPLE<" in brief_html(content, funder="F", example=example, density="roomy", longest=600)
              for example in (True, False)]  # fmt: skip
    assert marked == [True, False]


def test_pdf_served_in_an_example_is_marked(client, waiting):
    Funder.objects.update(is_example=True)
    answer = signed_in(client, officer()).get(reverse("grants:brief_file", args=[waiting.number]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="brief-{waiting.number}-')
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content != pdf(content_of(waiting)).content


def test_pdf_never_has_more_than_two_pages(waiting):
    """Seven risks, ten conditions, six reviewers and an override, each with a text that does not end."""
    content = content_of(waiting)
    long = "A sentence that somebody wrote at length and never wanted to end. " * 30
    risk = {**content["risks"][0], "text": long, "hint": long}
    step = content["conflicts"]["steps"][0]
    content |= {
        "purpose": long,
        "risks": [risk] * 7,
        "conditions": [long] * 10,
        "score": {**content["score"], "reason": long, "is_override": True},
        "conflicts": {**content["conflicts"], "steps": [step] * 12},
        "screening": {**content["screening"], "reasons": [long] * 6, "lists": content["screening"]["lists"] * 4},
    }
    made = pdf(content)
    assert made.pages <= MOST_PAGES
