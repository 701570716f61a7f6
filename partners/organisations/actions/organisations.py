"""The transactions of organisations: make one, change it, its people, its members and their invitations."""

import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partners.organisations.actions.holding import tell_partner
from partners.organisations.leaving import as_words, end_blockers, role_blockers
from partners.organisations.models import ERASED, Invitation, Membership, Organisation, Person
from partners.places.closing import OUTSIDE
from partners.places.countries import is_country
from partners.places.models import Embargo
from vetting_portal.actions import may_erase
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused, action, ask, lock, record

INVITATION_LASTS = timedelta(days=7)
TOKEN_BYTES = 32
CHANGEABLE = frozenset(
    {
        "legal_name",
        "local_name",
        "former_names",
        "country",
        "region",
        "registration_number",
        "founded_on",
        "website",
        "address",
        "yearly_income_minor",
        "income_currency",
    }
)
PERSON_FIELDS = frozenset({"name", "local_name", "role", "title", "born_on", "nationality", "since_on", "until_on"})
JUDGES = "This person judges, or signs for, an application of this organisation, and so cannot act for it."


def _check(organisation: Organisation) -> None:
    organisation.full_clean()
    if not is_country(organisation.country):
        raise ValidationError({"country": "Choose a country from the list."})
    known = Embargo.objects.exclude(region="").values_list("region", flat=True)
    if organisation.region not in {"", OUTSIDE, *known}:
        raise ValidationError({"region": "Choose from the list."})
    if organisation.founded_on is not None and lies_ahead(organisation.founded_on):
        raise ValidationError({"founded_on": "This day lies in the future."})


def _join(organisation: Organisation, user: User, role: str) -> Membership:
    """Add a membership. Raises Refused where the database keeps somebody who judges away."""
    try:
        with transaction.atomic():
            return Membership.objects.create(organisation=organisation, user=user, role=role, since_at=timezone.now())
    except IntegrityError as error:
        if organisation.memberships.current().filter(user=user).exists():
            raise Refused([f"{user.name} acts for this organisation already."], subject=organisation) from error
        raise Refused([JUDGES], subject=organisation) from error


@action
def create_organisation(*, by: User, **fields: Any) -> Organisation:
    """Make an organisation; who makes it becomes its owner. The e-mail address must be verified.

    Raises PermissionDenied, Refused without a verified address, ValidationError for bad fields.
    """
    ask(by, "partners.create_organisation")
    if not EmailAddress.objects.filter(user=by, verified=True).exists():
        raise Refused(["Your e-mail address is not confirmed yet. Open the message we sent you first."])
    organisation = Organisation(created_at=timezone.now(), created_by=by, **_known(fields, CHANGEABLE))
    _check(organisation)
    organisation.save()
    _join(organisation, by, Membership.Role.OWNER)
    record("created", organisation, by=by, facts={"country": organisation.country})
    return organisation


