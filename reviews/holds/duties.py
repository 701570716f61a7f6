"""Counsel's checklist under a hold: what the law wants recorded, and by when."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef

from partners.organisations.acting import either, from_outside, readers
from partners.organisations.duties import ORGANISATIONS, organisation_by
from partners.organisations.models import Hold
from reviews.holds.models import CounselStep
from vetting_portal.duties import Actor, DutyKind, Rows, leads_to
from vetting_portal.models import Role

ROLES = (Role.PROGRAMME_OFFICER, Role.DIRECTOR)
EITHER = either(*(from_outside(role, "organisation") for role in ROLES))


def _without(*kinds: str) -> Rows:
    rows = Hold.objects.all()
    for kind in kinds:
        rows = rows.exclude(Exists(CounselStep.objects.filter(hold=OuterRef("pk"), kind=kind)))
    return rows


def _undecided() -> Rows:
    return _without(CounselStep.Kind.DECISION)


def _unreported() -> Rows:
    decided = CounselStep.objects.filter(hold=OuterRef("pk"), kind=CounselStep.Kind.DECISION)
    rows = _without(CounselStep.Kind.REPORT).filter(Exists(decided))
    later = decided.order_by("-pk").filter(outcome=CounselStep.Outcome.NEITHER)
    return rows.exclude(Exists(later))


def _unkept() -> Rows:
    decided = CounselStep.objects.filter(hold=OuterRef("pk"), kind=CounselStep.Kind.DECISION)
    return _without(CounselStep.Kind.RECORDS).filter(Exists(decided), released_at__isnull=False)


def _step(key: str, verb: str, why: str, waiting: Callable[[], Rows], aim: int) -> DutyKind:
    return DutyKind(
        key=key,
        group=ORGANISATIONS,
        verb=verb,
        why=why,
        button="Open the hold",
        url=leads_to("reviews:hold", "record"),
        waiting=waiting,
        actor=Actor(
            "a programme officer or a director",
            either(*(from_outside(role, "organisation") for role in ROLES)),
            readers,
        ),
        case=organisation_by("organisation"),
        since="placed_at",
        aim=aim,
        permission="reviews.do_counsel_step",
        asks="organisation",
    )


DUTIES = (
    _step(
        "reviews.hold_decision",
        "Record counsel’s decision",
        "Counsel says whether property is blocked or a transaction is rejected",
        _undecided,
        5,
    ),
    _step(
        "reviews.hold_report",
        "Report to OFAC",
        "Within 10 business days of the hold (31 CFR 501.603 and 501.604)",
        _unreported,
        14,
    ),
    _step("reviews.hold_records", "Record where the records are kept", "Ten years (31 CFR 501.601)", _unkept, 30),
)
