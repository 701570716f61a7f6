"""Reminders of everything that waits for somebody's signature: grants, and amendments of them."""

from django.utils import timezone

from grants.agreements.actions.asking import Waiting, asked_directors, listed, remind_to_sign, waiting_for
from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from partners.organisations.models import Membership
from vetting_portal.models import User
from vetting_portal.tasks import background

SIGNED_HERE = frozenset({"grants.sign_amendment", "grants.countersign_amendment"})


def all_waiting_for(user: User) -> list[Waiting]:
    """Return what waits for this person's signature, as My work lists it: grants first, then amendments, each the
    earliest date first. What belongs to a held partner waits for nobody.
    """
    return [*waiting_for(user), *listed(user, SIGNED_HERE, Amendment.objects.for_page())]


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
