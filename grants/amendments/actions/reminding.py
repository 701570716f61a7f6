"""Reminders of everything that waits for somebody's signature: grants, and amendments of them."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from grants.agreements.actions.asking import Waiting, asked_directors, remind_to_sign, waiting_for
from grants.agreements.models import Grant
from grants.agreements.readiness import free_ids
from grants.amendments.models import Amendment
from partners.organisations.models import Membership
from vetting_portal.models import Role, User
from vetting_portal.tasks import background


def all_waiting_for(user: User) -> list[Waiting]:
    """Return what waits for this person's signature and can be signed by them: grants first, then amendments, each the
    oldest first. What belongs to a held partner waits for nobody.
    """
    return [*waiting_for(user), *(one for one in _amendments(user) if not one.grant.submission.organisation.is_held)]


def _amendments(user: User) -> list[Waiting]:
    found = []
    if Role.DIRECTOR in user.role_keys:
        mine = [one for one in Amendment.objects.to_sign(user) if user.pk in free_ids(one.submission)]
        found += [_waiting(one, one.frozen_at, "grants:amendment") for one in mine]
    owned = user.memberships.current().filter(role=Membership.Role.OWNER).values("organisation")
    own = Amendment.objects.to_countersign(user).filter(grant__submission__organisation__in=owned)
    found += [_waiting(one, one.approved_at, "grants:partner_amendment") for one in own.for_page().order_by("pk")]
    return [one for one in found if one is not None]


def _waiting(amendment: Amendment, since: datetime | None, page: str) -> Waiting | None:
    document = amendment.agreement
    if document is None or since is None:
        return None
    day = timezone.localdate(since)
    return Waiting(amendment, document, day, reverse(page, args=[amendment.number]))


@background()
def remind_signers() -> None:
    """Look who is asked to sign something, and enqueue a task for each; safe to run twice."""
    states = Grant.State
    waits = [model.objects.filter(state=states.AWAITING_SIGNATURE).exists() for model in (Grant, Amendment)]
    directors = [one.pk for one in asked_directors()] if any(waits) else []
    approved = (
        Grant.objects.filter(state=states.APPROVED).values_list("submission__organisation", flat=True),
        Amendment.objects.filter(state=states.APPROVED).values_list("grant__submission__organisation", flat=True),
    )
    partners = {organisation for found in approved for organisation in found}
    owners = Membership.objects.current().filter(role=Membership.Role.OWNER, organisation__in=partners)
    for user_id in sorted({*directors, *owners.values_list("user", flat=True)}):
        remind_signer.enqueue(user_id)


@background()
def remind_signer(user_id: int) -> None:
    """Remind one person of what waits for their signature; run twice it writes once."""
    user, by = User.objects.get(pk=user_id), User.objects.system("background")
    remind_to_sign(user=user, today=timezone.localdate(), by=by, waits=all_waiting_for)
