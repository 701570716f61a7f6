"""The portfolio that ``make run`` opens on: every state, whole, in true order, and back in seconds the second time."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page

from grants.example.people import AUDITOR, STAFF
from grants.example.portfolio.cast import answers_of, cast, documents
from grants.example.portfolio.clock import moved_clock
from grants.example.portfolio.lives import COURSES
from partners.places.development import edition_on
from partners.programmes.models import shipped_questions
from partners.programmes.questions import count_words
from tests.support.rig import ROOT

STATES = {
    "draft": 2,  # one of them LIFT's, ready to be sent
    "submitted": 2,
    "changes_requested": 1,
    "in_review": 5,
    "assessed": 1,
    "recommended": 4,
    "approved": 9,
    "declined": 1,
    "withdrawn": 1,
}
GRANTS = {"draft": 1, "awaiting_signature": 2, "approved": 1, "in_force": 7, "terminated": 1}
CAMPAIGNS = {"open": 2, "closed": 4}
# What each partner's first page says is next: by the addresses of the people who apply.
HOMES = {
    "copper@example.org": "Nothing to do right now",
    "sisal@example.org": "Return what you did not spend",
    "baobab@example.org": "Confirm a payment",
    "bridge@example.org": "Write your report",
    "lake@example.org": "We cannot fund this application",
    "clinic@example.org": "Write your report",
    "river@example.org": "Write your report",
    "reef@example.org": "You withdrew this application",
    "vanilla@example.org": "Nothing to do right now",
    "teal@example.org": "Nothing to do right now",
    "delta@example.org": "Read the agreement, then sign it",
    "kigali@example.org": "The directors decide",
    "peak@example.org": "The directors decide",
    "milpa@example.org": "Reviewers read your application",
    "weave@example.org": "The directors decide",
    "jacmel@example.org": "The directors decide",
    "dawn@example.org": "Reviewers read your application",
    "palm@example.org": "We weigh what the reviewers found",
    "hill@example.org": "Reviewers read your application",
    "maya@example.org": "Reviewers read your application",
    "blue@example.org": "Reviewers read your application",
    "orange@example.org": "Make the changes we asked for",
    "rice@example.org": "We look whether everything is there",
    "coast@example.org": "Finish your application",
    "siriporn@example.org": "Finish your application",
    "krit@example.org": "Finish your application",
    "grace@example.org": "We look whether everything is there",
}
COUNTING = """
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import RoleAssignment, User
for user in User.objects.filter(pk__in=RoleAssignment.objects.current().values("user")):
    print(user.email, len(duties(user, Wanted(is_own=True))))
"""
# Sessions of everybody who works or applies, second factor and all.
SIGNING_IN = """
from django.conf import settings
from django.test import Client
from partners.models import Membership
from vetting_portal.models import RoleAssignment, User
staff = RoleAssignment.objects.current().values("user")
members = Membership.objects.values("user")
for user in (User.objects.filter(pk__in=staff) | User.objects.filter(pk__in=members)).order_by("pk"):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["second_factor"] = True
    session.save()
    print(user.email, session.session_key)
"""


def test_moved_clock_never_goes_back_and_never_ahead() -> None:
    true = datetime.now(UTC)
    with moved_clock() as clock:
        clock.move_to(true - timedelta(days=90))
        first = timezone.now()
        assert abs(first - (true - timedelta(days=90))) < timedelta(minutes=1)
        clock.move_to(true - timedelta(days=91))
        second = timezone.now()
        assert second >= first
        clock.move_to(true + timedelta(days=3))
        assert timezone.now() - datetime.now(UTC) < timedelta(seconds=1)
    assert abs(timezone.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_cast_is_invented_eligible_and_answers_within_the_limits() -> None:
    table = edition_on(timezone.localdate())
    assert set(cast()) == set(COURSES)
    assert len({partner.country for partner in cast().values()}) >= 12
    asked = {question.key: question for question in shipped_questions()}
    for partner in cast().values():
        assert table.is_low_or_medium(partner.country) or partner.focus == "anti_trafficking"
        for key, text in answers_of(partner).items():
            words, question = count_words(text), asked[key]
            assert (question.min_words or 0) <= words <= (question.max_words or words), (partner.key, key, words)


def test_documents_are_the_same_bytes_for_everybody() -> None:
    assert len({document.content for document in documents()}) == len(documents())
    assert documents() is documents()


def _environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the variables of an installation with nothing set but its folder."""
    told = {"DATABASE_URL", "STORAGE", "EMAIL_URL", "PRODUCTION", "SCANNER"}
    kept = {name: value for name, value in os.environ.items() if name not in told}
    return {**kept, "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR", **more}


