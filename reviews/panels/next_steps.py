"""What a submission waits for, as one sentence with a way there."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from partners.submissions.models import Submission
from reviews.panels.models import ConflictDeclaration, Review
from reviews.panels.results import PanelResult
from reviews.panels.scoring import REVIEWS_NEEDED
from vetting_portal.navigation import links_for


@dataclass(frozen=True)
class Step:
    """One thing to do: the sentence, the verb on the button, where it leads; ``posts`` when the button does it."""

    text: str
    label: str = ""
    url: str = ""
    note: str = ""
    posts: bool = False


def next_step(submission: Submission, result: PanelResult, user: Any) -> Step:
    """Return what the programme officer does next."""
    state = Submission.State
    waits = {
        state.DRAFT: "The partner writes this submission.",
        state.CHANGES_REQUESTED: "The partner was asked for changes.",
        state.APPROVED: "This submission is approved.",
        state.DECLINED: "This submission is declined.",
        state.WITHDRAWN: "The partner withdrew it.",
    }
    if submission.state in waits:
        became = links_for(user, submission) if submission.state == state.APPROVED else []
        label, url = (became[0].label, became[0].url) if became else ("", "")
        return Step(waits[submission.state], label, url)
    work, panel = (reverse(f"reviews:{name}", args=[submission.pk]) for name in ("work", "panel"))
    if submission.state == state.RECOMMENDED:
        return Step(
            "A director decides, then the grant is drafted.", "See the recommendation", f"{panel}#recommendation"
        )
    officer = ConflictDeclaration.AsRole.OFFICER
    declared = {one.user_id for one in result.declarations if one.as_role == officer}
    if user.pk not in declared and user.has_perm("reviews.assign_reviewer", submission):
        url = reverse("reviews:declare_as_officer", args=[submission.pk])
        return Step("Say whether you have an interest here.", "Declare", url, note="Gate C15 needs your declaration.")
    if screening := _screening_step(submission, result):
        return screening
    if submission.state == state.ASSESSED:
        return _after_scores(result, panel)
    return _reviewers_step(result, work, submission)


def _screening_step(submission: Submission, result: PanelResult) -> Step | None:
    gate = next((gate for gate in result.gates if gate.code == "C6"), None)
    if gate is None or gate.state == "pass":
        return None
    url = reverse("reviews:organisation_screening", args=[submission.organisation_id])
    if gate.state == "fail":
        return Step("A listed name is confirmed: everything is held.", "See the screening", url)
    first = next((getattr(reason, "url", "") for reason in gate.reasons if "candidate" in reason), "")
    if first:
        return Step("Decide a sanctions candidate.", "Compare", first, note=gate.text)
    return Step("Screen the names of the organisation and its people.", "Screen", url, note=gate.text)


def _after_scores(result: PanelResult, panel: str) -> Step:
    if result.open_moderations:
        codes = ", ".join(need.row.code for need in result.open_moderations)
        return Step(
            f"Moderate {codes}: the reviewers differ.",
            "Moderate",
            f"{panel}#moderate-{result.open_moderations[0].row.code}",
        )
    if result.waiting:
        return Step("A reviewer has reopened a review.", "See the reviewers", f"{panel}#score")
    return Step("Make the recommendation.", "See the panel result", f"{panel}#recommendation")


def _reviewers_step(result: PanelResult, work: str, submission: Submission) -> Step:
    asked = len(result.waiting) + len(result.reviewed)
    submitted = [one for one in result.reviewed if one.review.state == Review.State.SUBMITTED]
    if asked < REVIEWS_NEEDED:
        return Step(
            "Ask reviewers: at least two." if not asked else "Ask one more reviewer.",
            "Choose a reviewer",
            reverse("reviews:assign", args=[submission.pk]),
            note="The first one asked starts the review.",
        )
    if result.waiting:
        names = ", ".join(str(review.reviewer) for review in result.waiting)
        return Step(
            f"{len(submitted)} of {asked} reviews are in.",
            "See the reviewers",
            f"{work}#reviewers",
            note=f"Waits for {names}.",
        )
    return Step(
        "Every review is in. Close the reviews.",
        "Close the reviews",
        reverse("reviews:close_panel", args=[submission.pk]),
        posts=True,
    )
