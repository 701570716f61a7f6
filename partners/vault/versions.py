"""The versions of one paper as its page shows them: the translation of each, and who of the funder has seen it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from partners.vault.models import Document, Paper, Viewing
from partners.vault.renewal import criteria_by_code, end_of
from vetting_portal.models import User
from vetting_portal.workflow import transition_blockers


@dataclass(frozen=True)
class Version:
    """One version as its page shows it; ``seen`` is who of the funder opened it, each with the days.

    ``ends_on`` is its last good day: by the end date that stands on it, or by the rule of its criterion.
    """

    document: Document
    translation: Document | None
    ends_on: date | None = None
    seen: list[tuple[str, list[date]]] = field(default_factory=list)
    may_correct: bool = False
    may_translate: bool = False


def versions_of(paper: Paper, user: User, *, is_own: bool) -> list[Version]:
    """Return the versions that ``user`` may open, newest first; its own people also see who has opened each."""
    visible = Document.objects.visible_to(user)
    documents = list(visible.filter(paper=paper).for_page())
    criterion = criteria_by_code().get(paper.kind_info.code)
    of_version: dict[int | None, Document] = {}
    for found in visible.filter(paper__translates__in=documents).select_related("paper", "file").order_by("number"):
        of_version[found.paper.translates_id] = found
    seen = who_has_seen(documents) if is_own else {}
    return [
        Version(
            document,
            of_version.get(document.pk),
            end_of(document, criterion) if paper.translates_id is None else None,
            list(seen.get(document.pk, {}).values()),
            may_correct=is_own and document == documents[0] and not document.describe_blockers(),
            may_translate=is_own and not document.translate_blockers(),
        )
        for document in documents
    ]


def shown_of(versions: list[Version], user: User) -> dict[str, Any]:
    """Return what the page shows of the versions, the one that leads before the others, and what ``user`` may do."""
    newest = versions[0].document if versions else None
    leading = newest.paper.leading if newest else None
    first = [version for version in versions if version.document == leading] or versions[:1]
    others = [version for version in versions if version not in first]
    acceptable = may_accept(versions, user)
    return {
        "versions": first,
        "others": others,
        "has_acceptable": any(version.document.pk in acceptable for version in others),
        "newest": newest,
        "may_judge": newest is not None and user.has_perm("partners.reject_document", newest),
        "may_accept": acceptable,
        "may_verify": may_verify(versions, user),
        "may_withdraw": may_withdraw(versions, user),
    }


def who_has_seen(documents: Iterable[Document]) -> dict[int, dict[int, tuple[str, list[date]]]]:
    """Return by document and person who has seen it, in words, with the days; the first to see it first."""
    found: dict[int, dict[int, tuple[str, list[date]]]] = defaultdict(dict)
    viewings = Viewing.objects.filter(document__in=list(documents)).select_related("user")
    for viewing in viewings.order_by("seen_at", "pk"):
        people = found[viewing.document_id]
        people.setdefault(viewing.user_id, (viewing.said_by, []))[1].append(viewing.seen_on)
    return found


def may_accept(versions: Iterable[Version], user: User) -> set[int]:
    """Return the versions that ``user`` may accept after all, or again: turned down, or replaced by a wrong one."""
    over = {Document.State.REJECTED, Document.State.SUPERSEDED}
    judged = [version.document for version in versions if version.document.state in over]
    found = [document for document in judged if not transition_blockers(document, "accept")]
    allowed = bool(found) and user.has_perm("partners.accept_document", found[0])
    return {document.pk for document in found} if allowed else set()


def may_verify(versions: Iterable[Version], user: User) -> set[int]:
    """Return the versions that ``user`` may verify, the accepted one and the newest before it at most."""
    asked = [version.document for version in versions if not version.document.verify_blockers()][:2]
    return {document.pk for document in asked if user.has_perm("partners.verify_document", document)}


def may_withdraw(versions: Iterable[Version], user: User) -> set[int]:
    """Return the verifications that ``user`` may take back: asked once for all that others made."""
    facts = [fact for version in versions for fact in version.document.verified]
    others = [fact for fact in facts if fact.verified_by_id != user.pk]
    allowed = bool(others) and user.has_perm("partners.withdraw_verification", others[0])
    return {fact.pk for fact in facts if allowed or fact.verified_by_id == user.pk}
