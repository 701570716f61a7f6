"""What must be true of payments at any moment: amounts, the ledger, two people, files that can be made again."""

from collections.abc import Callable, Iterator

from django.db.models import F, Q, Sum

from grants.campaigns.models import Campaign
from grants.funds.models import Account
from grants.payments.files import PaymentLine
from grants.payments.models import Tranche


def what_is_paid_is_on_the_ledger() -> Iterator[str]:
    """What the ledger says was paid on a grant is the sum of its paid tranches."""
    sums = Account.objects.filter(kind=Account.Kind.PAID).values("reference").annotate(paid=Sum("balance_minor"))
    on_ledger = {row["reference"]: row["paid"] for row in sums.order_by()}
    rows = Tranche.objects.filter(state=Tranche.State.PAID).values("grant__number").annotate(paid=Sum("amount_minor"))
    paid = {row["grant__number"]: row["paid"] for row in rows.order_by()}
    for number in sorted({*on_ledger, *paid}):
        if on_ledger.get(number, 0) != paid.get(number, 0):
            yield f"grant {number}: the ledger paid {on_ledger.get(number, 0)}, its payments say {paid.get(number, 0)}"


def payments_keep_to_two_people() -> Iterator[str]:
    """Who released is not who approved the details, nor who recorded the payment; the details are the partner's own."""
    released = Tranche.objects.filter(released_at__isnull=False)
    wrong = Q(released_by=F("details__approved_by")) | Q(paid_by=F("released_by"))
    wrong |= ~Q(details__organisation=F("grant__submission__organisation"))
    for tranche in released.filter(wrong).select_related("grant"):
        yield f"payment {tranche.reference}: not two people, or not the partner's account"


def paid_out_says_so() -> Iterator[str]:
    """A campaign is paid out when its grant has payments and none of them is still to come."""
    for campaign in Campaign.objects.select_related("grant").order_by("pk").iterator(chunk_size=200):
        tranches = campaign.grant.tranches
        is_over = tranches.exists() and not tranches.open().exists()
        if is_over != (campaign.paid_out_at is not None):
            yield f"campaign {campaign.slug}: whether it is paid out is not what its payments say"


def lines_are_of_their_release() -> Iterator[str]:
    """A line of a payment file is what its payment was released with, unless that was released again since."""
    same = PaymentLine.objects.filter(released_at=F("tranche__released_at"))
    for line in same.exclude(amount_minor=F("tranche__amount_minor"), details=F("tranche__details")):
        yield f"payment file {line.file_id}: {line.reference} is not what was released"


INVARIANTS: list[Callable[[], Iterator[str]]] = [
    what_is_paid_is_on_the_ledger,
    payments_keep_to_two_people,
    paid_out_says_so,
    lines_are_of_their_release,
]
