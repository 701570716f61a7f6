"""Who must act in which state: a literal table, written by hand, and how somebody finds the way to the act by pages.

The table is the tests' own. A state that is not in it fails; a state in which nobody finds an act is a dead end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils import timezone

from grants.models import (
    Amendment,
    Arrival,
    BankDetails,
    Campaign,
    Condition,
    Ending,
    Gift,
    GiftImport,
    Grant,
    HandGift,
    Report,
    Signature,
    Tranche,
)
from partners.models import Hold, Membership, Submission
from reviews.models import Review, ScreeningHit
from tests.lives.life import Life, url_name
from tests.lives.pages import Form, Page
from tests.lives.people import CAST
from vetting_portal.models import User

FINISHED: tuple = ()
READ = {"gift"}  # a page that is read, and says where the act is done outside the portal
SYSTEM = "the portal itself"

# kind and state → who must act, and the addresses (by name) any of which is the act or a step of it. Nobody: finished.
TURN: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("Submission", "draft"): (("owner", "submission_section submission_send submission_papers submission_referees"),),
    ("Submission", "draft of a closed call"): (("owner", "submission_withdraw"),),
    ("Submission", "submitted"): (
        ("officer", "declare_as_officer screen_organisation hit ask_referee assign take_over visit_write"),
    ),
    ("Submission", "changes_requested"): (("owner", "submission_send submission_section submission_papers"),),
    ("Submission", "in_review"): (
        ("officer", "assign close_panel remind_reviewer end_review declare_as_officer take_over"),
    ),
    ("Submission", "assessed"): (("officer", "recommend moderate related_party submission_decline assign"),),
    ("Submission", "recommended"): (("officer", "draft"),),
    ("Submission", "approved"): FINISHED,
    ("Submission", "declined"): FINISHED,
    ("Submission", "withdrawn"): FINISHED,
    ("Review", "invited"): (("its reviewer", "review_gate step_aside"),),
    ("Review", "in_progress"): (("its reviewer", "save_score submit_review"),),
    ("Review", "of one who left"): (("officer", "end_review"),),
    ("Review", "submitted"): FINISHED,
    ("Review", "recused"): FINISHED,
    ("Review", "ended"): FINISHED,
    ("ScreeningHit", "open"): (("officer", "hit"),),
    ("ScreeningHit", "cleared"): FINISHED,
    ("ScreeningHit", "confirmed"): FINISHED,  # its hold is what waits
    ("Hold", "stands"): (("officer", "hold hold_release hold_step"), ("director", "hold_release hold")),
    ("Hold", "released"): FINISHED,
    ("Grant", "draft"): (("officer", "change freeze lapse fund_shares"),),
    ("Grant", "awaiting_signature"): (("director", "declare brief sign_begin sign"),),
    ("Grant", "too few signers"): (("officer", "send_back"),),
    ("Grant", "approved"): (("owner", "countersign_begin countersign partner_agreement"), ("officer", "end")),
    ("Grant", "suspended"): (("director", "resume end"), ("officer", "end")),
    ("Grant", "in_force"): (("officer", "campaign_plan complete end"),),
    ("Grant", "completed"): FINISHED,  # its file may be closed: that it can be is asked of what is offered
    ("Grant", "closed"): FINISHED,
    ("Grant", "declined"): FINISHED,
    ("Grant", "lapsed"): FINISHED,
    ("Grant", "terminated"): FINISHED,
    ("Campaign", "planned"): (("officer", "campaign_open campaign_edit"),),
    ("Campaign", "open"): (("finance", "gift_new gifts_import campaign_close"), ("officer", "campaign_close")),
    ("Campaign", "paused"): (("officer", "campaign_resume campaign_close"),),
    ("Campaign", "closed"): FINISHED,
    ("Tranche", "scheduled"): (("finance", "payment_release payment_hold"), ("officer", "payment_release")),
    ("Tranche", "released"): (("finance", "payment_paid payment_file_make payment_hold"), ("officer", "payment_paid")),
    ("Tranche", "held"): (("finance", "payment_resume"), ("officer", "payment_resume payment_cancel")),
    ("Tranche", "paid"): (("owner", "payment_confirm payment_missing"), ("editor", "payment_confirm payment_missing")),
    ("Tranche", "cancelled"): FINISHED,
    ("Report", "draft"): (("owner", "report"), ("editor", "report")),
    ("Report", "returned"): (("owner", "report"), ("editor", "report")),
    ("Report", "submitted"): (("officer", "report_accept report_send_back"),),
    ("Report", "accepted"): (("officer", "report_publish"),),
    ("Report", "published"): FINISHED,
    ("Report", "cancelled"): FINISHED,
    ("Amendment", "draft"): (("officer", "amendment_change amendment_freeze amendment_withdraw"),),
    ("Amendment", "awaiting_signature"): (("director", "declare brief amendment_sign_begin amendment_sign"),),
    ("Amendment", "approved"): (
        ("owner", "amendment_countersign_begin amendment_countersign partner_amendment"),
        ("officer", "amendment_lapse"),
    ),
    ("Amendment", "in_force"): FINISHED,
    ("Amendment", "withdrawn"): FINISHED,
    ("Amendment", "declined"): FINISHED,
    ("Amendment", "lapsed"): FINISHED,
    ("Condition", "open"): (("who shows it", "condition_evidence"), ("director", "condition_waive")),
    ("Condition", "shown"): (
        ("officer", "condition_accept condition_return"),
        ("director", "condition_accept condition_return condition_waive"),
    ),
    ("Condition", "met"): FINISHED,
    ("Condition", "waived"): FINISHED,
    ("Condition", "ended"): FINISHED,
    ("Ending", "awaiting_signature"): (
        ("director", "declare ending_sign_begin ending_sign ending_decline"),
        ("officer", "ending_withdraw"),
    ),
    ("Ending", "confirmed"): FINISHED,  # its day comes, and the portal carries it out
    ("Ending", "carried_out"): FINISHED,
    ("Ending", "money to come back"): (("finance", "ending_returned"), ("director", "ending_write_off")),
    ("Ending", "declined"): FINISHED,
    ("Ending", "withdrawn"): FINISHED,
    ("Ending", "expired"): FINISHED,
    ("BankDetails", "entered"): (("finance", "bank_call bank_refuse bank_number"),),
    ("BankDetails", "called"): (("finance", "bank_approve bank_refuse"), ("officer", "bank_approve bank_refuse")),
    ("BankDetails", "approved"): FINISHED,
    ("BankDetails", "refused"): FINISHED,
    ("BankDetails", "expired"): FINISHED,
    ("BankDetails", "superseded"): FINISHED,
    ("Gift", "disputed"): (("finance", "gift"),),  # it is answered where it was paid
    ("Gift", "disputed and answered"): FINISHED,  # the bank decides
    ("HandGift", "waiting"): (("finance", "hand_gift_confirm hand_gift_refuse"), ("officer", "hand_gift_confirm")),
    ("HandGift", "decided"): FINISHED,
    ("GiftImport", "ready"): (("finance", "import_start import_discard import_columns"),),
    ("GiftImport", "done"): FINISHED,
}


@dataclass(frozen=True)
class Turn:
    """Whose turn it is with one record: its kind, state, and who of the cast may find which act."""

    kind: str
    state: str
    record: Model
    people: tuple[str, ...]
    acts: frozenset[str]

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands in the addresses of its pages."""
        return marks_of(self.record)


