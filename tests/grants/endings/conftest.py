"""The stages that the tests of this room stand on: an open campaign with one gift of 1,000.00 and its match, and one
with a payment made.
"""

from grants.campaigns.models import Campaign
from tests.factories import payments
from tests.grants.conftest import in_force
from tests.support.worlds import world


def _paid(campaign: Campaign) -> Campaign:
    payments.paid(campaign)
    return campaign


payable = world(payments.payable, on=in_force, read=payments.fresh)
paid = world(_paid, on=payable, read=payments.fresh)
