"""Records of grants, reached by their real actions: funds with money, grants in each state, signatures, sealed
agreements.
"""

import re
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements import actions
from grants.agreements.models import Agreement, Grant, Signature, SigningChallenge
from grants.funds.actions import create_fund, top_up
from grants.funds.models import MatchFund
from partners.submissions.models import Submission
from tests.factories import endings, reviews
from tests.factories.portal import TOTP_SECRET, FunderFactory, UserFactory
from vetting_portal.models import User

_unique = count(1)
CODE = re.compile(r"^(\d{4}) (\d{4})$", re.MULTILINE)
MISUSED = "Money was misused, and nobody could show what it was spent on."


def finance() -> User:
    """Return a finance officer."""
    return UserFactory(roles=["finance_officer"])


def system() -> User:
    """Return the system user of background work."""
    return User.objects.system("background")


def fund_with(minor: int = 5_000_000, *, submission: Submission | None = None, currency: str = "USD") -> MatchFund:
    """Return a fund that holds ``minor`` and names the submission's programme."""
    number, by = next(_unique), finance()
    programmes = [submission.programme] if submission else []
    fund = create_fund(name=f"Match fund {number}", currency=currency, programmes=programmes, by=by)
    if minor:
        top_up(fund=fund, amount_minor=minor, key=f"bank-{number}", by=by)
    return fund


def draft_fields(fund: MatchFund, **changes: Any) -> dict[str, Any]:
    """Return the fields of a grant of 30,000 with a match of 15,000 that add up."""
    today = timezone.localdate()
    start = datetime.combine(today + timedelta(days=1), datetime.min.time(), tzinfo=UTC)

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    fields: dict[str, Any] = {
        "fund": fund,
        "title": "Someone stays",
        "purpose": "One year of aftercare by social workers, and training for 30 shelter staff.",
        "goal_minor": 3_000_000,
        "cap_minor": 1_500_000,
        "ratio_p": 1,
        "ratio_q": 1,
        "window_starts_at": start,
        "window_ends_at": start + timedelta(days=90),
        "time_zone": "UTC",
        "basis": "gross",
        "refund_policy": "backfill",
        "donor_cap_minor": None,
        "gift_cap_minor": None,
        "term_starts_on": today,
        "term_ends_on": today + timedelta(days=365),
        "signatory_name": "Siriporn Chaiyasit",
        "signatory_title": "Executive director",
        "signatory_authority": "board resolution of 9 April 2026",
        "director_authority": "board resolution 2024-07",
        "helps_individuals": True,
        "bank_name": "",
        "bank_last4": "",
        "plan": {
            "indicators": [{"text": "People with a named worker", "target": "76 of 80"}],
            "budget": [
                {"line": "Social workers", "amount_minor": 2_000_000},
                {"line": "Training", "amount_minor": 1_000_000},
            ],
            "tranches": [
                {"share_bp": 5000, "condition": "In force; bank details checked", "due_on": day(100)},
                {"share_bp": 4000, "condition": "First report accepted", "due_on": day(200)},
                {"share_bp": 1000, "condition": "Final report accepted", "due_on": day(360)},
            ],
            "reports": [{"title": "Start note", "due_on": day(60)}, {"title": "Final report", "due_on": day(350)}],
            "conditions": [condition("Accounts are reviewed before the second payment.", of=2, due_on=day(150))],
        },
    }
    return {**fields, **changes}


def condition(text: str, blocks: str = "payment", of: int | None = None, **told: Any) -> dict[str, Any]:
    """Return a condition as a plan holds it: the partner shows it within 30 days unless told otherwise."""
    due_on = (timezone.localdate() + timedelta(days=30)).isoformat()
    return {"text": text, "blocks": blocks, "of": of, "asked_of": "partner", "due_on": due_on, **told}


def directors(number: int = 2) -> list[User]:
    """Return directors with an authenticator each."""
    return [UserFactory(roles=["director"], totp=True) for _ in range(number)]


def drafted(
    *, fund: MatchFund | None = None, officer: User | None = None, funder: bool = True, **changes: Any
) -> Grant:
    """Return a draft that adds up; two directors are free to sign."""
    if funder:
        FunderFactory()
    officer = officer or reviews.officer()
    submission = reviews.recommended(by=officer)
    fund = fund or fund_with(submission=submission)
    fund.programmes.add(submission.programme)
    directors()
    return actions.draft_grant(submission=submission, fields=draft_fields(fund, **changes), by=officer)


