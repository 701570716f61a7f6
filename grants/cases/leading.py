"""How a record leads to the page of the application that it belongs to, for staff who read that page."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Case, Exists, Model, OuterRef, Q, Value, When
from django.urls import reverse

from partners.organisations.models import Organisation
from partners.submissions.models import EvidenceLink, Submission
from partners.vault.models import Paper
from vetting_portal.duties import OpenDuty
from vetting_portal.models import User

ABOVE = ("submission", "grant", "campaign", "paper", "organisation")  # the nearest first


def case_of(user: User, record: Model, number: str = "") -> Submission | None:
    """Return the application on whose page a record has its place; None for who does not read that page.

    What belongs to an organisation alone (a document, a potential match, bank details, a hold) stands with the
    application of that ``number`` where it is one of the organisation's; else with the newest that a document is
    evidence in; else with the newest. Looked up once for a page.
    """
    if not user.has_perm("grants.search_cases"):
        return None
    known: dict[tuple[int, str], Submission | None] = vars(record).setdefault("_case_of", {})
    if (user.pk, number) not in known:
        found = _found(user, record, number.replace("\x00", ""))
        known[user.pk, number] = found if user.has_perm("grants.view_case", found) else None
    return known[user.pk, number]


def _found(user: User, record: Any, number: str) -> Submission | None:
    evidence = EvidenceLink.objects.none()
    while record is not None and not isinstance(record, Submission | Organisation):
        if isinstance(record, Paper):
            evidence = EvidenceLink.objects.filter(submission=OuterRef("pk"), paper=record)
        record = next((getattr(record, name) for name in ABOVE if hasattr(record, name)), None)
    if record is None or isinstance(record, Submission):
        return record
    asked, linked = When(number=number, then=Value(0)), When(Exists(evidence), then=Value(1))
    sent = Submission.objects.visible_to(user).filter(organisation=record, submitted_at__isnull=False)
    return sent.select_related("organisation").order_by(Case(asked, linked, default=2), "-submitted_at", "-pk").first()


def with_cases(user: User, rows: Iterable[OpenDuty]) -> list[OpenDuty]:
    """Return duties with the page of the application that each is about, for who reads it: one statement for all."""
    rows = list(rows)
    if not rows or not user.has_perm("grants.search_cases"):
        return rows
    about = Q(pk__in={row.submission for row in rows}) | Q(organisation__in={row.organisation for row in rows})
    found = Submission.objects.filter(about, submitted_at__isnull=False).order_by("submitted_at", "pk")
    numbers: dict[tuple[str, int | None], str] = {}
    for pk, organisation, number in found.values_list("pk", "organisation", "number"):
        numbers |= {("submission", pk): number, ("organisation", organisation): number}
    return [_with_case(row, numbers) for row in rows]


def _with_case(row: OpenDuty, numbers: dict[tuple[str, int | None], str]) -> OpenDuty:
    key = ("submission", row.submission) if row.submission else ("organisation", row.organisation)
    return replace(row, case_url=reverse("grants:case", args=[numbers[key]])) if key in numbers else row
