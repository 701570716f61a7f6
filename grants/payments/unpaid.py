"""The released payments, as finance's list and the file for the bank need them: and why one is left out of a file."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from grants.agreements.models import Grant
from grants.payments.files import PaymentLine
from grants.payments.models import Tranche
from partners.organisations.models import Hold, Membership
from vetting_portal.models import User


def to_pay(user: User) -> "QuerySet[Any]":
    """Return the released payments that ``user`` may see, with ``is_filed`` (it stands in a file), ``is_held`` (its
    partner is), and ``is_tied`` (``user`` belongs or belonged to the partner).
    """
    in_a_file = PaymentLine.objects.filter(tranche=OuterRef("pk"), released_at=OuterRef("released_at"))
    organisation = OuterRef("grant__submission__organisation")
    return (
        Tranche.objects.visible_to(user)
        .to_pay()
        .annotate(
            is_filed=Exists(in_a_file),
            is_held=Exists(Hold.objects.current().filter(organisation=organisation)),
            is_tied=Exists(Membership.objects.filter(organisation=organisation, user=user)),
        )
    )


def stopped_reason(tranche: Any) -> str:
    """Say why a payment of ``to_pay`` is not to be paid whoever asks, or nothing: its partner is held, or its grant is
    suspended.
    """
    if tranche.is_held:
        return "This organisation is held."
    if tranche.grant.state != Grant.State.IN_FORCE:
        return f"The grant is {tranche.grant.get_state_display().lower()}. Hold the payment so that it is not paid."
    return ""


def left_out_reason(tranche: Any) -> str:
    """Say why a payment of ``to_pay`` does not go to the bank now, or nothing: its partner is held, its grant is
    suspended, its account is no longer the approved one, or who asks may not read it.
    """
    if reason := stopped_reason(tranche):
        return reason
    if tranche.details is None or tranche.details.step != "approved":
        return "The bank details are not the approved ones any more. Hold the payment, then release it again."
    if tranche.is_tied:
        return "You belong to this partner. Somebody else of finance makes the file."
    return ""
