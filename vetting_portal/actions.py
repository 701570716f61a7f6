"""The ground floor's transactions: the funder's record, staff and their roles."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.forms.models import model_to_dict
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from vetting_portal.audit import erase_person
from vetting_portal.erasing import erased_address, plan_of
from vetting_portal.languages import EVERYBODY
from vetting_portal.languages import names as language_names
from vetting_portal.leaving import end_role_blockers
from vetting_portal.mail import notify
from vetting_portal.models import Funder, Role, RoleAssignment, StaffInvitation, User
from vetting_portal.registry import from_apps
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

INVITATION_LASTS = timedelta(days=7)
SHORTEST_REASON = 10


@action
def create_funder(*, by: User, **fields: Any) -> Funder:
    """Make the first version of the funder's record.

    Raises Refused where there is one already, ValidationError for bad fields.
    """
    if Funder.objects.exists():
        raise Refused(["This installation has its funder already."])
    funder = Funder(**fields)
    _check_funder(funder)
    funder.save()
    record("created", funder, by=by, facts={"version": funder.version, "example": funder.is_example})
    return funder


@action
def change_funder(*, by: User, **fields: Any) -> Funder:
    """Make a new version of the funder's record. Raises PermissionDenied, ValidationError."""
    current = lock(Funder.objects.current())
    if not by.has_perm("portal.change_funder", current):
        raise PermissionDenied
    kept = model_to_dict(current, exclude=["id", "version", "created_at"])
    funder = Funder(**{**kept, **fields, "version": current.version + 1})
    _check_funder(funder)
    funder.save()
    record("changed", funder, by=by, facts={"version": funder.version, "fields": sorted(fields)})
    return funder


def _check_funder(funder: Funder) -> None:
    funder.full_clean(validate_unique=False)
    if funder.time_zone not in available_timezones():
        raise ValidationError({"time_zone": "Give a time zone by its name, for example America/Los_Angeles."})
    if found := funder.policy.problems():
        raise ValidationError({"signing_policy": list(found.values())})


@action
def create_staff_user(*, by: User, email: str, name: str, roles: Sequence[str], password: str | None = None) -> User:
    """Make a member of staff with a verified address: the first administrator, the example's people."""
    validate_email(email)
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": "There is an account with this address already."})
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record("created", user, by=by)
    give_roles(user=user, roles=roles, by=by)
    return user


@action
def give_roles(*, user: User, roles: Sequence[str], by: User) -> None:
    """Give ``user`` the roles it does not hold yet. Raises PermissionDenied, ValidationError for an unknown role."""
    if not by.is_system and not by.has_perm("portal.change_roles"):
        raise PermissionDenied
    if unknown := set(roles) - set(Role.values):
        raise ValidationError({"roles": f"There is no role {', '.join(sorted(unknown))}."})
    now = timezone.now()
    for role in sorted(
        set(roles) - set(RoleAssignment.objects.current(now).filter(user=user).values_list("role", flat=True))
    ):
        RoleAssignment.objects.create(user=user, role=role, since_at=now, assigned_by=by)
        record("role_given", user, by=by, facts={"role": role})
    user.__dict__.pop("role_keys", None)


@action
def end_role(*, user: User, role: str, by: User) -> None:
    """End a role now; the next request already knows.

    Raises PermissionDenied; Refused for the last administrator, and for a role that the person does not hold now.
    """
    if not by.has_perm("portal.change_roles"):
        raise PermissionDenied
    now = timezone.now()
    # All of them, and every administrator: two who end each other wait here, and the second has lost the right.
    holding = lock(RoleAssignment.objects.current(now).filter(role__in={role, Role.ADMINISTRATOR}))
    if not User.objects.get(pk=by.pk).has_perm("portal.change_roles"):
        raise PermissionDenied
    if blockers := end_role_blockers(user, role):
        raise Refused(blockers)
    for held in (one for one in holding if one.user_id == user.pk and one.role == role):
        held.until_at = now
        held.save(update_fields=["until_at"])
        record("role_ended", user, by=by, facts={"role": role})


