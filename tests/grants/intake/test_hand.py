"""Cheques and transfers: at once up to the funder's limit; above it a second person confirms, or says why not."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from grants.campaigns.actions import record_gift
from grants.campaigns.models import Gift
from grants.campaigns.simulation.stage import Stage
from grants.intake.actions import confirm_gift, enter_gift, refuse_gift, set_hand_limit
from grants.intake.models import HandGift, HandLimit
from grants.intake.models.hand import FIRST_LIMIT
from tests.factories.campaigns import fresh, opened, planned, row
from tests.factories.intake import waiting_gift
from vetting_portal.models import AuditEntry, Role, RoleAssignment, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def director() -> User:
    user = User.objects.create_user("director@simulation.invalid", name="Director")
    RoleAssignment.objects.create(user=user, role=Role.DIRECTOR, assigned_by=user)
    return user


def test_up_to_the_limit_one_person_records(stage: Stage) -> None:
    gift = enter_gift(campaign=opened(stage), row=row("a", FIRST_LIMIT), by=stage.finance)

    assert isinstance(gift, Gift)
    assert (gift.matched_minor, HandGift.objects.count()) == (FIRST_LIMIT, 0)


def test_above_it_a_second_person_confirms(stage: Stage, other: User) -> None:
    campaign = opened(stage)
    waiting = waiting_gift(campaign, by=stage.finance, donor_name="Ana", donor_email="ana@example.org")
    before = fresh(campaign).gift_count

    with pytest.raises(PermissionDenied):
        confirm_gift(hand_gift=waiting, by=stage.finance)
    confirmed = confirm_gift(hand_gift=waiting, by=other)
    with pytest.raises(Refused):
        confirm_gift(hand_gift=waiting, by=other)

    assert (before, waiting.step, confirmed.step) == (0, "waiting", "confirmed")
    assert (confirmed.donor_name, confirmed.donor_email) == ("", "")
    assert confirmed.gift.donor.details.name == "Ana"
    assert fresh(campaign).matched_minor == FIRST_LIMIT + 1
    assert AuditEntry.objects.filter(event="gift_confirmed", actor_id=other.pk).count() == 1


def test_everybody_who_may_confirm_is_written_to_and_nobody_else(
    stage: Stage, other: User, mailoutbox: list[EmailMessage]
) -> None:
    director()
    waiting = waiting_gift(opened(stage), by=stage.finance)
    drain()
    told = [mail for mail in mailoutbox if waiting.key in mail.subject]
    assert {mail.to[0] for mail in told} == {other.email, stage.officer.email}
    assert stage.finance.email not in {mail.to[0] for mail in told}
    assert all(waiting.get_absolute_url() in mail.body and "USD" in mail.body for mail in told)


def test_an_officer_is_a_second_person_too_and_a_director_is_not(stage: Stage) -> None:
    waiting = waiting_gift(opened(stage), by=stage.finance)

    with pytest.raises(PermissionDenied):
        confirm_gift(hand_gift=waiting, by=director())
    assert confirm_gift(hand_gift=waiting, by=stage.officer).gift is not None


def test_the_database_keeps_the_two_apart(stage: Stage, other: User) -> None:
    confirmed = confirm_gift(hand_gift=waiting_gift(opened(stage), by=stage.finance), by=other)

    with pytest.raises(IntegrityError, match="hand_gift_confirmed_by_another"), transaction.atomic():
        HandGift.objects.filter(pk=confirmed.pk).update(confirmed_by=stage.finance)


def test_a_refusal_says_why_and_records_nothing(stage: Stage, other: User) -> None:
    campaign = opened(stage)
    waiting = waiting_gift(campaign, by=stage.finance, donor_name="Ana")

    with pytest.raises(ValidationError, match="Say why"):
        refuse_gift(hand_gift=waiting, reason=" ", by=other)
    with pytest.raises(PermissionDenied):
        refuse_gift(hand_gift=waiting, reason="No.", by=director())
    refused = refuse_gift(hand_gift=waiting, reason="The bank has no such transfer.", by=other)
    with pytest.raises(Refused):
        refuse_gift(hand_gift=refused, reason="Again.", by=other)
    with pytest.raises(Refused):
        confirm_gift(hand_gift=refused, by=other)

    assert (refused.step, refused.donor_name, Gift.objects.count()) == ("refused", "", 0)
    assert waiting_gift(campaign, by=stage.finance).step == "waiting"


def test_who_entered_it_may_take_it_back(stage: Stage) -> None:
    waiting = waiting_gift(opened(stage), by=stage.finance)

    assert refuse_gift(hand_gift=waiting, reason="Typed twice.", by=stage.finance).step == "refused"


def test_a_reference_waits_once(stage: Stage) -> None:
    campaign = opened(stage)
    waiting = waiting_gift(campaign, by=stage.finance)

    with pytest.raises(ValidationError, match="waits for a second person already"):
        enter_gift(campaign=campaign, row=row(waiting.key, FIRST_LIMIT + 1), by=stage.finance)
    with pytest.raises(ValidationError, match="takes USD"):
        enter_gift(campaign=campaign, row=row("b", FIRST_LIMIT + 1, currency="EUR"), by=stage.finance)
    with pytest.raises(Refused, match="not open"):
        enter_gift(campaign=planned(stage), row=row("c", FIRST_LIMIT + 1), by=stage.finance)
    with pytest.raises(PermissionDenied):
        enter_gift(campaign=campaign, row=row("d", 1), by=stage.officer)


def test_the_limit_is_the_funders_and_each_is_kept(stage: Stage) -> None:
    campaign, chief = opened(stage), director()

    set_hand_limit(limit_minor=0, currency="USD", by=chief)
    now = enter_gift(campaign=campaign, row=row("a", 1), by=stage.finance)
    set_hand_limit(limit_minor=10, currency="EUR", by=chief)
    elsewhere = enter_gift(campaign=campaign, row=row("b", 1), by=stage.finance)
    with pytest.raises(ValidationError):
        set_hand_limit(limit_minor=-1, currency="USD", by=chief)
    with pytest.raises(PermissionDenied):
        set_hand_limit(limit_minor=5, currency="USD", by=stage.finance)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE grants_handlimit SET limit_minor = 7")

    assert isinstance(now, HandGift)
    assert isinstance(elsewhere, HandGift)
    assert HandLimit.objects.count() == 2


def test_what_came_in_otherwise_meanwhile_is_refused_with_a_reason(stage: Stage, other: User) -> None:
    campaign = opened(stage)
    waiting = waiting_gift(campaign, by=stage.finance)
    record_gift(campaign=campaign, row=row(waiting.key, 5_000), by=stage.finance)

    with pytest.raises(Refused, match="was recorded with other contents") as refused:
        confirm_gift(hand_gift=waiting, by=other)

    assert [one.url for one in refused.value.blockers] == [waiting.get_absolute_url()]
    assert refuse_gift(hand_gift=waiting, reason="It came in by import.", by=other).step == "refused"


def test_a_fee_above_the_gift_and_a_day_to_come_are_slips(stage: Stage) -> None:
    campaign = opened(stage)

    assert isinstance(enter_gift(campaign=campaign, row=row("a", 1_000, fee_minor=1_000), by=stage.finance), Gift)
    wrong = row("b", 1_000, fee_minor=1_001, received_at=timezone.now() + timedelta(days=3))
    with pytest.raises(ValidationError) as refused:
        enter_gift(campaign=campaign, row=wrong, by=stage.finance)
    assert refused.value.message_dict == {
        "fee": ["The fee cannot be more than the gift."],
        "received_on": ["This date is in the future. Record the gift once it has arrived."],
    }
