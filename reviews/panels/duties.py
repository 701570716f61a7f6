"""What reviewers and officers have to do between an application's arrival and its recommendation."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from partners.organisations.acting import readers
from partners.submissions.duties import APPLICATION, APPLICATIONS, application_by, unheld
from partners.submissions.models import Answer, Submission
from reviews.panels.gates import CONFLICTS
from reviews.panels.models import ConflictDeclaration, Moderation, Review, Score
from reviews.panels.scoring import REVIEWS_NEEDED, SPREAD_TO_MODERATE
from reviews.screening.acting import the_officer, uninterested
from reviews.screening.duties import screened_lately
from reviews.screening.models import ScreeningHit
from vetting_portal.duties import Actor, DutyKind, OpenDuty, Rows, leads_to
from vetting_portal.models import Role, RoleAssignment, User

REVIEWED_WHILE = ("in_review", "changes_requested", "assessed")
BEFORE_RECOMMENDATION = ("submitted", "in_review", "assessed")
State = Submission.State


# --- who acts -------------------------------------------------------------------------------------


def _own(user: User, rows: Rows) -> Rows | None:
    return rows.filter(reviewer=user) if Role.REVIEWER in user.role_keys else None


def _sees_panel(user: User, rows: Rows) -> Rows | None:
    """Cut to what an officer may judge whose own review, where there is one, was submitted once."""
    mine = uninterested(Role.PROGRAMME_OFFICER, "organisation")(user, rows)
    if mine is None:
        return None
    blind = Review.objects.open().filter(submission=OuterRef("pk"), reviewer=user, version=0)
    return mine.exclude(Exists(blind))


def _undeclared_officer(user: User, rows: Rows) -> Rows | None:
    """Cut to the applications that ``user`` runs, or that nobody runs yet, and has declared nothing about."""
    mine = uninterested(Role.PROGRAMME_OFFICER, "organisation")(user, rows)
    if mine is None:
        return None
    declared = _declarations().filter(user=user)
    return mine.filter(Q(officer=user) | Q(officer__isnull=True)).exclude(Exists(declared))


def _unblind(user: User, rows: Rows) -> Rows | None:
    """Cut to what staff may read of others' scores: not where their own first review still waits."""
    read = readers(user, rows)
    blind = Review.objects.open().filter(submission=OuterRef("pk"), reviewer=user, version=0)
    return None if read is None else read.exclude(Exists(blind))


REVIEWER = Actor("a reviewer", _own, readers)
OFFICER = the_officer("organisation")
UNBLIND_OFFICER = Actor("a programme officer", _sees_panel, _unblind)


# --- what waits -----------------------------------------------------------------------------------


def _declarations() -> QuerySet[ConflictDeclaration]:
    return ConflictDeclaration.objects.filter(submission=OuterRef("pk"), as_role=ConflictDeclaration.AsRole.OFFICER)


def _holds(role: Role, user: str) -> Exists:
    """Return whether the person at the path ``user`` holds ``role`` now."""
    held = RoleAssignment.objects.current().filter(user=OuterRef(user), role=role)
    return Exists(held.filter(user__is_active=True))


def _undeclared() -> Rows:
    """Return what its officer, or where nobody runs it any officer, has not declared about."""
    rows = Submission.objects.filter(state__in=BEFORE_RECOMMENDATION)
    by_officer = _declarations().filter(user=OuterRef("officer"))
    by_any = _declarations().filter(has_interest=False)
    runs = _holds(Role.PROGRAMME_OFFICER, "officer")
    return unheld(rows.filter(Q(officer__isnull=True) & ~Exists(by_any) | Q(runs) & ~Exists(by_officer)))


def _to_take_over() -> Rows:
    """Return what is run by somebody who has declared an interest, or is no programme officer any more."""
    interest = Q(Exists(_declarations().filter(user=OuterRef("officer"), has_interest=True)))
    left = Q(officer__isnull=False) & ~_holds(Role.PROGRAMME_OFFICER, "officer")
    return unheld(Submission.objects.filter(interest | left, state__in=BEFORE_RECOMMENDATION))


def _open_reviews() -> Rows:
    rows = Review.objects.open().filter(submission__state__in=REVIEWED_WHILE)
    return unheld(rows, "submission__organisation")


def _reviews() -> Rows:
    return _open_reviews().filter(_holds(Role.REVIEWER, "reviewer"))


def _left_reviews() -> Rows:
    """Return the open reviews of people who are no reviewers any more."""
    return _open_reviews().exclude(_holds(Role.REVIEWER, "reviewer"))


def _counted(reviews: QuerySet[Review]) -> Coalesce:
    """Return how many reviews there are of the application at hand."""
    of_it = reviews.filter(submission=OuterRef("pk")).order_by().values("submission")
    return Coalesce(Subquery(of_it.annotate(many=Count("pk")).values("many")), 0)


