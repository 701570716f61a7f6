"""What must be true of bank details at any moment."""

from collections.abc import Callable, Iterator

from django.db.models import F, Q

from grants.banking.models import BankDetails


def calls_went_to_numbers_from_before() -> Iterator[str]:
    """The number that was called belongs to the organisation and was recorded before the details came."""
    called = BankDetails.objects.filter(called_at__isnull=False)
    wrong = ~Q(held_number__organisation=F("organisation")) | ~Q(held_number__recorded_at=F("held_since_at"))
    for details in called.filter(wrong):
        yield f"bank details {details.pk}: the number called is not the one that was held"


def vetting_knows_what_was_decided() -> Iterator[str]:
    """The bank that vetting reads stands as the details do."""
    for details in BankDetails.objects.select_related("bank"):
        bank = details.bank
        said = (bank.approved_at is not None, bank.refused_at is not None, bank.until_at is not None)
        refused = details.refused_at is not None
        is_so = (details.approved_at is not None and not refused, refused, details.superseded_at is not None)
        if said != is_so:
            yield f"bank details {details.pk}: vetting does not know what was decided"


INVARIANTS: list[Callable[[], Iterator[str]]] = [calls_went_to_numbers_from_before, vetting_knows_what_was_decided]
