"""Screenings and what they bring up: each candidate with its decision."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_fsm import FSMField, transition

from partners.organisations.models import READERS_OF_ALL, Hold, Organisation, Person
from partners.organisations.models.holding import HoldQuerySet
from reviews.screening.banks import Bank
from reviews.screening.models.lists import ListEntry, ListSource
from reviews.screening.subjects import Subject, subject_of_bank, subject_of_organisation, subject_of_person
from vetting_portal.constraints import implies, known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, permitted

DECISION_WORDS = 10


class ScreeningQuerySet(models.QuerySet["Screening"]):
    """Runs by organisation."""

    def latest_of(self, organisation: Organisation) -> "Screening | None":
        """Return the newest run over the names of ``organisation``, with ``is_held``: whether it is held now."""
        held = Hold.objects.current().filter(organisation=models.OuterRef("organisation"))
        runs = self.filter(organisation=organisation).annotate(is_held=models.Exists(held))
        return runs.order_by("-screened_at", "-pk").first()

    def visible_to(self, user: User) -> "ScreeningQuerySet":
        """Cut to what ``user`` may read: never a partner, who must not learn that somebody looks."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()


class Screening(models.Model):
    """One run: whose names, against which lists with their dates and hashes, and how many candidates it brought."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="screenings")
    lists = models.JSONField()
    subjects_fingerprint = models.CharField(max_length=64)
    name_count = models.PositiveSmallIntegerField()
    candidate_count = models.PositiveSmallIntegerField()
    new_count = models.PositiveSmallIntegerField()
    screened_at = models.DateTimeField()
    screened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        ordering = ["-screened_at"]
        constraints = [
            models.CheckConstraint(condition=Q(name_count__gte=1), name="screening_has_names"),
            models.CheckConstraint(
                condition=Q(new_count__lte=models.F("candidate_count")), name="screening_new_among_candidates"
            ),
            models.CheckConstraint(condition=~Q(lists=[]), name="screening_has_lists"),
        ]
        indexes = [models.Index(fields=["organisation", "-screened_at"], name="screening_latest")]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.screened_at:%Y-%m-%d}"

    is_held: ClassVar[bool]

    @property
    def list_hashes(self) -> set[str]:
        """The hashes of the lists it used."""
        return {used["sha256"] for used in self.lists}


class ScreeningHitQuerySet(models.QuerySet["ScreeningHit"]):
    """Candidates by what is left to decide."""

    def visible_to(self, user: User) -> "ScreeningHitQuerySet":
        """Cut to what ``user`` may read: staff who read everything; never a partner or a reviewer."""
        return self.all() if READERS_OF_ALL & user.role_keys else self.none()

    def of_organisation(self, organisation: Organisation) -> "ScreeningHitQuerySet":
        """Cut to the candidates of one organisation, its people and its bank of now."""
        return (
            self.filter(organisation=organisation)
            .filter(Q(person__isnull=True) | Q(person__until_on__isnull=True))
            .filter(Q(bank__isnull=True) | Q(bank__until_at__isnull=True))
            .select_related("organisation", "person", "bank", "decided_by")
            .order_by("pk")
        )

    def with_current_entry(self) -> "ScreeningHitQuerySet":
        """Add ``current_entry_fingerprint``: of the entry as the current list has it, or None when it left the list."""
        now_listed = ListEntry.objects.filter(
            sanctions_list__is_current=True,
            sanctions_list__source=models.OuterRef("source"),
            number=models.OuterRef("entry_number"),
        )
        return self.annotate(current_entry_fingerprint=models.Subquery(now_listed.values("fingerprint")[:1]))

    def for_list(self) -> "ScreeningHitQuerySet":
        """Return what the screening page shows: open ones first, longest waiting first."""
        is_open = models.Case(models.When(state="open", then=0), default=1, output_field=models.SmallIntegerField())
        return (
            self.select_related("organisation", "person", "bank", "decided_by")
            .with_current_entry()
            .order_by(is_open, "found_at", "pk")
        )


class ScreeningHit(models.Model):
    """A candidate: one of our records beside an entry of a list. A person decides; the decision lasts until either
    changes.
    """

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", "To decide"
        CLEARED = "cleared", "Not the same"
        CONFIRMED = "confirmed", "The same"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="screening_hits")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="screening_hits", null=True, blank=True)
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="screening_hits", null=True, blank=True)
    source = models.CharField(max_length=24, choices=ListSource)
    entry_number = models.CharField(max_length=80)
    state = FSMField(max_length=24, choices=State, default=State.OPEN, protected=True)
    score = models.PositiveSmallIntegerField()
    our_name = models.TextField()
    listed_name = models.TextField()
    entry = models.JSONField()
    found_at = models.DateTimeField()
    found_in = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="hits")
    subject_fingerprint = models.CharField(max_length=64)
    entry_fingerprint = models.CharField(max_length=64)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reason = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ScreeningHitQuerySet.as_manager()
    current_entry_fingerprint: ClassVar[str | None]

    class Meta:
        ordering = ["organisation", "pk"]
        verbose_name = "candidate"
        constraints = [
            known("state", ["open", "cleared", "confirmed"], "screening_hit_state_known"),
            known("source", ListSource.values, "screening_hit_source_known"),
            implies(["cleared", "confirmed"], ["decided_at"], "screening_hit_decided_stamps"),
            pair("decided_at", "decided_by", "screening_hit_decided_pair"),
            pair("asked_at", "asked_by", "screening_hit_asked_pair"),
            models.CheckConstraint(condition=Q(state="open") | ~Q(reason=""), name="screening_hit_decision_says_why"),
            models.CheckConstraint(condition=Q(score__lte=100), name="screening_hit_score_on_scale"),
            models.UniqueConstraint(
                fields=["organisation", "source", "entry_number"],
                condition=Q(person__isnull=True, bank__isnull=True),
                name="screening_hit_organisation_once",
            ),
            models.UniqueConstraint(
                fields=["bank", "source", "entry_number"],
                condition=Q(bank__isnull=False),
                name="screening_hit_bank_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(bank__isnull=True), name="screening_hit_about_one"
            ),
            models.UniqueConstraint(
                fields=["person", "source", "entry_number"],
                condition=Q(person__isnull=False),
                name="screening_hit_person_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "found_at"], name="screening_hit_queue")]

    def __str__(self) -> str:
        return f"{self.our_name} beside {self.listed_name}"

    def get_absolute_url(self) -> str:
        """Return the address of the comparison."""
        return reverse("reviews:hit", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """Our record as it is now."""
        if self.bank:
            return subject_of_bank(self.bank)
        return subject_of_person(self.person) if self.person else subject_of_organisation(self.organisation)

    def entry_now(self) -> ListEntry | None:
        """Return the entry as the current list has it, or None when it left the list."""
        return ListEntry.objects.filter(
            sanctions_list__is_current=True, sanctions_list__source=self.source, number=self.entry_number
        ).first()

    @property
    def entry_fingerprint_now(self) -> str:
        """The fingerprint of the entry in the current list; empty when it left the list. Uses the annotation where
        it is.
        """
        if "current_entry_fingerprint" in self.__dict__:
            return self.__dict__["current_entry_fingerprint"] or ""
        entry = self.entry_now()
        return entry.fingerprint if entry else ""

    @property
    def has_changed(self) -> bool:
        """Whether our record or the entry differs from what was compared."""
        return (self.subject.fingerprint, self.entry_fingerprint_now) != (
            self.subject_fingerprint,
            self.entry_fingerprint,
        )

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision: never decided, or either record has changed since.

        A confirmed one that holds somebody never waits: whatever changes, two people release it first.
        """
        if self.state == self.State.OPEN or not self.has_changed:
            return self.state == self.State.OPEN
        return self.state != self.State.CONFIRMED or not self.holds.exists()

    @property
    def standing(self) -> str:
        """The state that counts: ``open``, ``cleared`` or ``confirmed``."""
        return str(self.State.OPEN) if self.is_open else str(self.state)

    @property
    def days_open(self) -> int:
        """How many days it waits."""
        return (timezone.now() - self.found_at).days

    def reopen_blockers(self) -> list[str]:
        """Say why the decision stands: neither record has changed, or everything is held by it."""
        if self.holds.exists():
            return [Blocker("Everything is held by this decision.", hint="Only two people release a hold.")]
        return [] if self.has_changed else [Blocker("Neither record has changed since the decision.")]

    @property
    def holds(self) -> HoldQuerySet:
        """The holds of now that follow from it: of its own organisation, and of others that name the same person."""
        return Hold.objects.current().of_cause(self.pk)

    def release_blockers(self) -> list[str]:
        """Say that its own organisation is still held by it."""
        if self.holds.filter(organisation=self.organisation_id).exists():
            return [Blocker("Two people release the hold first.")]
        return []

    def _decide(self, by: User, reason: str, subject_fingerprint: str, entry_fingerprint: str) -> None:
        self.decided_at, self.decided_by, self.reason = timezone.now(), by, reason
        self.subject_fingerprint, self.entry_fingerprint = subject_fingerprint, entry_fingerprint

    @transition(field=state, source=State.OPEN, target=State.CLEARED, permission=permitted("reviews.decide_hit"))
    def clear(self, *, by: User, reason: str, subject_fingerprint: str, entry_fingerprint: str) -> None:
        """Decide that they are not the same."""
        self._decide(by, reason, subject_fingerprint, entry_fingerprint)

    @transition(field=state, source=State.OPEN, target=State.CONFIRMED, permission=permitted("reviews.decide_hit"))
    def confirm(self, *, by: User, reason: str, subject_fingerprint: str, entry_fingerprint: str) -> None:
        """Decide that they are the same."""
        self._decide(by, reason, subject_fingerprint, entry_fingerprint)

    @transition(
        field=state,
        source=State.CONFIRMED,
        target=State.CLEARED,
        conditions=[lambda hit: not hit.release_blockers()],
        permission=permitted("reviews.release_hit"),
    )
    def release(self, *, by: User, reason: str) -> None:
        """Follow a hold that two people released: the confirmation was a mistake, or is settled."""
        self._decide(by, reason, self.subject.fingerprint, self.entry_fingerprint_now or self.entry_fingerprint)

    @transition(
        field=state,
        source=[State.CLEARED, State.CONFIRMED],
        target=State.OPEN,
        conditions=[lambda hit: not hit.reopen_blockers()],
        permission=permitted("reviews.reopen_hit"),
    )
    def reopen(self, *, by: User, found_at: datetime | None = None) -> None:  # noqa: ARG002 the door's signature
        """Ask again, because a record has changed."""
        self.found_at = found_at or timezone.now()
