"""Payments: to release, to pay, to confirm, to look for, to take up again; lines of statements to explain."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, Least
from django.utils.formats import date_format

from grants.agreements.duties import grant_by, reads_grants
from grants.agreements.models import Grant
from grants.arrivals.models import Arrival, unanswered
from grants.banking.duties import A_YEAR, CHECKERS, MONEY
from grants.banking.models import BankDetails
from grants.campaigns.models import Gift
from grants.conditions.models import Condition, stopped
from grants.payments.bankstatements import BankLine, BankStatement, LineMatch
from grants.payments.conditions import ANSWERED
from grants.payments.models import Tranche
from grants.payments.stops import unstopped
from grants.payments.tranches import WHOLE
from grants.reports.models import Report
from partners.organisations.acting import a_role, either, from_outside, members_of, the_partner
from partners.submissions.duties import unheld
from vetting_portal.duties import Actor, Case, DutyKind, OpenDuty, Rows, leads_to
from vetting_portal.models import Role, User
from vetting_portal.statements import ThisMoment, Today

SOON = timedelta(days=30)
PARTNER = "grant__submission__organisation"
State = Tranche.State
FROZEN = Cast(F("grant__campaign__statement_content__figures__payable_minor"), BigIntegerField())


def _moves(*cuts: Callable[[User, Rows], Rows]) -> Actor:
    """Return finance or an officer from outside as who acts, less what ``cuts`` takes away."""

    def rest(user: User, rows: Rows) -> Rows:
        for cut in cuts:
            rows = cut(user, rows)
        return rows

    return Actor(
        "finance or a programme officer",
        either(*(from_outside(role, PARTNER, rest) for role in CHECKERS)),
        reads_grants,
    )


def _approved_no_details(user: User, rows: Rows) -> Rows:
    mine = BankDetails.objects.current().filter(organisation=OuterRef(PARTNER), approved_by=user)
    return rows.exclude(Exists(mine))


def _released_it_not(user: User, rows: Rows) -> Rows:
    return rows.exclude(released_by=user)


def _next_with_what_is_left() -> Rows:
    """Return the payments in turn, each with ``left``, what is payable on its grant and no payment took yet (R8), and
    ``own``, what refunds since the closing leave of its share (R11); before the closing ``own`` is 1. ``tranches.due``
    reckons the same.
    """
    of = "grant__campaign__"
    settled = F(f"{of}gross_minor") - F(f"{of}refunded_minor") - F(f"{of}fees_minor") + F(f"{of}matched_minor")
    at_risk = F(f"{of}risk_net_minor") + F(f"{of}risk_match_minor")
    fees = F(f"{of}fees_minor") - F(f"{of}risk_fees_minor")
    added = Least(Coalesce("grant__fee_top_up_minor", 0), fees)
    payable = settled - at_risk + added
    unpaid = _sum_of(F("frozen") * F("share_bp") / WHOLE - F("netted_minor"), State.CANCELLED)
    left = payable - _sum_of(F("amount_minor"), State.RELEASED, State.PAID) - unpaid
    refunded = F("frozen") - payable - _sum_of(F("netted_minor"), State.RELEASED, State.PAID, State.CANCELLED)
    own = Coalesce(F("frozen") * F("share_bp") / WHOLE - refunded, 1)
    rows = Tranche.objects.in_turn(Today()).annotate(frozen=FROZEN)
    return rows.annotate(
        **{name: ExpressionWrapper(sum_, BigIntegerField()) for name, sum_ in (("left", left), ("own", own))}
    )


def _sum_of(minor: Any, *states: str) -> Coalesce:
    """Return a sum over the payments of the same grant in some states, in minor units."""
    rows = Tranche.objects.filter(grant=OuterRef("grant"), state__in=states).annotate(frozen=FROZEN).order_by()
    each = rows.annotate(each=ExpressionWrapper(minor, BigIntegerField())).values("grant")
    return Coalesce(Subquery(each.annotate(sum=Sum("each")).values("sum"), output_field=BigIntegerField()), 0)


def _later() -> Exists:
    """Return whether another payment of the grant comes after it."""
    rows = Tranche.objects.filter(grant=OuterRef("grant"), number__gt=OuterRef("number"))
    return Exists(rows.exclude(state=State.CANCELLED))


def _empty() -> Rows:
    """Return the payments on which nothing will be payable: it was refunded, or paid already, and gifts have ended."""
    at_risk = Q(grant__campaign__risk_net_minor__gt=0) | Q(grant__campaign__risk_match_minor__gt=0)
    rows = _next_with_what_is_left().filter(grant__campaign__statement_content__isnull=False)
    rows = rows.filter(Q(left__lte=0) | Q(_later(), own__lte=0))
    return unheld(rows.exclude(at_risk), PARTNER)


def _to_release() -> Rows:
    """Return the payments in turn whose conditions the records show to be met; the page asks each one afresh."""
    approved = BankDetails.objects.current().filter(
        organisation=OuterRef(PARTNER), refused_at__isnull=True, approved_at__gt=ThisMoment(-A_YEAR)
    )
    owed = Report.objects.filter(grant=OuterRef("grant"), number__lt=OuterRef("number")).exclude(state__in=ANSWERED)
    rows = _next_with_what_is_left().filter(Exists(approved), left__gt=0, grant__campaign__opened_at__isnull=False)
    rows = rows.filter(Q(_later(), own__gt=0) | Q(~_later(), grant__campaign__statement_content__isnull=False))
    rows = rows.exclude(Exists(owed)).exclude(stopped(Condition.Blocks.PAYMENT, "grant", "number"))
    return unheld(unstopped(rows), PARTNER)


def _to_confirm() -> Rows:
    """Return the paid payments that the partner has neither confirmed nor reported missing since finance
    answered or the bank returned it.
    """
    return unheld(unanswered(Tranche.objects.all()), PARTNER)


def _missing() -> Rows:
    return unheld(Arrival.objects.missing(), f"tranche__{PARTNER}")


def _is_void() -> Q:
    """Return the condition of a released payment that the bank must not make."""
    not_approved = (
        Q(details__superseded_at__isnull=False)
        | Q(details__refused_at__isnull=False)
        | Q(details__approved_at__isnull=True)
        | Q(details__approved_at__lte=ThisMoment(-A_YEAR))
    )
    return Q(grant__state=Grant.State.SUSPENDED) | not_approved & Q(grant__state=Grant.State.IN_FORCE)


def _to_pay() -> Rows:
    rows = Tranche.objects.filter(state=State.RELEASED, grant__state=Grant.State.IN_FORCE)
    return unheld(rows.exclude(_is_void()), PARTNER)


def _to_stop() -> Rows:
    return Tranche.objects.filter(_is_void(), state=State.RELEASED)


def _why_stop(duty: OpenDuty) -> str:
    is_suspended = duty.facts["grant"] == Grant.State.SUSPENDED
    why = "the grant is suspended" if is_suspended else "the bank details are no longer the approved ones"
    return f"Payment {duty.facts['number']} is released, and {why}. Hold it, or record it if the bank has paid it"


def _held() -> Rows:
    return unheld(Tranche.objects.filter(state=State.HELD, grant__state=Grant.State.IN_FORCE), PARTNER)


def _planned() -> Rows:
    return Tranche.objects.filter(
        state=State.SCHEDULED, grant__state=Grant.State.IN_FORCE, due_on__gt=Today(), due_on__lte=Today(SOON)
    )


def _unexplained() -> Rows:
    """Return the statements with a line about no payment and no gift that we know, and that nobody explained."""
    ours = Concat("grant__number", Value("-"), Cast("number", CharField()))
    alone = Concat(Value("(^|[^0-9A-Za-z_])"), F("ours"), Value("([^0-9A-Za-z_]|$)"))
    own = [Cast(OuterRef(name), CharField()) for name in ("reference", "text")]
    said = Concat(own[0], Value(" "), own[1])
    payments = Tranche.objects.at_the_bank()
    named = payments.annotate(ours=ours, alone=alone, said=said).filter(said__contains=F("ours"))
    named = named.filter(said__regex=F("alone"))
    known = payments.filter(bank_reference__iexact=OuterRef("reference")).exclude(bank_reference="")
    shared = Gift.objects.filter(key=OuterRef("key")).exclude(pk=OuterRef("pk"))
    gifts = Gift.objects.filter(key=OuterRef("reference")).exclude(Exists(shared))
    words = LineMatch.objects.filter(line=OuterRef("pk"))
    lines = BankLine.objects.filter(statement=OuterRef("pk")).exclude(Exists(words))
    return BankStatement.objects.filter(
        Exists(lines.exclude(Exists(known)).exclude(Exists(gifts)).exclude(Exists(named)))
    )


def _amount_free(name: str) -> Any:
    return Cast(name, CharField())


def _did_it_arrive(duty: OpenDuty) -> str:
    day = date_format(date.fromisoformat(duty.facts["paid"]), "j F Y")
    return f"We paid payment {duty.facts['number']} on {day}. Say how much arrived, or that nothing has."


def _was_paid(duty: OpenDuty) -> str:
    day = date_format(date.fromisoformat(duty.facts["paid"]), "j F Y")
    return f"Payment {duty.facts['number']} was paid on {day}; the partner says how much arrived"


ON_PAYMENT: dict[str, Any] = {
    "group": MONEY,
    "case": grant_by("grant"),
    "url": leads_to("grants:payments", "reference"),
    "facts": {"number": _amount_free("number")},
}

DUTIES = (
    DutyKind(
        key="grants.release_payment",
        verb="Release a payment",
        why=lambda duty: f"Payment {duty.facts['number']}: bank details verified, reports before it accepted",
        button="Release",
        waiting=_to_release,
        actor=_moves(_approved_no_details),
        since=Coalesce(Cast("due_on", DateTimeField()), "scheduled_at"),
        permission="grants.release_payment",
        **ON_PAYMENT,
    ),
    DutyKind(
        key="grants.cancel_empty_payment",
        verb="Cancel a payment that comes to nothing",
        why=lambda duty: f"Payment {duty.facts['number']}: the campaign is closed, and nothing is left to pay on it",
        button="Open payments",
        waiting=_empty,
        actor=Actor("a programme officer", from_outside(Role.PROGRAMME_OFFICER, PARTNER), reads_grants),
        since=Coalesce(Cast("due_on", DateTimeField()), "scheduled_at"),
        permission="grants.cancel_payment",
        **ON_PAYMENT,
    ),
    DutyKind(
        key="grants.pay",
        verb="Pay, then record the payment",
        why=lambda duty: f"Payment {duty.facts['number']} is released; a second person records it",
        button="Record payment",
        waiting=_to_pay,
        actor=_moves(_released_it_not),
        since="released_at",
        aim=3,
        permission="grants.record_payment",
        **ON_PAYMENT,
    ),
    DutyKind(
        key="grants.stop_payment",
        verb="Hold a payment that must not be made",
        why=_why_stop,
        button="Open payment",
        waiting=_to_stop,
        actor=_moves(),
        since="released_at",
        aim=1,
        permission="grants.hold_payment",
        **{**ON_PAYMENT, "facts": {**ON_PAYMENT["facts"], "grant": "grant__state"}},
    ),
    DutyKind(
        key="grants.confirm_payment",
        verb="Confirm a payment",
        why=_did_it_arrive,
        why_for_others=_was_paid,
        button="Confirm payment",
        waiting=_to_confirm,
        actor=the_partner(PARTNER, known_to=reads_grants),
        since="paid_at",
        aim=14,
        permission="grants.confirm_payment",
        is_reminded=True,
        note="Have your bank statement at hand.",
        **{
            **ON_PAYMENT,
            "url": leads_to("grants:payment_arrival", "record"),
            "facts": {**ON_PAYMENT["facts"], "paid": "paid_on"},
        },
    ),
    DutyKind(
        key="grants.answer_missing_payment",
        group=MONEY,
        verb="Look for a payment that has not arrived",
        why=lambda duty: f"Payment {duty.facts['number']}: the partner says that it has not arrived",
        button="Open payment",
        url=leads_to("grants:payment_arrival", "record"),
        waiting=_missing,
        actor=Actor(
            "finance",
            from_outside(Role.FINANCE_OFFICER, f"tranche__{PARTNER}"),
            either(reads_grants, members_of(f"tranche__{PARTNER}")),
        ),
        case=grant_by("tranche__grant"),
        record="tranche_id",
        since="said_at",
        aim=3,
        facts={"number": _amount_free("tranche__number")},
        permission="grants.answer_missing_payment",
        asks="tranche",
    ),
    DutyKind(
        key="grants.held_payment",
        verb="Decide about a payment on hold",
        why=lambda duty: f"Payment {duty.facts['number']}: {duty.facts['reason'].partition('\n')[0]}",
        button="Open payment",
        waiting=_held,
        actor=_moves(),
        since="held_at",
        aim=14,
        permission="grants.hold_payment",
        **{**ON_PAYMENT, "facts": {**ON_PAYMENT["facts"], "reason": "hold_reason"}},
    ),
    DutyKind(
        key="grants.reconcile",
        group=MONEY,
        verb="Explain lines of a bank statement",
        why=lambda duty: duty.facts["name"],
        button="Open statement",
        url=leads_to("grants:bank_statement", "record"),
        waiting=_unexplained,
        actor=a_role(Role.FINANCE_OFFICER, known_to=reads_grants),
        case=Case(title="name"),
        since="uploaded_at",
        facts={"name": "name"},
        permission="grants.match_line",
    ),
    DutyKind(
        key="grants.payment_due",
        verb="A payment comes due",
        why=lambda duty: f"Payment {duty.facts['number']}, as the agreement says",
        button="Open",
        waiting=_planned,
        actor=Actor(
            "finance", either(a_role(*CHECKERS).mine, members_of(PARTNER)), either(reads_grants, members_of(PARTNER))
        ),
        since="scheduled_at",
        due="due_on",
        is_coming=True,
        **ON_PAYMENT,
    ),
)