def _known(fields: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    if unknown := set(fields) - names:
        raise ValidationError(dict.fromkeys(sorted(unknown), "This cannot be set."))
    return fields


@action
def change_organisation(*, organisation: Organisation, by: User, **fields: Any) -> Organisation:
    """Change what is said of the organisation; a name that is no longer used is kept among the former ones,
    and one that is used again stands there no more.

    Raises PermissionDenied, ValidationError for bad fields.
    """
    fresh = lock(organisation)
    ask(by, "partners.change_organisation", fresh)
    before = fresh.legal_name
    for name, value in _known(fields, CHANGEABLE).items():
        setattr(fresh, name, value)
    former = fresh.former_names if before in fresh.former_names else [*fresh.former_names, before]
    fresh.former_names = [name for name in former if name != fresh.legal_name]
    _check(fresh)
    fresh.save()
    record("changed", fresh, by=by, facts={"fields": sorted(fields)})
    return fresh


@action
def add_person(*, organisation: Organisation, by: User, **fields: Any) -> Person:
    """Name somebody who leads the organisation. Raises PermissionDenied, ValidationError for bad fields."""
    fresh = lock(organisation)
    ask(by, "partners.change_organisation", fresh)
    person = Person(organisation=fresh, added_at=timezone.now(), added_by=by, **_known(fields, PERSON_FIELDS))
    _check_person(person)
    person.save()
    record("person_added", fresh, by=by, facts={"person": person.pk, "role": person.role})
    return person


@action
def change_person(*, person: Person, by: User, **fields: Any) -> Person:
    """Change what is said of a person, an end date included. Raises PermissionDenied, ValidationError."""
    organisation = lock(person.organisation)
    ask(by, "partners.change_organisation", organisation)
    fresh = lock(person)
    for name, value in _known(fields, PERSON_FIELDS).items():
        setattr(fresh, name, value)
    _check_person(fresh)
    fresh.save()
    record("person_changed", organisation, by=by, facts={"person": fresh.pk, "fields": sorted(fields)})
    return fresh


@action
def end_person(*, person: Person, by: User, on: date | None = None) -> Person:
    """Say that somebody no longer leads the organisation; the name stays, with its end. Raises PermissionDenied."""
    return change_person(person=person, by=by, until_on=on or timezone.localdate())


def _check_person(person: Person) -> None:
    person.full_clean()
    if person.nationality and not is_country(person.nationality):
        raise ValidationError({"nationality": "Choose a country from the list."})
    if person.born_on is not None and lies_ahead(person.born_on):
        raise ValidationError({"born_on": "This day lies in the future."})


def token_hash(token: str) -> str:
    """Return what is kept of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


@action
def invite_member(*, organisation: Organisation, email: str, role: str, by: User) -> Invitation:
    """Invite somebody by e-mail: the link works once, for seven days, for that address only.

    An open invitation to the same address ends. Raises PermissionDenied, ValidationError for a bad address or role.
    """
    fresh = lock(organisation)
    ask(by, "partners.manage_members", fresh)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError({"email": "Give an e-mail address, for example name@example.org."}) from error
    if role not in Membership.Role.values:
        raise ValidationError({"role": "Choose owner or editor."})
    if fresh.memberships.current().filter(user__email__iexact=address).exists():
        raise ValidationError({"email": "This person acts for your organisation already. Change the role in the list."})
    now, token = timezone.now(), secrets.token_urlsafe(TOKEN_BYTES)
    for open_one in lock(fresh.invitations.filter(email=address, accepted_at=None, revoked_at=None)):
        open_one.revoked_at, open_one.revoked_by = now, by
        open_one.save(update_fields=["revoked_at", "revoked_by"])
    invitation = Invitation.objects.create(
        organisation=fresh,
        email=address,
        role=role,
        token_sha256=token_hash(token),
        invited_at=now,
        invited_by=by,
        expires_at=now + INVITATION_LASTS,
    )
    notify(
        address,
        subject=f"{by.name} invites you to act for {fresh.legal_name}",
        template="partners/organisations/mail/invitation.txt",
        context={
            "invitation": invitation,
            "by": by,
            "funder": Funder.objects.current_or_none(),
            "path": reverse("partners:invitation", args=[token]),
        },
    )
    record("member_invited", fresh, by=by, facts={"invitation": invitation.pk, "role": role})
    return invitation


@action
def revoke_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """End an invitation that was not taken up. Raises PermissionDenied; Refused where it was."""
    organisation = lock(invitation.organisation)
    ask(by, "partners.manage_members", organisation)
    fresh = lock(invitation)
    if fresh.accepted_at is not None or fresh.revoked_at is not None:
        raise Refused(["This invitation is not open any more."], subject=organisation)
    fresh.revoked_at, fresh.revoked_by = timezone.now(), by
    fresh.save()
    record("invitation_revoked", organisation, by=by, facts={"invitation": fresh.pk})
    return fresh


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that ``token`` opens, ended ones included; None for a token that opens none."""
    rows = Invitation.objects.select_related("organisation", "invited_by")
    return rows.filter(token_sha256=token_hash(token)).first()


@action
def accept_invitation(*, token: str, by: User) -> Membership:
    """Take up an invitation with a verified address equal to the invited one.

    Raises Refused where the link opens nothing any more or is for another address.
    """
    found = find_invitation(token)
    if found is None:
        raise Refused(["This invitation is not known."])
    organisation = lock(found.organisation)
    invitation = lock(found)
    if reasons := invitation.accept_blockers():
        raise Refused(reasons)
    if not EmailAddress.objects.filter(user=by, verified=True, email__iexact=invitation.email).exists():
        raise Refused([f"This invitation is for {invitation.email}. Sign in with that address."])
    membership = _join(organisation, by, invitation.role)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), by
    invitation.save()
    record("member_joined", organisation, by=by, facts={"membership": membership.pk, "role": membership.role})
    return membership


@action
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Make an editor an owner, or an owner an editor, by an owner; the person is told.

    Raises PermissionDenied, ValidationError for an unknown role; Refused for the last owner, for a membership that has
    ended, and for who has the role already.
    """
    organisation = lock(membership.organisation)
    ask(by, "partners.manage_members", organisation)
    fresh = lock(membership)
    if role not in Membership.Role.values:
        raise ValidationError({"role": "Choose owner or editor."})
    if blockers := role_blockers(fresh, role):
        raise Refused(blockers, subject=organisation)
    before, fresh.role = fresh.role, role
    fresh.save()
    record("member_changed", organisation, by=by, facts={"membership": fresh.pk, "from": before, "role": role})
    tell_partner(
        organisation=organisation,
        to=fresh.user,
        subject=f"You are {as_words(fresh)} of {organisation.legal_name} now",
        template="partners/organisations/mail/role.txt",
        context={"membership": fresh, "by": by, "path": organisation.get_absolute_url()},
        by=by,
    )
    return fresh


@action
def end_membership(*, membership: Membership, by: User) -> Membership:
    """Let somebody no longer act for the organisation: an owner ends it, or the member their own.

    Raises PermissionDenied; Refused for the last owner and for a membership that has ended.
    """
    organisation = lock(membership.organisation)
    fresh = lock(membership)
    if fresh.user_id != by.pk:
        ask(by, "partners.manage_members", organisation)
    if blockers := end_blockers(fresh):
        raise Refused(blockers, subject=organisation)
    fresh.until_at, fresh.ended_by = timezone.now(), by
    fresh.save()
    record("member_left", organisation, by=by, facts={"membership": fresh.pk})
    return fresh


@action
def erase_leader(*, person: Person, reason: str, by: User) -> Person:
    """Forget who somebody was who led an organisation in the past; the seat and its days stay.

    Raises as ``may_erase`` does.
    """
    lock(person.organisation)
    fresh = lock(person)
    may_erase(fresh, reason, by)
    fresh.name, fresh.local_name, fresh.title, fresh.born_on, fresh.nationality = ERASED, "", "", None, ""
    fresh.save()
    record("person_erased", fresh, by=by, note=reason.strip(), facts={"organisation": fresh.organisation_id})
    return fresh
