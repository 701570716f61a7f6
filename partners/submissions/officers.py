"""Who of the funder's staff is written to about an application, and about the grant that came of it."""

from partners.organisations.models import Membership
from partners.submissions.models import Submission
from vetting_portal.models import Role, User


def officers_of(submission: Submission, *others: User) -> list[User]:
    """Return who runs the application and ``others`` (who drafted its grant), of those who are programme officers today
    and never belonged to the partner. Where none of them is left, every such officer.
    """
    ever = Membership.objects.filter(organisation=submission.organisation_id).values("user")
    able = list(User.objects.with_role(Role.PROGRAMME_OFFICER).exclude(pk__in=ever).order_by("pk"))
    wanted = {one.pk for one in (submission.officer, *others) if one is not None}
    return [one for one in able if one.pk in wanted] or able
