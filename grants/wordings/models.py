"""The agreement's wording as versioned data: a version that was published never changes; a new one starts as a copy."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse

from grants.wordings.catalogue import CONSENTS, TEXTS
from grants.wordings.filling import Wording, WordingError
from grants.wordings.problems import BODY, Problem, problems_of
from vetting_portal.canonical import sha256_of
from vetting_portal.constraints import known, pair
from vetting_portal.models import Role, User
from vetting_portal.workflow import Blocker

READERS = frozenset({Role.PROGRAMME_OFFICER, Role.DIRECTOR, Role.FINANCE_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR})
PUBLISHERS = (Role.PROGRAMME_OFFICER, Role.DIRECTOR, Role.ADMINISTRATOR)
MOST_KEPT = 16


class WordingVersionQuerySet(models.QuerySet["WordingVersion"]):
    """Wordings by publication."""

    def published(self) -> "WordingVersionQuerySet":
        """Cut to the versions that are in use or were, newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-pk")

    def drafts(self) -> "WordingVersionQuerySet":
        """Cut to what staff still change."""
        return self.filter(published_at__isnull=True, discarded_at__isnull=True)

    def current(self) -> "WordingVersion":
        """Return the newest published version: agreements are made from it. Raises WordingError before the first."""
        found = self.published().first()
        if found is None:
            raise WordingError("No wording is published. Run manage.py migrate: it brings the first one.")
        return found

    def visible_to(self, user: User) -> "WordingVersionQuerySet":
        """Cut to what ``user`` may read: staff who make, sign, pay or audit grants read every version but thrown-away
        drafts.
        """
        return self.filter(discarded_at__isnull=True) if user.role_keys & READERS else self.none()

    def for_list(self) -> "WordingVersionQuerySet":
        """Load what a list shows, the newest first."""
        return self.select_related("created_by", "published_by", "copied_from").order_by("-pk")

    def wording(self, name: str, sha256: str = "") -> Wording:
        """Return what the published version ``name`` says; ``sha256`` is the one that terms name, where they do.

        Raises WordingError when there is none, or when it is not what the terms name.
        """
        if not sha256:
            found = self.published().filter(name=name).values_list("sha256", flat=True).first()
            if found is None:
                raise WordingError(f"There is no wording {name}.")
            sha256 = found
        wording = _kept(sha256)
        if wording.content["version"] != name:
            raise WordingError(f"Wording {name} is not the one with the SHA-256 {sha256}.")
        return wording


@lru_cache(maxsize=MOST_KEPT)
def _kept(sha256: str) -> Wording:
    """Return the published wording with this hash, read once a process: what has a hash cannot change."""
    content = WordingVersion.objects.published().filter(sha256=sha256).values_list("content", flat=True).first()
    if content is None or sha256_of(content) != sha256:
        raise WordingError(f"There is no wording with the SHA-256 {sha256}.")
    return Wording(content)


