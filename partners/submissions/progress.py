"""How far a submission is: its sections, its papers, what is next, and what happens after."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from partners.organisations.models import waiting_blockers
from partners.programmes.questions import is_blank
from partners.submissions.missing import (
    document_problem,
    paper_blockers,
    people_blockers,
    question_problem,
    referee_blockers,
    section_url,
)

if TYPE_CHECKING:
    from partners.programmes.models import Section
    from partners.submissions.models import Submission

AT_WORK = frozenset({"submitted", "changes_requested", "in_review", "assessed", "recommended", "approved"})
NOTHING_TO_DO = "Nothing to do right now. We will email you when something comes up."
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


@dataclass(frozen=True)
class Step:
    """One row of a list of things to do."""

    label: str
    hint: str
    url: str
    state: str
    code: str = ""
    action: str = ""


@dataclass(frozen=True)
class Next:
    """What is to be done next: a sentence, why, one button, and at most one other way as a link."""

    text: str
    why: str
    url: str = ""
    label: str = ""
    note: str = ""
    also_url: str = ""
    also_label: str = ""


def number_word(number: int) -> str:
    """Return small numbers as a word."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def section_steps(submission: "Submission") -> list[Step]:
    """Return the sections in order with what is missing in each."""
    pages: dict[Section, list[str]] = {}
    begun: dict[Section, bool] = {}
    for question in submission.questions:
        missing = pages.setdefault(question.section, [])
        if wrong := question_problem(submission, question):
            missing.append(wrong)
        answered = not is_blank(submission.value_of(question))
        begun[question.section] = begun.get(question.section, False) or answered
    steps = []
    for section, missing in pages.items():
        if not begun[section]:
            state, hint = "todo", f"About {section.minutes} minutes"
        elif missing:
            count = len(missing)
            state, hint = "progress", f"{number_word(count).capitalize()} answer{'s' if count > 1 else ''} missing"
        else:
            state, hint = "done", "You can change it until you send"
        steps.append(Step(section.title, hint, section_url(submission, section.position), state, str(section.position)))
    return steps


def papers_step(submission: "Submission") -> Step:
    """Return the step of the papers: what is missing is told apart from what is being checked."""
    open_count = len(paper_blockers(submission))
    url = reverse("partners:submission_papers", args=[submission.number])
    if not open_count:
        return Step("Your papers", "Every criterion has its evidence", url, "done")
    checking = min(paper_counts(submission).get("checking", 0), open_count)
    said = [
        f"{number_word(count)} {'paper' if count == 1 else 'papers'} {word}"
        for count, word in ((open_count - checking, "missing"), (checking, "being checked"))
        if count
    ]
    hint = ", ".join(said)
    return Step("Your papers", hint[:1].upper() + hint[1:], url, "progress" if submission.links else "todo")


def people_step(submission: "Submission") -> Step:
    """Return the step of the organisation and its people."""
    missing = people_blockers(submission)
    url = f"{reverse('partners:organisation', args=[submission.organisation_id])}#people"
    if not missing:
        return Step("Your organisation and its people", "All named", url, "done")
    return Step("Your organisation and its people", "; ".join(missing), url, "progress")


def referee_steps(submission: "Submission") -> list[Step]:
    """Return the step of the referees, where the checklist asks for them."""
    if not submission.asks_referees:
        return []
    url = reverse("partners:submission_referees", args=[submission.number])
    if missing := referee_blockers(submission):
        return [Step("Your referees", missing[0].hint, url, "todo")]
    return [Step("Your referees", "Named. We write to them", url, "done")]


def rest_steps(submission: "Submission") -> list[Step]:
    """Return what comes after the sections: people, papers, referees."""
    return [people_step(submission), papers_step(submission), *referee_steps(submission)]


def paper_counts(submission: "Submission") -> dict[str, int]:
    """Return how many linked papers are accepted, being checked, not good."""
    today = timezone.localdate()
    counts: Counter[str] = Counter()
    for link in submission.links:
        newest = link.paper.newest
        if not document_problem(link.paper, link.criterion, today):
            counts["accepted"] += 1
        elif newest is not None and newest.state == "quarantined":
            counts["checking"] += 1
        else:
            counts["bad"] += 1
    return dict(counts)


def how_far(submission: "Submission", steps: list[Step]) -> Next:
    """Return the first step of an application in hand that is not done, else the way to submit it."""
    open_steps = [step for step in steps if step.state != "done"]
    if not open_steps:
        send = reverse("partners:submission_send", args=[submission.number])
        return Next("Everything is there", "Read it once more, then submit it.", send, "Read it once more and submit")
    first = open_steps[0]
    more = len(open_steps) - 1
    note = f"After that: {number_word(more)} more to finish." if more else "After that you can submit it."
    return Next(first.label, f"{first.hint}.", first.url, "Continue" if first.state == "progress" else "Start", note)


def missed(submission: "Submission", *, may_withdraw: bool) -> Next:
    """Return what becomes of a draft whose call closed: another call, and the way to take the draft back."""
    why = f"It closed on {submission.programme.closes_words}, so this draft cannot be sent any more."
    calls = reverse("partners:programme_list")
    if not may_withdraw:
        return Next("This call is closed", f"{why} An owner can take it back.", calls, "See the calls")
    back = reverse("partners:submission_withdraw", args=[submission.number])
    return Next("This call is closed", why, calls, "See the calls", also_url=back, also_label="Take this draft back")


def standing(submission: "Submission") -> Next:
    """Return where an application stands that its partner has nothing to do about now."""
    if submission.state in AT_WORK and waiting_blockers(submission.organisation_id):
        return Next("We are looking at your application", NOTHING_TO_DO)
    text, why = {
        "submitted": ("We look whether everything is there", NOTHING_TO_DO),
        "in_review": ("Reviewers read your application", f"About 3 weeks. {NOTHING_TO_DO}"),
        "assessed": ("We weigh what the reviewers found", NOTHING_TO_DO),
        "recommended": ("The directors decide", NOTHING_TO_DO),
        "approved": (
            "Your application is approved", "The agreement comes next. We will email you when it is ready."
        ),
        "declined": ("We cannot fund this application", submission.decline_reason),
        "withdrawn": ("You withdrew this application", "You can start another one."),
    }.get(submission.state, ("Continue your application", ""))  # fmt: skip
    return Next(text, why)


def journey(submission: "Submission", *, is_over: bool = False) -> list[dict[str, str]]:
    """Return what happens step by step, and where this submission stands; ``is_over`` once its grant has ended."""
    if submission.missed_its_call:
        return []
    place = {
        "draft": 0,
        "changes_requested": 0,
        "submitted": 1,
        "in_review": 1,
        "assessed": 1,
        "recommended": 2,
        "approved": 3,
    }.get(submission.state, -1)
    steps = [
        ("Your application", "You can stop at any time. Nothing is lost."),
        ("Reviewers read it", "Two people, about 3 weeks"),
        ("Two directors decide and sign", "Then you sign the agreement here"),
        ("The agreement, the gifts, your reports", "Each gift is matched, up to the amount that is agreed"),
    ]
    if place < 0:
        return []
    place = len(steps) if is_over else place
    return [
        {
            "title": f"You are here: {title.lower()}" if index == place else title,
            "text": text,
            "state": "done" if index < place else ("now" if index == place else "todo"),
        }
        for index, (title, text) in enumerate(steps)
    ]
