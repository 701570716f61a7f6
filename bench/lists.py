"""The officer's queue at 1,000 submissions, against a bare signed-in page on the same server."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import ROOT
from bench.rows import Row, against_floor, at_most, in_turn
from partners.models import Organisation, Submission
from tests.factories.partners import OrganisationFactory, ProgrammeFactory
from tests.factories.portal import UserFactory
from vetting_portal.models import User

SUBMISSIONS, ORGANISATIONS = 1000, 100
ROUNDS = 60
ADDRESS = "/work/"
BOUND, QUERIES, KILOBYTES = 4, 10, 60


def fill() -> User:
    """Put the submissions into the database, as a year would have left them; return an officer who sees them all."""
    officer = UserFactory(roles=["programme_officer"], totp=True)
    programme = ProgrammeFactory()
    organisations = OrganisationFactory.create_batch(ORGANISATIONS)
    now = timezone.now()
    Submission.objects.bulk_create(
        _sent(number, organisations[number % ORGANISATIONS], programme, officer, now - timedelta(hours=6 * number))
        for number in range(SUBMISSIONS)
    )
    return officer


def _sent(number: int, organisation: Organisation, programme: object, officer: User, at: object) -> Submission:
    in_review = number % 3 == 0
    return Submission(
        number=f"2024-{number + 1:04d}",
        organisation=organisation,
        programme=programme,
        checklist=programme.checklist,
        questionnaire=programme.questionnaire,
        title=f"A year of work in district {number}",
        amount_requested_minor=1_000_000 + number,
        currency="USD",
        state=Submission.State.IN_REVIEW if in_review else Submission.State.SUBMITTED,
        officer=officer if number % 2 else None,
        created_at=at,
        created_by=organisation.created_by,
        waiting_since=at,
        submitted_at=at,
        submitted_by=organisation.created_by,
        review_started_at=at if in_review else None,
        review_started_by=officer if in_review else None,
    )


def signed_in(user: User) -> Client:
    """Return a client that is signed in, second factor and all."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@contextmanager
def served() -> Iterator[int]:
    """Serve the portal and the bare page by one process of the web server; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "gunicorn", "bench.site:application", f"--bind=127.0.0.1:{port}"]
    options = ["--worker-class=gthread", "--threads=2", "--log-level=warning", "--no-control-socket"]
    server = subprocess.Popen([*words, *options], cwd=ROOT)
    try:
        deadline = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def fetching(port: int, path: str, cookie: str) -> Callable[[], bytes]:
    """Return a function that fetches one page over a connection that stays open."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def fetch() -> bytes:
        line.request("GET", path, headers={"Host": "localhost", "Cookie": cookie})
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == http.HTTPStatus.OK, f"{path}: {answer.status}"
        return body

    return fetch


def rows() -> Iterator[Row]:
    """Measure time, queries and size of the queue's first page."""
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in(fill())
    client.get(ADDRESS)  # the first page of a session notes the second factor in it
    with CaptureQueriesContext(connection) as queries:
        assert client.get(ADDRESS).status_code == http.HTTPStatus.OK
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    with served() as port:
        queue, floor = fetching(port, ADDRESS, cookie), fetching(port, "/floor/", cookie)
        for warm in (queue, floor) * 3:
            warm()
        value, least = in_turn([queue] * ROUNDS, [floor] * ROUNDS)
        size = len(queue()) / 1024
    yield against_floor("the queue at 1,000 submissions", value, least, unit="ms", bound=BOUND)
    yield at_most("the queue: queries", len(queries), unit="queries", bound=QUERIES)
    yield at_most("the queue: HTML", round(size, 1), unit="KB", bound=KILOBYTES)
