"""The course of each application of the portfolio: a life yields the day (days ago) on which it goes on, then acts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from grants.agreements.models import Grant
from grants.example.portfolio import applying, drafting, following, granting, vetting
from grants.example.portfolio.cast import Partner, cast
from grants.example.setting import LIST
from partners.programmes.models import Programme
from partners.submissions.actions import request_changes, withdraw_submission
from partners.submissions.models import Submission
from reviews.panels.actions import return_to_review
from reviews.screening.actions import import_list
from reviews.screening.parsing import check_list
from vetting_portal.actions import invite_staff
from vetting_portal.mail import send_mail_task
from vetting_portal.models import User

type Life = Iterator[int]
WINDOW = 60
DISAGREEMENT = ({"C3": 4, "C9": 4}, {"C3": 2, "C9": 3})
RETURNED = "Please look again at who decides on the budget: the minutes name a member whom the board list does not."
TOO_WEAK = dict.fromkeys(("C2", "C3", "C5", "C9", "C10", "C13", "C16"), 1)
DECLINED = "The plan names no first figures, and the minutes do not show that the board has agreed to the budget."

COUNTED = "The plan and the number of people do not agree. Please correct them and send the application again."
COUNTED_ITEMS = ["The number of people: the plan names fewer squares than last year."]

UNVERIFIED = frozenset({"hill", "blue"})  # their references wait for an officer
ENDED = "The county took over the market hall in August. We agreed with the cooperative to end the grant early."
ENDED_PUBLIC = "The county took over the market hall."
TO_END = "The clinic boat was lost in a flood. Without it the work cannot go on, and we agreed to end the grant."
TO_END_PUBLIC = "The boat was lost in a flood."


@dataclass(frozen=True)
class People:
    """Who acts in the portfolio besides the partners' owners."""

    loader: User
    officer: User
    reviewers: tuple[User, ...]
    directors: tuple[User, ...]
    finance: User
    administrator: User


@dataclass
class Case:
    """One partner with its application, and the grant once there is one."""

    people: People
    programme: Programme
    password: str
    partner: Partner
    owner: User
    submission: Submission
    grant: Grant | None = None

    @property
    def promised(self) -> Grant:
        """The grant. Raises LookupError before it is drafted."""
        if self.grant is None:
            raise LookupError(self.partner.key)
        return self.grant


def apply(case: Case, day: int) -> Life:
    """Sign up and send the application on ``day``."""
    yield day + 6
    yield from start(case)
    yield day
    applying.send_documents(case.submission, case.owner)


def start(case: Case, *, whole: bool = True) -> Life:
    """Make the account and the organisation, and begin to write."""
    case.owner = applying.make_owner(partner=case.partner, password=case.password, by=case.people.loader)
    case.submission = applying.begin(case.partner, case.owner, case.programme)
    applying.fill(case.submission, case.partner, case.owner, whole=whole)
    yield from ()


def sent(case: Case, day: int) -> Life:
    """Send the application on ``day``, once its documents are checked."""
    yield from apply(case, day + 1)
    yield day
    applying.send(case.submission, case.owner)


def taken(case: Case, day: int) -> Life:
    """Send it nine days before ``day``, on which an officer takes it on; the referees answer after that."""
    yield from sent(case, day + 9)
    yield day
    vetting.take(case.submission, case.people.officer)
    vetting.ask_referees(case.submission, case.people.officer)
    yield max(day - 4, 1)
    vetting.answer_as_referees(case.submission)
    if case.partner.key not in UNVERIFIED:
        yield max(day - 5, 1)
        vetting.verify_references(case.submission, case.people.officer)


def reviewed(case: Case, day: int, *, scores: tuple[dict[str, int], dict[str, int]] = ({}, {}), pair: int = 0) -> Life:
    """Have two reviewers hand their reviews in, the second on ``day``."""
    yield from taken(case, day + 20)
    yield day + 15
    one, two = case.people.reviewers[pair % 3], case.people.reviewers[(pair + 1) % 3]
    vetting.assign(case.submission, (one, two), case.people.officer)
    yield day + 6
    vetting.hand_in(case.submission, one, scores[0])
    yield day
    vetting.hand_in(case.submission, two, scores[1])


def recommended(case: Case, day: int, *, pair: int = 0) -> Life:
    """Have it recommended on ``day``."""
    yield from reviewed(case, day + 4, pair=pair)
    yield day + 2
    vetting.close(case.submission, case.people.officer)
    yield day
    vetting.recommend(case.submission, case.people.officer)


