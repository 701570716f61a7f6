"""Bank details in each step, reached by the real actions."""

from typing import Any

from grants.banking import actions
from grants.banking.models import BankDetails, HeldNumber
from partners.models import Organisation, Submission
from tests.factories.grants import finance
from tests.factories.partners import DocumentFactory
from tests.factories.reviews import officer, screened, sent_submission
from vetting_portal.models import User

ACCOUNT = "012-3-45678-9"


def given(organisation: Organisation, **changes: Any) -> dict[str, str]:
    """Return what an owner types for an account in Thailand."""
    fields = {
        "holder": organisation.legal_name,
        "holder_reason": "",
        "bank_name": "Example Bank of Chiang Mai",
        "country": "TH",
        "account": ACCOUNT,
        "bic": "EXAMTHBK",
    }
    return {**fields, **changes}


def number_held(organisation: Organisation, *, by: User | None = None, number: str = "+66 53 123 456") -> HeldNumber:
    """Return a number that an officer found in the registry."""
    return actions.record_number(
        organisation=organisation, number=number, whose="The director", source="The registry's page", by=by or officer()
    )


def entered(
    submission: Submission | None = None, *, held: bool = True, letter: bool = True, **changes: Any
) -> BankDetails:
    """Return details that the owner entered, screened, after a number was recorded."""
    organisation = (submission or sent_submission()).organisation
    if held:
        number_held(organisation)
    if letter:
        DocumentFactory(paper__organisation=organisation, paper__kind="bank_letter", accepted=True)
    owner = organisation.owners().first().user
    details = actions.enter_details(organisation=organisation, by=owner, **given(organisation, **changes))
    screened(organisation)
    return details


def called(details: BankDetails | None = None, *, by: User | None = None) -> BankDetails:
    """Return details that somebody of finance confirmed by a call."""
    details = details or entered()
    held = details.numbers_from_before().first()
    return actions.record_call(details=details, held_number=held, whom="The director", note="", by=by or finance())


def approved(details: BankDetails | None = None, *, by: User | None = None) -> BankDetails:
    """Return details that a second person approved."""
    return actions.approve_details(details=called(details), by=by or officer())
