"""A payment: its conditions are asked afresh, one person releases it, the bank pays it, another records it."""

from django.utils import timezone

from grants.example.people import FINANCE, OFFICER, OWNER
from grants.example.steps.signing_in import sign_in
from grants.example.walk import Walk
from grants.payments.models import Tranche
from vetting_portal.tasks import drain

REFERENCE = "EXB-2026-0001"


def _page(walk: Walk) -> str:
    return f"/payments/{Tranche.objects.values_list('pk', flat=True).get(grant__number=walk.grant, number=1)}/"


def release_the_first_part(walk: Walk) -> None:
    """Finance releases the first payment and makes the bank's file"""
    finance, page = sign_in(walk, FINANCE), _page(walk)
    finance.open(f"/grants/{walk.grant}/payments/")
    finance.open(f"{page}release/")
    finance.send(to=f"{page}release/")
    finance.open("/finance/payments/")
    finance.send(to="/finance/payments/file/")
    finance.send(to=f"{finance.path}download/")


def record_the_first_part(walk: Walk) -> None:
    """The programme officer records what the bank paid"""
    officer, page = sign_in(walk, OFFICER), _page(walk)
    officer.open(f"{page}paid/")
    officer.send(to=f"{page}paid/", paid_on=timezone.localdate().isoformat(), bank_reference=REFERENCE)
    drain()
    walk.visitor(OWNER.email).open("/partner/payments/")


def pay_the_first_part(walk: Walk) -> None:
    """Finance releases the first payment and makes the bank's file; the programme officer records what was paid"""
    release_the_first_part(walk)
    record_the_first_part(walk)


STEPS = [pay_the_first_part]
