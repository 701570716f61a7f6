"""Which file of a grant or amendment stands to be signed, and for which side somebody signs it now.

What is signed has a state, its file as ``agreement``, a submission, and ``signing_blockers``. Its kind names the
permissions: ``grants.sign_grant``, ``grants.sign_amendment``.
"""

from typing import Any

from django.core.exceptions import PermissionDenied

from grants.agreements.lettering import faults
from grants.agreements.models import Agreement, Grant
from grants.agreements.models.signing import Side
from grants.conditions.models import Condition, condition_blockers
from partners.organisations.models import waiting_blockers
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused

CHANGED = "Changed since you viewed it."


def standing(grant: Any, document_sha256: str) -> Agreement:
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


def side_of(grant: Any, by: User) -> str:
    """Return for which side ``by`` signs ``grant`` now. Raises PermissionDenied, or Refused with the reasons."""
    kind = grant._meta.model_name
    if grant.state == Grant.State.APPROVED and by.has_perm(f"grants.countersign_{kind}", grant):
        if grant.agreement is not None and grant.agreement.signatures.of_partner().exists():
            raise Refused([Blocker("It is countersigned already.")], subject=grant)
        if waiting := waiting_blockers(grant.submission.organisation_id):
            raise Refused(waiting, subject=grant)
        if kind == "grant" and (unmet := condition_blockers(grant, Condition.Blocks.PARTNER)):
            raise Refused(unmet, title="You cannot sign yet", subject=grant)
        if wrong := faults(by.name):
            raise Refused([Blocker("The agreement cannot print your name.", hint=" ".join(wrong))], subject=grant)
        return Side.PARTNER
    if not by.has_perm(f"grants.sign_{kind}", grant):
        raise PermissionDenied(f"sign_{kind}")
    if grant.state != Grant.State.AWAITING_SIGNATURE:
        raise Refused(
            [
                Blocker(
                    f"This {kind} is {grant.get_state_display().lower()}.",
                    hint="It does not wait for a director's signature.",
                )
            ],
            subject=grant,
        )
    if reasons := grant.signing_blockers(by):
        raise Refused(reasons, subject=grant)
    return Side.DIRECTOR
