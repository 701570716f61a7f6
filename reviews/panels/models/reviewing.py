"""Reviews, their scores and citations, and the versions that were submitted."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import GET_STATE, FSMField, transition

from partners.checklists.models import Criterion
from partners.organisations.models import READERS_OF_ALL
from partners.submissions.models import Submission, SubmissionVersion
from partners.submissions.switching import reason_not
from partners.vault.models import Document
from reviews.panels.models.declaring import ConflictDeclaration
from reviews.panels.scoring import NOT_APPLICABLE, Given
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, permitted

LONGEST_PASSAGE = 600  # characters
WRITABLE_WHILE = frozenset({"in_review", "changes_requested", "assessed"})


def versions_after_seen() -> models.QuerySet[SubmissionVersion]:
    """Return, for a subquery of reviews, the versions of the application that came after the one that was seen."""
    # Versions of one application are made one after the other, under its lock: a newer one has the higher key.
    newer = SubmissionVersion.objects.filter(submission=OuterRef("submission"), pk__gt=OuterRef("seen_version"))
    return newer.order_by("pk")


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews by who may look and by what counts."""

    def for_work(self) -> "ReviewQuerySet":
        """Load what the officer's page shows of each: who was asked by whom, and in spite of what."""
        return self.select_related("reviewer", "invited_by").prefetch_related("warnings").order_by("pk")

    def open(self) -> "ReviewQuerySet":
        """Cut to the reviews that wait for their reviewer."""
        return self.filter(state__in=[Review.State.INVITED, Review.State.IN_PROGRESS])

    def active(self) -> "ReviewQuerySet":
        """Cut to the reviews that were neither stepped aside from nor ended."""
        return self.exclude(state__in=[Review.State.RECUSED, Review.State.ENDED])

    def counting(self) -> "ReviewQuerySet":
        """Cut to the reviews whose latest submitted version counts: submitted, or reopened and not yet submitted
        again.
        """
        return self.filter(version__gte=1, state__in=[Review.State.SUBMITTED, Review.State.IN_PROGRESS])

    def behind(self) -> "ReviewQuerySet":
        """Cut to the submitted reviews of an older version of the application than the newest."""
        return self.filter(Exists(versions_after_seen()), state=Review.State.SUBMITTED)

    def of_reviewer(self, user: User) -> "ReviewQuerySet":
        """Cut to the reviews that ``user`` was asked for."""
        return self.filter(reviewer=user)

    def for_home(self) -> "ReviewQuerySet":
        """Return what a reviewer's home shows, the nearest date first."""
        scored = Q(scores__value__isnull=False) | Q(scores__not_applicable=True)
        return (
            self.select_related("submission__organisation", "submission__programme", "invited_by")
            .annotate(
                scored_count=models.Count("scores", filter=scored, distinct=True), waits=Exists(versions_after_seen())
            )
            .order_by("due_on", "pk")
        )

    def visible_to(self, user: User) -> "ReviewQuerySet":
        """Cut to what ``user`` may know of: their own reviews, and those of others once they are no longer blind.

        Blind is who has a review of the same submission and has not submitted it yet, whatever else they are; and
        who has declared an interest. Of the others staff see every review, reviewers those that are submitted.
        """
        own = Review.objects.filter(submission=OuterRef("submission"), reviewer_id=user.pk)
        blind = own.filter(version=0, state__in=[Review.State.INVITED, Review.State.IN_PROGRESS])
        aside = ConflictDeclaration.objects.of_interest().filter(submission=OuterRef("submission"), user_id=user.pk)
        if READERS_OF_ALL & user.role_keys:
            others = Q(~Exists(blind))
        else:
            others = Q(
                Exists(own.counting()), version__gte=1, state__in=[Review.State.SUBMITTED, Review.State.IN_PROGRESS]
            )
        return self.filter(Q(reviewer_id=user.pk) | (others & ~Exists(aside)))