def officer_of(grant: Grant) -> User:
    """Return the officer who drafted it."""
    return User.objects.get(pk=grant.created_by_id)


def owner_of(grant: Grant) -> User:
    """Return the partner's owner."""
    return grant.submission.organisation.owners().get().user


def directors_of(grant: Grant) -> list[User]:
    """Return the directors, in the order they were made."""
    return list(User.objects.with_role("director").order_by("pk"))


def fresh(grant: Grant) -> Grant:
    """Return the grant as it stands in the database."""
    return Grant.objects.for_page().get(pk=grant.pk)


def totp_code(at: float | None = None) -> str:
    """Return the code that the factories' authenticator shows now, or at an instant."""
    return format_hotp_value(hotp_value(TOTP_SECRET, int(at or time.time()) // 30))


def mailed_code() -> str:
    """Return the code of the newest message that carries one."""
    for task in DBTaskResult.objects.order_by("-enqueued_at"):
        body = str(task.args_kwargs["args"][-1]) if task.args_kwargs["args"] else ""
        if found := CODE.search(body):
            return "".join(found.groups())
    raise AssertionError("no code was sent")


def declare(grant: Grant, director: User, *, has_interest: bool = False) -> None:
    """Let a director declare."""
    actions.declare_as_director(grant=grant, has_interest=has_interest, by=director)


def begin(grant: Grant, by: User, method: str = "email") -> tuple[SigningChallenge, str]:
    """Open a challenge and return it with the right code."""
    sha256 = fresh(grant).agreement.signed_sha256
    challenge = actions.begin_signing(grant=grant, method=method, document_sha256=sha256, by=by)
    return challenge, mailed_code() if method == "email" else totp_code()


def sign(grant: Grant, director: User, method: str = "email") -> Signature:
    """Let a director declare, where that is still to be done, and sign."""
    if not grant.submission.declarations.filter(user=director, as_role="director").exists():
        declare(grant, director)
    challenge, code = begin(grant, director, method)
    return actions.sign_agreement(
        grant=grant, document_sha256=challenge.document_sha256, nonce=challenge.nonce, code=code, by=director
    )


def countersign(grant: Grant) -> Signature:
    """Let the partner's owner countersign."""
    challenge, code = begin(fresh(grant), owner_of(grant))
    return actions.countersign_agreement(
        grant=fresh(grant),
        document_sha256=challenge.document_sha256,
        nonce=challenge.nonce,
        code=code,
        by=owner_of(grant),
    )


def seal(grant: Grant) -> Grant:
    """Seal the agreement, as the task does."""
    actions.seal_agreement(agreement=fresh(grant).agreement, by=system())
    return fresh(grant)


def grant_in(state: str, **fields: Any) -> Grant:
    """Return a grant in ``state``, reached by the real actions."""
    grant = drafted(**fields)
    if state == "lapsed":
        return actions.lapse_grant(grant=grant, reason="The partner merged.", by=officer_of(grant))
    if state == "draft":
        return grant
    grant = actions.freeze_terms(grant=grant, by=officer_of(grant))
    if state == "declined":
        first = directors_of(grant)[0]
        declare(grant, first)
        return actions.decline_grant(grant=grant, reason="It is not for us.", by=first)
    return fresh(grant) if state == "awaiting_signature" else signed_in(state, grant)


def signed_in(state: str, grant: Grant) -> Grant:
    """Take a grant that waits for signatures on to ``state``."""
    first, second = directors_of(grant)[:2]
    sign(grant, first)
    sign(fresh(grant), second)
    if state == "approved":
        return fresh(grant)
    grant = in_force_of(grant)
    if state == "terminated":
        return end(grant)
    if state in {"completed", "closed"}:
        grant = actions.complete_grant(grant=grant, by=officer_of(grant))
    if state == "closed":
        grant = actions.close_grant(grant=grant, by=officer_of(grant))
    return fresh(grant)


def in_force_of(grant: Grant) -> Grant:
    """Let the partner countersign an approved grant, and seal it."""
    countersign(grant)
    return seal(grant)


def end(
    grant: Grant,
    public_reason: str = "The partner ended its work.",
    words: str = MISUSED,
) -> Grant:
    """Let the officer ask for the end of a grant in force, and a director confirm it."""
    endings.ended(grant, words=words, public_reason=public_reason)
    return fresh(grant)


def statement_of(grant: Grant) -> Agreement:
    """Return the statement of match of a closed campaign, sealed as the task does it."""
    return actions.seal_statement(grant=grant, content=grant.campaign.statement_content, by=system())
