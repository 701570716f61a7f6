"""References: referees to ask, answers to verify, and referees who are waited for."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from partners.organisations.acting import readers
from partners.submissions.duties import APPLICATION, APPLICATIONS, application_by, unheld
from partners.submissions.models import Referee, Submission
from reviews.references.models import Reference, ReferenceCheck, ReferenceRequest
from reviews.screening.acting import the_officer
from vetting_portal.duties import Actor, DutyKind, OpenDuty, Rows, leads_to, nobody
from vetting_portal.erasing import ERASED_DOMAIN
from vetting_portal.statements import ThisMoment

JUDGED_WHILE = ("submitted", "in_review", "assessed")
REFERENCES_NEEDED = 2  # for C11


def _to_ask() -> Rows:
    free = Referee.objects.filter(submission=OuterRef("pk"), request__isnull=True)
    free = free.exclude(email__endswith=f"@{ERASED_DOMAIN}")
    return unheld(Submission.objects.filter(Exists(free), state__in=JUDGED_WHILE))


def _to_verify() -> Rows:
    checked = ReferenceCheck.objects.filter(reference=OuterRef("pk"))
    rows = Reference.objects.filter(request__submission__state__in=JUDGED_WHILE).exclude(Exists(checked))
    return unheld(rows, "request__submission__organisation")


def _asked() -> Rows:
    rows = ReferenceRequest.objects.filter(
        reference__isnull=True, withdrawn_at__isnull=True, submission__state__in=JUDGED_WHILE
    )
    return rows.filter(Q(expires_at__gt=ThisMoment()))


def _lapsed() -> Rows:
    """Return the requests whose time is over, where fewer references came than count (C11)."""
    came = Reference.objects.filter(request__submission=OuterRef("submission")).order_by()
    many = Coalesce(Subquery(came.values("request__submission").annotate(n=Count("pk")).values("n")), 0)
    rows = ReferenceRequest.objects.filter(
        reference__isnull=True, withdrawn_at__isnull=True, submission__state__in=JUDGED_WHILE
    )
    rows = rows.filter(expires_at__lte=ThisMoment()).annotate(came=many).filter(came__lt=REFERENCES_NEEDED)
    return unheld(rows, "submission__organisation")


def _page(duty: OpenDuty) -> str:
    return reverse("reviews:references", args=[duty.submission])


DUTIES = (
    DutyKind(
        key="reviews.ask_referees",
        group=APPLICATIONS,
        verb="Ask the referees",
        why="A referee is named and was not asked yet",
        button="Ask referee",
        url=_page,
        waiting=_to_ask,
        actor=the_officer("organisation"),
        case=APPLICATION,
        since="waiting_since",
        in_charge="officer",
        permission="reviews.ask_referee",
    ),
    DutyKind(
        key="reviews.resend_reference",
        group=APPLICATIONS,
        verb="Send the request to a referee again",
        why=lambda duty: f"{duty.facts['name']} has not answered in time",
        button="Open references",
        url=_page,
        waiting=_lapsed,
        actor=the_officer("submission__organisation"),
        case=application_by("submission"),
        since="expires_at",
        in_charge="submission__officer",
        facts={"name": "referee__name"},
        permission="reviews.ask_referee",
        asks="submission",
    ),
    DutyKind(
        key="reviews.verify_reference",
        group=APPLICATIONS,
        verb="Verify a reference",
        why=lambda duty: f"{duty.facts['name']} has answered",
        button="Verify reference",
        url=leads_to("reviews:reference", "request"),
        waiting=_to_verify,
        actor=the_officer("request__submission__organisation"),
        case=application_by("request__submission"),
        since="answered_at",
        in_charge="request__submission__officer",
        facts={"request": "request_id", "name": "request__referee__name"},
        permission="reviews.verify_reference",
        asks="request",
    ),
    DutyKind(
        key="reviews.answer_reference",
        group=APPLICATIONS,
        verb="Answer as a referee",
        why=lambda duty: f"{duty.facts['name']} was asked by e-mail",
        button="Open references",
        url=_page,
        waiting=_asked,
        actor=Actor("a referee", nobody, readers),
        case=application_by("submission"),
        since="sent_at",
        aim=21,
        facts={"name": "referee__name"},
    ),
)
