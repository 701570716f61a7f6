"""What partners have to do about their applications, and what they wait for."""

from django.db.models import F, Q
from django.urls import reverse

from partners.organisations.acting import members_of, the_partner
from partners.organisations.models import Hold
from partners.submissions.models import Submission
from vetting_portal.duties import Actor, Case, DutyKind, OpenDuty, Rows, nobody
from vetting_portal.statements import TodayIn

APPLICATIONS = "Applications"
APPLICATION = Case(
    noun="Application",
    submission="pk",
    organisation="organisation_id",
    title="organisation__legal_name",
    country="organisation__country",
    reference="number",
)


def application_by(path: str) -> Case:
    """Return the case of what belongs to an application, ``path`` being the relation that leads to it."""
    return Case(
        noun="Application",
        submission=f"{path}_id",
        organisation=f"{path}__organisation_id",
        title=f"{path}__organisation__legal_name",
        country=f"{path}__organisation__country",
        reference=f"{path}__number",
    )


def unheld(rows: Rows, organisation: str = "organisation") -> Rows:
    """Cut to what no hold stops: a held organisation's partner has nothing to do, and its staff has the hold."""
    return rows.exclude(**{f"{organisation}__in": Hold.objects.current().values("organisation")})


def _written() -> Rows:
    """Return the drafts that can still be sent: of a call that takes applications today, by its own clocks."""
    takes = Q(programme__closes_on__isnull=True) | Q(programme__closes_on__gte=TodayIn("programme__time_zone"))
    return Submission.objects.filter(takes, state=Submission.State.DRAFT)


def _returned() -> Rows:
    return unheld(Submission.objects.filter(state=Submission.State.CHANGES_REQUESTED))


def _with_funder() -> Rows:
    return Submission.objects.waiting()


def _page(duty: OpenDuty) -> str:
    return reverse("partners:submission", args=[duty.reference])


def _changes(duty: OpenDuty) -> str:
    return f"{_page(duty)}#changes"


DUTIES = (
    DutyKind(
        key="partners.write_application",
        group=APPLICATIONS,
        verb="Finish your application",
        verb_for_others="Finish the application",
        why=lambda duty: duty.facts["programme"],
        button="Continue",
        url=_page,
        waiting=_written,
        actor=the_partner("organisation", known_to=nobody),
        case=APPLICATION,
        since="created_at",
        aim=30,
        facts={"programme": "programme__title"},
        permission="partners.change_submission",
        note="You can stop at any time. Nothing is lost.",
    ),
    DutyKind(
        key="partners.answer_changes",
        group=APPLICATIONS,
        verb="Make the changes we asked for",
        verb_for_others="Make the changes asked for",
        why=lambda duty: duty.facts["reason"].partition("\n")[0],
        button="Make changes",
        url=_changes,
        waiting=_returned,
        actor=the_partner("organisation"),
        case=APPLICATION,
        since="changes_requested_at",
        aim=14,
        facts={"reason": "changes_reason"},
        permission="partners.change_submission",
    ),
    DutyKind(
        key="partners.application_with_funder",
        group=APPLICATIONS,
        verb="We are reading your application",
        why="Nothing to do right now. We will email you when something comes up.",
        button="Open",
        url=_page,
        waiting=_with_funder,
        actor=Actor("the funder", nobody, members_of("organisation")),
        case=APPLICATION,
        since=F("submitted_at"),
        aim=42,
    ),
)
