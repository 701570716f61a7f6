"""The forms of agreements."""

from grants.agreements.forms.asking import AbsenceForm as AbsenceForm
from grants.agreements.forms.asking import PolicyForm as PolicyForm
from grants.agreements.forms.grant import GrantForm as GrantForm
from grants.agreements.forms.grant import initial_of_grant as initial_of_grant
from grants.agreements.forms.grant import initial_of_submission as initial_of_submission
from grants.agreements.forms.signing import CountersignForm as CountersignForm
from grants.agreements.forms.signing import DeclarationForm as DeclarationForm
from grants.agreements.forms.signing import MethodForm as MethodForm
from grants.agreements.forms.signing import ReasonForm as ReasonForm
from grants.agreements.forms.signing import SignForm as SignForm
from grants.agreements.forms.signing import VerifyForm as VerifyForm