def drafted(case: Case, day: int, *, pair: int = 0) -> Life:
    """Have the grant drafted on ``day``."""
    yield from recommended(case, day + 3, pair=pair)
    yield day
    conditions = following.conditions_for(case.partner.key)
    case.grant = granting.draft(
        case.submission, case.partner, case.people.officer, window=WINDOW, conditions=conditions
    )


def for_signature(case: Case, day: int, signers: int, *, pair: int = 0) -> Life:
    """Send the agreement for signature on ``day``; ``signers`` directors sign in the days after."""
    yield from drafted(case, day + 2, pair=pair)
    yield day
    granting.freeze(case.promised, case.people.officer)
    for number, director in enumerate(case.people.directors[:signers], start=1):
        yield day - number
        granting.sign(case.promised, director)


def in_force(case: Case, day: int, *, pair: int = 0) -> Life:
    """Have the agreement in force on ``day``, and the bank details entered the day after."""
    yield from for_signature(case, day + 4, 2, pair=pair)
    yield day
    granting.countersign(case.promised, case.owner)
    yield day - 1
    granting.enter_bank(case.promised, case.partner, case.people.officer, case.owner)


def banked(case: Case, day: int, *, pair: int = 0) -> Life:
    """Have the bank details approved two days after the agreement is in force, on ``day``."""
    yield from in_force(case, day, pair=pair)
    yield day - 2
    granting.call_bank(case.promised, case.people.finance, case.partner)
    granting.approve_bank(case.promised, case.people.officer)