def _active() -> QuerySet[Review]:
    return Review.objects.filter(state__in=["invited", "in_progress", "submitted"])


def _to_confirm() -> Rows:
    rows = Review.objects.behind().filter(submission__state=State.IN_REVIEW)
    return unheld(rows, "submission__organisation")


def _to_assign() -> Rows:
    rows = Submission.objects.filter(state__in=BEFORE_RECOMMENDATION)
    return unheld(rows.annotate(reviews_asked=_counted(_active())).filter(reviews_asked__lt=REVIEWS_NEEDED))


def _to_close() -> Rows:
    waiting = Review.objects.open().filter(submission=OuterRef("pk"))
    behind = Review.objects.behind().filter(submission=OuterRef("pk"))
    rows = Submission.objects.filter(~Exists(waiting), ~Exists(behind), state=State.IN_REVIEW)
    submitted = _counted(Review.objects.filter(state=Review.State.SUBMITTED))
    return unheld(rows.annotate(reviews_in=submitted).filter(reviews_in__gte=REVIEWS_NEEDED))


def _assessed() -> Rows:
    waiting = Review.objects.open().filter(submission=OuterRef("pk"))
    return unheld(Submission.objects.filter(~Exists(waiting), state=State.ASSESSED))


def disputed_scores() -> QuerySet[Score]:
    """Return the scores of an application (the outer query) that another reviewer's differ from, without a resolution.

    They differ by 2 or more, stand on different sides of a gate, or somebody set a conditional criterion aside. A
    resolution counts when nothing was submitted after it.
    """
    submitted = Score.objects.filter(review__state=Review.State.SUBMITTED)
    other = submitted.filter(criterion=OuterRef("criterion"), review__submission=OuterRef("review__submission"))
    later = Review.objects.filter(submission=OuterRef("submission"), submitted_at__gt=OuterRef("resolved_at"))
    made = Moderation.objects.filter(submission=OuterRef("review__submission"), criterion=OuterRef("criterion"))
    spread = Q(Exists(other.filter(value__gte=OuterRef("value") + SPREAD_TO_MODERATE)))
    gate = F("criterion__gate_minimum")
    crossed = Q(Exists(other.filter(value__gte=gate)), criterion__gate_when__isnull=True, value__lt=gate)
    aside = Q(Exists(other.filter(not_applicable=True)), criterion__applies_when__isnull=False)
    rows = submitted.filter(review__submission=OuterRef("pk"), value__isnull=False)
    return rows.filter(spread | crossed | aside).exclude(Exists(made.exclude(Exists(later))))


def _related_party() -> Exists:
    """Return whether the partner names a related party and nobody has recorded how that is dealt with since."""
    told = Answer.objects.filter(
        submission=OuterRef("pk"), question__kind="yes_no", question__criterion__code=CONFLICTS, value="yes"
    )
    made = Moderation.objects.filter(
        submission=OuterRef("submission"), criterion__code=CONFLICTS, resolved_at__gte=OuterRef("saved_at")
    )
    return Exists(told.exclude(Exists(made)))


def _disputed() -> Rows:
    return _assessed().filter(Exists(disputed_scores()))


def _with_related_party() -> Rows:
    rows = Submission.objects.filter(_related_party(), state__in=[State.IN_REVIEW, State.ASSESSED])
    return unheld(rows)


def _to_recommend() -> Rows:
    hits = ScreeningHit.objects.filter(organisation=OuterRef("organisation"), state=ScreeningHit.State.OPEN)
    rows = _assessed().filter(Exists(screened_lately())).exclude(Exists(hits)).exclude(Exists(disputed_scores()))
    declared = _declarations().filter(user=OuterRef("officer"))
    submitted = _counted(Review.objects.filter(state=Review.State.SUBMITTED))
    rows = rows.annotate(reviews_in=submitted).filter(reviews_in__gte=REVIEWS_NEEDED)
    return rows.filter(Exists(declared)).exclude(_related_party())


# --- in words -------------------------------------------------------------------------------------


def _work(duty: OpenDuty) -> str:
    return reverse("reviews:work", args=[duty.submission])


def _review_why(duty: OpenDuty) -> str:
    first = ". First you declare whether you have a conflict of interest" if duty.facts["state"] == "invited" else ""
    return f"{duty.facts['title']}{first}"


def _asked(duty: OpenDuty) -> str:
    return "Nobody is assigned yet; two are needed" if duty.facts["asked"] == "0" else "One is assigned; two are needed"


def _first_disputed(field: str) -> Subquery:
    return Subquery(disputed_scores().order_by("criterion__position").values(f"criterion__{field}")[:1])


def _officers(**said: Any) -> DutyKind:
    """Return a kind of duty of who runs an application."""
    usual: dict[str, Any] = {"group": APPLICATIONS, "case": APPLICATION, "in_charge": "officer"}
    usual.update({"since": "waiting_since"}, **said)
    return DutyKind(**usual)


