"""Documents: what a partner sends again, what an officer looks at, what runs out soon."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format

from partners.organisations.acting import a_role, members_of, readers, the_partner
from partners.organisations.duties import organisation_by
from partners.organisations.models import Hold, Organisation
from partners.vault.kinds import PHOTOGRAPH
from partners.vault.models import Document
from vetting_portal.duties import Actor, DutyKind, OpenDuty, Rows
from vetting_portal.models import Role, User
from vetting_portal.statements import ThisMoment, Today

DOCUMENTS = "Documents"
CHECKED_WITHIN = timedelta(hours=1)  # the checks of a file run by themselves; what takes longer needs a person
SOON = timedelta(days=60)
ORGANISATION = "paper__organisation"


def _newest(rows: Rows) -> Rows:
    """Cut to the newest version of each paper."""
    later = Document.objects.filter(paper=OuterRef("paper"), number__gt=OuterRef("number"))
    return rows.exclude(Exists(later)).exclude(paper__kind=PHOTOGRAPH)


def _leading(rows: Rows) -> Rows:
    """Cut accepted versions to those that nothing newer leads: what was turned down before them does not."""
    newer = Document.objects.filter(paper=OuterRef("paper"), number__gt=OuterRef("number"))
    leads = Q(state=Document.State.QUARANTINED) | Q(rejected_at__gte=OuterRef("accepted_at"))
    return rows.exclude(Exists(newer.filter(leads))).exclude(paper__kind=PHOTOGRAPH)


def _unheld(rows: Rows) -> Rows:
    return rows.exclude(paper__organisation__in=Hold.objects.current().values("organisation"))


def _wanted(rows: Rows) -> Rows:
    """Cut to papers of which a newer version is taken: a translation of a version that counts no more needs none."""
    over = [Document.State.REJECTED, Document.State.SUPERSEDED]
    return rows.exclude(paper__translates__state__in=over)


def _rejected() -> Rows:
    older = Document.objects.accepted().filter(paper=OuterRef("paper"), accepted_at__gt=OuterRef("rejected_at"))
    rows = Document.objects.filter(state=Document.State.REJECTED).exclude(Exists(older))
    return _wanted(_unheld(_newest(rows)))


def _expired() -> Rows:
    rows = Document.objects.accepted().filter(expires_on__lt=Today())
    return _wanted(_unheld(_leading(rows)))


def _expiring() -> Rows:
    rows = Document.objects.accepted().filter(expires_on__gte=Today(), expires_on__lte=Today(SOON))
    return _wanted(_unheld(_leading(rows)))


def _to_look_at() -> Rows:
    rows = _newest(
        Document.objects.filter(state=Document.State.QUARANTINED, uploaded_at__lt=ThisMoment(-CHECKED_WITHIN))
    )
    sent = Organisation.objects.filter(submissions__submitted_at__isnull=False, pk=OuterRef(ORGANISATION))
    return rows.filter(Exists(sent))


def _paper(duty: OpenDuty) -> str:
    return reverse("partners:paper", args=[duty.facts["paper"]])


def _send(duty: OpenDuty) -> str:
    return f"{_paper(duty)}#send"


def _sent(user: User, rows: Rows) -> Rows | None:
    """Cut to what staff may read: documents of organisations that have sent an application."""
    sent = Organisation.objects.filter(submissions__submitted_at__isnull=False, pk=OuterRef(ORGANISATION))
    read = readers(user, rows)
    return None if read is None else read.filter(Exists(sent))


PHOTO = "A clear photo from your phone is fine."
FACTS = {"paper": "paper_id", "title": "paper__title"}
CASE = organisation_by("paper__organisation")

DUTIES = (
    DutyKind(
        key="partners.replace_document",
        group=DOCUMENTS,
        verb="Send a document again",
        why=lambda duty: f"{duty.facts['title']}: {duty.facts['reason']} {duty.facts['instead']}".strip(),
        button="Add document",
        url=_send,
        waiting=_rejected,
        actor=the_partner(ORGANISATION, known_to=_sent),
        case=CASE,
        since="rejected_at",
        aim=14,
        facts={**FACTS, "reason": "rejection_reason", "instead": "send_instead"},
        note=PHOTO,
    ),
    DutyKind(
        key="partners.renew_document",
        group=DOCUMENTS,
        verb="Send a newer document",
        why=lambda duty: f"{duty.facts['title']}: the one we have ended on {date_format(duty.due, 'j F Y')}",
        why_for_others=lambda duty: f"{duty.facts['title']}: it ended on {date_format(duty.due, 'j F Y')}",
        button="Add document",
        url=_send,
        waiting=_expired,
        actor=the_partner(ORGANISATION, known_to=_sent),
        case=CASE,
        since="accepted_at",
        due="expires_on",
        facts=FACTS,
        note=PHOTO,
    ),
    DutyKind(
        key="partners.check_document",
        group=DOCUMENTS,
        verb="Check a document",
        why=lambda duty: f"{duty.facts['title']}: {duty.facts['reason'] or 'the automatic check has not ended'}",
        button="Open document",
        url=_paper,
        waiting=_to_look_at,
        actor=a_role(Role.PROGRAMME_OFFICER),
        case=CASE,
        since="uploaded_at",
        aim=3,
        facts={**FACTS, "reason": "check_reason"},
        permission="partners.reject_document",
    ),
    DutyKind(
        key="partners.document_ends",
        group=DOCUMENTS,
        verb="A document ends",
        why=lambda duty: duty.facts["title"],
        button="Open",
        url=_paper,
        waiting=_expiring,
        actor=Actor("the partner", members_of(ORGANISATION), _sent),
        case=CASE,
        since="accepted_at",
        due="expires_on",
        facts=FACTS,
        is_coming=True,
    ),
)
