"""Reminders of papers that end soon: once a day, one message for an organisation, once for each version and mark."""

from datetime import date

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from partners.organisations.models import Organisation
from partners.vault.actions.checking import BACKGROUND
from partners.vault.models import Document, RenewalNotice
from partners.vault.renewal import (
    Ending,
    criteria_by_code,
    endings,
    may_be_written_to,
    organisations_with_endings,
)
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import action, lock, record


@action
def remind_of_renewals(*, organisation: Organisation, today: date, by: User) -> list[RenewalNotice]:
    """Write one message with every paper that has reached a mark it was not reminded of; return what it says.

    The nearest mark only: after a pause nothing is said twice. A held organisation gets nothing, and nothing is noted:
    what is due then is said when the hold ends.
    """
    fresh = lock(organisation)
    members = [
        membership.user.email for membership in fresh.memberships.current().select_related("user").order_by("pk")
    ]
    if not members or not may_be_written_to(fresh):
        return []
    due = _due(fresh, today)
    if not due:
        return []
    notices = RenewalNotice.objects.bulk_create(
        RenewalNotice(document=one.document, mark=one.mark, ends_on=one.ends_on, noticed_at=timezone.now())
        for one in due
    )
    first = due[0]
    title = first.document.paper.title
    notify(
        members,
        subject=f"{title}: send a newer one" if len(due) == 1 else f"{len(due)} papers end soon: send newer ones",
        template="partners/vault/mail/renewals.txt",
        context={"organisation": fresh, "endings": due, "path": reverse("partners:vault", args=[fresh.pk])},
    )
    facts = {"documents": [one.document.pk for one in due], "marks": [one.mark for one in due]}
    record("renewals_reminded", fresh, by=by, facts=facts)
    return notices


def _due(organisation: Organisation, today: date) -> list[Ending]:
    """Return what ends soon and was not reminded of at its mark, or at a nearer one."""
    versions = Document.objects.prefetch_related("renewal_notices")
    papers = organisation.papers.originals().prefetch_related(Prefetch("documents", queryset=versions))
    return [
        ending
        for ending in endings(papers, criteria_by_code(), today)
        if all(notice.mark > ending.mark for notice in ending.document.renewal_notices.all())
    ]


@background()
def remind_everybody() -> None:
    """Look through the papers that end soon, and enqueue a task for each organisation; safe to run twice."""
    for organisation_id in organisations_with_endings(timezone.localdate()):
        remind_one.enqueue(organisation_id)


@background()
def remind_one(organisation_id: int) -> None:
    """Remind one organisation of what ends soon; run twice it writes once."""
    organisation = Organisation.objects.get(pk=organisation_id)
    system = User.objects.system(BACKGROUND)
    remind_of_renewals(organisation=organisation, today=timezone.localdate(), by=system)
