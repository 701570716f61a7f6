"""Who else names the same person: a confirmed hit holds every organisation that does."""

from django.db.models import Q, QuerySet

from partners.organisations.models import Organisation, Person
from reviews.screening.models import ScreeningHit


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _is_same(one: Person, other: Person) -> bool:
    """Whether two records name one person: a name in common, and no date of birth that says otherwise.

    A date that is missing says nothing, so it does not keep them apart: where there is doubt, everything waits.
    """
    names = [{_plain(name) for name in (each.name, each.local_name) if name.strip()} for each in (one, other)]
    return bool(names[0] & names[1]) and (not one.born_on or not other.born_on or one.born_on == other.born_on)


def others_naming(hit: ScreeningHit) -> QuerySet[Organisation]:
    """Return the other organisations that name the person of a hit among those who lead them now."""
    person = hit.person
    if person is None:
        return Organisation.objects.none()
    alike = Q()
    for name in filter(None, {person.name.strip(), person.local_name.strip()}):
        alike |= Q(name__iexact=name) | Q(local_name__iexact=name)
    near = Person.objects.filter(alike, until_on__isnull=True).exclude(organisation=hit.organisation_id)
    return Organisation.objects.filter(pk__in={other.organisation_id for other in near if _is_same(person, other)})
