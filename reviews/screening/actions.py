"""The transactions of screening: a list imported whole, an organisation's names screened, a decision on each
candidate.
"""

from collections.abc import Iterable
from datetime import date
from itertools import batched

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from partners.organisations.actions import place_hold, tell_partner
from partners.organisations.models import Hold, Membership, Organisation
from partners.programmes.questions import count_words
from reviews.screening.banks import Bank
from reviews.screening.models import (
    DECISION_WORDS,
    ListEntry,
    ListName,
    Rescreening,
    SanctionsList,
    Screening,
    ScreeningHit,
)
from reviews.screening.naming import others_naming
from reviews.screening.parsing import BrokenListError, CheckedList, ListedEntry
from reviews.screening.rescreening import begin_rescreening
from reviews.screening.runs import write_screenings
from reviews.screening.search import current_index
from reviews.screening.status import list_blockers
from vetting_portal.canonical import sha256_of
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, lock, perform, record

BATCH = 1000


# ------------------------------------------------------------------------------------------------ lists


@action
def import_list(*, checked: CheckedList, published_on: date | None = None, by: User) -> tuple[SanctionsList, bool]:
    """Make a list that ``check_list`` has read the current one of its source; returns it, and whether that is new.

    Raises BrokenListError when the file changed meanwhile (then the old list stays), ValidationError for a date in the
    future, PermissionDenied. The same file with the same date again changes nothing. The known names are screened
    again in the background.
    """
    if not by.has_perm("reviews.import_list"):
        raise PermissionDenied
    source, sha256 = checked.source, checked.sha256
    published_on = published_on or checked.published_on
    if published_on and lies_ahead(published_on):
        raise ValidationError("The publication date lies in the future.")
    before = lock(SanctionsList.objects.filter(source=source, is_current=True))
    if before and (before[0].sha256, before[0].published_on) == (sha256, published_on):
        return before[0], False
    made = SanctionsList(
        source=source, published_on=published_on, sha256=sha256, imported_at=timezone.now(), imported_by=by
    )
    made.full_clean(validate_constraints=False)
    made.save()
    _store(made, checked.opened.entries())
    if checked.opened.sha256() != sha256:
        raise BrokenListError("The file changed while it was read.")
    for old in before:
        old.is_current = False
        old.save(update_fields=["is_current"])
    made.is_current = True
    made.save(update_fields=["entry_count", "name_count", "is_current"])
    record(
        "imported",
        made,
        by=by,
        facts={
            **made.as_record(),
            "entries": made.entry_count,
            "names": made.name_count,
            "replaces": [old.pk for old in before],
        },
    )
    if not list_blockers():
        begin_rescreening(cause=Rescreening.Cause.IMPORT, by=by)
    return made, True


def _store(made: SanctionsList, entries: Iterable[ListedEntry]) -> None:
    """Write the entries and names, a thousand at a time, and count them."""
    for batch in batched(entries, BATCH):
        rows = ListEntry.objects.bulk_create([_entry_row(made, entry) for entry in batch])
        names = [
            ListName(entry=row, text=name.text, is_weak=name.is_weak)
            for row, entry in zip(rows, batch, strict=True)
            for name in entry.names
        ]
        ListName.objects.bulk_create(names)
        made.entry_count += len(rows)
        made.name_count += len(names)


def _entry_row(made: SanctionsList, entry: ListedEntry) -> ListEntry:
    described = {
        "kind": entry.kind,
        "names": sorted(name.text for name in entry.names),
        "born": entry.born,
        "country": entry.country,
        "gender": entry.gender,
    }
    return ListEntry(
        sanctions_list=made,
        number=entry.number,
        kind=entry.kind,
        name=entry.names[0].text,
        born=entry.born,
        country=entry.country,
        gender=entry.gender,
        programme=entry.programme,
        listed_on=entry.listed_on,
        remarks=entry.remarks,
        fingerprint=sha256_of(described),
    )


# --------------------------------------------------------------------------------------------- screening


@action
def screen_organisation(*, organisation: Organisation, by: User) -> Screening:
    """Screen every name of ``organisation`` against the current lists; each new candidate waits for a decision.

    A decision stands until either record changes; then its candidate is opened again. Raises PermissionDenied; Refused
    when there is no list or a stale one.
    """
    if not by.has_perm("reviews.screen_organisation", organisation):
        raise PermissionDenied
    if blockers := list_blockers():
        raise Refused(blockers, title="Names cannot be screened now", subject=organisation)
    (screening,) = write_screenings([lock(organisation)], by=by)
    return screening


# --------------------------------------------------------------------------------------------- decisions


@action
def clear_hit(*, hit: ScreeningHit, reason: str, seen: str, by: User) -> ScreeningHit:
    """Decide that our record and the listed one are not the same. Raises as ``_decide`` does."""
    return _decide(hit=hit, decision="clear", reason=reason, seen=seen, by=by)


