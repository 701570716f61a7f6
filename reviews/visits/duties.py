"""Visits that were written up and not handed in."""

from partners.organisations.acting import readers
from partners.submissions.duties import APPLICATIONS, application_by
from reviews.screening.acting import uninterested
from reviews.visits.models import Visit
from vetting_portal.duties import Actor, DutyKind, Rows, leads_to
from vetting_portal.models import Role, User


def _written() -> Rows:
    return Visit.objects.filter(submitted_at__isnull=True)


def _own(user: User, rows: Rows) -> Rows | None:
    mine = uninterested(Role.PROGRAMME_OFFICER, "organisation")(user, rows)
    return None if mine is None else mine.filter(written_by=user)


DUTIES = (
    DutyKind(
        key="reviews.submit_visit",
        group=APPLICATIONS,
        verb="Submit a visit report",
        why="It counts as evidence once it is submitted",
        button="Open visit",
        url=leads_to("reviews:visit", "record"),
        waiting=_written,
        actor=Actor("its author", _own, readers),
        case=application_by("submission"),
        since="written_at",
        permission="reviews.write_visit",
    ),
)