# What stands in the addresses of a record's own pages.
PLACES = {
    "Submission": "/cases/{r.number}/ /applications/{r.number}/ /submissions/{r.pk}/ /grants/draft/{r.number}/ "
    "/screening/organisations/{r.organisation_id}/ /screening/hits/",
    "Review": "/reviews/{r.pk}/ /cases/{r.submission.number}/ /submissions/{r.submission_id}/",
    "ScreeningHit": "/screening/hits/{r.pk}/ /screening/organisations/{r.organisation_id}/",
    "Hold": "/holds/{r.pk}/ /screening/organisations/{r.organisation_id}/",
    "Grant": "/grants/{r.number}/ /cases/{r.submission.number}/ /partner/agreement/{r.number}/",
    "Campaign": "/grants/{r.grant.number}/",
    "Tranche": "/payments/{r.pk}/ /grants/{r.grant.number}/ /finance/payments/ /partner/payments/",
    "Report": "/reports/{r.pk}/ /grants/{r.grant.number}/",
    "Amendment": "/amendments/{r.number}/ /amendment/{r.number}/ /grants/{r.grant.number}/",
    "Condition": "/conditions/{r.pk}/ /grants/{r.grant.number}/ /partner/agreement/{r.grant.number}/",
    "Ending": "/grants/endings/{r.number}/ /grants/{r.grant.number}/",
    "BankDetails": "/bank/{r.pk}/ /organisations/{r.organisation_id}/bank/",
    "Gift": "/gifts/{r.pk}/ /grants/{r.campaign.grant.number}/",
    "HandGift": "/hand-gifts/{r.pk}/",
    "GiftImport": "/imports/{r.pk}/",
}


