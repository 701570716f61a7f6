"""An installation without a checklist: what the portal ships with is adopted on pages, and a call can then be made."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from partners.checklists.actions import adopt_shipped_checklist, change_criterion, remove_criterion
from partners.models import ChecklistVersion, Programme, Question, Questionnaire
from partners.programmes.actions import adopt_shipped_questions
from partners.revisions.actions import publish_version
from partners.revisions.releasing import release_blockers
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import AuditEntry, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db

CALL = {
    "title": "Call", "slug": "call", "summary": "S", "focus_areas": "Water", "opens_on": "2026-01-01",
    "min_request": "5,000", "max_request": "30,000", "time_zone": "Africa/Nairobi",
}  # fmt: skip


def staff(client: Client, *roles: str) -> User:
    user: User = UserFactory(roles=roles, totp=True)
    client.force_login(user)
    return user


def test_pages_lead_from_an_empty_installation_to_a_published_call() -> None:
    FunderFactory()
    officer, administrator = Client(), Client()
    staff(officer, "programme_officer")
    staff(administrator, "administrator")
    refused = officer.get(reverse("partners:programme_create"))
    assert refused.status_code == 409
    for name in ("checklist", "questions"):
        assert f'href="{reverse(f"partners:{name}")}"' in refused.content.decode()
    assert reverse("partners:checklist_adopt") in officer.get(reverse("partners:checklist")).content.decode()
    draft_page = officer.post(reverse("partners:checklist_adopt")).url
    assert draft_page == ChecklistVersion.objects.get().get_draft_url()
    assert draft_page in officer.get(reverse("partners:checklist")).content.decode()
    assert "You changed this draft last." in officer.get(draft_page).content.decode()
    assert officer.post(reverse("partners:questions_adopt")).status_code == 409
    assert administrator.get(draft_page.replace("draft/", "draft/publish/")).status_code == 200
    assert administrator.post(draft_page.replace("draft/", "draft/publish/")).status_code == 302
    assert "Adopt the questions" in officer.get(reverse("partners:questions")).content.decode()
    assert officer.post(reverse("partners:questions_adopt")).status_code == 302
    assert officer.post(reverse("partners:programme_create"), CALL).status_code == 302
    assert officer.post(reverse("partners:programme_publish", args=["call"])).status_code == 302
    assert Programme.objects.get().is_published


def test_shipped_draft_is_publishable_as_it_is_and_its_questions_fit() -> None:
    ruth = UserFactory(roles=["programme_officer"])
    draft = adopt_shipped_checklist(by=ruth)
    assert (draft.is_published, draft.criteria.count()) == (False, 16)
    assert release_blockers(draft, ruth) == []
    published = publish_version(checklist=draft, by=ruth)
    questions = adopt_shipped_questions(by=ruth)
    assert (questions.checklist, questions.is_published) == (published, True)
    assert AuditEntry.objects.about(questions).get().event == "published"


def test_adopted_twice_is_refused_with_the_way_to_what_is_there() -> None:
    ruth, clara = UserFactory(roles=["programme_officer"]), UserFactory(roles=["administrator"])
    draft = adopt_shipped_checklist(by=ruth)
    with pytest.raises(Refused) as refused:
        adopt_shipped_checklist(by=clara)
    assert refused.value.blockers[0].url == draft.get_draft_url()
    publish_version(checklist=draft, by=clara)
    with pytest.raises(Refused):
        adopt_shipped_checklist(by=clara)
    adopt_shipped_questions(by=ruth)
    with pytest.raises(Refused, match="already"):
        adopt_shipped_questions(by=ruth)
    assert (ChecklistVersion.objects.count(), Questionnaire.objects.count()) == (1, 1)


@pytest.mark.parametrize("role", ["reviewer", "director", "finance_officer", "auditor"])
def test_others_adopt_nothing(role: str) -> None:
    somebody = UserFactory(roles=[role])
    for act in (adopt_shipped_checklist, adopt_shipped_questions):
        with pytest.raises(PermissionDenied):
            act(by=somebody)


def test_questions_stay_with_renamed_criteria_and_without_those_taken_out() -> None:
    ruth = UserFactory(roles=["programme_officer"])
    draft = adopt_shipped_checklist(by=ruth)
    change_criterion(criterion=draft.criteria.get(code="C3"), code="LOCAL", by=ruth)
    c10 = draft.criteria.get(code="C10")
    change_criterion(criterion=draft.criteria.get(code="C9"), weight=draft.criteria.get(code="C9").weight + c10.weight,
                     by=ruth)  # fmt: skip
    remove_criterion(criterion=c10, by=ruth)
    publish_version(checklist=draft, by=ruth)
    adopt_shipped_questions(by=ruth)
    codes = set(Question.objects.exclude(criterion=None).values_list("criterion__code", flat=True))
    assert "LOCAL" in codes
    assert codes.isdisjoint({"C3", "C10"})


def test_condition_of_a_first_draft_is_held_against_the_shipped_questions() -> None:
    ruth = UserFactory(roles=["programme_officer"])
    draft = adopt_shipped_checklist(by=ruth)
    nowhere = {"question": "pictures", "answers": ["yes"], "words": "pictures are used"}
    change_criterion(criterion=draft.criteria.get(code="C8"), applies_when=nowhere, by=ruth)
    assert [str(one) for one in release_blockers(draft, ruth)] == [
        "C8 Survivor privacy and informed consent: There is no question “pictures”."
    ]
