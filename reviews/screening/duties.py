"""Screening: names to screen, potential matches to decide, sanctions lists that are out of date."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from partners.organisations.acting import a_role, an_officer
from partners.organisations.duties import ORGANISATIONS, organisation_by
from partners.organisations.models import Person
from partners.submissions.duties import APPLICATION, APPLICATIONS, unheld
from partners.submissions.models import Submission
from reviews.screening.models import FRESH_FOR, SanctionsList, Screening, ScreeningHit
from vetting_portal.duties import Case, DutyKind, OpenDuty, Rows, leads_to
from vetting_portal.models import Role
from vetting_portal.statements import ThisMoment, Today

JUDGED_WHILE = ("submitted", "in_review", "assessed", "recommended")


def _open_hits() -> Rows:
    rows = ScreeningHit.objects.filter(state=ScreeningHit.State.OPEN)
    live = Submission.objects.filter(organisation=OuterRef("organisation")).exclude(state="draft")
    return rows.filter(Q(bank__isnull=False) | Exists(live))


def screened_lately() -> QuerySet[Screening]:
    """Return the runs of the organisation of an application that are not too old to count, and of which no person was
    added since.
    """
    added = Person.objects.filter(organisation=OuterRef("organisation"), added_at__gt=OuterRef("screened_at"))
    runs = Screening.objects.filter(organisation=OuterRef("organisation"), screened_at__gt=ThisMoment(-FRESH_FOR))
    return runs.exclude(Exists(added))


def _unscreened() -> Rows:
    rows = Submission.objects.filter(state__in=JUDGED_WHILE)
    return unheld(rows.exclude(Exists(screened_lately())))


def _stale_lists() -> Rows:
    return SanctionsList.objects.current().filter(Q(published_on__isnull=True) | Q(published_on__lt=Today(-FRESH_FOR)))


def _screening_page(duty: OpenDuty) -> str:
    return reverse("reviews:organisation_screening", args=[duty.organisation])


DUTIES = (
    DutyKind(
        key="reviews.decide_match",
        group=ORGANISATIONS,
        verb="Decide a potential match",
        why=lambda duty: f"{duty.facts['ours']} is {duty.facts['score']}% like a listed name",
        button="Compare",
        url=leads_to("reviews:hit", "record"),
        waiting=_open_hits,
        actor=an_officer("organisation"),
        case=organisation_by("organisation"),
        since="found_at",
        aim=3,
        facts={"ours": "our_name", "score": "score"},
        permission="reviews.decide_hit",
    ),
    DutyKind(
        key="reviews.screen_names",
        group=APPLICATIONS,
        verb="Screen the names",
        why="The organisation, its board, senior staff and signatories",
        button="Screen",
        url=_screening_page,
        waiting=_unscreened,
        actor=an_officer("organisation"),
        case=APPLICATION,
        since="waiting_since",
        aim=3,
        in_charge="officer",
        permission="reviews.screen_organisation",
        asks="organisation",
    ),
    DutyKind(
        key="reviews.renew_list",
        group="Settings",
        verb="Import a newer sanctions list",
        why="It is more than 30 days old; nobody can be cleared until it is replaced",
        button="Open screening",
        url=leads_to("reviews:screening"),
        waiting=_stale_lists,
        actor=a_role(Role.ADMINISTRATOR),
        case=Case(title="source"),
        since=F("imported_at"),
        aim=30,
        permission="reviews.import_list",
    ),
)
