"""Submissions: an organisation's answers to a programme, frozen at each sending, and who may look at them."""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import GET_STATE, FSMField, transition

from partners.checklists.conditions import Given
from partners.checklists.models import ChecklistVersion, Criterion
from partners.organisations.models import READERS_OF_ALL, Membership, Organisation, hold_blockers
from partners.programmes.models import Programme, Question, Questionnaire
from partners.submissions import missing
from partners.submissions.facts import facts_of, typed_facts
from partners.submissions.models.rights import Access
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, permitted

REFERENCES = "C11"  # the criterion under which referees are asked for

if TYPE_CHECKING:
    from partners.submissions.models.answers import Answer, EvidenceLink, SubmissionVersion

ONCE_SENT = (
    "submitted",
    "changes_requested",
    "in_review",
    "assessed",
    "recommended",
    "approved",
    "declined",
)
UNHELD = [lambda s: not s.hold_blockers()]
STAMPED = (
    "submitted",
    "changes_requested",
    "review_started",
    "assessed",
    "recommended",
    "approved",
    "declined",
    "withdrawn",
)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions by who may look and by what is to be done."""

    def visible_to(self, user: User) -> "SubmissionQuerySet":
        """Cut to what ``user`` may read: their organisation's; once sent all for staff; for others by access."""
        mine = Membership.objects.current().filter(organisation=OuterRef("organisation"), user_id=user.pk)
        given = Access.objects.current().filter(submission=OuterRef("pk"), user_id=user.pk)
        if READERS_OF_ALL & user.role_keys:
            return self.filter(Q(submitted_at__isnull=False) | Exists(mine))
        return self.filter(Exists(mine) | Exists(given))

    def of_organisation(self, organisation: Organisation) -> "SubmissionQuerySet":
        """Cut to the submissions of one organisation, newest first."""
        return self.filter(organisation=organisation).select_related("programme", "officer").order_by("-created_at")

    def editable(self) -> "SubmissionQuerySet":
        """Cut to those that wait for the partner."""
        return self.filter(state__in=[Submission.State.DRAFT, Submission.State.CHANGES_REQUESTED])

    def waiting(self) -> "SubmissionQuerySet":
        """Cut to those that wait for the funder, longest waiting first."""
        here = [
            Submission.State.SUBMITTED,
            Submission.State.IN_REVIEW,
            Submission.State.ASSESSED,
            Submission.State.RECOMMENDED,
        ]
        return self.filter(state__in=here).order_by("waiting_since", "pk")

    def for_list(self) -> "SubmissionQuerySet":
        """Return what a list of submissions shows, newest first."""
        return self.select_related("organisation", "programme", "officer").order_by("-waiting_since", "-pk")


