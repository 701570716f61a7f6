"""The page of the first day: what is missing, who does it, and that nothing is missing in a portal that works."""

import pytest
from django.test import Client
from django.urls import reverse

from grants.agreements.soundness import terms_blockers
from grants.example.people import ADMINISTRATOR
from grants.example.setting import set_up_funder
from grants.workspace.setting_up import steps_to_set_up
from tests.factories import grants
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
