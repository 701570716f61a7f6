"""Every model of grants, gathered from its rooms."""

from grants.agreements.models import Agreement as Agreement
from grants.agreements.models import Grant as Grant
from grants.agreements.models import GrantSeries as GrantSeries
from grants.agreements.models import Signature as Signature
from grants.agreements.models import SigningChallenge as SigningChallenge
from grants.agreements.models import SpentCode as SpentCode
from grants.agreements.models import Terms as Terms
from grants.funds.models import Account as Account
from grants.funds.models import LedgerLine as LedgerLine
from grants.funds.models import LedgerTransaction as LedgerTransaction
from grants.funds.models import MatchFund as MatchFund
