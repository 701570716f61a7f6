"""Gifts from where they come: a card payment, a processor's file, a cheque; one goes back, one is disputed."""

import csv
import hashlib
import hmac
import io
import json
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign, Gift
from grants.example.people import FINANCE
from grants.example.steps.signing_in import sign_in
from grants.example.visitor import PageError
from grants.example.walk import Walk
from vetting_portal.money import plain
from vetting_portal.tasks import drain

# Of 100 dollars each, by card. They reach the cap to the cent: the cheque after them is matched once one goes back.
GIFTS = 150
GROSS, FEE = 10_000, 320  # 2.9% + 30 cents
CHARGE, DISPUTE = "ch_example_0001", "du_example_0001"
COLUMNS = ("key", "received_at", "donor", "donor_email", "currency", "gross", "fee")
CHEQUE = "Cheque 0417"


def gifts_file(count: int, last: datetime) -> bytes:
    """Return ``count`` gifts of USD 100.00 with the fee of a card (2.9% + 30¢) as a CSV file, the last at ``last``."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number in range(count):
        at = (last - timedelta(seconds=count - 1 - number)).isoformat(timespec="seconds")
        sums = (plain(GROSS, "USD"), plain(FEE, "USD"))
        writer.writerow(
            [f"EX-{number + 1:04}", at, f"Example donor {number + 1}", f"donor{number + 1}@example.org", "USD", *sums]
        )
    return text.getvalue().encode()


def stripe_message(kind: str, **thing: Any) -> tuple[bytes, dict[str, str]]:
    """Return an event as the payment service sends it, and its header: signed with the secret that both sides know."""
    now = int(time.time())
    name = f"evt_{kind}_{thing['id']}".replace(".", "_")
    event = {"id": name, "type": kind, "created": now, "livemode": False, "data": {"object": thing}}
    body = json.dumps(event).encode()
    signed = hmac.new(settings.STRIPE_WEBHOOK_SECRETS[0].encode(), f"{now}.".encode() + body, hashlib.sha256)
    return body, {"Stripe-Signature": f"t={now},v1={signed.hexdigest()}"}


def charge_message(campaign: str) -> tuple[bytes, dict[str, str]]:
    """Return what the service tells of a payment by card to a campaign."""
    return stripe_message(
        "charge.succeeded",
        id=CHARGE,
        object="charge",
        amount=GROSS,
        currency="usd",
        status="succeeded",
        paid=True,
        captured=True,
        created=int(time.time()),
        metadata={"campaign": campaign},
        balance_transaction={"amount": GROSS, "currency": "usd", "fee": FEE, "net": GROSS - FEE},
        billing_details={"name": "Example donor 0", "email": "donor0@example.org"},
    )


def dispute_message(kind: str, status: str) -> tuple[bytes, dict[str, str]]:
    """Return what the service tells of the dispute of that payment: ``kind`` is created or closed."""
    told = {"id": DISPUTE, "object": "dispute", "charge": CHARGE, "amount": GROSS, "currency": "usd"}
    return stripe_message(f"charge.dispute.{kind}", **told, status=status)


def _tell(walk: Walk, message: tuple[bytes, dict[str, str]]) -> None:
    """Send a message to the portal as the payment service does."""
    walk.visitor("stripe", "The payment service").post(reverse("grants:stripe_hook"), *message)
    drain()


def _stands(walk: Walk, key: str, *, matched: int) -> None:
    """Raise PageError where the gift is not matched as it should be, or its page cannot be opened."""
    gift = Gift.objects.get(campaign__slug=walk.campaign, key=key)
    sign_in(walk, FINANCE).open(gift.get_absolute_url())
    if gift.matched_minor != matched:
        message = f"The gift {key} is matched with {gift.matched_minor}, not {matched} cents."
        raise PageError(message)


def give_by_card(walk: Walk) -> None:
    """A donor gives by card, and the payment service tells of it"""
    _tell(walk, charge_message(walk.campaign))
    _stands(walk, CHARGE, matched=GROSS)
    walk.visitor("public").open(f"/campaign/{walk.campaign}/")


def import_the_gifts(walk: Walk) -> None:
    """The finance officer imports 149 gifts: the file is read, then recorded; each is matched, up to the cap"""
    finance = sign_in(walk, FINANCE)
    address = f"/grants/{walk.grant}/gifts/import/"
    finance.open(address)
    finance.send(to=address, files={"file": ("gifts.csv", gifts_file(GIFTS - 1, timezone.now()))})
    sent = finance.path
    drain()
    finance.open(sent)
    finance.send(to=f"{sent}start/")
    drain()
    finance.open(f"/grants/{walk.grant}/ledger/")
    walk.visitor("public").open(f"/campaign/{walk.campaign}/")


def enter_a_cheque(walk: Walk) -> None:
    """The finance officer enters a cheque of $100; the cap is reached, so it is raised but not matched"""
    finance, address = sign_in(walk, FINANCE), f"/grants/{walk.grant}/gifts/new/"
    finance.open(address)
    now = timezone.localtime()
    finance.send(
        to=address,
        key=CHEQUE,
        donor_name="Example donor 150",
        gross=plain(GROSS, "USD"),
        received_on=now.date().isoformat(),
        received_time=f"{now:%H:%M:%S}",
    )
    _stands(walk, CHEQUE, matched=0)


def refund_a_gift(walk: Walk) -> None:
    """A donor wants a gift back: its match goes on to the cheque, to the cent; the fee stays with the service"""
    finance = sign_in(walk, FINANCE)
    page = Gift.objects.get(campaign__slug=walk.campaign, key="EX-0002").get_absolute_url()
    finance.open(f"{page}refund/")
    finance.send(to=f"{page}refund/", amount="", reason="The donor gave twice by mistake.")
    _stands(walk, "EX-0002", matched=0)
    _stands(walk, CHEQUE, matched=GROSS)


def dispute_a_gift(walk: Walk) -> None:
    """A bank disputes the card payment: its match is at risk, neither payable nor released; then it is won"""
    public = walk.visitor("public")
    for kind, status, at_risk in (("created", "needs_response", GROSS), ("closed", "won", 0)):
        _tell(walk, dispute_message(kind, status))
        _stands(walk, CHARGE, matched=GROSS)
        public.open(f"/campaign/{walk.campaign}/")
        stands = match_statement(Campaign.objects.get(slug=walk.campaign))
        if stands["at_risk_match"] != at_risk:
            message = f"{stands['at_risk_match']} cents of the match are at risk, not {at_risk}."
            raise PageError(message)


STEPS = [give_by_card, import_the_gifts, enter_a_cheque, refund_a_gift, dispute_a_gift]
