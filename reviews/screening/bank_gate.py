"""C14 from records: the bank's details approved by two people within 12 months, its name screened, nothing open."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from partners.checklists.evidence import add_months
from partners.organisations.models import Organisation
from reviews.screening.banks import Bank
from reviews.screening.models import Screening, ScreeningHit
from vetting_portal.workflow import Blocker

PASS, PENDING, FAIL = "pass", "pending", "fail"
BANK = "C14"
GOOD_FOR_MONTHS = 12


@dataclass(frozen=True)
class BankStanding:
    """``state`` is pass, pending or fail; ``reasons`` say why it is no pass; ``summary`` is one line."""

    state: str
    reasons: tuple[Blocker, ...]
    summary: str
    bank: Bank | None = None


def screening_reasons(bank: Bank) -> tuple[str, list[Blocker]]:
    """Return how the bank's name stands against the lists (pass, pending, fail), with the reasons."""
    hits = list(ScreeningHit.objects.filter(bank=bank).select_related("organisation", "bank").with_current_entry())
    if confirmed := [hit for hit in hits if hit.state == ScreeningHit.State.CONFIRMED]:
        return FAIL, [
            Blocker("The bank is a listed organisation.", code=BANK, url=hit.get_absolute_url()) for hit in confirmed
        ]
    waiting = [
        Blocker(f"{hit.our_name}: one candidate to decide", code=BANK, url=hit.get_absolute_url())
        for hit in hits
        if hit.is_open
    ]
    if not Screening.objects.filter(organisation_id=bank.organisation_id, screened_at__gte=bank.since_at).exists():
        url = reverse("reviews:organisation_screening", args=[bank.organisation_id])
        waiting.append(Blocker("The bank’s name is not screened yet.", code=BANK, url=url))
    return (PENDING if waiting else PASS), waiting


def bank_standing(organisation: Organisation, on: date | None = None) -> BankStanding:
    """Return how the bank details of ``organisation`` stand on a day, today unless told.

    fail: refused, or the bank is listed. pass: approved within 12 months, the name screened, nothing to decide.
    """
    return standing_of(Bank.objects.of(organisation), on)


def standing_of(bank: Bank | None, on: date | None = None) -> BankStanding:
    """Return how a bank stands, the one that an organisation names now or none, as ``bank_standing`` does."""
    if bank is None:
        return BankStanding(PENDING, (Blocker("No bank details are entered yet.", code=BANK),), "not entered yet")
    if bank.refused_at is not None:
        return BankStanding(FAIL, (Blocker("The bank details were refused.", code=BANK),), "refused", bank)
    state, reasons = screening_reasons(bank)
    if bank.approved_at is None:
        hint = "A call to a number that we held before, then a second person."
        reasons = [Blocker("The bank details are not checked yet.", hint=hint, code=BANK), *reasons]
    else:
        until = add_months(timezone.localdate(bank.approved_at), GOOD_FOR_MONTHS)
        if until < (on or timezone.localdate()):
            reasons = [Blocker(f"The check of the bank details ended on {until:%-d %B %Y}.", code=BANK), *reasons]
    if state == FAIL:
        return BankStanding(FAIL, tuple(reasons), "the bank is listed", bank)
    if reasons:
        return BankStanding(PENDING, tuple(reasons), str(reasons[0]).rstrip(".").lower(), bank)
    day = timezone.localdate(bank.approved_at)
    return BankStanding(PASS, (), f"approved on {day:%-d %B %Y}", bank)
