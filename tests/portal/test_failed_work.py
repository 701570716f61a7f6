"""Background work that failed for good: said in words, tried again or set aside, once and by an administrator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.factories.portal import UserFactory
from vetting_portal.actions import set_task_aside, try_task_again
from vetting_portal.duties import duties
from vetting_portal.models import AuditEntry
from vetting_portal.tasks import background, drain, failed_for_good, in_words
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
STAFF = ("programme_officer", "reviewer", "director", "finance_officer", "auditor")
said: list[str] = []
is_broken = True


@background(attempts=1)
def send_flowers_task(name):
    """Fail until somebody mends it."""
    if is_broken:
        raise ConnectionError(name)
    said.append(name)


@pytest.fixture
def failed(monkeypatch):
    """Work that failed as often as it may."""
    said.clear()
    monkeypatch.setattr("tests.portal.test_failed_work.is_broken", True)
    send_flowers_task.enqueue("Amina")
    drain()
    (task,) = failed_for_good()
    return task


def browser(*roles):
    """Return a browser in which somebody of these roles is signed in."""
    client = Client()
    client.force_login(UserFactory(roles=roles, totp=True))
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


@pytest.fixture
def admin():
    return UserFactory(roles=["administrator"])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("vetting_portal.mail.send_mail_task", "Send a message"),
        ("grants.agreements.actions.sealing.seal_agreement_task", "Seal agreement"),
    ],
)
def test_work_is_said_in_words(path, words):
    assert in_words(path) == words


def test_the_administrators_duty_says_what_failed_and_ends_with_it(failed, admin):
    (duty,) = [one for one in duties(admin) if one.key == "portal.failed_task"]
    assert (duty.title, duty.why) == ("Background task", "Send flowers: every attempt failed")

    try_task_again(task=failed, by=admin)

    assert "portal.failed_task" not in {one.key for one in duties(admin)}


def test_what_is_tried_again_is_done_once_its_cause_is_gone(failed, admin, monkeypatch):
    monkeypatch.setattr("tests.portal.test_failed_work.is_broken", False)

    try_task_again(task=failed, by=admin)
    drain()

    assert (said, failed_for_good()) == (["Amina"], [])


def test_what_fails_again_stands_in_the_list_again(failed, admin):
    try_task_again(task=failed, by=admin)
    drain()

    assert [task.pk for task in failed_for_good()] == [failed.pk]


def test_what_is_set_aside_is_gone_and_the_trail_keeps_what_it_was(failed, admin):
    set_task_aside(task=failed, by=admin)

    assert not DBTaskResult.objects.exists()
    entry = AuditEntry.objects.latest("seq")
    assert (entry.event, entry.actor_id, entry.facts["error"]) == (
        "task_set_aside", admin.pk, "builtins.ConnectionError",
    )  # fmt: skip


@pytest.mark.parametrize("first", [try_task_again, set_task_aside])
@pytest.mark.parametrize("second", [try_task_again, set_task_aside])
def test_of_two_presses_one_counts(failed, admin, first, second):
    first(task=failed, by=admin)

    with pytest.raises(Refused, match="does not wait any more"):
        second(task=failed, by=admin)


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("act", [try_task_again, set_task_aside])
def test_nobody_else_may(failed, role, act):
    with pytest.raises(PermissionDenied):
        act(task=failed, by=UserFactory(roles=[role]))


def test_the_page_offers_both_to_an_administrator_and_neither_to_an_auditor(failed):
    page = reverse("portal:background")
    again, aside = (reverse(f"portal:task_{name}", args=[failed.pk]) for name in ("again", "aside"))
    administrator, auditor = browser("administrator"), browser("auditor")
    text = administrator.get(page).text
    assert "Send flowers" in text
    assert again in text
    assert aside in text
    read = auditor.get(page).text
    assert "Send flowers" in read
    assert again not in read
    assert auditor.post(again).status_code == 403
    assert "This cannot be undone." in administrator.get(aside).text
    assert DBTaskResult.objects.count() == 1  # nothing is written by looking

    assert administrator.post(aside, follow=True).status_code == 200

    assert "Nothing has failed" in administrator.get(page).text
    assert administrator.post(again).status_code == 404
