"""How an organisation stands against the lists: pass, pending or fail, with the reasons. Anything in doubt is no
pass.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from partners.organisations.models import Organisation
from reviews.screening.models import FRESH_FOR, SanctionsList, Screening, ScreeningHit
from reviews.screening.subjects import Subject, fingerprint_of, subjects_of
from vetting_portal.workflow import Blocker

PASS, PENDING, FAIL = "pass", "pending", "fail"


@dataclass(frozen=True)
class ScreeningStatus:
    """``state`` is pass, pending or fail; ``reasons`` say why it is no pass; ``summary`` is one line for a page.

    ``hits`` are the candidates of the names of now, decided or not; ``subjects`` those names, where they were read.
    """

    state: str
    reasons: tuple[Blocker, ...]
    summary: str
    screening: Screening | None = None
    hits: tuple[ScreeningHit, ...] = ()
    subjects: tuple[Subject, ...] | None = None

    @property
    def is_pass(self) -> bool:
        """Whether nothing stands against the organisation, by fresh lists, within 30 days."""
        return self.state == PASS

    @property
    def is_held(self) -> bool:
        """Whether a person decided that a listed one is meant: everything of this organisation stops."""
        return self.state == FAIL


def list_blockers(lists: list[SanctionsList] | None = None) -> list[Blocker]:
    """Say what keeps names from being screened: no list, or a stale one. ``lists``: the current ones, when read."""
    lists = list(SanctionsList.objects.current()) if lists is None else lists
    if not lists:
        return [
            Blocker(
                "No sanctions list is imported.",
                hint="An administrator imports one.",
                code="C6",
                url=f"{reverse('reviews:screening')}#lists",
            )
        ]
    return [
        Blocker(
            reason, hint="Import a newer one: a stale list clears nobody.", code="C6", url=reverse("reviews:screening")
        )
        for reason in (current.stale_reason() for current in lists)
        if reason
    ]


def _run_blockers(
    organisation: Organisation,
    screening: Screening | None,
    lists: list[SanctionsList],
    subjects: tuple[Subject, ...] | None,
) -> list[Blocker]:
    """Say what is wrong with the last run: none, too old, other names (where they were read), other lists."""
    url = reverse("reviews:organisation_screening", args=[organisation.pk])
    if screening is None:
        return [Blocker("The names are not screened yet.", code="C6", url=url)]
    blockers = []
    if screening.screened_at < timezone.now() - FRESH_FOR:
        day = timezone.localdate(screening.screened_at)
        blockers.append(
            Blocker(
                f"The names were screened on {day:%-d %B %Y}, more than {FRESH_FOR.days} days ago.", code="C6", url=url
            )
        )
    if subjects is not None and screening.subjects_fingerprint != fingerprint_of(subjects):
        blockers.append(Blocker("A name was added or changed after the screening.", code="C6", url=url))
    if not {current.sha256 for current in lists} <= screening.list_hashes:
        blockers.append(Blocker("A list was renewed after the screening.", code="C6", url=url))
    return blockers


def screening_status(organisation: Organisation) -> ScreeningStatus:
    """Return how ``organisation`` stands.

    fail: a candidate is confirmed. pass: screened within 30 days with the current lists, all of them fresh, every name
    of now, and no candidate open. Everything else is pending.
    """
    screening = Screening.objects.latest_of(organisation)
    lists = list(SanctionsList.objects.current())
    hits = list(ScreeningHit.objects.of_organisation(organisation).with_current_entry())
    confirmed = [hit for hit in hits if hit.state == ScreeningHit.State.CONFIRMED]
    if confirmed:
        reasons = tuple(
            Blocker(
                f"{hit.our_name} is a listed {'person' if hit.person_id else 'organisation'}.",
                code="C6",
                url=hit.get_absolute_url(),
                hint="Counsel decides what happens next.",
            )
            for hit in confirmed
        )
        return ScreeningStatus(FAIL, reasons, "a listed name is confirmed", screening, tuple(hits))
    if organisation.is_held if screening is None else screening.is_held:
        held = tuple(organisation.hold_blockers())
        return ScreeningStatus(FAIL, held, "everything of this organisation is held", screening, tuple(hits))
    still_open = [hit for hit in hits if hit.is_open]
    subjects = tuple(subjects_of(organisation)) if screening else None
    reasons = (
        *list_blockers(lists),
        *_run_blockers(organisation, screening, lists, subjects),
        *(
            Blocker(f"{hit.our_name}: one candidate to decide", code="C6", url=hit.get_absolute_url())
            for hit in still_open
        ),
    )
    count = screening.name_count if screening else 0
    if reasons:
        words = f"{len(still_open)} to decide" if still_open else str(reasons[0]).rstrip(".")
        return ScreeningStatus(
            PENDING,
            reasons,
            words if not count or not still_open else f"{count} names screened, {words}",
            screening,
            tuple(hits),
            subjects,
        )
    cleared = f", {len(hits)} decided" if hits else ""
    return ScreeningStatus(PASS, (), f"{count} names screened{cleared}", screening, tuple(hits), subjects)