class Submission(models.Model):
    """One application of one organisation to one programme."""

    class State(models.TextChoices):
        """Where it stands between the first draft and the decision."""

        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Sent"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        IN_REVIEW = "in_review", "In review"
        ASSESSED = "assessed", "Assessed"
        RECOMMENDED = "recommended", "Recommended"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    number = models.CharField(max_length=12, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="submissions")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="submissions")
    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="submissions")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="submissions")
    title = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    amount_requested_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    state = FSMField(max_length=24, choices=State, default=State.DRAFT, protected=True)
    prescreen = models.JSONField(default=dict)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="officer_of", null=True, blank=True
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    waiting_since = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    changes_requested_at = models.DateTimeField(null=True, blank=True)
    changes_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    changes_reason = models.TextField(blank=True)
    changes_items = models.JSONField(default=list, blank=True)
    changes_from = models.CharField(max_length=24, blank=True)
    review_started_at = models.DateTimeField(null=True, blank=True)
    review_started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    recommended_at = models.DateTimeField(null=True, blank=True)
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_override = models.BooleanField(default=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decline_reason = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawal_reason = models.TextField(blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{4}-[0-9]{3,}$"), name="submission_number_form"),
            models.CheckConstraint(
                condition=Q(amount_requested_minor__isnull=True) | Q(amount_requested_minor__gte=0),
                name="submission_amount_not_negative",
            ),
            known(
                "state",
                [
                    "draft",
                    "submitted",
                    "changes_requested",
                    "in_review",
                    "assessed",
                    "recommended",
                    "approved",
                    "declined",
                    "withdrawn",
                ],
                "submission_state_known",
            ),
            *[pair(f"{stamp}_at", f"{stamp}_by", f"submission_{stamp}_pair") for stamp in STAMPED],
            implies(ONCE_SENT, ["submitted_at", "amount_requested_minor"], "submission_sent_stamps"),
            implies(["changes_requested"], ["changes_requested_at"], "submission_changes_requested_stamps"),
            implies(
                ["in_review", "assessed", "recommended", "approved"],
                ["review_started_at"],
                "submission_in_review_stamps",
            ),
            implies(["assessed", "recommended", "approved"], ["assessed_at"], "submission_assessed_stamps"),
            implies(["recommended", "approved"], ["recommended_at"], "submission_recommended_stamps"),
            implies(["approved"], ["approved_at"], "submission_approved_stamps"),
            implies(["declined"], ["declined_at"], "submission_declined_stamps"),
            implies(["withdrawn"], ["withdrawn_at"], "submission_withdrawn_stamps"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="submission_declined_says_why"
            ),
            # What comes back from a request for changes goes to the state it left.
            models.CheckConstraint(
                condition=~Q(state="changes_requested")
                | Q(changes_from__in=["submitted", "in_review"]) & ~Q(changes_reason=""),
                name="submission_changes_say_why",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "waiting_since"], name="submission_queue"),
            models.Index(fields=["-waiting_since"], name="submission_newest", condition=Q(submitted_at__isnull=False)),
            models.Index(fields=["officer", "state", "waiting_since"], name="submission_officer_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("partners:submission", args=[self.number])

    @property
    def is_editable(self) -> bool:
        """Whether the partner can change it now."""
        return self.state in {self.State.DRAFT, self.State.CHANGES_REQUESTED}

    @property
    def missed_its_call(self) -> bool:
        """Whether it is a draft that can be sent no more: its call closed before it was sent."""
        return self.state == self.State.DRAFT and self.programme.has_closed

    @property
    def is_undecided(self) -> bool:
        """Whether a decision about it is still to come."""
        return self.state not in {self.State.APPROVED, self.State.DECLINED, self.State.WITHDRAWN}

    def decision_on(self, today: date) -> date:
        """Return the day by which a decision about it is expected."""
        sent = timezone.localdate(self.submitted_at) if self.submitted_at else None
        return self.programme.decision_expected_on(sent, today)

    @property
    def takes_referees(self) -> bool:
        """Whether the partner may name a referee: until it is recommended, so that an officer can ask for one more."""
        return self.state in {"draft", "changes_requested", "submitted", "in_review", "assessed"}

    @property
    def asks_referees(self) -> bool:
        """Whether its checklist asks for references."""
        return any(criterion.code == REFERENCES for criterion in self.criteria)

    @property
    def latest_version(self) -> "SubmissionVersion | None":
        """Return what was sent last."""
        return self.versions.order_by("-number").first()

    @cached_property
    def answers_by_question(self) -> "dict[int, Answer]":
        """Return the answers as they stand, by the question's id."""
        return {answer.question_id: answer for answer in self.answers.all()}

    @cached_property
    def questions(self) -> list[Question]:
        """Return the questions in order, each with its section."""
        return list(
            Question.objects.filter(section__questionnaire_id=self.questionnaire_id)
            .select_related("section")
            .order_by("section__position", "position")
        )

    def value_of(self, question: Question) -> Any:
        """Return the answer to ``question`` as it was typed, or None."""
        answer = self.answers_by_question.get(question.pk)
        return None if answer is None else answer.value

    def facts(self) -> dict[str, Given]:
        """Return the answers that conditions of criteria and gates ask for, as the funder has them: as sent last."""
        return facts_of(self)

    @cached_property
    def criteria(self) -> list[Criterion]:
        """Return the criteria of its checklist, in order."""
        return list(self.checklist.criteria.order_by("position"))

    def applying_criteria(self) -> list[Criterion]:
        """Return the criteria that apply to what the partner has typed, in order."""
        facts = typed_facts(self)
        return [criterion for criterion in self.criteria if criterion.applies(facts)]

    @cached_property
    def links(self) -> "list[EvidenceLink]":
        """Return its evidence: papers linked to criteria, with their versions, verifications and translations."""
        return list(
            self.evidence_links.select_related("criterion", "paper", "carried_from")
            .prefetch_related(
                "paper__documents__file",
                "paper__documents__verifications__verified_by",
                "paper__documents__translation__documents__file",
            )
            .order_by("criterion__position", "pk")
        )

    def submit_blockers(self) -> list[str]:
        """Say what is missing before it can be sent: the transition's condition, the button's reason, the 409 page."""
        return missing.all_blockers(self)

    def resubmit_blockers(self) -> list[str]:
        """Say what is missing before it can be sent again; the call may have closed in the meantime."""
        return missing.all_blockers(self, again=True)

    def hold_blockers(self) -> list[Blocker]:
        """Say that the organisation is held, or nothing: no move goes forward then."""
        return hold_blockers(self.organisation_id)

    request_changes_blockers = start_review_blockers = assess_blockers = recommend_blockers = hold_blockers
    override_blockers = return_to_review_blockers = approve_blockers = decline_blockers = hold_blockers

    def _sent(self, by: User) -> None:
        self.submitted_at = self.waiting_since = timezone.now()
        self.submitted_by = by

    @transition(
        field=state,
        source=State.DRAFT,
        target=State.SUBMITTED,
        conditions=[lambda s: not s.submit_blockers()],
        permission=permitted("partners.submit_submission"),
    )
    def submit(self, *, by: User) -> None:
        """Send it for the first time."""
        self._sent(by)

    @transition(
        field=state,
        source=[State.SUBMITTED, State.IN_REVIEW],
        target=State.CHANGES_REQUESTED,
        conditions=UNHELD,
        permission=permitted("partners.request_changes_submission"),
    )
    def request_changes(self, *, by: User, reason: str, items: list[str]) -> None:
        """Ask the partner for changes; it comes back to the state it leaves."""
        self.changes_from = self.state
        self.changes_requested_at = self.waiting_since = timezone.now()
        self.changes_requested_by = by
        self.changes_reason, self.changes_items = reason, items

    @transition(
        field=state,
        source=State.CHANGES_REQUESTED,
        target=GET_STATE(lambda s, **_: s.changes_from, states=[State.SUBMITTED, State.IN_REVIEW]),
        conditions=[lambda s: not s.resubmit_blockers()],
        permission=permitted("partners.resubmit_submission"),
    )
    def resubmit(self, *, by: User) -> None:
        """Send it again, as a new version."""
        self._sent(by)

    @transition(
        field=state,
        source=State.SUBMITTED,
        target=State.IN_REVIEW,
        conditions=UNHELD,
        permission=permitted("partners.start_review_submission"),
    )
    def start_review(self, *, by: User) -> None:
        """Hand it to reviewers."""
        self.review_started_at = self.waiting_since = timezone.now()
        self.review_started_by = by
        self.officer = self.officer or by

    @transition(
        field=state,
        source=State.IN_REVIEW,
        target=State.ASSESSED,
        conditions=UNHELD,
        permission=permitted("partners.assess_submission"),
    )
    def assess(self, *, by: User) -> None:
        """Close the reviews."""
        self.assessed_at = self.waiting_since = timezone.now()
        self.assessed_by = by

    @transition(
        field=state,
        source=State.ASSESSED,
        target=State.RECOMMENDED,
        conditions=UNHELD,
        permission=permitted("partners.recommend_submission"),
    )
    def recommend(self, *, by: User) -> None:
        """Recommend it to the directors."""
        self.recommended_at = self.waiting_since = timezone.now()
        self.recommended_by, self.is_override = by, False

    @transition(
        field=state,
        source=State.ASSESSED,
        target=State.RECOMMENDED,
        conditions=UNHELD,
        permission=permitted("partners.override_submission"),
    )
    def override(self, *, by: User) -> None:
        """Recommend it against the panel's result, by a director's word."""
        self.recommended_at = self.waiting_since = timezone.now()
        self.recommended_by, self.is_override = by, True

    @transition(
        field=state,
        source=State.RECOMMENDED,
        target=State.IN_REVIEW,
        conditions=UNHELD,
        permission=permitted("partners.return_to_review_submission"),
    )
    def return_to_review(self, *, by: User) -> None:
        """Give it back to the reviewers."""
        self.review_started_at = self.waiting_since = timezone.now()
        self.review_started_by, self.is_override = by, False

    @transition(
        field=state,
        source=State.RECOMMENDED,
        target=State.APPROVED,
        conditions=UNHELD,
        permission=permitted("partners.approve_submission"),
    )
    def approve(self, *, by: User) -> None:
        """Follow its grant, which the directors have signed."""
        self.approved_at = self.waiting_since = timezone.now()
        self.approved_by = by

    @transition(
        field=state,
        source=[State.SUBMITTED, State.CHANGES_REQUESTED, State.IN_REVIEW, State.ASSESSED, State.RECOMMENDED],
        target=State.DECLINED,
        conditions=UNHELD,
        permission=permitted("partners.decline_submission"),
    )
    def decline(self, *, by: User, reason: str) -> None:
        """Say no, with the reason."""
        self.declined_at = self.waiting_since = timezone.now()
        self.declined_by, self.decline_reason = by, reason

    @transition(
        field=state,
        source=[
            State.DRAFT,
            State.SUBMITTED,
            State.CHANGES_REQUESTED,
            State.IN_REVIEW,
            State.ASSESSED,
            State.RECOMMENDED,
        ],
        target=State.WITHDRAWN,
        permission=permitted("partners.withdraw_submission"),
    )
    def withdraw(self, *, by: User, reason: str = "") -> None:
        """Take it back, by the partner."""
        self.withdrawn_at = self.waiting_since = timezone.now()
        self.withdrawn_by, self.withdrawal_reason = by, reason

    @transition(
        field=state,
        source=State.APPROVED,
        target=State.RECOMMENDED,
        permission=permitted("partners.restore_submission"),
    )
    def restore(self, *, by: User) -> None:  # noqa: ARG002 who did it stands in the trail
        """The grant that it became lapsed: another can be drafted from the same recommendation."""
        self.waiting_since = timezone.now()


class SubmissionCounter(models.Model):
    """The last number given in a year; its row is locked while a number is taken, so that none is missing."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.last:03d}"
