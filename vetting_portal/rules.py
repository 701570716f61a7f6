"""Who somebody is on the funder's staff: the facts that every permission is built from."""

from typing import Any

import rules

from vetting_portal.models.people import Role, User


@rules.predicate
def is_system(user: User) -> bool:
    """A system user: a task, a command or a payment source."""
    return user.is_system


@rules.predicate
def is_reviewer(user: User) -> bool:
    """Holds the role of reviewer now."""
    return Role.REVIEWER in user.role_keys


@rules.predicate
def is_programme_officer(user: User) -> bool:
    """Holds the role of programme officer now."""
    return Role.PROGRAMME_OFFICER in user.role_keys


@rules.predicate
def is_director(user: User) -> bool:
    """Holds the role of director now."""
    return Role.DIRECTOR in user.role_keys


@rules.predicate
def is_finance_officer(user: User) -> bool:
    """Holds the role of finance officer now."""
    return Role.FINANCE_OFFICER in user.role_keys


@rules.predicate
def is_auditor(user: User) -> bool:
    """Holds the role of auditor now."""
    return Role.AUDITOR in user.role_keys


@rules.predicate
def is_administrator(user: User) -> bool:
    """Holds the role of administrator now."""
    return Role.ADMINISTRATOR in user.role_keys


@rules.predicate
def is_staff_member(user: User) -> bool:
    """Holds any staff role now."""
    return user.is_staff_member


@rules.predicate
def is_own_account(user: User, account: Any) -> bool:
    """The account is the user's own."""
    return account is not None and user.pk == account.pk


# Staff that may read every record of a submitted application or grant; reviewers read what they are assigned.
reads_everything = is_programme_officer | is_director | is_finance_officer | is_auditor | is_administrator

rules.add_perm("portal.invite_staff", is_administrator)
rules.add_perm("portal.change_roles", is_administrator)
rules.add_perm("portal.change_languages", (is_own_account & is_staff_member) | is_administrator)
rules.add_perm("portal.change_funder", is_administrator)
rules.add_perm("portal.erase_people", is_administrator)
rules.add_perm("portal.read_trail", is_auditor | is_administrator | is_director)
rules.add_perm("portal.handle_failed_task", is_administrator)
rules.add_perm("portal.see_background_work", is_programme_officer | is_administrator | is_auditor)