class Review(models.Model):
    """One person's judgement of one submission."""

    class State(models.TextChoices):
        """How far it is."""

        INVITED = "invited", "Invited"
        IN_PROGRESS = "in_progress", "In progress"
        SUBMITTED = "submitted", "Submitted"
        RECUSED = "recused", "Stepped aside"
        ENDED = "ended", "Ended by the officer"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    state = FSMField(max_length=24, choices=State, default=State.INVITED, protected=True)
    version = models.PositiveSmallIntegerField(default=0)
    seen_version = models.ForeignKey(
        SubmissionVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    advice = models.TextField(blank=True)
    advice_edition = models.PositiveIntegerField(default=0)
    due_on = models.DateField()
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_reason = models.TextField(blank=True)
    recused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "reviewer"], name="review_once"),
            known("state", ["invited", "in_progress", "submitted", "recused", "ended"], "review_state_known"),
            implies(["in_progress", "submitted"], ["begun_at", "seen_version"], "review_begun_stamps"),
            implies(["submitted"], ["submitted_at"], "review_submitted_stamps"),
            implies(["recused"], ["recused_at"], "review_recused_stamps"),
            implies(["ended"], ["ended_at"], "review_ended_stamps"),
            pair("ended_at", "ended_by", "review_ended_pair"),
            models.CheckConstraint(
                condition=Q(version=0, submitted_at__isnull=True) | Q(version__gte=1, submitted_at__isnull=False),
                name="review_version_counts_submits",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(version__gte=1), name="review_submitted_has_version"
            ),
            models.CheckConstraint(condition=~Q(state="invited") | Q(version=0), name="review_invited_has_none"),
        ]
        indexes = [models.Index(fields=["reviewer", "state", "due_on"], name="review_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.submission.number}"

    def get_absolute_url(self) -> str:
        """Return the address of the bench."""
        return reverse("reviews:review", args=[self.pk])

    @property
    def is_own_turn(self) -> bool:
        """Whether the reviewer can write in it now."""
        return self.state == self.State.IN_PROGRESS and self.submission.state in WRITABLE_WHILE

    @property
    def is_open(self) -> bool:
        """Whether it waits for its reviewer."""
        return self.state in {self.State.INVITED, self.State.IN_PROGRESS}

    @property
    def counts(self) -> bool:
        """Whether its latest submitted version counts: submitted, or reopened and not yet submitted again."""
        return self.version >= 1 and self.state in {self.State.SUBMITTED, self.State.IN_PROGRESS}

    @property
    def was_reminded_today(self) -> bool:
        """Whether its reviewer was reminded today: at most once a day."""
        return self.reminded_at is not None and timezone.localdate(self.reminded_at) == timezone.localdate()

    @property
    def is_late(self) -> bool:
        """Whether its date has passed and it waits for the reviewer."""
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def days_late(self) -> int:
        """How many days its date has passed while it waits for the reviewer; 0 where it has not."""
        return (timezone.localdate() - self.due_on).days if self.is_late else 0

    def scores_with_switched(self) -> "dict[int, Score]":
        """Return the scores by criterion. What the partner's answers switch off is set aside, with that answer.

        Such a score is not stored: it follows from the submission, whatever was given before.
        """
        facts = self.submission.facts()
        scores = {score.criterion_id: score for score in self.scores.all()}
        for criterion in scored_criteria(self.submission):
            if reason := reason_not(criterion, facts):
                scores[criterion.pk] = Score(
                    review=self, criterion=criterion, not_applicable=True, justification=reason, edition=0
                )
        return scores

    @property
    def is_behind(self) -> bool:
        """Whether what was submitted last is about an older version of the application: it does not count until it is
        confirmed and submitted again.
        """
        if not self.version:
            return False
        submitted_on = self.versions.order_by("-number").values_list("submission_version_id", flat=True).first()
        newest = self.submission.versions.order_by("-number").values_list("pk", flat=True).first()
        return submitted_on != newest

    def unconfirmed(self, newest: SubmissionVersion | None = None) -> "dict[str, Score]":
        """Return the scores that were given on an older version than ``newest`` (asked for where it is not told), by
        the code of their criterion, in order.
        """
        newest = newest or self.submission.latest_version
        if newest is None:
            return {}
        scores = self.scores_with_switched()
        return {
            criterion.code: score
            for criterion in scored_criteria(self.submission)
            if (score := scores.get(criterion.pk)) is not None and score.is_older_than(newest)
        }

    def begin_blockers(self) -> list[str]:
        """Say why it cannot be begun: the application is decided, or the partner withdrew it."""
        if self.submission.state not in WRITABLE_WHILE:
            return [
                Blocker(
                    f"This application is {self.submission.get_state_display().lower()} now.",
                    hint="Nobody reviews it any more; nothing is asked of you.",
                )
            ]
        return []

    def write_blockers(self) -> list[str]:
        """Say why nothing can be written in it now."""
        if blockers := self.begin_blockers():
            return blockers
        if self.state == self.State.SUBMITTED:
            return [
                Blocker(
                    "You have submitted this review.", hint="Reopen it to change a score; the first version is kept."
                )
            ]
        if self.state != self.State.IN_PROGRESS:
            return [Blocker(f"This review is {self.get_state_display().lower()}.")]
        return []

    def submit_blockers(self) -> list[str]:
        """Say what is missing: every criterion has a score and why, or "not applicable" and why, given or confirmed on
        the newest version.
        """
        if blockers := self.write_blockers():
            return blockers
        scores = self.scores_with_switched()
        url = self.get_absolute_url()
        for criterion in scored_criteria(self.submission):
            score = scores.get(criterion.pk)
            if reason := missing_in(score):
                address = (
                    f"{url}?criterion={criterion.code}#id_{'justification' if score and score.is_given else 'score'}"
                )
                blockers.append(Blocker(criterion.title, hint=reason, code=criterion.code, url=address))
        return [*blockers, *self._confirm_blockers()]

    def _confirm_blockers(self) -> list[str]:
        url = reverse("reviews:compare", args=[self.submission.number])
        titles = {criterion.code: criterion.title for criterion in self.submission.criteria}
        return [
            Blocker(
                titles[code],
                hint="You gave this score on an earlier version of the application. Confirm or change it.",
                code=code,
                url=f"{url}#confirm-{code}",
            )
            for code, score in self.unconfirmed().items()
            if not missing_in(score)
        ]

    def end_blockers(self) -> list[str]:
        """Say why a submitted review cannot be ended: it counts."""
        if self.state == self.State.SUBMITTED and not self.is_behind:
            return [Blocker("This review is submitted and counts.", hint="It stays as it is.")]
        return []

    def reopen_blockers(self) -> list[str]:
        """Say why it cannot be reopened."""
        if self.submission.state not in WRITABLE_WHILE:
            return [
                Blocker(
                    f"This submission is {self.submission.get_state_display().lower()} now.",
                    hint="Scores stand as submitted.",
                )
            ]
        return []

    @transition(
        field=state,
        source=State.INVITED,
        target=State.IN_PROGRESS,
        conditions=[lambda review: not review.begin_blockers()],
        permission=permitted("reviews.begin_review"),
    )
    def begin(self, *, by: User, seen_version: SubmissionVersion) -> None:  # noqa: ARG002 the door's signature
        """Start, after declaring no interest."""
        self.begun_at, self.seen_version = timezone.now(), seen_version

    @transition(
        field=state,
        source=State.IN_PROGRESS,
        target=State.SUBMITTED,
        conditions=[lambda review: not review.submit_blockers()],
        permission=permitted("reviews.submit_review"),
    )
    def submit(self, *, by: User, seen_version: SubmissionVersion) -> None:  # noqa: ARG002
        """Hand in the scores as they are."""
        self.submitted_at, self.seen_version = timezone.now(), seen_version
        self.version += 1

    @transition(
        field=state,
        source=State.SUBMITTED,
        target=State.IN_PROGRESS,
        conditions=[lambda review: not review.reopen_blockers()],
        permission=permitted("reviews.reopen_review"),
    )
    def reopen(self, *, by: User, reason: str) -> None:  # noqa: ARG002
        """Take it up again; what was submitted is kept and counts until the next submit."""
        self.reopened_at, self.reopened_reason = timezone.now(), reason

    @transition(
        field=state,
        source=[State.INVITED, State.IN_PROGRESS, State.SUBMITTED],
        target=State.RECUSED,
        permission=permitted("reviews.recuse_review"),
    )
    def recuse(self, *, by: User) -> None:  # noqa: ARG002
        """Step aside: the scores no longer count."""
        self.recused_at = timezone.now()

    @transition(
        field=state,
        source=[State.INVITED, State.IN_PROGRESS, State.SUBMITTED],
        target=GET_STATE(
            lambda review, **_: "submitted" if review.version and not review.is_behind else "ended",
            states=[State.ENDED, State.SUBMITTED],
        ),
        conditions=[lambda review: not review.end_blockers()],
        permission=permitted("reviews.end_review"),
    )
    def end(self, *, by: User) -> None:
        """Wait no longer: a review that was never submitted ends, and so does one of an older version; one that was
        reopened goes back to what was submitted.
        """
        if not self.version or self.is_behind:
            self.ended_at, self.ended_by = timezone.now(), by


class ScoreQuerySet(models.QuerySet["Score"]):
    """Scores by who may look."""

    def visible_to(self, user: User) -> "ScoreQuerySet":
        """Cut to what ``user`` may read: their own drafts; of others only what is submitted, and only when no longer
        blind.
        """
        mine = Q(review__reviewer_id=user.pk) & ~Q(review__state__in=[Review.State.RECUSED, Review.State.ENDED])
        readable = Review.objects.visible_to(user).filter(state=Review.State.SUBMITTED)
        return self.filter(mine | Q(review__in=readable))


class Score(models.Model):
    """What one reviewer gives for one criterion, with the reason; a draft until the review is submitted."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    not_applicable = models.BooleanField(default=False)
    justification = models.TextField(blank=True)
    # The version of the application that it was given on, or confirmed on; none for a blank.
    given_on = models.ForeignKey(SubmissionVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    # 0 where a page was cited and nothing was written yet; it grows with each save.
    edition = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["review", "criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="score_once"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__lte=4), name="score_on_scale"),
            models.CheckConstraint(
                condition=Q(not_applicable=False) | Q(value__isnull=True), name="score_or_not_applicable"
            ),
            models.CheckConstraint(
                condition=Q(edition__gte=1) | Q(value__isnull=True, not_applicable=False, justification=""),
                name="score_given_was_saved",
            ),
            models.CheckConstraint(condition=Q(edition=0) | Q(given_on__isnull=False), name="score_saved_on_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.given}"

    @property
    def is_given(self) -> bool:
        """Whether it is no blank."""
        return self.not_applicable or self.value is not None

    def is_older_than(self, version: SubmissionVersion) -> bool:
        """Whether it was given on an earlier version than ``version``, and never confirmed on it."""
        return self.is_given and self.given_on_id is not None and self.given_on_id != version.pk

    @property
    def given(self) -> Given | None:
        """The score, "not applicable", or None for a blank."""
        return NOT_APPLICABLE if self.not_applicable else self.value

    @property
    def cited(self) -> "list[Citation]":
        """The citations that it rests on; none where the partner's answer sets it aside, as nothing is stored then."""
        return [] if self.pk is None else list(self.citations.all())


class Citation(models.Model):
    """The document and page that a score rests on, and the passage: words of the page, or where on it."""

    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="citations")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="citations")
    page = models.PositiveIntegerField()
    passage = models.CharField(max_length=LONGEST_PASSAGE, blank=True)
    is_quoted = models.BooleanField(default=False)  # the passage stands on the page in these words
    cited_at = models.DateTimeField()

    class Meta:
        ordering = ["score", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["score", "document", "page", "passage"],
                name="citation_once",
                violation_error_message="This page is cited here already.",
            ),
            models.CheckConstraint(condition=Q(page__gte=1), name="citation_page_positive"),
        ]

    def __str__(self) -> str:
        version = f" (version {self.document.number})" if self.document.number > 1 else ""
        page = f"{self.document.paper.title}{version}, p. {self.page}"
        if self.is_quoted:
            return f"{page}: “{self.passage}”"
        return f"{page}, {self.passage}" if self.passage else page


def scored_criteria(submission: Submission) -> list[Criterion]:
    """Return the criteria that reviewers score, in order."""
    return [criterion for criterion in submission.criteria if criterion.is_scored]


def missing_in(score: Score | None) -> str:
    """Return what a score lacks before it can be submitted, or an empty text."""
    if score is None or not score.is_given:
        return "No score yet"
    if not score.justification.strip():
        return "Say why it does not apply" if score.not_applicable else "Say why this score"
    return ""


def score_record(score: Score, citations: list[Citation]) -> dict[str, Any]:
    """Return what a submitted version keeps of one score."""
    return {
        "value": score.value,
        "not_applicable": score.not_applicable,
        "by_answer": score.not_applicable and score.pk is None,
        "justification": score.justification,
        "citations": [
            {
                "document": citation.document_id,
                "page": citation.page,
                "passage": citation.passage,
                "text": str(citation),
            }
            for citation in citations
        ],
    }
