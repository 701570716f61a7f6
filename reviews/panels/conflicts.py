"""What the records show between somebody who judges and a partner: memberships, declarations, domains, names.

Hard findings bar: who acts or acted for the partner, or declared an interest in it. Soft ones are told to the officer,
who asks the person only with a written reason, and to the person, who answers them at the declaration.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from partners.organisations.models import Membership, Organisation, Person
from reviews.panels.models import ConflictDeclaration
from reviews.screening.matching import IndexedName, NameIndex
from reviews.screening.spelling import PERSON
from vetting_portal.models import User

SHARED_DOMAINS = Path(__file__).parent / "data/shared_domains.txt"
LEAST_LABELS = 2  # a domain that is a country's or a registry's own is nobody's


class Kind(StrEnum):
    """Which record shows it."""

    MEMBER = "member"
    INTEREST = "interest"
    TOGETHER = "together"
    DOMAIN = "domain"
    NAME = "name"


HARD = frozenset({Kind.MEMBER, Kind.INTEREST})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the records show: ``text`` is about the person, ``question`` is put to them."""

    kind: Kind
    text: str
    question: str

    @property
    def is_hard(self) -> bool:
        """Whether it bars the person from judging."""
        return self.kind in HARD

    @property
    def key(self) -> str:
        """A name for its answer, the same as long as the records show the same."""
        return f"{self.kind}_{sha256(self.text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class _Records:
    """What is known of the partner: read once for everybody who is looked at."""

    organisation: Organisation
    members: Sequence[Membership]
    domains: Mapping[str, str]  # domain: whose it is
    people: Mapping[int, Person]
    names: NameIndex


@cache
def shared_domains() -> frozenset[str]:
    """Return the domains that many share."""
    lines = SHARED_DOMAINS.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def domain_of(address: str) -> str:
    """Return the domain of an e-mail or web address, without ``www.``; empty where many share it or there is none."""
    host = address.rpartition("@")[2] if "@" in address and "/" not in address else urlsplit(address).hostname or ""
    host = host.strip().rstrip(".").lower().removeprefix("www.")
    if host.count(".") + 1 < LEAST_LABELS or any(host == one or host.endswith(f".{one}") for one in shared_domains()):
        return ""
    return host


def is_same_domain(one: str, other: str) -> bool:
    """Whether two domains are the same, or one lies under the other: ``mail.lift.example`` and ``lift.example``."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def findings_of(organisation: Organisation, users: Sequence[User]) -> dict[int, list[Finding]]:
    """Return what the records show between each of ``users`` and ``organisation``, hard findings first.

    Six queries, however many people: a name is compared as the screening compares it.
    """
    records = _records_of(organisation)
    own = defaultdict(list)
    for membership in Membership.objects.filter(user__in=users).select_related("organisation").order_by("pk"):
        own[membership.user_id].append(membership)
    interested = set(
        ConflictDeclaration.objects.of_interest()
        .filter(user__in=users, submission__organisation=organisation)
        .values_list("user_id", flat=True)
    )
    together = _together(records, [one for memberships in own.values() for one in memberships])
    return {
        user.pk: [
            *_membership(records, own[user.pk]),
            *([_interest(organisation)] if user.pk in interested else []),
            *_company(own[user.pk], together),
            *_domain(records, user),
            *_name(records, user),
        ]
        for user in users
    }


def soft_findings(organisation: Organisation, user: User) -> list[Finding]:
    """Return what the records show about one person that bars nothing and must be answered."""
    return [finding for finding in findings_of(organisation, [user])[user.pk] if not finding.is_hard]


def _records_of(organisation: Organisation) -> _Records:
    members = list(organisation.memberships.select_related("user").order_by("pk"))
    people = {person.pk: person for person in organisation.people.order_by("pk")}
    domains: dict[str, str] = {}
    if website := domain_of(organisation.website):
        domains[website] = "the partner's website"
    for member in members:
        if domain := domain_of(member.user.email):
            domains.setdefault(domain, "a member's address")
    names = NameIndex(
        IndexedName(person.pk, PERSON, name)
        for person in people.values()
        for name in (person.name, person.local_name)
        if name.strip()
    )
    return _Records(organisation, members, domains, people, names)


def _membership(records: _Records, own: Iterable[Membership]) -> Iterable[Finding]:
    here = [one for one in own if one.organisation_id == records.organisation.pk]
    if here:
        verb = "acts" if any(one.until_at is None for one in here) else "acted"
        yield Finding(
            Kind.MEMBER,
            f"{verb} for {records.organisation}",
            f"You {verb.removesuffix('s')} for {records.organisation}.",
        )


def _interest(organisation: Organisation) -> Finding:
    return Finding(
        Kind.INTEREST, f"declared an interest in {organisation}", f"You declared an interest in {organisation}."
    )


def _together(records: _Records, own: Iterable[Membership]) -> dict[int, list[Membership]]:
    """Return who of the partner's members belongs, or belonged, to other organisations of the people looked at."""
    others = {one.organisation_id for one in own} - {records.organisation.pk}
    members = [one.user_id for one in records.members]
    found = defaultdict(list)
    shared = Membership.objects.filter(user__in=members, organisation__in=others).select_related("user")
    for membership in shared.order_by("pk"):
        found[membership.organisation_id].append(membership)
    return found


def _company(own: Iterable[Membership], together: Mapping[int, list[Membership]]) -> Iterable[Finding]:
    met = {
        (str(there.user), str(one.organisation))
        for one in own
        for there in together.get(one.organisation_id, [])
        if there.user_id != one.user_id
    }
    for person, elsewhere in sorted(met):
        yield Finding(
            Kind.TOGETHER,
            f"acts or acted for {elsewhere}, as does or did {person}, a member of the partner",
            f"You act or acted for {elsewhere}, as does or did {person}, a member of this partner. How close are you?",
        )


def _domain(records: _Records, user: User) -> Iterable[Finding]:
    mine = domain_of(user.email)
    whose = next((said for domain, said in records.domains.items() if is_same_domain(mine, domain)), "")
    if whose:
        yield Finding(
            Kind.DOMAIN,
            f"has an e-mail address at {mine}, the domain of {whose}",
            f"Your e-mail address is at {mine}, the domain of {whose}. What ties you to the partner?",
        )


def _name(records: _Records, user: User) -> Iterable[Finding]:
    seen: set[object] = set()
    for candidate in records.names.search(user.name, PERSON) if user.name.strip() else ():
        person = records.people.get(candidate.ref) if isinstance(candidate.ref, int) else None
        if person is None or person.pk in seen:
            continue
        seen.add(person.pk)
        role = person.get_role_display().lower() + (", of the past" if person.until_on else "")
        yield Finding(
            Kind.NAME,
            f"has a name close to {person.name} ({role})",
            f"Your name is close to {person.name} ({role}). Are you the same, or related?",
        )
