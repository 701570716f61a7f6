"""Whose names are screened: the organisation by all its names, and each person who leads it; with a fingerprint of
each.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists

from partners.organisations.models import Organisation, Person
from reviews.screening.banks import Bank
from reviews.screening.spelling import ORGANISATION, PERSON
from vetting_portal.canonical import sha256_of


@dataclass(frozen=True)
class Subject:
    """One record of ours whose names meet the lists."""

    kind: str
    person: Person | None
    names: tuple[str, ...]
    local_name: str
    born: str
    country: str
    label: str
    bank: Bank | None = None

    @property
    def fingerprint(self) -> str:
        """What a decision was made about: it changes when a name, a date of birth or a country does."""
        return sha256_of({"names": list(self.names), "born": self.born, "country": self.country})


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names if name and name.strip()))


def subject_of_organisation(organisation: Organisation) -> Subject:
    """Return the organisation itself: legal, local and former names."""
    names = [organisation.legal_name, organisation.local_name, *map(str, organisation.former_names)]
    return Subject(
        kind=ORGANISATION,
        person=None,
        names=_once(names),
        local_name=organisation.local_name,
        born="",
        country=organisation.country,
        label="Applicant",
    )


def subject_of_person(person: Person) -> Subject:
    """Return one person who leads the organisation."""
    return Subject(
        kind=PERSON,
        person=person,
        names=_once([person.name, person.local_name]),
        local_name=person.local_name,
        born=person.born_on.isoformat() if person.born_on else "",
        country=person.nationality,
        label=person.get_role_display(),
    )


def subject_of_bank(bank: Bank) -> Subject:
    """Return the bank that the organisation is paid through."""
    return Subject(
        kind=ORGANISATION,
        person=None,
        names=_once([bank.name]),
        local_name="",
        born="",
        country=bank.country,
        label="Bank",
        bank=bank,
    )


def subjects_of(organisation: Organisation) -> list[Subject]:
    """Return everybody to screen: the organisation, its board, senior staff and signatories of now, its bank."""
    named = Bank.objects.current().filter(organisation=organisation)
    people = list(organisation.people_now().annotate(has_bank=Exists(named)))
    # The bank is read only where there is one: most organisations have none yet.
    banks = named if not people or people[0].has_bank else ()
    return _in_order(organisation, people, banks)


def subjects_of_each(organisations: Sequence[Organisation]) -> dict[int, list[Subject]]:
    """Return everybody to screen of several organisations, by the organisation's key, with two queries."""
    led: dict[int, list[Person]] = defaultdict(list)
    for person in Person.objects.filter(organisation__in=organisations, until_on__isnull=True):
        led[person.organisation_id].append(person)
    banks: dict[int, list[Bank]] = defaultdict(list)
    for bank in Bank.objects.current().filter(organisation__in=organisations):
        banks[bank.organisation_id].append(bank)
    return {one.pk: _in_order(one, led[one.pk], banks[one.pk]) for one in organisations}


def _in_order(organisation: Organisation, people: Iterable[Person], banks: Iterable[Bank]) -> list[Subject]:
    return [
        subject_of_organisation(organisation),
        *(subject_of_person(person) for person in people),
        *(subject_of_bank(bank) for bank in banks),
    ]


def fingerprint_of(subjects: Iterable[Subject]) -> str:
    """Return one fingerprint of all names, so that a person added after a screening shows."""
    return sha256_of(sorted([subject.person.pk if subject.person else 0, subject.fingerprint] for subject in subjects))
