"""The transactions of bank details: entering, calling back, approving by a second person, refusing, reading."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from grants.banking.checking import (
    checked_account,
    checked_bic,
    checked_iban,
    checked_phone,
    holds_in_its_name,
    uses_iban,
)
from grants.banking.locking import lock_up, mark_of
from grants.banking.models import BankDetails, HeldNumber
from partners.organisations.actions import tell_owners
from partners.organisations.models import Organisation
from partners.places.countries import is_country
from partners.vault.models import Document
from reviews.screening.actions import decide_bank, name_bank
from vetting_portal.mail import notify
from vetting_portal.models import Role, User
from vetting_portal.workflow import Refused, action, lock, record

LETTER = "bank_letter"
MASKED = 4


def _ask(by: User, permission: str, organisation: Organisation) -> None:
    if not by.has_perm(permission, organisation):
        raise PermissionDenied(permission)


def _locked(details: BankDetails) -> BankDetails:
    """Return the details locked, after their organisation."""
    lock(details.organisation)
    lock(details)
    return BankDetails.objects.for_page().get(pk=details.pk)


@action
def record_number(*, organisation: Organisation, number: str, whose: str, source: str, by: User) -> HeldNumber:
    """Record a telephone number that the funder found by itself; it counts for details that come later.

    Raises PermissionDenied, ValidationError for a number without country code, or without its source.
    """
    _ask(by, "grants.check_bank", organisation)
    fresh = lock(organisation)
    try:
        phone = checked_phone(number)
    except ValidationError as error:
        raise ValidationError({"number": error.messages}) from error
    held = HeldNumber(
        organisation=fresh,
        number=phone,
        whose=whose.strip(),
        source=source.strip(),
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    held.full_clean()
    held.save()
    record("number_recorded", fresh, by=by, facts={"held_number": held.pk})
    return held


def _checked(organisation: Organisation, given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an account that can be. Raises ValidationError by field, in plain words."""
    problems: dict[str, Any] = {}
    country = given["country"]
    if not is_country(country):
        raise ValidationError({"country": "Choose a country from the list."})
    form = BankDetails.Form.IBAN if uses_iban(country) else BankDetails.Form.ACCOUNT
    checked = {"form": form, "account": "", "bic": ""}
    try:
        check = checked_iban if form == BankDetails.Form.IBAN else checked_account
        checked["account"] = check(given["account"], country)
    except ValidationError as error:
        problems["account"] = error.messages
    if given["bic"] or form == BankDetails.Form.ACCOUNT:
        try:
            checked["bic"] = checked_bic(given["bic"], country)
        except ValidationError as error:
            problems["bic"] = error.messages
    if not holds_in_its_name(organisation, given["holder"]) and not given["holder_reason"].strip():
        name = organisation.legal_name
        problems["holder_reason"] = [f"The account is not in the legal name, {name}. Say why, or correct the holder."]
    if problems:
        raise ValidationError(problems)
    return checked


def _letter_of(organisation: Organisation) -> Document | None:
    """Return the newest letter of the bank in the vault that is not refused."""
    rows = Document.objects.filter(
        paper__organisation=organisation,
        paper__kind=LETTER,
        state__in=[Document.State.ACCEPTED, Document.State.QUARANTINED],
    )
    return rows.order_by("-uploaded_at", "-pk").first()


@action
def enter_details(*, organisation: Organisation, by: User, **given: str) -> BankDetails:
    """Enter where the partner is paid: a new version. Payments are held until it was called back and approved.

    ``given``: holder, holder_reason, bank_name, country, account, bic. Every owner is told, and who checks. Raises
    PermissionDenied, ValidationError by field.
    """
    fresh = lock(organisation)
    _ask(by, "grants.enter_bank", fresh)
    checked = _checked(fresh, given)
    now, number = timezone.now(), BankDetails.objects.filter(organisation=fresh).count() + 1
    for before in lock(BankDetails.objects.current().filter(organisation=fresh)):
        before.superseded_at, before.superseded_by = now, by
        before.save(update_fields=["superseded_at", "superseded_by"])
    account = checked.pop("account")
    details = BankDetails(
        organisation=fresh,
        number=number,
        holder=given["holder"].strip(),
        holder_reason=given["holder_reason"].strip(),
        bank_name=given["bank_name"].strip(),
        country=given["country"],
        account_mark=mark_of(account),
        last4=account[-MASKED:],
        letter=_letter_of(fresh),
        entered_at=now,
        entered_by=by,
        **checked,
    )
    details.account_locked = lock_up(account, details.about)
    details.clean_fields(exclude=["bank"])
    details.bank = name_bank(organisation=fresh, name=details.bank_name, country=details.country, by=by)
    details.save()
    record("bank_entered", fresh, by=by, facts={"details": details.pk, "version": number, "last4": details.last4})
    _tell(details, by)
    return details


