"""The payments of a grant as its evidence tells them: what was paid, and what was said of its arrival."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from grants.agreements.models import Grant
from grants.arrivals.models import Arrival
from grants.payments.models import Tranche
from vetting_portal.audit import moment


def arrivals_of(grant: Grant) -> list[dict[str, Any]]:
    """Return every payment that was paid, by number, with each word on its arrival, corrected ones too; of one that
    the bank returned and that was not paid again, the words alone.
    """
    paid = Q(state=Tranche.State.PAID) | Exists(Arrival.objects.filter(tranche=OuterRef("pk")))
    rows = Tranche.objects.filter(paid, grant=grant).prefetch_related("arrivals")
    return [
        {
            "id": tranche.pk,
            "number": tranche.number,
            "currency": grant.currency,
            "paid_minor": tranche.amount_minor if tranche.paid_on else None,
            "paid_on": tranche.paid_on.isoformat() if tranche.paid_on else None,
            "bank_reference": tranche.bank_reference if tranche.paid_on else "",
            "words": [_word(one) for one in tranche.arrivals.all()],
        }
        for tranche in rows.order_by("number")
    ]


def _word(one: Arrival) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "currency": one.currency,
        "amount_minor": one.amount_minor,
        "charges_minor": one.charges_minor,
        "arrived_on": one.arrived_on.isoformat() if one.arrived_on else None,
        "text": one.text,
        "at": moment(one.said_at),
        "actor_id": one.said_by_id,
    }
