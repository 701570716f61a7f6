"""A payment's arrival: confirmed or reported missing by the partner, looked into by finance; reminders to confirm."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.arrivals.models import Arrival, ArrivalNotice, due_mark, last_word, times_paid, unanswered
from partners.organisations.actions import tell_owners
from partners.organisations.models import Organisation
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.money import is_currency
from vetting_portal.tasks import background
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

BACKGROUND = "background"
WESTWARD = timedelta(days=1)  # a partner west of the funder may still have the day before


def _locked(tranche: Any) -> Any:
    """Return the payment locked, its organisation and grant before it. Raises Refused where it was not paid."""
    lock(tranche.grant.submission.organisation)
    lock(tranche.grant)
    fresh = lock(tranche)
    if fresh.state != "paid":
        state = fresh.get_state_display().lower()
        raise Refused([Blocker(f"This payment is {state}.", hint="You can confirm it once we have paid it.")])
    return fresh


def _check_seen(last: Arrival | None, seen: int) -> None:
    """Raise ValidationError where something was said since the page was opened."""
    if (last.number if last else 0) != seen:
        who = last.said_by.name if last else "Somebody"
        raise ValidationError(f"{who} answered since you opened this page. Read it, then send yours again.")


def _add(tranche: Any, last: Arrival | None, by: User, event: str, **said: Any) -> Arrival:
    made = Arrival(tranche=tranche, number=(last.number if last else 0) + 1, said_at=timezone.now(), said_by=by, **said)
    made.validate_constraints()
    made.save()
    facts = {
        "number": made.number, "kind": made.kind, "currency": made.currency, "amount_minor": made.amount_minor,
        "charges_minor": made.charges_minor, "arrived_on": made.arrived_on.isoformat() if made.arrived_on else None,
    }  # fmt: skip
    record(event, tranche, by=by, note=made.text, facts=facts)
    return made


@action
def confirm_payment(
    *, tranche: Any, currency: str, amount_minor: int, charges_minor: int, arrived_on: date, seen: int, by: User,
    reason: str = "",
) -> Arrival:  # fmt: skip
    """Confirm a payment with what stood on the partner's account, in its own currency, what banks took off, and the
    partner's day. ``seen`` is the number of the last word that the page showed. The same sent twice is said once; a
    correction keeps what was said before and needs a reason. Finance is notified of what differs.

    Raises PermissionDenied; Refused where it was not paid; ValidationError by field.
    """
    ask(by, "grants.confirm_payment", tranche)
    tranche = _locked(tranche)
    last = last_word(tranche)
    said = {
        "currency": currency, "amount_minor": amount_minor, "charges_minor": charges_minor, "arrived_on": arrived_on,
    }  # fmt: skip
    if last and last.kind == Arrival.Kind.ARRIVED and all(getattr(last, name) == said[name] for name in said):
        return last
    _check_seen(last, seen)
    is_correction = last is not None and last.kind == Arrival.Kind.ARRIVED
    if problems := _problems(tranche, said, is_correction=is_correction, reason=reason):
        raise ValidationError(problems)
    event = "payment_confirmation_corrected" if is_correction else "payment_confirmed"
    made = _add(tranche, last, by, event, kind=Arrival.Kind.ARRIVED, text=reason.strip(), **said)
    if made.comparison.differences:
        _notify_finance(made, "A payment arrived with a difference", "grants/arrivals/mail/differs.txt")
    return made


def _problems(tranche: Any, said: dict[str, Any], *, is_correction: bool, reason: str) -> dict[str, str]:
    """Return what cannot be, by field."""
    problems = {}
    if not is_currency(said["currency"]):
        problems["currency"] = "Give the three letters of the currency, for example THB."
    if said["amount_minor"] <= 0:
        problems["amount"] = "Give the amount that arrived. If nothing arrived, say that it has not arrived."
    if said["charges_minor"] < 0:
        problems["charges"] = "Give the bank charges, 0 if there were none."
    if lies_ahead(said["arrived_on"]):
        problems["arrived_on"] = "This day is still to come. Confirm the payment once it has arrived."
    elif said["arrived_on"] < tranche.paid_on - WESTWARD:
        problems["arrived_on"] = f"We paid on {tranche.paid_on:%-d %B %Y}: it cannot have arrived before."
    if is_correction and not reason.strip():
        problems["reason"] = "Say what was wrong before. What you said first stays on record."
    return problems


@action
def report_missing(*, tranche: Any, text: str, seen: int, by: User) -> Arrival:
    """Say that a payment has not arrived; finance is notified. Said twice it is said once.

    Raises PermissionDenied; Refused where it was not paid; ValidationError where it was confirmed and no reason says
    why that was wrong.
    """
    ask(by, "grants.confirm_payment", tranche)
    tranche = _locked(tranche)
    last = last_word(tranche)
    if last and last.kind == Arrival.Kind.MISSING:
        return last
    _check_seen(last, seen)
    if last and last.kind == Arrival.Kind.ARRIVED and not text.strip():
        raise ValidationError({"text": "You confirmed this payment before. Say what was wrong."})
    made = _add(tranche, last, by, "payment_missing", kind=Arrival.Kind.MISSING, text=text.strip())
    _notify_finance(made, "A payment has not arrived", "grants/arrivals/mail/missing.txt")
    return made


@action
def answer_missing(*, tranche: Any, text: str, by: User) -> Arrival:
    """Tell the partner what finance found about a payment that has not arrived; the partner is asked again.

    Raises PermissionDenied; Refused where nobody misses it; ValidationError without an answer.
    """
    ask(by, "grants.answer_missing_payment", tranche)
    if not text.strip():
        raise ValidationError({"text": "Write what you found, and what happens next."})
    tranche = _locked(tranche)
    last = last_word(tranche)
    if last is None or last.kind != Arrival.Kind.MISSING:
        raise Refused([Blocker("The partner does not miss this payment now.")], subject=tranche)
    made = _add(tranche, last, by, "payment_missing_answered", kind=Arrival.Kind.ANSWERED, text=text.strip())
    tell_owners(
        organisation=tranche.grant.submission.organisation,
        subject=f"Your payment {tranche.number} of grant {tranche.grant.number}",
        template="grants/arrivals/mail/answered.txt",
        context={"arrival": made, "tranche": tranche, "grant": tranche.grant},
        by=by,
    )
    return made


@action
def note_return(*, tranche: Any, returned_on: date, text: str, by: User) -> Arrival:
    """Write down that the bank returned a payment, on the funder's day and why; the payment itself is moved by
    ``payments.actions.bounce_payment``, which asks who may. Raises Refused where it was not paid.
    """
    tranche = _locked(tranche)
    return _add(
        tranche, last_word(tranche), by, "payment_returned",
        kind=Arrival.Kind.RETURNED, text=text, arrived_on=returned_on,
    )  # fmt: skip


def _notify_finance(arrival: Arrival, subject: str, template: str) -> None:
    tranche: Any = arrival.tranche
    for person in User.objects.with_role("finance_officer"):
        notify(
            person,
            subject=f"{subject}: payment {tranche.number} of grant {tranche.grant.number}",
            template=template,
            context={"arrival": arrival, "tranche": tranche, "grant": tranche.grant},
        )


@action
def remind_to_confirm(*, organisation: Organisation, today: date, by: User) -> list[ArrivalNotice]:
    """Write one message to a partner with every payment that waits to be confirmed and has reached a mark; once for
    each payment and mark. A held organisation gets nothing, and nothing is noted.
    """
    fresh = lock(organisation)
    members = [one.user.email for one in fresh.memberships.current().select_related("user").order_by("pk")]
    if not members or fresh.is_held:
        return []
    model = Arrival._meta.get_field("tranche").related_model
    rows = unanswered(model._base_manager.filter(grant__submission__organisation=fresh))
    due = []
    rows = rows.select_related("grant").prefetch_related("arrival_notices", "arrivals")
    for tranche in rows.order_by("paid_on", "pk"):
        mark, time = due_mark(tranche.paid_on, today), times_paid(tranche)
        told = [notice.mark for notice in tranche.arrival_notices.all() if notice.time == time]
        if mark is not None and all(earlier < mark for earlier in told):
            due.append((tranche, mark, time))
    if not due:
        return []
    now = timezone.now()
    notices = ArrivalNotice.objects.bulk_create(
        ArrivalNotice(tranche=tranche, mark=mark, time=time, noticed_at=now) for tranche, mark, time in due
    )
    first = due[0][0]
    one = f"Did payment {first.number} of grant {first.grant.number} arrive?"
    notify(
        members,
        subject=one if len(due) == 1 else f"Did {len(due)} payments arrive?",
        template="grants/arrivals/mail/confirm.txt",
        context={"tranches": [tranche for tranche, _, _ in due]},
    )
    facts = {"payments": [tranche.pk for tranche, _, _ in due], "marks": [mark for _, mark, _ in due]}
    record("payments_to_confirm_reminded", fresh, by=by, facts=facts)
    return notices


@background()
def remind_partners_to_confirm() -> None:
    """Look through the payments that wait to be confirmed, and enqueue a task for each partner; safe to run twice."""
    model = Arrival._meta.get_field("tranche").related_model
    before = timezone.localdate() - timedelta(days=7)
    rows = unanswered(model._base_manager.filter(paid_on__lte=before)).order_by()
    for organisation_id in sorted(set(rows.values_list("grant__submission__organisation", flat=True))):
        remind_partner_to_confirm.enqueue(organisation_id)


@background()
def remind_partner_to_confirm(organisation_id: int) -> None:
    """Remind one partner of the payments to confirm; run twice it writes once."""
    organisation = Organisation.objects.get(pk=organisation_id)
    remind_to_confirm(organisation=organisation, today=timezone.localdate(), by=User.objects.system(BACKGROUND))
