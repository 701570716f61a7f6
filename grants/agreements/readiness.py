"""What stands in the way of a grant's next step, each reason said once: sums, dates, people, papers that ran out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from grants.agreements.covering import fund_problems
from grants.agreements.lettering import faults
from grants.agreements.letters import letter_blockers
from grants.agreements.soundness import terms_blockers
from grants.conditions.models import Condition, condition_blockers
from partners.places.models import Embargo
from partners.submissions.missing import document_problem, place_blockers
from partners.submissions.models import Duty, EvidenceLink, Submission
from reviews.panels.models import ConflictDeclaration
from reviews.panels.signers import signer_blockers, signers
from reviews.panels.standing import current_recommendation, standing_blockers
from reviews.screening.status import ScreeningStatus, screening_status
from vetting_portal.models import Funder, User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker

REGISTRATION = "C1"


def free_ids(submission: Submission) -> set[int]:
    """Return the primary keys of the directors who may sign: they neither reviewed nor recommended nor overrode, never
    belonged to the partner, and declared no interest.
    """
    return {one.user.pk for one in signers(submission) if not one.bar}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a page has read already of the facts that a signature waits for; an action hands in nothing and asks again.

    ``free`` are the directors who may sign, ``free_minor`` what the fund has for this grant, in minor units.
    """

    agreement: Any = None
    free: set[int] | None = None
    free_minor: int | None = None
    declared: bool = False
    recommendation: Any = None
    links: Iterable[EvidenceLink] | None = None
    screening: ScreeningStatus | None = None
    embargoes: Sequence[Embargo] | None = None
    conditions: Sequence[Condition] | None = None


def registration_blockers(links: Iterable[EvidenceLink], today: date) -> list[Blocker]:
    """Return a reason when none of the papers linked to C1 proves the registration on the day."""
    proofs = [link for link in links if link.criterion.lineage == REGISTRATION]
    problems = [document_problem(link.paper, link.criterion, today) for link in proofs]
    if proofs and not all(problems):
        return []
    hint = next(filter(None, problems), "No paper is linked to it.")
    return [Blocker("The registration is not proved today.", hint=hint, code=REGISTRATION)]


def paper_blockers(submission: Submission, known: Known | None = None) -> list[str]:
    """Return a reason when the registration (C1) is no longer proved today, a place is closed without a licence, or the
    screening (C6) is not a fresh pass. A page hands in what it has read already.
    """
    known = known or Known()
    links = known.links
    if links is None:
        proofs = EvidenceLink.objects.filter(submission=submission, criterion__lineage=REGISTRATION)
        links = proofs.select_related("criterion", "paper").prefetch_related("paper__documents")
    reasons: list[str] = [*registration_blockers(links, timezone.localdate())]
    reasons += place_blockers(submission, known.embargoes)
    status = known.screening or screening_status(submission.organisation)
    if not status.is_pass:
        reasons += status.reasons
    return reasons


def freeze_blockers(grant: Any) -> list[str]:
    """Return every reason why the draft's terms cannot be frozen, all at once, each with the place in the form."""
    submission = grant.submission
    reasons: list[str] = []
    if submission.state != Submission.State.RECOMMENDED:
        reasons.append(
            Blocker(
                f"The submission is {submission.get_state_display().lower()}.",
                hint="Only a recommended one becomes a grant.",
            )
        )
    funder = Funder.objects.current()
    reasons += terms_blockers(grant, funder)
    if not submission.organisation.owners().exists():
        reasons.append(Blocker("Nobody can countersign for the partner.", hint="Its account has no owner now."))
    reasons += letter_blockers(grant, funder)
    reasons += signer_blockers(submission, funder.directors_needed(grant.goal_minor, grant.currency))
    reasons += paper_blockers(submission)
    if submission.state == Submission.State.RECOMMENDED:
        reasons += standing_blockers(submission, current_recommendation(submission))
    return reasons


def signing_blockers(
    grant: Any,
    user: User,
    known: Known | None = None,
) -> list[str]:
    """Return why ``user`` cannot sign this grant as director now: duties, a declaration that is missing, facts that
    changed. A page hands in what it has read already; an action asks again.
    """
    submission = grant.submission
    known = known or Known()
    agreement = known.agreement or grant.agreement
    free = free_ids(submission) if known.free is None else known.free
    reasons: list[str] = []
    if submission.state != Submission.State.RECOMMENDED:
        now = submission.get_state_display().lower()
        reasons.append(Blocker(f"The submission is {now} now.", hint="Send the grant back with the reason."))
    if user.pk not in free:
        reasons += not_free(submission, user)
    if wrong := faults(user.name):
        reasons.append(Blocker("The agreement cannot print your name.", hint=" ".join(wrong)))
    if not (known.declared or has_declared(grant, user)):
        url = reverse("grants:declare", args=[grant.number])
        reasons.append(Blocker("Declare first whether you have an interest in this partner.", url=url))
    if agreement is not None:
        signatures = list(agreement.signatures.all())
        if any(signature.user_id == user.pk for signature in signatures):
            reasons.append(Blocker("You have signed this agreement already."))
        signed = sum(signature.side == "director" for signature in signatures)
        needed = int(agreement.terms.content["funder"]["directors_needed"])
        if len(free) < needed:
            reasons += signer_blockers(submission, needed, signed)
    reasons += condition_blockers(grant, Condition.Blocks.DIRECTORS, known=known.conditions)
    reasons += paper_blockers(submission, known)
    reasons += standing_blockers(submission, known.recommendation or current_recommendation(submission))
    return [*reasons, *_fund_blockers(grant, known.free_minor)]


def _fund_blockers(grant: Any, free_minor: int | None) -> Iterator[Blocker]:
    """Yield why a fund behind the grant no longer covers its part of the match, and the first one what is added for
    card fees too, or may not give to it any more.
    """
    for fund, minor in grant.bound_parts():
        is_first = fund.pk == grant.fund_id
        free = fund.free_now() if free_minor is None or not is_first else free_minor
        if minor > free:
            has, needs = format_amount(free, grant.currency), format_amount(minor, grant.currency)
            adds = is_first and grant.fee_top_up_minor
            what = "the match, and what is added for card fees, come to" if adds else "the match is"
            hint = f"{fund} has {has} free; {what} at most {needs}."
            yield Blocker("The match fund no longer covers the match.", hint=hint)
    for _, text, hint in fund_problems(grant):
        yield Blocker(text, hint=hint)


def early_people_blockers(grant: Any) -> list[str]:
    """Say early, on the page of a grant that is drafted or waits for directors, that too few are left to sign."""
    if grant.state not in {grant.State.DRAFT, grant.State.AWAITING_SIGNATURE}:
        return []
    if grant.terms is None:
        needed = Funder.objects.current().directors_needed(grant.goal_minor, grant.currency)
        return signer_blockers(grant.submission, needed)
    return signer_blockers(grant.submission, int(grant.terms.content["funder"]["directors_needed"]))


def not_free(submission: Submission, user: User) -> list[str]:
    """Say why a director is not free to sign."""
    if Duty.objects.filter(submission=submission, user=user, side=Duty.Side.ASSESS).exists():
        hint = "Nobody who judged it signs its grant. Another director does."
        return [Blocker("You reviewed or recommended this submission.", hint=hint)]
    return [Blocker("You have an interest in this partner, or belong to it.", hint="Another director signs.")]


def has_declared(grant: Any, user: User) -> bool:
    """Whether ``user`` declared as director, for this submission."""
    return ConflictDeclaration.objects.filter(
        submission=grant.submission_id, user=user, as_role=ConflictDeclaration.AsRole.DIRECTOR
    ).exists()
