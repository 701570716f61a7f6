"""Signatures of an amendment: the same challenge, proof and record as the agreement's; what follows is its own."""

from typing import Any

from grants.agreements.actions.proving import Answer
from grants.agreements.actions.signing import attempt
from grants.agreements.models import Agreement, Signature
from grants.agreements.models.signing import Side
from grants.amendments.actions.entering import seal_amendment_task
from grants.amendments.models import Amendment
from grants.funds.actions import reserve
from partners.organisations.actions import tell_owners
from vetting_portal.models import User
from vetting_portal.workflow import perform


def sign_amendment(*, amendment: Amendment, document_sha256: str, by: User, **given: Any) -> Signature:
    """Sign as director. The last one needed approves the amendment and reserves the rise of the cap, in one action.

    Raises as ``sign_agreement`` does.
    """
    return attempt(amendment, document_sha256, Answer(**given), by, Side.DIRECTOR, then=_after_director)


def countersign_amendment(*, amendment: Amendment, document_sha256: str, by: User, **given: Any) -> Signature:
    """Sign for the partner, after the directors; the seal follows as a task. Raises as ``sign_agreement`` does."""
    return attempt(amendment, document_sha256, Answer(**given), by, Side.PARTNER, then=_after_partner)


def _after_partner(amendment: Amendment, _document: Agreement, _by: User) -> None:
    seal_amendment_task.enqueue(amendment.pk)


def _after_director(amendment: Amendment, document: Agreement, by: User) -> None:
    """After the last director needed: reserve the rise of the cap, approve, ask the partner."""
    needed = int(document.terms.content["directors"]["needed"])
    if document.signatures.of_directors().count() < needed:
        return
    if amendment.more_minor > 0:
        reference = f"{amendment.grant.number}-v{document.terms.version}"
        amendment.reserve_account = reserve(
            fund=amendment.fund, reference=reference, amount_minor=amendment.more_minor, by=by
        )
        amendment.save(update_fields=["reserve_account"])
    facts = {"document_sha256": document.signed_sha256, "cap_minor": amendment.cap_minor}
    perform(amendment.approve, by=by, facts=facts)
    tell_owners(
        organisation=amendment.submission.organisation,
        subject=f"{amendment}: please countersign",
        template="grants/amendments/mail/to_countersign.txt",
        context={"amendment": amendment},
        by=by,
    )
