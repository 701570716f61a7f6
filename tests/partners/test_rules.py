"""Permissions of partners: without a record nobody may do what is asked about records."""

import pytest
import rules.permissions

from partners.models import Criterion
from tests.factories.partners import default_checklist, submission_in
from tests.factories.portal import UserFactory
from vetting_portal.models import Role

pytestmark = pytest.mark.django_db

OURS = sorted(name for name in rules.permissions.permissions if name.startswith("partners."))
WITHOUT_RECORD = {
    "partners.create_organisation": None,
    "partners.view_checklist": {"programme_officer", "auditor", "administrator", "director"},
    "partners.change_checklist": {"programme_officer", "administrator"},
    "partners.view_programme": {"programme_officer", "auditor", "administrator", "director", "finance_officer"},
    "partners.view_questions": {"programme_officer", "auditor", "administrator", "director", "finance_officer"},
    "partners.change_programme": {"programme_officer", "administrator"},
    "partners.view_organisation": {"programme_officer", "auditor", "administrator", "director", "finance_officer"},
    "partners.view_licences": {"programme_officer", "auditor", "administrator", "director", "finance_officer"},
    "partners.view_embargoes": {"programme_officer", "auditor", "administrator", "director", "finance_officer"},
    "partners.change_embargoes": {"programme_officer", "administrator"},
}


@pytest.mark.parametrize("permission", OURS)
def test_without_a_record(permission: str) -> None:
    allowed = WITHOUT_RECORD.get(permission, set())
    for role in [None, *Role.values]:
        user = UserFactory(roles=[role] if role else [])
        assert user.has_perm(permission) == (allowed is None or role in allowed), (permission, role)


SUBMISSION_RIGHTS = {
    "owner": {"change", "submit", "resubmit", "withdraw", "view"},
    "editor": {"change", "view"},
    "reviewer": set(),
    "programme_officer": {
        "view", "request_changes", "start_review", "assess", "recommend", "decline", "give_access",
    },
    "director": {"view", "override", "return_to_review", "approve", "decline", "give_access"},
    "finance_officer": {"view"},
    "auditor": {"view"},
    "administrator": {"view"},
}  # fmt: skip


@pytest.mark.parametrize("who", SUBMISSION_RIGHTS)
def test_who_may_do_what_with_a_submission(who: str) -> None:
    submission = submission_in("submitted")
    if who in {"owner", "editor"}:
        user = UserFactory()
        submission.organisation.memberships.create(user=user, role=who, since_at=submission.created_at)
    else:
        user = UserFactory(roles=[who])
    ours = [name for name in OURS if name.endswith("_submission")]
    may = {
        name.removeprefix("partners.").removesuffix("_submission") for name in ours if user.has_perm(name, submission)
    }
    assert may == SUBMISSION_RIGHTS[who]


def test_a_criterion_says_what_a_record_needs() -> None:
    criterion = Criterion.objects.get(checklist=default_checklist(), code="C9")
    assert criterion.as_record() == {
        "code": "C9",
        "title": "Programme design and need",
        "weight": 12,
        "kind": "scored",
    }
    assert str(criterion) == "C9 Programme design and need"
