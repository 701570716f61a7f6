"""From a draft to frozen terms with a file to sign, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.agreements.actions.asking import asked_directors, tell_of_void
from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.documents import agreement_html
from grants.agreements.models import Agreement, Brief, Grant, Terms
from grants.agreements.rendering import Attached, Rendered, RenderFailed, Unsettable, render
from grants.agreements.terms import terms_content, terms_hash
from grants.conditions.actions import ask_for_evidence, follow_terms
from grants.conditions.models import Condition
from partners.submissions.officers import officers_of
from vetting_portal.canonical import canonical_json, sha256_of
from vetting_portal.files import Blob, put
from vetting_portal.mail import notify
from vetting_portal.models import Funder, StoredFile, User
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record, transition_blockers

PDF = "application/pdf"
TAKEN_UP_FOR = timedelta(hours=1)
SCHEMA_FILE = Path(__file__).parents[1] / "terms.schema.json"
SCHEMA_ATTACHMENT = Attached(
    "terms.schema.json", SCHEMA_FILE.read_bytes(), "What each field of terms.json means (JSON Schema)", "Supplement"
)


@dataclass(frozen=True)
class Prepared:
    """A file that was made from a draft, before the draft is looked at again."""

    frozen_at: datetime
    digest: str
    blob: Blob
    pages: int


def terms_attachment(content: dict[str, Any]) -> Attached:
    """Return the terms as the file that every PDF carries."""
    return Attached("terms.json", canonical_json(content), "The terms as data: SHA-256 of this file is the terms hash")


def _next_version(grant: Grant) -> int:
    return grant.all_terms.count() + 1


def freeze_terms(*, grant: Grant, by: User) -> Grant:
    """Freeze the draft's terms: render the agreement and store it in no transaction, then move, if the draft
    is still the same.

    Raises PermissionDenied, Refused with every reason why the terms do not add up or cannot be printed, WordingError
    when a placeholder is left; then nothing was written but when it began, and a file without a name.
    """
    grant = Grant.objects.for_page().get(pk=grant.pk)
    if not by.has_perm("grants.freeze_grant", grant):
        raise PermissionDenied("freeze_grant")
    if reasons := transition_blockers(grant, "freeze"):
        raise Refused(reasons, subject=grant)
    frozen_at = _begin_freezing(grant=grant, by=by)
    content = terms_content(grant, Funder.objects.current(), version=_next_version(grant), frozen_at=frozen_at)
    digest = terms_hash(content)
    prepared = prepare(content, agreement_html(content, digest), frozen_at=frozen_at, subject=grant)
    return _freeze(grant=grant, prepared=prepared, by=by)


@action
def _begin_freezing(*, grant: Grant, by: User) -> datetime:
    """Put down on the draft when its freezing began, and return it. A try that broke off is taken up with the same time
    within the hour, as long as nobody changed the draft: the same terms, the same bytes.
    """
    grant = lock(grant)
    if not by.has_perm("grants.freeze_grant", grant):
        raise PermissionDenied("freeze_grant")
    if grant.state != Grant.State.DRAFT:
        raise Refused(transition_blockers(grant, "freeze"), subject=grant)
    now = timezone.now().replace(microsecond=0)
    if grant.frozen_at is None or not now - TAKEN_UP_FOR <= grant.frozen_at <= now:
        grant.frozen_at, grant.frozen_by = now, by
        grant.save(update_fields=["frozen_at", "frozen_by"])
        record("freezing_begun", grant, by=by, facts={"frozen_at": now.isoformat()})
    return grant.frozen_at


def prepare(content: dict[str, Any], html: str, *, frozen_at: datetime, subject: Any) -> Prepared:
    """Make the file to sign from ``html`` and store it; ``content`` are the terms that it carries. In no transaction.

    Raises Refused, about ``subject``, when a character has no font, or the press did not make it.
    """
    rendered = set_file(html, attachments=[terms_attachment(content), SCHEMA_ATTACHMENT], subject=subject)
    return Prepared(frozen_at, terms_hash(content), put(rendered.content), rendered.pages)


def set_file(html: str, *, attachments: Sequence[Attached], subject: Any) -> Rendered:
    """Render a file that people are to sign. In no transaction.

    Raises Refused, about ``subject``, when a character has no font, or the renderer did not make it.
    """
    try:
        return render(html, attachments=attachments)
    except Unsettable as unsettable:
        raise Refused([Blocker("The file cannot be printed.", hint=str(unsettable))], subject=subject) from None
    except RenderFailed as failed:
        hint = f"{failed} Try again; if it stays, shorten the longest texts, or tell who runs the portal."
        raise Refused([Blocker("The file could not be made.", hint=hint)], subject=subject) from failed


@action
def keep_frozen(
    *, grant: Grant, content: dict[str, Any], prepared: Prepared, kind: Agreement.Kind, subject: Any, by: User
) -> Agreement:
    """Write the next terms of a locked grant, and the file to sign. Raises Refused, about ``subject``, when they are no
    longer those that the file was made from.
    """
    if terms_hash(content) != prepared.digest:
        raise Refused(
            [Blocker("The draft changed while its file was made.", hint="Look at it again, then freeze it.")],
            subject=subject,
        )
    terms = Terms.objects.create(
        grant=grant,
        version=content["version"],
        content=content,
        sha256=prepared.digest,
        frozen_at=prepared.frozen_at,
        frozen_by=by,
    )
    stored = StoredFile.objects.record(prepared.blob, media_type=PDF)
    return Agreement.objects.create(
        terms=terms,
        kind=kind,
        content_sha256=prepared.digest,
        pages=prepared.pages,
        signed_file=stored,
        signed_sha256=stored.sha256,
        created_at=timezone.now(),
    )


@action
def _freeze(*, grant: Grant, prepared: Prepared, by: User) -> Grant:
    """Write the terms and the agreement and move the grant. Raises Refused when the draft changed while the
    file was made.
    """
    grant = lock(grant)
    content = terms_content(grant, Funder.objects.current(), version=_next_version(grant), frozen_at=prepared.frozen_at)
    kind = Agreement.Kind.AGREEMENT
    agreement = keep_frozen(grant=grant, content=content, prepared=prepared, kind=kind, subject=grant, by=by)
    terms = agreement.terms
    facts = {"terms_sha256": terms.sha256, "version": terms.version, "document_sha256": agreement.signed_sha256}
    grant = perform(grant.freeze, by=by, terms=terms, facts=facts)
    follow_terms(grant=grant, conditions=content["conditions"], by=by)
    ask_for_evidence(grant=grant, blocks=Condition.Blocks.DIRECTORS, by=by)
    _keep_brief(grant=grant, terms=terms, by=by)
    for director in asked_directors(grant.submission):
        notify(
            director,
            subject=f"Grant {grant.number} waits for your signature",
            template="grants/agreements/mail/to_sign.txt",
            context={"grant": grant, "content": content},
        )
    return grant


@action
def _keep_brief(*, grant: Grant, terms: Terms, by: User) -> Brief:
    """Keep the brief as it is at the moment of freezing, its hash in the trail."""
    content = brief_content(read_for_brief(Grant.objects.for_page().get(pk=grant.pk)))
    kept = Brief.objects.create(terms=terms, content=content, sha256=sha256_of(content), kept_at=timezone.now())
    record("briefed", kept, by=by, facts={"grant": grant.pk, "brief_sha256": kept.sha256})
    return kept


@action
def send_back_grant(*, grant: Grant, reason: str, by: User) -> Grant:
    """Open the terms again: the frozen ones, their file and every signature on it are void, and stay on record.

    Raises ValidationError without a reason, Refused when the grant does not wait for signatures.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why, so that the officer knows what to change."})
    grant = lock(grant)
    terms, agreement = grant.terms, grant.agreement
    grant = perform(grant.send_back, by=by, note=reason, reason=reason.strip())
    if terms is not None and agreement is not None:
        void_terms(terms=terms, agreement=agreement, reason=reason, by=by)
        what = "The terms were sent back to be changed."
        tell_of_void(grant=grant, agreement=agreement, what=what, reason=reason.strip(), by=by)
    for officer in officers_of(grant.submission, grant.created_by):
        notify(
            officer,
            subject=f"Grant {grant.number} came back",
            template="grants/agreements/mail/sent_back.txt",
            context={"grant": grant},
        )
    return grant


@action
def void_terms(*, terms: Terms, agreement: Agreement, reason: str, by: User) -> None:
    """Mark terms and agreement as void, with the reason, and record which signatures went with them."""
    now = timezone.now()
    terms.voided_at, terms.voided_by = now, by
    terms.save(update_fields=["voided_at", "voided_by"])
    agreement.voided_at, agreement.voided_by, agreement.voided_reason = now, by, reason.strip()
    agreement.save(update_fields=["voided_at", "voided_by", "voided_reason"])
    record(
        "voided",
        agreement,
        by=by,
        note=reason.strip(),
        facts={
            "terms_sha256": terms.sha256,
            "document_sha256": agreement.signed_sha256,
            "signatures": [signature.pk for signature in agreement.signatures.all()],
        },
    )