def marks_of(record: Model) -> tuple[str, ...]:
    """Return what stands in the addresses of a record's pages."""
    return tuple(PLACES[type(record).__name__].format(r=record).split())


def records() -> Iterator[tuple[str, str, Model]]:
    """Yield each record that has a course, with its kind and state."""
    for model in (Submission, Review, ScreeningHit, Grant, Campaign, Tranche, Report, Amendment, Condition):
        for record in model._default_manager.order_by("pk"):
            yield model.__name__, _state_of(record), record
    for ending in Ending.objects.order_by("pk"):
        waits = Ending.objects.with_returns_due().filter(pk=ending.pk).exists()
        yield "Ending", "money to come back" if waits else ending.state, ending
    for details in BankDetails.objects.order_by("pk"):
        yield "BankDetails", details.step, details
    for hold in Hold.objects.order_by("pk"):
        yield "Hold", "stands" if Hold.objects.current().filter(pk=hold.pk).exists() else "released", hold
    for disputed in Gift.objects.filter(state="disputed").order_by("pk"):
        is_due = disputed.disputes.filter(status="open", needs_response=True).exists()
        yield "Gift", "disputed" if is_due else "disputed and answered", disputed
    for gift in HandGift.objects.order_by("pk"):
        yield "HandGift", "decided" if gift.confirmed_at or gift.refused_at else "waiting", gift
    for import_ in GiftImport.objects.order_by("pk"):
        yield "GiftImport", "ready" if not import_.start_blockers() else "done", import_


def _state_of(record: Model) -> str:
    """Return the state; of a grant that waits for directors of whom too few are left, that it does; of a draft that
    can be sent no more because its call is closed, that too; of an open review, that its reviewer is no longer one.
    """
    state = record.state
    if isinstance(record, Review) and state in {"invited", "in_progress"}:
        is_left = not User.objects.with_role("reviewer").filter(pk=record.reviewer_id).exists()
        return "of one who left" if is_left else state
    if isinstance(record, Submission) and state == "draft" and (closes := record.programme.closes_on):
        there = timezone.localdate(timezone=ZoneInfo(record.programme.time_zone))
        return "draft of a closed call" if there > closes else state
    if isinstance(record, Grant) and state == "awaiting_signature":
        partner = record.submission.organisation
        judged = {one.user_id for one in record.submission.duties.filter(side="assess")}
        tied = set(partner.memberships.values_list("user", flat=True))
        declared = partner.submissions.filter(declarations__has_interest=True).values_list("declarations__user")
        barred = judged | tied | {user for (user,) in declared}
        free = User.objects.with_role("director").exclude(pk__in=barred).count()
        return state if free >= record.terms.content["directors"]["needed"] else "too few signers"
    return state


