"""The campaign: opened, closed with a sealed statement, proved to a donor, with a report that comes back."""

import json
import re
from typing import Any

from grants.example.loader import DATA
from grants.example.people import FINANCE, OFFICER, OWNER
from grants.example.steps.signing_in import sign_in
from grants.example.visitor import PageError
from grants.example.walk import Walk
from vetting_portal.tasks import drain

RECEIPT = re.compile(r"/receipt/[\w-]{20,}/")


def words() -> dict[str, Any]:
    """Return the words of the example's campaign page, and of its first report."""
    loaded: dict[str, Any] = json.loads((DATA / "campaign.json").read_text(encoding="utf-8"))
    return loaded


def open_the_campaign(walk: Walk) -> None:
    """The programme officer writes the campaign page and opens it"""
    officer, page = sign_in(walk, OFFICER), f"/grants/{walk.grant}/campaign/"
    told = words()
    told.pop("report")
    officer.open(f"{page}plan/")
    officer.send(to=f"{page}plan/", **told)
    officer.open(f"{page}open/")
    officer.send(to=f"{page}open/")
    walk.campaign = told["slug"]
    walk.visitor("public", "A donor").open(f"/campaign/{walk.campaign}/")


def close_the_campaign(walk: Walk) -> None:
    """The programme officer closes the campaign; the statement of match is made and sealed"""
    officer, address = sign_in(walk, OFFICER), f"/grants/{walk.grant}/campaign/close/"
    officer.open(address)
    officer.send(to=address, understood="on", reason="The goal of the gifts is reached.")
    drain()


def check_the_receipt(walk: Walk) -> None:
    """A donor opens the match receipt, and its proof leads to the root in the sealed statement"""
    finance, donor = sign_in(walk, FINANCE), walk.visitor("public")
    finance.open(f"/grants/{walk.grant}/ledger/")
    gift = finance.link(r"/gifts/\d+/")
    finance.open(f"{gift}receipt/")
    opened = RECEIPT.search(finance.send(to=f"{gift}receipt/"))
    if opened is None:
        message = "The page shows no link to the receipt."
        raise PageError(message)
    donor.open(opened.group())
    if "It holds." not in donor.open(f"{opened.group()}proof/"):
        message = "The receipt’s proof does not lead to the root in the statement."
        raise PageError(message)


def report_back(walk: Walk) -> None:
    """The partner sends its first report, and the programme officer accepts and publishes it"""
    partner, officer = walk.visitor(OWNER.email), sign_in(walk, OFFICER)
    partner.open("/partner/reports/")
    report = partner.link(r"/reports/\d+/")
    partner.open(report)
    partner.send(to=report, **words()["report"], send="1")
    officer.open(report)
    officer.send(to=f"{report}accept/")
    officer.open(f"{report}publish/")
    officer.send(to=f"{report}publish/", is_read="on")


def verify_as_anybody(walk: Walk) -> None:
    """A donor verifies the agreement without an account"""
    officer, donor = sign_in(walk, OFFICER), walk.visitor("public")
    sealed = officer.fetch(f"/grants/{walk.grant}/agreement.pdf")
    donor.open("/verify/")
    donor.send(to="/verify/", files={"file": ("agreement.pdf", sealed)})
    donor.open(f"/campaign/{walk.campaign}/")


OPENING = [open_the_campaign]
CLOSING = [close_the_campaign, check_the_receipt, report_back, verify_as_anybody]
