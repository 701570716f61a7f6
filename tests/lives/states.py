"""The stored states that lives start from: a dozen places on the walk of one grant, each reached by pages."""

import dataclasses
import datetime as dt
import fcntl
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from django.utils import timezone

from grants.example import papers
from grants.example.loader import story
from grants.example.setting import set_up_funder
from grants.example.steps import agreement, banking, campaign, gifts, partner, payments, vetting
from grants.example.steps.signing_in import sign_up
from grants.example.walk import Walk, run
from tests.lives import detours, later
from tests.lives.installation import Installation, migrated, plain_pdf, source_hash, stand_ins, travel
from tests.lives.pages import words_of
from tests.lives.people import CAST, make_the_others
from vetting_portal.clock import on_the_funders_clock
from vetting_portal.daily import open_rounds
from vetting_portal.models import User
from vetting_portal.money import plain
from vetting_portal.tasks import drain

BEGUN = dt.datetime(2027, 3, 1, 17, 0, tzinfo=dt.UTC)
GIFTS = 12
MOMENT = "moment.txt"


def another_partner(walk: Walk) -> None:
    """Another partner signs up, and has an organisation that nobody of the first may see."""
    visitor, told = sign_up(walk, CAST["other owner"]), story("nuru")
    told["organisation"]["yearly_income"] = plain(told["organisation"].pop("yearly_income_minor"), "USD")
    told["organisation"].pop("income_currency")
    visitor.open("/organisations/new/")
    visitor.send(to="/organisations/new/", **told["organisation"])
    page = visitor.link(r"/organisations/\d+/")
    for person in told["people"]:
        visitor.open(f"{page}people/add/")
        visitor.send(to=f"{page}people/add/", **person)


def papers_of_the_other() -> list[papers.ExamplePaper]:
    """Return a paper for each criterion that one of the example's is evidence for."""
    return [
        dataclasses.replace(paper, criteria=(code,), content=plain_pdf(f"{paper.title}, for {code}"))
        for paper in papers.example_papers("nuru")
        for code in paper.criteria
    ]


def for_the_other(step: Callable[[Walk], None]) -> Callable[[Walk], None]:
    """Return a step as the other partner's application takes it: its answers switch a criterion off."""

    def taken(walk: Walk) -> None:
        other = walk.__dict__.setdefault("other", Walk(visitors=walk.visitors))
        with (
            mock.patch.object(partner, "OWNER", CAST["other owner"]),
            mock.patch.object(vetting, "REVIEWERS", (CAST["third reviewer"],)),
            mock.patch.object(partner, "story", side_effect=lambda _slug: story("nuru")),
            mock.patch.object(vetting, "story", side_effect=lambda _slug: story("nuru")),
            mock.patch.object(partner, "example_papers", side_effect=lambda _slug: papers_of_the_other()),
        ):
            step(other)

    taken.__doc__ = step.__doc__
    return taken


OTHERS = [*partner.STEPS[2:], *vetting.STEPS[:4]]

# What stands between two names leads from one to the next; a number is days that go by.
COURSE: list[str | int | Callable[[Walk], None]] = [
    "set up",
    partner.sign_up_partner,
    partner.name_the_organisation,
    another_partner,
    "organisation",
    partner.answer_the_questions,
    partner.send_the_papers,
    partner.name_the_referees,
    "draft application",
    *map(for_the_other, OTHERS),
    "another application in review",
    partner.send_the_application,
    "submitted",
    *vetting.STEPS[:4],
    "reviewers asked",
    vetting.first_review,
    "one review in",
    *detours.SENT_AGAIN,
    "sent again",
    vetting.second_review,
    "reviewed",
    vetting.recommend,
    "recommended",
    agreement.draft_the_grant,
    later.share_the_match,
    "grant drafted",
    agreement.freeze_the_terms,
    "to sign",
    agreement.first_director_signs,
    "signed once",
    agreement.second_director_signs,
    "approved",
    agreement.partner_countersigns,
    "in force",
    banking.enter_the_details,
    "bank details to check",
    banking.call_the_number,
    "bank details to approve",
    banking.approve_the_details,
    *campaign.OPENING,
    "campaign open",
    gifts.give_by_card,
    gifts.import_the_gifts,
    "payment to release",
    payments.release_the_first_part,
    "payment to record",
    payments.record_the_first_part,
    "paid once",
    later.draft_an_amendment,
    "amendment to sign",
    later.directors_sign_it,
    "amendment to countersign",
    later.partner_signs_it,
    "amended",
    campaign.close_the_campaign,
    "campaign closed",
    campaign.check_the_receipt,
    campaign.report_back,
    "reported",
    later.confirm_the_arrivals,
    later.show_the_conditions,
    201,
    later.send_the_next_report,
    "report to accept",
    later.accept_the_report,
    40,
    later.screen_again,
    "second payment to release",
    later.pay_the_next_part,
    later.confirm_the_arrivals,
    124,
    later.send_the_next_report,
    later.accept_the_report,
    later.screen_again,
    later.pay_the_next_part,
    later.confirm_the_arrivals,
    "all paid and reported",
    later.complete_the_grant,
    "completed",
]
NAMES = [one for one in COURSE if isinstance(one, str)]


def quick_papers(html: str, *_args, **_options) -> object:
    """Stand in for WeasyPrint where the example's papers are printed."""
    return mock.Mock(write_pdf=lambda **_how: plain_pdf(words_of(html)))


def make_states(installation: Installation, into: Path, log: Callable[[str], object] = print) -> None:
    """Walk the course once, and store each place that has a name. The installation is open and empty."""
    begun = time.monotonic()
    migrated(installation.folder)
    walk = Walk()
    with (
        travel(BEGUN) as clock,
        stand_ins(),
        mock.patch.object(papers, "HTML", lambda string, **_how: quick_papers(string)),
        mock.patch.object(papers, "_styles", return_value=None),
        mock.patch.object(gifts, "GIFTS", GIFTS),
    ):
        papers._made.cache_clear()
        with on_the_funders_clock():
            system = User.objects.system("loader")
            set_up_funder(by=system)
            make_the_others(system)
        for step in COURSE:
            if isinstance(step, str):
                drain()
                folder = into / step.replace(" ", "-")
                installation.keep(folder)
                (folder / MOMENT).write_text(timezone.now().isoformat())
                log(f"{time.monotonic() - begun:6.1f} s  state “{step}”")
            elif isinstance(step, int):
                clock.shift(dt.timedelta(days=step))
                walk.visitors.clear()  # nobody's session lasts so long
                with on_the_funders_clock():
                    open_rounds()
                    drain()
            else:
                list(run(walk, [step]))
    papers._made.cache_clear()


def moment_of(state: Path) -> dt.datetime:
    """Return when a stored state was reached: lives go on from there."""
    return dt.datetime.fromisoformat((state / MOMENT).read_text())


def stored_states(installation: Installation, store: Path, log: Callable[[str], object] = print) -> Path:
    """Return the folder of the states that this source tree makes; made where it is not there. Older ones go.

    One process makes them, others that want them meanwhile wait. What stands under the hash that is wanted is never
    removed: another process may be reading it.
    """
    wanted = store / source_hash()
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in store.iterdir():
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
            scratch = store / f"making-{time.time_ns()}"
            scratch.mkdir()
            make_states(installation, scratch, log)
            scratch.rename(wanted)
    return wanted
