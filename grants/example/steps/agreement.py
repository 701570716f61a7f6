"""The agreement: drafted, frozen, signed by two directors, countersigned, sealed."""

import re
from typing import Any

from django.utils import timezone

from grants.example.people import DIRECTORS, OFFICER, OWNER, ExamplePerson
from grants.example.steps.signing_in import mailed_code, sign_in
from grants.example.visitor import PageError, Visitor
from grants.example.walk import Walk
from vetting_portal.tasks import drain

BUDGET = (
    ("Four social workers, 40% of their time", "15,600.00"),
    ("Survivor fund: school, rent, travel home", "8,000.00"),
    ("Travel of workers, visits", "2,400.00"),
    ("First-night bags, 80", "2,000.00"),
    ("Training of 30 shelter staff", "2,000.00"),
)
INDICATORS = (
    ("People with a named worker after one week", "76 of 80"),
    ("In school or paid work after six months", "52 of 80"),
    ("Back in unsafe work within half a year", "at most 6"),
    ("Shelter staff who pass the test after training", "27 of 30"),
)

GAP = "less than the goal"


def draft_the_grant(walk: Walk) -> None:
    """The programme officer drafts the grant: goal, cap, ratio, window, schedules"""
    officer = sign_in(walk, OFFICER)
    address = f"/grants/draft/{walk.submission}/"
    officer.open(address)
    rows: dict[str, Any] = {"tranches-0-due_on": timezone.localdate().isoformat()}
    for number, (line, amount) in enumerate(BUDGET):
        rows |= {f"budget-{number}-line": line, f"budget-{number}-amount": amount}
    for number, (text, target) in enumerate(INDICATORS):
        rows |= {f"indicators-{number}-text": text, f"indicators-{number}-target": target}
    officer.send(
        to=address,
        goal="30,000.00",
        cap="15,000.00",
        helps_individuals="on",
        signatory_authority="board resolution, example",
        director_authority="board resolution, example",
        bank_name="Example Bank",
        bank_last4="0000",
        **rows,
    )
    found = re.search(r"/grants/([0-9]{4}-[0-9]{3,})/", officer.path)
    walk.grant = found.group(1) if found else ""


def see_what_it_would_pay(walk: Walk) -> None:
    """The programme officer asks what the terms would pay: card fees leave a gap to the goal, and it is shown"""
    officer = sign_in(walk, OFFICER)
    officer.open(f"/grants/{walk.grant}/")
    shown = officer.open(officer.link(r"/grants/[\d-]+/outlook/"))
    if GAP not in shown:
        message = f"The page does not say that there is a gap: {GAP}."
        raise PageError(message)


def freeze_the_terms(walk: Walk) -> None:
    """The programme officer freezes the terms; the agreement is rendered and its hash is fixed"""
    officer = sign_in(walk, OFFICER)
    officer.open(f"/grants/{walk.grant}/")
    officer.send(to=f"/grants/{walk.grant}/freeze/")
    drain()


def _confirm(visitor: Visitor, person: ExamplePerson, begin: str, sign: str) -> None:
    """Ask for a code by e-mail, bound to the file on the page, and sign with it."""
    visitor.send(to=begin, method="email")
    visitor.send(to=sign, consent="on", code=mailed_code(person.email))
    drain()


def _sign(walk: Walk, person: ExamplePerson) -> None:
    director = sign_in(walk, person)
    page = f"/grants/{walk.grant}/"
    director.open("/grants/to-sign/")
    director.open(f"{page}declare/")
    director.send(to=f"{page}declare/", has_interest="no")
    director.open(f"{page}brief/")
    director.fetch(f"{page}agreement.pdf")
    _confirm(director, person, f"{page}sign/begin/", f"{page}sign/")


def first_director_signs(walk: Walk) -> None:
    """The first director declares no interest, reads the brief and the file, and signs"""
    _sign(walk, DIRECTORS[0])


def second_director_signs(walk: Walk) -> None:
    """The second director signs: the grant is approved and its match is reserved"""
    _sign(walk, DIRECTORS[1])


def partner_countersigns(walk: Walk) -> None:
    """The partner reads, countersigns, and the file is sealed in the background: the grant is in force"""
    partner = walk.visitor(OWNER.email)
    page = f"/partner/agreement/{walk.grant}/"
    partner.open("/home/")
    partner.open(page)
    _confirm(partner, OWNER, f"{page}sign/begin/", f"{page}sign/")


STEPS = [
    draft_the_grant,
    see_what_it_would_pay,
    freeze_the_terms,
    first_director_signs,
    second_director_signs,
    partner_countersigns,
]
