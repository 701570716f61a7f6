"""What the database and the nightly check hold about ends, each seen to speak where it is broken."""

import pytest
from django.db import IntegrityError, transaction

from grants.agreements.models import Grant
from grants.endings.invariants import INVARIANTS
from grants.endings.models import Ending
from grants.funds.models import Account
from tests.factories import endings

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def set_state(grant: Grant, state: str) -> None:
    Grant.objects.filter(pk=grant.pk).update(state=state)


@pytest.mark.both
@pytest.mark.parametrize("stage", ["nothing", "asked", "declined", "confirmed"])
def test_no_grant_is_terminated_whose_end_nobody_confirmed(in_force, stage):
    if stage in {"asked", "declined"}:
        ending = endings.asked(in_force)
    if stage == "declined":
        Ending.objects.filter(pk=ending.pk).update(
            state="declined", stopped_at=ending.asked_at, stopped_by=ending.second
        )
    if stage == "confirmed":
        endings.confirmed(endings.asked(in_force, ends_on=endings.later(9)))
    with pytest.raises(IntegrityError, match="a second person"), transaction.atomic():
        set_state(in_force, "terminated")
    assert broken() == []


def test_a_grant_goes_on_beside_its_end(in_force):
    ending = endings.ended(in_force)
    assert broken() == []
    set_state(in_force, "in_force")
    assert broken() == [f"{ending} was carried out, and the grant is in force"]


def test_an_end_stays_open_beside_a_grant_that_is_over(in_force):
    ending = endings.ended(in_force)
    Ending.objects.filter(pk=ending.pk).update(state="confirmed")
    assert broken() == [f"{ending} is open, and the grant is over"]


def test_a_reserve_is_left_behind(in_force):
    endings.ended(in_force)
    account = Account.objects.filter(kind=Account.Kind.RESERVED, reference=in_force.number)
    assert account.update(balance_minor=500) == 1
    assert broken() == [f"USD 5.00 is reserved for {in_force.number}, whose grant has ended"]