def turns() -> list[Turn]:
    """Return whose turn it is with each record that is not finished. Raises KeyError for a state nobody thought of."""
    found = []
    for kind, state, record in records():
        for role, acts in TURN[kind, state]:
            if _waits_for_others(kind, state, record):
                continue
            people = _people(role, record)
            found.append(Turn(kind, state, record, people, frozenset(acts.split())))
    return found


def _waits_for_others(kind: str, state: str, record: Model) -> bool:
    """Whether the record waits for another record of the table, or for a day."""
    asks = WAITS.get((kind, state)) or WAITS.get((kind, ""))
    return asks is not None and asks(record)


def _screening_waits(record: Submission) -> bool:
    return ScreeningHit.objects.filter(organisation=record.organisation, state="open").exists()


def _reviewers_wait(record: Submission) -> bool:
    return _screening_waits(record) or record.reviews.filter(state__in=["invited", "in_progress"]).exists()


def _payment_waits(record: Tranche) -> bool:
    campaign = getattr(record.grant, "campaign", None)
    before = record.grant.tranches.filter(number__lt=record.number, state__in=["scheduled", "released", "held"])
    is_due = record.due_on is None or record.due_on <= timezone.localdate()
    to_end = record.grant.endings.filter(state="awaiting_signature", expires_at__gt=timezone.now())
    return campaign is None or before.exists() or not is_due or to_end.exists()


def _is_countersigned(record: Grant) -> bool:
    """Whether the partner has signed the standing agreement: its seal is made in the background."""
    return Signature.objects.filter(
        agreement__terms=record.terms_id, side="partner", agreement__voided_at=None
    ).exists()


def _grant_goes_on(record: Grant) -> bool:
    """Whether a part of the grant still goes on by itself: its campaign, a gift, a payment, a report, a change."""
    campaign = getattr(record, "campaign", None)
    parts = (
        Gift.objects.filter(campaign__grant=record, state="disputed"),
        record.tranches.filter(state__in=["scheduled", "released", "held"]),
        record.reports.exclude(state__in=["accepted", "published", "cancelled"]),
        record.amendments.filter(state__in=["draft", "awaiting_signature", "approved"]),
        record.endings.filter(state__in=["awaiting_signature", "confirmed"]),
    )
    return (campaign is not None and campaign.state != "closed") or any(part.exists() for part in parts)


def _arrival_is_said(record: Tranche) -> bool:
    last = Arrival.objects.filter(tranche=record).order_by("-number").first()
    return last is not None and last.kind not in {Arrival.Kind.ANSWERED, Arrival.Kind.RETURNED}


def _is_asked_for(record: Condition) -> bool:
    """Whether a condition is shown to who meets it: once the grant is approved, or where a director waits for it."""
    early = record.blocks == "directors" and record.grant.state == "awaiting_signature"
    return early or record.grant.state in {"approved", "in_force"}


def is_settled(kind: str, _state: str, record: Model) -> bool:
    """Whether nothing is asked about a record any more, though it stands open: a review of a decided application."""
    return kind == "Review" and WAITS["Review", ""](record)


def _is_suspended(record: Amendment) -> bool:
    return record.grant.state == "suspended"


def _report_lies_ahead(record: Report) -> bool:
    return record.due_on is None or record.due_on > timezone.localdate() + timedelta(days=30)


# kind and state (or every state) → whether it waits for something else than the one whose turn it is.
WAITS: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("Review", ""): lambda review: review.submission.state not in {"in_review", "changes_requested", "assessed"},
    ("Submission", "recommended"): lambda submission: Grant.objects.filter(submission=submission).exists(),
    ("Submission", "in_review"): _reviewers_wait,
    ("Submission", "submitted"): _screening_waits,
    ("Submission", "assessed"): _screening_waits,
    ("Grant", "approved"): _is_countersigned,
    ("Grant", "in_force"): _grant_goes_on,
    ("Tranche", "scheduled"): _payment_waits,
    ("Tranche", "paid"): _arrival_is_said,
    ("Condition", ""): lambda condition: not _is_asked_for(condition),
    ("Report", "draft"): _report_lies_ahead,
    ("Amendment", "draft"): _is_suspended,
    ("Amendment", "awaiting_signature"): _is_suspended,
}


