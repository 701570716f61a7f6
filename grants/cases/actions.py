"""The transactions of notes about an application."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.cases.mentions import kept
from grants.cases.models import CaseMention, CaseNote
from partners.submissions.models import Submission
from vetting_portal.models import User
from vetting_portal.workflow import action, ask, lock, record

LONGEST_NOTE = 4_000


def _readers_named(text: str, submission: Submission) -> list[User]:
    """Return who of the staff is named in ``text`` with an ``@`` and may read the notes of ``submission``."""
    folded = text.casefold()
    written = [one for one in User.objects.staff() if one.name and f"@{one.name}".casefold() in folded]
    return [one for one in written if one.has_perm("grants.read_notes", submission)]


@action
def add_note(*, submission: Submission, key: UUID, text: str, by: User) -> CaseNote:
    """Note something about an application. Whom it names has it among their duties; what ``by`` was asked is answered.

    The same ``key`` twice is the same note. Raises PermissionDenied; ValidationError for an empty or too long text.
    """
    fresh = lock(submission)
    ask(by, "grants.write_note", fresh)
    made = CaseNote.objects.filter(key=key).first()
    if made is not None and (made.submission_id, made.written_by_id) == (fresh.pk, by.pk):
        return made
    words = text.strip()
    if made is not None or not words:
        raise ValidationError({"text": "Write a note." if not words else "Load the page again, then add the note."})
    if len(words) > LONGEST_NOTE:
        raise ValidationError({"text": f"Write at most {LONGEST_NOTE:,} characters. You have {len(words):,}."})
    now = timezone.now()
    words, named = kept(words, _readers_named(words, fresh))
    note = CaseNote.objects.create(submission=fresh, key=key, text=words, written_at=now, written_by=by)
    others = [person for person in named if person.pk != by.pk]
    CaseMention.objects.bulk_create(CaseMention(note=note, user=person) for person in others)
    CaseMention.objects.unread().filter(note__submission=fresh, user=by).update(read_at=now)
    facts = {"submission": fresh.pk, "mentions": sorted(person.pk for person in others)}
    record("case_note_added", note, by=by, facts=facts)
    return note


@action
def read_mention(*, mention: CaseMention, by: User) -> CaseMention:
    """Say that the note was read: it waits no longer. Twice is the same. Raises PermissionDenied."""
    lock(mention.note.submission)
    fresh: CaseMention = lock(mention)
    ask(by, "grants.read_mention", fresh)
    if fresh.read_at is None:
        fresh.read_at = timezone.now()
        fresh.save(update_fields=["read_at"])
        record("case_mention_read", fresh.note, by=by)
    return fresh
