"""The partner's part: an account, an organisation, an application with its papers, sent."""

import re
from datetime import date
from typing import Any

from grants.example.loader import story
from grants.example.papers import example_papers
from grants.example.people import EDITOR, OWNER
from grants.example.steps.signing_in import mailed_link, sign_up
from grants.example.visitor import Visitor
from grants.example.walk import Walk
from vetting_portal.money import plain
from vetting_portal.tasks import drain

PROGRAMME = "/programmes/locally-led/"


def sign_up_partner(walk: Walk) -> None:
    """The partner signs up and confirms the address"""
    sign_up(walk, OWNER)


def name_the_organisation(walk: Walk) -> None:
    """The partner creates its organisation, names its people and invites a colleague"""
    visitor, told = walk.visitor(OWNER.email), story("lift")
    told["organisation"]["yearly_income"] = plain(told["organisation"].pop("yearly_income_minor"), "USD")
    told["organisation"].pop("income_currency")
    visitor.open("/home/")
    visitor.follow("Add your organisation")
    visitor.send(to="/organisations/new/", **told["organisation"])
    page = visitor.link(r"/organisations/\d+/")
    for person in told["people"]:
        visitor.open(f"{page}people/add/")
        visitor.send(to=f"{page}people/add/", **person)
    visitor.open(f"{page}members/")
    visitor.send(to=f"{page}members/", email=EDITOR.email, role="editor")
    colleague = sign_up(walk, EDITOR)
    colleague.open(mailed_link(EDITOR.email, r"/invitation/[\w-]+/"))
    colleague.send(to=colleague.path)


def answer_the_questions(walk: Walk) -> None:
    """The partner checks whether it can apply, starts, and answers section by section"""
    visitor, told = walk.visitor(OWNER.email), story("lift")
    flags: dict[str, Any] = dict.fromkeys(("is_registered", "is_community_led", "has_website"), "yes")
    flags["is_religious_work"] = "no"
    visitor.open(PROGRAMME)
    visitor.open(f"{PROGRAMME}check/")
    visitor.send(to=f"{PROGRAMME}check/", **told["prescreen"], **flags)
    visitor.open(f"{PROGRAMME}start/")
    visitor.send(to=f"{PROGRAMME}start/", **told["prescreen"], **flags)
    walk.submission = _number(visitor)
    left, position = dict(told["answers"]), 1
    while left:
        address = f"/applications/{walk.submission}/sections/{position}/"
        visitor.open(address)
        asked = visitor.names(to=address) & left.keys()
        visitor.send(to=address, **{key: left.pop(key) for key in asked})
        position += 1


def send_the_papers(walk: Walk) -> None:
    """The partner sends each paper once, for the criterion it is evidence for; the checks run in the background"""
    visitor = walk.visitor(OWNER.email)
    for paper in example_papers("lift"):
        address = f"/applications/{walk.submission}/papers/add/"
        visitor.open(f"{address}?criterion={paper.criteria[0]}")
        visitor.send(
            to=address,
            kind=paper.kind,
            title=paper.title,
            issued_on=_typed(paper.issued_on),
            expires_on=_typed(paper.expires_on),
            language=paper.language,
            files={"file": (paper.file_name, paper.content)},
        )
    drain()


def name_the_referees(walk: Walk) -> None:
    """The partner names two referees from outside"""
    visitor, address = walk.visitor(OWNER.email), f"/applications/{walk.submission}/referees/"
    visitor.open(address)
    for referee in story("lift")["referees"]:
        visitor.send(to=address, **referee, is_outside="on")


def send_the_application(walk: Walk) -> None:
    """The partner sends the application"""
    visitor = walk.visitor(OWNER.email)
    address = f"/applications/{walk.submission}/send/"
    visitor.open(address)
    visitor.send(to=address)
    drain()


def _typed(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(visitor: Visitor) -> str:
    found = re.search(r"/applications/([0-9]{4}-[0-9]{3,})/", visitor.path)
    return found.group(1) if found else ""


STEPS = [
    sign_up_partner,
    name_the_organisation,
    answer_the_questions,
    send_the_papers,
    name_the_referees,
    send_the_application,
]