@action
def set_languages(*, user: User, languages: Sequence[str], by: User) -> User:
    """Say which languages somebody reads besides English, by code. Raises PermissionDenied, ValidationError."""
    user = lock(user)
    if not by.has_perm("portal.change_languages", user):
        raise PermissionDenied
    if unknown := [code for code in languages if code not in language_names()]:
        raise ValidationError({"languages": f"There is no language {', '.join(unknown)}."})
    user.languages = [code for code in dict.fromkeys(languages) if code != EVERYBODY]
    user.save(update_fields=["languages"])
    record("languages_set", user, by=by, facts={"languages": user.languages})
    return user


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action
def invite_staff(*, email: str, roles: Sequence[str], by: User) -> StaffInvitation:
    """Invite somebody by e-mail to hold ``roles``; the link works once, seven days, for that address only.

    An open invitation to the same address ends: the newest says which roles. Raises PermissionDenied,
    ValidationError for no address, no role, and for somebody who holds all these roles already.
    """
    if not by.has_perm("portal.invite_staff"):
        raise PermissionDenied
    validate_email(email)
    if not roles or set(roles) - set(Role.values):
        raise ValidationError({"roles": "Choose at least one role."})
    address = email.strip().lower()
    held = RoleAssignment.objects.current().filter(user__email__iexact=address).values_list("role", flat=True)
    if not set(roles) - set(held):
        raise ValidationError({"email": "This person holds these roles already."})
    now, token = timezone.now(), secrets.token_urlsafe(32)
    for open_one in lock(StaffInvitation.objects.waiting().filter(email=address)):
        _revoke(open_one, by)
    invitation = StaffInvitation.objects.create(
        email=address,
        roles=sorted(set(roles)),
        token_sha256=_token_hash(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    record("invited", invitation, by=by, facts={"roles": invitation.roles})
    current = Funder.objects.current_or_none()
    funder = current.name if current else "the funder"
    notify(
        invitation.email,
        subject=f"{by.name} invites you to the grants portal of {funder}",
        template="portal/mail/staff_invitation.txt",
        context={"invitation": invitation, "token": token, "funder": funder},
    )
    return invitation


def _revoke(invitation: StaffInvitation, by: User) -> None:
    invitation.revoked_at, invitation.revoked_by = timezone.now(), by
    invitation.save(update_fields=["revoked_at", "revoked_by"])
    record("invitation_revoked", invitation, by=by)


@action
def revoke_staff_invitation(*, invitation: StaffInvitation, by: User) -> StaffInvitation:
    """Withdraw an invitation: its link opens nothing any more. Raises PermissionDenied; Refused where it has ended."""
    if not by.has_perm("portal.invite_staff"):
        raise PermissionDenied
    fresh: StaffInvitation = lock(invitation)
    if fresh.accepted_at is not None or fresh.revoked_at is not None:
        raise Refused(["This invitation is not open any more."], subject=fresh)
    _revoke(fresh, by)
    return fresh


def find_staff_invitation(token: str) -> StaffInvitation | None:
    """Return the invitation that ``token`` opens, used and ended ones included."""
    return StaffInvitation.objects.filter(token_sha256=_token_hash(token)).first()


@action
def accept_staff_invitation(*, token: str, by: User) -> StaffInvitation:
    """Take up an invitation with the account of the invited address. Raises Refused with the reason."""
    found = find_staff_invitation(token)
    if found is None:
        raise Refused(["This invitation is not known."])
    invitation = lock(found)
    if reasons := invitation.accept_blockers():
        raise Refused(reasons)
    if not EmailAddress.objects.filter(user=by, email__iexact=invitation.email, verified=True).exists():
        raise Refused([f"This invitation is for another address than yours ({by.email})."])
    if not invitation.invited_by.has_perm("portal.invite_staff"):
        raise Refused(["Who invited you may no longer do so. Ask an administrator."])
    invitation.accepted_by, invitation.accepted_at = by, timezone.now()
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    record("accepted", invitation, by=by)
    give_roles(user=by, roles=invitation.roles, by=User.objects.system("background"))
    return invitation


def may_erase(subject: Model, reason: str, by: User) -> None:
    """Check what every erasure needs. Raises PermissionDenied, ValidationError without a reason, Refused with what has
    to end before.
    """
    ask(by, "portal.erase_people", subject)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError({"reason": "Write who asked for it, and how you made sure that it is this person."})
    if blockers := plan_of(subject).blockers:
        raise Refused([Blocker(one.text, url=one.url) for one in blockers], subject=subject)


@action
def erase_account(*, person: User, reason: str, by: User) -> User:
    """Forget whose account this was: name, address, sign-in, and the words of every entry of the trail that is theirs.

    The account stays as a number, so that what it did keeps its place. Raises as ``may_erase`` does.
    """
    user = lock(person)
    may_erase(user, reason, by)
    address = user.email
    StaffInvitation.objects.filter(email__iexact=address).update(email=erased_address(user))
    for forget in from_apps("forget_address", module="forgetting"):
        forget(address, erased_address(user))
    Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    user.name, user.email, user.languages, user.is_active = f"Erased person {user.pk}", erased_address(user), [], False
    user.set_unusable_password()
    user.save()
    words = erase_person(user)
    record("person_erased", user, by=by, note=reason.strip(), facts={"entries": words})
    return user


@action
def try_task_again(*, task: DBTaskResult, by: User) -> DBTaskResult:
    """Hand a task that failed for good to the worker again, with all its tries. Raises PermissionDenied; Refused where
    it does not stand there any more.
    """
    failed = _failed_task(task, by)
    given = failed.args_kwargs
    failed.args_kwargs = {**given, "kwargs": {name: one for name, one in given["kwargs"].items() if name != "attempt"}}
    failed.status, failed.run_after = TaskResultStatus.READY, timezone.now()
    failed.started_at = failed.finished_at = None
    failed.exception_class_path = failed.traceback = ""
    failed.save()
    record("task_tried_again", failed, by=by, facts={"task": failed.task_path})
    return failed


@action
def set_task_aside(*, task: DBTaskResult, by: User) -> None:
    """Give up a task that failed for good: it is not tried again and stands in no list; the trail keeps what it was.
    Raises PermissionDenied; Refused where it does not stand there any more.
    """
    failed = _failed_task(task, by)
    facts = {"task": failed.task_path, "error": failed.exception_class_path}
    record("task_set_aside", failed, by=by, facts=facts)
    failed.delete()


def _failed_task(task: DBTaskResult, by: User) -> DBTaskResult:
    """Return a failed task, locked. Raises PermissionDenied, Refused."""
    if not by.has_perm("portal.handle_failed_task"):
        raise PermissionDenied
    found = DBTaskResult.objects.failed().select_for_update().filter(pk=task.pk).first()
    if found is None:
        raise Refused([Blocker("This task does not wait any more.", hint="Somebody tried it again or set it aside.")])
    return found
