"""What the programme officer and the reviewers do until the recommendation, by the words on their pages."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from grants.example.loader import story
from grants.example.papers import example_papers
from grants.example.people import REVIEWERS
from grants.example.steps.vetting import ADVICE, REASON_TO_CLEAR, REFERENCES, SCORES, VISIT
from tests.e2e.hands import Hand, mailed, starting, work


def declare_and_screen(hand: Hand) -> None:
    """Screen the names, decide each candidate, then declare no interest."""
    hand.reads("My work")
    hand.shows("my-work")
    hand.follow("Screen")
    hand.press("Screen now")
    hand.shows("screening")
    waiting = hand.page.get_by_role("row").filter(has_text="To decide")
    while waiting.count():
        hand.follow(starting(""), within=waiting.first)
        hand.choose("Is it the same?", "Not the same")
        hand.type("Reason", REASON_TO_CLEAR)
        hand.shows("screening-hit")
        hand.press("Record the decision")
    hand.follow(starting("2026-"))
    hand.follow("Declare as the officer")
    hand.choose("Choose one", "I have no interest")
    hand.press("Declare")


def ask_the_referees(hand: Hand, hands: Callable[..., Hand]) -> None:
    """Ask both referees; each answers on a telephone without an account, and is verified."""
    hand.follow("Open the references")
    for referee, said in zip(story("lift")["referees"], REFERENCES, strict=True):
        hand.press("Ask", within=hand.page.get_by_role("row").filter(has_text=referee["name"]))
        other = hands(referee["name"], phone=True, java_script_enabled=False)
        other.visit(mailed(referee["email"], re.compile(r"(/reference/[\w-]+/)")))
        other.type("How do you know them?", said["knows_how"])
        other.press("Keep it, go on later")
        other.type("Since when?", said["known_since"])
        other.choose("Are you, or is somebody of your family", "No")
        other.choose("Would you work with them again?", "Yes")
        other.choose("Do they handle money well", "Yes")
        other.choose("Do you know of a concern", "No")
        other.type("What else should we know?", said["words"])
        other.tick("What I say here is true")
        other.shows("reference-form")
        other.press("Send my answer")
        other.sees("Your answer is here.")
        other.shows("reference-sent")
    hand.page.reload()
    for referee in story("lift")["referees"]:
        hand.follow("Read", within=hand.page.get_by_role("row").filter(has_text=referee["name"]))
        hand.choose("How did you make sure?", "I called them")
        hand.type("What did you find?", "Spoke with the referee at the number on the website; it agrees.")
        hand.press("Record it")
        hand.shows("reference")
        hand.follow("References for LIFT International")
    hand.shows("references")
    hand.follow(starting("Submission 2026-"))


def report_a_visit(hand: Hand) -> None:
    """Report a video call and hand the report in."""
    hand.follow("Open the visits")
    hand.follow("Write a report")
    hand.choose("What kind of visit?", "A video call")
    hand.type("On which day?", timezone.localdate().isoformat())
    hand.type("Who looked?", VISIT["visitors"])
    hand.type("Whom did they meet?", VISIT["people_met"])
    hand.type("What did they find?", VISIT["findings"])
    hand.shows("visit-form")
    hand.press("Save the draft")
    hand.follow(starting("A video call"))
    hand.follow("Hand it in")
    hand.sees("Hand in this report?")
    hand.press("Hand it in")
    hand.sees("it never changes")
    hand.shows("visit")
    hand.follow("Visits to LIFT International")
    hand.follow(starting("Submission 2026-"))


def assign_the_reviewers(hand: Hand) -> None:
    """Ask two reviewers."""
    due = (timezone.localdate() + timedelta(days=14)).isoformat()
    for person in REVIEWERS[:2]:
        hand.follow("Ask a reviewer")
        if not hand.field("Due on").is_visible():
            hand.page.get_by_text("Choose by hand").click()
        hand.choose("Reviewer", person.name)
        hand.type("Due on", due)
        hand.press("Ask this reviewer")
    hand.shows("work")


def open_the_bench(hand: Hand) -> None:
    """Declare no interest before anything opens."""
    hand.follow("My reviews")
    hand.reads("My reviews")
    hand.shows("my-reviews")
    hand.follow("Open review")
    hand.shows("gate")
    hand.choose("Choose one", "I have no interest")
    hand.tick("I keep what I read here to myself")
    hand.press("Declare and go on")


def score(hand: Hand, code: str, value: int, after: str, paper: str) -> None:
    """Open a paper for the criterion in view, cite a page of it, and score."""
    work()
    documents = hand.page.get_by_label("Document", exact=True)
    label = documents.locator("option", has_text=paper).first.inner_text()
    documents.select_option(label=label)
    if hand.page.get_by_role("button", name="Open", exact=True).is_visible():  # where scripts do not run
        hand.press("Open")
    expect(documents.locator("option:checked")).to_contain_text(paper)
    hand.page.get_by_role("button", name="Cite page", exact=True).click()
    hand.sees("on this page: 1")
    hand.page.get_by_role("group", name="Score").get_by_role("radio", name=starting(f"{value}")).check()
    hand.type(
        "Why this score, and not one higher?",
        f"What was sent shows it, and no more: a {value} by the written anchors for {code}.",
    )
    if code == "C7":
        hand.shows("bench")
    hand.press(after)


def review(hand: Hand, number: int) -> None:
    """Score every criterion with a citation, look over it, and submit."""
    open_the_bench(hand)
    scores = list(SCORES[number].items())
    following = [f"Save and continue to {code}" for code, _ in scores[1:]] + ["Save and look over"]
    for (code, value), after in zip(scores, following, strict=True):
        paper = next(paper for paper in example_papers("lift") if code == paper.criteria[0])
        score(hand, code, value, after, paper.title)
    hand.type("What would you tell the directors?", ADVICE[number])
    hand.shows("look-over")
    hand.press("Submit your review")
    hand.sees("Your review is submitted.")


def recommend(hand: Hand) -> None:
    """Close the reviews, read the panel result, recommend with conditions."""
    hand.follow("My work")
    hand.follow("Close reviews")
    hand.press("Close reviews")
    hand.follow("My work")
    hand.follow("Write")
    hand.shows("panel")
    hand.choose("What do you recommend?", "Recommend with conditions")
    hand.type("Condition 1: what is to be shown", "One named worker for each person.")
    hand.type("Condition 2: what is to be shown", "The next accounts are reviewed before the second payment.")
    for place in range(2):
        hand.field("It must be met before", place).select_option(label="Payment 2 is released")
    hand.type(
        "What should the directors know?",
        "The panel scored above the line for a recommendation with conditions, and every gate is passed.",
    )
    hand.press("Record the recommendation")
    hand.sees("Recommend with conditions")
