"""What is offered is what is allowed, and the other way round; asked of literal tables, not of the pages' own code."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model
from django_fsm import can_proceed

from grants.endings.readiness import finish_blockers
from grants.models import Ending
from partners.models import Submission
from reviews.panels.results import panel_result
from tests.laws.test_transition_matrix import ROWS
from tests.laws.test_url_matrix import TABLE
from tests.laws.visits import VISITORS
from tests.lives.duties import PLACES, Turn, case_page, find_way, is_about, is_page, is_settled, marks_of, records
from tests.lives.life import Fault, Life, url_name
from tests.lives.people import ANYBODY, CAST, ROLE_OF
from vetting_portal.models import User
from vetting_portal.workflow import _may, transition_blockers

SHUT = {"403", "404", "login"}
OPENED, FOLLOWED = 12, 4
OF_OTHERS = {"portal:mail"}  # the example shows the mail of everybody, with links that are for who received it
OF_WHO_ASKED = "grants:ending_withdraw"  # opens to the one who asked, an officer or a director
READ_ALL = ("auditor", "officer")  # whoever may read an address may read it of every record

# Transition → the address (by name) where it is made.
MADE_AT = {
    "Submission.submit": "submission_send",
    "Submission.request_changes": "submission_request_changes",
    "Submission.resubmit": "submission_send",
    "Submission.recommend": "recommend",
    "Submission.override": "override",
    "Submission.return_to_review": "return",
    "Submission.decline": "submission_decline",
    "Submission.withdraw": "submission_withdraw",
    "Review.begin": "review_gate",
    "Review.submit": "submit_review",
    "Review.reopen": "reopen_review",
    "Review.recuse": "step_aside",
    "Review.end": "end_review",
    "ScreeningHit.clear": "hit",
    "ScreeningHit.confirm": "hit",
    "Grant.freeze": "freeze",
    "Grant.send_back": "send_back",
    "Grant.decline": "decline",
    "Grant.lapse": "lapse",
    "Grant.suspend": "suspend",
    "Grant.resume": "resume",
    "Grant.close": "close_file",
    "Amendment.freeze": "amendment_freeze",
    "Amendment.send_back": "amendment_send_back",
    "Amendment.withdraw": "amendment_withdraw",
    "Amendment.decline": "amendment_decline",
    "Amendment.lapse": "amendment_lapse",
    "Campaign.open": "campaign_open",
    "Campaign.pause": "campaign_pause",
    "Campaign.resume": "campaign_resume",
    "Campaign.close": "campaign_close",
    "Tranche.release": "payment_release",
    "Tranche.pay": "payment_paid",
    "Tranche.hold": "payment_hold",
    "Tranche.resume": "payment_resume",
    "Tranche.cancel": "payment_cancel",
    "Report.submit": "report",
    "Report.send_back": "report_send_back",
    "Report.accept": "report_accept",
    "Report.publish": "report_publish",
    "Condition.show": "condition_evidence",
    "Condition.return_evidence": "condition_return",
    "Condition.accept": "condition_accept",
    "Condition.waive": "condition_waive",
    "Ending.confirm": "ending_sign",
    "Ending.decline": "ending_decline",
    "Ending.withdraw": "ending_withdraw",
    "Grant.complete": "complete",
}
# What two people do together has a first step of its own, before the move itself is offered.
BEGINS = {"Grant.terminate": "end", "Grant.approve": "sign_begin", "Amendment.approve": "amendment_sign_begin"}
# A director says first whether there is an interest: the brief, which leads on, opens only after that.
STOPS = ("Grant.send_back", "Grant.decline", "Amendment.send_back", "Amendment.decline")
BEFORE = dict.fromkeys(STOPS, ("declare", "brief"))
BEFORE |= dict.fromkeys(("Grant.approve", "Amendment.approve"), ("declare", "brief", "sign", "amendment_sign"))
BEFORE["Ending.confirm"] = ("declare", "ending_sign_begin")
BEFORE["Review.recuse"] = ("review_gate",)  # who was only asked declares an interest there
BEFORE["Grant.lapse"] = ("end",)  # what the directors signed is ended by two people
READ_CASES = {"officer", "director", "auditor"}  # whoever searches for an application by its number
# What a page asks besides the transition itself.
MORE_BLOCKERS: dict[str, Callable[[Any], list]] = {
    "Grant.complete": finish_blockers,
    "Submission.override": lambda submission: panel_result(submission).override_blockers(),
    "Grant.lapse": lambda grant: list(Ending.objects.open().filter(grant=grant)),
}
# In the table of laws an officer asked for the end; in a life a director may have, who then takes it back.
ALSO = {"Ending.withdraw": "director"}
FAR = 40  # pages that somebody opens at most to find what is allowed


def _nothing(_record: Model) -> list:
    return []


def acts_of(move: str) -> frozenset[str]:
    """Return the names of the addresses where a transition is made, or where its first step is."""
    return frozenset({MADE_AT.get(move, ""), *BEFORE.get(move, ()), BEGINS.get(move, "")} - {""})


def possible_moves() -> Iterator[tuple[str, Model, str]]:
    """Yield each transition that starts where a record stands, with the record and its state."""
    for kind, _, record in records():
        state = getattr(record, "state", "")
        for name, row in ROWS.items():
            if name.startswith(f"{kind}.") and acts_of(name) and state in row.start.split():
                yield name, record, state


def who_may(record: Model, move: str) -> list[str]:
    """Return who of the cast may make a transition of a record now."""
    return [one for one in CAST if _may_now(record, move.partition(".")[2], one)]


def is_blocked(record: Model, move: str) -> bool:
    """Whether something stands in the way of a transition now."""
    name = move.partition(".")[2]
    return bool([*transition_blockers(record, name), *MORE_BLOCKERS.get(move, _nothing)(record)])


def judge_moves(moves: list[tuple]) -> None:
    """Ask of each transition of a step that somebody made it who may, from a state where it may start."""
    for subject, event, before, after, actor in moves:
        move = f"{subject.partition(':')[0].rpartition('.')[2]}.{event}"
        row = ROWS.get(move)
        if row is None or before == after:
            continue
        user = User.objects.get(pk=actor)
        role = next((ROLE_OF[name] for name, one in CAST.items() if one.email == user.email), "system")
        role = "owner" if role == "stranger" else role  # of an application of its own
        if role not in [*row.who.split(), ALSO.get(move)] or before not in row.start.split():
            raise Fault("moved by whom it may not be", f"{subject.partition(':')[0]} {event}", f"{role}, from {before}")


def judge_offers(life: Life, rng: random.Random) -> None:
    """Ask of one thing that somebody may do now that a page offers it. Raises Fault."""
    found = [one for one in records() if one[0] in PLACES and not is_settled(*one)]
    rng.shuffle(found)
    for kind, state, record in found:
        moves = [one for one in MADE_AT if one.startswith(f"{kind}.") and state in ROWS[one].start.split()]
        rng.shuffle(moves)
        for move in moves:
            name = move.partition(".")[2]
            people = [one for one in CAST if _may_now(record, name, one)]
            if people and not is_blocked(record, move):
                _ask_for_offer(life, rng.choice(people), move, Turn(kind, state, record, (), acts_of(move)))
                return


def _may_now(record, name: str, person: str) -> bool:
    user = User.objects.filter(email=CAST[person].email).first()
    move = getattr(record, name)
    if name == "recuse" and not User.objects.with_role("reviewer").filter(email=CAST[person].email).exists():
        return False  # who reviews no more steps aside with a declaration as an officer only
    if isinstance(record, Submission) and ROLE_OF[person] == "director" and user is not None:
        # The machine knows nothing of declarations: a director with an interest is kept out by the pages.
        return not user.declarations.filter(submission=record, has_interest=True).exists() and _can(move, user)
    return user is not None and _can(move, user)


def _can(move, user: User) -> bool:
    return can_proceed(move, check_conditions=False) and _may(move, user)


def _ask_for_offer(life: Life, name: str, move: str, turn: Turn) -> None:
    start = case_page(turn.record) if ROLE_OF[name] in READ_CASES else "/home/"
    if find_way(life, name, turn, most=FAR, start=start) is None:
        raise Fault("allowed, and nowhere offered", move, f"{name} may, and finds it on no page of {turn.record}")


def judge_pages(life: Life, rng: random.Random, most: int = OPENED) -> None:
    """Open pages of the records at hand as people of every role: none breaks, none opens for whom it is shut."""
    marks = {mark for kind, _, record in records() if kind in PLACES for mark in marks_of(record)}
    known = {path for person in life.people.values() for path in person.shelf}
    known |= {link for person in life.people.values() for page in person.shelf.values() for link in page.own_links()}
    pages = sorted(path for path in known if is_page(path) and any(mark in path for mark in marks))
    for path in rng.sample(pages, min(most, len(pages))):
        name = rng.choice([*CAST, ANYBODY])
        answer = life.people[name].open(path)
        if (
            answer.status == 200
            and _is_shut(name, path)
            and answer.page
            and url_name(answer.page.path) == url_name(path)
        ):
            raise Fault("open for whom it is shut", f"{url_name(path)} {ROLE_OF[name]}", f"{name} reads {path}")


def judge_links(life: Life, rng: random.Random) -> None:
    """Open what a page that somebody has just read leads to: no link is refused to whom it is shown."""
    name = rng.choice([one for one in life.people if life.people[one].shelf] or [ANYBODY])
    person = life.people[name]
    page = person.open(rng.choice(list(person.shelf) or ["/"])).page
    if page is None or page.status != 200 or url_name(page.path) in OF_OTHERS:
        return
    links = [one for one in page.links if one.in_main and is_page(one.to) and url_name(one.to)]
    for link in rng.sample(links, min(FOLLOWED, len(links))):
        answer = person.open(link.to.partition("#")[0])
        if answer.status in {403, 404}:
            raise Fault(
                f"a link that answers {answer.status}", f"{url_name(page.path)} {url_name(link.to)} {ROLE_OF[name]}",
                f"{name} at {page.path}: “{link.text}” leads to {link.to}",
            )  # fmt: skip


def judge_readers(life: Life, rng: random.Random) -> None:
    """Have those who read every record open what somebody else has just read of one. Raises Fault."""
    drafts = [mark for one in Submission.objects.filter(state="draft") for mark in marks_of(one)]  # the partner's alone
    read = {
        path for (_, path), answer in life.opened.items()
        if answer.status == 200 and answer.page is not None and not is_about(path, drafts)
    }  # fmt: skip
    for path in rng.sample(sorted(read), min(FOLLOWED, len(read))):
        name = rng.choice(READ_ALL)
        if not User.objects.get(email=CAST[name].email).role_keys:
            continue  # an administrator has ended the role
        if _is_open(name, path) and (status := life.people[name].open(path).status) in {403, 404}:
            raise Fault(
                f"shut with {status} for who may read", f"{url_name(path)} {ROLE_OF[name]}", f"{name} at {path}"
            )


def _columns(path: str) -> dict[str, str]:
    """Return what the table of addresses says of reading an address, by role; empty where it is not read."""
    method, row = TABLE.get(url_name(path), ("", ""))
    return dict(zip(VISITORS, row.split(), strict=True)) if method == "GET" else {}


def _is_shut(name: str, path: str) -> bool:
    """Whether the table of addresses shuts an address to the role of somebody, whoever they are to the record."""
    if url_name(path) == OF_WHO_ASKED:
        return not _asked(name, path)
    role, columns = ROLE_OF[name], _columns(path)
    asked = ["reviewer", "other_reviewer"] if role == "reviewer" else [role]
    return bool(columns) and all(columns[one] == "403" for one in asked)


def _is_open(name: str, path: str) -> bool:
    """Whether somebody who reads every record may open an address."""
    if url_name(path) == OF_WHO_ASKED:
        return _asked(name, path)
    return _columns(path).get(ROLE_OF[name]) == "200"


def _asked(name: str, path: str) -> bool:
    """Whether the end of a grant that an address is about was asked for by this person, who alone takes it back."""
    asked_by = {one.asked_by.email for one in Ending.objects.all() if is_about(path, marks_of(one))}
    return name in CAST and CAST[name].email in asked_by
