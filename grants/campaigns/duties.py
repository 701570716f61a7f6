"""Campaigns: to write, to open, to take up again, to close; and gifts in dispute."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from grants.agreements.duties import GRANTS, grant_by, reads_grants
from grants.agreements.models import Grant
from grants.banking.duties import MONEY
from grants.campaigns.models import Campaign, Dispute, Gift
from partners.organisations.acting import a_role
from partners.submissions.duties import unheld
from vetting_portal.duties import DutyKind, Rows, leads_to
from vetting_portal.models import Role
from vetting_portal.statements import ThisMoment

SOON = timedelta(days=30)
PARTNER = "grant__submission__organisation"
State = Campaign.State


def _to_write() -> Rows:
    rows = Grant.objects.filter(state=Grant.State.IN_FORCE)
    return unheld(rows.exclude(Exists(Campaign.objects.filter(grant=OuterRef("pk")))), "submission__organisation")


def _to_open() -> Rows:
    rows = Campaign.objects.filter(state=State.PLANNED, grant__state=Grant.State.IN_FORCE)
    return unheld(rows.exclude(title="").exclude(lead=""), PARTNER)


def _paused() -> Rows:
    return unheld(Campaign.objects.filter(state=State.PAUSED, grant__window_ends_at__gt=ThisMoment()), PARTNER)


def _to_close() -> Rows:
    taking = [State.OPEN, State.PAUSED]
    return unheld(Campaign.objects.filter(state__in=taking, grant__window_ends_at__lte=ThisMoment()), PARTNER)


def _closing_soon() -> Rows:
    return Campaign.objects.filter(
        state=State.OPEN, grant__window_ends_at__gt=ThisMoment(), grant__window_ends_at__lte=ThisMoment(SOON)
    )


def _disputed() -> Rows:
    to_answer = Dispute.objects.to_answer().filter(gift=OuterRef("pk"))
    return Gift.objects.filter(Exists(to_answer), state=Gift.State.DISPUTED)


ON_CAMPAIGN: dict[str, Any] = {
    "group": GRANTS,
    "case": grant_by("grant"),
    "url": leads_to("grants:ledger", "reference"),
    "in_charge": "grant__submission__officer",
}

DUTIES = (
    DutyKind(
        key="grants.write_campaign",
        group=GRANTS,
        verb="Write the campaign page",
        why="Agreement in force; the public page is not written yet",
        button="Write page",
        url=leads_to("grants:campaign_plan", "reference"),
        waiting=_to_write,
        actor=a_role(Role.PROGRAMME_OFFICER, known_to=reads_grants),
        case=grant_by(),
        since="in_force_at",
        in_charge="submission__officer",
        permission="grants.plan_campaign",
    ),
    DutyKind(
        key="grants.open_campaign",
        verb="Open a campaign",
        why="Agreement in force; the public page is ready to be read and opened",
        button="Review page",
        waiting=_to_open,
        actor=a_role(Role.PROGRAMME_OFFICER, known_to=reads_grants),
        since="planned_at",
        permission="grants.open_campaign",
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.resume_campaign",
        verb="Resume or close a paused campaign",
        why="It takes gifts that still arrive, and is not offered",
        button="Open campaign",
        waiting=_paused,
        actor=a_role(Role.PROGRAMME_OFFICER, known_to=reads_grants),
        since="paused_at",
        aim=14,
        permission="grants.resume_campaign",
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.close_campaign",
        verb="Close a campaign",
        why="Its match window is over; closing seals the statement of match",
        button="Close campaign",
        waiting=_to_close,
        actor=a_role(Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER, known_to=reads_grants),
        since="grant__window_ends_at",
        permission="grants.close_campaign",
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.campaign_ends",
        verb="A match window ends",
        why=lambda duty: duty.facts["title"],
        button="Open",
        waiting=_closing_soon,
        actor=a_role(Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER, known_to=reads_grants),
        since="grant__window_ends_at",
        aim=1,
        facts={"title": "title"},
        is_coming=True,
        **ON_CAMPAIGN,
    ),
    DutyKind(
        key="grants.answer_dispute",
        group=MONEY,
        verb="Respond to a disputed gift",
        why="Respond at the payment provider. The bank decides; the outcome is recorded automatically",
        button="See gift",
        url=leads_to("grants:gift", "record"),
        waiting=_disputed,
        actor=a_role(Role.FINANCE_OFFICER, known_to=reads_grants),
        case=grant_by("campaign__grant"),
        since="disputed_at",
        aim=90,
    ),
)
