"""The seal: made in no transaction from what is on record, then recorded once."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.tasks import Task
from django.utils import timezone

from grants.agreements.actions.freezing import PDF, SCHEMA_ATTACHMENT, terms_attachment
from grants.agreements.actions.stamping import LEFT_BEHIND, stamp_agreement_task
from grants.agreements.actions.trying import set_back, words_of
from grants.agreements.closings import closing_html
from grants.agreements.completions import completion_html
from grants.agreements.documents import signed_html
from grants.agreements.models import Agreement, Grant, Setback
from grants.agreements.models.sealing import left_unsealed
from grants.agreements.rendering import Attached, render
from grants.agreements.statements import statement_html
from grants.sealing.actions import present_certificate
from grants.sealing.failing import CouldNotSeal
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import LEVEL, seal
from partners.organisations.actions import tell_owners
from partners.submissions.officers import officers_of
from vetting_portal.canonical import canonical_json, sha256_of
from vetting_portal.files import Blob, put, read_stored
from vetting_portal.mail import notify
from vetting_portal.models import StoredFile, User
from vetting_portal.tasks import background
from vetting_portal.workflow import Blocker, Refused, action, lock, perform, record

logger = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(hours=1)
AT_MOST = 500  # seals asked for by one round


def seal_statement(*, grant: Grant, content: dict[str, Any], by: User) -> Agreement:
    """Make a statement of match from the frozen figures of a closed campaign, and seal it; run again it
    changes nothing.

    ``content`` holds ``closed_at`` and ``figures`` in minor units. Raises Refused when the agreement has no seal yet.
    """
    statement = _open_statement(grant=grant, content=content, by=by)
    return seal_or_set_back(agreement=statement, by=by)


@action
def _open_statement(*, grant: Grant, content: dict[str, Any], by: User) -> Agreement:
    """Put the figures of a closed campaign on record as a statement of match, once a grant, bound to the
    sealed agreement.
    """
    if not by.has_perm("grants.seal_grant", grant):
        raise PermissionDenied("seal_grant")
    grant = lock(grant)
    agreement = grant.agreement
    if agreement is None or agreement.sealed_at is None:
        raise Refused(
            [Blocker("The agreement is not sealed yet.", hint="A statement names the sealed agreement's hash.")],
            subject=grant,
        )
    if grant.statement is not None:
        return grant.statement
    terms = grant.terms_in_force or agreement.terms
    frozen = {
        **content,
        "kind": "statement",
        "number": grant.number,
        "version": terms.version,
        "example": agreement.is_example,
        "currency": grant.currency,
        "terms_sha256": terms.sha256,
        "agreement_sealed_sha256": agreement.sealed_sha256,
        "agreement_signed_sha256": agreement.signed_sha256,
        "amendments": [
            {"number": one.terms.content["amendment"]["number"], "sealed_sha256": one.sealed_sha256}
            for one in agreement.amended_by.filter(terms__version__lte=terms.version)
        ],
    }
    statement = Agreement.objects.create(
        terms=terms,
        kind=Agreement.Kind.STATEMENT,
        content=frozen,
        content_sha256=sha256_of(frozen),
        created_at=timezone.now(),
    )
    record(
        "statement_opened",
        statement,
        by=by,
        facts={"content_sha256": statement.content_sha256, "figures": frozen["figures"]},
    )
    return statement


def _pdf_of(agreement: Agreement, sealed_at: datetime) -> bytes:
    """Return the final PDF before its seal: the filled pages, the data, and where people signed the very file that they
    signed.
    """
    terms = agreement.terms
    if agreement.kind == Agreement.Kind.STATEMENT:
        figures = Attached("statement.json", canonical_json(agreement.content), "The figures as data")
        html = statement_html(agreement, sealed_at=sealed_at)
        return render(html, attachments=[figures, terms_attachment(terms.content), SCHEMA_ATTACHMENT]).content
    if agreement.kind == Agreement.Kind.COMPLETION:
        told = Attached("completion.json", canonical_json(agreement.content), "What the letter says, as data")
        html = completion_html(agreement, sealed_at=sealed_at)
        return render(html, attachments=[told, terms_attachment(terms.content), SCHEMA_ATTACHMENT]).content
    stored = agreement.signed_file
    if stored is None:
        raise ValueError(f"{agreement} has no signed file.")
    signed = Attached("signed.pdf", read_stored(stored), f"The file that was signed, SHA-256 {stored.sha256}", "Source")
    if agreement.kind == Agreement.Kind.CLOSING:
        told = Attached("closing.json", canonical_json(agreement.content), "What the letter says, as data")
        return render(closing_html(agreement, sealed_at=sealed_at), attachments=[
            told, terms_attachment(terms.content), SCHEMA_ATTACHMENT, signed,
        ]).content  # fmt: skip
    html = signed_html(
        agreement.kind,
        terms.content,
        terms.sha256,
        signatures=list(agreement.signatures.order_by("ordinal")),
        signed_sha256=agreement.signed_sha256,
        sealed_at=sealed_at,
    )
    return render(html, attachments=[terms_attachment(terms.content), SCHEMA_ATTACHMENT, signed]).content


def seal_agreement(*, agreement: Agreement, by: User) -> Agreement:
    """Make, seal and store the final file, then record it; an agreement puts its grant in force, what an amendment
    changes is its own room's. Run again it changes nothing.
    """
    agreement = Agreement.objects.select_related("terms__grant", "signed_file").get(pk=agreement.pk)
    if agreement.sealed_at is not None:
        return agreement
    if agreement.voided_at is not None:
        raise Refused([Blocker("The agreement is void.", hint="Its terms were opened again.")])
    if agreement.kind == Agreement.Kind.CLOSING and not agreement.signatures.of_directors().exists():
        raise Refused([Blocker("No director has confirmed it yet.")])
    is_signed_by_both = agreement.kind in {Agreement.Kind.AGREEMENT, Agreement.Kind.AMENDMENT}
    if is_signed_by_both and not agreement.signatures.of_partner().exists():
        raise Refused([Blocker("The partner has not countersigned yet.")])
    if reasons := agreement.terms.grant.hold_blockers():
        raise Refused(reasons, subject=agreement.terms.grant)
    sealed_at = timezone.now().replace(microsecond=0)
    certificate = present_certificate(by=by)
    blob = put(seal(_pdf_of(agreement, sealed_at), digest=agreement.content_sha256, certificate=certificate))
    return _record_seal(agreement=agreement, blob=blob, sealed_at=sealed_at, certificate=certificate, by=by)


def seal_or_set_back(*, agreement: Agreement, by: User, again: Task[[int], None] | None = None) -> Agreement:
    """Seal; where that cannot be done, leave a setback for staff to see and a later try (``again``, or this room's own
    task). Never a lesser seal instead.

    Raises Refused for what must not be sealed.
    """
    try:
        return seal_agreement(agreement=agreement, by=by)
    except (Refused, PermissionDenied):
        raise
    except Exception as error:
        logger.exception("No seal for %s", agreement)
        step, reason = Setback.Step.SEAL, words_of(error)
        set_back(agreement=agreement, step=step, reason=reason, again=again or seal_agreement_task, by=by)
        return agreement


@action
def _record_seal(
    *, agreement: Agreement, blob: Blob, sealed_at: datetime, certificate: SealCertificate, by: User
) -> Agreement:
    """Write the sealed file's hash, once; put the grant in force, have it stamped. Of two workers one writes.

    Raises CouldNotSeal when the key was given up meanwhile.
    """
    if not by.has_perm("grants.seal_grant", agreement.terms.grant):
        raise PermissionDenied("seal_grant")
    grant = lock(agreement.terms.grant)
    agreement = lock(agreement)
    if agreement.sealed_at is not None:
        return agreement
    if not SealCertificate.objects.get(pk=certificate.pk).counts_at(sealed_at):
        raise CouldNotSeal("The key of the seal was given up meanwhile.")
    stored = StoredFile.objects.record(blob, media_type=PDF)
    agreement.sealed_file, agreement.sealed_sha256 = stored, stored.sha256
    agreement.sealed_at, agreement.seal_level = sealed_at, LEVEL
    agreement.save(update_fields=["sealed_file", "sealed_sha256", "sealed_at", "seal_level"])
    facts = {"sealed_sha256": stored.sha256, "level": LEVEL, "certificate": certificate.fingerprint}
    record("sealed", agreement, by=by, facts=facts)
    if settings.TSA_URL:
        stamp_agreement_task.enqueue(agreement.pk)
    if agreement.kind == Agreement.Kind.AGREEMENT:
        _enter_into_force(grant, agreement, by)
    return agreement


@action
def try_again(*, grant: Grant, by: User) -> Grant:
    """Have what failed tried now: the seal, or the timestamp, of a grant's documents; the seal of an amendment is its
    own room's. Raises Refused.
    """
    if not by.has_perm("grants.try_seal_again", grant):
        raise PermissionDenied("try_seal_again")
    grant = lock(grant)
    failed = list(Setback.objects.to_show(grant))
    if not failed:
        raise Refused([Blocker("Nothing failed that is still to be done.")], subject=grant)
    for document, step in dict.fromkeys((one.agreement, one.step) for one in failed):
        if step == Setback.Step.TIMESTAMP:
            stamp_agreement_task.enqueue(document.pk)
        elif document.kind != Agreement.Kind.AMENDMENT:
            seal_agreement_task.enqueue(document.pk)
    record("seal_tried_again", grant, by=by, facts={"steps": sorted({one.step for one in failed})})
    return grant


def _enter_into_force(grant: Grant, agreement: Agreement, by: User) -> None:
    facts: dict[str, Any] = {"sealed_sha256": agreement.sealed_sha256}
    perform(grant.enter_into_force, by=by, facts=facts)
    subject, template = f"Grant {grant.number} is in force", "grants/agreements/mail/in_force.txt"
    context = {"grant": grant, "agreement": agreement}
    for officer in officers_of(grant.submission, grant.created_by):
        notify(officer, subject=subject, template=template, context=context)
    tell_owners(organisation=grant.submission.organisation, subject=subject, template=template, context=context, by=by)


@background()
def seal_agreement_task(agreement_id: int) -> None:
    """Seal one document; while its partner is held, look again every hour."""
    agreement = Agreement.objects.select_related("terms__grant").get(pk=agreement_id)
    if agreement.terms.grant.hold_blockers():
        seal_agreement_task.using(run_after=timezone.now() + LOOK_AGAIN).enqueue(agreement_id)
        return
    seal_or_set_back(agreement=agreement, by=User.objects.system("background"))


@background()
def seal_what_was_left() -> None:
    """Once a day: seal what should be sealed and waits for no other try, however old it is; what is held waits on."""
    for agreement in left_unsealed(timezone.now() - LEFT_BEHIND)[:AT_MOST]:
        if not agreement.terms.grant.hold_blockers():
            seal_agreement_task.enqueue(agreement.pk)
