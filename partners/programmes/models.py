"""Calls for applications: dates, amounts, languages, the checklist they are judged by and the questions they ask."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partners.checklists.models import ChecklistVersion, Criterion
from partners.programmes.default import default_questionnaire
from partners.programmes.questions import QuestionKind
from partners.programmes.switches import problems_with
from vetting_portal.constraints import known, pair
from vetting_portal.models import User
from vetting_portal.workflow import Blocker

READERS_OF_DRAFTS = frozenset({"programme_officer", "director", "auditor", "administrator", "finance_officer"})
DECISION_TAKES = timedelta(weeks=8)  # from the end of a call, or from the sending, where the call names no day


def english() -> list[str]:
    """Return the languages of a programme that names none."""
    return ["en"]


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    """Questionnaires by the checklist they were written for."""

    def for_family(self, checklist: ChecklistVersion) -> "QuestionnaireQuerySet":
        """Cut to the published ones that were written for any version of a checklist, newest first by name."""
        return self.filter(checklist__name=checklist.name, published_at__isnull=False).order_by("name", "-number")


class Questionnaire(models.Model):
    """One version of a programme's questions; frozen when it is published."""

    name = models.CharField(max_length=200)
    number = models.PositiveSmallIntegerField(default=1)
    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="questionnaires")
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="questionnaire_number_once"),
            models.UniqueConstraint(fields=["copied_from", "checklist"], name="questionnaire_copied_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="questionnaire_number_positive"),
            pair("published_at", "published_by", "questionnaire_published_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    @property
    def is_published(self) -> bool:
        """Whether its questions are frozen."""
        return self.published_at is not None

    def asked(self) -> "list[Question]":
        """Return its questions in order, each with its section."""
        rows = Question.objects.filter(section__questionnaire=self).select_related("section", "criterion")
        return list(rows.order_by("section__position", "position"))


class Section(models.Model):
    """One page of questions."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    intro = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=10)

    class Meta:
        ordering = ["questionnaire", "position"]
        constraints = [models.UniqueConstraint(fields=["questionnaire", "position"], name="section_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class Question(models.Model):
    """One question: what is asked, how it is answered, and which column its answer feeds."""

    class Target(models.TextChoices):
        """The column of the submission that an answer also fills."""

        NONE = "", "None"
        TITLE = "title", "Title"
        SUMMARY = "summary", "Summary"
        AMOUNT = "amount_requested_minor", "Amount requested"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=300)
    short_label = models.CharField(max_length=120)
    hint = models.CharField(max_length=400, blank=True)
    kind = models.CharField(max_length=12, choices=QuestionKind, default=QuestionKind.TEXT)
    required = models.BooleanField(default=True)
    min_words = models.PositiveSmallIntegerField(null=True, blank=True)
    max_words = models.PositiveSmallIntegerField(null=True, blank=True)
    options = models.JSONField(default=list, blank=True)
    target = models.CharField(max_length=24, choices=Target, default=Target.NONE, blank=True)
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="questions", null=True, blank=True)

    class Meta:
        ordering = ["section", "position"]
        constraints = [
            models.UniqueConstraint(fields=["section", "position"], name="question_position_once"),
            models.UniqueConstraint(fields=["section", "key"], name="question_key_once"),
            known("kind", QuestionKind.values, "question_kind_known"),
            models.CheckConstraint(
                condition=Q(min_words__isnull=True)
                | Q(max_words__isnull=True)
                | Q(max_words__gte=models.F("min_words")),
                name="question_word_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.short_label

    @property
    def number(self) -> str:
        """Return its place as people name it: ``3.2``."""
        return f"{self.section.position}.{self.position}"


def shipped_questions() -> list[Question]:
    """Return the questions that the portal ships with, in order, as records that are not kept."""
    found = []
    for position, section in enumerate(default_questionnaire()["sections"], start=1):
        page = Section(position=position, **{name: value for name, value in section.items() if name != "questions"})
        for place, fields in enumerate(section["questions"], start=1):
            rest = {name: value for name, value in fields.items() if name != "criterion"}
            found.append(Question(section=page, position=place, **rest))
    return found


def condition_blockers(checklist: ChecklistVersion, questionnaire: Questionnaire) -> list[Blocker]:
    """Say which conditions of a checklist these questions cannot decide."""
    return [
        Blocker(f"{code}: {why}", code=code, hint="The checklist needs this answer; these questions do not ask for it.")
        for code, _, why in problems_with(checklist, [questionnaire.asked()])
    ]


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Calls by publication and date."""

    def published(self) -> "ProgrammeQuerySet":
        """Cut to the calls that the public may read."""
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: User | AnonymousUser) -> "ProgrammeQuerySet":
        """Cut to what ``user`` may read: published calls are public, drafts are for staff."""
        return self.all() if READERS_OF_DRAFTS & getattr(user, "role_keys", frozenset()) else self.published()

    def for_list(self) -> "ProgrammeQuerySet":
        """Return what the list of calls shows: open ones with the nearest end first, then those without an end."""
        return self.select_related("checklist").order_by(models.F("closes_on").asc(nulls_last=True), "title")


class Programme(models.Model):
    """A call for applications, for a time or rolling."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.TextField()
    focus = models.TextField(blank=True)
    focus_areas = models.JSONField(default=list)
    country_exceptions = models.JSONField(default=list, blank=True)
    opens_on = models.DateField()
    closes_on = models.DateField(null=True, blank=True)
    decides_on = models.DateField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    min_request_minor = models.BigIntegerField()
    max_request_minor = models.BigIntegerField()
    preferred_income_minor = models.BigIntegerField(default=100_000_000)
    min_age_years = models.PositiveSmallIntegerField(default=3)
    languages = models.JSONField(default=english)
    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="programmes")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="programmes")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            pair("published_at", "published_by", "programme_published_pair"),
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(closes_on__gte=models.F("opens_on")),
                name="programme_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(decides_on__isnull=True)
                | Q(closes_on__isnull=False, decides_on__gte=models.F("closes_on"))
                | Q(closes_on__isnull=True, decides_on__gte=models.F("opens_on")),
                name="programme_decides_after_closing",
                violation_error_message="The decision cannot come before the call closes.",
            ),
            models.CheckConstraint(
                condition=Q(min_request_minor__gte=1, max_request_minor__gte=models.F("min_request_minor")),
                name="programme_amounts_in_order",
            ),
            models.CheckConstraint(condition=Q(preferred_income_minor__gte=0), name="programme_income_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its public page."""
        return reverse("partners:programme", args=[self.slug])

    @property
    def is_published(self) -> bool:
        """Whether the public can read it."""
        return self.published_at is not None

    @property
    def closing_at(self) -> datetime | None:
        """Return the instant at which the call has closed: the end of its last day in its own time zone."""
        if self.closes_on is None:
            return None
        return datetime.combine(self.closes_on + timedelta(days=1), time.min, tzinfo=ZoneInfo(self.time_zone))

    @property
    def opens_words(self) -> str:
        """The first moment of the call: ``Monday 1 March 2027, 00:00 in Bangkok``."""
        return f"{self.opens_on:%A %-d %B %Y}, 00:00 in {self.place}"

    @property
    def closes_words(self) -> str:
        """The last minute in which an application can be sent; empty for a rolling call."""
        return f"{self.closes_on:%A %-d %B %Y}, 23:59 in {self.place}" if self.closes_on else ""

    @property
    def place(self) -> str:
        """Return the city by which its time zone is known: ``Bangkok``."""
        return self.time_zone.rsplit("/", 1)[-1].replace("_", " ")

    def today(self) -> date:
        """Return the calendar day in the call's own time zone."""
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))

    def decision_expected_on(self, sent_on: date | None, today: date) -> date:
        """Return the day by which a decision is expected: the call's own, else eight weeks after its end or sending."""
        if self.decides_on is not None:
            return self.decides_on
        if self.closes_on is not None:
            return self.closes_on + DECISION_TAKES
        return (sent_on or today) + DECISION_TAKES

    @property
    def days_left(self) -> int | None:
        """Return how many days are left, the last one included as 0; None for a rolling call."""
        return None if self.closes_on is None else (self.closes_on - self.today()).days

    @property
    def has_closed(self) -> bool:
        """Whether its last day is over, by the clocks of its own place."""
        return self.closes_on is not None and self.today() > self.closes_on

    @property
    def is_open(self) -> bool:
        """Whether applications are taken now."""
        return not self.open_blockers()

    def open_blockers(self) -> list[str]:
        """Say why no application can be sent now."""
        today = self.today()
        if not self.is_published:
            return [Blocker("This call is not published yet.")]
        if today < self.opens_on:
            return [Blocker("This call is not open yet.", hint=f"It opens on {self.opens_words}.")]
        if self.has_closed:
            return [Blocker("This call is closed.", hint=f"It ended on {self.closes_words}.")]
        return []

    def publish_blockers(self) -> list[str]:
        """Say what keeps the call from being published."""
        blockers: list[str] = []
        if self.is_published:
            blockers.append(Blocker("This call is published already."))
        if not self.checklist.is_published:
            blockers.append(Blocker("Its checklist is not published.", hint=str(self.checklist)))
        if not self.questionnaire.is_published:
            blockers.append(Blocker("Its questions are not published.", hint=str(self.questionnaire)))
        if self.questionnaire.checklist_id != self.checklist_id:
            blockers.append(Blocker("Its questions were written for another checklist."))
        return [*blockers, *condition_blockers(self.checklist, self.questionnaire)]

    def as_record(self) -> dict[str, Any]:
        """Return what a frozen record says of this call."""
        return {"title": self.title, "slug": self.slug, "currency": self.currency}