class WordingVersion(models.Model):
    """One version of the wording. When it is published its content and SHA-256 are kept, and it never changes.

    Nobody stands behind the version that came with the portal.
    """

    name = models.CharField(max_length=16, unique=True)
    language = models.CharField(max_length=8, default="en")
    placeholders = models.JSONField(default=dict)
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    is_shipped = models.BooleanField(default=False)
    edition = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    content = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = WordingVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "wording"
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"^[0-9]{4}-[0-9]+$"), name="wording_name_known"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="wording_edition_positive"),
            models.UniqueConstraint(
                fields=["language"],
                condition=Q(published_at__isnull=True, discarded_at__isnull=True),
                name="wording_one_draft_at_a_time",
            ),
            models.UniqueConstraint(fields=["sha256"], condition=~Q(sha256=""), name="wording_hash_once"),
            models.CheckConstraint(
                condition=Q(is_shipped=True, created_by__isnull=True, published_by__isnull=True)
                | Q(is_shipped=False, created_by__isnull=False),
                name="wording_somebody_started_it",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, is_shipped=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="wording_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, content__isnull=True, sha256="")
                | Q(published_at__isnull=False, content__isnull=False, sha256__regex=r"^[0-9a-f]{64}$"),
                name="wording_published_has_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(discarded_at__isnull=True),
                name="wording_published_never_discarded",
            ),
            pair("changed_at", "changed_by", "wording_changed_pair"),
            pair("discarded_at", "discarded_by", "wording_discarded_pair"),
        ]

    def __str__(self) -> str:
        return f"Wording {self.name}"

    @property
    def is_published(self) -> bool:
        """Whether it is in use, or was, and so frozen."""
        return self.published_at is not None

    @property
    def short(self) -> str:
        """Return how a table names it: ``Wording 2026-1``, ``Draft of 2026-2``."""
        return str(self) if self.is_published else f"Draft of {self.name}"

    def get_absolute_url(self) -> str:
        """Return the address of the page where it is read."""
        return reverse("grants:wording", args=[self.name])

    def get_draft_url(self) -> str:
        """Return the address of the page where staff change it."""
        return reverse("grants:wording_draft", args=[self.name])

    def rows(self) -> "list[Passage]":
        """Return its passages in the order in which they are read: highlights, clauses, certifications, named texts."""
        order = {"highlight": 0, "part": 1, "clause": 1, "certification": 2, "named": 3}
        keys = {key: place for place, key in enumerate(TEXTS)}
        rows = self.passages.select_related("changed_by")
        return sorted(rows, key=lambda one: (order[one.kind], keys.get(one.key, 0), one.position, one.pk))

    def problems(self) -> list[Problem]:
        """Return everything that is wrong with its texts and its placeholders."""
        return problems_of(self.rows(), self.placeholders)

    def made_content(self, rows: "Sequence[Passage] | None" = None) -> dict[str, Any]:
        """Return what it says as plain data: what its SHA-256 is taken of when it is published."""
        rows = self.rows() if rows is None else rows
        texts = {one.key: one.text for one in rows if one.kind == Passage.Kind.NAMED}
        sections: list[dict[str, Any]] = []
        for one in rows:
            if one.kind == Passage.Kind.PART:
                sections.append({"title": one.title, "clauses": []})
            elif one.kind == Passage.Kind.CLAUSE and sections:
                sections[-1]["clauses"].append([one.title, one.text])
        return {
            "schema": 1,
            "version": self.name,
            "language": self.language,
            "consent_version": self._consent_version(texts),
            "placeholders": self.placeholders,
            "texts": texts,
            "highlights": [{"title": one.title, "text": one.text} for one in rows if one.kind == "highlight"],
            "sections": sections,
            "certifications": [{"text": one.text} for one in rows if one.kind == "certification"],
        }

    def _consent_version(self, texts: dict[str, str]) -> str:
        """Return the version of what signers agree to: this one, or the earlier one where its words still stand."""
        before = self.copied_from.content if self.copied_from else None
        if before and all(before["texts"].get(key) == texts.get(key) for key in CONSENTS):
            return str(before["consent_version"])
        return self.name

    def publish_blockers(self) -> list[Blocker]:
        """Say all that keeps it from being published, whoever does it, each with its place."""
        if self.is_published:
            return [Blocker("This wording is published already.", hint="Start a new version from it.")]
        if self.discarded_at:
            return [Blocker("This draft was thrown away.", hint="Start a new version.", url=reverse("grants:wordings"))]
        return [Blocker(one.text, hint=one.hint, url=self.place_of(one)) for one in self.problems()]

    def place_of(self, problem: Problem) -> str:
        """Return the address of the control that a problem is about."""
        if problem.page:
            return reverse("grants:wording_placeholders", args=[self.name])
        if problem.pk is None:
            return self.get_draft_url()
        page = reverse("grants:wording_passage", args=[self.name, problem.pk])
        return f"{page}#id_{problem.field}" if problem.field else f"{self.get_draft_url()}#row-{problem.pk}"

    def release_blockers(self, by: User) -> list[Blocker]:
        """Say all that keeps ``by`` from publishing it now: who changed it does not publish it."""
        found = self.publish_blockers()
        if not self.is_published and by.pk in (editors := self.editor_ids()):
            users = {user.pk: user for role in PUBLISHERS for user in User.objects.with_role(role)}
            others = sorted(user.name for user in users.values() if user.pk not in editors)
            if others:
                hint = f"Somebody who did not change it looks it over and publishes it: {', '.join(others[:3])}."
                found.append(Blocker("You changed this draft.", hint=hint))
            else:
                hint = "Nobody else can publish it: invite another officer, director or administrator."
                found.append(Blocker("You changed this draft.", hint=hint, url=reverse("portal:staff")))
        return found

    def editor_ids(self) -> set[int]:
        """Return the primary keys of everybody who started or changed it."""
        return set(self.editors.values_list("user", flat=True))


def new_lineage() -> str:
    """Return the identity of a passage that is new; a copy in a later version keeps it."""
    return uuid4().hex


class Passage(models.Model):
    """One text of a wording: a highlight, the title of a part, a clause, a certification, or a text with a name."""

    class Kind(models.TextChoices):
        """What a passage is."""

        HIGHLIGHT = "highlight", "Highlight"
        PART = "part", "Part"
        CLAUSE = "clause", "Clause"
        CERTIFICATION = "certification", "Certification"
        NAMED = "named", "Text of a schedule, a choice or a consent"

    wording = models.ForeignKey(WordingVersion, on_delete=models.PROTECT, related_name="passages")
    lineage = models.CharField(max_length=40, default=new_lineage, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    edition = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["wording", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["wording", "lineage"], name="passage_lineage_once"),
            models.UniqueConstraint(fields=["wording", "key"], condition=~Q(key=""), name="passage_key_once"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="passage_edition_positive"),
            models.CheckConstraint(
                condition=(Q(kind="named") & ~Q(key="")) | (~Q(kind="named") & Q(key="")), name="passage_named_has_key"
            ),
            known("kind", ["highlight", "part", "clause", "certification", "named"], "passage_kind_known"),
            pair("changed_at", "changed_by", "passage_changed_pair"),
        ]

    def __str__(self) -> str:
        return self.title or self.key or self.text[:60]

    @property
    def label(self) -> str:
        """Return how a list names it: its title, or the label of a named text."""
        return TEXTS[self.key].label if self.key in TEXTS else self.title

    @property
    def strand(self) -> tuple[str, ...]:
        """Return the kinds among which it has its place: parts and clauses stand in one order."""
        return BODY if self.kind in BODY else (self.kind,)


class WordingEditor(models.Model):
    """Somebody who started or changed a draft, and so does not publish it; never removed."""

    wording = models.ForeignKey(WordingVersion, on_delete=models.PROTECT, related_name="editors")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since_at = models.DateTimeField()

    class Meta:
        ordering = ["wording", "pk"]
        constraints = [models.UniqueConstraint(fields=["wording", "user"], name="wording_editor_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.wording}"
