"""The stage of a simulation: a funder, its people, a partner, a fund; for each play a grant in force with a campaign.

It writes the records straight to a database that is thrown away; the actions that are simulated run on top of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from grants.agreements.models import Agreement, FundShare, Grant, Signature, SigningChallenge, Terms
from grants.campaigns.actions import plan_campaign
from grants.campaigns.models import Campaign
from grants.funds.actions import create_fund, reserve, top_up
from grants.funds.models import MatchFund
from partners.checklists.models import ChecklistVersion
from partners.organisations.models import Membership, Organisation
from partners.programmes.models import Programme, Questionnaire
from partners.submissions.models import Submission
from vetting_portal.canonical import sha256_of
from vetting_portal.files import Blob, put
from vetting_portal.models import Funder, Role, RoleAssignment, StoredFile, User
from vetting_portal.workflow import perform

EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
WORDS = {"title": "A simulated campaign", "lead": "It stands in a database of its own."}


@dataclass(frozen=True)
class Stage:
    """Who and what every play shares."""

    officer: User
    finance: User
    partner: User
    machine: User
    paper: Blob
    programme: Programme
    fund: MatchFund
    organisation: Organisation


def _person(email: str, role: str) -> User:
    user = User.objects.create_user(f"{email}@simulation.invalid", name=email.title())
    RoleAssignment.objects.create(user=user, role=role, assigned_by=user)
    return user


def set_stage(currency: str, money: int) -> Stage:
    """Make what every play shares; the fund holds ``money`` minor units."""
    now = timezone.now()
    Funder.objects.get_or_create(
        version=1, defaults={"name": "Simulated funder", "currency": currency, "time_zone": "UTC", "is_example": True}
    )
    officer, finance = _person("officer", Role.PROGRAMME_OFFICER), _person("finance", Role.FINANCE_OFFICER)
    made: dict[str, Any] = {"created_at": now, "created_by": officer}
    checklist = ChecklistVersion.objects.create(name="Simulation", **made)
    questionnaire = Questionnaire.objects.create(name="Simulation", checklist=checklist, **made)
    programme = Programme.objects.create(
        title="Simulation",
        slug="simulation",
        summary="Simulated.",
        opens_on=date(2026, 1, 1),
        currency=currency,
        min_request_minor=1,
        max_request_minor=2,
        checklist=checklist,
        questionnaire=questionnaire,
        **made,
    )
    organisation = Organisation.objects.create(legal_name="Simulated partner", country="TH", **made)
    partner = User.objects.create_user("partner@simulation.invalid", name="Partner")
    Membership.objects.create(organisation=organisation, user=partner, role=Membership.Role.OWNER, since_at=now)
    fund = create_fund(name="Simulated fund", currency=currency, programmes=[programme], by=finance)
    top_up(fund=fund, amount_minor=money, key="simulation", by=finance)
    return Stage(
        officer=officer,
        finance=finance,
        partner=partner,
        machine=User.objects.system("simulation"),
        paper=put(b"simulated agreement"),
        programme=programme,
        fund=fund,
        organisation=organisation,
    )


def _submission(stage: Stage, number: int, currency: str) -> Submission:
    now, officer = timezone.now(), stage.officer
    stamps: dict[str, Any] = {}
    for name in ("submitted", "review_started", "assessed", "recommended", "approved"):
        stamps |= {f"{name}_at": now, f"{name}_by": officer}
    return Submission.objects.create(
        number=f"1970-{number:03}",
        organisation=stage.organisation,
        programme=stage.programme,
        checklist=stage.programme.checklist,
        questionnaire=stage.programme.questionnaire,
        title="Simulated",
        amount_requested_minor=1,
        currency=currency,
        state=Submission.State.APPROVED,
        officer=officer,
        created_at=now,
        created_by=officer,
        waiting_since=now,
        **stamps,
    )


def _content(grant: Grant, schedules: dict[str, Any]) -> dict[str, Any]:
    """Return just enough frozen terms: what the rooms above read of them."""
    money = {"currency": grant.currency, "goal_minor": grant.goal_minor, "cap_minor": grant.cap_minor,
             "ratio": [grant.ratio_p, grant.ratio_q]}  # fmt: skip
    return {
        "number": grant.number,
        "version": 1,
        "example": True,
        "funder": {"directors_needed": 0},
        "money": money,
        "tranches": [],
        "reports": [],
        **schedules,
    }


@transaction.atomic
def grant_in_force(
    stage: Stage,
    number: int,
    *,
    cap_minor: int,
    schedules: dict[str, Any] | None = None,
    further: Sequence[tuple[MatchFund, int]] = (),
    **rule: Any,
) -> Grant:
    """Make a grant in force, its cap reserved, a part of it in ``further`` funds; ``rule`` holds fields of Grant."""
    now, officer, currency = timezone.now(), stage.officer, stage.fund.currency
    reference = f"1970-{number:03}"
    first = cap_minor - sum(minor for _, minor in further)
    account = reserve(fund=stage.fund, reference=reference, amount_minor=first, further=further, by=stage.finance)
    if more := rule.get("fee_top_up_minor"):
        reserve(fund=stage.fund, reference=f"{reference}-FEES", amount_minor=more, by=stage.finance)
    values: dict[str, Any] = {
        "number": reference,
        "submission": _submission(stage, number, currency),
        "fund": stage.fund,
        "reserve_account": account,
        "title": "Simulated",
        "purpose": "Simulated.",
        "currency": currency,
        "goal_minor": cap_minor * 2,
        "cap_minor": cap_minor,
        "window_starts_at": EVER[0],
        "window_ends_at": EVER[1],
        "time_zone": "UTC",
        "term_starts_on": date(1970, 1, 1),
        "term_ends_on": date(9000, 1, 1),
        "signatory_name": "Nobody",
        "signatory_title": "None",
        "created_at": now,
        "created_by": officer,
        **rule,
    }
    grant = Grant.objects.create(**values)
    _share(grant, further)
    content = _content(grant, schedules or {})
    terms = Terms.objects.create(
        grant=grant, version=1, content=content, sha256=sha256_of(content), frozen_at=now, frozen_by=officer
    )
    _sign_and_seal(stage, terms)
    # The same row again, as it stands after everything that a simulation leaves out: review, signatures, seal.
    stamps: dict[str, Any] = {}
    for name in ("frozen", "approved", "in_force"):
        stamps |= {f"{name}_at": now, f"{name}_by": officer}
    Grant(pk=grant.pk, state=Grant.State.IN_FORCE, terms=terms, **values, **stamps).save(force_update=True)
    return Grant.objects.for_page().get(pk=grant.pk)


def _share(grant: Grant, further: Sequence[tuple[MatchFund, int]]) -> None:
    FundShare.objects.bulk_create(
        FundShare(grant=grant, ordinal=ordinal, fund=fund, share_minor=minor)
        for ordinal, (fund, minor) in enumerate(further, start=2)
    )


def _sign_and_seal(stage: Stage, terms: Terms) -> None:
    """Put an agreement on record that the partner signed and that has a seal, all of it simulated."""
    now, sha256 = timezone.now(), terms.sha256
    stored = StoredFile.objects.record(stage.paper, media_type="application/pdf")
    agreement = Agreement.objects.create(
        terms=terms, content_sha256=sha256, signed_file=stored, signed_sha256=stored.sha256, created_at=now
    )
    challenge = SigningChallenge.objects.create(
        user=stage.partner,
        agreement=agreement,
        document_sha256=stored.sha256,
        method="totp",
        nonce=sha256,
        made_at=now,
        expires_at=now,
        used_at=now,
    )
    Signature.objects.create(
        agreement=agreement,
        ordinal=1,
        user=stage.partner,
        side="partner",
        name=stage.partner.name,
        title="None",
        organisation_name=stage.organisation.legal_name,
        method="totp",
        document_sha256=stored.sha256,
        challenge=challenge,
        consent_version="simulated",
        consent_text="Simulated.",
        signed_at=now,
        time_zone="UTC",
    )
    seal = put(f"simulated seal of {sha256}".encode())
    agreement.sealed_file = StoredFile.objects.record(seal, media_type="application/pdf")
    agreement.sealed_sha256, agreement.sealed_at = seal.sha256, now
    agreement.save(update_fields=["sealed_file", "sealed_sha256", "sealed_at"])


@transaction.atomic
def open_a_campaign(stage: Stage, grant: Grant, *, slug: str) -> Campaign:
    """Plan and open the campaign of ``grant`` by the real actions."""
    campaign = plan_campaign(grant=grant, slug=slug, words=WORDS, by=stage.officer)
    opened: Campaign = perform(campaign.open, by=stage.officer)
    return opened
