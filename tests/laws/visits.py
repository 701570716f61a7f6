"""Visits pages of the scene as each person, and takes back what a visit wrote."""

from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.support.scene import Scene

VISITORS = [
    "anonymous",
    "stranger",
    "owner",
    "editor",
    "reviewer",
    "other_reviewer",
    "officer",
    "director",
    "finance",
    "auditor",
    "admin",
]

LET_IN = {200, 302, 400, 422}


def client_of(scene: Scene, person: str) -> Client:
    """Return a client of somebody who is signed in, second factor and all; or of nobody."""
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        client.force_login(scene.people[person], backend=settings.AUTHENTICATION_BACKENDS[-1])
        session = client.session
        session["second_factor"] = True
        session.save()
    return client


def visit(scene: Scene, person: str, method: str, path: str) -> str:
    """Return what one visit comes to; nothing that it wrote stays.

    A status, ``login`` for somebody who is asked to sign in, or ``in`` for a post that was let in: what is answered to
    an empty form is the form's affair.
    """
    with transaction.atomic():
        client = client_of(scene, person)
        answer = client.get(path) if method == "GET" else client.post(path, {})
        if answer.streaming:
            list(answer.streaming_content)  # a file that is served is closed at its end
        transaction.set_rollback(True)
    if answer.headers.get("Location", "").startswith(settings.LOGIN_URL):
        return "login"
    return "in" if method == "POST" and answer.status_code in LET_IN else str(answer.status_code)
