"""Loads the example through the same actions as everybody's work: two partners, their papers and applications."""

import json
import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from grants.example.papers import ExamplePaper, example_papers
from grants.example.people import EDITOR, IN_ORDER, OTHER_OWNER, OWNER, PASSWORD, ExamplePerson
from grants.example.setting import Setting, make_user, set_up_funder
from partners.checklists.models import Criterion
from partners.organisations.actions import accept_invitation, add_person, create_organisation, invite_member
from partners.organisations.models import Organisation
from partners.programmes.models import Programme
from partners.programmes.prescreening import Answers
from partners.submissions.actions import (
    Opened,
    link_paper,
    name_referee,
    save_answers,
    start_submission,
    submit_submission,
)
from partners.submissions.models import Submission
from partners.vault.actions import Dates, add_paper
from vetting_portal.clock import on_the_funders_clock
from vetting_portal.files import put
from vetting_portal.mail import send_mail_task
from vetting_portal.models import User
from vetting_portal.money import parse_amount
from vetting_portal.tasks import drain

DATA = Path(__file__).parent / "data"


def story(slug: str) -> dict[str, Any]:
    """Return the texts of one partner of the example: ``lift`` or ``nuru``."""
    loaded: dict[str, Any] = json.loads((DATA / f"{slug}.json").read_text(encoding="utf-8"))
    return loaded


@transaction.atomic
def load_example() -> Setting:
    """Load the example: LIFT's application is ready to be sent, the other partner's is sent.

    Raises Refused where the database is not empty. All of it or nothing: a half example would keep the next one out.
    """
    setting = set_up_funder(by=User.objects.system("loader"))
    with on_the_funders_clock():
        load_partners(setting)
        drain()
    return setting


def load_partners(setting: Setting, *, later: Sequence[str] = ()) -> None:
    """Make the two partners with their people, documents and applications; tasks in ``later`` wait for the worker."""
    by = User.objects.system("loader")
    owner, editor, other = (make_user(person=person, by=by) for person in (OWNER, EDITOR, OTHER_OWNER))
    lift = _partner("lift", owner)
    _join(lift, editor, owner)
    _application("lift", lift, setting.programme, owner, later)
    nuru = _partner("nuru", other)
    sent = _application("nuru", nuru, setting.programme, other, later)
    submit_submission(submission=sent, by=other)


def _partner(slug: str, owner: User) -> Organisation:
    told = story(slug)
    founded = date.fromisoformat(told["organisation"]["founded_on"])
    organisation = create_organisation(by=owner, **{**told["organisation"], "founded_on": founded})
    for person in told["people"]:
        born = date.fromisoformat(person["born_on"])
        add_person(organisation=organisation, by=owner, **{**person, "born_on": born})
    return organisation


def _join(organisation: Organisation, user: User, owner: User) -> None:
    """Let ``user`` join as an editor, by an invitation that is taken up at once."""
    invite_member(organisation=organisation, email=user.email, role="editor", by=owner)
    waiting = DBTaskResult.objects.ready().filter(task_path=send_mail_task.module_path).order_by("-enqueued_at")
    body = next(mail.args_kwargs["args"][2] for mail in waiting if mail.args_kwargs["args"][0] == user.email)
    address = reverse("partners:invitation", args=["TOKEN"])
    found = re.search(re.escape(address).replace("TOKEN", r"([\w-]+)"), body)
    if found is None:
        message = "The invitation's mail holds no link."
        raise LookupError(message)
    accept_invitation(token=found.group(1), by=user)


def prescreen_answers(slug: str, programme: Programme) -> Answers:
    """Return what a partner of the example answers before it starts."""
    said = story(slug)["prescreen"]
    return Answers(
        country=said["country"],
        region=said["region"],
        is_registered=True,
        founded_on=date.fromisoformat(said["founded_on"]),
        yearly_income_minor=parse_amount(said["yearly_income"], programme.currency),
        is_community_led=True,
        focus=said["focus"],
        is_religious_work=False,
        request_minor=parse_amount(said["request"], programme.currency),
        has_website=True,
    )


def _application(
    slug: str, organisation: Organisation, programme: Programme, owner: User, later: Sequence[str]
) -> Submission:
    submission = start_submission(
        organisation=organisation, programme=programme, answers=prescreen_answers(slug, programme), by=owner
    )
    answers = story(slug)["answers"]
    save_answers(submission=submission, values=answers, opened=Opened(dict.fromkeys(answers, 0)), by=owner)
    criteria = {criterion.code: criterion for criterion in submission.criteria}
    for paper in example_papers(slug):
        _send_paper(submission, paper, criteria, owner)
    for referee in story(slug)["referees"]:
        name_referee(submission=submission, by=owner, **referee)
    drain(later=later)
    return Submission.objects.get(pk=submission.pk)


def _send_paper(submission: Submission, paper: ExamplePaper, criteria: dict[str, Criterion], owner: User) -> None:
    document = add_paper(
        organisation=submission.organisation,
        blob=put(BytesIO(paper.content)),
        original_name=paper.file_name,
        kind=paper.kind,
        title=paper.title,
        dates=Dates(issued_on=paper.issued_on, expires_on=paper.expires_on, language=paper.language),
        by=owner,
    )
    for code in paper.criteria:
        link_paper(submission=submission, criterion=criteria[code], paper=document.paper, by=owner)


def sign_ins() -> list[dict[str, str | None]]:
    """Return how each person of the example signs in, in the form of ``load_example --json``."""
    return [_sign_in(person) for person in IN_ORDER]


def _sign_in(person: ExamplePerson) -> dict[str, str | None]:
    return {
        "role": person.role,
        "email": person.email,
        "password": PASSWORD,
        "totp_secret": person.totp_secret,
        "organisation": person.organisation,
    }
