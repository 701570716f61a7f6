"""The released payments, as finance's list and the file for the bank need them: and why one is left out of a file."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

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
    """Say why a payment of ``to_pay`` is not to be paid whoever asks, or nothing: its partner is held, its grant is
    suspended, or its account is no longer the approved one.
    """
    return "This organisation is held." if tranche.is_held else str(tranche.void_reason)


def left_out_reason(tranche: Any) -> str:
    """Say why a payment of ``to_pay`` does not go to the bank now, or nothing: its partner is held, its grant is
    suspended, its account is no longer the approved one, or who asks may not read it.
    """
    if reason := stopped_reason(tranche):
        return reason
    if tranche.is_tied:
        return "You belong to this partner. Somebody else of finance makes the file."
    return ""
