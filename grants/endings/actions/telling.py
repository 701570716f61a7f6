"""Who is notified once a director confirmed that a grant ends: partner, signatories, officer, finance."""

from typing import Any

from grants.agreements.models import Signature
from grants.agreements.models.signing import Side
from grants.endings.models import Ending
from grants.endings.money import outstanding_minor
from partners.organisations.actions import tell_partner
from partners.submissions.officers import officers_of
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import action


def readers_of(ending: Ending) -> dict[str, list[User]]:
    """Return who is notified when the grant ends: ``partner`` (owners, and who signed for it), ``staff`` (directors who
    signed, who asked, the officer), ``finance`` (where money was paid). Each person once, by primary key.
    """
    return readers(ending.grant, asker=ending.asked_by, is_paid=ending.due_on is not None)


def readers(grant: Any, *, asker: User, is_paid: bool) -> dict[str, list[User]]:
    """Return the same for a grant whose end ``asker`` is about to ask for."""
    agreement = grant.agreement
    signed = Signature.objects.filter(agreement=agreement).select_related("user") if agreement else ()
    owners = [one.user for one in grant.submission.organisation.owners().select_related("user")]
    partner = [*owners, *(one.user for one in signed if one.side == Side.PARTNER)]
    directors = [one.user for one in signed if one.side == Side.DIRECTOR]
    staff = [*directors, asker, *officers_of(grant.submission, grant.created_by)]
    finance = list(User.objects.with_role(Role.FINANCE_OFFICER)) if is_paid else []
    groups = {"partner": partner, "staff": staff, "finance": finance}
    return {
        name: sorted({one.pk: one for one in group}.values(), key=lambda one: one.pk) for name, group in groups.items()
    }


@action
def tell_of_end(*, ending: Ending, by: User) -> None:
    """Write to everybody who is notified; what goes to a held partner is withheld with its other messages."""
    grant, found = ending.grant, readers_of(ending)
    context = {"ending": ending, "grant": grant, "outstanding_minor": outstanding_minor(ending)}
    subject = f"Grant {grant.number} ends"
    for member in found["partner"]:
        tell_partner(
            organisation=grant.submission.organisation,
            to=member,
            subject=subject,
            template="grants/endings/mail/to_partner.txt",
            context=context,
            by=by,
        )
    for reader in found["staff"]:
        notify(reader, subject=subject, template="grants/endings/mail/to_staff.txt", context=context)
    for reader in found["finance"]:
        notify(
            reader,
            subject=f"{subject}: money to expect",
            template="grants/endings/mail/to_finance.txt",
            context=context,
        )