@action
def confirm_hit(*, hit: ScreeningHit, reason: str, seen: str, by: User) -> ScreeningHit:
    """Decide that they are the same: everything of the organisation is held, and the directors are told now.

    A confirmed person holds each organisation that names the same person.
    """
    others = others_naming(hit).values_list("pk", flat=True)
    concerned = lock(Organisation.objects.filter(pk__in=[hit.organisation_id, *others]))
    hit = _decide(hit=hit, decision="confirm", reason=reason, seen=seen, by=by)
    for organisation in concerned:
        place_hold(organisation=organisation, kind=Hold.Kind.LISTED, cause_id=hit.pk, note=reason.strip(), by=by)
    for director in User.objects.with_role(Role.DIRECTOR):
        notify(
            director,
            subject="A listed name is confirmed",
            template="reviews/mail/hit_confirmed.txt",
            context={"hit": hit, "path": hit.get_absolute_url()},
        )
    return hit


@action
def ask_for_identity(*, hit: ScreeningHit, reason: str, seen: str, by: User) -> ScreeningHit:
    """Ask the partner for a neutral identity paper, without saying why; the candidate stays open.

    Raises PermissionDenied, Refused when it is decided, ValidationError for a short reason or a stale page.
    """
    hit = _locked(hit, by)
    _check(hit, reason, seen)
    if hit.state != ScreeningHit.State.OPEN:
        raise Refused(["This candidate is decided."], subject=hit)
    hit.asked_at, hit.asked_by = timezone.now(), by
    hit.save(update_fields=["asked_at", "asked_by"])
    record("asked_for_identity", hit, by=by, note=reason)
    for membership in (
        Membership.objects.current().filter(organisation=hit.organisation, role="owner").select_related("user")
    ):
        tell_partner(
            organisation=hit.organisation,
            to=membership.user,
            subject="Please send us an identity paper",
            template="reviews/mail/identity_paper.txt",
            context={"organisation": hit.organisation, "person": hit.person},
            by=by,
        )
    return hit


def _locked(hit: ScreeningHit, by: User) -> ScreeningHit:
    """Return the candidate locked, after its organisation. Raises PermissionDenied."""
    if not by.has_perm("reviews.decide_hit", hit):
        raise PermissionDenied
    lock(hit.organisation)
    locked: ScreeningHit = lock(hit)
    return locked


def _check(hit: ScreeningHit, reason: str, seen: str) -> None:
    """Raise ValidationError for a reason that says too little, or a page that shows other records than there are
    now.
    """
    words = count_words(reason)
    if words < DECISION_WORDS:
        raise ValidationError(
            {"reason": f"Name what you compared, in at least {DECISION_WORDS} words. You have {words}."}
        )
    if seen != seen_token(hit):
        raise ValidationError("One of the two records has changed since you opened this page. Compare them again.")


def seen_token(hit: ScreeningHit) -> str:
    """Return a mark of both records as they are now: a decision is about what was seen."""
    return sha256_of([hit.subject.fingerprint, hit.entry_fingerprint_now, hit.state])


def _decide(*, hit: ScreeningHit, decision: str, reason: str, seen: str, by: User) -> ScreeningHit:
    """Decide an open candidate; one whose records have changed is opened again first.

    Raises PermissionDenied, Refused when it is decided and nothing has changed, ValidationError for a short reason or a
    stale page.
    """
    hit = _locked(hit, by)
    if hit.state != ScreeningHit.State.OPEN and hit.reopen_blockers():
        decided = (
            f"{hit.decided_by} decided on {timezone.localdate(hit.decided_at):%-d %B %Y}." if hit.decided_at else ""
        )
        raise Refused([f"This candidate is decided: {hit.get_state_display().lower()}. {decided}".strip()], subject=hit)
    _check(hit, reason, seen)
    if hit.state != ScreeningHit.State.OPEN:
        hit = perform(hit.reopen, by=by)
    prints = {"subject_fingerprint": hit.subject.fingerprint, "entry_fingerprint": hit.entry_fingerprint_now}
    move = {"clear": hit.clear, "confirm": hit.confirm}[decision]
    decided_hit: ScreeningHit = perform(move, by=by, note=reason, facts=prints, reason=reason, **prints)
    return decided_hit


# ------------------------------------------------------------------------------------------------ banks


@action
def name_bank(*, organisation: Organisation, name: str, country: str, by: User) -> Bank:
    """Follow bank details that were entered above: the bank before ends, the new one is screened in the background."""
    now = timezone.now()
    for before in lock(Bank.objects.current().filter(organisation=organisation)):
        before.until_at = now
        before.save(update_fields=["until_at"])
    bank = Bank(organisation=organisation, name=name, country=country, since_at=now)
    bank.full_clean(validate_constraints=False)
    bank.save()
    record("bank_named", organisation, by=by, facts={"bank": bank.pk})
    screen_bank_task.enqueue(organisation.pk)
    return bank


@action
def decide_bank(*, bank: Bank, approved: bool, by: User) -> Bank:
    """Follow the decision on the details that was made above: approved by a second person, or refused."""
    fresh: Bank = lock(bank)
    if approved:
        fresh.approved_at = timezone.now()
    else:
        fresh.approved_at, fresh.refused_at = None, timezone.now()
    fresh.save(update_fields=["approved_at", "refused_at"])
    record("bank_approved" if approved else "bank_refused", fresh.organisation, by=by, facts={"bank": fresh.pk})
    return fresh


@background()
def screen_bank_task(organisation_id: int) -> None:
    """Screen the names of an organisation that named a bank. Without a fresh list it stays pending, and says so."""
    current_index()
    organisation = Organisation.objects.get(pk=organisation_id)
    try:
        screen_organisation(organisation=organisation, by=User.objects.system("background"))
    except Refused:
        return
