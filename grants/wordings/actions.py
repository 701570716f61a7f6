"""The transactions of wordings: start a version, change its texts and placeholders, throw it away, publish."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.wordings.models import Passage, WordingEditor, WordingVersion
from grants.wordings.problems import KIND_WORDS, declaration_problem, field_problems
from vetting_portal.canonical import sha256_of
from vetting_portal.models import User
from vetting_portal.workflow import Blocker, Refused, action, lock, record


class StaleError(ValidationError):
    """Somebody else saved the record after the page was opened; ``newer`` is what is saved now."""

    def __init__(self, newer: Any) -> None:
        self.newer = newer
        when = f" at {timezone.localtime(newer.changed_at):%H:%M}" if newer.changed_at else ""
        who = newer.changed_by.name if newer.changed_by else "Somebody"
        super().__init__(f"{who} saved this{when}, after you opened the page. Nothing of yours is saved yet.")


def _may_change(by: User, wording: WordingVersion) -> None:
    if not by.has_perm("grants.change_wording", wording):
        raise PermissionDenied("grants.change_wording")


def _draft(wording: WordingVersion, by: User) -> WordingVersion:
    """Return the draft locked. Raises PermissionDenied; Refused once it is published or thrown away."""
    fresh: WordingVersion = lock(wording)
    _may_change(by, fresh)
    if fresh.is_published or fresh.discarded_at:
        raise Refused(fresh.publish_blockers(), subject=fresh)
    return fresh


def _changed(draft: WordingVersion, by: User, event: str, **facts: Any) -> None:
    """Note who changed the draft, and what: whoever did does not publish it."""
    _name_editor(draft, by)
    draft.changed_at, draft.changed_by = timezone.now(), by
    draft.save(update_fields=["changed_at", "changed_by"])
    record(event, draft, by=by, facts=facts)


def _name_editor(draft: WordingVersion, by: User) -> None:
    WordingEditor.objects.get_or_create(wording=draft, user=by, defaults={"since_at": timezone.now()})


def _next_name() -> str:
    """Return the next name of this year: ``2026-2``. What was thrown away keeps its name."""
    year = timezone.localdate().year
    taken = WordingVersion.objects.filter(name__startswith=f"{year}-").values_list("name", flat=True)
    return f"{year}-{max((int(name.partition('-')[2]) for name in taken), default=0) + 1}"


@action
def start_wording(*, wording: WordingVersion, by: User) -> WordingVersion:
    """Start a new version as a copy of a published one. Raises Refused while another draft is open."""
    source = lock(wording)
    _may_change(by, source)
    if not source.is_published:
        raise Refused([Blocker("Only a published wording is copied.")], subject=source)
    open_draft = WordingVersion.objects.drafts().first()
    if open_draft is not None:
        hint = f"{open_draft.name} is being changed."
        raise Refused([Blocker("A draft is open already.", hint=hint, url=open_draft.get_draft_url())], subject=source)
    now = timezone.now()
    draft = WordingVersion.objects.create(
        name=_next_name(),
        language=source.language,
        placeholders=source.placeholders,
        copied_from=source,
        created_at=now,
        created_by=by,
    )
    _name_editor(draft, by)
    for one in source.rows():
        _copy(one, draft, one.position)
    record("created", draft, by=by, facts={"copied_from": source.name})
    return draft


def _copy(passage: Passage, into: WordingVersion, position: int) -> Passage:
    """Copy a passage into a draft; it keeps its lineage, so that two versions can be laid side by side."""
    return Passage.objects.create(
        wording=into,
        lineage=passage.lineage,
        kind=passage.kind,
        key=passage.key,
        position=position,
        title=passage.title,
        text=passage.text,
    )


def _checked(passage: Passage, draft: WordingVersion) -> None:
    """Raises ValidationError by field for what no passage may hold."""
    passage.title, passage.text = passage.title.strip(), passage.text.strip()
    if wrong := field_problems(passage, draft.placeholders):
        raise ValidationError(wrong)


@action
def change_passage(
    *, passage: Passage, by: User, edition: int | None = None, title: str | None = None, text: str | None = None
) -> Passage:
    """Change a text of a draft. ``edition`` is the one that the page showed; without it nothing is compared.

    Raises PermissionDenied, Refused once its wording is published, StaleError for a page that is behind,
    ValidationError by field: empty, a placeholder that is not declared, a brace without a name.
    """
    draft = _draft(passage.wording, by)
    fresh = lock(passage)
    if edition is not None and edition != fresh.edition:
        raise StaleError(fresh)
    fresh.title = fresh.title if title is None else title
    fresh.text = fresh.text if text is None else text
    _checked(fresh, draft)
    _changed(draft, by, "passage_changed", passage=str(fresh), kind=fresh.kind)
    fresh.edition += 1
    fresh.changed_at, fresh.changed_by = timezone.now(), by
    fresh.save()
    return fresh


@action
def add_passage(
    *, wording: WordingVersion, kind: str, by: User, title: str = "", text: str = "", after: int | None = None
) -> Passage:
    """Add a highlight, part, clause or certification behind ``after`` (a primary key), or at the end of its kind.

    Raises as change_passage does.
    """
    draft = _draft(wording, by)
    if kind not in Passage.Kind.values or kind == Passage.Kind.NAMED:
        raise ValidationError("Named texts are always there: change them instead.")
    made = Passage(wording=draft, kind=kind, title=title, text=text, changed_at=timezone.now(), changed_by=by)
    _checked(made, draft)
    _changed(draft, by, "passage_added", passage=str(made), kind=kind)
    strand = _strand(draft, made)
    made.position = len(strand) + 1
    made.save()
    place = next((index + 1 for index, one in enumerate(strand) if one.pk == after), len(strand))
    _put_in_order([*strand[:place], made, *strand[place:]])
    made.refresh_from_db()
    return made


def _strand(draft: WordingVersion, passage: Passage) -> list[Passage]:
    """Return the passages among which one has its place, in order."""
    return list(draft.passages.filter(kind__in=passage.strand).order_by("position", "pk"))


def _put_in_order(strand: Sequence[Passage]) -> None:
    for position, one in enumerate(strand, start=1):
        if one.position != position:
            Passage.objects.filter(pk=one.pk).update(position=position)


@action
def move_passage(*, passage: Passage, up: bool, by: User) -> WordingVersion:
    """Move a passage of a draft one place up or down among its kind; at the end nothing changes."""
    draft = _draft(passage.wording, by)
    strand = _strand(draft, passage)
    place = next((index for index, one in enumerate(strand) if one.pk == passage.pk), None)
    other = None if place is None else place - 1 if up else place + 1
    if place is None or other is None or not 0 <= other < len(strand) or passage.kind == Passage.Kind.NAMED:
        return draft
    _changed(draft, by, "passage_moved", passage=str(passage), kind=passage.kind, up=up)
    strand[place], strand[other] = strand[other], strand[place]
    _put_in_order(strand)
    return draft


@action
def remove_passage(*, passage: Passage, by: User) -> WordingVersion:
    """Take a passage out of a draft; one that was copied can be put back. Twice is the same as once.

    Raises ValidationError for a named text.
    """
    draft = _draft(passage.wording, by)
    if passage.kind == Passage.Kind.NAMED:
        raise ValidationError("This text is never left out: change it instead.")
    there = draft.passages.filter(pk=passage.pk)
    if there.exists():
        _changed(draft, by, "passage_removed", passage=str(passage), kind=passage.kind)
        there.delete()
    return draft


@action
def put_back_passage(*, wording: WordingVersion, lineage: str, by: User) -> WordingVersion:
    """Put a passage of the version it was copied from back, at the end of its kind.

    Raises PermissionDenied; Refused once published, ValidationError where there is none.
    """
    draft = _draft(wording, by)
    source = Passage.objects.filter(wording=draft.copied_from_id, lineage=lineage).first()
    if source is None:
        raise ValidationError("There is no such text in the version this one was copied from.")
    if not draft.passages.filter(lineage=lineage).exists():
        _changed(draft, by, "passage_put_back", passage=str(source), kind=source.kind)
        _copy(source, draft, len(_strand(draft, source)) + 1)
    return draft


@action
def declare_placeholders(
    *, wording: WordingVersion, declared: Mapping[str, str], by: User, edition: int | None = None
) -> WordingVersion:
    """Say which placeholders the texts of a draft may name, each with its type.

    Raises ValidationError by name: one that the terms do not give, of another type, or that a text still names;
    StaleError for a page that is behind.
    """
    draft = _draft(wording, by)
    if edition is not None and edition != draft.edition:
        raise StaleError(draft)
    wrong = {name: text for name, kind in declared.items() if (text := declaration_problem(name, kind))}
    for one in draft.rows():
        for name in _orphans(one, draft.placeholders, declared):
            words = f"{KIND_WORDS[one.kind]} “{one.label or one}”"
            wrong.setdefault(name, f"The {words} names {{{name}}}. Change that text first.")
    if wrong:
        raise ValidationError(wrong)
    came, went = set(declared) - set(draft.placeholders), set(draft.placeholders) - set(declared)
    draft.placeholders, draft.edition = dict(declared), draft.edition + 1
    draft.save(update_fields=["placeholders", "edition"])
    _changed(draft, by, "placeholders_declared", added=sorted(came), removed=sorted(went))
    return draft


def _orphans(passage: Passage, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the names that a text uses and that are not declared any more."""
    return [name for name in before if name not in after and f"{{{name}}}" in passage.text]


@action
def discard_wording(*, wording: WordingVersion, by: User) -> WordingVersion:
    """Throw a draft away: nobody reads or changes it any more, its name is not given again."""
    draft = _draft(wording, by)
    draft.discarded_at, draft.discarded_by = timezone.now(), by
    draft.save(update_fields=["discarded_at", "discarded_by"])
    record("draft_discarded", draft, by=by, facts={"name": draft.name})
    return draft


@action
def publish_wording(*, wording: WordingVersion, by: User) -> WordingVersion:
    """Publish a draft that somebody else changed: agreements that are frozen from now on are made from it.

    Its content and SHA-256 are kept and never change. Raises PermissionDenied; Refused with all that is missing.
    """
    fresh = lock(wording)
    if not by.has_perm("grants.publish_wording", fresh):
        raise PermissionDenied("grants.publish_wording")
    if reasons := fresh.release_blockers(by):
        raise Refused(reasons, title=f"{fresh} is not published", subject=fresh)
    fresh.content = fresh.made_content()
    fresh.sha256 = sha256_of(fresh.content)
    fresh.published_at, fresh.published_by = timezone.now(), by
    fresh.save()
    record("published", fresh, by=by, facts={"name": fresh.name, "sha256": fresh.sha256})
    return fresh