def campaigning(case: Case, day: int, *, until: int, pair: int = 0) -> Life:
    """Open the campaign after ``day``, and let gifts come in up to ``until`` percent."""
    yield from banked(case, day, pair=pair)
    yield day - 4
    granting.plan(case.promised, case.partner, case.people.officer)
    granting.open_page(case.promised, case.people.officer)
    for part in (1, 2, 3):
        yield max(day - 4 - part * 9, 1)
        granting.give(case.promised, case.people.finance, part=part, until=until * part // 3)


def closed(case: Case, day: int, *, until: int, pair: int = 0) -> Life:
    """Close the campaign when its window is over."""
    yield from campaigning(case, day, until=until, pair=pair)
    yield day - WINDOW - 1
    granting.close_page(case.promised, case.people.officer)


# ------------------------------------------------------------------------------------- how each of them ends


def _half_written(case: Case, day: int) -> Life:
    yield day
    yield from start(case, whole=False)


def _match_to_decide(case: Case, day: int) -> Life:
    yield from sent(case, day + 5)
    yield day
    vetting.take(case.submission, case.people.officer, decide=False)


def _changes_requested(case: Case, day: int) -> Life:
    yield from taken(case, day + 4)
    yield day
    items = ["The budget: the sum of the lines is not what you ask for.", "The minutes: name who was there."]
    reason = "Two documents do not agree with the application. Please correct them and send it again."
    request_changes(submission=vetting.fresh(case.submission), reason=reason, items=items, by=case.people.officer)


def _under_review(case: Case, day: int, *, begun: bool) -> Life:
    yield from taken(case, day + 5)
    yield day
    one, two, _ = case.people.reviewers
    vetting.assign(case.submission, case.people.reviewers, case.people.officer)
    if begun:
        yield day - 3
        vetting.declare(case.submission, one)
        vetting.score(case.submission, one, most=6)
        yield day - 8
        vetting.hand_in(case.submission, two)


def _sent_again(case: Case, day: int) -> Life:
    yield from reviewed(case, day + 5, pair=1)
    yield day + 3
    request_changes(
        submission=vetting.fresh(case.submission), reason=COUNTED, items=COUNTED_ITEMS, by=case.people.officer
    )
    yield day
    applying.change_answers(case.submission, case.partner, case.owner)
    applying.send_again(case.submission, case.owner)


def _declined(case: Case, day: int) -> Life:
    yield from reviewed(case, day + 3, scores=(TOO_WEAK, TOO_WEAK))
    yield day
    vetting.close(case.submission, case.people.officer)
    vetting.recommend(case.submission, case.people.officer, "decline", DECLINED)


def _returned(case: Case, day: int) -> Life:
    yield from recommended(case, day + 3, pair=1)
    yield day
    return_to_review(submission=vetting.fresh(case.submission), reason=RETURNED, by=case.people.directors[0])


def _withdrawn(case: Case, day: int) -> Life:
    yield from taken(case, day + 12)
    yield day
    reason = "We have found the money elsewhere."
    withdraw_submission(submission=vetting.fresh(case.submission), by=case.owner, reason=reason)


def _closed_reviews(case: Case, day: int) -> Life:
    yield from reviewed(case, day + 2, pair=2)
    yield day
    vetting.close(case.submission, case.people.officer)


def _called(case: Case, day: int) -> Life:
    yield from in_force(case, day)
    yield day - 2
    granting.call_bank(case.promised, case.people.finance, case.partner)


def _reported(case: Case, day: int, *, accepted: bool) -> Life:
    yield from closed(case, day, until=100)
    yield day - WINDOW - 6
    granting.release(case.promised, case.people.finance)
    yield day - WINDOW - 8
    granting.pay(case.promised, case.people.officer)
    yield day - WINDOW - 12
    granting.report(case.promised, case.partner, case.owner)
    if accepted:
        yield day - WINDOW - 13
        following.arrive(case.promised, case.owner, currency="ZMW", per_unit=27)
        yield day - WINDOW - 15
        granting.accept(case.promised, case.partner, case.people.officer)
        yield 2
        following.show(case.promised, case.owner)


def _ended(case: Case, day: int) -> Life:
    yield from closed(case, day, until=80)
    yield day - WINDOW - 6
    granting.release(case.promised, case.people.finance)
    yield day - WINDOW - 8
    granting.pay(case.promised, case.people.officer)
    yield day - WINDOW - 20
    following.arrive(case.promised, case.owner, currency="KES", per_unit=129)
    yield day - WINDOW - 30
    director = case.people.directors[1]
    ending = following.ask_end(case.promised, case.people.officer, director, words=ENDED, public=ENDED_PUBLIC)
    yield day - WINDOW - 32
    following.confirm_end(ending)


def _end_asked(case: Case, day: int) -> Life:
    yield from campaigning(case, day, until=75, pair=1)
    yield 2
    director = case.people.directors[0]
    following.ask_end(case.promised, case.people.officer, director, words=TO_END, public=TO_END_PUBLIC)


COURSES: dict[str, Callable[[Case], Life]] = {
    "copper": lambda case: _reported(case, 132, accepted=True),
    "baobab": lambda case: _reported(case, 92, accepted=False),
    "bridge": lambda case: closed(case, 78, until=92),
    "river": lambda case: campaigning(case, 47, until=52),
    "clinic": lambda case: _end_asked(case, 58),
    "sisal": lambda case: _ended(case, 118),
    "teal": lambda case: in_force(case, 5, pair=1),
    "vanilla": lambda case: _called(case, 9),
    "delta": lambda case: for_signature(case, 6, 2, pair=2),
    "kigali": lambda case: for_signature(case, 4, 1),
    "peak": lambda case: for_signature(case, 3, 0, pair=1),
    "weave": lambda case: drafted(case, 2),
    "jacmel": lambda case: recommended(case, 3, pair=2),
    "milpa": lambda case: _returned(case, 2),
    "lake": lambda case: _declined(case, 70),
    "reef": lambda case: _withdrawn(case, 60),
    "maya": lambda case: reviewed(case, 2, scores=DISAGREEMENT),
    "palm": lambda case: _closed_reviews(case, 1),
    "dawn": lambda case: _sent_again(case, 1),
    "hill": lambda case: _under_review(case, 17, begun=True),
    "blue": lambda case: _under_review(case, 6, begun=False),
    "rice": lambda case: _match_to_decide(case, 3),
    "orange": lambda case: _changes_requested(case, 4),
    "coast": lambda case: _half_written(case, 11),
}


def lives(people: People, programme: Programme, password: str) -> list[Life]:
    """Return the courses of all applications, the lists that are imported every month, and a task that fails."""
    nobody = people.loader
    cases = [
        COURSES[key](Case(people, programme, password, partner, nobody, Submission()))
        for key, partner in cast().items()
    ]
    return [_lists(people), *cases, _drafts(people), _invited(people), _failing()]


def _lists(people: People) -> Life:
    for day in (*range(200, 0, -25), 1):
        yield day
        import_list(
            checked=check_list("opensanctions", LIST), published_on=timezone.localdate(), by=people.administrator
        )


def _drafts(people: People) -> Life:
    yield 4
    drafting.draft_checklist(people.officer)
    yield 3
    drafting.draft_texts(people.officer)


def _invited(people: People) -> Life:
    yield 2
    invite_staff(email="kofi@example.org", roles=["reviewer"], by=people.administrator)


def _failing() -> Life:
    yield 1
    subject = "Your report\nis due"  # no message can have such a subject: it fails as often as it is tried
    send_mail_task.enqueue("treasurer@partner.example.org", subject, "Please send it by Friday.", attempt=8)
