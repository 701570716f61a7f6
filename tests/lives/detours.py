"""Detours of the course that the example does not take: an application that comes back and is sent a second time."""

from grants.example.people import OFFICER, OWNER, REVIEWERS
from grants.example.steps.signing_in import sign_in
from grants.example.visitor import PageError
from grants.example.walk import Walk
from partners.submissions.models import Submission
from reviews.models import Review
from vetting_portal.tasks import drain

SECTIONS = 12  # more than any questionnaire of the example has
TITLE = "Someone stays, also in the second year"


def ask_for_changes(walk: Walk) -> None:
    """The programme officer asks the partner for a change"""
    officer, address = sign_in(walk, OFFICER), f"/applications/{walk.submission}/changes/"
    officer.open(address)
    officer.send(to=address, reason="Please say how long you stay with each person.", items="The title of the project")
    drain()


def send_again(walk: Walk) -> None:
    """The partner changes its answer and sends the application a second time"""
    owner = walk.visitor(OWNER.email)
    for position in range(1, SECTIONS):
        address = f"/applications/{walk.submission}/sections/{position}/"
        owner.open(address)
        if "title" in owner.names(to=address):
            owner.send(to=address, title=TITLE)
            break
    else:
        message = "No section asks for the title of the project."
        raise PageError(message)
    owner.open(f"/applications/{walk.submission}/send/")
    owner.send(to=f"/applications/{walk.submission}/send/")
    drain()


def confirm_the_scores(walk: Walk) -> None:
    """The first reviewer reads what changed, confirms each score on the new version, and submits again"""
    reviewer, address = sign_in(walk, REVIEWERS[0]), f"/applications/{walk.submission}/compare/"
    submission = Submission.objects.get(number=walk.submission)
    review = Review.objects.get(submission=submission, reviewer__email=REVIEWERS[0].email)
    reviewer.open(address)
    codes = list(review.unconfirmed())
    reviewer.send(to=f"{address}confirm/", codes=codes)
    reviewer.open(f"/reviews/{review.pk}/submit/")
    reviewer.send(to=f"/reviews/{review.pk}/submit/")
    drain()


SENT_AGAIN = [ask_for_changes, send_again, confirm_the_scores]
