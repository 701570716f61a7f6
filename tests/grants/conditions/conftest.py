"""The stages that the tests of this room stand on."""

from tests.factories import payments
from tests.grants.conftest import in_force
from tests.support.worlds import world

payable = world(payments.payable, on=in_force, read=payments.fresh)
