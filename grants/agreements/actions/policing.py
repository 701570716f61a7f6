"""The signing policy: a change is a new version of the funder's record, for terms that are frozen from then on."""

from django.core.exceptions import PermissionDenied, ValidationError

from vetting_portal.actions import change_funder
from vetting_portal.models import Funder, SigningPolicy, User
from vetting_portal.workflow import action, record


@action
def set_signing_policy(*, policy: SigningPolicy, by: User) -> Funder:
    """Set who signs, how many and by which means; what is frozen already keeps the policy it was frozen with.

    Raises PermissionDenied, ValidationError for what does not make sense.
    """
    if not by.has_perm("grants.set_signing_policy"):
        raise PermissionDenied("set_signing_policy")
    problems = policy.problems()
    if problems:
        raise ValidationError(problems)
    before = Funder.objects.current().signing_policy
    funder = change_funder(by=by, signing_policy=policy.kept())
    record("signing_policy_set", funder, by=by, facts={"before": before, "after": policy.kept()})
    return funder
