"""The officer's and the reviewers' part: screening, two blind reviews, the panel result, the recommendation."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from grants.example.loader import story
from grants.example.people import OFFICER, REVIEWERS, ExamplePerson
from grants.example.steps.signing_in import mailed_link, sign_in
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
    officer.open("/work/")
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


REFERENCES: tuple[dict[str, Any], ...] = (
    {
        "knows_how": "Residents leave our shelter, and their social workers go on accompanying them.",
        "known_since": "2018",
        "words": "A wrong number in a file: they told us before we had noticed.",
    },
    {
        "knows_how": "Two grants for legal help, in 2022 and 2024.",
        "known_since": "2022",
        "words": "What was left at the end was given back without our asking.",
    },
)
SAID: dict[str, Any] = {
    "related": "no",
    "would_again": "yes",
    "handles_money_well": "yes",
    "has_concern": "no",
    "is_true": "on",
}
VISIT: dict[str, Any] = {
    "kind": "video",
    "visitors": "Ruth Okafor, programme officer",
    "people_met": "The executive director, the finance manager, two social workers.",
    "findings": "They shared the screen: three payments, each with an offer, an approval and a receipt. "
    "The training log is kept. The director showed the sheet on which reports are written; none this quarter.",
}


def ask_the_referees(walk: Walk) -> None:
    """The programme officer asks the referees; each answers by a link without an account, and is verified"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    page = f"/submissions/{key}/references/"
    for referee, said in zip(story("lift")["referees"], REFERENCES, strict=True):
        officer.open(page)
        officer.send(to=officer.form_like(r"/submissions/\d+/references/\d+/ask/"))
        link = mailed_link(referee["email"], r"/reference/[\w-]+/")
        visitor = walk.visitor(referee["email"], referee["name"])
        visitor.open(link)
        visitor.send(to=link, **said, **SAID)
    officer.open(page)
    for reference in officer.links(r"/references/\d+/"):
        officer.open(reference)
        officer.send(to=reference, how="called", note="Spoke with the referee at the number on the website; it agrees.")


def report_a_visit(walk: Walk) -> None:
    """The programme officer reports a video call with the partner; the report is frozen"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    address = f"/submissions/{key}/visits/write/"
    officer.open(address)
    officer.send(to=address, visited_on=timezone.localdate().isoformat(), **VISIT)
    visit = officer.link(r"/visits/\d+/")
    officer.open(f"{visit}submit/")
    officer.send(to=f"{visit}submit/")


def assign_the_reviewers(walk: Walk) -> None:
    """The programme officer asks two reviewers"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    for person in REVIEWERS[:2]:
        officer.open(f"/submissions/{key}/work/assign/")
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


def _conditions() -> dict[str, str]:
    """Return the rows of the two conditions: both stop the second payment."""
    texts = ("One named worker for each person.", "The next accounts are reviewed.")
    rows = {f"conditions-{place}-text": text for place, text in enumerate(texts)}
    return rows | {f"conditions-{place}-before": "payment-2" for place in range(len(texts))}


def recommend(walk: Walk) -> None:
    """The programme officer closes the reviews, reads the panel result and recommends"""
    officer, key = sign_in(walk, OFFICER), _key(walk)
    officer.open(f"/submissions/{key}/work/")
    officer.send(to=f"/submissions/{key}/work/close/")
    panel = f"/submissions/{key}/panel/"
    officer.open(panel)
    conditions: dict[str, Any] = _conditions()
    officer.send(
        to=f"{panel}recommend/",
        outcome="conditions",
        **conditions,
        reason="The panel scored above the line for a recommendation with conditions, and every gate is passed.",
    )


STEPS = [
    screen_the_names,
    ask_the_referees,
    report_a_visit,
    assign_the_reviewers,
    first_review,
    second_review,
    recommend,
]
