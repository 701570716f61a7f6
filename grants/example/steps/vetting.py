"""The officer's and the reviewers' part: screening, two blind reviews, the panel result, the recommendation."""

from datetime import timedelta

from django.utils import timezone

from grants.example.people import OFFICER, REVIEWERS, ExamplePerson
from grants.example.steps.signing_in import sign_in
from grants.example.walk import Walk
from partners.submissions.models import Submission

NO_INTEREST = "none"
REASON_TO_CLEAR = (
    "Born 28 years apart, and the sex differs. The family name is common. "
    "We saw the passport on the call and compared its number with the list."
)
# Two reviewers, who never differ by two points: the first worked scoring of the checklist, and one of the same sum.
CODES = ("C1", "C2", "C3", "C4", "C5", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C16")
SCORES = (
    dict(zip(CODES, (4, 3, 4, 3, 2, 3, 3, 3, 2, 3, 2, 3, 3), strict=True)),
    dict(zip(CODES, (4, 4, 4, 3, 2, 3, 3, 3, 1, 3, 2, 3, 3), strict=True)),
)
ADVICE = (
    "The care after the shelter is the strongest part. Keep one named worker for each person as a condition.",
    "The accounts are reviewed, not audited. Ask for the review of next year's before the second payment.",
)


def _key(walk: Walk) -> int:
    return Submission.objects.values_list("pk", flat=True).get(number=walk.submission)


def screen_the_names(walk: Walk) -> None:
    """The programme officer declares no interest, screens every name, and decides each candidate"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    officer.open("/queue/")
    officer.open(f"/submissions/{key}/work/declaration/")
    officer.send(to=f"/submissions/{key}/work/declaration/", interest=NO_INTEREST)
    officer.open(f"/submissions/{key}/work/")
    organisation = officer.link(r"/screening/organisations/\d+/")
    officer.open(organisation)
    officer.send(to=f"{organisation}run/")
    for hit in officer.links(r"/screening/hits/\d+/"):
        officer.open(hit)
        if officer.has_form(hit):
            officer.send(to=hit, decision="clear", reason=REASON_TO_CLEAR)


def assign_the_reviewers(walk: Walk) -> None:
    """The programme officer asks two reviewers"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    for person in REVIEWERS[:2]:
        officer.open(f"/submissions/{key}/work/")
        reviewer = officer.option("reviewer", person.name)
        due = (timezone.localdate() + timedelta(days=14)).isoformat()
        officer.send(to=f"/submissions/{key}/work/assign/", reviewer=reviewer, due_on=due)


def _review(walk: Walk, person: ExamplePerson, scores: dict[str, int], advice: str) -> None:
    reviewer = sign_in(walk, person)
    reviewer.open("/reviews/")
    gate = reviewer.link(r"/reviews/\d+/declaration/")
    bench = gate.removesuffix("declaration/")
    reviewer.open(gate)
    reviewer.send(to=gate, interest=NO_INTEREST, keeps_confidence="on")
    for code, score in scores.items():
        reviewer.open(f"{bench}?criterion={code}")
        if papers := reviewer.links(rf"\?criterion={code}&paper=\d+"):
            reviewer.open(bench + papers[0])
            reviewer.send(to=f"{bench}scores/{code}/cite/", page="1", passage="§1")
        reviewer.open(f"{bench}?criterion={code}")
        said = f"What was sent shows it, and no more: a {score} by the written anchors for {code}."
        reviewer.send(to=f"{bench}scores/{code}/", score=str(score), justification=said)
    reviewer.open(f"{bench}submit/")
    reviewer.send(to=f"{bench}submit/", advice=advice)


def first_review(walk: Walk) -> None:
    """The first reviewer declares no interest, scores every criterion with a citation, and submits"""
    _review(walk, REVIEWERS[0], SCORES[0], ADVICE[0])


def second_review(walk: Walk) -> None:
    """The second reviewer does the same, blind to the first"""
    _review(walk, REVIEWERS[1], SCORES[1], ADVICE[1])


def recommend(walk: Walk) -> None:
    """The programme officer closes the reviews, reads the panel result and recommends"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    officer.open(f"/submissions/{key}/work/")
    officer.send(to=f"/submissions/{key}/work/close/")
    panel = f"/submissions/{key}/panel/"
    officer.open(panel)
    officer.send(
        to=f"{panel}recommend/",
        outcome="conditions",
        conditions="One named worker for each person.\nThe next accounts are reviewed before the second payment.",
        reason="The panel scored above the line for a recommendation with conditions, and every gate is passed.",
    )


STEPS = [screen_the_names, assign_the_reviewers, first_review, second_review, recommend]
