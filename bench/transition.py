"""One transition through the door, against the same statements written bare."""

import secrets
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from bench.rows import Row, against_floor, in_turn
from partners.models import Submission
from tests.factories.partners import SubmissionFactory
from vetting_portal.audit import SCHEMA, entry_hash, words_hash
from vetting_portal.models import AuditEntry, AuditHead, AuditWords, User
from vetting_portal.workflow import perform

ROUNDS = 40
BOUND = 1.5


def through_the_door(submission: Submission, by: User) -> None:
    """Send a submission as the portal does."""
    perform(submission.submit, by=by)


@transaction.atomic
def bare(pk: int, by: User) -> None:
    """Do what has to be done for it, and nothing besides: row lock, blockers, save, head lock, chained insert, head."""
    row = Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    assert not row.submit_blockers()
    before, now = row.state, timezone.now()
    row.__dict__["state"] = Submission.State.SUBMITTED
    row.submitted_at = row.waiting_since = now
    row.submitted_by = by
    row.save()
    head = AuditHead.objects.select_for_update(no_key=True).get(pk=1)
    salt = secrets.token_hex(32)
    entry = AuditEntry(
        seq=head.seq + 1,
        prev_hash=head.hash,
        schema=SCHEMA,
        at=now,
        event="submit",
        subject_type="partners.Submission",
        subject_id=str(pk),
        from_state=before,
        to_state=row.state,
        actor_id=by.pk,
        facts={},
        words_hash=words_hash(salt, by.name, "partner", ""),
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    AuditWords(entry=entry, salt=salt, name=by.name, role="partner").save(force_insert=True)
    head.seq, head.hash = entry.seq, entry.hash
    head.save(update_fields=["seq", "hash"])


def rows() -> Iterator[Row]:
    """Send ready submissions, half of them through the door and half bare."""
    first = SubmissionFactory(filled=True)
    ready = [first] + [
        SubmissionFactory(filled=True, programme=first.programme, organisation=first.organisation)
        for _ in range(2 * ROUNDS - 1)
    ]
    owner = User.objects.get(pk=first.created_by_id)
    ours = [lambda one=one: through_the_door(Submission.objects.get(pk=one.pk), owner) for one in ready[:ROUNDS]]
    least = [lambda one=one: bare(one.pk, owner) for one in ready[ROUNDS:]]
    value, floor = in_turn(ours, least)
    yield against_floor("one transition through the door", value, floor, unit="ms", bound=BOUND)
