"""What grants puts into the bar."""

from collections.abc import Iterator

from django.db.models import Model
from django.urls import reverse

from grants.agreements.models import Grant
from grants.amendments.models import Amendment
from grants.cases.leading import case_of
from grants.cases.tabs import Tab
from grants.cases.tabs import tabs as case_tabs
from grants.funds.models import MatchFund
from partners.nav import organisation_of
from partners.organisations.models import Organisation
from partners.submissions.models import Submission
from vetting_portal.models import User
from vetting_portal.navigation import Known, NavItem, Notice

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

SUSPENDED = "We release no payment until it is resumed. Your reports stay due."
OUTCOMES: dict[str, str] = {
    Grant.State.COMPLETED: "Your grant is complete",
    Grant.State.CLOSED: "Your grant is complete",
    Grant.State.TERMINATED: "Your grant has ended",
}


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
    """Yield what leads from a submission to the grant that it became, its partner to the agreement, and from a fund to
    what its accounts are for, each by its reference.
    """
    if isinstance(record, MatchFund):
        yield from _accounted_for(user, record)
    if isinstance(record, Submission) and record.state in MAY_HAVE_GRANT and user.has_perm("grants.list_grants"):
        for grant in Grant.objects.visible_to(user).filter(submission=record):
            yield NavItem(f"Open grant {grant.number}", "grants:grant", args=(grant.number,))
    elif isinstance(record, Submission) and record.state == Submission.State.APPROVED:
        for grant in Grant.objects.of_partner(user).filter(submission=record):
            yield NavItem("Open agreement", "grants:partner_agreement", args=(grant.number,))


def outcome(user: User, record: Model) -> str:
    """Return to a partner how the grant of its application ended; empty while it goes on."""
    if not isinstance(record, Submission) or record.state != Submission.State.APPROVED:
        return ""
    states = Grant.objects.of_partner(user).filter(submission=record).order_by("-pk").values_list("state", flat=True)
    return OUTCOMES.get(next(iter(states[:1]), ""), "")


def notices(user: User, record: Model) -> Iterator[Notice]:
    """Yield to a member of an organisation which of its grants are suspended, with the page that says why."""
    if isinstance(record, Organisation):
        suspended = Grant.objects.of_partner(user).filter(submission__organisation=record, state=Grant.State.SUSPENDED)
        for number in suspended.order_by("pk").values_list("number", flat=True):
            url = reverse("grants:partner_agreement", args=[number])
            yield Notice(f"Grant {number} is suspended.", SUSPENDED, url)


def search_url(user: User) -> str:
    """Return where staff search for an application."""
    return reverse("grants:search") if user.has_perm("grants.search_cases") else ""


def tabs(user: User, record: Model, met: str | None = None, number: str = "") -> list[Tab]:
    """Return the tabs of an application's page, which the pages of all that belongs to it show too."""
    submission = case_of(user, record, number)
    return case_tabs(submission, user, met=met) if submission else []


def case(user: User, record: Model, number: str = "") -> NavItem | None:
    """Return the page of the application that a record belongs to."""
    if (submission := case_of(user, record, number)) is None:
        return None
    return NavItem(f"Application {submission.number}", "grants:case", args=(submission.number,))


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
