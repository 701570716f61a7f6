"""The records of agreements: grants, frozen terms and briefs, agreements, signatures and their challenges."""

from grants.agreements.models.agreement import Agreement as Agreement
from grants.agreements.models.asking import Absence as Absence
from grants.agreements.models.asking import SigningReminder as SigningReminder
from grants.agreements.models.brief import Brief as Brief
from grants.agreements.models.grant import Grant as Grant
from grants.agreements.models.grant import GrantSeries as GrantSeries
from grants.agreements.models.sealing import Setback as Setback
from grants.agreements.models.sealing import Timestamp as Timestamp
from grants.agreements.models.shares import FundShare as FundShare
from grants.agreements.models.signing import Signature as Signature
from grants.agreements.models.signing import SigningChallenge as SigningChallenge
from grants.agreements.models.signing import SpentCode as SpentCode
from grants.agreements.models.terms import Terms as Terms
