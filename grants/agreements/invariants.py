"""What must be true of every grant, agreement and signature."""

from collections.abc import Callable, Iterator

from django.db.models import Count, F, Q

from grants.agreements.models import Agreement, Brief, Grant, Signature, Terms, Timestamp
from grants.agreements.values import wording_of
from grants.funds.models import Account
from grants.sealing.failing import CouldNotTimestamp
from grants.sealing.models import SealCertificate
from grants.sealing.timestamps import check_token, stored_trust
from grants.wordings.filling import WordingError
from partners.submissions.models import Duty
from vetting_portal.canonical import sha256_of
from vetting_portal.files import open_stored

PROMISED = (Grant.State.APPROVED, Grant.State.IN_FORCE, Grant.State.COMPLETED)


def terms_have_their_hash() -> Iterator[str]:
    """Frozen terms still have the hash that was taken of them."""
    for terms in Terms.objects.iterator():
        if sha256_of(terms.content) != terms.sha256:
            yield f"terms {terms} do not have their hash"


def terms_name_a_wording_that_is_kept() -> Iterator[str]:
    """The wording that frozen terms name is published, with the hash that they name."""
    for terms in Terms.objects.iterator():
        try:
            wording_of(terms.content)
        except WordingError as error:
            yield f"terms {terms}: {error}"


def briefs_have_their_hash() -> Iterator[str]:
    """A brief that was kept still has the hash that was taken of it."""
    for brief in Brief.objects.select_related("terms").iterator():
        if sha256_of(brief.content) != brief.sha256:
            yield f"{brief} does not have its hash"


def agreements_have_their_files() -> Iterator[str]:
    """Every agreement's files are in the storage, with the bytes that the record names."""
    for agreement in Agreement.objects.select_related("signed_file", "sealed_file", "terms").iterator():
        for stored, sha256 in (
            (agreement.signed_file, agreement.signed_sha256),
            (agreement.sealed_file, agreement.sealed_sha256),
        ):
            if stored is None:
                continue
            if stored.sha256 != sha256:
                yield f"{agreement} names another file than it stores"
            try:
                open_stored(stored).close()
            except OSError:
                yield f"{agreement}: its file {sha256} is missing"


def signatures_name_the_signed_file() -> Iterator[str]:
    """Every signature names the hash of its agreement's file; a director's has its duty."""
    for signature in Signature.objects.exclude(document_sha256=F("agreement__signed_sha256")).select_related(
        "agreement"
    ):
        yield f"signature {signature.pk} names another file than {signature.agreement}"
    directors = Signature.objects.filter(side="director", agreement__voided_at__isnull=True)
    for signature in directors.select_related("agreement__terms__grant"):
        submission = signature.agreement.terms.grant.submission_id
        if not Duty.objects.filter(submission=submission, user=signature.user_id, side="sign").exists():
            yield f"signature {signature.pk} has no duty to sign beside it"


def promised_grants_have_signatures_and_reserve() -> Iterator[str]:
    """A grant past its approval has its directors' signatures and an account of its own; in force, seal and
    countersignature.
    """
    grants = (
        Grant.objects.filter(state__in=PROMISED)
        .select_related("terms", "reserve_account")
        .annotate(
            directors=Count(
                "terms__agreements__signatures",
                filter=Q(terms__agreements__kind="agreement", terms__agreements__signatures__side="director"),
            )
        )
    )
    for grant in grants:
        if grant.terms is None or grant.directors < grant.terms.content["funder"]["directors_needed"]:
            yield f"grant {grant.number} is {grant.state} with {grant.directors} directors' signatures"
        account = grant.reserve_account
        if account is None or account.kind != Account.Kind.RESERVED or account.reference != grant.number:
            yield f"grant {grant.number} has no reserve of its own"
        fees = Account.objects.filter(kind=Account.Kind.RESERVED, reference=grant.fee_reference)
        if grant.fee_top_up_minor and not fees.exists():
            yield f"grant {grant.number} has no reserve for card fees"
        if grant.state != Grant.State.APPROVED and grant.enter_into_force_blockers():
            yield f"grant {grant.number} is {grant.state} without countersignature or seal"


def seals_have_a_certificate() -> Iterator[str]:
    """Where something is sealed, the certificate that proves it is on record."""
    if Agreement.objects.filter(sealed_at__isnull=False).exists() and not SealCertificate.objects.exists():
        yield "sealed agreements have no certificate on record"


def timestamps_hold() -> Iterator[str]:
    """Every timestamp is of the sealed file, and holds under the root it was believed by, as of the day it came."""
    for stamp in Timestamp.objects.select_related("agreement__terms").iterator():
        sha256, trusted = stamp.agreement.sealed_sha256, stored_trust(stamp.pem)
        try:
            check_token(bytes(stamp.token), sha256=sha256, trusted=trusted, at=stamp.recorded_at)
        except CouldNotTimestamp as error:
            yield f"{stamp}: {error}"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    terms_have_their_hash,
    terms_name_a_wording_that_is_kept,
    briefs_have_their_hash,
    agreements_have_their_files,
    signatures_name_the_signed_file,
    promised_grants_have_signatures_and_reserve,
    seals_have_a_certificate,
    timestamps_hold,
]