def _manage(folder: Path, *words: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=_environment(folder), check=True, capture_output=True, text=True)
    return done.stdout


def _counts(folder: Path, query: str) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        return dict(Counter(row[0] for row in database.execute(query)))


def _is_whole(folder: Path) -> None:
    assert _counts(folder, "SELECT state FROM partners_submission") == STATES
    assert _counts(folder, "SELECT state FROM grants_grant") == GRANTS
    assert _counts(folder, "SELECT state FROM grants_campaign") == CAMPAIGNS
    assert _counts(folder, "SELECT state FROM reviews_screeninghit") == {"open": 1}
    assert _counts(folder, "SELECT state FROM grants_report WHERE number = 1") == {
        "draft": 3, "submitted": 1, "published": 1, "cancelled": 1,
    }  # fmt: skip
    assert _counts(folder, "SELECT status FROM django_tasks_database_dbtaskresult WHERE status = 'FAILED'") == {
        "FAILED": 1
    }
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        at = [row[0] for row in database.execute("SELECT at FROM vetting_portal_auditentry ORDER BY seq")]
    assert at == sorted(at)
    assert datetime.fromisoformat(at[0]).replace(tzinfo=UTC) < datetime.now(UTC) - timedelta(days=200)
    assert datetime.fromisoformat(at[-1]).replace(tzinfo=UTC) <= datetime.now(UTC)
    _manage(folder, "check_invariants")
    _manage(folder, "verify_audit")
    _everybody_has_work(folder)
    again = _manage(folder, "load_example", "--portfolio", "--if-empty", "--json")
    assert '"role": "partner_owner"' in again


def _everybody_has_work(folder: Path) -> None:
    """Each of the staff who acts has two duties or more; an auditor acts on nothing."""
    told = _manage(folder, "shell", "--no-imports", "-c", COUNTING)
    counts = dict(line.split() for line in told.splitlines())
    assert counts.keys() == {person.email for person in STAFF}
    assert {email for email, many in counts.items() if int(many) < 2} == {AUDITOR.email}


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve an installation as ``make run`` does, and yield its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env=_environment(folder, PORT=str(port)), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            assert any("The portal is ready" in line for line in server.stdout)
            yield f"http://localhost:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _arrive(page: Page, address: str, session: str) -> str:
    """Come with a session; return what the first page says is next, to partners, or how much waits, to the staff."""
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    page.goto(f"{address}/home/")
    return page.locator("main .next h2").or_(page.locator("main:not(:has(.next)) .page-head .lead")).inner_text()


def _everybody_arrives_at_work(folder: Path, browser: Browser) -> None:
    """Each of the staff, and each organisation, opens a first page with its work; nothing on it breaks."""
    told = _manage(folder, "shell", "--no-imports", "-c", SIGNING_IN)
    sessions = dict(line.split() for line in told.splitlines())
    assert sessions.keys() == {person.email for person in STAFF} | HOMES.keys()
    faults: list[str] = []
    with _serving(folder) as address, closing(browser.new_context()) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 400 else None)
        found = {email: _arrive(page, address, session) for email, session in sessions.items() if email in HOMES}
        assert found == HOMES
        for person in STAFF:
            lead = _arrive(page, address, sessions[person.email])
            duties = page.locator("main tbody tr").count()
            assert (person.email, lead.startswith("Nothing")) == (person.email, person == AUDITOR)
            assert (person.email, duties >= 2) == (person.email, True)
    assert faults == []


def _starts_again(folder: Path) -> None:
    """The second start takes ten seconds at most; a bystander's load must not decide, so the best of three."""
    database, empty = folder / "portal.sqlite3", folder / "empty.sqlite3"
    took = []
    for _ in range(3):
        for path in folder.glob("portal.sqlite3*"):
            path.unlink()
        shutil.copy(empty, database)
        begun = time.monotonic()
        told = _manage(folder, "load_example", "--portfolio", "--if-empty")
        took.append(time.monotonic() - begun)
        assert "ruth@example.org" in told
    assert min(took) <= 10, took


@pytest.mark.long
@pytest.mark.browser
def test_portfolio_is_whole_and_comes_back_in_seconds(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "example").mkdir()  # an old copy is not used
    (tmp_path / "example" / "made.json").write_text('{"made_at": "2000-01-01T00:00:00+00:00", "fingerprint": "x"}')
    _manage(tmp_path, "migrate", "--verbosity", "0")
    shutil.copy(tmp_path / "portal.sqlite3", tmp_path / "empty.sqlite3")
    assert "ruth@example.org" in _manage(tmp_path, "load_example", "--portfolio", "--if-empty")
    _is_whole(tmp_path)
    _starts_again(tmp_path)
    _is_whole(tmp_path)
    _everybody_arrives_at_work(tmp_path, browser)
