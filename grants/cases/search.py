"""Finding an application by its number, its organisation, a person, or the number of its grant."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from grants.agreements.models import Grant
from partners.organisations.models import Membership, Person
from partners.submissions.models import Submission
from vetting_portal.models import User

SHORTEST, LONGEST, SHOWN = 2, 100, 50


def found(user: User, words: str) -> QuerySet[Submission]:
    """Return the submitted applications that ``user`` may read and that ``words`` name, newest first, at most 50.

    ``words`` are looked for in the application's number and title, the names of its organisation, of the people and
    members of the organisation, of the programme officer, and in the number of its grant.
    """
    text = " ".join(words.replace("\x00", "").split())[:LONGEST]
    if len(text) < SHORTEST:
        return Submission.objects.none()
    people = Person.objects.filter(organisation=OuterRef("organisation")).filter(
        Q(name__icontains=text) | Q(local_name__icontains=text)
    )
    members = Membership.objects.filter(organisation=OuterRef("organisation"), user__name__icontains=text)
    grants = Grant.objects.filter(submission=OuterRef("pk"), number__icontains=text)
    named = (
        Q(number__icontains=text)
        | Q(title__icontains=text)
        | Q(organisation__legal_name__icontains=text)
        | Q(organisation__local_name__icontains=text)
        | Q(officer__name__icontains=text)
        | Exists(people)
        | Exists(members)
        | Exists(grants)
    )
    rows: Any = Submission.objects.visible_to(user).filter(submitted_at__isnull=False)
    return rows.filter(named).for_list()[:SHOWN]
