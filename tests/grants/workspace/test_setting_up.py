"""The page of the first day: what is missing, who does it, and that nothing is missing in a portal that works."""

import pytest
from django.test import Client
from django.urls import reverse

from grants.agreements.soundness import terms_blockers
from grants.example.people import ADMINISTRATOR
from grants.example.setting import set_up_funder
from grants.funds.actions import create_fund, top_up
from grants.workspace.setting_up import next_step, steps_to_set_up
from partners.checklists.actions import adopt_shipped_checklist
from partners.programmes.actions import adopt_shipped_questions
from partners.revisions.actions import publish_version
from tests.factories import grants
from tests.factories.partners import ProgrammeFactory
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import Funder, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["administrator", "programme_officer", "finance_officer", "director", "auditor"])
def test_empty_installation_names_every_step_and_leads_to_pages_that_open(role: str) -> None:
    FunderFactory(governing_law="")
    user, client = UserFactory(roles=[role], totp=True), Client()
    client.force_login(user)
    steps = {step.label: step for step in steps_to_set_up(user)}
    assert [label for label, step in steps.items() if step.is_done] == ["Read the agreement text"]
    assert "director (" in steps["Invite your staff"].hint
    page = client.get(reverse("grants:set_up")).content.decode()
    assert "seven steps left" in page.lower()
    for label, step in steps.items():
        assert label in page
        if step.url:
            assert f'href="{step.url}"' in page
            assert client.get(step.url.partition("#")[0]).status_code == 200


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("name", "name"),
        ("tax_number", "tax number"),
        ("address", "address"),
        ("country", "country"),
        ("governing_law", "governing law"),
        ("courts", "courts"),
    ],
)
def test_the_funders_record_is_a_step_left_while_terms_wait_for_it(field: str, named: str) -> None:
    draft = grants.grant_in("draft")
    version = Funder.objects.current().version
    for number, value in enumerate((" ", "Thailand"[: 2 if field == "country" else 8].upper()), start=version + 1):
        funder = FunderFactory(version=number, **{field: value})
        step = steps_to_set_up(UserFactory(roles=["administrator"]))[0]
        waits = [reason for reason in terms_blockers(draft, funder) if reason.url == reverse("portal:funder")]
        assert (step.label, step.is_done) == ("Complete the funder’s record", not waits)
        assert bool(waits) is (value == " ")
        assert step.hint.endswith(f"Still missing: {named}.") is (value == " ")


def test_portal_that_works_has_no_step_left() -> None:
    set_up_funder(by=User.objects.system("loader"))
    user = User.objects.get(email=ADMINISTRATOR.email)
    assert [step.label for step in steps_to_set_up(user) if not step.is_done] == []


ROLES = ("administrator", "programme_officer", "finance_officer", "director", "auditor")


def shown_next(users: dict[str, User]) -> tuple[str, ...]:
    """What the page offers as next to the administrator, the officer and finance; directors and auditors read only."""
    found = {}
    for role, user in users.items():
        client = Client()
        client.force_login(user)
        page = client.get(reverse("grants:set_up")).content.decode()
        step = next_step(user, steps_to_set_up(user))
        assert ("Go to this step" in page) is (step is not None)
        found[role] = step.label if step else ""
    assert (found.pop("director"), found.pop("auditor")) == ("", "")
    return tuple(found.values())


def test_each_role_is_shown_the_first_step_that_it_can_do_now_and_no_step_of_others() -> None:
    FunderFactory()
    users = {role: UserFactory(roles=[role], totp=True) for role in ROLES}
    administrator, officer = users["administrator"], users["programme_officer"]
    assert shown_next(users) == ("Invite your staff", "Adopt a checklist", "")
    draft = adopt_shipped_checklist(by=officer)
    assert shown_next(users) == ("Invite your staff", "", "")
    publish_version(checklist=draft, by=administrator)
    assert shown_next(users) == ("Invite your staff", "Adopt the questions to partners", "")
    adopt_shipped_questions(by=officer)
    assert shown_next(users) == ("Invite your staff", "Open a call", "")


def test_fund_without_money_is_a_step_left() -> None:
    FunderFactory()
    finance = UserFactory(roles=["finance_officer"], totp=True)
    programme = ProgrammeFactory()
    assert next_step(finance, steps_to_set_up(finance)).label == "Set up a match fund"
    fund = create_fund(name="River match", currency="USD", programmes=[programme], by=finance)
    step = steps_to_set_up(finance)[-1]
    assert (step.is_done, step.hint.startswith("River match is empty")) == (False, True)
    top_up(fund=fund, amount_minor=100, key="BANK-1", by=finance)
    assert steps_to_set_up(finance)[-1].is_done
