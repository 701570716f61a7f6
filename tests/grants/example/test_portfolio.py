"""The portfolio that ``make run`` opens on: every state, whole, in true order, and back in seconds the second time."""

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

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
COUNTING = """
from vetting_portal.duties import Wanted, duties
from vetting_portal.models import RoleAssignment, User
for user in User.objects.filter(pk__in=RoleAssignment.objects.current().values("user")):
    print(user.email, len(duties(user, Wanted(is_own=True))))
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


def _manage(folder: Path, *words: str) -> str:
    environment = {**os.environ, "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"}
    for name in ("DATABASE_URL", "STORAGE", "EMAIL_URL", "PRODUCTION", "SCANNER"):
        environment.pop(name, None)
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
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


def _everybody_has_work(folder: Path) -> None:
    """Each of the staff who acts has two duties or more; an auditor acts on nothing."""
    told = _manage(folder, "shell", "--no-imports", "-c", COUNTING)
    counts = dict(line.split() for line in told.splitlines())
    assert counts.keys() == {person.email for person in STAFF}
    assert {email for email, many in counts.items() if int(many) < 2} == {AUDITOR.email}


@pytest.mark.long
def test_portfolio_is_whole_and_comes_back_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "example").mkdir()  # an old copy is not used
    (tmp_path / "example" / "made.json").write_text('{"made_at": "2000-01-01T00:00:00+00:00", "fingerprint": "x"}')
    for is_first in (True, False):
        _manage(tmp_path, "migrate", "--verbosity", "0")
        begun = time.monotonic()
        told = _manage(tmp_path, "load_example", "--portfolio", "--if-empty")
        took = time.monotonic() - begun
        assert "ruth@example.org" in told
        assert is_first or took < 15  # ten seconds by itself; the tests' machine is busy
        _is_whole(tmp_path)
        again = _manage(tmp_path, "load_example", "--portfolio", "--if-empty", "--json")
        assert '"role": "partner_owner"' in again
        for path in tmp_path.glob("portal.sqlite3*"):
            path.unlink()
