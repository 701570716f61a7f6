"""Forgetting people whom partners name: referees, people who led an organisation, addresses of invitations."""

from collections.abc import Iterator

from django.db.models import Model, Q, QuerySet

from partners.organisations.actions import erase_leader
from partners.organisations.models import ERASED, Invitation, Membership, Person
from partners.submissions.actions import erase_referee
from partners.submissions.models import Referee
from vetting_portal.erasing import ERASED_DOMAIN, Erasable, Said
from vetting_portal.models import User

AS_SENT = "Applications that were sent name this person. They are kept as sent, because their hash is in the trail."


def _referees(words: str) -> QuerySet[Referee]:
    named = Referee.objects.filter(Q(email__icontains=words) | Q(name__icontains=words))
    return named.select_related("submission").order_by("pk")


def _people(words: str) -> QuerySet[Person]:
    named = Person.objects.filter(Q(name__icontains=words) | Q(local_name__icontains=words))
    return named.select_related("organisation").order_by("pk")


ERASABLE = (
    Erasable(
        key="referee",
        label="Referee",
        model=Referee,
        find=_referees,
        describe=lambda referee: f"{referee.name}, {referee.email}, for application {referee.submission.number}",
        is_erased=lambda referee: referee.email.endswith(f"@{ERASED_DOMAIN}"),
        erase=erase_referee,
    ),
    Erasable(
        key="person",
        label="Person of an organisation",
        model=Person,
        find=_people,
        describe=lambda person: f"{person.name}, {person.get_role_display().lower()} of {person.organisation}",
        is_erased=lambda person: person.name == ERASED,
        erase=erase_leader,
    ),
)


def about_erasure(record: Model) -> Iterator[Said]:
    """Say what goes and stays of a referee or a person, and what keeps a member's account."""
    if isinstance(record, Referee):
        yield Said("goes", "Name, e-mail address, organisation, relation and language.")
    if isinstance(record, Person):
        yield Said("goes", "Name in every script, title, date of birth and nationality.")
        yield Said("stays", AS_SENT)
        if record.until_on is None:
            url = record.organisation.get_absolute_url()
            yield Said("blocks", f"This person leads {record.organisation} now, and is screened by name.", url)
    if isinstance(record, User):
        for membership in Membership.objects.current().filter(user=record).select_related("organisation"):
            url = membership.organisation.get_absolute_url()
            yield Said("blocks", f"This person acts for {membership.organisation} now. End the membership first.", url)


def forget_address(address: str, instead: str) -> None:
    """Put ``instead`` in place of an address on every invitation that was sent to it; no open one stays open."""
    Invitation.objects.filter(email__iexact=address).update(email=instead)