DUTIES = (
    DutyKind(
        key="reviews.write_review",
        group=APPLICATIONS,
        verb="Write your review",
        verb_for_others="Write a review",
        why=_review_why,
        button="Open review",
        url=leads_to("reviews:review", "record"),
        waiting=_reviews,
        actor=REVIEWER,
        case=application_by("submission"),
        since="invited_at",
        due="due_on",
        facts={"title": "submission__title", "state": "state"},
        permission="reviews.declare_review",
        note="What you write is saved as you go.",
    ),
    DutyKind(
        key="reviews.end_left_review",
        group=APPLICATIONS,
        verb="End a review whose reviewer has left",
        why=lambda duty: f"{duty.facts['who']} is no longer a reviewer",
        button="Open reviews",
        url=lambda duty: f"{reverse('reviews:work', args=[duty.submission])}#review-{duty.record}",
        waiting=_left_reviews,
        actor=the_officer("submission__organisation"),
        case=application_by("submission"),
        since="invited_at",
        due="due_on",
        in_charge="submission__officer",
        facts={"who": "reviewer__name"},
        permission="reviews.end_review",
    ),
    DutyKind(
        key="reviews.confirm_scores",
        group=APPLICATIONS,
        verb="Confirm your scores on the new version",
        verb_for_others="Confirm the scores on the new version",
        why="The application was submitted again after your review",
        why_for_others="The application was submitted again after the review",
        button="See what changed",
        url=lambda duty: reverse("reviews:compare", args=[duty.reference]),
        waiting=_to_confirm,
        actor=REVIEWER,
        case=application_by("submission"),
        since="submission__submitted_at",
        permission="reviews.score_review",
    ),
    _officers(
        key="reviews.declare_interest",
        verb="Declare whether you have a conflict of interest",
        verb_for_others="Declare whether there is a conflict of interest",
        why="Who runs an application declares before it is recommended",
        button="Declare",
        url=leads_to("reviews:declare_as_officer", "submission"),
        waiting=_undeclared,
        actor=Actor("the programme officer", _undeclared_officer, readers),
        aim=3,
        permission="reviews.declare_as_officer",
    ),
    _officers(
        key="reviews.take_over",
        verb="Take over an application",
        why="Its programme officer has left, or has declared a conflict of interest",
        button="Take over",
        url=_work,
        waiting=_to_take_over,
        actor=OFFICER,
        in_charge="",
        aim=3,
        permission="reviews.assign_reviewer",
    ),
    _officers(
        key="reviews.assign_reviewers",
        verb="Assign reviewers",
        why=_asked,
        button="Assign reviewer",
        url=leads_to("reviews:assign", "submission"),
        waiting=_to_assign,
        actor=OFFICER,
        facts={"asked": Cast(_counted(_active()), TextField())},
        permission="reviews.assign_reviewer",
    ),
    _officers(
        key="reviews.close_reviews",
        verb="Close the reviews",
        why=lambda duty: f"All {duty.facts['submitted']} reviews are submitted",
        button="Close reviews",
        url=_work,
        waiting=_to_close,
        actor=OFFICER,
        facts={"submitted": Cast(_counted(Review.objects.filter(state=Review.State.SUBMITTED)), TextField())},
        permission="reviews.close_panel",
    ),
    _officers(
        key="reviews.resolve_disagreement",
        verb="Resolve a disagreement",
        why=lambda duty: f"{duty.facts['code']} {duty.facts['title']}: the reviewers differ",
        button="Resolve",
        url=lambda duty: f"{reverse('reviews:panel', args=[duty.submission])}#moderate-{duty.facts['code']}",
        waiting=_disputed,
        actor=UNBLIND_OFFICER,
        since="assessed_at",
        facts={"code": _first_disputed("code"), "title": _first_disputed("title")},
        permission="reviews.moderate_panel",
    ),
    _officers(
        key="reviews.resolve_related_party",
        verb="Record how a related party is dealt with",
        why="The partner names a related party",
        button="Resolve",
        url=leads_to("reviews:panel", "submission", anchor="related-party"),
        waiting=_with_related_party,
        actor=UNBLIND_OFFICER,
        permission="reviews.moderate_panel",
    ),
    _officers(
        key="reviews.recommend",
        verb="Write the recommendation",
        why=lambda duty: f"{duty.facts['submitted']} reviews are in. The result says what is still open",
        button="Write",
        url=leads_to("reviews:panel", "submission", anchor="recommendation"),
        waiting=_to_recommend,
        actor=UNBLIND_OFFICER,
        since="assessed_at",
        facts={"submitted": Cast(_counted(Review.objects.filter(state=Review.State.SUBMITTED)), TextField())},
        permission="reviews.recommend_submission",
    ),
)
