"""The file for the bank: made of what is released, made again with the same bytes; each reading is recorded."""

from collections.abc import Iterable
from hashlib import sha256

from django.utils import timezone

from grants.banking.actions import read_account
from grants.payments.bankfile import file_bytes
from grants.payments.files import PaymentFile, PaymentLine
from grants.payments.models import Tranche
from grants.payments.unpaid import left_out_reason, to_pay
from vetting_portal.models import User
from vetting_portal.money import plain
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def make_payment_file(*, by: User) -> PaymentFile:
    """Make the file of every released payment that stands in none yet and can be paid now; the accounts are read.

    Raises PermissionDenied; Refused where there is none, with why for each that is left out.
    """
    ask(by, "grants.make_payment_file")
    locked = lock(Tranche.objects.filter(pk__in=list(to_pay(by).values_list("pk", flat=True))))
    waiting = to_pay(by).filter(is_filed=False, pk__in=[tranche.pk for tranche in locked])
    reasons = {tranche: left_out_reason(tranche) for tranche in waiting.order_by("grant__number", "number")}
    taken = [tranche for tranche, reason in reasons.items() if not reason]
    if not taken:
        told = [f"{tranche.reference}: {reason}" for tranche, reason in reasons.items()]
        raise Refused(told or ["No released payment waits for a file."], title="There is nothing to put into a file")
    lines = [
        PaymentLine(
            tranche=tranche,
            details=tranche.details,
            reference=tranche.reference,
            currency=tranche.grant.currency,
            amount_minor=tranche.amount_minor,
            released_at=tranche.released_at,
        )
        for tranche in taken
    ]
    digest = sha256(_content(lines, by)).hexdigest()
    made = PaymentFile.objects.create(made_at=timezone.now(), made_by=by, sha256=digest)
    for line in lines:
        line.file = made
    PaymentLine.objects.bulk_create(lines)
    record("payment_file_made", made, by=by, facts={"sha256": digest, "payments": [line.reference for line in lines]})
    return made


@action
def read_payment_file(*, file: PaymentFile, by: User) -> bytes:
    """Return the bytes of a file, the same as when it was made; who reads the accounts is recorded.

    Raises PermissionDenied; Refused where its bytes would be others than those on record.
    """
    ask(by, "grants.make_payment_file")
    lines = file.lines.select_related("details__organisation", "tranche").order_by("pk")
    content = _content(lines, by)
    if sha256(content).hexdigest() != file.sha256:
        raise Refused(["This file cannot be made as it was. Make a new one."], subject=file)
    record("payment_file_read", file, by=by, facts={"sha256": file.sha256})
    return content


def _content(lines: Iterable[PaymentLine], by: User) -> bytes:
    rows = []
    for line in lines:
        details = line.details
        account = read_account(details=details, by=by)
        amount = plain(line.amount_minor, line.currency)
        to = (details.holder, details.bank_name, details.country, account, details.bic)
        rows.append([line.reference, *to, line.currency, amount])
    return file_bytes(rows)
