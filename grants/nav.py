"""What grants puts into the bar."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from grants.arrivals.models import unanswered
from grants.banking.models import BankDetails
from grants.cases.tabs import Tab
from grants.cases.tabs import tabs as case_tabs
from grants.conditions.models import Condition
from grants.funds.models import MatchFund
from grants.payments.models import Tranche
from grants.reports.models import Report
from partners.nav import organisation_of
from partners.organisations.models import waiting_blockers
from partners.submissions.models import Submission
from vetting_portal.models import User
from vetting_portal.navigation import Known, NavItem, NextThing

SOON = 30  # days before its date that a report comes first on the partner's home
NOTHING, NOTE = "You need do nothing now", "You can write it over many days. Nothing is lost."
MAY_HAVE_GRANT = {Submission.State.RECOMMENDED, Submission.State.APPROVED, Submission.State.DECLINED}

WORK, GRANTS, MONEY, GRANT = "My work", "Grants", "Money", "Grant"
FOR_STAFF = (
    ("grants.view_overview", NavItem("Overview", "grants:overview", 8, section=WORK)),
    ("grants.list_to_sign", NavItem("To sign", "grants:to_sign", 7, section=WORK)),
    ("grants.list_grants", NavItem("All grants", "grants:list", 30, section=GRANTS)),
    ("grants.list_to_sign", NavItem("Signed", "grants:signed", 32, section=GRANTS)),
    ("grants.list_reports", NavItem("Reports", "grants:reports", 33, section=GRANTS)),
    ("grants.list_wordings", NavItem("Wording", "grants:wordings", 35, section=GRANTS)),
    ("grants.view_finance", NavItem("Finance", "grants:finance", 40, section=MONEY)),
    ("grants.list_payments", NavItem("Payments", "grants:to_pay", 41, section=MONEY)),
    ("grants.view_intake", NavItem("Gifts coming in", "grants:intake", 42, section=MONEY)),
    ("grants.list_bank", NavItem("Bank details", "grants:bank_waiting", 43, section=MONEY)),
    ("grants.list_funds", NavItem("Match funds", "grants:funds", 44, section=MONEY)),
    ("grants.view_set_up", NavItem("Set-up", "grants:set_up", 96, section="Administration")),
    ("grants.take_exports", NavItem("Exports", "grants:exports", 46, section=MONEY)),
)

KNOWN = (
    Known("grants.Grant", "number"),
    Known("grants.MatchFund", "name"),
    Known("grants.WordingVersion", "name"),
    Known("grants.Gift"),
    Known("grants.Campaign"),
    Known("grants.Amendment", related=("grant",)),
    Known("grants.Ending", "number", related=("grant",)),
    Known("grants.Tranche", related=("grant",)),
    Known("grants.Report", related=("grant",)),
    Known("grants.Condition", related=("grant",)),
    Known("grants.PaymentFile"),
    Known("grants.BankStatement"),
    Known("grants.GiftImport"),
    Known("grants.CaseNote", related=("submission",)),
)


def nav_items(user: User) -> Iterator[NavItem]:
    """Yield My work, then grants and money, for who may read them. Who has neither role nor organisation yet has no
    work: their first page leads to the organisation.
    """
    if user.is_staff_member or organisation_of(user) is not None:
        yield NavItem("My work", "grants:work", 5)
    yield from (item for permission, item in FOR_STAFF if user.has_perm(permission))
    if not user.is_staff_member and (
        grant := Grant.objects.of_partner(user).select_related("submission").order_by("-pk").first()
    ):
        yield NavItem("Agreement", "grants:partner_agreement", 40, (grant.number,), GRANT)
        yield NavItem("Reports", "grants:partner_reports", 45, section=GRANT)
        yield NavItem("Payments", "grants:partner_payments", 46, section=GRANT)
        yield NavItem("Bank details", "grants:bank", 47, (grant.submission.organisation_id,), GRANT)


def links(user: User, record: Model) -> Iterator[NavItem]:
    """Yield what leads staff from a submission's own pages to the grant that it became, and from a fund's to what its
    accounts are for, each by its reference.
    """
    if isinstance(record, MatchFund):
        yield from _accounted_for(user, record)
    if isinstance(record, Submission) and record.state in MAY_HAVE_GRANT and user.has_perm("grants.list_grants"):
        for grant in Grant.objects.visible_to(user).filter(submission=record):
            yield NavItem(f"Open grant {grant.number}", "grants:grant", args=(grant.number,))


def search_url(user: User) -> str:
    """Return where staff search for an application."""
    return reverse("grants:search") if user.has_perm("grants.search_cases") else ""


def tabs(user: User, record: Model, met: str | None = None) -> list[Tab]:
    """Return the tabs of an application's page, which its own lower pages and its grant's page show too."""
    submission = record.submission if isinstance(record, Grant) else record
    if not isinstance(submission, Submission) or not user.has_perm("grants.view_case", submission):
        return []
    return case_tabs(submission, met=met)


def _accounted_for(user: User, fund: MatchFund) -> Iterator[NavItem]:
    """Yield the page of each reference of a fund's accounts: a grant's number, with or without what it is set aside
    for behind it (``2026-014-FEES``); where an amendment's rise waits on the account, that amendment's.
    """
    stems = {name: name.rpartition("-")[0] for name in fund.accounts.values_list("reference", flat=True) if name}
    grants = Grant.objects.visible_to(user).filter(number__in={*stems, *stems.values()})
    numbers = set(grants.values_list("number", flat=True))
    waiting = dict(
        Amendment.objects.visible_to(user)
        .filter(reserve_account__fund=fund)
        .values_list("reserve_account__reference", "number")
    )
    for reference, stem in stems.items():
        if reference in waiting:
            yield NavItem(reference, "grants:amendment", args=(waiting[reference],))
        elif number := next((one for one in (reference, stem) if one in numbers), ""):
            yield NavItem(reference, "grants:grant", args=(number,))


def next_thing(user: User, organisation_id: int) -> NextThing | None:
    """Return what a partner has to do about its newest grant: sign it or its amendment, write the next report."""
    asked = {"grant__submission__organisation": organisation_id, "grant__state": Grant.State.AWAITING_SIGNATURE}
    if early := _show(user, _stops_signature(), **asked):
        return early if not waiting_blockers(organisation_id) else None
    mine = Grant.objects.of_partner(user).filter(submission__organisation_id=organisation_id)
    grant = mine.order_by("-pk").first()
    return _about(grant, user, organisation_id) if grant else None


def next_of(user: User, record: Model) -> NextThing | None:
    """Return what a partner has to do about the grant that came of an application."""
    if not isinstance(record, Submission):
        return None
    grant = Grant.objects.of_partner(user).filter(submission=record).first()
    return _about(grant, user, record.organisation_id) if grant else None


def _about(grant: Grant, user: User, organisation_id: int) -> NextThing | None:
    if waiting_blockers(organisation_id):
        return None
    signature, soon = _stops_signature(), Q(due_on__lte=timezone.localdate() + timedelta(days=SOON))
    first = _show(user, signature, grant=grant) or _sign(grant, user) or _show(user, soon, grant=grant)
    if first := first or _confirm(grant):
        return first
    report = Report.objects.owed().filter(grant=grant).order_by("due_on", "pk").first()
    writing = _write(report) if report else None
    if writing and not writing.can_wait:
        return writing
    details = BankDetails.objects.current().filter(organisation=organisation_id).first()
    if grant.state == grant.State.IN_FORCE and (details is None or details.step in {"refused", "expired"}):
        return _bank(organisation_id, details)
    if writing:
        return writing
    return NextThing(
        NOTHING,
        "We write to you when something comes up.",
        reverse("grants:partner_agreement", args=[grant.number]),
        "See the agreement",
        can_wait=True,
    )


def _stops_signature() -> Q:
    return Q(blocks__in=[Condition.Blocks.DIRECTORS, Condition.Blocks.PARTNER])


def _show(user: User, which: Q, **of: Any) -> NextThing | None:
    """Return the first condition of the kind ``which`` that the partner has to show."""
    mine = Condition.objects.of_partner(user).to_show().filter(which, asked_of=Condition.AskedOf.PARTNER, **of)
    condition = mine.order_by("due_on", "pk").first()
    if condition is None:
        return None
    why = f"{condition.text} Show it by {date_format(condition.due_on, 'l j F Y')}. Until then, {condition.waits}."
    note = "You can answer in words, with a document, or with both."
    return NextThing("Show that a condition is met", why, condition.get_absolute_url(), "Give evidence", note)


def _confirm(grant: Grant) -> NextThing | None:
    """Return the first payment that the partner has neither confirmed nor reported missing."""
    tranche = unanswered(Tranche.objects.filter(grant=grant)).order_by("number").first()
    if tranche is None:
        return None
    return NextThing(
        f"Confirm payment {tranche.number}",
        f"We paid it on {date_format(tranche.paid_on, 'j F Y')}. Tell us how much arrived, or that it has not.",
        tranche.get_arrival_url(),
        "Confirm payment",
        "Have your bank statement at hand.",
    )


def _sign(grant: Grant, user: User) -> NextThing | None:
    """Return what waits for the partner's signature: the agreement, or an amendment of it."""
    if grant.state == grant.State.APPROVED:
        return NextThing(
            "Read the agreement, then sign it",
            "The directors have signed. With your signature the grant is in force.",
            reverse("grants:partner_agreement", args=[grant.number]),
            "Open the agreement",
            "About 20 minutes. You can stop and come back.",
        )
    amendment = Amendment.objects.to_countersign(user).filter(grant=grant).first()
    if amendment is None:
        return None
    return NextThing(
        f"Read amendment {amendment.ordinal}, then sign it",
        "The directors have signed. With your signature the changes hold.",
        amendment.get_partner_url(),
        "Open the amendment",
        "About 10 minutes. You can stop and come back.",
    )


def _bank(organisation_id: int, details: BankDetails | None) -> NextThing:
    why = {"refused": "We cannot pay to the account you gave.", "expired": "We check your account once a year."}
    return NextThing(
        "Tell us where to pay",
        why[details.step] if details else "We need your bank details before the first payment.",
        reverse("grants:bank", args=[organisation_id]),
        "Enter the bank details",
        "We call you at a number that we had before. An owner enters them.",
    )


def _write(report: Report) -> NextThing:
    left = (report.due_on - timezone.localdate()).days
    due = f"It is due on {date_format(report.due_on, 'l j F Y')}."
    if report.state == report.State.RETURNED:
        why = f"We sent it back: {report.return_reason} {due}"
        return NextThing(f"Answer our question: {report.title}", why, report.get_absolute_url(), "Write it now", NOTE)
    if left > SOON:
        why = f"Your next report is “{report.title}”. {due} We write to you {SOON} days before."
        return NextThing(NOTHING, why, reverse("grants:partner_reports"), "See your reports", can_wait=True)
    return NextThing(f"Write your report: {report.title}", due, report.get_absolute_url(), "Write it now", NOTE)
