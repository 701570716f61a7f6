"""What the pages of an application show: its header, what is next, people, notes."""

from typing import Any

from django.utils import timezone

from grants.agreements.models import Grant
from grants.cases.forms import NoteForm
from grants.cases.mentions import ids_in, shown
from grants.cases.models import CaseNote
from partners.submissions.models import Submission
from vetting_portal.duties import OpenDuty, duties_about
from vetting_portal.models import User

SHOWN_NOTES = 5


def header(submission: Submission, user: User, grant: Grant | None) -> dict[str, Any]:
    """Return the line of facts above the tabs, and what this user may do from there."""
    today = timezone.localdate()
    decision_on = submission.decision_on(today)
    may_assign = user.has_perm("reviews.assign_reviewer", submission)
    judges = user.has_perm("partners.decline_submission", submission)
    state = Submission.State
    return {
        "submission": submission,
        "grant": grant,
        "reads_grants": user.has_perm("grants.list_grants"),
        "decision_on": decision_on,
        "days_left": (decision_on - today).days,
        "is_undecided": submission.is_undecided,
        "may_assign": may_assign,
        "in_charge": submission.officer_id == user.pk,
        "may_decline": judges
        and submission.state in {state.SUBMITTED, state.IN_REVIEW, state.ASSESSED, state.RECOMMENDED},
        "may_request": user.has_perm("partners.request_changes_submission", submission)
        and submission.state in {state.SUBMITTED, state.IN_REVIEW},
        "may_export": grant is not None  # evidence begins with the sealed agreement
        and grant.in_force_at is not None
        and user.has_perm("grants.export_evidence", grant),
    }


def next_box(submission: Submission, user: User) -> dict[str, Any]:
    """Return what ``user`` does next about this application, else whom it waits for; at most two statements.

    ``also`` are further duties of the same application.
    """
    waiting = duties_about(user, submission)
    mine: list[OpenDuty] = [duty for duty in waiting if duty.is_mine]
    others = [duty for duty in waiting if not duty.is_mine]
    chosen = next(iter([*mine, *others]), None)
    return {"duty": chosen, "also": [*mine[1:], *others][: len(waiting) - 1] if mine else others[1:]}


def notes(submission: Submission, user: User, bound: NoteForm | None, *, every: bool) -> dict[str, Any]:
    """Return the notes, newest first, with the names that are mentioned; nothing for who may not read them."""
    if not user.has_perm("grants.read_notes", submission):
        return {"reads_notes": False}
    written = CaseNote.objects.filter(submission=submission).select_related("written_by").prefetch_related("mentions")
    rows = list(written.order_by("-written_at", "-pk"))
    shown_rows = rows if every else rows[:SHOWN_NOTES]
    names = dict(User.objects.filter(pk__in=ids_in(note.text for note in shown_rows)).values_list("pk", "name"))
    return {
        "reads_notes": True,
        "notes": [(note, shown(note.text, names), _unread(note, user)) for note in shown_rows],
        "note_count": len(rows),
        "earlier_notes": len(rows) - len(shown_rows),
        "note_form": (bound or NoteForm(record=submission)) if user.has_perm("grants.write_note", submission) else None,
    }


def _unread(note: CaseNote, user: User) -> Any:
    return next((one for one in note.mentions.all() if one.user_id == user.pk and one.read_at is None), None)
