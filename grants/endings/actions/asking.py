"""Somebody asks that a grant ends: the letter is written and stored, and a director is asked to confirm it."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.actions.freezing import PDF, SCHEMA_ATTACHMENT, set_file, terms_attachment
from grants.agreements.closings import letter_html
from grants.agreements.models import Agreement, Grant
from grants.agreements.rendering import Attached
from grants.endings.letters import Asked, letter_content
from grants.endings.models import Ending
from grants.endings.readiness import ask_blockers, seconds_for
from vetting_portal.canonical import canonical_json, sha256_of
from vetting_portal.files import Blob, put
from vetting_portal.mail import notify
from vetting_portal.models import StoredFile, User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

GOOD_FOR = timedelta(days=7)
FEWEST_WORDS = 10
LATEST = timedelta(days=366)
TITLE = "This grant cannot be ended now"


def check_asked(grant: Grant, asked: Asked, by: User) -> None:
    """Raise ValidationError, by field, for words, a day or a director that cannot be."""
    problems, today = {}, timezone.localdate()
    if asked.reason not in Ending.Reason.values:
        problems["reason"] = "Choose why the grant ends."
    if len(asked.words.split()) < FEWEST_WORDS:
        problems["words"] = f"Write at least {FEWEST_WORDS} words: the partner reads them in the letter."
    if not asked.public_reason.strip():
        problems["public_reason"] = "Enter one sentence that anybody may read."
    if not today <= asked.ends_on <= today + LATEST:
        problems["ends_on"] = "Enter today or a later day, within a year."
    elif grant.state == Grant.State.APPROVED and asked.ends_on != today:
        problems["ends_on"] = "This grant is not in force yet: it can only end at once. Enter today."
    if not seconds_for(grant, by).filter(pk=asked.second.pk).exists():
        problems["second"] = "Choose a director who may sign for this grant, and who is not you."
    if problems:
        raise ValidationError(problems)


def ask_for_ending(*, grant: Grant, asked: Asked, by: User) -> Ending:
    """Ask that a grant ends: render the closing letter and store it in no transaction, then write the request, if
    nothing moved meanwhile. The named director is asked; no payment is released until it is decided, nobody outside
    is notified, and nothing else changes.

    Raises PermissionDenied; Refused with what is in the way; ValidationError by field.
    """
    grant = Grant.objects.for_page().get(pk=grant.pk)
    ask(by, "grants.ask_ending", grant)
    if reasons := ask_blockers(grant, by):
        raise Refused(reasons, title=TITLE, subject=grant)
    check_asked(grant, asked, by)
    at = timezone.now().replace(microsecond=0)
    said = _content(grant, asked, at, by)
    terms = grant.terms_in_force
    if terms is None:
        raise Refused([Blocker("This grant has no terms.")], subject=grant)
    told = Attached("closing.json", canonical_json(said), "What the letter says, as data")
    attachments = [told, terms_attachment(terms.content), SCHEMA_ATTACHMENT]
    rendered = set_file(letter_html(said, terms.content, sha256_of(said)), attachments=attachments, subject=grant)
    return _ask(
        grant=grant, asked=asked, at=at, digest=sha256_of(said), blob=put(rendered.content), pages=rendered.pages, by=by
    )


def _content(grant: Grant, asked: Asked, at: datetime, by: User) -> dict[str, Any]:
    ordinal = grant.endings.count() + 1
    return letter_content(grant, asked, number=f"{grant.number}-E{ordinal}", ordinal=ordinal, at=at, by=by)


@action
def _ask(*, grant: Grant, asked: Asked, at: datetime, digest: str, blob: Blob, pages: int, by: User) -> Ending:
    """Write the request and its letter. Raises Refused when the grant moved while the letter was made."""
    grant = lock(grant)
    ask(by, "grants.ask_ending", grant)
    if reasons := ask_blockers(grant, by):
        raise Refused(reasons, title=TITLE, subject=grant)
    said = _content(grant, asked, at, by)
    if sha256_of(said) != digest or grant.terms_in_force is None:
        hint = "Look at the sums again, then ask again."
        raise Refused([Blocker("The grant changed while its letter was made.", hint=hint)], subject=grant)
    stored = StoredFile.objects.record(blob, media_type=PDF)
    letter = Agreement.objects.create(
        terms=grant.terms_in_force,
        kind=Agreement.Kind.CLOSING,
        content=said,
        content_sha256=digest,
        pages=pages,
        signed_file=stored,
        signed_sha256=stored.sha256,
        created_at=at,
    )
    ending = Ending.objects.create(
        grant=grant,
        ordinal=said["ordinal"],
        number=said["ending"],
        reason=asked.reason,
        words=asked.words.strip(),
        public_reason=asked.public_reason.strip(),
        ends_on=asked.ends_on,
        due_on=said["return_by"] or None,
        second=asked.second,
        letter=letter,
        asked_at=at,
        asked_by=by,
        expires_at=at + GOOD_FOR,
    )
    facts = {"document_sha256": letter.signed_sha256, "reason": asked.reason, "ends_on": asked.ends_on.isoformat()}
    record(
        "ending_asked", ending, by=by, note=ending.words, to_state=ending.state, facts={**facts, "money": said["money"]}
    )
    notify(
        asked.second,
        subject=f"Grant {grant.number}: please confirm that it ends",
        template="grants/endings/mail/to_confirm.txt",
        context={"ending": ending, "grant": grant},
    )
    return ending
