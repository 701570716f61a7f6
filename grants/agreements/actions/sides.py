"""Which file of a grant stands to be signed, and for which side somebody signs it now."""

from django.core.exceptions import PermissionDenied

from grants.agreements.lettering import faults
from grants.agreements.models import Agreement, Grant
from grants.agreements.models.signing import Side
from grants.agreements.readiness import signing_blockers
from partners.organisations.models import waiting_blockers
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused

CHANGED = "Changed since you viewed it."


def standing(grant: Grant, document_sha256: str) -> Agreement:
    """Return the agreement that stands to be signed. Raises Refused when it is not the file that was seen."""
    agreement = grant.agreement
    if agreement is None or agreement.signed_sha256 != document_sha256:
        raise Refused(
            [
                Blocker(
                    CHANGED,
                    hint="Another file stands to be signed now, or none. Nothing was written.",
                    url=grant.get_absolute_url(),
                )
            ],
            title="Changed since you viewed it",
            subject=grant,
        )
    return agreement


def side_of(grant: Grant, by: User) -> str:
    """Return for which side ``by`` signs ``grant`` now. Raises PermissionDenied, or Refused with the reasons."""
    if grant.state == Grant.State.APPROVED and by.has_perm("grants.countersign_grant", grant):
        if grant.agreement is not None and grant.agreement.signatures.of_partner().exists():
            raise Refused([Blocker("The agreement is countersigned already.")], subject=grant)
        if waiting := waiting_blockers(grant.submission.organisation_id):
            raise Refused(waiting, subject=grant)
        if wrong := faults(by.name):
            raise Refused([Blocker("The agreement cannot print your name.", hint=" ".join(wrong))], subject=grant)
        return Side.PARTNER
    if not by.has_perm("grants.sign_grant", grant):
        raise PermissionDenied("sign_grant")
    if grant.state != Grant.State.AWAITING_SIGNATURE:
        raise Refused(
            [
                Blocker(
                    f"This grant is {grant.get_state_display().lower()}.",
                    hint="It does not wait for a director's signature.",
                )
            ],
            subject=grant,
        )
    if reasons := signing_blockers(grant, by):
        raise Refused(reasons, subject=grant)
    return Side.DIRECTOR