def _tell(details: BankDetails, by: User) -> None:
    """Write to every owner, so that a change nobody of them made is noticed; and to who checks it."""
    context = {"details": details, "path": details.get_absolute_url()}
    subject = f"The bank account of {details.organisation.legal_name} was {'changed' if details.number > 1 else 'set'}"
    tell_owners(
        organisation=details.organisation,
        subject=subject,
        template="grants/banking/mail/changed.txt",
        context=context,
        by=by,
    )
    for officer in User.objects.with_role(Role.FINANCE_OFFICER):
        subject = f"Bank details to check: {details.organisation.legal_name}"
        notify(officer, subject=subject, template="grants/banking/mail/to_check.txt", context=context)


@action
def attach_letter(*, details: BankDetails, by: User) -> BankDetails:
    """Take the newest letter of the bank in the vault as the one that belongs to these details.

    Raises PermissionDenied; Refused where they are decided, or there is no letter.
    """
    _ask(by, "grants.check_bank", details.organisation)
    fresh = _locked(details)
    if blockers := fresh.open_blockers():
        raise Refused(blockers, subject=fresh)
    letter = _letter_of(fresh.organisation)
    if letter is None:
        raise Refused(["There is no letter of the bank in the partner’s vault yet."], subject=fresh)
    fresh.letter = letter
    fresh.save(update_fields=["letter"])
    record("bank_letter_attached", fresh, by=by, facts={"document": letter.pk})
    return fresh


@action
def record_call(*, details: BankDetails, held_number: HeldNumber, whom: str, note: str, by: User) -> BankDetails:
    """Record that the details were confirmed by a call to a number held before they came.

    Raises PermissionDenied; Refused where they are decided or called, or no number is from before; ValidationError for
    a number that came later or belongs to another partner, or without the name of whom was spoken to.
    """
    _ask(by, "grants.check_bank", details.organisation)
    fresh = _locked(details)
    if blockers := fresh.call_blockers(by):
        raise Refused(blockers, subject=fresh)
    if not fresh.numbers_from_before().filter(pk=held_number.pk).exists():
        raise ValidationError({"held_number": "Call a number that was recorded before the details came."})
    if not whom.strip():
        raise ValidationError({"whom": "Say with whom you spoke."})
    fresh.called_at, fresh.called_by = timezone.now(), by
    fresh.held_number, fresh.held_since_at, fresh.called_whom = held_number, held_number.recorded_at, whom.strip()
    fresh.save()
    record("bank_called", fresh, by=by, note=note.strip(), facts={"held_number": held_number.pk})
    return fresh


@action
def approve_details(*, details: BankDetails, by: User) -> BankDetails:
    """Approve the details, as the second person: from now on they may be paid to, for twelve months.

    Raises PermissionDenied; Refused with what is missing.
    """
    _ask(by, "grants.check_bank", details.organisation)
    fresh = _locked(details)
    if blockers := fresh.approve_blockers(by):
        raise Refused(blockers, title="The bank details cannot be approved yet", subject=fresh)
    fresh.approved_at, fresh.approved_by = timezone.now(), by
    fresh.save(update_fields=["approved_at", "approved_by"])
    decide_bank(bank=fresh.bank, approved=True, by=by)
    record("bank_details_approved", fresh, by=by, facts={"version": fresh.number})
    return fresh


@action
def refuse_details(*, details: BankDetails, reason: str, by: User) -> BankDetails:
    """Refuse the details, also ones that were approved: nothing is paid to them. The owners are told why.

    Raises PermissionDenied, ValidationError without a reason; Refused where they are refused or replaced.
    """
    _ask(by, "grants.check_bank", details.organisation)
    fresh = _locked(details)
    if fresh.step in {"refused", "superseded"}:
        raise Refused(fresh.open_blockers(), subject=fresh)
    if not reason.strip():
        raise ValidationError({"reason": "Say why, so that the partner can answer."})
    fresh.refused_at, fresh.refused_by, fresh.refused_reason = timezone.now(), by, reason.strip()
    fresh.save(update_fields=["refused_at", "refused_by", "refused_reason"])
    decide_bank(bank=fresh.bank, approved=False, by=by)
    record("bank_details_refused", fresh, by=by, note=reason.strip())
    tell_owners(
        organisation=fresh.organisation,
        subject="A question about your bank details",
        template="grants/banking/mail/refused.txt",
        context={"details": fresh, "path": fresh.get_absolute_url()},
        by=by,
    )
    return fresh


@action
def read_account(*, details: BankDetails, by: User) -> str:
    """Return the whole account number, and record who read it. Raises PermissionDenied for everybody but finance."""
    _ask(by, "grants.read_account", details.organisation)
    record("account_read", details, by=by)
    return details.account()