KEYS = {"officer": "programme_officer", "finance": "finance_officer", "admin": "administrator"}


def _people(role: str, record: Model) -> tuple[str, ...]:
    """Return who of the cast acts in a role for a record and holds it still; of a partner, its own people."""
    if role == "its reviewer":
        emails = {record.reviewer.email}
    elif role == "who shows it" and record.asked_of == "partner":
        members = Membership.objects.filter(organisation=_organisation(record), until_at__isnull=True)
        emails = set(members.values_list("user__email", flat=True))
    elif role == "who shows it":
        emails = {user.email for user in User.objects.with_role("programme_officer")}
    elif role in {"owner", "editor"}:
        members = Membership.objects.filter(organisation=_organisation(record), role=role, until_at__isnull=True)
        emails = set(members.values_list("user__email", flat=True))
    else:
        emails = {user.email for user in User.objects.with_role(KEYS.get(role, role))}
    return tuple(name for name, person in CAST.items() if person.email in emails)


def _organisation(record: Model) -> int:
    """Return whose record it is."""
    record = getattr(record, "grant", None) or record
    return (getattr(record, "submission", None) or record).organisation_id


# --- the way to an act, by pages ------------------------------------------------------------------


@dataclass
class Way:
    """Where an act is offered: the page, and its form, or its link (``to``), or a blocked button with its reasons."""

    page: Page
    form: Form | None = None
    to: str = ""
    reasons: tuple[str, ...] = ()


def is_about(path: str, marks: Sequence[str]) -> bool:
    """Whether an address leads to a record's pages."""
    return any(mark in path for mark in marks)


def last_name(path: str) -> str:
    """Return the name of an address without its app."""
    return url_name(path).rpartition(":")[2]


def case_page(record: Model) -> str:
    """Return the page of the application that a record belongs to, which staff find by its number."""
    record = getattr(record, "grant", None) or record
    submission = record if isinstance(record, Submission) else getattr(record, "submission", None)
    return f"/cases/{submission.number}/" if submission is not None else "/home/"


def find_way(
    life: Life, name: str, turn: Turn, *, most: int = 9, start: str = "/home/", blocked_will_do: bool = False
) -> Way | None:
    """Return how somebody finds an act of a turn from the first page after signing in; None where nobody could.

    A button that is blocked, with its reasons, is a way too: the last that is looked for, or as good as any other.
    """
    person = life.people[name]
    ahead, seen, blocked = [start], set(), None
    while ahead and len(seen) < most:
        path = ahead.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page = person.open(path).page
        if page is None or page.status != 200:
            continue
        if way := way_at(page, turn):
            return way
        if last_name(page.path) in READ & turn.acts and is_about(page.path, turn.marks):
            return Way(page)
        for button in page.blocked:
            if button.reasons and is_about(page.path, turn.marks):
                blocked = blocked or Way(page, reasons=tuple(button.reasons))
        if blocked and blocked_will_do:
            return blocked
        links = [to for to in page.own_links() if to not in seen]
        to_acts = [to for to in links if last_name(to) in turn.acts and is_about(to, turn.marks)]
        about = [to for to in links if is_about(to, turn.marks) and to not in to_acts and is_page(to)]
        lists = [link.to for link in page.links if path == start and link.to not in seen and is_page(link.to)]
        ahead = [*to_acts, *about[:6], *ahead, *lists]
    return blocked


def way_at(page: Page, turn: Turn) -> Way | None:
    """Return an act of a turn that a page offers, or None."""
    for form in page.offers:
        if last_name(form.to) in turn.acts and is_about(form.to, turn.marks):
            return Way(page, form)
    return None


def is_page(path: str) -> bool:
    """Whether an address is one that somebody reads on the way, and no file."""
    return (
        not path.partition("?")[0].endswith((".pdf", ".csv", ".json", ".png", "/download/"))
        and "/accounts/" not in path
    )
