"""Where the partner is paid: entered by it, called back by finance, approved by a second person."""

from typing import Any

from grants.banking.models import BankDetails, HeldNumber
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


def _page(walk: Walk) -> str:
    organisation = Submission.objects.values_list("organisation", flat=True).get(number=walk.submission)
    return f"/organisations/{organisation}/bank/"


def enter_the_details(walk: Walk) -> None:
    """The programme officer records a number held before, and the partner enters where it is paid"""
    officer, partner, page = sign_in(walk, OFFICER), walk.visitor(OWNER.email), _page(walk)
    officer.open(f"{page}number/")
    officer.send(to=f"{page}number/", **NUMBER)
    partner.open("/home/")
    partner.open(f"{page}enter/")
    partner.send(to=f"{page}enter/", **ACCOUNT)
    drain()


def call_the_number(walk: Walk) -> None:
    """Finance calls the number held before, and the partner reads its details out"""
    finance, page = sign_in(walk, FINANCE), _page(walk)
    held = HeldNumber.objects.values_list("pk", flat=True).get(organisation__submissions__number=walk.submission)
    finance.open("/finance/bank/")
    finance.open(page)
    call = finance.link(r"/bank/\d+/call/")
    finance.open(call)
    finance.send(to=call, held_number=str(held), whom=NUMBER["whose"], agrees="on")


def approve_the_details(walk: Walk) -> None:
    """A second person approves the details"""
    officer, called = sign_in(walk, OFFICER), BankDetails.objects.latest("pk")
    officer.open(_page(walk))
    officer.send(to=f"/bank/{called.pk}/approve/")


def check_the_bank(walk: Walk) -> None:
    """The partner enters its bank details; finance calls a number held before, a second person approves"""
    enter_the_details(walk)
    call_the_number(walk)
    approve_the_details(walk)


STEPS = [check_the_bank]
