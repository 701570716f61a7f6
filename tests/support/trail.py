"""Makes the audit trail fail under every action that any test runs, and looks whether anything of the action stayed.

The first time that an action runs in a process, the trail fails under it: the database must be as before. Then it runs
for good, and its entry must name who did it. ``--every-action`` fails the run when an action was never tried, so no
new one can be forgotten.
"""

import hashlib
import importlib
import os
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from tests.support.rig import ROOT, SHARED
from vetting_portal import audit, workflow
from vetting_portal.models import AuditEntry, AuditHead

APPS = ("vetting_portal", "partners", "reviews", "grants")
# A wrong code is counted, not recorded: the entry is written when it was the last try.
WRITES_NO_ENTRY = {
    "grants.agreements.actions.proving.count_try",
    # Lines on their way through the staging; begin, end and every gift recorded have their entries.
    "grants.intake.actions.importing.note_faults",
    "grants.intake.actions.importing.record_batch",
    "grants.intake.actions.importing.restart_reading",
    "grants.intake.actions.importing.stage_rows",
    # Anybody can send such messages: the trail would grow at their will.
    "grants.intake.actions.stripe.count_refusal",
}
# Always part of another action.
INNER = {
    "vetting_portal.workflow.perform",
    "vetting_portal.actions.give_roles",
    "partners.programmes.actions.create_questionnaire",
    "partners.organisations.actions.holding.tell_owners",
    "partners.organisations.actions.holding.tell_partner",
    "grants.agreements.actions.sharing.add_rise",
    "partners.submissions.actions.moving.restore_submission",
    "grants.funds.actions.post",
    "grants.funds.actions.post_all",
    "grants.campaigns.actions.bearing.bear_shortfall",
    "grants.campaigns.actions.bearing.set_paid_out",
    "grants.campaigns.actions.bearing.sweep_pots",
    "grants.payments.actions.paying.settle_schedule",
    "grants.arrivals.actions.note_return",
    "grants.payments.actions.schedules.schedule_payments",
    "grants.conditions.actions.following.ask_for_evidence",
    "grants.conditions.actions.following.end_conditions",
    "grants.conditions.actions.following.follow_terms",
    "grants.payments.actions.schedules.reschedule_payments",
    "grants.reports.actions.writing.open_report",
    "grants.agreements.actions.amending.amend_grant",
    "grants.agreements.actions.ending.revoke_document",
    "grants.agreements.actions.ending.terminate_grant",
    "grants.endings.actions.settling.clear_ending",
    "grants.endings.actions.telling.tell_of_end",
    "grants.campaigns.actions.reversals.apply_waiting",
    "grants.campaigns.actions.lines.freeze_lines",
    "grants.agreements.actions.freezing.void_terms",
    "grants.agreements.actions.freezing._keep_brief",
    "grants.agreements.actions.freezing.keep_frozen",
    "grants.agreements.actions.proving.prove",
    "grants.agreements.actions.asking.tell_of_void",
    "reviews.screening.actions.name_bank",
    "reviews.screening.actions.decide_bank",
    "reviews.screening.rescreening.begin_rescreening",
}

_original, _append = workflow._outermost, audit.append
_tried: set[str] = set()


class TrailFailedError(Exception):
    """What the trail raises while it is made to fail."""


def name_of(function: Callable[..., Any]) -> str:
    """Return an action's name: ``partners.vault.actions.add_paper``."""
    return f"{function.__module__}.{function.__qualname__}"


def every_action() -> set[str]:
    """Return the names of all actions of the portal, whether or not a test has imported them."""
    for app in APPS:
        for found in pkgutil.walk_packages([str(ROOT / app)], f"{app}."):
            if "actions" in found.name.split("."):
                importlib.import_module(found.name)
    return {
        name_of(value)
        for module_name, module in list(sys.modules.items())
        if module_name.partition(".")[0] in APPS
        for value in vars(module).values()
        if getattr(value, "is_action", False) and value.__module__ == module_name
    }


def fingerprint() -> str:
    """Return a hash over every row of the database."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608
            digest.update(table.encode() + repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def _is_a_bad_moment(arguments: dict[str, Any]) -> bool:
    """Whether a second run would spoil the test: its queries are counted, threads race, a stream can be read once."""
    return (
        threading.current_thread() is not threading.main_thread()
        or connection.force_debug_cursor
        or audit.append is not _append
        or any(isinstance(value, Iterator) for value in arguments.values())
    )


def probing(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run an action against a failing trail first, then for good."""
    name = name_of(function)
    if name.partition(".")[0] not in APPS or name in _tried or _is_a_bad_moment(kwargs):
        return _original(function, *args, **kwargs)
    before = fingerprint()
    try:
        with mock.patch.object(audit, "append", side_effect=TrailFailedError):
            result = _original(function, *args, **kwargs)
    except TrailFailedError:
        _tried.add(name)
    else:
        assert name in WRITES_NO_ENTRY or fingerprint() == before, f"{name} writes without an entry in the trail"
        if name in WRITES_NO_ENTRY:
            _tried.add(name)
        return result
    assert fingerprint() == before, f"{name} left something behind, though its entry could not be written"
    seq = AuditHead.objects.get(pk=1).seq
    result = _original(function, *args, **kwargs)
    actors = set(AuditEntry.objects.filter(seq__gt=seq).values_list("actor_id", flat=True))
    assert kwargs["by"].pk in actors, f"no entry of {name} names who did it"
    return result


def _notes() -> Path:
    folder = Path(os.environ[SHARED]) / "tried"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def trail_fails_once_under_every_action() -> Iterator[None]:
    """Put the probe between every action and its transaction, for the whole run."""
    with mock.patch.object(workflow, "_outermost", probing):
        yield
    (_notes() / f"{os.getpid()}").write_text("\n".join(_tried))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was asked for every action and did not try each."""
    if not session.config.getoption("--every-action") or "PYTEST_XDIST_WORKER" in os.environ:
        return
    tried = {line for note in _notes().iterdir() for line in note.read_text().splitlines()}
    if never := sorted(every_action() - tried - INNER):
        report = "\n  ".join(never)
        session.config.get_terminal_writer().line(f"\nNo test runs these actions as a whole:\n  {report}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
