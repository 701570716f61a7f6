"""The account: what the ground floor says of erasing it."""

from collections.abc import Iterator

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from vetting_portal.actions import erase_account
from vetting_portal.erasing import ERASED_DOMAIN, Erasable, Said
from vetting_portal.models import AuditWords, Role, User


def _accounts(words: str) -> QuerySet[User]:
    return User.objects.filter(Q(email__icontains=words) | Q(name__icontains=words), is_system=False).order_by("pk")


ERASABLE = (
    Erasable(
        key="account",
        label="Account",
        model=User,
        find=_accounts,
        describe=lambda user: f"{user.name}, {user.email}",
        is_erased=lambda user: user.email.endswith(f"@{ERASED_DOMAIN}"),
        erase=erase_account,
    ),
)


def about_erasure(record: Model) -> Iterator[Said]:
    """Say what goes and stays of an account, and that its roles end first."""
    if not isinstance(record, User):
        return
    entries = AuditWords.objects.filter(entry__actor_id=record.pk, erased_at__isnull=True).count()
    yield Said(
        "goes", "Name, e-mail address, languages, password, passkeys and authenticator app. The account is closed."
    )
    yield Said("goes", f"Name, role and notes in {entries:,} entries of the audit trail.")
    yield Said("stays", "What was done and when, under the number of the account. The trail can still be verified.")
    yield Said("stays", "What other people wrote in their own notes, and e-mails that were sent.")
    staff = reverse("portal:staff")
    for held in record.role_assignments.current().order_by("role"):
        yield Said("blocks", f"This person is {Role(held.role).label.lower()} now. End the role first.", staff)
    if record.is_system:
        yield Said("blocks", "This account stands for the portal itself.")
