"""The links to donors' receipts: made, mailed, revoked; and the tasks that write to donors."""

import secrets

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.models import Campaign, Gift
from grants.public.models import ReceiptLink, token_hash
from vetting_portal.mail import rendered
from vetting_portal.models import Funder, User
from vetting_portal.tasks import background
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

TOKEN_BYTES = 32
MOST_LINKS = 50  # in one letter: the newest gifts


def send_blockers(gift: Gift) -> list[Blocker]:
    """Return why no receipt can be sent to the donor of a gift: nobody's address is on record."""
    if gift.donor.erased_at is not None:
        return [Blocker("The donor was erased.")]
    if not gift.donor.details.email:
        return [Blocker("The donor gave no e-mail address.", hint="Make a link, and hand it over another way.")]
    return []


@action
def make_link(*, gift: Gift, by: User) -> str:
    """Make a link to the receipt of a gift and return its token, which is kept nowhere.

    Raises PermissionDenied; Refused where the donor was erased.
    """
    ask(by, "grants.issue_receipt", gift)
    if gift.donor.erased_at is not None:
        raise Refused(["The donor was erased: there is nobody to make a receipt for."], subject=gift)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ReceiptLink.objects.create(gift=gift, token_sha256=token_hash(token), made_at=timezone.now(), made_by=by)
    record("receipt_link_made", gift, by=by, facts={"link": link.pk})
    return token


@action
def send_receipt(*, gift: Gift, by: User) -> None:
    """Have the receipt of a gift mailed to its donor. Raises PermissionDenied; Refused where there is no address."""
    ask(by, "grants.issue_receipt", gift)
    if reasons := send_blockers(gift):
        raise Refused(reasons, subject=gift)
    record("receipt_sent", gift, by=by)
    mail_receipt_task.enqueue(gift.pk)


@action
def revoke_links(*, gift: Gift, by: User) -> int:
    """Make every link to the receipt of a gift open nothing; returns how many did so far. Raises PermissionDenied."""
    ask(by, "grants.revoke_receipt", gift)
    links = lock(ReceiptLink.objects.filter(gift=gift, revoked_at__isnull=True))
    now = timezone.now()
    for link in links:
        link.revoked_at, link.revoked_by = now, by
        link.save(update_fields=["revoked_at", "revoked_by"])
    if links:
        record("receipt_links_revoked", gift, by=by, facts={"links": [link.pk for link in links]})
    return len(links)


@action
def ask_for_receipts(*, campaign: Campaign, address: str, by: User) -> None:
    """Have the receipts of one address mailed to it. It does the same whether or not a gift of it is on record, so that
    the answer tells a stranger nothing. Raises PermissionDenied.
    """
    ask(by, "grants.issue_receipt", campaign)
    record("receipts_asked", campaign, by=by)
    mail_receipts_asked_task.enqueue(campaign.pk, address)


def receipt_url(token: str) -> str:
    """Return the whole address that a token opens."""
    return f"{settings.PUBLIC_URL}{reverse('grants:receipt', args=[token])}"


def _mail(campaign: Campaign, address: str, gifts: list[Gift]) -> None:
    """Make a link for each gift and write them to one address; each link stands in this one letter only."""
    by = User.objects.system("background")
    receipts = [{"gift": gift, "url": receipt_url(make_link(gift=gift, by=by))} for gift in gifts]
    funder = Funder.objects.current_or_none()
    body = rendered(
        address,
        template="grants/public/mail/receipts.txt",
        context={"receipts": receipts, "partner": campaign.grant.submission.organisation, "funder": funder},
    )
    EmailMessage(subject="Your match receipt", body=body, to=[address]).send()


@background()
def mail_receipt_task(gift_id: int) -> None:
    """Mail the receipt of one gift to its donor; nothing where the donor has been erased since."""
    gift = Gift.objects.select_related("donor__details", "campaign__grant__submission__organisation").get(pk=gift_id)
    if not send_blockers(gift):
        _mail(gift.campaign, gift.donor.details.email, [gift])


@background()
def mail_receipts_asked_task(campaign_id: int, address: str) -> None:
    """Mail the receipts of all gifts of one address to it; nothing where none is on record."""
    gifts = Gift.objects.filter(campaign=campaign_id, donor__details__email__iexact=address)
    found = list(
        gifts.select_related("donor", "campaign__grant__submission__organisation").order_by("-seq")[:MOST_LINKS]
    )
    if found:
        _mail(found[0].campaign, address, found)
