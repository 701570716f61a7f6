"""What the programme officer and the reviewers do until the recommendation, by the words on their pages."""

from datetime import timedelta

from django.utils import timezone

from grants.example.papers import example_papers
from grants.example.people import REVIEWERS
from grants.example.steps.vetting import ADVICE, REASON_TO_CLEAR, SCORES
from tests.e2e.hands import Hand, starting


def declare_and_screen(hand: Hand) -> None:
    """Screen the names, decide each candidate, then declare no interest."""
    hand.reads("Queue")
    hand.shows("queue")
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


def assign_the_reviewers(hand: Hand) -> None:
    """Ask two reviewers."""
    due = (timezone.localdate() + timedelta(days=14)).isoformat()
    for person in REVIEWERS[:2]:
        if not hand.field("Due on").is_visible():
            hand.page.get_by_text("Choose by hand").click()
        hand.choose("Reviewer", person.name)
        hand.type("Due on", due)
        hand.press("Ask this reviewer")
    hand.shows("work")


def open_the_bench(hand: Hand) -> None:
    """Declare no interest before anything opens."""
    hand.reads("My reviews")
    hand.shows("my-reviews")
    hand.follow("Answer")
    hand.shows("gate")
    hand.choose("Choose one", "I have no interest")
    hand.tick("I keep what I read here to myself")
    hand.press("Declare and go on")


def score(hand: Hand, code: str, value: int, after: str, paper: str) -> None:
    """Open a paper for the criterion in view, cite a page of it, and score."""
    hand.follow(paper, within=hand.page.get_by_role("navigation", name="Papers"))
    hand.type("Page", "1")
    hand.type("Passage", "§1")
    hand.press(f"Cite for {code}")
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
    following = [f"Save, next: {code}" for code, _ in scores[1:]] + ["Save, then look over"]
    for (code, value), after in zip(scores, following, strict=True):
        paper = next(paper for paper in example_papers("lift") if code == paper.criteria[0])
        score(hand, code, value, after, paper.title)
    hand.type("What would you tell the directors?", ADVICE[number])
    hand.shows("look-over")
    hand.press("Submit your review")
    hand.sees("Your review is submitted.")


def recommend(hand: Hand) -> None:
    """Close the reviews, read the panel result, recommend with conditions."""
    hand.follow("Queue")
    hand.follow("Close")
    hand.press("Close the reviews")
    hand.follow("Queue")
    hand.follow("Read")
    hand.shows("panel")
    hand.choose("What do you recommend?", "Recommend with conditions")
    hand.type(
        "Conditions, one on a line",
        "One named worker for each person.\nThe next accounts are reviewed before the second payment.",
    )
    hand.type(
        "What should the directors know?",
        "The panel scored above the line for a recommendation with conditions, and every gate is passed.",
    )
    hand.press("Record the recommendation")
    hand.sees("Recommend with conditions")
