"""Where the partner is paid: entered by it, called back by finance, approved by a second person."""

from typing import Any

from grants.banking.models import HeldNumber
from grants.example.people import FINANCE, OFFICER, OWNER
from grants.example.steps.signing_in import sign_in
from grants.example.walk import Walk
from partners.submissions.models import Submission
from vetting_portal.tasks import drain

NUMBER: dict[str, Any] = {
    "number": "+66 2 000 0000",
    "whose": "Anong Prasert, chair",
    "source": "The registry’s page (example)",
}
ACCOUNT: dict[str, Any] = {
    "holder": "LIFT International",
    "bank_name": "Example Bank",
    "country": "TH",
    "account": "012-3-40000-0",
    "bic": "EXAMTHBK",
}


def check_the_bank(walk: Walk) -> None:
    """The partner enters its bank details; finance calls a number held before, a second person approves"""
    officer, partner, finance = sign_in(walk, OFFICER), walk.visitor(OWNER.email), sign_in(walk, FINANCE)
    organisation = Submission.objects.values_list("organisation", flat=True).get(number=walk.submission)
    page = f"/organisations/{organisation}/bank/"
    officer.open(f"{page}number/")
    officer.send(to=f"{page}number/", **NUMBER)
    partner.open("/home/")
    partner.open(f"{page}enter/")
    partner.send(to=f"{page}enter/", **ACCOUNT)
    drain()
    held = HeldNumber.objects.values_list("pk", flat=True).get(organisation=organisation)
    finance.open("/finance/bank/")
    finance.open(page)
    call = finance.link(r"/bank/\d+/call/")
    finance.open(call)
    finance.send(to=call, held_number=str(held), whom=NUMBER["whose"], agrees="on")
    officer.open(page)
    officer.send(to=call.replace("/call/", "/approve/"))


STEPS = [check_the_bank]
