"""What an installation needs before its first application and its first agreement, in the order in which it is done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from django.urls import reverse

from grants.agreements.soundness import missing_of_funder
from grants.funds.models import LedgerTransaction, MatchFund
from grants.wordings.models import WordingVersion
from partners.checklists.models import ChecklistVersion
from partners.programmes.models import Programme, Questionnaire
from partners.revisions.releasing import other_publishers
from reviews.screening.status import list_blockers
from vetting_portal.models import Funder, Role, RoleAssignment, User

REVIEWERS = 2
WORK, APPLY, SIGN = "So that staff can work", "So that partners can apply", "So that a grant can be signed"
RULES = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
OPENS_WITH = {
    "portal.change_funder": "portal:funder",
    "portal.invite_staff": "portal:staff",
    "grants.list_funds": "grants:funds",
}


@dataclass(frozen=True)
class SetUpStep:
    """One thing to set up: what, how it stands, where, what it is for, and the roles that do it.

    ``waits`` while an earlier step, or a second person, comes first.
    """

    label: str
    hint: str
    url: str
    is_done: bool
    purpose: str = WORK
    doers: frozenset[Role] = frozenset({Role.ADMINISTRATOR})
    waits: bool = False

    @property
    def state(self) -> str:
        """The mark that stands before it."""
        return "ok" if self.is_done else "todo"


def steps_to_set_up(user: User) -> list[SetUpStep]:
    """Return every step, done ones included, by purpose; ``user`` is led only to pages that open."""
    closed = {reverse(name) for permission, name in OPENS_WITH.items() if not user.has_perm(permission)}
    steps = [_record(), _staff(), _checklist(user), _questions(), _lists(), _call(), _text(), _fund()]
    return [replace(step, url="") if step.url in closed else step for step in steps]


def next_step(user: User, steps: Iterable[SetUpStep]) -> SetUpStep | None:
    """Return the first open step that ``user`` can do now; None where only other people's steps are left, or none."""
    open_ones = (step for step in steps if not step.is_done and not step.waits and step.url)
    return next((step for step in open_ones if step.doers & user.role_keys), None)


def by_purpose(steps: Iterable[SetUpStep]) -> list[tuple[str, list[SetUpStep], int]]:
    """Return the steps under what they are for, each time with how many are done."""
    groups = [(purpose, list(found)) for purpose, found in groupby(steps, key=lambda step: step.purpose)]
    return [(purpose, found, sum(step.is_done for step in found)) for purpose, found in groups]


def _record() -> SetUpStep:
    funder = Funder.objects.current()
    missing = missing_of_funder(funder)
    todo = f"An administrator completes it: every agreement names what it holds. Still missing: {', '.join(missing)}."
    hint = todo if missing else f"The law of {funder.governing_law}; the courts of {funder.courts}."
    return SetUpStep("Complete the funder’s record", hint, reverse("portal:funder"), not missing)


def _staff() -> SetUpStep:
    holders: dict[str, int] = dict.fromkeys(Role.values, 0)
    for role in RoleAssignment.objects.current().values_list("role", flat=True):
        holders[role] += 1
    needed = {
        Role.PROGRAMME_OFFICER: 1,
        Role.REVIEWER: REVIEWERS,
        Role.DIRECTOR: Funder.objects.current().policy.directors,
        Role.FINANCE_OFFICER: 1,
    }
    missing = [
        f"{role.label.lower()} ({holders[role]} of {number})"
        for role, number in needed.items()
        if holders[role] < number
    ]
    hint = f"An administrator invites them. Still missing: {', '.join(missing)}." if missing else "Every role is held."
    return SetUpStep("Invite your staff", hint, reverse("portal:staff"), not missing)


def _checklist(user: User) -> SetUpStep:
    checklist = ChecklistVersion.objects.current()
    draft = ChecklistVersion.objects.drafts().first() if checklist is None else None
    said = f"{checklist} is in use." if checklist else "A draft is open: a second person publishes it." if draft else ""
    is_second_needed = draft is not None and draft.last_editor.pk == user.pk and bool(other_publishers(draft))
    return SetUpStep(
        "Adopt a checklist",
        said or "A programme officer starts from the one that comes with the portal; a second person publishes it.",
        draft.get_draft_url() if draft else reverse("partners:checklist"),
        checklist is not None,
        APPLY,
        RULES,
        waits=is_second_needed,
    )


def _questions() -> SetUpStep:
    questions = Questionnaire.objects.filter(published_at__isnull=False).first()
    return SetUpStep(
        "Adopt the questions to partners",
        f"{questions} is in use." if questions else "A programme officer reads and adopts them, after the checklist.",
        reverse("partners:questions"),
        questions is not None,
        APPLY,
        RULES,
        waits=ChecklistVersion.objects.current() is None,
    )


def _text() -> SetUpStep:
    text = WordingVersion.objects.published().first()
    draft = WordingVersion.objects.drafts().first()
    is_shipped = text is not None and text.is_shipped
    hint = " It came with the portal: have your lawyer read it, and start a version of your own." if is_shipped else ""
    return SetUpStep(
        "Read the agreement text",
        f"Version {text.name} is in use.{hint}" if text else "No version is published.",
        draft.get_draft_url() if draft else reverse("grants:wordings"),
        text is not None,
        SIGN,
        RULES,
    )


def _lists() -> SetUpStep:
    reasons = list_blockers()
    hint = " ".join(f"{reason} {reason.hint}" for reason in reasons) or "Names are screened against fresh lists."
    return SetUpStep("Import the sanctions lists", hint, f"{reverse('reviews:screening')}#lists", not reasons, APPLY)


def _call() -> SetUpStep:
    has_call = Programme.objects.published().exists()
    return SetUpStep(
        "Open a call",
        "A call is published." if has_call else "A programme officer makes a call and publishes it.",
        reverse("partners:programme_list"),
        has_call,
        APPLY,
        RULES,
        waits=not Questionnaire.objects.filter(published_at__isnull=False).exists(),
    )


def _fund() -> SetUpStep:
    fund = MatchFund.objects.order_by("pk").first()
    has_money = LedgerTransaction.objects.exists()
    todo = "A finance officer makes it, once there is a call, and adds the money that matches gifts."
    empty = f"{fund} is empty: a finance officer adds the money that matches gifts."
    return SetUpStep(
        "Set up a match fund",
        "Money for matching gifts is there." if has_money else empty if fund else todo,
        reverse("grants:funds"),
        has_money,
        SIGN,
        frozenset({Role.FINANCE_OFFICER}),
        waits=not Programme.objects.exists(),
    )
