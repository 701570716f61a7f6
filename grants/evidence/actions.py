"""Taking evidence out: looked up first, recorded, then handed on."""

from django.core.exceptions import PermissionDenied

from grants.agreements.models import Grant
from grants.evidence.bundle import Evidence, read_evidence
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, record


def export_blockers(grant: Grant) -> list[Blocker]:
    """Return why there is no evidence yet: it begins with the sealed agreement."""
    agreement = grant.agreement
    if agreement is None or agreement.sealed_at is None:
        return [Blocker("The agreement is not sealed yet.", hint="The evidence of a grant begins with its seal.")]
    return []


def export_evidence(*, grant: Grant, by: User) -> Evidence:
    """Read the evidence of a grant and record who takes it out. Raises PermissionDenied; Refused before the seal."""
    if not by.has_perm("grants.export_evidence", grant):
        raise PermissionDenied("export_evidence")
    if reasons := export_blockers(grant):
        raise Refused(reasons, subject=grant)
    evidence = read_evidence(grant)
    _record_export(grant=grant, last_seq=evidence.last_seq, by=by)
    return evidence


@action
def _record_export(*, grant: Grant, last_seq: int, by: User) -> None:
    """Record that the evidence up to one entry of the trail was taken out."""
    if not by.has_perm("grants.export_evidence", grant):
        raise PermissionDenied("export_evidence")
    record("evidence_exported", grant, by=by, facts={"up_to": last_seq})
