"""Cheques and bank transfers by hand: recorded at once, or above the funder's limit when a second person confirms."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.campaigns.actions import record_gift
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.rows import GiftRow, RowsRefused
from grants.intake.models import HandGift, HandLimit
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

CONFIRMERS = (Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER)
ENDED = "This gift was confirmed or refused already."


@action
def enter_gift(*, campaign: Campaign, row: GiftRow, by: User) -> HandGift | Gift:
    """Record a gift by hand; above the funder's limit it waits for a second person instead.

    Raises RowsRefused or ValidationError for a wrong row, a day to come, a fee above the gift (a card's minimum can
    be above it, a bank's is a slip) or a reference that waits already, Refused before the campaign opens.
    """
    ask(by, "grants.enter_gift", campaign)
    problems = {}
    if row.fee_minor > row.gross_minor > 0:
        problems["fee"] = "The fee cannot be more than the gift."
    if lies_ahead(row.received_at.astimezone(campaign.grant.zone).date()):
        problems["received_on"] = "This date is in the future. Record the gift once it has arrived."
    if problems:
        raise ValidationError(problems)
    known = Gift.objects.filter(source=campaign.slug, key=row.key).exists()
    if known or not HandLimit.objects.current().asks_for_two(row.gross_minor, row.currency):
        return record_gift(campaign=campaign, row=row, by=by)[0]
    if not campaign.takes_records:
        raise Refused(["The campaign is not open yet."], subject=campaign)
    if faults := list(row.faults(campaign.currency)):
        raise ValidationError(faults)
    waiting = HandGift(
        campaign=campaign,
        key=row.key,
        donor_name=row.donor_name,
        donor_email=row.donor_email,
        currency=row.currency,
        gross_minor=row.gross_minor,
        fee_minor=row.fee_minor,
        received_at=row.received_at,
        ineligible=row.ineligible,
        entered_at=timezone.now(),
        entered_by=by,
    )
    if HandGift.objects.waiting().filter(campaign=campaign, key=row.key).exists():
        raise ValidationError({"key": "A gift with this reference waits for a second person already."})
    waiting.save()
    facts = {"campaign": campaign.slug, "gross_minor": row.gross_minor, "currency": row.currency}
    record("gift_entered", waiting, by=by, facts=facts)
    _ask_second_person(waiting, by)
    return waiting


def _ask_second_person(waiting: HandGift, by: User) -> None:
    """Write to everybody who may confirm the gift: whoever did not enter it, of finance and of the programmes."""
    holders = {user.pk: user for role in CONFIRMERS for user in User.objects.with_role(role)}
    for user in sorted(holders.values(), key=lambda one: one.pk):
        if user.has_perm("grants.confirm_gift", waiting):
            notify(
                user,
                subject=f"An offline gift waits for your confirmation: {waiting.key}",
                template="grants/intake/mail/second_person.txt",
                context={"gift": waiting, "by": by, "amount": format_amount(waiting.gross_minor, waiting.currency)},
            )


@action
def confirm_gift(*, hand_gift: HandGift, by: User) -> HandGift:
    """Confirm a gift that somebody else entered, and record it; its donor's name stays with the donor alone.

    Raises Refused where it has ended, or cannot be recorded any more (its reference came in otherwise meanwhile);
    PermissionDenied for who entered it.
    """
    ask(by, "grants.confirm_gift", hand_gift)
    hand_gift = lock(hand_gift)
    if hand_gift.step != "waiting":
        raise Refused([ENDED], subject=hand_gift)
    system = User.objects.system("hand")  # two people stand behind it, neither alone
    try:
        gift, _ = record_gift(campaign=hand_gift.campaign, row=hand_gift.row(), by=system)
    except RowsRefused as refused:
        hint = "Refuse this one. If it is a different gift, enter it again under another reference."
        url = hand_gift.get_absolute_url()
        reasons = [Blocker(reason, hint=hint, url=url) for reason in refused.messages]
        raise Refused(reasons, title="This gift cannot be recorded", subject=hand_gift) from refused
    hand_gift.gift, hand_gift.confirmed_at, hand_gift.confirmed_by = gift, timezone.now(), by
    hand_gift.donor_name = hand_gift.donor_email = ""
    hand_gift.save()
    record("gift_confirmed", hand_gift, by=by, facts={"gift": gift.pk, "entered_by": hand_gift.entered_by_id})
    return hand_gift


@action
def refuse_gift(*, hand_gift: HandGift, reason: str, by: User) -> HandGift:
    """Refuse a gift that waits, with a reason; who entered it may take it back so. Nothing is recorded.

    Raises Refused where it has ended, ValidationError without a reason.
    """
    ask(by, "grants.refuse_gift", hand_gift)
    hand_gift = lock(hand_gift)
    if hand_gift.step != "waiting":
        raise Refused([ENDED], subject=hand_gift)
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    hand_gift.refused_at, hand_gift.refused_by = timezone.now(), by
    hand_gift.refused_reason = reason.strip()
    hand_gift.donor_name = hand_gift.donor_email = ""
    hand_gift.save()
    record("gift_refused", hand_gift, by=by, note=reason)
    return hand_gift


@action
def set_hand_limit(*, limit_minor: int, currency: str, by: User) -> HandLimit:
    """Set from which amount a gift by hand needs a second person; what waits already still waits.

    Raises ValidationError for a negative limit.
    """
    ask(by, "grants.set_hand_limit")
    if limit_minor < 0:
        raise ValidationError({"limit": "A limit cannot be negative."})
    before = HandLimit.objects.current()
    made = HandLimit.objects.create(limit_minor=limit_minor, currency=currency, set_by=by)
    record("hand_limit_set", made, by=by, facts={"before": before.limit_minor, "after": limit_minor})
    return made
