"""What an installation needs before its first application and its first agreement, in the order in which it is done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import reverse

from grants.agreements.soundness import missing_of_funder
from grants.funds.models import MatchFund
from grants.wordings.models import WordingVersion
from partners.checklists.models import ChecklistVersion
from partners.programmes.models import Programme, Questionnaire
from reviews.screening.status import list_blockers
from vetting_portal.models import Funder, Role, RoleAssignment, User

REVIEWERS = 2
OPENS_WITH = {
    "portal.change_funder": "portal:funder",
    "portal.invite_staff": "portal:staff",
    "grants.list_funds": "grants:funds",
}


@dataclass(frozen=True)
class SetUpStep:
    """One thing to set up: what, how it stands, who does it, and where."""

    label: str
    hint: str
    url: str
    is_done: bool

    @property
    def state(self) -> str:
        """The mark that stands before it."""
        return "ok" if self.is_done else "todo"


def steps_to_set_up(user: User) -> list[SetUpStep]:
    """Return every step, done ones included; ``user`` is led only to pages that open."""
    closed = {reverse(name) for permission, name in OPENS_WITH.items() if not user.has_perm(permission)}
    steps = [_record(), _staff(), *_rules(), _lists(), *_offers()]
    return [replace(step, url="") if step.url in closed else step for step in steps]


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


def _rules() -> Iterator[SetUpStep]:
    """Yield what is adopted: the checklist, the questions, the agreement text."""
    checklist = ChecklistVersion.objects.current()
    draft = ChecklistVersion.objects.drafts().first() if checklist is None else None
    said = f"{checklist} is in use." if checklist else "A draft is open: a second person publishes it." if draft else ""
    yield SetUpStep(
        "Adopt a checklist",
        said or "A programme officer starts from the one that comes with the portal; a second person publishes it.",
        draft.get_draft_url() if draft else reverse("partners:checklist"),
        checklist is not None,
    )
    questions = Questionnaire.objects.filter(published_at__isnull=False).first()
    yield SetUpStep(
        "Adopt the questions to partners",
        f"{questions} is in use." if questions else "A programme officer reads and adopts them.",
        reverse("partners:questions"),
        questions is not None,
    )
    text = WordingVersion.objects.published().first()
    draft_text = WordingVersion.objects.drafts().first()
    is_shipped = text is not None and text.is_shipped
    hint = " It came with the portal: have your lawyer read it, and start a version of your own." if is_shipped else ""
    yield SetUpStep(
        "Read the agreement text",
        f"Version {text.name} is in use.{hint}" if text else "No version is published.",
        draft_text.get_draft_url() if draft_text else reverse("grants:wordings"),
        text is not None,
    )


def _lists() -> SetUpStep:
    reasons = list_blockers()
    hint = " ".join(f"{reason} {reason.hint}" for reason in reasons) or "Names are screened against fresh lists."
    return SetUpStep("Import the sanctions lists", hint, f"{reverse('reviews:screening')}#lists", not reasons)


def _offers() -> Iterator[SetUpStep]:
    """Yield the money and the call."""
    has_fund = MatchFund.objects.exists()
    has_call = Programme.objects.published().exists()
    yield SetUpStep(
        "Open a call",
        "A call is published." if has_call else "A programme officer makes a call and publishes it.",
        reverse("partners:programme_list"),
        has_call,
    )
    yield SetUpStep(
        "Set up a match fund",
        "There is a match fund." if has_fund else "A finance officer makes it and adds the money that matches gifts.",
        reverse("grants:funds"),
        has_fund,
    )
