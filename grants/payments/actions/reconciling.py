"""The bank's word: a statement kept whole or not at all, and what a person says of a line."""

from hashlib import sha256
from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.campaigns.rows import RowsRefused
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.models import Tranche
from grants.payments.statementfile import read_statement
from vetting_portal.models import User
from vetting_portal.workflow import action, ask, lock, record


@action
def upload_statement(*, name: str, content: bytes, by: User) -> tuple[BankStatement, bool]:
    """Keep a bank statement (a CSV file) with every line; returns it and whether it is new: the same file is the same.

    Raises PermissionDenied; NoSheet for what is none, RowsRefused with every bad line: then nothing is kept.
    """
    ask(by, "grants.upload_statement")
    digest = sha256(content).hexdigest()
    if known := BankStatement.objects.filter(sha256=digest).first():
        return known, False
    rows, errors = read_statement(BytesIO(content))
    if errors:
        raise RowsRefused(errors)
    statement = BankStatement.objects.create(
        name=name[:200], sha256=digest, uploaded_at=timezone.now(), uploaded_by=by
    )  # fmt: skip
    BankLine.objects.bulk_create(
        [
            BankLine(
                statement=statement,
                line=row.line,
                booked_on=row.booked_on,
                amount_minor=row.amount_minor,
                currency=row.currency,
                reference=row.reference,
                text=row.text,
            )
            for row in rows
        ],
        batch_size=500,
    )
    record("statement_uploaded", statement, by=by, facts={"sha256": digest, "lines": len(rows)})
    return statement, True


@action
def match_line(*, line: BankLine, tranche: Tranche | None, reason: str, by: User) -> LineMatch:
    """Say by hand which paid payment a line is, or (None) that it is none of ours; the newest word counts.

    Raises PermissionDenied; ValidationError without a reason, or for a payment that is not recorded as paid.
    """
    ask(by, "grants.match_line")
    if not reason.strip():
        raise ValidationError({"reason": "Say how you know."})
    line = lock(line)
    if tranche is not None and not Tranche.objects.paid_once().filter(pk=tranche.pk).exists():
        raise ValidationError({"tranche": "Record this payment as paid first."})
    made = LineMatch.objects.create(
        line=line, tranche=tranche, reason=reason.strip(), matched_at=timezone.now(), matched_by=by
    )
    facts = {"line": line.line, "tranche": tranche.pk if tranche else None}
    record("line_matched", line.statement, by=by, note=reason.strip(), facts=facts)
    return made
