"""Files, Stripe's messages and gifts by hand for tests."""

import hashlib
import hmac
import io
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

from grants.campaigns.models import Campaign
from grants.intake.actions import begin_import, enter_gift, settle_event, take_event
from grants.intake.actions.importing import read_import
from grants.intake.models import GiftImport, HandGift, StripeEvent
from grants.intake.models.hand import FIRST_LIMIT
from grants.intake.reading import read_headings
from grants.intake.stripe_events import read_event
from tests.factories.campaigns import row
from vetting_portal.files import put
from vetting_portal.models import StoredFile, User

HEAD = "key,received_at,donor,donor_email,currency,gross,fee\n"
SECRET = "whsec_test"
MADE_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
_number = count(1)


def line(key: str, gross: str = "100.00", fee: str = "3.20", donor: str = "R. Sato") -> str:
    """Return a line of a file of gifts."""
    return f"{key},2026-11-23T09:12:00-08:00,{donor},,USD,{gross},{fee}\n"


def gifts_file(*lines: str) -> bytes:
    """Return a file of gifts."""
    return (HEAD + "".join(lines)).encode()


def begun(campaign: Campaign, content: bytes, *, by: User, source: str = "", is_stored: bool = False) -> GiftImport:
    """Return an import of a file that nobody has read yet."""
    stored = StoredFile.objects.record(put(content), media_type="text/csv") if is_stored else None
    return begin_import(
        campaign=campaign,
        file_name="gifts.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        headings=read_headings(io.BytesIO(content)),
        source=source,
        stored=stored,
        by=by,
    )


def imported(campaign: Campaign, content: bytes, *, by: User, source: str = "", is_stored: bool = False) -> GiftImport:
    """Return an import whose file was read: ready, or refused."""
    made = begun(campaign, content, by=by, source=source, is_stored=is_stored)
    return read_import(made, io.BytesIO(content), by)


def waiting_gift(campaign: Campaign, *, by: User, **changes: Any) -> HandGift:
    """Return a gift above the limit that waits for a second person."""
    made = enter_gift(campaign=campaign, row=row(f"cheque {next(_number)}", FIRST_LIMIT + 1, **changes), by=by)
    assert isinstance(made, HandGift)
    return made


def charge(charge_id: str, campaign: str = "", amount: int = 10_000, **changes: Any) -> dict[str, Any]:
    """Return a charge as Stripe sends it, its payer and card and all."""
    return {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"name": "Ana Donor", "email": "ana@example.org", "address": {"city": "Chiang Mai"}},
        "captured": True,
        "created": int(MADE_AT.timestamp()),
        "currency": "usd",
        "description": "Gift of Ana Donor",
        "metadata": {"campaign": campaign, "note": "for Ana"} if campaign else {},
        "paid": True,
        "payment_method_details": {"card": {"last4": "4242"}},
        "receipt_email": "ana@example.org",
        "status": "succeeded",
        **changes,
    }


def balance(amount: int, fee: int, currency: str = "usd", rate: float | None = None) -> dict[str, Any]:
    """Return what Stripe settled a charge at."""
    return {
        "id": f"txn_{next(_number)}",
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "currency": currency,
        "exchange_rate": rate,
    }


def dispute(dispute_id: str, charge_id: str, status: str) -> dict[str, Any]:
    """Return a dispute as Stripe sends it."""
    evidence = {"customer_name": "Ana Donor"}
    return {"id": dispute_id, "object": "dispute", "charge": charge_id, "status": status, "amount": 1,
            "currency": "usd", "evidence": evidence, "metadata": {}, "created": int(MADE_AT.timestamp())}  # fmt: skip


def event(thing: dict[str, Any], kind: str = "charge.succeeded", event_id: str = "", **changes: Any) -> dict[str, Any]:
    """Return an event about a charge or a dispute."""
    number = next(_number)
    return {
        "id": event_id or f"evt_{number}",
        "object": "event",
        "type": kind,
        "created": int(MADE_AT.timestamp()) + number,
        "livemode": False,
        "data": {"object": thing},
        **changes,
    }


def told(thing: dict[str, Any], kind: str = "charge.succeeded", event_id: str = "", **changes: Any) -> StripeEvent:
    """Have Stripe tell something: kept, and applied as far as it can be."""
    machine = User.objects.system("stripe")
    kept = take_event(content=read_event(message(event(thing, kind, event_id, **changes))), by=machine)
    settle_event(kept, machine)
    return kept


def signed(payload: bytes, at: datetime, secret: str = SECRET) -> str:
    """Return the header that Stripe would send with a payload."""
    moment = int(at.timestamp())
    made = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={made},v0=ignored"


def message(content: dict[str, Any]) -> bytes:
    """Return an event as the bytes of a message."""
    return json.dumps(content, indent=2).encode()
