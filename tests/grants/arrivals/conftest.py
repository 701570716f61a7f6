"""A grant whose first payment was paid."""

from tests.factories import payments
from tests.grants.conftest import in_force
from tests.support.worlds import world

payable = world(payments.payable, on=in_force, read=payments.fresh)
paid = world(payments.paid, on=payable, read=lambda tranche: type(tranche).objects.for_list().get(pk=tranche.pk))
