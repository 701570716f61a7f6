"""The one door: every change of state runs here, locked, checked, saved and recorded in one transaction."""

import functools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, Protocol, cast

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, OperationalError, models, transaction
from django_fsm import TransitionNotAllowed, can_proceed

from vetting_portal import audit
from vetting_portal.models import User

ATTEMPTS = 5
RETRIED_STATES = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock

_waiting: ContextVar[list[audit.Draft] | None] = ContextVar("audit_entries_of_this_action", default=None)


class Blocker(str):
    """A reason why not yet, in plain words; ``hint`` says more, ``code`` is the criterion, ``url`` the control."""

    __slots__ = ("code", "hint", "url")
    hint: str
    code: str
    url: str

    def __new__(cls, text: str, *, hint: str = "", code: str = "", url: str = "") -> "Blocker":
        blocker = super().__new__(cls, text)
        blocker.hint, blocker.code, blocker.url = hint, code, url
        return blocker


class Refused(TransitionNotAllowed):
    """Yours, but not now: carries the reasons, each a Blocker; nothing was written."""

    def __init__(self, reasons: Sequence[str], *, title: str = "", subject: models.Model | None = None) -> None:
        self.blockers = [reason if isinstance(reason, Blocker) else Blocker(reason) for reason in reasons]
        self.title = title
        super().__init__("; ".join(self.blockers), object=subject)


class Move(Protocol):
    """A bound transition of a record: ``submission.submit``."""

    __self__: models.Model
    __name__: str

    def __call__(self, *, by: User, **inputs: Any) -> Any: ...


def action[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Make ``function`` a transaction: the outermost appends all audit entries last, and repeats after a deadlock."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _waiting.get() is not None:
            return function(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _outermost(function, *args, **kwargs)
            except OperationalError as error:
                # Inside a caller's own transaction (a test's) a repeat cannot help: the transaction is lost. And a
                # stream that was read cannot be read again.
                cannot = transaction.get_connection().in_atomic_block or any(
                    isinstance(value, Iterator) for value in kwargs.values()
                )
                if attempt == ATTEMPTS or cannot or not _is_passing(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 a pause, no secret
        raise AssertionError

    run.is_action = True  # type: ignore[attr-defined]
    return run


def _outermost[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    token = _waiting.set([])
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            if drafts := _waiting.get():
                audit.append(drafts)
            return result
    finally:
        _waiting.reset(token)


def _is_passing(error: DatabaseError) -> bool:
    """Whether the database ended the transaction for the sake of another one."""
    return getattr(error.__cause__, "sqlstate", None) in RETRIED_STATES


def record(
    event: str,
    subject: models.Model,
    *,
    by: User,
    note: str = "",
    from_state: str = "",
    to_state: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Add an audit entry to the running action. Raises RuntimeError outside an action."""
    drafts = _waiting.get()
    if drafts is None:
        message = f"{event} was recorded outside an action"
        raise RuntimeError(message)
    drafts.append(audit.draft(event, subject, by=by, note=note, from_state=from_state, to_state=to_state, facts=facts))


def lock[M: models.Model](rows: M | models.QuerySet[M]) -> Any:
    """Return a fresh, locked copy of a record, or of each record of a QuerySet (a list, by primary key)."""
    if isinstance(rows, models.QuerySet):
        return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    manager = type(rows)._base_manager
    return manager.select_for_update(of=("self",), no_key=True).get(pk=rows.pk)


def transition_blockers(record_: models.Model, name: str) -> list[Blocker]:
    """Return why the transition ``name`` cannot run now: its own ``<name>_blockers()``, or another state."""
    move = getattr(record_, name)
    if not can_proceed(move, check_conditions=False):
        state = cast("Any", record_).get_state_display().lower()
        kind = str(record_._meta.verbose_name)
        return [
            Blocker(
                f"This {kind} is {state} now.",
                hint="It may have changed since you opened the page.",
            )
        ]
    reasons: list[str] = getattr(record_, f"{name}_blockers", list)()
    return [reason if isinstance(reason, Blocker) else Blocker(reason) for reason in reasons]


def ask(by: User, permission: str, subject: Any = None) -> None:
    """Raise PermissionDenied, naming the permission, where ``by`` does not hold it for ``subject``."""
    if not by.has_perm(permission, subject):
        raise PermissionDenied(permission)


def permitted(permission: str) -> Callable[[Any, User], bool]:
    """Return a transition's permission that asks the rules about the record itself."""
    return lambda subject, user: user.has_perm(permission, subject)


def _may(move: Any, by: User) -> bool:
    """Whether ``by`` may run ``move``, asked before the state: who may never do it learns nothing about the record."""
    meta, subject = move._django_fsm, move.__self__
    here = meta.get_transition(meta.field.get_state(subject))
    return any(transition_.has_perm(subject, by) for transition_ in ([here] if here else meta.transitions.values()))


def _save(subject: models.Model) -> None:
    """Save a record that moved. Its constraints are the database's; asked one by one they would cost a query each.

    Raises ValidationError in the words of the constraint that does not hold.
    """
    try:
        with transaction.atomic():
            subject.save()
    except IntegrityError:
        subject.validate_constraints()
        raise


@action
def perform(move: Move, *, by: User, note: str = "", facts: dict[str, Any] | None = None, **inputs: Any) -> Any:
    """Run ``move`` (for example ``submission.submit``) on a locked, fresh copy of its record; save and record it.

    Returns the fresh record. Raises PermissionDenied when ``by`` may not, Refused (with its blockers) when the
    record is not ready, ValidationError when a constraint does not hold; then nothing is written.
    """
    stale = move.__self__
    subject = lock(stale)
    fresh = getattr(subject, move.__name__)
    if not _may(fresh, by):
        raise PermissionDenied(move.__name__)
    if not can_proceed(fresh, check_conditions=False):
        raise Refused(transition_blockers(subject, move.__name__), subject=subject)
    before = subject.state
    try:
        fresh(by=by, **inputs)
    except TransitionNotAllowed as refusal:
        raise Refused(transition_blockers(subject, move.__name__), subject=subject) from refusal
    _save(subject)
    record(move.__name__, subject, by=by, note=note, from_state=before, to_state=subject.state, facts=facts)
    return subject
