"""How somebody stands with practising, for the pages that offer it."""

from dataclasses import dataclass

from django.urls import reverse

from partners.checklists.models import ChecklistVersion
from reviews.practice.content import practice_application
from reviews.practice.fitting import fit_of
from reviews.practice.models import PracticeAttempt
from vetting_portal.models import User
from vetting_portal.workflow import Blocker


@dataclass(frozen=True)
class Standing:
    """``has_finished``: submitted a practice review once; ``has_begun``: one is open; ``is_new``: has never submitted
    a review of a real application.
    """

    has_finished: bool
    has_begun: bool
    is_new: bool

    @property
    def is_urged(self) -> bool:
        """Whether a page asks a new reviewer to practise: only where there is something to practise on."""
        if not self.is_new or self.has_finished:
            return False
        return self.has_begun or not practice_blockers(ChecklistVersion.objects.current())


def practice_blockers(checklist: ChecklistVersion | None) -> list[Blocker]:
    """Say why nobody can start practising on this checklist."""
    if checklist is None:
        return [
            Blocker(
                "There is no published checklist yet.",
                hint="You can practise once your funder has published one.",
                url=reverse("partners:checklist"),
            )
        ]
    if not fit_of(checklist.rows(), practice_application()).scored:
        return [
            Blocker(
                "No practice application fits the checklist in force.",
                hint="None of its scored criteria comes from the checklist of the portal.",
                url=checklist.get_absolute_url(),
            )
        ]
    return []


def practice_standing(user: User, *, is_new: bool) -> Standing:
    """Return how ``user`` stands."""
    moments = list(PracticeAttempt.objects.visible_to(user).values_list("submitted_at", flat=True))
    return Standing(has_finished=any(moments), has_begun=None in moments, is_new=is_new)
