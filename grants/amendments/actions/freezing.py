"""From a draft to frozen terms with a file to sign."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from grants.agreements.actions.asking import asked_directors
from grants.agreements.actions.freezing import Prepared, keep_frozen, prepare
from grants.agreements.documents import amendment_html
from grants.agreements.models import Agreement
from grants.agreements.terms import terms_hash
from grants.amendments.changes import lines
from grants.amendments.models import Amendment
from vetting_portal.mail import notify
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused, action, lock, perform, transition_blockers


def _marks(document: Agreement) -> dict[str, Any]:
    """Return the hashes by which an amendment names what it is bound to."""
    return {
        "version": document.terms.version,
        "terms_sha256": document.terms.sha256,
        "signed_sha256": document.signed_sha256,
        "sealed_sha256": document.sealed_sha256,
    }


def frozen_content(amendment: Amendment, funder: Funder, frozen_at: datetime) -> dict[str, Any]:
    """Return the whole terms as they stand with the amendment, and what it amends, what it changes and why: the same
    draft and time give the same content. It is bound to the agreement and to the amendment in force before it.
    """
    grant, agreement = amendment.grant, amendment.grant.agreement
    if agreement is None or grant.in_force_at is None:
        raise ValueError(f"{amendment} amends no agreement.")
    before = agreement.amended_by.last()
    content = amendment.drafted(funder)
    in_force_on = timezone.localdate(grant.in_force_at).isoformat()
    return {
        **content,
        "kind": "amendment",
        "version": grant.all_terms.count() + 1,
        "example": funder.is_example,
        "frozen_at": frozen_at.astimezone(UTC).isoformat(),
        "amendment": {
            "number": amendment.ordinal,
            "reason": amendment.reason,
            "amends": {**_marks(agreement), "in_force_on": in_force_on},
            "previous": {"number": before.terms.content["amendment"]["number"], **_marks(before)} if before else None,
            "changes": lines(amendment.base.content, content),
        },
    }


def freeze_amendment(*, amendment: Amendment, by: User) -> Amendment:
    """Freeze the draft's terms: render the document and store it in no transaction, then move, if the draft is still
    the same.

    Raises PermissionDenied, Refused with every reason why the terms do not add up or may not be changed.
    """
    amendment = Amendment.objects.for_page().get(pk=amendment.pk)
    if not by.has_perm("grants.freeze_amendment", amendment):
        raise PermissionDenied("freeze_amendment")
    if reasons := transition_blockers(amendment, "freeze"):
        raise Refused(reasons, subject=amendment)
    frozen_at = timezone.now().replace(microsecond=0)
    content = frozen_content(amendment, Funder.objects.current(), frozen_at)
    digest = terms_hash(content)
    prepared = prepare(content, amendment_html(content, digest), frozen_at=frozen_at, subject=amendment)
    return _freeze(amendment=amendment, prepared=prepared, by=by)


@action
def _freeze(*, amendment: Amendment, prepared: Prepared, by: User) -> Amendment:
    """Write the terms and the document and move the amendment. Raises Refused when the draft changed meanwhile."""
    grant = lock(amendment.grant)
    amendment = lock(amendment)
    content = frozen_content(amendment, Funder.objects.current(), prepared.frozen_at)
    kind = Agreement.Kind.AMENDMENT
    document = keep_frozen(grant=grant, content=content, prepared=prepared, kind=kind, subject=amendment, by=by)
    terms = document.terms
    facts = {"terms_sha256": terms.sha256, "version": terms.version, "document_sha256": document.signed_sha256}
    amendment = perform(amendment.freeze, by=by, terms=terms, facts=facts)
    for director in asked_directors(amendment.submission):
        notify(
            director,
            subject=f"{amendment} waits for your signature",
            template="grants/amendments/mail/to_sign.txt",
            context={"amendment": amendment},
        )
    return amendment
