"""What becomes of a recommended application: the grant, its signatures, its campaign, payments and reports."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements import actions
from grants.agreements.models import Agreement, Grant
from grants.banking.actions import approve_details, enter_details, record_call, record_number
from grants.banking.models import BankDetails
from grants.campaigns.actions import close_campaign, plan_campaign, record_gifts
from grants.campaigns.models import Campaign
from grants.campaigns.rows import GiftRow
from grants.example.portfolio.cast import Partner
from grants.example.steps.signing_in import CODE
from grants.funds.models import MatchFund
from grants.payments.actions import open_campaign, record_payment, release_payment
from grants.payments.models import Tranche
from grants.reports.actions import accept_report, publish_report, save_report, submit_report
from grants.reports.models import Report
from partners.submissions.models import Submission
from vetting_portal.mail import send_mail_task
from vetting_portal.models import Funder, User

FIRST_CONDITION = "Agreement in force and bank details verified"
AUTHORITY = "board resolution, example"
FEE = (29, 1000, 30)  # a card's: 2.9% and 30 cents
GIFT_MINORS = (2_500, 5_000, 10_000, 25_000, 50_000, 120_000)


def draft(
    submission: Submission, partner: Partner, officer: User, *, window: int, conditions: Sequence[dict[str, Any]] = ()
) -> Grant:
    """Draft the grant; its match window opens tomorrow and stays open for ``window`` days."""
    submission = Submission.objects.get(pk=submission.pk)
    fields = _fields(submission, partner, window)
    fields["plan"]["conditions"] = list(conditions)
    return actions.draft_grant(submission=submission, fields=fields, by=officer)


def _fields(submission: Submission, partner: Partner, window: int) -> dict[str, Any]:
    today, goal = timezone.localdate(), submission.amount_requested_minor or 0
    zone = ZoneInfo(Funder.objects.current().time_zone)
    begins = datetime.combine(today + timedelta(days=1), datetime.min.time(), tzinfo=zone)

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    return {
        "fund": MatchFund.objects.matching(submission.programme, submission.currency).first(),
        "title": submission.title,
        "purpose": submission.summary[:800],
        "goal_minor": goal,
        "cap_minor": goal // 2,
        "ratio_p": 1,
        "ratio_q": 1,
        "window_starts_at": begins,
        "window_ends_at": begins + timedelta(days=window),
        "time_zone": zone.key,
        "basis": Grant.Basis.GROSS,
        "refund_policy": Grant.RefundPolicy.BACKFILL,
        "donor_cap_minor": None,
        "gift_cap_minor": None,
        "term_starts_on": today,
        "term_ends_on": today + timedelta(days=365),
        "signatory_name": partner.leads[-1],
        "signatory_title": "Director",
        "signatory_authority": AUTHORITY,
        "director_authority": AUTHORITY,
        "helps_individuals": False,
        "bank_name": "",
        "bank_last4": "",
        "plan": {
            "indicators": [{"text": f"Reached: {partner.people}", "target": f"{partner.reached}"}],
            "budget": [
                {"line": "Salaries", "amount_minor": goal * 55 // 100},
                {"line": "Travel and material", "amount_minor": goal - goal * 55 // 100},
            ],
            "tranches": [
                {"share_bp": 5000, "condition": FIRST_CONDITION, "due_on": day(window + 4)},
                {"share_bp": 4000, "condition": "First report accepted", "due_on": day(window + 130)},
                {"share_bp": 1000, "condition": "Final report accepted", "due_on": day(360)},
            ],
            "reports": [
                {"title": "Inception report", "due_on": day(window + 20)},
                {"title": "Final report", "due_on": day(350)},
            ],
        },
    }


def fresh(grant: Grant) -> Grant:
    """Return the grant as it stands in the database."""
    return Grant.objects.for_page().get(pk=grant.pk)


def freeze(grant: Grant, officer: User) -> None:
    """Render the agreement and send it for signature."""
    actions.freeze_terms(grant=fresh(grant), by=officer)


def mailed_code(address: str) -> str:
    """Return the code in the newest message to ``address`` that waits to be sent. Raises LookupError without one."""
    waiting = DBTaskResult.objects.ready().filter(task_path=send_mail_task.module_path).order_by("-enqueued_at")
    for task in waiting:
        to, _, body = task.args_kwargs["args"][:3]
        if to == address and (found := CODE.search(body)):
            return found.group(1)
    raise LookupError(address)


def standing_agreement(grant: Grant) -> Agreement:
    """Return the agreement that waits for signatures. Raises LookupError before the terms are frozen."""
    if grant.agreement is None:
        raise LookupError(grant.number)
    return grant.agreement


def code_of(user: User) -> str:
    """Return the code that was mailed to somebody last, as a form takes it. Raises LookupError without one."""
    return re.sub(r"\W", "", mailed_code(user.email))


def _proof(grant: Grant, by: User) -> dict[str, str]:
    sha256 = standing_agreement(fresh(grant)).signed_sha256
    challenge = actions.begin_signing(grant=fresh(grant), method="email", document_sha256=sha256, by=by)
    return {"document_sha256": sha256, "nonce": challenge.nonce, "code": code_of(by)}


def sign(grant: Grant, director: User) -> None:
    """Declare no interest as a director, and sign with a code by e-mail."""
    actions.declare_as_director(grant=fresh(grant), has_interest=False, by=director)
    actions.sign_agreement(grant=fresh(grant), by=director, **_proof(grant, director))


def countersign(grant: Grant, owner: User) -> None:
    """Sign as the partner; the seal is set in the background."""
    actions.countersign_agreement(grant=fresh(grant), by=owner, **_proof(grant, owner))


def enter_bank(grant: Grant, partner: Partner, officer: User, owner: User) -> None:
    """Record a number that is held, then enter where the partner is paid."""
    organisation = grant.submission.organisation
    whose = f"{partner.leads[0]}, chair"
    record_number(
        organisation=organisation, number="+1 555 0100", whose=whose, source="The registry’s page", by=officer
    )
    enter_details(
        organisation=organisation,
        by=owner,
        holder=partner.name,
        holder_reason="",
        bank_name=f"Example Bank of {partner.city}",
        country=partner.country,
        account=f"{grant.pk:03}-2-40000-1",
        bic=f"EXAM{partner.country}00",
    )


def _details(grant: Grant) -> BankDetails:
    return BankDetails.objects.current().get(organisation=grant.submission.organisation_id)


def call_bank(grant: Grant, finance: User, partner: Partner) -> None:
    """Call the number that was held before."""
    details = _details(grant)
    held = details.numbers_from_before().get()
    record_call(details=details, held_number=held, whom=f"{partner.leads[0]}, chair", note="", by=finance)


def approve_bank(grant: Grant, officer: User) -> None:
    """Approve the details as the second person."""
    approve_details(details=_details(grant), by=officer)


def plan(grant: Grant, partner: Partner, officer: User) -> None:
    """Write the campaign page."""
    words = {
        "title": f"{partner.title}.",
        "lead": f"{partner.name} asks for your help to {partner.work}.",
        "privacy_note": "We show no pictures of the people whom we serve.",
        "gift_note": "All of your gift but the card fee goes to the project.",
    }
    plan_campaign(grant=fresh(grant), slug=partner.key, words=words, by=officer)


def campaign_of(grant: Grant) -> Campaign:
    """Return the campaign as it stands in the database."""
    return Campaign.objects.with_grant().get(grant=grant.pk)


def open_page(grant: Grant, officer: User) -> None:
    """Open the campaign."""
    open_campaign(campaign=campaign_of(grant), by=officer)


def give(grant: Grant, finance: User, *, part: int, until: int) -> None:
    """Record gifts by card until ``until`` percent of the gifts' share of the goal came in; ``part`` names them."""
    campaign = campaign_of(grant)
    aim = (campaign.grant.goal_minor - campaign.grant.cap_minor) * until // 100
    came, rows, now = campaign.gross_minor, list[GiftRow](), timezone.now()
    while came < aim:
        number = len(rows)
        gross = min(GIFT_MINORS[(number * 7 + part) % len(GIFT_MINORS)], aim - came)
        fee = min(gross, (gross * FEE[0] + FEE[1] - 1) // FEE[1] + FEE[2])
        name = f"Example donor {part * 100 + number + 1}"
        at = now - timedelta(minutes=5 * (aim // min(GIFT_MINORS) - number))
        rows.append(_row(campaign, f"EX-{part}-{number:03}", name, gross, fee, max(at, campaign.opened_at or at)))
        came += gross
    record_gifts(campaign=campaign, rows=rows, by=finance)


def _row(campaign: Campaign, key: str, name: str, gross: int, fee: int, at: datetime) -> GiftRow:
    return GiftRow(
        key=key, gross_minor=gross, fee_minor=fee, currency=campaign.currency, received_at=at, donor_name=name
    )


def close_page(grant: Grant, officer: User) -> None:
    """Close the campaign after its window."""
    close_campaign(campaign=campaign_of(grant), by=officer)


def release(grant: Grant, finance: User) -> None:
    """Release the first payment."""
    release_payment(tranche=Tranche.objects.for_list().get(grant=grant.pk, number=1), by=finance)


def pay(grant: Grant, officer: User) -> None:
    """Record that the first payment was made."""
    tranche = Tranche.objects.for_list().get(grant=grant.pk, number=1)
    record_payment(tranche=tranche, paid_on=timezone.localdate(), bank_reference=f"EXB-{grant.number}", by=officer)


def first_report(grant: Grant) -> Report:
    """Return the first report that the agreement asks for."""
    return Report.objects.for_list().filter(grant=grant.pk).order_by("number")[0]


def report(grant: Grant, partner: Partner, owner: User) -> None:
    """Write the first report and send it."""
    words = {
        "summary": f"Two people are hired and trained. {partner.reached // 3} {partner.people} are reached so far.",
        "changes": "One training was moved by two weeks because of the rain. Nothing else changed.",
        "challenges": "The road was closed for nine days.",
        "public_line": f"{partner.reached // 3} {partner.people} are reached so far.",
        "local_currency": "USD",
        "rate": "1",
        "received_minor": 0,
        "charges_minor": 0,
        "indicators": [
            {
                "text": f"Reached: {partner.people}",
                "reached": f"{partner.reached // 3} of {partner.reached}",
                "note": "",
            }
        ],
        "spending": [
            {
                "line": "Salaries",
                "spent_local_minor": 0,
                "explanation": "Paid from our own means until the first payment.",
            },
            {"line": "Travel and material", "spent_local_minor": 0, "explanation": "Bought with the first payment."},
        ],
    }
    save_report(report=first_report(grant), words=words, by=owner)
    submit_report(report=first_report(grant), by=owner)


def accept(grant: Grant, partner: Partner, officer: User) -> None:
    """Accept the first report and publish it."""
    accept_report(report=first_report(grant), agrees=True, by=officer)
    publish_report(
        report=first_report(grant),
        public_line=f"{partner.reached // 3} {partner.people} are reached so far.",
        public_summary="Two people are hired and trained, and the weekly visits have begun.",
        stories=[],
        by=officer,
    )
