"""Who could sign a grant of a submission, and why each of the others cannot: said while another can still be named."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import LessThan
from django.urls import reverse

from partners.organisations.models import Membership
from partners.submissions.models import Duty, Submission
from reviews.panels.models import ConflictDeclaration, Recommendation, Review
from vetting_portal.models import Funder, Role, User
from vetting_portal.workflow import Blocker

BARS = (
    ("member", "belongs or belonged to the partner"),
    ("interested", "declared an interest"),
    ("overrode", "went against the panel’s result"),
    ("recommended", "recommended it"),
    ("reviewed", "reviewed it"),
    ("assessed", "had a part in judging it"),
)


@dataclass(frozen=True)
class Signer:
    """A director, and what bars them from signing; empty when they may."""

    user: User
    bar: str


def signers(submission: Submission) -> list[Signer]:
    """Return every director with what bars them, by name. One query."""
    of = {"submission": submission, "user": OuterRef("pk")}
    made = Recommendation.objects.filter(submission=submission, recommended_by=OuterRef("pk"))
    directors = User.objects.with_role(Role.DIRECTOR).annotate(
        member=Exists(Membership.objects.filter(organisation=submission.organisation_id, user=OuterRef("pk"))),
        interested=Exists(
            ConflictDeclaration.objects.of_interest().filter(
                submission__organisation=submission.organisation_id, user=OuterRef("pk")
            )
        ),
        overrode=Exists(made.filter(is_override=True)),
        recommended=Exists(made),
        reviewed=Exists(Review.objects.filter(submission=submission, reviewer=OuterRef("pk"))),
        assessed=Exists(Duty.objects.filter(**of, side=Duty.Side.ASSESS)),
    )
    return [Signer(one, next((words for fact, words in BARS if getattr(one, fact)), "")) for one in directors]


def signer_blockers(submission: Submission, needed: int, signed: int = 0) -> list[str]:
    """Say that too few directors are left to sign, and what bars each of the others; ``signed`` of them have."""
    people = signers(submission)
    free = sum(not one.bar for one in people)
    if free >= needed:
        return []
    have = f", {signed} {'has' if signed == 1 else 'have'}" if signed else ""
    barred = " ".join(f"{one.user.name} {one.bar}." for one in people if one.bar)
    hint = f"{needed} directors sign{have}. {len(people)} hold the role, {free} of them may sign. {barred}".strip()
    hint = f"{hint} An administrator can name another director."
    return [Blocker("Too few people are left to sign.", hint=hint, url=_staff())]


def too_few_signers(submission: str = "submission", terms: str = "terms") -> LessThan:
    """Return a condition on grants or amendments: fewer directors may sign today than their frozen terms ask
    for; who signed and may still sign counts, as in ``signer_blockers``. ``submission`` and ``terms`` are the paths
    from the row.
    """
    about, partner = OuterRef(OuterRef(submission)), OuterRef(OuterRef(f"{submission}__organisation"))
    me = OuterRef("pk")
    barred = (
        Membership.objects.filter(organisation=partner, user=me),
        ConflictDeclaration.objects.of_interest().filter(submission__organisation=partner, user=me),
        Recommendation.objects.filter(submission=about, recommended_by=me),
        Review.objects.filter(submission=about, reviewer=me),
        Duty.objects.filter(submission=about, user=me, side=Duty.Side.ASSESS),
    )
    free = User.objects.with_role(Role.DIRECTOR).order_by()
    for bar in barred:
        free = free.exclude(Exists(bar))
    many = free.values(of_all=Value(1)).annotate(many=Count("pk")).values("many")
    needed = Cast(F(f"{terms}__content__funder__directors_needed"), IntegerField())
    return LessThan(Coalesce(Subquery(many), 0), needed)


def early_blockers(submission: Submission, funder: Funder | None) -> list[str]:
    """Say the same of a submission that is recommended and has no frozen terms yet, by the policy of today."""
    if submission.state != Submission.State.RECOMMENDED or funder is None:
        return []
    asked = funder.directors_needed(submission.amount_requested_minor or 0, submission.currency)
    return signer_blockers(submission, asked)


def _staff() -> str:
    return reverse("portal:staff")
